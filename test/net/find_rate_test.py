"""assay load --find-rate against a server with an exact limit (a token bucket), and servers that hold nothing."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time

from netlib import ASSAY, Tap, TestServer, check_sound, load, need_assay

BUCKET = os.environ["ASSAY_BUCKET"]


class Bucket:
    def __init__(self, rate):
        self.process = subprocess.Popen([BUCKET, str(rate)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = f"http://127.0.0.1:{int(self.process.stdout.readline())}/"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()


def figure(run, name):
    return run.metric(name).get("p50")


def pressure_us():
    """Time in which some task of this machine waited for a core; None when the kernel does not say."""
    try:
        with open("/proc/pressure/cpu") as f:
            return int(f.readline().rsplit("total=", 1)[1])
    except (OSError, IndexError):
        return None


def limits(tap):
    for limit in (300, 2500):
        with Bucket(limit) as b:
            began, waited = time.monotonic(), pressure_us()
            run = load("--find-rate", "error_rate<1%", "-d", "1200ms", "--warmup", "50ms", b.url)
            if not check_sound(tap, run, f"a limit of {limit}/s"):
                continue
            # 1 % of errors are promised, so that 1.01 times the limit holds.
            found, low, high = (figure(run, n) for n in ("max_rate", "max_rate_low", "max_rate_high"))
            tap.check(low <= found < high, "   an answer within its interval", (low, found, high))
            share = 0 if waited is None else (pressure_us() - waited) / 1e6 / (time.monotonic() - began)
            if share > 0.2:  # then the bucket is not filled in time, and its limit is not what it says
                tap.skip(f"{limit}/s is found within 3 %: the machine was busy, tasks waited for a core {share:.0%} of the time")
            else:
                tap.near(found, limit * 1.01, 0.03 * limit, f"{limit}/s is found within 3 %")
            rates = [float(m["name"].split("ps.")[0]) for m in run.case["metrics"] if m["name"].endswith("ps.scheduled")]
            tap.check(len(rates) >= 8 and rates == sorted(rates), "   and the curve, from the lowest rate up", rates)
            errors = {r: figure(run, f"{r:g}ps.error_rate") for r in rates}
            tap.check(errors[rates[0]] == 0 and errors[rates[-1]] > 0.01, "   that breaks at its end", errors)
            tap.check("holds up to" in run.case["note"] and "error_rate is" in run.case["note"], "   told in words", run.case["note"])


def nothing_holds(tap):
    with Bucket(1000) as b:
        run = load("--find-rate", "p99<1ns", "-d", "300ms", "--warmup", "0s", b.url)
        tap.equal(run.code, 5, "a promise that nothing keeps is INVALID")
        tap.check(any(r["code"] == "nothing-held" for r in run.case["validity"]["reasons"]), "   with its reason", run.case["validity"])
    run = load("--find-rate", "p99<1s", "-d", "300ms", "--warmup", "0s", b.url)
    tap.equal(run.code, 1, "a server that is not there is an error")


def interrupted(tap):
    with Bucket(1000) as b, tempfile.TemporaryDirectory() as d:
        out = os.path.join(d, "out.json")
        p = subprocess.Popen([ASSAY, "load", "--no-store", "--json", out, "--find-rate", "p99<1s", "-d", "3s", b.url],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        time.sleep(2.5)  # it is somewhere in its search, whose looks take one second each
        p.send_signal(signal.SIGINT)
        text, err = p.communicate(timeout=30)
        tap.equal(p.returncode, 130, "an interrupted search says so")
        with open(out) as f:
            c = json.load(f)["cases"][0]
        tap.check(any(r["code"] == "interrupted" for r in c["validity"]["reasons"]) and c["outcomes"]["scheduled"] > 0,
                  "and reports what it has", c["validity"])


def refused(tap):
    for args, words in ((("--find-rate", "p99"), "find_rate"), (("--find-rate", "p99<5"), "needs a unit"),
                        (("--find-rate", "wall<5s"), "no wall"), (("--find-rate", "p99<5s", "--users", "5"), "leave users")):
        r = subprocess.run([ASSAY, "load", *args, "http://127.0.0.1:1/"], capture_output=True, text=True, timeout=20)
        tap.check(r.returncode == 2 and words in r.stderr, f"{' '.join(args)} is refused", r.stderr)


def main():
    need_assay()
    tap = Tap()
    for test in (limits, nothing_holds, interrupted, refused):
        test(tap)
    sys.exit(tap.done())


main()
