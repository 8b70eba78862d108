"""--budget: rounds go to pairs that are open, and what is decided ends early."""
import os

from tap import assay, check, done, equal, git_scratch, read_json, scratch, write

SUITE = """assay: 1
suite: demo
benchmarks:
  changed: { command: sh -c 'sleep 0.0$(cat ms)', trials: 40 }
  same: { command: 'true', trials: 40 }
"""


def rows_of(path):
    return {r["case"]: r for r in reversed(read_json(path)["comparison"])}


def test_time():
    d = scratch()
    out = os.path.join(d, "o.json")
    r = assay("time", "--budget", "60s", "-n", "60", "-N", "a", "-N", "b", "--json", out, "sleep 0.001", "sleep 0.02", cwd=d)
    row = rows_of(out)["b"]
    check(row["verdict"] == "regressed" and row["n"] < 60 and row["n"] % 15 == 0, "a clear difference ends at an early look", row)
    check("look" in row["method"] and row["p"] <= 0.05, "   which is said", row)
    check("looks that decides them" in read_json(out)["run"]["stop_rule"], "   and was declared", r.stdout)
    assay("time", "--budget", "60s", "-n", "60", "-N", "a", "-N", "b", "--min-effect", "90%", "--json", out, "sleep 0.01", "sleep 0.01", cwd=d)
    row = rows_of(out)["b"]
    check(row["verdict"] == "unchanged" and row["n"] < 60, "no difference that matters does, too", row)
    assay("time", "--budget", "1ms", "-n", "60", "-N", "a", "-N", "b", "--json", out, "sleep 0.001", "sleep 0.02", cwd=d)
    row = rows_of(out)["b"]
    check(row["n"] == 1 and row["verdict"] == "inconclusive" and "at least" in row["note"], "a budget that is spent ends all", row)


def test_run():
    d = git_scratch(assay_yaml=SUITE, ms="1")
    write(d, "ms", "6")
    r = assay("run", "--against", "HEAD", "--budget", "60s", "--json", "o.json", cwd=d)
    rows = rows_of(os.path.join(d, "o.json"))
    equal(r.returncode, 4, "a regression blocks", r.stderr)
    check(rows["changed"]["n"] < 40, "   after fewer rounds than planned", rows["changed"])
    check(rows["same"]["n"] >= rows["changed"]["n"], "   what is open goes on", rows["same"])


test_time()
test_run()
done()
