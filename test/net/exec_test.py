"""assay load with worker processes: real ones, ones that are killed, that hang, that write garbage."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from netlib import ASSAY, Load, Tap, check_sound, load, need_assay

SUITE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../suites/exec")
# Logs each call it answers and its own number; FAULT is run at call 50.
WORKER = """
import os, sys, time
log = open(sys.argv[1] + "/" + str(os.getpid()), "w", buffering=1)
n = 0
print("assay-exec 1", flush=True)
for line in sys.stdin:
    verb, number, *text = line.rstrip("\\n").split(" ", 2)
    n += verb == "call"
    if n == 50 and verb == "call":
        FAULT
    if verb == "call":
        log.write(text[0] + "\\n")
    if verb != "close":
        print("ok", number, "ns=4242", flush=True)
"""


class Folder:
    """A worker, and the logs of all its processes."""

    def __init__(self, fault="pass"):
        self.dir = tempfile.mkdtemp(prefix="assay-exec-")
        os.mkdir(self.dir + "/log")
        with open(self.dir + "/worker.py", "w", encoding="utf-8") as f:
            f.write(WORKER.replace("FAULT", fault))
        self.target = f"exec:{sys.executable} {self.dir}/worker.py {self.dir}/log"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.dir, ignore_errors=True)

    def pids(self):
        return [int(name) for name in os.listdir(self.dir + "/log")]

    def lines(self):
        return [line for pid in self.pids() for line in open(f"{self.dir}/log/{pid}", encoding="utf-8").read().split("\n")[:-1]]

    def left(self):
        return [pid for pid in self.pids() if os.path.exists(f"/proc/{pid}")]

    def await_lines(self, n, within=20):
        until = time.monotonic() + within
        while time.monotonic() < until and len(self.lines()) < n:
            pass

    def await_none(self, within=10):
        until = time.monotonic() + within
        while time.monotonic() < until and self.left():
            pass
        return self.left()


def args(target, *more, seconds="500ms"):
    return ("--users", "4", "--workers", "2", "-d", seconds, "--warmup", "0s", *more, target)


def counts(tap):
    for more, batch, processes in (((), 1, 4), (("--processes", "1"), 1, 2), (("--processes", "1", "--batch", "10"), 10, 2)):
        with Folder() as w:
            name = " ".join(more) or "one each"
            r = load(*args(w.target, "--call", "n ${seq()} \\ x", *more))
            if not check_sound(tap, r, name):
                continue
            o, lines = r.outcomes, w.lines()
            tap.check(o["ok"] > 50 and r.failed() == 0, f"{name}: all are answered", o)
            tap.check(o["ok"] * batch <= len(lines) <= (o["ok"] + o["in_flight"]) * batch, f"{name}: the workers logged as many", (len(lines), o))
            tap.check(len(set(lines)) == len(lines) and all(x.endswith(" \\\\ x") for x in lines), f"{name}: each text once, escaped", lines[:3])
            tap.equal(len(w.pids()), processes, f"{name}: processes")
            tap.near(r.metric("worker_time").get("p50"), 4242, 50, f"{name}: the workers' own times")
            tap.equal(w.left(), [], f"{name}: none is left running")


def killed(tap):
    with Folder() as w:
        going = Load(*args(w.target, seconds="2s"))
        w.await_lines(100)
        os.kill(w.pids()[0], signal.SIGKILL)
        r = going.wait()
        if check_sound(tap, r, "killed"):
            o = r.outcomes
            tap.check(r.failed("reset") <= 1 and r.failed() <= 2 and o["ok"] > 200, "killed: an operation is lost, the rest goes on", o)
            tap.equal(r.metric("restarts").get("mean"), 1, "killed: one was started again")
            tap.equal(len(w.pids()), 5, "killed: by a fifth process")


def faults(tap):
    for fault, classes, name in (("print('nonsense', flush=True)", ("protocol",), "garbage"), ("sys.exit('gave up')", ("reset",), "it ends"),
                                 ("os.close(1); time.sleep(60)", (), "it closes its output, which nobody sees, and hangs"),
                                 ("print('ok 77777', flush=True)", ("protocol",), "an id of nobody"),
                                 ("sys.stdout.write('ok'); sys.stdout.flush(); time.sleep(60)", (), "half a line, and hangs"),
                                 ("time.sleep(60)", (), "it hangs")):
        with Folder(fault) as w:
            r = load(*args(w.target, "--timeout", "300ms", seconds="1500ms"))
            if not check_sound(tap, r, name):
                continue
            o = r.outcomes
            bad = r.failed(*classes) if classes else o["timed_out"]
            tap.check(o["ok"] >= 49 and bad > 0 and r.failed() == (bad if classes else 0), f"{name}: counted as what it is", o)
            tap.check(r.metric("restarts").get("mean", 0) > 0, f"{name}: started again", r.metric("restarts"))
            tap.check("gave up" in r.out or name != "it ends", f"{name}: its last words are told", r.out[-1500:])
            tap.equal(w.await_none(), [], f"{name}: none is left running")


def ends(tap):
    for sig, name in ((signal.SIGINT, "^C"), (signal.SIGKILL, "assay is killed")):
        with Folder("time.sleep(60)") as w:
            going = Load(*args(w.target, seconds="60s"))
            w.await_lines(100)
            going.process.send_signal(sig)
            r = going.wait()
            tap.check(not r.hung and len(w.pids()) == 4, f"{name}: it ends", (r.code, w.pids()))
            tap.equal(w.await_none(), [], f"{name}: the workers end, though they hang")


def example(tap):
    if not shutil.which("node"):
        tap.skip("suites/exec: node is not installed (nodejs)")
        return
    r = subprocess.run([ASSAY, "run", SUITE, "--set", "duration=500ms", "--set", "warmup=100ms", "--no-store"], capture_output=True, text=True, timeout=100)
    tap.check(r.returncode in (0, 5) and "worker time" in r.stdout,
              "suites/exec: SQLite in Python and a function in JavaScript run", (r.returncode, r.stdout[-1500:], r.stderr[-800:]))


def main():
    need_assay()
    tap = Tap()
    counts(tap)
    killed(tap)
    faults(tap)
    ends(tap)
    example(tap)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
