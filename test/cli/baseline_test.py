"""assay baseline: windows, promotion, freezing, merge bases, age, missing cases."""
import json
import os
import sqlite3

from tap import assay, check, done, equal, git, git_scratch, read_json, write

SUITE = """assay: 1
suite: demo
rules: { critical: { wall: +50%, action: block } }
benchmarks:
  work:
    command: sh -c 'sleep 0.0$(cat ms)'
    trials: 6
"""
EXTRA = "  extra:\n    command: 'true'\n    trials: 6\n"


def commit(d, **files):
    for name, text in files.items():
        write(d, name.replace("_", "."), text)
    git(d, "add", "-A")
    git(d, "commit", "-qm", "next", "--allow-empty")
    return git(d, "rev-parse", "HEAD")


def project():
    return git_scratch(assay_yaml=SUITE, ms="1", _gitignore=".assay\nout.json\n")


def run(d, *args):
    r = assay("run", "--json", "out.json", *args, cwd=d)
    return r, read_json(os.path.join(d, "out.json"))


def kept(d, name="main"):
    return json.loads(assay("baseline", "show", name, "--json", cwd=d).stdout)[0]


def test_promotion(d):
    _, j = run(d, "--promote", "main")
    first = j["run"]["id"]
    equal((kept(d)["run"], kept(d)["follows"]), (first, "main"), "the first green run makes the baseline")
    _, j = run(d, "--promote", "main")
    equal(kept(d)["run"], j["run"]["id"], "the next one moves it")
    assay("baseline", "freeze", "main", cwd=d)
    r, newest = run(d, "--promote", "main")
    check(kept(d)["run"] == j["run"]["id"] and "frozen" in r.stderr, "not a frozen one", r.stderr)
    r = assay("baseline", "reset", "main", cwd=d)
    check(r.returncode == 1 and "unfreeze" in r.stderr, "   nor does reset", r.stderr)
    assay("baseline", "unfreeze", "main", cwd=d)
    equal(assay("baseline", "reset", "main", cwd=d).returncode, 0, "reset")
    equal(kept(d)["run"], newest["run"]["id"], "   moves it to the newest green run")
    equal(assay("baseline", "clone", "main", "release", cwd=d).returncode, 0, "clone")
    equal(kept(d, "release")["run"], kept(d)["run"], "   names the same run")
    equal(assay("baseline", "clone", "main", "release", cwd=d).returncode, 1, "   never over another")
    assay("baseline", "rm", "release", cwd=d)
    git(d, "checkout", "-qb", "feature")
    r, j = run(d, "--promote", "main")
    check(kept(d)["run"] != j["run"]["id"] and "follows branch main" in r.stderr, "a feature branch moves nothing", r.stderr)
    git(d, "checkout", "-q", "main")
    assay("baseline", "set", "main", "--promote", cwd=d)
    _, j = run(d)
    equal(kept(d)["run"], j["run"]["id"], "kept with --promote it moves by itself")
    assay("baseline", "set", "main", "--branch", "feature", cwd=d)
    check(kept(d)["follows"] == "feature" and kept(d)["branch"] == "feature", "set --branch takes that branch's newest run", kept(d))
    assay("baseline", "rm", "main", cwd=d)


def test_window(d):
    assay("baseline", "set", "wide", "--branch", "main", "--window", "4", cwd=d)
    equal(kept(d, "wide")["window"], 4, "a window is kept")
    r, j = run(d, "--baseline", "wide")
    row = [x for x in j["comparison"] if x["metric"] == "wall"][0]
    equal(row["n"], 4, "four runs are four values", row)
    check("the medians of 4 runs" in j["comparison_of"]["about"] and "the medians of 4 runs" in r.stderr, "   which is said", r.stderr)
    r = assay("compare", "@wide", "latest", cwd=d)
    check("the medians of 4 runs" in r.stdout and r.returncode == 0, "assay compare takes the window as well", r.stdout, r.stderr)
    git(d, "checkout", "-q", "feature")
    commit(d, ms="6")
    r, j = run(d, "--baseline", "wide")
    equal(r.returncode, 4, "a slow one is stopped by it", r.stdout)
    git(d, "checkout", "-q", "main")


def test_merge_base():
    d = project()
    base = commit(d)
    run(d)
    commit(d)
    commit(d)
    git(d, "checkout", "-qb", "feature")
    commit(d, ms="1")
    for name in ("main", "@merge-base", "@merge-base:main"):
        r, j = run(d, "--baseline", name)
        check(r.returncode == 0 and f"the newest run of {base[:10]}, 2 commits before the last that it shares with main" in r.stderr,
              f"{name}: the nearest ancestor with a run", r.stderr)
    check(base[:10] in j["comparison_of"]["about"], "   in the document as well")
    git(d, "checkout", "-q", "main")
    run(d)
    git(d, "checkout", "-q", "feature")
    r, _ = run(d, "--baseline", "@merge-base")
    check("at the last that it shares" in r.stderr, "the commit itself, once it has one", r.stderr)
    con = sqlite3.connect(os.path.join(d, ".assay", "assay.db"))
    con.execute("UPDATE testbeds SET fingerprint = 'another'")
    con.commit()
    con.close()
    r, _ = run(d, "--baseline", "@merge-base")
    check(r.returncode == 1 and "on this testbed" in r.stderr, "runs of another testbed are none", r.stderr)


def test_age_and_missing():
    d = project()
    commit(d, assay_yaml=SUITE + EXTRA)
    run(d, "--promote", "main")
    for _ in range(3):
        commit(d)
    r, j = run(d, "--baseline", "main", "--stale-commits", "2")
    check("0 days and 3 commits old" in r.stderr and "3 commits old" in j["comparison_of"]["about"], "an old baseline is warned of", r.stderr)
    r, _ = run(d, "--baseline", "main", "--stale-commits", "3")
    check("commits old" not in r.stderr, "   by a limit that can be set", r.stderr)
    commit(d, assay_yaml=SUITE)
    r, _ = run(d, "--baseline", "main", "--strict")
    check("extra: missing: only the reference has this case" in r.stderr, "a case that is missing is told", r.stderr)
    equal(r.returncode, 6, "   and --strict minds")
    commit(d, assay_yaml=SUITE + EXTRA.replace("extra", "novel"))
    r, _ = run(d, "--baseline", "main")
    check("novel: new: the reference has no such case" in r.stderr and r.returncode == 0, "so is a new one", r.stderr)


shared = project()
test_promotion(shared)
test_window(shared)
test_merge_base()
test_age_and_missing()
done()
