"""assay load against a real PostgreSQL."""

import collections
import json
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from netlib import ASSAY, Load, Tap, check_sound, load, need_assay, skip_all
from pgserver import MISSING, Postgres, installed


class Logged(Postgres):
    def names(self):
        """How often each prepared statement was parsed."""
        self.log.flush()
        with open(self.dir + "/log", encoding="utf-8") as f:
            return collections.Counter(re.findall(r" parse (assay_[0-9a-f]+):", f.read()))


def run(*args, seconds="300ms"):
    return load("--users", "4", "--workers", "2", "-d", seconds, "--warmup", "0s", *args)


def all_ok(tap, r, name):
    return check_sound(tap, r, name) and tap.check(r.outcomes["ok"] > 20 and r.failed() == 0, f"{name}: all are answered", (r.outcomes, r.out))


def counts(tap, pg):
    pg.ask("CREATE TABLE t (id int PRIMARY KEY, n int, note text)", "INSERT INTO t SELECT i, 0, '' FROM generate_series(1, 50) i")
    update = "UPDATE t SET n = n + 1, note = 'it''s ${string(5)}' WHERE id = ${user()} + 1"
    for args in (("--protocol", "prepared"), ("--protocol", "extended"), ("--protocol", "simple"), ("--pipeline", "10"), ("--transaction",),
                 ("--transaction", "--pipeline", "5")):
        name, times = " ".join(args), int(args[-1]) if "--pipeline" in args else 1
        pg.ask("UPDATE t SET n = 0")
        r = run(*args, "--expect-rows", "1", "--query", update, pg.local)
        if all_ok(tap, r, name):
            n, o = int(pg.ask("SELECT sum(n) FROM t")), r.outcomes
            tap.check(o["ok"] * times <= n <= (o["ok"] + o["in_flight"]) * times, f"{name}: the server counted as many ({n})", (n, o))
            told, each = r.metric("statements")["mean"], 3 if "--transaction" in args else 1
            tap.check(o["ok"] * times * each <= told <= n * each + 20, f"{name}: statements are counted one by one", (told, n))
            tap.equal(pg.ask("SELECT note ~ '^it''s [a-zA-Z0-9]{5}$' FROM t WHERE id = 1"), "t", f"{name}: a value within a constant")
    r = run("--query", "SELECT g, repeat('x', 1000) FROM generate_series(1, 200) g", "--expect-rows", "200", pg.local)
    if all_ok(tap, r, "large results"):
        tap.check(r.metric("rows")["mean"] >= 200 * r.outcomes["ok"], "large results: rows are counted", r.metric("rows"))
    with tempfile.TemporaryDirectory() as d:
        with open(d + "/rows.csv", "w", encoding="utf-8") as f:
            f.write("note\n'); DROP TABLE t; --\n\\'; DROP TABLE t; --\n")
        for protocol in ("prepared", "simple"):
            r = run("--feed", d + "/rows.csv", "--protocol", protocol, "--query", "SELECT length(${feed.note}::text) + count(*) FROM t", pg.local)
            all_ok(tap, r, f"values that look like SQL, {protocol}")
            tap.equal(pg.ask("SELECT count(*) FROM t"), "50", f"values that look like SQL, {protocol}: stay values")


def prepared(tap):
    with Logged("log_min_duration_statement=0") as pg:
        r = run("--query", "SELECT ${seq()}::int; SELECT 2", pg.local)
        if all_ok(tap, r, "preparing"):
            made = r.metric("connects").get("mean", 4)
            names = pg.names()
            tap.equal(sorted(names.values()), [made, made], "preparing: once a connection and statement")
            tap.check(all(pg.logged(f" execute {n}:") >= r.outcomes["ok"] for n in names), "preparing: and carried out by that")


def scenario(tap):
    """Several requests on one connection: each prepared once, pipelines beside single queries."""
    with Logged("log_min_duration_statement=0") as pg, tempfile.TemporaryDirectory() as d:
        with open(d + "/s.yaml", "w", encoding="utf-8") as f:
            f.write("assay: 1\ndefaults: { warmup: 0s, duration: 300ms, trials: 1 }\n"
                    f"targets: {{ db: {{ url: '{pg.local}' }} }}\nbenchmarks:\n  b:\n    target: db\n    load: {{ users: 2 }}\n    scenarios:\n"
                    "      a: { steps: [ { name: one, query: 'SELECT 1' }, { name: many, query: 'SELECT 2; SELECT 1', pipeline: 5 },\n"
                    "           { name: long, query: 'SELECT repeat(''x'', 9000), ${string(3000)}::text' }, { name: plain, query: 'SELECT 3', protocol: simple } ] }\n")
        p = subprocess.run([ASSAY, "run", d + "/s.yaml", "--no-store", "--json", d + "/r.json"], capture_output=True, text=True, timeout=60, check=False)
        if not tap.check(p.returncode == 0, "scenario: runs", p.stdout + p.stderr):
            return
        with open(d + "/r.json", encoding="utf-8") as f:
            case = json.load(f)["cases"][0]
        m = {x["name"]: x["mean"] for x in case["metrics"]}
        tap.check(case["outcomes"]["ok"] > 20 and sum(case["outcomes"]["failed"].values()) == 0, "scenario: all are answered", case["outcomes"])
        tap.equal(sorted(pg.names().values()), [m["connects"]] * 3, "scenario: three statements, each prepared once a connection")
        tap.check(all(m[f"a.{s}.requests"] > 5 for s in ("one", "many", "long", "plain")), "scenario: every step is asked", m)


def logins(tap, pg):
    os.environ["PGPASSWORD"] = "s3cret"
    all_ok(tap, run(pg.url), "login by the environment")
    del os.environ["PGPASSWORD"]
    r = run("--password", "s3cret", pg.url)
    if all_ok(tap, r, "login"):
        tap.check("s3cret" not in str(r.run) + r.out + r.err, "login: the password is nowhere told")
    r = run("--password", "wr0ng", pg.url)
    tap.check(r.code == 1 and "28P01" in r.err and "wr0ng" not in r.err, "a wrong password", (r.code, r.err))
    r = run(pg.url)
    tap.check(r.code == 1 and "asks for a password" in r.err, "no password", (r.code, r.err))
    r = run(pg.url.replace("boss@", "boss:s3cret@"))
    tap.check(r.code == 2 and "PGPASSWORD" in r.err and "s3cret" not in r.err, "a password in the URL is refused", (r.code, r.err))
    r = run("--database", "none", pg.local)
    tap.check(r.code == 1 and "3D000" in r.err, "no such database", (r.code, r.err))
    r = run("--sslmode", "require", "--password", "s3cret", pg.url)
    tap.check(r.code == 1 and "TLS" in r.err, "TLS, which the server has not", (r.code, r.err))
    r = run("postgresql://boss@[::1/x")
    tap.check(r.code == 2, "a wrong URL", (r.code, r.err))


def errors(tap, pg):
    for protocol in ("prepared", "simple"):
        r = run("--protocol", protocol, "--query", "SELECT * FROM nowhere", pg.local)
        if check_sound(tap, r, f"unknown table, {protocol}"):
            tap.check(r.outcomes["ok"] == 0 and r.failed("status") > 0 and "42P01" in r.out, f"unknown table, {protocol}: told", r.out[-2000:])
    r = run("--transaction", "--query", "UPDATE t SET n = n + 1 WHERE id = 1; SELECT 1 / 0 FROM t", pg.local)
    before = pg.ask("SELECT n FROM t WHERE id = 1")
    if check_sound(tap, r, "an error in a transaction"):
        tap.check(r.failed("status") > 20 and r.failed() == r.failed("status"), "an error in a transaction: each fails alone", r.outcomes)
        tap.equal(pg.ask("SELECT n FROM t WHERE id = 1"), before, "an error in a transaction: is rolled back")
    r = run("--query", "BEGIN ISOLATION LEVEL REPEATABLE READ; UPDATE t SET n = n + 1 WHERE id = 1; COMMIT", pg.local)
    if check_sound(tap, r, "serialization"):
        tap.check(r.outcomes["ok"] > 0 and r.metric("serialization_failures")["mean"] > 0 and "40001" in r.out, "serialization: failures are counted",
                  r.out[-2000:])


def lost(tap):
    with Postgres() as pg:
        going = Load("--users", "4", "-d", "2s", "--warmup", "0s", "--query", "SELECT pg_sleep(0.01)", pg.local)
        while going.process.poll() is None and int(pg.ask("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'assay'") or 0) < 4:
            pass
        time.sleep(0.5)
        pg.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'assay'")
        r = going.wait()
        if check_sound(tap, r, "terminated"):
            tap.check(r.outcomes["ok"] > 20 and 0 < r.failed("reset") <= 8, "terminated: each counted once, and connected again", (r.outcomes, r.out))
        going = Load("--users", "4", "-d", "2s", "--warmup", "0s", "--query", "SELECT pg_sleep(0.01)", pg.local)
        while going.process.poll() is None and int(pg.ask("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'assay'") or 0) < 4:
            pass
        time.sleep(0.5)
        pg.process.send_signal(signal.SIGKILL)
        r = going.wait()
        if check_sound(tap, r, "killed"):
            tap.check(r.outcomes["ok"] > 0 and r.failed("reset", "connect") > 0, "killed: counted as lost", r.outcomes)


def tls(tap):
    if not shutil.which("openssl"):
        tap.skip("TLS: openssl is not installed (openssl)")
        return
    with tempfile.TemporaryDirectory() as d:
        os.chmod(d, 0o755)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", d + "/key", "-out", d + "/cert", "-days", "2",
                        "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
        if os.getuid() == 0:
            os.chown(d + "/key", pwd.getpwnam("nobody").pw_uid, -1)
        with Postgres("ssl=on", f"ssl_cert_file={d}/cert", f"ssl_key_file={d}/key") as pg:
            args = ("--sslmode", "verify-full", "--password", "s3cret")
            r = run(*args, "--query", "SELECT g, repeat('x', 1000) FROM generate_series(1, 200) g", f"{pg.url}?sslrootcert={d}/cert")
            all_ok(tap, r, "TLS, large results")
            r = run(*args, f"{pg.url}?sslrootcert=/etc/ssl/certs/ca-certificates.crt")
            tap.check(r.code == 1, "TLS: a certificate of nobody is refused", (r.code, r.err))


def main():
    need_assay()
    if not installed():
        skip_all(MISSING)
    tap = Tap()
    probe = load("--users", "1", "-d", "10ms", "postgresql://127.0.0.1:1/")
    if "no PostgreSQL" in probe.err:
        skip_all("this build has no libpq (libpq-dev)")
    with Postgres() as pg:
        counts(tap, pg)
        logins(tap, pg)
        errors(tap, pg)
    prepared(tap)
    scenario(tap)
    lost(tap)
    tls(tap)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
