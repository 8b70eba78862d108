"""What the end-to-end tests share: TAP, servers that are stopped by pid, one run of assay."""

import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

ASSAY = os.environ.get("ASSAY", "build/assay")
TESTSERVER = os.environ.get("ASSAY_TESTSERVER", "build/test/testserver")
CLASSES = ("connect", "reset", "tls", "protocol", "unauthorized", "forbidden", "status", "check", "tool")


class Tap:
    """Counts checks; each says what it saw when it fails."""

    def __init__(self):
        self.count = self.failed = 0

    def check(self, held, text, saw=None):
        self.count += 1
        self.failed += not held
        print(f"{'ok' if held else 'not ok'} {self.count} - {text}")
        if not held and saw is not None:
            print("\n".join("# " + line for line in str(saw).splitlines()[:40]))
        sys.stdout.flush()
        return held

    def equal(self, got, want, text):
        return self.check(got == want, text, f"got {got!r}, want {want!r}")

    def near(self, got, want, tolerance, text):
        held = got is not None and abs(got - want) <= tolerance
        return self.check(held, text, f"got {got!r}, want {want!r} within {tolerance!r}")

    def skip(self, text):
        self.count += 1
        print(f"ok {self.count} # SKIP {text}", flush=True)

    def done(self):
        print(f"1..{self.count}")
        return 1 if self.failed else 0


def skip_all(why):
    print(f"1..0 # SKIP {why}")
    sys.exit(0)


def need_assay():
    if not os.access(ASSAY, os.X_OK):
        skip_all(f"no program at {ASSAY}: build it first")
    helped = subprocess.run([ASSAY, "load", "--help"], capture_output=True, timeout=20)
    if helped.returncode != 0:
        skip_all("this build has no 'assay load'")


class TestServer:
    """The program testserver in its own process."""

    def __init__(self, port=0, seed=1):
        self.process = subprocess.Popen([TESTSERVER, str(port), str(seed)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def url(self, target):
        return f"http://127.0.0.1:{self.port}{target}"

    def control(self, target):
        with urllib.request.urlopen(self.url(target), timeout=10) as reply:
            return json.load(reply)

    def route(self, target):
        """Counts of one target; zeros when it was never requested."""
        for route in self.control("/stats")["routes"]:
            if route["target"] == target:
                return route
        return {"received": 0, "finished": 0, "aborted": 0, "kinds": {}}

    def await_replies(self, target, within=20):
        """Wait until the target gave some replies."""
        until = time.monotonic() + within
        while time.monotonic() < until:
            if self.route(target)["finished"] >= 20:
                return True
        return False


NGINX_CONF = """
daemon off; master_process off; pid {dir}/nginx.pid; error_log {dir}/error.log warn;
events {{ worker_connections 2048; }}
http {{
  access_log {dir}/access.log;
  client_body_temp_path {dir}/body; proxy_temp_path {dir}/proxy; fastcgi_temp_path {dir}/fcgi;
  uwsgi_temp_path {dir}/uwsgi; scgi_temp_path {dir}/scgi;
  keepalive_requests 1000000;
  server {{
    listen 127.0.0.1:{port};
    location = / {{ return 200 "hello, world\\n"; }}
    location = /missing {{ return 404 "no\\n"; }}
    location /files/ {{ alias {dir}/files/; }}
  }}
}}
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def await_port(port, process, within=10):
    until = time.monotonic() + within
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"nothing listens on port {port}")


class Server:
    """What a server of a test's own leaves: its process, and its folder if it has one. For `with`."""

    process = dir = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        if self.dir:
            shutil.rmtree(self.dir, ignore_errors=True)


class Nginx:
    """A real server with its own configuration below a temporary folder."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="assay-nginx-")
        self.port = free_port()
        os.mkdir(self.dir + "/files")
        conf = self.dir + "/nginx.conf"
        with open(conf, "w", encoding="utf-8") as f:
            f.write(self.configuration())
        self.process = subprocess.Popen([nginx_path(), "-p", self.dir, "-c", conf],
                                        stderr=subprocess.DEVNULL)
        await_port(self.port, self.process)

    def configuration(self):
        return NGINX_CONF.format(dir=self.dir, port=self.port)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.dir, ignore_errors=True)

    def stop(self):
        """Orderly, so that the access log is complete."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def logged(self, path):
        """Requests for the path that nginx answered (or began to)."""
        with open(self.dir + "/access.log", encoding="utf-8") as log:
            return sum(f'"GET {path} ' in line for line in log)


def nginx_path():
    return shutil.which("nginx") or ("/usr/sbin/nginx" if os.path.exists("/usr/sbin/nginx") else None)


class Load:
    """One run of `assay load`, or another command, in the background so that a test can meddle with the server."""

    def __init__(self, *args, limit=60, command="load", before=(), whole=True, env=None):
        """`before`: a program that runs it, with its arguments; not `whole`: that one is given the
        rest and the JSON's path, and calls assay itself."""
        self.limit = limit
        self.dir = tempfile.mkdtemp(prefix="assay-net-")
        self.json_path = self.dir + "/run.json"
        own = [ASSAY, command, *args, "--json", self.json_path, "--no-store"] if whole else [*args, self.json_path]
        self.argv = [*before, *own]
        self.process = subprocess.Popen(self.argv, cwd=self.dir, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, env=env)
        self.hung = False

    def wait(self):
        """Bounded: a hang is an answer too (self.hung). Fills code, out, err, run."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        try:
            self.out, self.err = self.process.communicate(timeout=self.limit)
        except subprocess.TimeoutExpired:
            self.hung = True
            self.process.kill()
            self.out, self.err = self.process.communicate()
        after = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        self.rss_peak_kib = after if after > before else 0  # 0: not above an earlier child's
        self.code = self.process.returncode
        self.run = None
        if os.path.exists(self.json_path):
            with open(self.json_path, encoding="utf-8") as f:
                self.run = json.load(f)
        shutil.rmtree(self.dir, ignore_errors=True)
        return self

    @property
    def case(self):
        return self.run["cases"][0]

    @property
    def outcomes(self):
        return self.case["outcomes"]

    def metric(self, name):
        for m in self.case["metrics"]:
            if m["name"] == name:
                return m
        return {}

    def failed(self, *classes):
        """Failures of these classes, or of all."""
        return sum(self.outcomes["failed"].get(c, 0) for c in classes or CLASSES)

    def sent(self):
        """Operations that reached a connection."""
        o = self.outcomes
        return o["scheduled"] - o["shed"] - o["dropped"] - self.failed("connect")


def load(*args, limit=60):
    return Load(*args, limit=limit).wait()


def check_sound(tap, run, name):
    """What holds for every run that measured something. False when there is nothing to look at."""
    if not tap.check(not run.hung, f"{name}: ends by itself", f"killed after {run.limit} s"):
        return False
    if not tap.check(run.code in (0, 5) and run.run is not None, f"{name}: exit code and JSON",
                     f"{' '.join(run.argv)}\ncode {run.code}\n{run.err}"):
        return False
    o = run.outcomes
    total = (o["ok"] + sum(o["failed"].values()) + o["timed_out"] + o["shed"] + o["dropped"]
             + o["in_flight"])
    tap.equal(run.run.get("schema"), "assay.run/1", f"{name}: schema")
    tap.equal(total, o["scheduled"], f"{name}: every scheduled operation has one outcome")
    tap.equal(run.run["exit_code"], run.code, f"{name}: the code in the JSON is the code given")
    tap.equal(run.code == 5, run.run["validity"]["grade"] == "INVALID",
              f"{name}: 5 means INVALID {run.run['validity']}")
    tap.check(all(c in CLASSES for c in o["failed"]), f"{name}: known classes", o["failed"])
    for m in run.case["metrics"]:
        if m.get("p50") is not None and m.get("p99") is not None:
            tap.check(m["min"] <= m["p50"] <= m["p90"] <= m["p99"] <= m["p999"] <= m["max"],
                      f"{name}: {m['name']} rises from min to max", m)
    return True
