"""What happens to results when the world is unkind: kill -9, a full disk, read-only folders, newer stores, garbage."""
import os
import random
import signal
import sqlite3
import subprocess
import time

from tap import ASSAY, assay, check, done, equal, scratch, skip, write


def trials_in(db):
    """Trials in a store, read by SQLite itself after its recovery; checks integrity on the way."""
    con = sqlite3.connect(db)
    try:
        ok = con.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        n = con.execute("SELECT count(*) FROM trials").fetchone()[0]
        orphans = con.execute("PRAGMA foreign_key_check").fetchall()
    finally:
        con.close()
    return ok and not orphans, n


def wait_until(condition, process):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        if condition():
            return True
    return condition()


def has_trials(db):
    try:
        return os.path.exists(db) and trials_in(db)[1] > 0
    except sqlite3.Error:
        return False


def test_kill():
    rng = random.Random(4)
    for k in range(6):
        d = scratch()
        db = os.path.join(d, ".assay/assay.db")
        p = subprocess.Popen([ASSAY, "time", "-q", "-n", "100000", "--max-runs", "100000", "sleep 0.001"], cwd=d,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        check(wait_until(lambda: has_trials(db), p), "trials are stored while the run goes on")
        before = trials_in(db)[1]
        target = before + rng.randrange(1, 40)
        wait_until(lambda: trials_in(db)[1] >= target, p)
        p.send_signal(signal.SIGKILL)
        p.wait()
        clean, n = trials_in(db)
        check(clean and n >= target, f"killed at trial {target}: the store is clean and holds {n}")
        r = assay("report", "latest", "-f", "json", cwd=d)
        equal(r.returncode, 0, "   and the cut-off run can be reported", r.stderr)


def test_full_disk():
    d = scratch()
    small = os.path.join(d, "small")
    os.mkdir(small)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", small], capture_output=True)
    if mounted.returncode != 0:
        skip("a full disk needs a small tmpfs: mount is not permitted here")
        return
    try:
        store = os.path.join(small, "a.db")
        r = assay("time", "-n", "3000", "--store", store, "--json", os.path.join(d, "out.json"), "true", cwd=d)
        equal(r.returncode, 1, "a store on a full disk: exit code 1", r.stderr)
        check("No space left" in r.stderr or "full" in r.stderr, "   the error says so", r.stderr)
        check(os.path.getsize(os.path.join(d, "out.json")) > 1000, "   what was measured is still reported elsewhere")
        r = assay("time", "-n", "5", "--no-store", "--json", os.path.join(small, "out.json"), "true", cwd=d)
        equal(r.returncode, 1, "a report on a full disk: exit code 1", r.stderr)
    finally:
        subprocess.run(["umount", small], check=True)


def test_read_only():
    d = scratch()
    ro = os.path.join(d, "ro")
    os.mkdir(ro)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", ro], capture_output=True).returncode != 0:
        skip("a read-only folder needs a mount, since root may write anywhere")
        return
    try:
        r = assay("time", "true", cwd=ro)
        equal(r.returncode, 1, "a read-only folder: exit code 1 before anything is measured", r.stderr)
        check("--store" in r.stderr and "--no-store" in r.stderr, "   with the cures", r.stderr)
        equal(assay("time", "-n", "3", "--no-store", "true", cwd=ro).returncode, 0, "   of which one is tried")
    finally:
        subprocess.run(["umount", ro], check=True)


def test_newer():
    d = scratch()
    equal(assay("time", "-n", "3", "true", cwd=d).returncode, 0, "a store of today")
    db = os.path.join(d, ".assay/assay.db")
    con = sqlite3.connect(db)
    version = con.execute("PRAGMA user_version").fetchone()[0]
    check(version > 0, f"   states its schema ({version})")
    con.execute("PRAGMA user_version = 999")
    con.commit()
    con.close()
    before = open(db, "rb").read()
    for args in (("time", "-n", "3", "true"), ("report",), ("baseline", "list"), ("check",)):
        r = assay(*args, cwd=d)
        equal(r.returncode, 1, f"assay {args[0]}: a store written by a newer version is refused", r.stderr)
        check("newer" in r.stderr and "999" in r.stderr, "   and says so", r.stderr)
    check(open(db, "rb").read() == before, "   and is left as it was")


def test_garbage():
    d = scratch()
    bad = write(d, "bad.db", "this is no database, whatever its name says\n" * 100)
    r = assay("time", "-n", "3", "--store", bad, "true", cwd=d)
    equal(r.returncode, 1, "a file that is no store is refused", r.stderr)
    check("bad.db" in r.stderr, "   by name", r.stderr)
    equal(assay("report", "--store", os.path.join(d, "none.db")).returncode, 1, "a store that isn't there")
    check(not os.path.exists(os.path.join(d, "none.db")), "   is not made by reading")
    for text in ("", "{", "[]", '{"schema":"assay.run/2"}', '{"schema":"assay.run/1","cases":[{}]}', "\0\1\2"):
        path = write(d, "in.json", text)
        r = assay("compare", path, path)
        check(r.returncode == 2 and r.stderr, f"a result file like {text[:30]!r} is refused", r.returncode, r.stderr)


def test_many_writers():
    d = scratch()
    ps = [subprocess.Popen([ASSAY, "time", "-q", "-n", "30", "true"], cwd=d, stdout=subprocess.DEVNULL,
                           stderr=subprocess.PIPE, text=True) for _ in range(8)]
    codes = [(p.communicate()[1], p.returncode)[1] for p in ps]
    equal(codes, [0] * 8, "eight runs write into one store at once")
    clean, n = trials_in(os.path.join(d, ".assay/assay.db"))
    check(clean and n == 8 * 30, f"   and all {n} trials are there")


for test in (test_kill, test_full_disk, test_read_only, test_newer, test_garbage, test_many_writers):
    test()
done()
