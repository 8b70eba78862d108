"""assay load against every fault a server can have: each is counted, classed and conserved; both
sides count the same; nothing crashes or hangs."""

import signal
import sys
import time

from netlib import Load, Tap, TestServer, check_sound, free_port, load, need_assay

# target, extra arguments, classes the operations may end in ("timed_out" beside the failures)
FAULTS = (
    ("/none?fail=1", (), ("status",)),
    ("/none?fail=1&status=404", (), ("status",)),
    ("/none?reset=1", (), ("reset",)),
    ("/none?eof=1", (), ("reset", "protocol")),
    ("/none?garbage=1", (), ("protocol",)),
    ("/none?endless=1", (), ("protocol",)),
    ("/none?truncated=1&body=1000", (), ("reset", "protocol")),
    ("/none?bad_length=1", (), ("protocol",)),
    ("/none?bad_chunk=1", (), ("protocol",)),
    ("/none?short=1&body=1000", ("--timeout", "200ms"), ("timed_out",)),
    ("/none?silence=1", ("--timeout", "200ms"), ("timed_out",)),
)

# Replies that are unusual and right.
SOUND = (
    "/none?chunked=yes&body=100000",
    "/none?chunked=yes&trailers=yes",
    "/none?interim=3",
    "/none?close=yes",
    "/none?body=0",
    "/none?drip=50ms&body=1000",
)


def count(run, kinds):
    return sum(run.outcomes["timed_out"] if k == "timed_out" else run.failed(k) for k in kinds)


def check_same_counts(tap, run, server, target, name):
    """What was in flight at the end may not have reached the server."""
    route = server.route(target)
    tap.check(run.sent() - run.outcomes["in_flight"] <= route["received"] <= run.sent(),
              f"{name}: the server received what was sent",
              f"sent {run.sent()}, received {route['received']}, {run.outcomes}")


def faults(tap):
    for target, extra, kinds in FAULTS:
        with TestServer() as server:
            run = load("-c", "4", "-d", "1s", "--warmup", "0s", *extra, server.url(target), limit=20)
            if not check_sound(tap, run, target):
                continue
            tap.equal(run.outcomes["ok"], 0, f"{target}: none is ok")
            tap.check(count(run, kinds) > 0, f"{target}: classed as {kinds}", run.outcomes)
            tap.equal(run.failed() + run.outcomes["timed_out"], count(run, kinds),
                      f"{target}: and as nothing else {run.outcomes}")
            check_same_counts(tap, run, server, target, target)


def sound(tap):
    for target in SOUND:
        with TestServer() as server:
            run = load("-c", "4", "-d", "500ms", "--warmup", "0s", server.url(target), limit=20)
            if not check_sound(tap, run, target):
                continue
            tap.check(run.outcomes["ok"] > 0, f"{target}: ok", run.outcomes)
            tap.equal(run.failed() + run.outcomes["timed_out"], 0, f"{target}: nothing failed")
            check_same_counts(tap, run, server, target, target)


def mixed(tap):
    """All at once, open loop, from one seed: per kind the same number on both sides."""
    target = "/constant?a=1ms&fail=0.1&reset=0.1&garbage=0.1&silence=0.02"
    with TestServer(seed=7) as server:
        run = load("-c", "64", "-r", "500", "-d", "2s", "--warmup", "0s", "--timeout", "300ms",
                   server.url(target), limit=30)
        if not check_sound(tap, run, "mixed"):
            return
        kinds, o = server.route(target)["kinds"], run.outcomes
        for want, got, name in ((kinds["ok"], o["ok"], "ok"),
                                (kinds["status"], run.failed("status"), "status"),
                                (kinds["reset"], run.failed("reset"), "reset"),
                                (kinds["garbage"], run.failed("protocol"), "protocol"),
                                (kinds["silence"], o["timed_out"], "timed out")):
            tap.check(want - o["in_flight"] <= got <= want, f"mixed: {name}, both sides agree",
                      f"server {want}, client {got}, {o}")
        tap.equal(sum(kinds.values()), run.sent(), "mixed: all that was sent was received")


def huge_body(tap):
    target = "/none?body=100MB"
    with TestServer() as server:
        run = load("-c", "2", "-d", "2s", "--warmup", "0s", "--timeout", "30s", server.url(target))
        if not check_sound(tap, run, "100 MB"):
            return
        o = run.outcomes
        tap.check(o["ok"] + o["in_flight"] > 0 and run.failed() == 0, "100 MB: read, not stored", o)
        tap.check(run.rss_peak_kib < 64 << 10, "100 MB: memory stays small",
                  f"{run.rss_peak_kib} KiB")


def closed_port(tap):
    run = load("-c", "4", "-d", "1s", f"http://127.0.0.1:{free_port()}/", limit=20)
    tap.check(not run.hung, "closed port: ends by itself")
    tap.equal(run.code, 1, "closed port: the run failed")
    tap.check("127.0.0.1" in run.err, "closed port: says where", run.err)


def killed(tap):
    target = "/constant?a=1ms"
    with TestServer() as server:
        run = Load("-c", "8", "-d", "3s", "--warmup", "0s", server.url(target), limit=30)
        tap.check(server.await_replies(target), "killed: under way")
        server.process.kill()
        server.process.wait()
        run.wait()
        if check_sound(tap, run, "killed"):
            tap.check(run.outcomes["ok"] > 0, "killed: what went well before is counted")
            tap.check(run.failed("connect", "reset") > 0, "killed: and what failed after",
                      run.outcomes)
            tap.check(run.run["validity"]["grade"] != "VALID", "killed: not a sound measurement",
                      run.run["validity"])


def interrupted(tap):
    """In warm-up: nothing was measured, and the run says so."""
    target = "/constant?a=1ms"
    with TestServer() as server:
        run = Load("-c", "4", "-d", "5s", "--warmup", "20s", server.url(target), limit=40)
        tap.check(server.await_replies(target), "interrupted: under way")
        run.process.send_signal(signal.SIGINT)
        run.wait()
        tap.equal(run.code, 130, "interrupted: exit code")
        if tap.check(run.run is not None, "interrupted: JSON", run.err):
            validity = run.run["validity"]
            tap.equal(validity["grade"], "INVALID", "interrupted: nothing was measured")
            tap.check("interrupted" in [r["code"] for r in validity["reasons"]],
                      "interrupted: and why", validity)


def restarted(tap):
    target = "/constant?a=1ms"
    with TestServer() as server:
        run = Load("-c", "8", "-r", "200", "-d", "4s", "--warmup", "0s", server.url(target),
                   limit=30)
        tap.check(server.await_replies(target), "restarted: under way")
        server.process.kill()
        server.process.wait()
        with TestServer(port=server.port) as second:
            run.wait()
            if check_sound(tap, run, "restarted"):
                tap.check(second.route(target)["received"] > 0, "restarted: the load goes on")


def frozen(tap):
    """T = 4 s, F about 2 s: quantile q of response time is T q - (T - F)."""
    target = "/constant?a=1ms"
    with TestServer() as server:
        run = Load("-c", "32", "-r", "250", "-d", "4s", "--warmup", "0s", "--timeout", "10s",
                   server.url(target), limit=40)
        tap.check(server.await_replies(target), "frozen: under way")
        time.sleep(0.5)
        stopped = time.monotonic()
        server.process.send_signal(signal.SIGSTOP)
        time.sleep(2)
        freeze = time.monotonic() - stopped
        server.process.send_signal(signal.SIGCONT)
        run.wait()
        if not check_sound(tap, run, "frozen"):
            return
        tap.equal(run.outcomes["scheduled"], 1000, "frozen: the schedule goes on")
        tap.equal(run.outcomes["ok"], 1000, "frozen: and all are answered in the end")
        latency = run.metric("latency")
        for q, name in ((0.9, "p90"), (0.95, "p95"), (0.99, "p99")):
            tap.near(latency[name], (4 * q - (4 - freeze)) * 1e9, 0.06e9,
                     f"frozen: {name} by the law")
        tap.near(latency["mean"], (freeze * freeze / 8 + 0.001) * 1e9, 0.04e9, "frozen: the mean")
        tap.check(latency["p99"] > 1.5e9 and run.metric("service_time")["p50"] < 0.5e9,
                  "frozen: service time alone would have hidden it")


def wrong_usage(tap):
    for args in (("not a url",), ("http://127.0.0.1:99999/",), (), ("--nonsense",),
                 ("-c", "banana", "http://127.0.0.1:1/")):
        run = load(*args, limit=20)
        tap.equal(run.code, 2, f"usage: {args}")
        tap.check(run.err.strip() != "", "usage: says what is wrong")


def main():
    need_assay()
    tap = Tap()
    huge_body(tap)  # first: peak memory of children only grows
    faults(tap)
    sound(tap)
    mixed(tap)
    closed_port(tap)
    killed(tap)
    interrupted(tap)
    restarted(tap)
    frozen(tap)
    wrong_usage(tap)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
