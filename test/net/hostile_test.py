"""Servers that do what none should: each operation ends in one class all the same, and memory stays small."""

import random
import sys
import time

from netlib import Nginx, Tap, check_sound, load, need_assay, nginx_path
from rawserver import raw_load

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
SMALL_KIB = 64 << 10


def hostile(tap, name, answer, *args, received=True):
    server, run = raw_load(answer, "--timeout", "200ms", *args)
    if not check_sound(tap, run, name):
        return None
    tap.check(run.rss_peak_kib < SMALL_KIB, f"{name}: memory stays small", f"{run.rss_peak_kib} KiB")
    if received:
        tap.check(run.sent() <= server.heads + 2, f"{name}: what was sent was received", (run.outcomes, server.heads))
    return server, run


def only(tap, name, got, *classes):
    if got is None:
        return
    o = got[1].outcomes
    total = sum(o["failed"].get(c, 0) for c in classes) + (o["timed_out"] if "timed_out" in classes else 0) + (o["ok"] if "ok" in classes else 0)
    tap.check(total + o["in_flight"] == o["scheduled"] > 1, f"{name}: {', '.join(classes)}", o)


def twice(tap):
    def at_once(server, c, head, rest):
        c.sendall(OK + OK)
        return rest

    def a_little_later(server, c, head, rest):
        c.sendall(OK)
        time.sleep(0.003)  # the second answer comes behind the read of the first: the pause is the fault
        c.sendall(OK)
        return rest

    only(tap, "two answers at once", hostile(tap, "two answers at once", at_once), "protocol")
    got = hostile(tap, "two answers, one late", a_little_later, "-r", "25")  # the connection is idle when it comes
    only(tap, "two answers, one late", got, "ok")
    if got:
        tap.check(got[0].heads == got[1].outcomes["ok"], "   none is taken for the next request's", (got[1].outcomes, got[0].heads))
        tap.check(got[0].connections >= got[0].heads, "   which goes on a connection of its own", (got[0].connections, got[0].heads))


def late(tap):
    def answer(server, c, head, rest):
        time.sleep(0.3)  # behind the timeout of 200 ms: the pause is the fault
        c.sendall(OK)
        return rest

    only(tap, "an answer behind the timeout", hostile(tap, "an answer behind the timeout", answer, "-d", "700ms"), "timed_out")


def heads(tap):
    piece = b"y" * (64 << 10)

    def fill(c, megabytes):
        for _ in range(megabytes * 16):
            c.sendall(piece)

    def one_line(server, c, head, rest):
        c.sendall(b"HTTP/1.1 200 OK\r\nX: ")
        fill(c, 10)
        c.sendall(b"\r\nContent-Length: 0\r\n\r\n")
        return rest

    def lines(server, c, head, rest):
        c.sendall(b"HTTP/1.1 200 OK\r\n")
        for _ in range(10):
            c.sendall(b"X-Filler: ")
            fill(c, 1)
            c.sendall(b"\r\n")
        c.sendall(b"Content-Length: 0\r\n\r\n")
        return rest

    for name, answer in (("10 MB of one header", one_line), ("ten headers of 1 MB", lines)):
        only(tap, name, hostile(tap, name, answer), "protocol")
        name += ", allowed"
        only(tap, name, hostile(tap, name, answer, "--head-max", "16MiB", "--timeout", "5s"), "ok")


def other_protocols(tap):
    def http_0_9(server, c, head, rest):
        c.sendall(b"<html>no status line, as in 1991</html>\n")
        return None

    def http_3_x(server, c, head, rest):
        c.sendall(b"HTTP/7.3 200 OK\r\nContent-Length: 0\r\n\r\n")
        return rest

    def nothing_but_nul(server, c, head, rest):
        c.sendall(b"\0" * 5000)
        return rest

    for name, answer in (("HTTP/0.9", http_0_9), ("HTTP/7.3", http_3_x), ("bytes of nothing", nothing_but_nul)):
        only(tap, name, hostile(tap, name, answer), "protocol", "reset")


def never_ends(tap):
    def body(server, c, head, rest):
        c.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        while True:
            c.sendall(b"more and more" * 1000)
            time.sleep(0.001)  # busy, not fast

    only(tap, "a body without end", hostile(tap, "a body without end", body), "timed_out")


def random_closes(tap):
    rng = random.Random(7)

    def answer(server, c, head, rest):
        whole = rng.random() < 0.7
        c.sendall(OK if whole else OK[:rng.randrange(len(OK))])
        return rest if whole and rng.random() < 0.7 else None

    got = hostile(tap, "closes at random", answer, received=False)  # what crosses a close is not
    only(tap, "closes at random", got, "ok", "reset")
    if got:
        tap.check(got[1].outcomes["ok"] > 0 and got[1].failed("reset") > 0, "closes at random: both are seen", got[1].outcomes)


def large(tap):
    """1 GB in one reply, read and thrown away."""
    if not nginx_path():
        tap.skip("1 GB: nginx is not installed (nginx-light)")
        return
    with Nginx() as nginx:
        with open(nginx.dir + "/files/large", "wb") as f:
            f.truncate(1 << 30)
        run = load("-c", "1", "-d", "100ms", "--warmup", "0s", "--timeout", "60s", nginx.url("/files/large"))
    if not check_sound(tap, run, "1 GB"):
        return
    o, came = run.outcomes, run.metric("bytes_in").get("mean") or 0
    tap.check(o["ok"] == o["scheduled"] == 1 and came > 1 << 30, "1 GB: read to its end", (o, came))
    tap.check(run.rss_peak_kib < SMALL_KIB, "1 GB: memory stays small", f"{run.rss_peak_kib} KiB")


def main():
    need_assay()
    tap = Tap()
    for test in (twice, late, heads, other_protocols, never_ends, random_closes, large):
        test(tap)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
