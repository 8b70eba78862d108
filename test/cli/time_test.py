"""assay time: what it measures and how it decides."""
import json
import os
import shutil
import subprocess
import sys

from tap import assay, check, done, equal, read_json, scratch, skip, write


def run(*args, cwd=None, code=0):
    d = cwd or scratch()
    out = os.path.join(d, "out.json")
    r = assay("time", "--no-store", "--json", out, *args, cwd=d)
    equal(r.returncode, code, f"assay time {' '.join(args)[:70]}", r.stdout, r.stderr)
    return read_json(out)


def metric(case, name):
    return [m for m in case["metrics"] if m["name"] == name][0]


def rows(j, name):
    return [r for r in j["comparison"] if r["metric"] == name]


def test_shape():
    j = run("-n", "8", "true", "sleep 0.01")
    equal(j["schema"], "assay.run/1", "schema")
    equal([c["case"] for c in j["cases"]], ["true", "sleep 0.01"], "cases carry the commands")
    for c in j["cases"]:
        for name in ("wall", "cpu", "user", "system", "rss_peak"):
            m = metric(c, name)
            equal(len(m["trials"]), 8, f"{c['case']}: {name} of every run is there")
            check(m["unit"] and m["better"] == "lower" and m["method"], "   with unit, direction, method")
        check(min(metric(c, "wall")["trials"]) > 0, "   wall time is never 0 or less")
    order = sorted(s for c in j["cases"] for s in c["order"])
    equal(order, list(range(16)), "the order of execution is kept")
    first, second = (c["order"] for c in j["cases"])
    check(all(abs(a - b) == 1 for a, b in zip(first, second)), "competitors run next to each other", first, second)
    check(sum(a < b for a, b in zip(first, second)) == 4, "each is first as often as the other", first, second)
    again = run("-n", "8", "--seed", str(j["run"]["seed"]), "true", "sleep 0.01")
    equal([c["order"] for c in again["cases"]], [c["order"] for c in j["cases"]], "the seed repeats the order")
    sleep = metric(j["cases"][1], "wall")
    check(sleep["p50"] > 10e6, "sleep 0.01 takes more than 10 ms", sleep["p50"])


def test_verdict():
    j = run("-n", "20", "sleep 0.02", "sleep 0.03")
    row = rows(j, "wall")[0]
    check(row["verdict"] == "regressed" and 1.2 < row["ratio"] < 1.6, "30 ms is slower than 20 ms", row)
    check(row["ratio_low"] <= row["ratio"] <= row["ratio_high"] and row["n"] == 20, "   with its interval", row)
    j = run("-n", "20", "sleep 0.03", "sleep 0.02")
    equal(rows(j, "wall")[0]["verdict"], "improved", "and the other way round faster")


SPIN = """
import sys
n = int(sys.argv[1])
x = 0
for i in range(n):
    x += i * i
"""


def test_more_work():
    """A program with a quarter more work is found by CPU time in 40 interleaved rounds, on a noisy machine as well. What
    smaller effects a quiet one finds is for bench/ to show."""
    d = scratch()
    write(d, "spin.py", SPIN)
    py = f"{sys.executable} -S -E spin.py"
    base = 800000
    j = run("-n", "40", f"{py} {base}", f"{py} {base * 5 // 4}", cwd=d)
    row = rows(j, "cpu")[0]
    check(row["verdict"] == "regressed", "more CPU work is found", row)
    check(row["mde"] < 0.5, "   and the row says what it could have found", row)


def test_same():
    alarms = 0
    for k in range(20):
        j = run("-n", "12", "--seed", str(k + 1), "true", "true")
        alarms += any(r["verdict"] in ("regressed", "improved") for r in j["comparison"])
    # 5 % of 20 is 1; more than 4 has a chance below 0.3 % when the rate is 5 %
    check(alarms <= 4, f"true against true: called different in {alarms} of 20 comparisons")


def test_hooks_and_parameters():
    d = scratch()
    run("-n", "3", "-w", "1", "--setup", "echo s >> log", "--prepare", "echo p >> log", "--conclude", "echo c >> log",
        "--cleanup", "echo e >> log", "true", cwd=d)
    equal(open(os.path.join(d, "log")).read().split(), ["s"] + ["p", "c"] * 4 + ["e"], "hooks run in their places")
    j = run("-n", "2", "--param", "ms=10,20", "--name", "nap", "sleep 0.0{ms}")
    equal([c["case"] for c in j["cases"]], ["nap/ms=10", "nap/ms=20"], "a case for each value")
    equal(j["cases"][1]["params"], {"ms": "20"}, "   with its parameters")
    j = run("-n", "2", "--shell", "echo $((1+1)) | grep -q 2")
    equal(j["cases"][0]["metrics"][0]["count"], 2, "a shell where asked for")
    j = run("-n", "2", "--", "sh", "-c", "exit 0")
    equal(j["cases"][0]["case"], "sh -c exit 0", "words behind -- are taken as they are")
    j = run("-n", "2", "--expect-exit", "3", "--", "sh", "-c", "exit 3")
    equal(j["cases"][0]["trials_detail"][0]["exit_code"], 3, "an expected exit code is kept")


def test_precision():
    j = run("--precision", "20%", "--min-runs", "8", "--max-runs", "60", "sleep 0.005")
    n = len(metric(j["cases"][0], "wall")["trials"])
    check(8 <= n <= 60, f"stopped by precision within the declared bounds, after {n}")
    check("20%" in json.dumps(j["run"]), "the rule is declared in the document")


def test_memory():
    """Peak memory after a bigger neighbour: each process for itself."""
    dd = "dd if=/dev/zero of=/dev/null count=1 status=none"  # a buffer of one block, which it fills
    j = run("-n", "4", "--in-order", f"{dd} bs=1M", f"{dd} bs=300M", f"{dd} bs=41M")
    one, big, forty = (metric(c, "rss_peak")["trials"] for c in j["cases"])
    page = 4096
    # the kernel counts pages in batches of max(32, 2 * CPUs) on each CPU, and its peak sees only whole batches
    cpus = os.cpu_count() or 1
    batches = max(32, 2 * cpus) * cpus + 64
    for a, b, c in zip(one, big, forty):
        check(abs((b - a) - (299 << 20)) < batches * page, f"300 MiB against 1 MiB: {(b - a) / page - 299 * 256:+.0f} pages")
        check(abs((c - a) - (40 << 20)) < batches * page, f"41 MiB after 300 MiB: {(c - a) / page - 40 * 256:+.0f} pages")


def refused(says, *args):
    r = assay("time", "--no-store", *args, cwd=scratch())
    equal(r.returncode, 2, f"refused: assay time {' '.join(args)[:60]}", r.stdout, r.stderr)
    check(says in r.stderr, f"   and says: {says}", r.stderr)


def test_simulated():
    """Counted by valgrind: the same number every time; a command that can't run there has none."""
    if not shutil.which("valgrind"):
        skip("simulated instructions: no valgrind; apt-get install valgrind")
        return
    counts = []
    for _ in range(2):
        m = metric(run("--meter", "simulated", "-n", "2", "/bin/true")["cases"][0], "simulated_instructions")
        counts.append(m["mean"])
    check(counts[0] > 10000 and counts[0] == counts[1], "simulated instructions are equal from run to run", counts)
    row = rows(run("--meter", "simulated", "-n", "2", "/bin/true", "/bin/sh -c :"), "simulated_instructions")[0]
    equal((row["verdict"], row["method"]), ("regressed", "exact count"), "two rounds are enough to tell them apart", row)
    row = rows(run("--meter", "simulated", "-n", "2", "--name", "a", "--name", "b", "/bin/true", "/bin/true"), "simulated_instructions")[0]
    equal((row["verdict"], row["ratio"]), ("unchanged", 1), "and to tell that they are the same", row)


def test_refusals():
    refused("--expect-exit: '300' is no exit code", "--expect-exit", "300", "true")
    refused("--max-runs: 5 is less than --min-runs", "--min-runs", "10", "--max-runs", "5", "true")
    refused("--min-effect: '5' is outside 0% … 100%", "--min-effect", "5", "true")
    refused("--confidence: '100%' is outside 50% … 99.99%", "--confidence", "100%", "true")
    refused("--param x: given twice", "-P", "x=1", "-P", "x=2", "echo {x}")
    refused("--name: 2 names for 1 command", "-N", "a", "-N", "b", "true")
    refused("--output: 'file' needs output_file", "--output", "file", "true")


def test_warnings():
    r = assay("time", "--no-store", "-n", "2", "--for", "1s", "-P", "x=1..2", "true", cwd=scratch())
    equal(r.returncode, 0, "options without effect do no harm", r.stderr)
    check("parameter 'x' is used in no command" in r.stderr, "   a parameter that nothing uses", r.stderr)
    check("--for has no effect" in r.stderr, "   a budget besides a number of rounds", r.stderr)


for test in (test_shape, test_verdict, test_more_work, test_same, test_hooks_and_parameters, test_precision,
             test_memory, test_simulated, test_refusals, test_warnings):
    test()
done()
