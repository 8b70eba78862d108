"""assay stream against real brokers: every message is delivered, or counted as lost."""

import shutil
import signal
import sys
import time

from netlib import Load, Tap, check_sound, need_assay
from redis_test import Redis


def stream(*args, limit=60):
    return Load("--warmup", "0s", "--workers", "2", *args, limit=limit, command="stream").wait()


def count(r, name):
    return r.metric(name).get("mean")


def check_balance(tap, r, name):
    """Nothing is forgotten: holds whatever happened."""
    if not check_sound(tap, r, name):
        return False
    expected, delivered, lost = (count(r, n) for n in ("expected", "delivered", "lost"))
    return tap.check(delivered + lost >= expected and delivered + lost - expected <= count(r, "unconfirmed") * expected,
                     f"{name}: expected is delivered or lost", (expected, delivered, lost))


def check_all(tap, r, name, published, places):
    """Everything was published, and came once and in order to every place."""
    if not check_balance(tap, r, name):
        return
    tap.equal(count(r, "published"), published, f"{name}: published")
    tap.equal(count(r, "expected"), published * places, f"{name}: expected")
    for what in ("lost", "duplicated", "reordered", "unconfirmed", "foreign", "resubscribed"):
        tap.equal(count(r, what), 0, f"{name}: nothing {what}")
    delivery, transit, latency = (r.metric(n) for n in ("delivery_latency", "transit_time", "latency"))
    tap.equal(delivery["count"], published * places, f"{name}: every delivery is timed")
    tap.check(0 < transit["max"] <= delivery["max"], f"{name}: from sent is within from due", (transit["max"], delivery["max"]))
    tap.equal(latency["count"], published, f"{name}: every publication is timed")
    tap.check(count(r, "fairness") is None or 0 < count(r, "fairness") <= 1, f"{name}: fairness is a share", count(r, "fairness"))


def matrix(tap, url, *options):
    """Publishers x subscribers x messages, one after the other and at a rate."""
    for publishers, subscribers, messages in ((1, 1, 500), (3, 5, 600), (10, 10, 1000)):
        r = stream("-p", str(publishers), "-s", str(subscribers), "--messages", str(messages), *options, url)
        check_all(tap, r, f"{' '.join(options)} {publishers} x {subscribers} x {messages}", messages, subscribers)
    r = stream("-p", "4", "-s", "8", "--topics", "4", "-r", "1000", "--messages", "500", "--size", "2000", *options, url)
    check_all(tap, r, f"{' '.join(options)} four topics at a rate", 500, 2)


def groups(tap, url, *options):
    r = stream("-p", "2", "-s", "6", "--groups", "2", "--messages", "600", *options, url)
    check_all(tap, r, f"{' '.join(options)} two groups of three", 600, 2)


def freeze_law(tap, process, begun, name, *args):
    """Who is due x into a freeze of F within T seconds waits F - x: so do deliveries."""
    going = Load("--warmup", "0s", "-r", "500", "-d", "3s", "-p", "8", "-s", "3", *args, command="stream")
    while going.process.poll() is None and not begun():
        pass
    stopped = time.monotonic()
    process.send_signal(signal.SIGSTOP)
    time.sleep(1)  # this is the fault, not a wait for one
    process.send_signal(signal.SIGCONT)
    held = time.monotonic() - stopped
    r = going.wait()
    if not check_balance(tap, r, name):
        return
    d = r.metric("delivery_latency")
    tap.equal((count(r, "published"), count(r, "lost")), (1500, 0), f"{name}: all are published, and delivered")
    tap.check(d["max"] >= 0.9e9 * held, f"{name}: the longest delivery saw the freeze", (d["max"], held))
    law = max(0, 3 * 0.9 - (3 - d["max"] / 1e9)) * 1e9
    tap.check(abs(d["p90"] - law) < 0.1e9 + 0.05 * law, f"{name}: so did the others, from when they were due", (d["p90"], law, held))


def killed(tap, process, begun, name, *args):
    """A broker that dies is the end of deliveries, not of the trial."""
    going = Load("--warmup", "0s", "-r", "1000", "-d", "2s", "-p", "4", "-s", "4", "--drain", "500ms", *args, command="stream")
    while going.process.poll() is None and not begun():
        pass
    process.send_signal(signal.SIGKILL)
    r = going.wait()
    if check_balance(tap, r, name):
        tap.check(count(r, "delivered") > 0 and r.failed("reset", "connect") > 0, f"{name}: what failed is counted", r.outcomes)
        tap.check("subscriptions-lost" in [reason["code"] for reason in r.case["validity"]["reasons"]], f"{name}: and told", r.case["validity"])


def redis(tap):
    if not shutil.which("redis-server"):
        tap.skip("redis-server is not installed (redis-server)")
        return
    with Redis() as server:
        for mode in ("pubsub", "log"):
            matrix(tap, server.url, "--mode", mode)
        groups(tap, server.url, "--mode", "log")
        keys = server.ask("DBSIZE")
        tap.check(keys != ":0", "logs are kept for a while", keys)
        r = stream("-p", "2", "-s", "3", "-r", "1000", "-d", "1500ms", "--stall", "800ms", "--mode", "log", server.url)
        if check_balance(tap, r, "backlog"):
            tap.equal((count(r, "lost"), count(r, "delivered")), (0, 4500), "backlog: a log keeps it")
            tap.check(count(r, "backlog_peak") > 500, "backlog: and it is seen", count(r, "backlog_peak"))
            tap.check(r.metric("delivery_latency")["max"] > 0.7e9, "backlog: who waits for it waits from when it was due", r.metric("delivery_latency"))
        r = stream("-s", "0", "--messages", "300", "--mode", "log", server.url)
        if check_balance(tap, r, "nobody listens"):
            tap.equal((count(r, "published"), count(r, "expected")), (300, 0), "nobody listens: only publications")
        r = stream("--groups", "1", server.url)
        tap.check(r.code == 2 and "mode: log" in r.err, "channels have no groups: told", (r.code, r.err))
        r = stream("http://127.0.0.1:1/")
        tap.check(r.code == 2 and "no streams" in r.err, "a driver without streams: told", (r.code, r.err))
    with Redis() as server:
        freeze_law(tap, server.process, lambda: "cmdstat_publish" in server.ask("INFO commandstats"), "frozen channels", server.url)
    with Redis() as server:
        freeze_law(tap, server.process, lambda: "cmdstat_xadd" in server.ask("INFO commandstats"), "frozen log", "--mode", "log", server.url)
    with Redis() as server:
        killed(tap, server.process, lambda: "cmdstat_publish" in server.ask("INFO commandstats"), "killed", server.url)
    with Redis("--client-output-buffer-limit", "pubsub 1mb 1mb 0") as server:
        r = stream("-p", "1", "-s", "3", "-r", "400", "-d", "2s", "--size", "64KiB", "--stall", "1s", "--stalled", "1", server.url)
        if check_balance(tap, r, "a slow subscriber"):
            tap.check(count(r, "lost") > 0 and count(r, "resubscribed") >= 1, "a slow subscriber: is cut off, and what it missed is lost",
                      [(n, count(r, n)) for n in ("expected", "delivered", "lost", "resubscribed")])
            tap.check(count(r, "delivered") >= 2 * count(r, "published"), "a slow subscriber: the others get everything", count(r, "delivered"))
            tap.check(count(r, "fairness") < 0.999, "a slow subscriber: which is unfair", count(r, "fairness"))


def main():
    need_assay()
    tap = Tap()
    redis(tap)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
