"""The load generators that assay is held against, and what the benches share: one nginx worker, runs of a peer
with its CPU time and memory, ratios with an interval. A peer that is not installed is skipped, loudly, with the
command that would bring it. Not a program: see load-vs-peers, load-freeze, load-pacing, load-memory."""
import json
import math
import os
import random
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.abspath(next((a for a in sys.argv[1:] if not a.startswith("-")), os.path.join(HERE, "..", "build")))
ASSAY = os.path.join(BUILD, "assay")
CORES = os.cpu_count() or 1
PEER_PATH = os.pathsep.join([os.environ.get("PATH", ""), os.path.expanduser("~/go/bin"),
                             os.path.expanduser("~/.cargo/bin")])

K6_SCRIPT = """import http from "k6/http";
const rate = +__ENV.RATE, users = +__ENV.USERS, time = __ENV.TIME + "s";
export const options = { scenarios: { all: rate
  ? { executor: "constant-arrival-rate", rate: rate, duration: time, preAllocatedVUs: users, maxVUs: users }
  : { executor: "constant-vus", vus: users, duration: time } },
  summaryTrendStats: ["avg", "p(50)", "p(90)", "p(99)", "max"] };
export default function () { http.get(__ENV.URL); }
"""
LOCUST_FILE = """import os
from locust import FastHttpUser, constant_throughput, task
class User(FastHttpUser):
    if float(os.environ["RATE"]):
        wait_time = constant_throughput(float(os.environ["RATE"]) / int(os.environ["USERS"]))
    @task
    def page(self):
        self.client.get(os.environ["URL"])
"""


class Job:
    """What one run is asked for. rate 0: closed, `users` connections; else open, at most that many."""

    def __init__(self, url, users, seconds, rate=0):
        self.url, self.users, self.seconds, self.rate = url, users, seconds, rate
        self.dir = tempfile.mkdtemp(prefix="bench-")
        self.out = ""  # what the run printed
        for name, text in (("k6.js", K6_SCRIPT), ("locustfile.py", LOCUST_FILE), ("target", f"GET {url}\n")):
            with open(self.file(name), "w") as f:
                f.write(text)

    def file(self, name):
        return os.path.join(self.dir, name)

    def json(self, name):
        with open(self.file(name)) as f:
            return json.load(f)

    def found(self, pattern, text=None):
        m = re.search(pattern, self.out if text is None else text, re.M)
        return m.group(1) if m else None

    def number(self, pattern):
        return float(self.found(pattern) or "nan")


def times(mean, p90, p99, top, unit=1.0):
    """Latency in seconds; NaN where the peer does not say."""
    return {k: v * unit for k, v in (("mean", mean), ("p90", p90), ("p99", p99), ("max", top))}


# ---- one pair of functions per peer: the command of a job, and (requests, latency) of its result ----

def assay_command(j):
    load = ["-r", str(j.rate)] if j.rate else []
    return [ASSAY, "load", "-q", "--no-store", "--workers", "1", "--warmup", "0s", "-c", str(j.users), "-d",
            f"{j.seconds}s", *load, "--json", j.file("out.json"), j.url]


def assay_result(j):
    case = j.json("out.json")["cases"][0]
    m = {m["name"]: m for m in case["metrics"]}
    t = m["latency"]
    return m["status_2xx"]["mean"], times(t["mean"], t["p90"], t["p99"], t["max"], 1e-9)


def wrk_command(j):
    return ["wrk", "-t1", f"-c{j.users}", f"-d{j.seconds}s", "--timeout", "60s", "--latency", j.url]


def wrk_time(text):
    m = re.match(r"([\d.]+)(us|ms|s|m)$", text or "")
    return float(m.group(1)) * {"us": 1e-6, "ms": 1e-3, "s": 1, "m": 60}[m.group(2)] if m else math.nan


def wrk_result(j):
    top = j.found(r"Latency +\S+ +\S+ +(\S+)")
    return (j.number(r"^ *(\d+) requests in"),
            times(*map(wrk_time, (j.found(r"Latency +(\S+)"), j.found(r"90% +(\S+)"), j.found(r"99% +(\S+)"), top))))


def ab_command(j):
    return ["ab", "-q", "-k", "-s", "60", "-c", str(j.users), "-t", str(j.seconds), "-n",
            str(j.seconds * 200000), j.url]  # ab keeps a record of each


def ab_result(j):
    return (j.number(r"Complete requests: +(\d+)"),
            times(j.number(r"Time per request: +([\d.]+) \[ms\] \(mean\)$"), j.number(r"90% +(\d+)"),
                  j.number(r"99% +(\d+)"), j.number(r"100% +(\d+)"), 1e-3))


def hey_command(j):
    q = ["-q", str(j.rate / j.users)] if j.rate else []
    return ["hey", "-t", "60", "-z", f"{j.seconds}s", "-c", str(j.users), "-cpus", "1", *q, j.url]


def hey_result(j):
    return (j.number(r"\[200\]\t(\d+) responses"),
            times(j.number(r"Average:\t([\d.]+)"), j.number(r"90% in ([\d.]+)"), j.number(r"99% in ([\d.]+)"),
                  j.number(r"Slowest:\t([\d.]+)")))


def h2load_command(j):
    return ["h2load", "--h1", "-t1", "-c", str(j.users), "-D", str(j.seconds), "--warm-up-time=0", j.url]


def h2load_result(j):
    row = (j.found(r"time for request: +(.*)") or "").split() + [None] * 3
    return j.number(r"requests: \d+ total, \d+ started, (\d+) done"), times(
        wrk_time(row[2]), math.nan, math.nan, wrk_time(row[1]))


def k6_command(j):
    given = {"URL": j.url, "USERS": j.users, "TIME": j.seconds, "RATE": j.rate}
    env = [x for k, v in given.items() for x in ("-e", f"{k}={v}")]
    return ["k6", "run", "--no-usage-report", "-q", "--summary-export", j.file("out.json"), *env, j.file("k6.js")]


def k6_result(j):
    m = j.json("out.json")["metrics"]
    t = m["http_req_duration"]
    return m["http_reqs"]["count"], times(t["avg"], t["p(90)"], t["p(99)"], t["max"], 1e-3)


def vegeta_command(j):
    most = [] if j.rate else ["-max-workers", str(j.users)]  # at a rate it starts as many as wait
    return ["vegeta", "attack", "-timeout", "60s", "-rate", str(j.rate), *most, "-duration", f"{j.seconds}s", "-targets",
            j.file("target"), "-output", j.file("out.bin")]


def vegeta_result(j):
    r = json.loads(subprocess.run([path_of("vegeta"), "report", "-type", "json", j.file("out.bin")],
                                  capture_output=True, check=True).stdout)
    t = r["latencies"]
    return r["status_codes"].get("200", 0), times(t["mean"], t["90th"], t["99th"], t["max"], 1e-9)


def oha_command(j):
    q = ["-q", str(j.rate), "--latency-correction"] if j.rate else []
    return ["oha", "--no-tui", "--output-format", "json", "-c", str(j.users), "-z", f"{j.seconds}s", *q, j.url]


def oha_result(j):
    r = json.loads(j.out)
    p, s = r["latencyPercentiles"], r["summary"]
    return r["statusCodeDistribution"].get("200", 0), times(s["average"], p["p90"], p["p99"], s["slowest"])


def locust_command(j):
    return ["env", f"URL={j.url}", f"USERS={j.users}", f"RATE={j.rate}", path_of("locust"), "--headless", "-f",
            j.file("locustfile.py"), "-u", str(j.users), "-r", str(j.users), "-t", f"{j.seconds}s", "--stop-timeout",
            "10", "-H", j.url, "--csv", j.file("out"), "--only-summary"]


def locust_result(j):
    with open(j.file("out_stats.csv")) as f:
        rows = [line.rstrip("\n").split(",") for line in f]
    r = dict(zip(rows[0], (v.replace("N/A", "nan") for v in rows[-1])))
    return float(r["Request Count"]), times(*(float(r[k]) for k in (
        "Average Response Time", "90%", "99%", "Max Response Time")), 1e-3)


# name: (command, result, can keep a rate, what would bring it)
PEERS = {
    "assay": (assay_command, assay_result, True, "make"),
    "wrk": (wrk_command, wrk_result, False, "apt-get install wrk"),
    "ab": (ab_command, ab_result, False, "apt-get install apache2-utils"),
    "h2load": (h2load_command, h2load_result, False, "apt-get install nghttp2-client"),
    "hey": (hey_command, hey_result, True, "apt-get install hey"),
    "vegeta": (vegeta_command, vegeta_result, True, "go install github.com/tsenart/vegeta/v12@latest"),
    "k6": (k6_command, k6_result, True, "go install go.k6.io/k6@latest"),
    "oha": (oha_command, oha_result, True, "cargo install oha"),
    "locust": (locust_command, locust_result, True, "apt-get install python3-locust"),
}


def path_of(program):
    return program if os.path.isabs(program) else shutil.which(program, path=PEER_PATH)


def present(names):
    """Those of names that can run; says of each other one what would bring it."""
    have = []
    for n in names:
        if n == "assay" and os.access(ASSAY, os.X_OK) or n != "assay" and path_of(n):
            have.append(n)
        else:
            print(f"SKIPPED {n}: not installed; {PEERS[n][3]}", file=sys.stderr)
    return have


def watch(child):
    """Wait for a child: its rusage, and its peak memory in KiB. ru_maxrss won't do: it inherits the parent's size."""
    peak = 0
    while True:
        pid, _, usage = os.wait4(child.pid, os.WNOHANG)
        if pid:
            child.returncode = 0  # waited for
            return usage, peak
        try:
            with open(f"/proc/{child.pid}/status") as f:
                peak = max([peak, *(int(line.split()[1]) for line in f if line.startswith("VmHWM"))])
        except OSError:
            pass
        time.sleep(0.02)


class Run:
    """One run of a peer: requests, latency, CPU seconds (user, system) and peak memory of its processes.
    `see`, a dict, receives assay's metrics by name."""

    def __init__(self, name, job, prefix=(), see=None):
        command, result = PEERS[name][:2]
        argv = command(job)
        argv[0] = path_of(argv[0])
        with open(job.file("stdout"), "w+") as out:
            child = subprocess.Popen([*prefix, *pinned(1), *argv], stdout=out, stderr=subprocess.DEVNULL)
            usage, self.rss_kib = watch(child)
            out.seek(0)
            job.out = out.read()
        self.user, self.system = usage.ru_utime, usage.ru_stime
        self.requests, self.latency = result(job)
        if name == "assay" and see is not None:  # the bench wants more of assay's own metrics
            see.update({m["name"]: m for m in job.json("out.json")["cases"][0]["metrics"]})
        shutil.rmtree(job.dir)

    def cpu_us(self):
        return (self.user + self.system) / self.requests * 1e6 if self.requests else math.nan

    def user_us(self):
        return self.user / self.requests * 1e6 if self.requests else math.nan


def pinned(core):
    """Server and client each on a core of their own, where there are two."""
    return ["taskset", "-c", str(core)] if CORES >= 2 and shutil.which("taskset") else []


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def await_port(port, server, name):
    """Wait until the server, a child, accepts."""
    until = time.monotonic() + 10
    while time.monotonic() < until and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise SystemExit(f"{name} did not start")


def timed(argv):
    """Run it on the client's core: CPU seconds and what it printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    out = subprocess.run([*pinned(1), *argv], capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, out.stdout


class Nginx:
    """One worker that answers 13 bytes. Several addresses, for more connections than one has ports."""

    def __init__(self, addresses=("127.0.0.1",)):
        if not shutil.which("nginx", path=PEER_PATH + ":/usr/sbin"):
            print("SKIPPED: nginx is not installed; apt-get install nginx-light", file=sys.stderr)
            sys.exit(77)
        self.port = free_port()
        self.dir = tempfile.mkdtemp(prefix="bench-nginx-")
        listen = " ".join(f"listen {a}:{self.port} backlog=4096;" for a in addresses)
        temps = " ".join(f"{k}_temp_path {self.dir}/{k};" for k in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        with open(f"{self.dir}/conf", "w") as f:
            f.write(f"""daemon off; master_process off; worker_processes 1; pid {self.dir}/pid;
error_log {self.dir}/error.log; worker_rlimit_nofile {files}; events {{ worker_connections {min(files, 65000)}; }}
http {{ access_log off; keepalive_requests 1000000000; keepalive_timeout 3600; {temps}
server {{ {listen} location / {{ return 200 "Hello, World!"; }} }} }}""")
        self.child = subprocess.Popen([*pinned(0), "nginx", "-p", self.dir, "-c", f"{self.dir}/conf"],
                                      env={**os.environ, "PATH": PEER_PATH + ":/usr/sbin"}, stderr=subprocess.DEVNULL)
        self.url = f"http://127.0.0.1:{self.port}/"
        await_port(self.port, self.child, "nginx")

    def freeze(self, on):
        self.child.send_signal(signal.SIGSTOP if on else signal.SIGCONT)

    def stop(self):
        self.freeze(False)
        self.child.terminate()
        self.child.wait()
        shutil.rmtree(self.dir)


def ratio_interval(ratios):
    """Median of ratios and the exact sign-test interval of at least 95 % (all of them when n < 6)."""
    r = sorted(ratios)
    n, k, below, term = len(r), 0, 0.0, 1.0
    while 2 * (below + term) / 2**n <= 0.05:
        below, k = below + term, k + 1
        term = term * (n - k + 1) / k
    mid = r[n // 2] if n % 2 else math.sqrt(r[n // 2 - 1] * r[n // 2])
    k = max(k, 1)
    return mid, r[k - 1], r[n - k]


def shuffled(names, rng=random.Random(1)):
    names = list(names)
    rng.shuffle(names)
    return names
