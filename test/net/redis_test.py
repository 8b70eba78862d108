"""assay load against a real Redis."""

import shutil
import signal
import socket
import subprocess
import sys
import tempfile

from netlib import Load, Server, Tap, await_port, check_sound, free_port, load, need_assay, skip_all


class Redis(Server):
    """redis-server on a free port and a Unix socket, with a folder of its own."""

    def __init__(self, *args):
        self.dir = tempfile.mkdtemp(prefix="assay-redis-")
        self.port = free_port()
        self.process = subprocess.Popen(["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
                                         "--dir", self.dir, "--unixsocket", self.dir + "/s", *args], stdout=subprocess.DEVNULL)
        await_port(self.port, self.process)
        self.url = f"redis://127.0.0.1:{self.port}/"

    def ask(self, command, *first):
        """One command by hand, over a socket of our own."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as s:
            s.sendall("".join(c + "\r\n" for c in (*first, command)).encode())
            f = s.makefile("rb")
            for _ in first:
                f.readline()
            line = f.readline().decode().strip()
            return f.read(int(line[1:])).decode() if line.startswith("$") and line != "$-1" else line


def run(*args, seconds="300ms"):
    return load("--users", "4", "--workers", "2", "-d", seconds, "--warmup", "0s", *args)


def all_ok(tap, r, name):
    return check_sound(tap, r, name) and tap.check(r.outcomes["ok"] > 20 and r.failed() == 0, f"{name}: all are answered", r.outcomes)


def counts(tap):
    with Redis() as redis:
        for pipeline in (1, 10):
            name = f"INCR, {pipeline} at once"
            redis.ask("DEL n")
            r = run("--command", "INCR n", "--pipeline", str(pipeline), redis.url)
            if all_ok(tap, r, name):
                n, o = int(redis.ask("GET n")), r.outcomes
                tap.check(o["ok"] * pipeline <= n <= (o["ok"] + o["in_flight"]) * pipeline, f"{name}: the server counted as many", (n, o))
                told = r.metric("commands")["mean"]
                tap.check(o["ok"] * pipeline <= told <= n, f"{name}: commands are counted one by one", (told, n))
        r = run("--resp", "3", "--command", "SET 'key ${uniform(1,50)}' ${string(10)}", redis.url + "3")
        if all_ok(tap, r, "SET, RESP 3"):
            tap.equal(redis.ask("DBSIZE", "SELECT 3"), ":50", "SET, RESP 3: fifty keys in the database asked for")
            tap.check(len(redis.ask('GET "key 7"', "SELECT 3")) == 10, "SET, RESP 3: of ten characters", redis.ask('GET "key 7"', "SELECT 3"))
        all_ok(tap, run("--connect-to", f"unix:{redis.dir}/s", redis.url), "a Unix socket")
        redis.ask("RPUSH list a")
        r = run("--command", "INCR list", redis.url)
        if check_sound(tap, r, "a wrong type"):
            tap.check(r.outcomes["ok"] == 0 and r.failed("status") > 0 and "WRONGTYPE" in r.out, "a wrong type: told by its word", r.out[-2000:])


def logins(tap):
    with Redis("--requirepass", "s3cret") as redis:
        for args, name in ((("--password", "s3cret"), "RESP 2"), (("--password", "s3cret", "--resp", "3"), "RESP 3")):
            r = run(*args, redis.url)
            if all_ok(tap, r, "login, " + name):
                tap.check("s3cret" not in str(r.run) + r.out + r.err, f"login, {name}: the password is nowhere told")
        r = run("--password", "wrong", redis.url)
        tap.check(r.code == 1 and "WRONGPASS" in r.err, "a wrong password", (r.code, r.err))
        r = run("--command", "GET x", redis.url)
        if check_sound(tap, r, "no password"):
            tap.check(r.outcomes["ok"] == 0 and "NOAUTH" in r.out, "no password: told", r.out[-2000:])


def tls(tap):
    if not shutil.which("openssl"):
        tap.skip("rediss: openssl is not installed (openssl)")
        return
    with tempfile.TemporaryDirectory() as d:
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", d + "/key", "-out", d + "/cert", "-days", "2",
                        "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
        port = free_port()
        with Redis("--tls-port", str(port), "--tls-cert-file", d + "/cert", "--tls-key-file", d + "/key", "--tls-ca-cert-file", d + "/cert",
                   "--tls-auth-clients", "no") as redis:
            r = run("--tls-ca", d + "/cert", "--command", "INCR n", "--pipeline", "4", f"rediss://127.0.0.1:{port}/")
            if all_ok(tap, r, "rediss"):
                n, o = int(redis.ask("GET n")), r.outcomes
                tap.check(o["ok"] * 4 <= n <= (o["ok"] + o["in_flight"]) * 4, "rediss: the server counted as many", (n, o))
                tap.check(r.metric("tls_time").get("count", 0) >= 4, "rediss: handshakes are timed", r.metric("tls_time"))
            r = run(f"rediss://127.0.0.1:{port}/")
            tap.check(r.code == 1 and "not trusted" in r.err, "rediss: a certificate of nobody is refused", (r.code, r.err))


def killed(tap):
    with Redis() as redis:
        going = Load("--users", "4", "-d", "2s", "--warmup", "0s", "--command", "INCR n", redis.url)
        while going.process.poll() is None and redis.ask("GET n") == "$-1":
            pass
        redis.process.send_signal(signal.SIGKILL)
        r = going.wait()
        if check_sound(tap, r, "killed"):
            tap.check(r.outcomes["ok"] > 0 and r.failed("reset", "connect") > 0, "killed: counted as lost", r.outcomes)


def main():
    need_assay()
    if not shutil.which("redis-server"):
        skip_all("redis-server is not installed (redis-server)")
    tap = Tap()
    counts(tap)
    logins(tap)
    tls(tap)
    killed(tap)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
