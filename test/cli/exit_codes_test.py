"""Each exit code of the contract, caused on purpose."""
import os
import signal
import subprocess
import time

from tap import ASSAY, assay, check, done, equal, read_json, scratch, write

SUITE = """assay: 1
suite: codes
defaults: { duration: 300ms }
benchmarks:
  quick:
    command: "true"
"""


def suite_with(folder, lines):
    return write(folder, "assay.yaml", SUITE + "".join(f"    {line}\n" for line in lines))


def test_ok():
    d = scratch()
    suite_with(d, ['expect: { wall.median: "< 10s" }'])
    r = assay("run", "--json", "out.json", cwd=d)
    equal(r.returncode, 0, "0: done, and every gate held", r.stderr)
    j = read_json(os.path.join(d, "out.json"))
    equal(j["exit_code"], 0, "   the document says so too")
    check(j["cases"][0]["expectations"][0]["held"], "   the expectation held")


def test_failed():
    d = scratch()
    r = assay("time", "--no-store", "/nonexistent/program", cwd=d)
    equal(r.returncode, 1, "1: a command that can't start", r.stderr)
    check("/nonexistent/program" in r.stderr, "   the error names it", r.stderr)
    r = assay("time", "--no-store", "false", cwd=d)
    equal(r.returncode, 1, "1: a command that fails", r.stderr)
    check("--expect-exit" in r.stderr, "   the error names the cure", r.stderr)
    r = assay("load", "--no-store", "-d", "300ms", "--warmup", "0", "http://127.0.0.1:1/", cwd=d)
    equal(r.returncode, 1, "1: target unreachable", r.stderr)
    r = assay("time", "--store", "/proc/nowhere/assay.db", "true", cwd=d)
    equal(r.returncode, 1, "1: store unwritable", r.stderr)


def test_usage():
    d = scratch()
    r = assay("time", "--runns", "3", "true", cwd=d)
    equal(r.returncode, 2, "2: unknown option", r.stderr)
    check("did you mean '--runs'" in r.stderr, "   with a guess", r.stderr)
    equal(assay(cwd=d).returncode, 2, "2: no command")
    equal(assay("tmie", "true", cwd=d).returncode, 2, "2: unknown command")
    write(d, "assay.yaml", "assay: 1\nbenchmarks:\n  x:\n    comand: 'true'\n")
    r = assay("run", cwd=d)
    equal(r.returncode, 2, "2: a suite that does not parse", r.stderr)
    check("assay.yaml:4:5: benchmarks.x: unknown key 'comand'; did you mean 'command'?" in r.stderr,
          "   place, what was found, what would be right", r.stderr)
    r = assay("run", "nothing-like-it.yaml", cwd=d)
    equal(r.returncode, 2, "2: no such suite", r.stderr)
    suite_with(d, ["expect: { wal: '< 1s' }"])
    r = assay("run", cwd=d)
    equal(r.returncode, 2, "2: an expectation of a metric that is not there", r.stderr)
    check("did you mean 'wall'?" in r.stderr, "   with a guess", r.stderr)
    r = assay("load", "--no-store", "-e", "p99<1ms", "http://127.0.0.1:1/", cwd=d)
    equal(r.returncode, 2, "2: the same of a load", r.stderr)
    check("no metric 'p99'; did you mean 'latency.p99'?" in r.stderr, "   with a guess", r.stderr)


def test_expectation():
    d = scratch()
    suite_with(d, ['expect: { wall.median: "< 1ns" }'])
    r = assay("run", "--json", "out.json", "--report", "out.xml", cwd=d)
    equal(r.returncode, 3, "3: an expectation broke", r.stderr)
    check(not read_json(os.path.join(d, "out.json"))["cases"][0]["expectations"][0]["held"], "   as the JSON says")
    equal(assay("check", cwd=d).returncode, 3, "3: and assay check says it again")


REGRESSION = """assay: 1
suite: codes
benchmarks:
  slow:
    params: { ms: [20] }
    command: sleep 0.0${ms}
    trials: 12
"""


def test_regression():
    d = scratch()
    write(d, "assay.yaml", REGRESSION)
    equal(assay("run", cwd=d).returncode, 0, "a first run is stored")
    equal(assay("baseline", "set", "main", cwd=d).returncode, 0, "   and made the baseline")
    write(d, "assay.yaml", REGRESSION.replace("sleep 0.0${ms}", "sleep 0.08"))
    r = assay("run", "--baseline", "main", "--json", "out.json", cwd=d)
    equal(r.returncode, 4, "4: four times as slow as the baseline", r.stdout, r.stderr)
    rows = read_json(os.path.join(d, "out.json"))["comparison"]
    wall = [row for row in rows if row["metric"] == "wall"][0]
    check(wall["verdict"] == "regressed" and wall["action"] == "block" and wall["ratio"] > 2, "   row", wall)
    equal(assay("check", cwd=d).returncode, 4, "4: the gate finds the suite's only baseline by itself")
    equal(assay("compare", "@main", "latest", cwd=d).returncode, 4, "4: assay compare")
    equal(assay("compare", "latest", "latest", cwd=d).returncode, 0, "0: a run against itself")


OWN_RULES = REGRESSION + """    rules: { critical: { wall: +900% } }
rules:
  use: tiered
  ignore:
    - { cases: other, metric: wall, reason: on purpose, until: '2020-01-01' }
"""


def test_rules():
    d = scratch()
    write(d, "assay.yaml", OWN_RULES)
    equal(assay("run", cwd=d).returncode, 0, "a first run is stored")
    equal(assay("baseline", "set", "main", cwd=d).returncode, 0, "   and made the baseline")
    slow = OWN_RULES.replace("sleep 0.0${ms}", "sleep 0.08")
    write(d, "assay.yaml", slow)
    r = assay("run", "--baseline", "main", cwd=d)
    equal(r.returncode, 0, "0: four times as slow, but the benchmark's own rule is wider", r.stdout)
    equal(assay("check", cwd=d).returncode, 0, "   and the gate knows it from the store")
    by_set = slow.replace("    rules: { critical: { wall: +900% } }\n", "")
    write(d, "assay.yaml", by_set)
    equal(assay("run", "--baseline", "main", cwd=d).returncode, 4, "4: by the named set without it")
    write(d, "assay.yaml", by_set.replace("cases: other", "cases: slow").replace("2020", "2199"))
    r = assay("run", "--baseline", "main", cwd=d)
    equal(r.returncode, 0, "0: an exception covers it", r.stdout)
    check("on purpose" in r.stdout, "   and its reason is told", r.stdout)
    r = assay("rules", "slow/*", cwd=d)
    check("rules of the suite" in r.stdout, "assay rules says whose rules apply", r.stdout)
    check("on purpose (until 2199-01-01)" in r.stdout, "   and what is excused, and why", r.stdout)
    equal(assay("rules", "nothing", cwd=d).returncode, 2, "2: no such case")


def test_invalid():
    d = scratch()
    r = assay("time", "-n", "6", "--same-output", "--no-store", "--json", "out.json", "echo a", "echo b", cwd=d)
    equal(r.returncode, 5, "5: two commands that must print the same don't", r.stderr)
    equal(read_json(os.path.join(d, "out.json"))["validity"]["grade"], "INVALID", "   and the grade says so")


def test_inconclusive():
    d = scratch()
    r = assay("time", "-n", "3", "--no-store", "--strict", "true", "true", cwd=d)
    equal(r.returncode, 6, "6: three rounds can't decide, and --strict asked", r.stderr)
    r = assay("time", "-n", "3", "--no-store", "true", "true", cwd=d)
    equal(r.returncode, 0, "0: without --strict the same is a warning", r.stderr)


def test_signals():
    for sig, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
        d = scratch()
        p = subprocess.Popen([ASSAY, "time", "-v", "-n", "100000", "--max-runs", "100000", "--json", "out.json", "true"],
                             cwd=d, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        wait_for_trials(d, p)
        p.send_signal(sig)
        out, err = p.communicate(timeout=60)
        equal(p.returncode, code, f"{code}: interrupted by signal {int(sig)}", err)
        j = read_json(os.path.join(d, "out.json"))
        check(j["exit_code"] == code and len(j["cases"][0]["metrics"][0]["trials"]) > 0,
              "   what was measured is reported")
        check("time" in assay("report", "--list", cwd=d).stdout, "   and stored")


def test_cut_off():
    """A killed run passes no gate and is no baseline, whatever it had measured so far."""
    d = scratch()
    write(d, "assay.yaml", "assay: 1\nsuite: c\nbenchmarks:\n  one:\n    command: sleep 0.01\n    trials: 100000\n"
                           "    expect: { wall.median: '< 10s' }\n")
    p = subprocess.Popen([ASSAY, "run"], cwd=d, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for_trials(d, p)
    equal(assay("check", cwd=d).returncode, 1, "1: a run that is still going on passes no gate")
    p.kill()
    p.wait()
    r = assay("check", cwd=d)
    check(r.returncode == 1 and "did not end" in r.stderr, "1: nor does a killed one", r.stderr)
    equal(assay("baseline", "set", "main", cwd=d).returncode, 5, "5: and it is no baseline")


def wait_for_trials(folder, process):
    """Until the store lists a run with trials: a condition, not a delay."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        r = assay("report", "--list", cwd=folder)
        if r.returncode == 0 and " 0 trials" not in r.stdout and "trials" in r.stdout:
            return
    check(False, "trials appear in the store")


for test in (test_ok, test_failed, test_usage, test_expectation, test_regression, test_rules, test_invalid,
             test_inconclusive, test_signals, test_cut_off):
    test()
done()
