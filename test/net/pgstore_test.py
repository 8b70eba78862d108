"""PostgreSQL as the store: equal answers, passwords, the spool, kill -9 of either side, crowds."""

import glob
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile

from netlib import ASSAY, Tap, free_port, need_assay, skip_all
from pgserver import MISSING, Postgres, installed

SUITE = """assay: 1
targets: { idle: { driver: null, delay: 1ms } }
benchmarks:
  get: { target: idle, trials: 2, warmup: 0s, duration: 100ms, load: { users: 2 } }
  cmd: { command: "true", trials: 3 }
"""


class Place:
    """A folder to work in and a store to work with."""

    def __init__(self, url, **env):
        self.dir = tempfile.mkdtemp(prefix="assay-pgstore-")
        self.url = url
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "ASSAY_STORE"))}
        self.env.update({"ASSAY_STORE": url, "XDG_STATE_HOME": "/nonexistent/state", "HOME": self.dir, **env})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.dir, ignore_errors=True)

    def start(self, *args, **env):
        return subprocess.Popen([ASSAY, *args], cwd=self.dir, env={**self.env, **env}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True)

    def assay(self, *args, **env):
        p = self.start(*args, **env)
        out, err = p.communicate(timeout=120)
        return subprocess.CompletedProcess(args, p.returncode, out, err)

    def time(self, *args, **env):
        return self.assay("time", "-n", "3", *args, "true", **env)

    def waiting(self):
        return glob.glob(self.dir + "/.assay/spool/*/*.db")

    def write(self, name, text):
        with open(os.path.join(self.dir, name), "w", encoding="utf-8") as f:
            f.write(text)
        return name

    def document(self, run, store=None):
        r = self.assay("report", run, "-f", "json", *(("--store", store) if store else ()))
        return r.stdout if r.returncode == 0 else r.stderr


def runs(pg):
    return [line.split("|") for line in pg.ask("SELECT r.id, count(t.key) FROM assay.runs r LEFT JOIN assay.cases c ON c.run = r.key "
                                               "LEFT JOIN assay.trials t ON t.case_key = c.key GROUP BY r.id ORDER BY r.id").splitlines()]


def fresh(pg):
    pg.ask("DROP SCHEMA IF EXISTS assay CASCADE")


def answer(r):
    """Without the store's name, the moment at which a baseline was set, and the number of things checked."""
    return re.sub(r"postgresql://[^\s\"]*|a\.db|\"set_at\": \"[^\"]*\"|\d+ rows", "_", r.stdout)


def equal_answers(tap, pg):
    fresh(pg)
    with Place(pg.local) as p:
        r = p.assay("run", p.write("s.yaml", SUITE))
        tap.check(r.returncode in (0, 5), "a suite's run is stored", r.stderr)
        valid = r.returncode == 0  # what is INVALID is in no roll-up
        tap.equal(p.waiting(), [], "   and leaves nothing in the spool")
        loaded = runs(pg)[0][0]
        for _ in range(3):
            p.time()
        ids = [i for i, _ in runs(pg)]
        timed = next(i for i in ids if i != loaded)  # a baseline is kept whole, and the loads are to be rolled up
        tap.check(p.assay("baseline", "set", "main", timed).returncode == 0, "a baseline")
        r = p.assay("db", "copy", pg.local, "a.db")
        tap.check("4 runs copied to a.db" in r.stdout and "1 baselines" in r.stdout, "copied to SQLite", (r.stdout, r.stderr))
        tap.equal([p.document(i, "a.db") for i in ids], [p.document(i) for i in ids], "   the documents are equal, byte for byte")
        for args in (("report", "--list"), ("history", "true", "--json", "-"), ("baseline", "list", "--json"), ("report", "@main", "-f", "json"), ("db", "rollups", "get"),
                     ("db", "verify")):
            here, there = p.assay(*args), p.assay(*args, ASSAY_STORE="a.db")
            tap.equal((here.returncode, answer(here)), (there.returncode, answer(there)), f"   {' '.join(args)}: equal answers")
        fresh(pg)
        r = p.assay("db", "copy", "a.db", pg.local)
        tap.check("4 runs copied" in r.stdout, "and back", (r.stdout, r.stderr))
        tap.equal([p.document(i) for i in ids], [p.document(i, "a.db") for i in ids], "   the documents are equal, byte for byte")
        tap.check("0 runs copied" in p.assay("db", "copy", "a.db", pg.local).stdout, "   a second copy does nothing")
        info = json.loads(p.assay("db", "info", "--json").stdout)
        tap.check(info["runs"] == 4 and info["baselines"] == 1 and info["table_bytes"].get("figures", 0) > 0, "info", info)
        r = p.assay("db", "backup", "b")
        tap.check(r.returncode == 1 and "pg_dump" in r.stderr, "backup names pg_dump", r.stderr)
        for args in (("db", "prune", "--dry-run"), ("db", "prune", "--raw", "0s", "--regressions", "0s"), ("db", "migrate"), ("db", "verify")):
            r = p.assay(*args)
            tap.equal(r.returncode, 0, f"{' '.join(args)}: {r.stderr}")
        tap.check(not valid or pg.ask("SELECT count(*) FROM assay.rollups") != "0", "   roll-ups were made")


def pruners(tap, pg):
    """Several prune at once: each sample is in one roll-up, once."""
    fresh(pg)
    with Place(pg.local) as p:
        for _ in range(4):
            p.assay("run", p.write("s.yaml", SUITE), "-q")
        pg.ask("DELETE FROM assay.reasons", "UPDATE assay.runs SET grade = 'VALID', exit_code = 0")  # of short loads: not the subject
        want = pg.ask("SELECT count(*) FROM assay.histograms")
        ps = [p.start("db", "prune", "--raw", "0s") for _ in range(6)]
        tap.equal([(w.communicate(), w.returncode)[1] for w in ps], [0] * 6, "six programs prune one store at once")
        tap.equal(pg.ask("SELECT sum(trials) FROM assay.rollups", "SELECT count(*) FROM assay.histograms"), f"{want}\n0", "   every distribution is in one roll-up, once")
        tap.equal(p.assay("db", "verify").returncode, 0, "   and the store is intact")


def secrets(tap, pg):
    fresh(pg)
    pg.ask("DROP DATABASE IF EXISTS nothing")
    loud = pg.url.replace("boss@", "boss:s3cret@")
    with Place(pg.url) as p:
        cases = (
            ("no password", {}, "PGPASSWORD"),
            ("a wrong password", {"PGPASSWORD": "s3cre7"}, "password authentication failed"),
            ("a wrong password in the URL", {"ASSAY_STORE": pg.url.replace("boss@", "boss:s3cre7@")}, "password authentication failed"),
            ("an unknown database", {"PGPASSWORD": "s3cret", "ASSAY_STORE": pg.url.replace("/postgres", "/nothing")}, "createdb"),
            ("an unknown user", {"PGPASSWORD": "s3cret", "ASSAY_STORE": pg.url.replace("boss@", "nobody@")}, "nobody"),
            ("a URL that isn't one", {"ASSAY_STORE": "postgresql://boss:s3c@ret@/x:y"}, "is no URL"),
        )
        for name, env, says in cases:
            for args in (("time", "-n", "3", "true"), ("report", "--list")):
                r = p.assay(*args, **env)
                tap.check(r.returncode == 1 and says in r.stderr and "postgresql://" in r.stderr, f"{name}: {args[0]} says what and where", (r.returncode, r.stderr))
                tap.check("s3c" not in r.stderr + r.stdout, "   and no password", r.stderr)
        tap.equal(p.waiting(), [], "what a person has to mend is not spooled")
        r = p.time(PGPASSWORD="s3cret")
        tap.check(r.returncode == 0 and "holds a password" not in r.stderr, "PGPASSWORD", r.stderr)
        p.write("pass", f"127.0.0.1:{pg.port}:*:boss:s3cret\n")
        os.chmod(p.dir + "/pass", 0o600)
        tap.equal(p.time(PGPASSFILE=p.dir + "/pass").returncode, 0, "PGPASSFILE")
        os.rename(p.dir + "/pass", p.dir + "/.pgpass")
        tap.equal(p.time().returncode, 0, "~/.pgpass")
        os.unlink(p.dir + "/.pgpass")
        r = p.time("--json", "out.json", "-v", ASSAY_STORE=loud)
        tap.check(r.returncode == 0 and r.stderr.count("holds a password") == 1, "in the URL: a warning", r.stderr)
        told = r.stdout + r.stderr
        for args in (("db", "info"), ("db", "verify"), ("db", "copy", loud, "a.db"), ("db", "copy", "a.db", loud), ("db", "backup", "x"), ("report", "nobody"),
                     ("time", "-n", "3", "-v", "true")):
            r = p.assay(*args, ASSAY_STORE=loud)
            told += r.stdout + r.stderr
        pg.stop()
        r = p.time("-v", ASSAY_STORE=loud)
        tap.check(r.returncode == 0, "and with the server down", r.stderr)
        told += r.stdout + r.stderr
        for path in glob.glob(p.dir + "/**", recursive=True, include_hidden=True):
            if os.path.isfile(path):
                with open(path, "rb") as f:
                    told += f.read().decode("latin-1")
        pg.start()
        told += pg.ask("SELECT * FROM assay.runs", "SELECT * FROM assay.cases", "SELECT * FROM assay.run_tags")
        tap.check("s3cret" not in told, "nothing printed, written or stored has it", [line for line in told.splitlines() if "s3cret" in line][:3])


def down_and_up(tap, pg):
    fresh(pg)
    with Place(pg.local) as p:
        pg.stop()
        r = p.time()
        tap.check(r.returncode == 0 and "can't be reached: connection to server" in r.stderr and ".assay/spool" in r.stderr and "db drain" in r.stderr,
                  "server down: measured all the same, and told", (r.returncode, r.stderr))
        r = p.assay("time", "-n", "3", "--json", "out.json", "false")
        tap.equal(r.returncode, 1, "   a worse exit code stays", )
        tap.equal(len(p.waiting()), 2, "   two runs wait")
        r = p.assay("report", "--list")
        tap.check(r.returncode == 1 and "2 runs wait" in r.stderr, "   reading says so as well", r.stderr)
        r = p.assay("db", "drain")
        tap.check(r.returncode == 1 and "can't be reached" in r.stderr, "   and drain", r.stderr)
        pg.start()
        r = p.assay("report", "--list")
        tap.check(r.returncode == 0 and "2 runs from the spool" in r.stderr and r.stdout.count("\n") == 2, "started: the next command drains", (r.stdout, r.stderr))
        with open(p.dir + "/out.json", encoding="utf-8") as f:
            was = json.load(f)
        tap.equal(json.loads(p.document(was["run"]["id"])), was, "   the document is the one that was written then")
        tap.equal(p.waiting(), [], "   nothing waits")
        r = p.assay("db", "drain")
        tap.check(r.returncode == 0 and "0 runs brought" in r.stdout, "   and nothing comes twice", r.stdout)


def too_slow(tap, pg):
    fresh(pg)
    with Place(pg.local, ASSAY_STORE_TIMEOUT="700ms") as p:
        tap.equal(p.time().returncode, 0, "a server with time")
        pg.signal_all(signal.SIGSTOP)
        r = p.time()
        pg.signal_all(signal.SIGCONT)
        tap.check(r.returncode == 0 and "in time" in r.stderr, "a frozen server: the run is spooled", (r.returncode, r.stderr))
        lock = subprocess.Popen(["psql", "-XAtq", "-h", pg.dir, "-p", str(pg.port), "-U", "boss", "postgres"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        lock.stdin.write("BEGIN; LOCK TABLE assay.runs IN ACCESS EXCLUSIVE MODE; SELECT 'held';\n")
        lock.stdin.flush()
        lock.stdout.readline()
        r = p.time()
        tap.check(r.returncode == 0, "a table that is kept locked: spooled", (r.returncode, r.stderr))
        lock.communicate("COMMIT;\n")
        tap.equal(p.assay("db", "drain").returncode, 0, "drained")
        tap.equal([n for _, n in runs(pg)], ["3"] * 3, "   every run is there, once and whole")


def spoiled(tap, pg):
    fresh(pg)
    with Place(pg.local) as p:
        pg.stop()
        for _ in range(4):
            p.time()
        pg.start()
        files = sorted(p.waiting())
        with open(files[0], "wb") as f:
            f.write(b"this is no database, whatever its name says\n" * 200)
        with open(files[1], "r+b") as f:
            f.truncate(9000)
        with open(files[2], "wb"):
            pass
        r = p.assay("report", "--list")
        tap.check(r.returncode == 0 and r.stdout.count("\n") == 1, "spoiled files keep nobody from the rest", (r.returncode, r.stdout, r.stderr))
        tap.equal(r.stderr.count("set aside"), 2, "   those that can't be read are named")
        tap.check(os.path.basename(files[0]) in r.stderr, "   by name", r.stderr)
        tap.equal(len(glob.glob(p.dir + "/.assay/spool/*/bad/*.db")), 2, "   and set aside; an empty one had nothing in it")
        tap.equal(p.waiting(), [], "   nothing waits")
        tap.check("set aside" not in p.assay("report", "--list").stderr, "   said once")


def fill_spool(p, pg, n):
    """n runs of the spool, by copying the file of one and giving each an id of its own."""
    pg.stop()
    p.time()
    first = p.waiting()[0]
    pg.start()
    for i in range(n - 1):
        path = os.path.join(os.path.dirname(first), f"copy-{i:03}.db")
        shutil.copy(first, path)
        con = sqlite3.connect(path)
        con.execute("UPDATE runs SET id = ?", (f"copy-{i:03}",))
        con.commit()
        con.close()


def killed_drain(tap, pg, rng):
    hits = 0
    for _ in range(3):
        fresh(pg)
        with Place(pg.local) as p:
            fill_spool(p, pg, 40)
            for _ in range(8):
                left = rng.randrange(len(p.waiting()) + 1)  # the moment is the subject
                drain = p.start("db", "drain")
                while drain.poll() is None and len(p.waiting()) > left:
                    pass
                hits += drain.poll() is None
                drain.kill()
                drain.communicate()
            came = len(runs(pg)) if p.waiting() else 40
            tap.equal(p.assay("db", "drain").returncode, 0, f"assay killed while it drains ({came} runs had come by then), and once more")
            tap.equal(sorted(n for _, n in runs(pg)), ["3"] * 40, "   each run is there once, whole")
            tap.equal(p.waiting(), [], "   nothing waits")
    tap.check(hits > 3, f"   {hits} kills hit")


def killed_server(tap, pg, rng, both):
    """Writers in a crowd while the server is killed, and with `both` some of them too."""
    fresh(pg)
    with Place(pg.local, ASSAY_STORE_TIMEOUT="5s") as p:
        done, spooled = set(), 0
        for k in range(3):
            crowd = [p.start("time", "-n", "3", "--json", f"{k}-{i}.json", "true") for i in range(12)]
            crowd[rng.randrange(8)].wait()  # others are connecting, measuring, storing
            pg.crash()
            for w in crowd[:6] if both else ():
                w.kill()
            spooled += sum("spool" in (w.communicate()[1] or "") for w in crowd)
            for path in glob.glob(f"{p.dir}/{k}-*.json"):
                if os.path.getsize(path):
                    with open(path, encoding="utf-8") as f:
                        done.add(json.load(f)["run"]["id"])
            pg.start()
        p.assay("db", "drain")
        p.assay("db", "drain")
        there = runs(pg)
        known = [n for i, n in there if i in done]
        tap.check(len(known) == len(done) and set(known) == {"3"},
                  f"PostgreSQL{' and writers' if both else ''} killed: the {len(done)} runs that ended are there, once, whole; {spooled} came by the spool", (len(done), there))
        tap.check(spooled > 0, "   some of them by the spool")
        tap.equal(p.waiting(), [], "   nothing waits")
        r = p.assay("db", "verify")
        tap.equal(r.returncode, 0, f"   the store is intact {r.stdout}")


def crowd(tap, pg):
    fresh(pg)
    for url, count in ((pg.local, lambda: [n for _, n in runs(pg)]), ("crowd.db", None)):
        with Place(url) as p:
            ps = [p.start("time", "-q", "-n", "3", f"true {i}") for i in range(32)]
            said = [w.communicate()[1] for w in ps]
            bad = [(w.returncode, text) for w, text in zip(ps, said) if w.returncode]
            tap.equal(bad, [], f"32 programs write into one {'PostgreSQL' if count else 'SQLite'} store at once")
            if not count:
                con = sqlite3.connect(p.dir + "/crowd.db")
                trials = [str(n) for (n,) in con.execute("SELECT count(*) FROM trials t JOIN cases c ON c.key = t.case_key GROUP BY c.run")]
                con.close()
            else:
                trials = count()
            tap.equal(trials, ["3"] * 32, "   every run is there, once and whole")
            tap.equal(p.waiting(), [], "   nothing waits")


def no_server(tap):
    """A first run ever, with no server there."""
    with Place(f"postgresql://me@127.0.0.1:{free_port()}/db") as p:
        r = p.time()
        tap.check(r.returncode == 0 and len(p.waiting()) == 1, "never reached: spooled", (r.returncode, r.stderr))
        r = p.time("--no-store")
        tap.equal(r.returncode, 0, "   --no-store stays what it was")


def main():
    need_assay()
    if not installed():
        skip_all(MISSING)
    tap, rng = Tap(), random.Random(11)
    with Postgres("max_connections=100") as pg:
        probe = subprocess.run([ASSAY, "report", "--list", "--store", pg.local], capture_output=True, text=True, check=False)
        if "no PostgreSQL" in probe.stderr:
            skip_all("this build has no libpq (libpq-dev)")
        equal_answers(tap, pg)
        pruners(tap, pg)
        secrets(tap, pg)
        down_and_up(tap, pg)
        too_slow(tap, pg)
        spoiled(tap, pg)
        killed_drain(tap, pg, rng)
        killed_server(tap, pg, rng, False)
        killed_server(tap, pg, rng, True)
        crowd(tap, pg)
    no_server(tap)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
