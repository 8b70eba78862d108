"""Loads over time against a real nginx: planned and achieved curves, stages that stand for themselves, stops."""

import json
import os
import subprocess
import sys
import tempfile

from netlib import ASSAY, Nginx, Tap, TestServer, check_sound, load, need_assay, nginx_path, skip_all




def figure(run, name):
    return run.metric(name).get("p50") if run.metric(name) else None


def open_stages(tap):
    with Nginx() as nginx:
        stages = "rate=0->400/s over=2s name=up; rate=400/s over=2s name=hold; rate=100/s over=1s arrivals=poisson name=calm"
        run = load("--stages", stages, "--warmup", "200ms", nginx.url("/"))
        if not check_sound(tap, run, "open stages"):
            return
        for name, planned in (("up", 400), ("hold", 800)):
            tap.equal(figure(run, f"{name}.planned"), planned, f"{name}: planned is the integral")
            tap.near(figure(run, f"{name}.scheduled"), planned, 1, f"{name}: and so many became due")
            tap.near(figure(run, f"{name}.throughput"), planned / 2, 0.02 * planned, f"{name}: achieved is what was planned")
            tap.equal(run.metric(f"{name}.latency")["count"], figure(run, f"{name}.scheduled"), f"{name}: its histogram holds its operations alone")
        tap.near(figure(run, "calm.scheduled"), 100, 45, "calm: random arrivals, about as many as expected")
        whole = sum(figure(run, f"{n}.scheduled") for n in ("up", "hold", "calm"))
        tap.equal(run.outcomes["scheduled"], whole, "the stages make the whole")
        tap.equal(run.metric("latency")["count"], whole, "and so do their histograms")


def users(tap):
    with Nginx() as nginx:
        stages = "users=0->20 over=1500ms name=up; users=20 over=1s name=hold; users=20->0 over=1500ms name=down"
        run = load("--stages", stages, "--think", "50ms", "--warmup", "0s", nginx.url("/"))
        if not check_sound(tap, run, "users"):
            return
        up, hold, down = (figure(run, f"{n}.scheduled") for n in ("up", "hold", "down"))
        # 20 users that pause 50 ms make 20 / 50 ms per second, less what the replies take.
        tap.check(0.7 * 400 < hold <= 401, "hold: 20 users at 50 ms", hold)
        tap.check(0.7 * hold * 0.75 < up < 1.2 * hold * 0.75, "up: half as many on average, for half as long again", (up, hold))
        tap.check(0.7 * hold * 0.75 < down < 1.2 * hold * 0.75, "down: the same", (down, hold))


def mixed(tap):
    with Nginx() as nginx:
        stages = "rate=200/s over=1s name=a; users=5 over=1s name=b; rate=200/s over=1s name=c"
        run = load("--stages", stages, "--think", "20ms", "--warmup", "0s", nginx.url("/"))
        if check_sound(tap, run, "mixed"):
            tap.equal((figure(run, "a.scheduled"), figure(run, "c.scheduled")), (200, 200), "open stages around a closed one have their counts")
            tap.check(100 < figure(run, "b.scheduled") <= 5 * 51, "and the closed one its users", figure(run, "b.scheduled"))


def stop(tap):
    with Nginx() as nginx:
        run = load("--stages", "users=2 step=2 every=1s to=20", "--stop", "error_rate > 5%", "--think", "10ms", "--stop-window", "500ms",
                   "--warmup", "0s", nginx.url("/missing"))
        tap.equal(run.code, 5, "a load that is stopped has its report all the same (nothing succeeded: INVALID)")
        note = run.case.get("note") or ""
        tap.check("stopped after" in note and "error_rate > 5%" in note and "in stage 2users" in note, "and says when, where and why", note)
        tap.check(figure(run, "20users.scheduled") is None, "later stages were not played")


def patterns(tap):
    """The five loads of suites/patterns, played faster still."""
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "suites", "patterns")
    with tempfile.TemporaryDirectory() as d:
        out = os.path.join(d, "out.json")
        r = subprocess.run([ASSAY, "run", folder, "--quick", "--json", out, "--store", os.path.join(d, "db")], capture_output=True, text=True, timeout=120)
        if not tap.check(r.returncode in (0, 3), "assay run suites/patterns --quick", r.stdout + r.stderr):
            return
        with open(out) as f:
            j = json.load(f)
        tap.equal([c["case"] for c in j["cases"]], ["steady", "peak", "burst", "day", "stress"], "five loads")
        for c in j["cases"]:
            o = c["outcomes"]
            ends = o["ok"] + sum(o["failed"].values()) + o["timed_out"] + o["shed"] + o["dropped"] + o["in_flight"]
            tap.check(o["scheduled"] == ends and o["ok"] > 0, f"{c['case']}: every operation ended once", o)


def main():
    need_assay()
    if not nginx_path():
        skip_all("nginx is not installed (package nginx-light)")
    tap = Tap()
    for test in (open_stages, users, mixed, stop, patterns):
        test(tap)
    sys.exit(tap.done())


main()
