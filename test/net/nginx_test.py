"""assay load against a real nginx: counts agree with nginx's own log, metrics with each other."""

import os
import sys

from netlib import Nginx, Tap, check_sound, load, need_assay, nginx_path, skip_all


def closed(tap):
    with Nginx() as nginx:
        run = load("-c", "32", "-d", "2s", "--warmup", "0s", nginx.url("/"))
        nginx.stop()
        if not check_sound(tap, run, "closed"):
            return
        o = run.outcomes
        tap.check(o["ok"] > 1000, "closed: some thousand replies", o)
        tap.equal(o["scheduled"] - o["ok"] - o["in_flight"], 0, "closed: nothing failed")
        # Requests in flight at the end may or may not have reached nginx's log.
        logged = nginx.logged("/")
        tap.check(o["ok"] <= logged <= o["ok"] + o["in_flight"],
                  "closed: nginx logged as many as were counted", f"{logged} logged, {o}")
        rate = run.metric("throughput").get("mean")
        tap.near(rate, o["ok"] / 2, 0.05 * o["ok"] / 2, "closed: throughput is replies per second")


def open_loop(tap):
    with Nginx() as nginx:
        run = load("-c", "32", "-r", "5000", "-d", "2s", "--warmup", "0s", nginx.url("/"))
        nginx.stop()
        if not check_sound(tap, run, "open"):
            return
        o = run.outcomes
        tap.near(o["scheduled"], 10000, 1, "open: 5000/s over 2 s is 10000")
        tap.equal(sum(o["failed"].values()) + o["timed_out"], 0, "open: nothing failed")
        logged = nginx.logged("/")
        tap.check(o["ok"] <= logged <= o["ok"] + o["in_flight"],
                  "open: nginx logged as many as were counted", f"{logged} logged, {o}")
        latency, service, late = (run.metric(n) for n in ("latency", "service_time", "lateness"))
        tap.check(latency["p50"] >= service["min"], "open: latency counts from due")
        tap.near(latency["mean"], service["mean"] + late["mean"], 0.01 * latency["mean"] + 2000,
                 "open: latency is service time and lateness")


def missing(tap):
    with Nginx() as nginx:
        run = load("-c", "4", "-d", "500ms", "--warmup", "0s", nginx.url("/missing"))
        if check_sound(tap, run, "404"):
            tap.equal(run.outcomes["ok"], 0, "404: none is ok")
            tap.check(run.failed("status") > 0, "404: all are of class status", run.outcomes)


def big_file(tap):
    with Nginx() as nginx:
        with open(nginx.dir + "/files/big", "wb") as f:
            f.truncate(8 << 20)
        os.chmod(nginx.dir, 0o755)
        run = load("-c", "4", "-d", "1s", "--warmup", "0s", nginx.url("/files/big"))
        if check_sound(tap, run, "8 MiB"):
            tap.check(run.outcomes["ok"] > 0 and run.failed() == 0, "8 MiB: bodies are read whole",
                      run.outcomes)


def main():
    need_assay()
    if not nginx_path():
        skip_all("nginx is not installed")
    tap = Tap()
    closed(tap)
    open_loop(tap)
    missing(tap)
    big_file(tap)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
