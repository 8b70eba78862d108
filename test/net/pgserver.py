"""A real PostgreSQL for tests: a folder of its own, a free port, not as root."""

import glob
import os
import pwd
import select
import shutil
import signal
import subprocess
import tempfile

from netlib import await_port, free_port

MISSING = "initdb, postgres and psql are not installed (postgresql)"


def installed():
    return bool(folder() and shutil.which("psql"))


def folder():
    """Where initdb and postgres are; Debian keeps them off the path."""
    found = shutil.which("postgres")
    return os.path.dirname(found) if found else max(glob.glob("/usr/lib/postgresql/*/bin"), default=None)


def as_nobody():
    """postgres refuses to run as root."""
    return {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid, "extra_groups": []} if os.getuid() == 0 else {}


class Postgres:
    """A server with a folder of its own, on a free port and a Unix socket."""

    def __init__(self, *settings):
        self.dir = tempfile.mkdtemp(prefix="assay-pg-")
        if os.getuid() == 0:
            os.chown(self.dir, pwd.getpwnam("nobody").pw_uid, -1)
        self.port = free_port()
        with open(self.dir + "/pw", "w", encoding="utf-8") as f:
            f.write("s3cret\n")
        os.chmod(self.dir + "/pw", 0o644)
        subprocess.run([folder() + "/initdb", "-D", self.dir + "/d", "-U", "boss", "-N", "--no-locale", "-E", "UTF8", "--pwfile", self.dir + "/pw",
                        "--auth-host=scram-sha-256", "--auth-local=trust"], check=True, stdout=subprocess.DEVNULL, cwd=self.dir, **as_nobody())
        self.log = open(self.dir + "/log", "w+", encoding="utf-8")
        self.given = ("listen_addresses=127.0.0.1", f"port={self.port}", f"unix_socket_directories={self.dir}", "fsync=off", "max_connections=60", *settings)
        self.url = f"postgresql://boss@127.0.0.1:{self.port}/postgres"
        self.local = f"postgresql://boss@/postgres?host={self.dir}&port={self.port}"
        self.start()

    def start(self):
        """Also again, on the same port and folder: recovery included."""
        self.process = subprocess.Popen([folder() + "/postgres", "-D", self.dir + "/d", *(x for g in self.given for x in ("-c", g))], stderr=self.log,
                                        stdout=self.log, cwd=self.dir, **as_nobody())
        await_port(self.port, self.process)
        while self.ask("SELECT 1") != "1" and self.process.poll() is None:
            pass

    def __enter__(self):
        return self

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait()

    def children(self):
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children", encoding="ascii") as f:
            return [int(pid) for pid in f.read().split()]

    def signal_all(self, sig):
        for pid in [self.process.pid, *self.children()]:
            try:
                os.kill(pid, sig)
            except ProcessLookupError:
                pass

    def crash(self):
        """kill -9 of all of it at one moment; returns when all are gone, so that it can be started again."""
        self.process.send_signal(signal.SIGSTOP)  # nothing new is forked
        gone = []
        for pid in self.children():
            try:
                gone.append(os.pidfd_open(pid))
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.kill()
        self.process.wait()
        for fd in gone:
            select.select([fd], [], [])
            os.close(fd)

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.stop()
        self.log.close()
        shutil.rmtree(self.dir, ignore_errors=True)

    def ask(self, *commands):
        """By psql, over the Unix socket."""
        argv = ["psql", "-XAtq", "-h", self.dir, "-p", str(self.port), "-U", "boss", "postgres"]
        r = subprocess.run([*argv, *(x for c in commands for x in ("-c", c))], capture_output=True, text=True, check=False)
        return (r.stdout + r.stderr).strip()

    def logged(self, word):
        self.log.flush()
        with open(self.dir + "/log", encoding="utf-8") as f:
            return sum(word in line for line in f)
