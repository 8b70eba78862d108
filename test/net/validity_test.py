"""Each reason why a load's figures deserve less trust, really caused; and none where there is none."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

from netlib import ASSAY, TESTSERVER, Load, Nginx, Server, Tap, TestServer, check_sound, load, need_assay, nginx_path

FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"
# What this host's other programs do to any load, and what there is to say of the target.
OF_THE_HOST = {"foreign-load", "steal", "sampler-starved", "bottleneck", "run-queue"}


def reasons(r):
    return {reason["code"]: reason for reason in r.case["validity"]["reasons"]}


def expect(tap, r, name, code, *words, grade="SUSPECT"):
    """The reason is there, as grave as it is, and its text says the cause and the cure."""
    if not check_sound(tap, r, name):
        return
    got = reasons(r).get(code)
    if not tap.check(got is not None, f"{name}: {code}", reasons(r)):
        return
    tap.check(all(word in got["text"] for word in words), f"   it says {', '.join(words)}", got["text"])
    tap.check(r.case["validity"]["grade"] in (grade, "INVALID"), f"   the case is {grade}, or worse for another reason", r.case["validity"])
    tap.check(got["text"][:40] in " ".join(r.out.split()), "   and people are told", r.out)


def works(*argv):
    return shutil.which(argv[0]) is not None and subprocess.run(argv, capture_output=True, check=False).returncode == 0


def sound(tap, server):
    r = load("-r", "200", "-c", "4", "-d", "1s", "--warmup", "100ms", server.url("/constant?a=1ms"))
    if check_sound(tap, r, "a sound load"):
        tap.check(set(reasons(r)) <= OF_THE_HOST, "   has no reason of its own", reasons(r))


def target(tap, server):
    """What the target does, or doesn't."""
    slow = server.url("/constant?a=50ms")
    r = load("-r", "60", "-c", "1", "-d", "500ms", "--warmup", "0s", slow)
    expect(tap, r, "a slow target", "rate-not-met", "did not keep up", "more connections")
    expect(tap, r, "a slow target", "late-sends", "waited for a free connection", "more connections")
    r = load("-r", "200", "-c", "1", "-d", "500ms", "--warmup", "0s", "--overload", "drop", slow)
    expect(tap, r, "too few connections, dropped", "dropped", "never sent", "more connections", grade="INVALID")
    r = load("-r", "200", "-c", "1", "-d", "1s", "--warmup", "0s", "--overload", "shed", "--timeout", "100ms", slow)
    expect(tap, r, "too few connections, shed", "dropped", "never sent", "more connections", grade="INVALID")
    r = load("-r", "200", "-c", "4", "-d", "500ms", "--warmup", "0s", server.url("/none?fail=1"))
    expect(tap, r, "a target that refuses everything", "nothing-succeeded", "error status", grade="INVALID")
    r = load("-r", "400", "-c", "4", "-d", "1s", "--warmup", "0s", server.url("/none?fail=0.1"))
    expect(tap, r, "a target that fails now and then", "failures", "error status", "the target's log")


def generator(tap, server):
    """What this host refuses the generator, or takes from it."""
    going = Load("-c", "20", "-d", "1s", "--warmup", "0s", "--requests-per-connection", "5", server.url("/constant?a=2ms"))
    server.await_replies("/constant?a=2ms")
    resource.prlimit(going.process.pid, resource.RLIMIT_NOFILE, (16, 16))
    expect(tap, going.wait(), "descriptors that run out", "out-of-descriptors", "ulimit -n", grade="INVALID")
    r = load("-c", "100", "-d", "1s", "--warmup", "0s", "--workers", "1", server.url("/none"))
    expect(tap, r, "all that one core can do", "cpu-saturated", "use more workers")
    hogs = [Hog() for _ in range(3)]
    r = Load("-c", "2", "-d", "1s", "--warmup", "0s", server.url("/none"), before=("taskset", "-c", "0")).wait()
    for hog in hogs:
        hog.__exit__()
    expect(tap, r, "three others on its core", "run-queue", "without a core", "leave it a core")


class Hog(Server):
    """A program that keeps the first core busy."""

    def __init__(self):
        self.process = subprocess.Popen(["taskset", "-c", "0", sys.executable, "-c", "while True: pass"])


def stopped(tap, server):
    """The generator itself stands still for half of the load."""
    going = Load("-r", "500", "-c", "64", "-d", "2s", "--warmup", "0s", server.url("/constant?a=3ms"))
    server.await_replies("/constant?a=3ms")
    going.process.send_signal(signal.SIGSTOP)
    time.sleep(1)  # how long it stands still is the subject
    going.process.send_signal(signal.SIGCONT)
    r = going.wait()
    expect(tap, r, "a generator that stood still", "late-sends", "the generator was late itself", "idle core")
    expect(tap, r, "a generator that stood still", "sampler-starved", "nothing was sampled for", "leave a core")


IN_A_NET = """
import subprocess, sys
assay, testserver, out = sys.argv[1:]
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
subprocess.run(["sysctl", "-qw", "net.ipv4.ip_local_port_range=40000 40019"], check=True)
server = subprocess.Popen([testserver, "8080", "1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
server.stdout.readline()
code = subprocess.run([assay, "load", "-c", "40", "-d", "500ms", "--warmup", "0s", "http://127.0.0.1:8080/", "--json", out, "--no-store"]).returncode
server.kill()
server.wait()
sys.exit(code)
"""


def ports(tap):
    if not works("unshare", "-n", "ip", "link"):
        tap.skip("out-of-ports: no network namespaces here (root, iproute2)")
        return
    before = ("unshare", "-n", sys.executable, "-c", IN_A_NET)
    r = Load(ASSAY, TESTSERVER, before=before, whole=False).wait()
    expect(tap, r, "20 local ports", "out-of-ports", "ip_local_port_range", grade="INVALID")


def stolen_lines(seconds):
    """/proc/stat of two cores whose hypervisor takes a tenth of their time, in ticks of 10 ms."""
    ticks = int(seconds * 100)
    core = f"{ticks // 2} 0 {ticks // 10} {ticks * 3 // 10} 0 0 0 {ticks // 10} 0 0"
    both = f"{ticks} 0 {ticks // 5} {ticks * 3 // 5} 0 0 0 {ticks // 5} 0 0"
    return f"cpu  {both}\ncpu0 {core}\ncpu1 {core}\nctxt 1\nbtime 1\nprocesses 1\nprocs_running 1\nprocs_blocked 0\n"


def steal(tap, server):
    """No test can have cores stolen: it says so in the place of the kernel."""
    with tempfile.TemporaryDirectory() as d:
        stat = d + "/stat"
        begun, done = time.monotonic(), threading.Event()

        def tell():
            with open(stat, "r+b", buffering=0) as f:
                while not done.wait(0.01):
                    os.pwrite(f.fileno(), stolen_lines(1000 + time.monotonic() - begun).encode(), 0)

        with open(stat, "w", encoding="utf-8") as f:
            f.write(stolen_lines(1000))
        if not works("unshare", "-m", "mount", "--bind", stat, "/proc/stat"):
            tap.skip("steal: no mount namespaces here (root)")
            return
        teller = threading.Thread(target=tell)
        teller.start()
        before = ("unshare", "-m", "sh", "-c", f'mount --bind {stat} /proc/stat && exec "$@"', "sh")
        r = Load("-r", "200", "-c", "4", "-d", "2s", "--warmup", "100ms", server.url("/none"), before=before).wait()
        done.set()
        teller.join()
    expect(tap, r, "a hypervisor that takes a tenth", "steal", "of all CPU time was stolen", "dedicated cores")


def clock(tap, server):
    if not os.path.exists(FAKETIME):
        tap.skip("clock-stepped: nothing that steps a clock for one program (libfaketime)")
        return
    with tempfile.TemporaryDirectory() as d:
        with open(d + "/offset", "w", encoding="utf-8") as f:
            f.write("+0")
        env = {**os.environ, "LD_PRELOAD": FAKETIME, "FAKETIME_TIMESTAMP_FILE": d + "/offset", "FAKETIME_NO_CACHE": "1",
               "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        going = Load("-r", "200", "-c", "4", "-d", "2s", "--warmup", "0s", server.url("/constant?a=4ms"), env=env)
        server.await_replies("/constant?a=4ms")
        with open(d + "/new", "w", encoding="utf-8") as f:
            f.write("+3600")
        os.rename(d + "/new", d + "/offset")
        r = going.wait()
    expect(tap, r, "a clock that is set an hour ahead", "clock-stepped", "was set by +3", "slewed")


SUITE = """assay: 1
targets: {{ web: {{ driver: http, url: "{url}", start: "timeout 2 {nginx}", ready: / }} }}
benchmarks: {{ b: {{ target: web, trials: 1, warmup: 0s, duration: 3s, load: {{ rate: 50/s, connections: 2 }} }} }}
"""


def vanished(tap):
    """A target that assay started, and that ended."""
    if not nginx_path():
        tap.skip("target-vanished: nginx is not installed (nginx-light)")
        return
    with tempfile.TemporaryDirectory() as d, Nginx() as nginx:
        nginx.stop()
        with open(d + "/s.yaml", "w", encoding="utf-8") as f:
            f.write(SUITE.format(url=nginx.url("/"), nginx=f"{nginx_path()} -p {nginx.dir} -c {nginx.dir}/nginx.conf"))
        run = subprocess.run([ASSAY, "run", "s.yaml", "--no-store", "--json", "run.json"], cwd=d, capture_output=True, text=True, check=False, timeout=60)
        with open(d + "/run.json", encoding="utf-8") as f:
            codes = {reason["code"]: reason["text"] for reason in json.load(f)["cases"][0]["validity"]["reasons"]}
    tap.check("no process of the target was left" in codes.get("target-vanished", ""), "a target that ends: target-vanished", (codes, run.stderr))
    tap.check("failures" in codes or "nothing-succeeded" in codes, "   and what failed for it", codes)


def main():
    need_assay()
    tap = Tap()
    with TestServer() as server:
        sound(tap, server)
        target(tap, server)
        generator(tap, server)
        stopped(tap, server)
        steal(tap, server)
        clock(tap, server)
    ports(tap)
    vanished(tap)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
