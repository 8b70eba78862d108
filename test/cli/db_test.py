"""Upkeep of the store: what it holds, faults, copies, retention, and kill -9 in the middle of each."""
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import time

from tap import ASSAY, assay, check, done, equal, scratch, write

DAY = 86400 * 10**9
SUITE = """assay: 1
targets: { idle: { driver: null, delay: 1ms } }
benchmarks:
  get: { target: idle, trials: 2, warmup: 0s, duration: 200ms, load: { users: 2 } }
"""


def rows(db, sql):
    con = sqlite3.connect(db, timeout=20)
    try:
        return con.execute(sql).fetchall()
    finally:
        con.close()


def make_store(n):
    """A real run with loads, then n aged copies of its rows under other ids."""
    d = scratch()
    db = os.path.join(d, "a.db")
    r = assay("run", write(d, "s.yaml", SUITE), "--store", db, "-q", cwd=d)
    check(r.returncode in (0, 5), "a run is stored", r.stderr)
    con = sqlite3.connect(db)
    con.execute("PRAGMA foreign_keys=OFF")
    columns = {t: [c[1] for c in con.execute(f"PRAGMA table_info({t})")] for t in
               ("runs", "cases", "trials", "figures", "histograms", "series")}

    def clone(table, where, new):
        names = columns[table]
        con.execute(f"INSERT INTO {table} SELECT {', '.join(new.get(c, c) for c in names)} FROM {table} WHERE {where}")

    con.execute("DELETE FROM reasons")  # a short load may be SUSPECT or INVALID; that is not the subject
    con.execute("UPDATE runs SET grade = 'VALID', exit_code = 0")
    for i in range(1, n + 1):
        k, age = i * 1000, 8 * DAY + i * 6 * 3600 * 10**9
        clone("runs", "key = 1", {"key": f"1 + {k}", "id": f"'old-{i:04}'", "started_ns": f"started_ns - {age}",
                                  "finished_ns": f"finished_ns - {age}"})
        clone("cases", "run = 1", {"key": f"key + {k}", "run": f"1 + {k}"})
        clone("trials", "key < 1000", {"key": f"key + {k}", "case_key": f"case_key + {k}", "started_ns": f"started_ns - {age}"})
        clone("figures", "trial < 1000", {"trial": f"trial + {k}"})
        clone("histograms", "key < 1000", {"key": f"key + {k}", "trial": f"trial + {k}"})
        clone("series", "key < 1000", {"key": f"key + {k}", "trial": f"trial + {k}"})
    con.commit()
    con.close()
    return d, db


def db_json(*args):
    r = assay("db", *args, "--json")
    return json.loads(r.stdout) if r.stdout.startswith(("{", "[")) else {"stderr": r.stderr}


def history(db):
    name = rows(db, "SELECT n.name FROM cases c JOIN names n ON n.key = c.name LIMIT 1")[0][0]
    out = []
    for metric in ("latency", "latency.p99", "latency.mean", "throughput"):
        r = assay("history", name, "--metric", metric, "--store", db, "--json", "-", "--points")
        out.append(r.stdout)
    return out


def samples(db):
    """(whole runs, trials counted by roll-ups of one metric): each trial is in one of the two."""
    whole = rows(db, "SELECT count(*) FROM histograms h JOIN trials t ON t.key = h.trial WHERE h.pos = "
                     "(SELECT min(pos) FROM histograms)")[0][0]
    metric = rows(db, "SELECT metric FROM figures WHERE pos = (SELECT min(pos) FROM histograms) LIMIT 1")[0][0]
    return whole + (rows(db, f"SELECT sum(trials) FROM rollups WHERE metric = {metric}")[0][0] or 0)


def test_info_and_verify():
    _, db = make_store(5)
    info = db_json("info", "--store", db)
    equal(info.get("runs"), 6, "info counts runs", info)
    check(info["table_bytes"].get("histograms", 0) > 0 and info["bytes"] == os.path.getsize(db), "   and says what takes the room", info, os.path.getsize(db))
    equal(assay("db", "verify", "--store", db).returncode, 0, "verify: intact")
    con = sqlite3.connect(db)
    con.execute("UPDATE histograms SET hdr = x'0102' WHERE key = (SELECT max(key) FROM histograms)")
    con.commit()
    con.close()
    r = assay("db", "verify", "--store", db)
    check(r.returncode == 1 and "old-0005" in r.stdout, "a broken blob: exit 1, and where", r.stdout)


def test_prune():
    _, db = make_store(120)
    before, size, total = history(db), os.path.getsize(db), samples(db)
    plan = db_json("prune", "--dry-run", "--store", db)
    check(plan["runs_to_roll_up"] >= 100 and not plan["done"], "a dry run says what would go", plan)
    equal(os.path.getsize(db), size, "   and changes nothing")
    equal(db_json("prune", "--store", db).get("runs_to_roll_up"), plan["runs_to_roll_up"], "prune does it")
    equal(history(db), before, "history, its change points and trends are the same text")
    equal(samples(db), total, "no sample was lost or counted twice")
    check(os.path.getsize(db) < size, f"the file shrank from {size} to {os.path.getsize(db)} bytes")
    equal(db_json("prune", "--store", db).get("runs_to_roll_up"), 0, "a second prune finds nothing")
    equal(assay("db", "verify", "--store", db).returncode, 0, "   and the store is intact")


def test_copy_backup_migrate():
    d, db = make_store(20)
    to = os.path.join(d, "to.db")
    check("21 runs copied" in assay("db", "copy", db, to).stdout, "copy merges the runs")
    check("0 runs copied" in assay("db", "copy", db, to).stdout, "   and does nothing twice")
    back = os.path.join(d, "back.db")
    equal(assay("db", "backup", back, "--store", db).returncode, 0, "backup")
    r = assay("db", "backup", back, "--store", db)
    check(r.returncode == 1 and "--force" in r.stderr, "   never over a file that is there", r.stderr)
    equal(assay("db", "backup", back, "--force", "--store", db).returncode, 0, "   but with --force")
    con = sqlite3.connect(back)
    for sql in ("ALTER TABLE runs DROP COLUMN rolled_ns", "ALTER TABLE given_figures DROP COLUMN bound_from", "DROP TABLE rollups",
                "ALTER TABLE trials DROP COLUMN failed_unauthorized", "ALTER TABLE trials DROP COLUMN failed_forbidden",
                "ALTER TABLE trials DROP COLUMN failed_tool",
                "DROP TABLE triage", "ALTER TABLE comparison_rows DROP COLUMN triage", "ALTER TABLE comparisons DROP COLUMN about",
                *(f"ALTER TABLE baselines DROP COLUMN {c}" for c in ("branch", "runs_pooled", "frozen_ns", "promote")),
                "PRAGMA user_version=2"):
        con.execute(sql)
    con.commit()
    con.close()
    check("2 -> 3" in assay("db", "migrate", "--dry-run", "--store", back).stdout, "migrate --dry-run shows the steps")
    other = os.path.join(d, "other.db")
    check("21 runs copied" in assay("db", "copy", back, other).stdout, "copy takes an older store")
    equal(rows(back, "PRAGMA user_version")[0][0], 2, "   and leaves it as it was")
    equal(assay("db", "migrate", "--store", back).returncode, 0, "migrate")
    equal(rows(back, "PRAGMA user_version")[0][0], 5, "   brings it up to date")
    equal(assay("db", "nonsense").returncode, 2, "an unknown verb: exit 2")


def kill_at(rng, longest, *args):
    p = subprocess.Popen([ASSAY, "db", *args], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(rng.random() * longest)  # the moment is the subject
    p.send_signal(signal.SIGKILL)
    return p.wait() == -signal.SIGKILL


def test_kills():
    rng = random.Random(7)
    d, db = make_store(150)
    total, before, intact, hits = samples(db), history(db), True, 0
    start = time.monotonic()
    probe = os.path.join(d, "probe.db")
    shutil.copy(db, probe)
    assay("db", "prune", "--store", probe)
    longest = (time.monotonic() - start) / 4
    for _ in range(12):
        hits += kill_at(rng, longest, "prune", "--store", db)
        intact &= samples(db) == total and assay("db", "verify", "--store", db).returncode == 0
    check(intact and history(db) == before, f"prune killed {hits} times: intact, no sample lost, history the same")
    assay("db", "prune", "--store", db)
    equal(rows(db, "SELECT count(*) FROM histograms"), rows(probe, "SELECT count(*) FROM histograms"), "   and it is finished by the next")
    source, intact, hits = probe, True, 0
    to, back = os.path.join(d, "to.db"), os.path.join(d, "back.db")
    for _ in range(8):
        hits += kill_at(rng, longest / 2, "copy", source, to)
        intact &= not os.path.exists(to) or assay("db", "info", "--store", to).returncode in (0, 1)
    assay("db", "copy", source, to)
    equal(rows(to, "SELECT count(*) FROM trials"), rows(source, "SELECT count(*) FROM trials"), f"copy killed {hits} times: then complete")
    check(intact and assay("db", "verify", "--store", to).returncode == 0 and samples(to) == samples(source), "   intact, nothing twice")
    for _ in range(8):
        hits += kill_at(rng, 0.03, "backup", back, "--force", "--store", source)
        intact &= not os.path.exists(back) or assay("db", "verify", "--store", back).returncode == 0
    check(intact, "backup killed: what has the name is whole")
    equal(assay("db", "verify", "--store", source).returncode, 0, "   and so is the store")


for test in (test_info_and_verify, test_prune, test_copy_backup_migrate, test_kills):
    test()
done()
