"""assay bench and functions in suites: figures, pairs, growth, failures."""
import json
import os
import shutil
import subprocess

from tap import assay, check, done, equal, git, read_json, scratch, skip, write

SAMPLE = os.environ["ASSAY_SAMPLE"]


def run(*args, cwd=None, code=0, env=None):
    d = cwd or scratch()
    out = os.path.join(d, "out.json")
    r = assay("bench", "--no-store", "--json", out, *args, cwd=d, env=env)
    equal(r.returncode, code, f"assay bench {' '.join(a for a in args if a != SAMPLE)[:60]}", r.stdout, r.stderr)
    return read_json(out) if os.path.exists(out) else None, r


def metric(case, name):
    return [m for m in case["metrics"] if m["name"] == name][0]


def case(j, name):
    return [c for c in j["cases"] if c["case"] == name][0]


def test_figures():
    j, _ = run("-n", "10", "--filter", "fill*", SAMPLE)
    equal([c["case"] for c in j["cases"]], [f"fill/size={n}" for n in (256, 1024, 4096, 16384)], "cases by size")
    c = case(j, "fill/size=4096")
    equal((c["kind"], c["benchmark"], c["params"]), ("function", "fill", {"size": "4096"}), "kind and parameters")
    for name, unit in (("time", "ns"), ("cpu_time", "ns"), ("bytes_per_s", "bytes/s"), ("items_per_s", "1/s")):
        m = metric(c, name)
        check(m["unit"] == unit and m["method"] and len(m["trials"]) == 10 and min(m["trials"]) > 0, f"{name} of every epoch", m)
    t, bytes_per_s = metric(c, "time")["trials"], metric(c, "bytes_per_s")["trials"]
    check(all(abs(a * b / 1e9 / 4096 - 1) < 1e-9 for a, b in zip(t, bytes_per_s)), "bytes per second are bytes by time")
    notes = [c.get("note") or "" for c in j["cases"]]
    check("O(n)" in notes[-1] and "over 4 sizes" in notes[-1], "its growth is told once, with the last size", notes)
    check(not any(notes[:-1]), "   and only there")


def test_allocations():
    j, _ = run("-n", "3", "--filter", "allocate", SAMPLE)
    c = case(j, "allocate")
    equal((metric(c, "allocations")["p50"], metric(c, "allocated")["p50"]), (3, 148), "allocations are exact")
    j, _ = run("-n", "3", "--filter", "allocate", "--no-allocations", SAMPLE)
    check(all(m["name"] != "allocations" for m in j["cases"][0]["metrics"]), "--no-allocations leaves them out")


def test_each():
    j, _ = run("-n", "5", "--filter", "spin", "--each", SAMPLE)
    m = metric(j["cases"][0], "call_time")
    check(m["count"] > 500 and m["min"] <= m["p50"] <= m["p99"] <= m["p999"] <= m["max"], "--each gives a distribution", m)


def slow_copy(folder, percent):
    """A program of the same name that does so much more work."""
    path = os.path.join(folder, "slow")
    write(folder, "slow", f"#!/bin/sh\nSAMPLE_WORK={1000 + 10 * percent} exec {SAMPLE} \"$@\"\n")
    os.chmod(path, 0o755)
    return path


def test_pairs():
    d = scratch()
    j, r = run("-n", "40", "--filter", "spin", SAMPLE, slow_copy(d, 20), cwd=d)
    rows = [x for x in j["comparison"] if x["metric"] == "time"]
    equal([(x["case"], x["verdict"]) for x in rows], [("spin@slow", "regressed")], "20 % more work is found", r.stdout)
    check(1.1 < rows[0]["ratio"] < 1.3, "   by as much", rows)
    a, b = (metric(c, "iterations")["trials"] for c in j["cases"])
    equal(a, b, "both sides ran as often in every round")
    order = [c["order"] for c in j["cases"]]
    check(sum(x < y for x, y in zip(*order)) == 20, "each was first as often as the other")
    j, r = run("-n", "40", "--filter", "spin", SAMPLE, SAMPLE, cwd=d)
    rows = [x for x in j["comparison"] if x["metric"] == "time"]
    check(rows and rows[0]["verdict"] in ("unchanged", "inconclusive"), "the same program does not differ from itself", rows)


def test_failures():
    for name, why in (("bad_never", "never enters ASSAY_LOOP"), ("bad_early", "leaves its loop early"),
                      ("bad_twice", "second ASSAY_LOOP"), ("bad_told", "the input is missing"),
                      ("bad_dies", "signal 11"), ("bad_argument", "argument 'nothing'")):
        j, r = run("-n", "3", "--filter", name, SAMPLE, code=1)
        check(why in r.stderr, f"{name} says why", r.stderr)
        equal(j["cases"][0]["validity"]["grade"], "INVALID", "   and is INVALID")
    j, r = run("-n", "6", "--filter", "*a*", SAMPLE, code=1)
    ok = [c["case"] for c in j["cases"] if c["metrics"]]
    check("allocate" in ok and "add/type=int" in ok, "others are measured all the same", ok)


def test_usage():
    for args, words in ((("/no/such",), "no such"), (("true",), "libassay"), (("--filter", "zzz", SAMPLE), "zzz"),
                        ((), "no benchmark program"), (("-e", "wall < 1ms", SAMPLE), "no wall")):
        r = assay("bench", "--no-store", *args)
        check(r.returncode in (1, 2) and words in r.stderr.lower(), f"bench {' '.join(args)[:30]} is refused", r.stderr)
    r = assay("bench", "--list", SAMPLE)
    check(r.returncode == 0 and "fill/size=256\n" in r.stdout and "add/type=double\n" in r.stdout, "--list", r.stdout)


def test_gate():
    run("-n", "5", "--filter", "spin", "-e", "time.median < 1ns", SAMPLE, code=3)
    run("-n", "5", "--filter", "spin", "-e", "time.median < 1s", "-e", "allocations <= 0", SAMPLE)


SUITE = """assay: 1
suite: functions
benchmarks:
  loops:
    functions: {program}
    filter: "*spin*"
    trials: 8
    component: core
    expect: {{ time.median: "< 1s" }}
  contest:
    params: {{ work: ["1000", "1300"] }}
    compare: work
    functions: {program}
    filter: spin
    trials: 30
    env: {{ SAMPLE_WORK: "${{work}}" }}
"""


def test_suite():
    d = scratch()
    write(d, "assay.yaml", SUITE.format(program=SAMPLE))
    r = assay("run", "--json", "out.json", cwd=d)
    equal(r.returncode, 0, "a suite with functions", r.stdout, r.stderr)
    j = read_json(os.path.join(d, "out.json"))
    equal([c["case"] for c in j["cases"]], ["loops/spin", "contest/work=1000/spin", "contest/work=1300/spin"], "its cases")
    equal(j["cases"][0]["params"], {"function": "spin"}, "the function is a parameter")
    rows = [x for x in j["comparison"]["rows"] if x["metric"] == "time"] if isinstance(j["comparison"], dict) else \
        [x for x in j["comparison"] if x["metric"] == "time"]
    equal([(x["case"], x["verdict"]) for x in rows], [("contest/work=1300/spin", "regressed")], "values compete")
    r = assay("report", "--help", cwd=d)
    r = assay("compare", "latest", "latest", cwd=d)
    equal(r.returncode, 0, "the stored run can be compared", r.stderr)
    equal(assay("run", "--list", cwd=d).returncode, 0, "and listed")


def test_against():
    """The base revision is built and measured beside the head."""
    d = scratch()
    git(d, "init", "-q")
    write(d, "assay.yaml", "assay: 1\nbuild: sh make.sh\nbenchmarks:\n  loops: { functions: ./bench, filter: spin, trials: 30 }\n"
          "rules:\n  critical: { time: +10%, action: block }\n")
    for work in (1000, 1300):
        write(d, "make.sh", f"printf '#!/bin/sh\\nSAMPLE_WORK={work} exec {SAMPLE}\\n' > bench; chmod +x bench\n")
        git(d, "add", "-A")
        git(d, "commit", "-qm", "c")
    r = assay("run", "--against", "HEAD~1", "--json", "out.json", cwd=d)
    equal(r.returncode, 4, "a function that takes 30 % longer blocks", r.stdout, r.stderr)
    j = read_json(os.path.join(d, "out.json"))
    rows = j["comparison"]["rows"] if isinstance(j["comparison"], dict) else j["comparison"]
    row = [x for x in rows if x["metric"] == "time"][0]
    check(row["case"] == "loops/spin" and 1.15 < row["ratio"] < 1.45, "   by as much", row)


def test_simulated():
    """A loop whose instructions grow by a constant for each byte."""
    if not shutil.which("valgrind"):
        skip("simulated instructions: no valgrind; apt-get install valgrind")
        return
    per = []
    for _ in range(2):
        j, _ = run("--meter", "simulated", "-n", "4", "--filter", "fill*", SAMPLE)
        per.append([metric(case(j, f"fill/size={n}"), "simulated_instructions")["mean"] for n in (256, 1024, 4096)])
    check(per[0] == per[1], "simulated instructions per iteration are equal from run to run", per)
    a, b, c = per[0]
    slope = (b - a) / 768
    check(slope > 1 and abs((c - b) / 3072 - slope) < 0.01 * slope, "   and proportional to the work", per)


def test_alone():
    r = subprocess.run([SAMPLE, "--time", "0.01", "add"], text=True, capture_output=True)
    check(r.returncode == 0 and "add/type=int" in r.stdout and "median" in r.stdout, "the program runs by itself", r.stdout, r.stderr)
    r = subprocess.run([SAMPLE, "--latency", "--time", "0.01", "spin"], text=True, capture_output=True)
    check(r.returncode == 0 and "p99.9" in r.stdout, "   with percentiles", r.stdout)
    r = subprocess.run([SAMPLE, "--time", "0.01", "bad_told"], text=True, capture_output=True)
    check(r.returncode == 1 and "failed: the input is missing" in r.stdout, "   and says what failed", r.stdout)
    r = subprocess.run([SAMPLE, "--tim", "1"], text=True, capture_output=True)
    check(r.returncode == 2 and "Usage" in r.stderr, "   and what it takes", r.stderr)


def test_left_behind():
    """Nothing of a run stays when it is interrupted."""
    import signal
    import time
    p = subprocess.Popen([os.environ["ASSAY"], "bench", "--no-store", "--for", "60s", "--precision", "0", "--max-rounds", "1M",
                          "--filter", "spin", SAMPLE], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    children = []
    deadline = time.monotonic() + 20
    while not children and time.monotonic() < deadline:
        with open(f"/proc/{p.pid}/task/{p.pid}/children") as f:
            children = f.read().split()
    p.send_signal(signal.SIGINT)
    out, err = p.communicate(timeout=30)
    equal(p.returncode, 130, "an interrupted run says so", out, err)
    check(children and not any(os.path.exists(f"/proc/{c}") for c in children), "and leaves no program behind", children)


for name, test in list(globals().items()):
    if name.startswith("test_"):
        test()
done()
