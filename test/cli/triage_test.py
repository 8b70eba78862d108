"""assay ack, expect, invalid, triage: said once, honoured by gates and histories."""
import json
import os
import sqlite3
import subprocess

from tap import assay, check, done, equal, git, git_scratch, read_json, scratch, valid, write

SUITE = """assay: 1
suite: demo
rules: { critical: { wall: +80%, action: block } }
benchmarks:
  work:
    command: sh -c 'sleep 0.$(cat ms)'
    trials: 8
  other:
    command: sh -c 'sleep 0.01'
    trials: 8
"""


def head(d):
    return git(d, "rev-parse", "HEAD")


def project():
    return git_scratch(assay_yaml=SUITE, ms="01")


def run_at(d, ms, *args):
    write(d, "ms", ms)
    subprocess.run(["git", "-C", d, "commit", "-qam", ms], stdout=subprocess.DEVNULL)
    return assay("run", "-q", "--json", "out.json", *args, cwd=d)


def wall(d, case="work"):
    rows = read_json(os.path.join(d, "out.json"))["comparison"]
    return [r for r in rows if r["case"] == case and r["metric"] == "wall"][0]


def said(d, *args):
    r = assay(*args, "--json", cwd=d)
    j = json.loads(r.stdout) if r.stdout.startswith("{") else {"stderr": r.stderr}
    valid(j, "assay.triage.1.schema.json", " ".join(args[:2]))
    return j


def regressed_project():
    d = project()
    equal(run_at(d, "01").returncode, 0, "a first run")
    equal(assay("baseline", "set", "main", cwd=d).returncode, 0, "   is the baseline")
    equal(run_at(d, "05", "--baseline", "main").returncode, 4, "a slower one is stopped")
    return d


def test_ack(d):
    equal(assay("ack", "latest", cwd=d).returncode, 2, "no reason: exit 2")
    equal(assay("ack", "nothing", "--reason", "x", cwd=d).returncode, 1, "no such case or run: exit 1")
    j = said(d, "ack", "latest", "--reason", "fix on its way", "--until", "14d", "--metric", "wall")
    e = j["entries"]
    check(len(e) == 1 and e[0]["case"] == "work" and e[0]["by"] == "Ann" and e[0]["change"] > 1, "what the run reported is acknowledged", j)
    r = assay("check", "--json", "out.json", cwd=d)
    row = wall(d)
    check(r.returncode == 0 and row["action"] == "none" and row["triage"] == "acknowledged", "the gate holds", r.stderr, row)
    check(row["verdict"] == "regressed" and row["severity"] != "none" and "by Ann: fix on its way" in row["note"],
          "   and says who knows of it", row)
    valid(read_json(os.path.join(d, "out.json")), "assay.run.1.schema.json", "   its document")
    equal(assay("compare", "@main", "latest", "--json", "out.json", cwd=d).returncode, 0, "   so does compare")
    equal(run_at(d, "05", "--baseline", "main").returncode, 0, "   and the next run")
    equal(run_at(d, "3", "--baseline", "main").returncode, 4, "far beyond what was acknowledged it stops again")
    check("goes beyond what was acknowledged" in wall(d)["note"], "   and says so", wall(d))
    equal(assay("ack", "--undo", e[0]["id"], cwd=d).returncode, 0, "taken back")
    r = assay("check", cwd=d)
    equal(r.returncode, 4, "   it stops as before")


def test_false_and_expected(d):
    run_at(d, "05", "--baseline", "main")
    said(d, "ack", "latest", "--false", "--reason", "a backup ran beside it")
    equal(assay("check", cwd=d).returncode, 0, "a false alarm does not stop that run")
    equal(run_at(d, "05", "--baseline", "main").returncode, 4, "   but the next one")
    equal(assay("expect", "work", "--reason", "x", cwd=d).returncode, 2, "expect wants a change")
    said(d, "expect", "work", "--metric", "wall", "--change", "+50%", "--reason", "checks more")
    equal(assay("check", cwd=d).returncode, 4, "five times as slow is beyond an expected +50 %")
    said(d, "expect", "work", "--change", "+900%", "--reason", "checks more")
    r = assay("check", "--json", "out.json", cwd=d)
    check(r.returncode == 0 and wall(d)["triage"] == "expected", "within what was expected it passes", r.stderr)
    j = said(d, "triage", "--all")
    check(j["regressions"]["false"] >= 1 and j["regressions"]["expected"] >= 1 and 0 < j["regressions"]["precision"] < 1,
          "how often reports were right", j["regressions"])
    check("were right" in assay("triage", cwd=d).stdout, "   in words as well")
    equal(sum(not e["active"] for e in j["entries"]), 1, "--all has what was taken back", j["entries"])


def test_invalid(d):
    before = json.loads(assay("history", "work", "--json", "-", cwd=d).stdout)
    equal(assay("invalid", "work@latest", "--reason", "wrong input", cwd=d).returncode, 0, "one case set aside")
    after = json.loads(assay("history", "work", "--json", "-", cwd=d).stdout)
    other = json.loads(assay("history", "other", "--json", "-", cwd=d).stdout)
    check(after["missing"] == before["missing"] + 1 and other["missing"] == 0, "   is missing in its history only", after)
    r = assay("check", "--json", "out.json", cwd=d)
    rows = [x for x in read_json(os.path.join(d, "out.json"))["comparison"] if x["case"] == "work"]
    check(len(rows) == 1 and "set aside by Ann: wrong input" in rows[0]["note"], "   and no evidence in the gate", r.stdout, rows)
    equal(assay("check", "--strict", cwd=d).returncode, 6, "   which --strict minds")
    equal(assay("invalid", "--undo", "work@latest", cwd=d).returncode, 0, "   brought back")
    equal(json.loads(assay("history", "work", "--json", "-", cwd=d).stdout), before, "   the history is as before")
    base = [b["run"] for b in json.loads(assay("baseline", "list", "--json", cwd=d).stdout)][0]
    assay("invalid", base, "--reason", "the fan was broken", cwd=d)
    r = assay("check", "--baseline", "main", cwd=d)
    check(r.returncode == 5 and "the fan was broken" in r.stderr, "a baseline that was set aside is refused", r.stderr)
    equal(assay("baseline", "set", "again", base, cwd=d).returncode, 5, "   and can't be set again")
    equal(assay("db", "verify", cwd=d).returncode, 0, "the store is intact")
    to = os.path.join(d, "to.db")
    assay("db", "copy", ".assay/assay.db", to, cwd=d)
    one, two = [json.loads(assay("triage", "--json", "--all", "--store", s, cwd=d).stdout) for s in (".assay/assay.db", to)]
    equal(one, two, "a copy has all of it")
    check("0 runs" in assay("db", "copy", ".assay/assay.db", to, cwd=d).stdout, "   once")


def test_pairs():
    """Fresh pairs: what both sides have excuses nothing."""
    d = project()
    first = head(d)
    equal(run_at(d, "05", "--against", first).returncode, 4, "a slower commit is stopped")
    said(d, "expect", "work", "--change", "+900%", "--reason", "checks more")
    slow = head(d)
    equal(run_at(d, "05", "--against", first).returncode, 0, "expected, it passes against the commit before")
    equal(wall(d)["triage"], "expected", "   and says why")
    equal(run_at(d, "15", "--against", slow).returncode, 4, "but not what comes after it", wall(d))


def clone(con, table, where, new):
    names = [c[1] for c in con.execute(f"PRAGMA table_info({table})")]
    con.execute(f"INSERT INTO {table} SELECT {', '.join(new.get(c, c) for c in names)} FROM {table} WHERE {where}")


def past_runs(d, n, level):
    """A real run, and n copies of its rows of the days before with other values and commits."""
    assay("time", "-n", "3", "true", cwd=d)
    con = sqlite3.connect(os.path.join(d, ".assay", "assay.db"))
    con.execute("PRAGMA foreign_keys=OFF")
    for i in range(n):
        k, age = (i + 1) * 1000, (n - i) * 86400 * 10**9
        clone(con, "runs", "key = 1", {"key": f"1 + {k}", "id": f"'past-{i:04}'", "commit_hash": f"'{i:040x}'",
                                       "started_ns": f"started_ns - {age}", "finished_ns": f"finished_ns - {age}"})
        clone(con, "cases", "run = 1", {"key": f"key + {k}", "run": f"1 + {k}"})
        clone(con, "trials", "key < 1000", {"key": f"key + {k}", "case_key": f"case_key + {k}"})
        clone(con, "figures", "trial < 1000", {"trial": f"trial + {k}", "value": f"{level(i)}"})
    con.execute("DELETE FROM runs WHERE key = 1")
    con.commit()
    con.close()


def test_history():
    d = scratch()
    past_runs(d, 24, lambda i: 1e7 * (1 + i % 3 / 100 + (0.5 if i >= 12 else 0)))
    j = json.loads(assay("history", "true", "--json", "-", cwd=d).stdout)
    check([c["triage"] for c in j["change_points"]] == [None], "a change of which nothing was said", j["change_points"])
    assay("expect", "true", "--change", "+50%", "--from", f"{12:040x}", "--reason", "checks more", cwd=d)
    j = json.loads(assay("history", "true", "--json", "-", cwd=d).stdout)
    check([c["triage"] for c in j["change_points"]] == ["expected"], "is marked as expected", j["change_points"])
    valid(j, "assay.history.1.schema.json", "   as its schema says")
    check("expected change of +50.0 % by" in assay("history", "true", cwd=d).stdout, "   in words", assay("history", "true", cwd=d).stdout)


shared = regressed_project()
test_ack(shared)
test_false_and_expected(shared)
test_invalid(shared)
test_pairs()
test_history()
done()
