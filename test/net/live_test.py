"""What a load shows while it runs: a view drawn in place on a terminal, nothing of it elsewhere."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios

from netlib import ASSAY, Tap, TestServer, need_assay


def on_terminal(*args, rows=40, term="xterm"):
    """What a terminal of that size was given, and the exit code; standard output goes there as well."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, 100, 0, 0))
    p = subprocess.Popen([ASSAY, *args, "--no-store"], stdin=slave, stdout=slave, stderr=slave, env={**os.environ, "TERM": term})
    os.close(slave)
    seen = b""
    while True:
        try:
            piece = os.read(master, 65536)
        except OSError:
            break
        if not piece:
            break
        seen += piece
    os.close(master)
    return seen.decode(), p.wait()


def frames(seen):
    """Each is drawn over the one before, whose lines are wiped."""
    return [f for f in seen.split("\x1b[J")[1:] if "latency   p50" in f or "  failed " in f]


def main():
    need_assay()
    tap = Tap()
    with TestServer() as server:
        load = ("load", "-r", "200", "-c", "4", "-d", "1s", "--warmup", "300ms", server.url("/none?fail=0.2"))
        seen, code = on_terminal(*load)
        views = frames(seen)
        tap.check(code == 0 and len(views) > 3, "a terminal: drawn again and again", (code, len(views)))
        last = views[-1] if views else ""
        tap.check(any("warming up" in v for v in views), "   the warm-up is called that")
        tap.check(re.search(r"rate +[\d.k]+/s of 200/s +in flight \d", last), "   achieved and asked for", last)
        tap.check(re.search(r"failed +\d+ \([\d.]+ %\): \d+ status", last), "   failures by their class", last)
        tap.check(re.search(r"latency +p50 .* p90 .* p99 .* max ", last) and "generator" in last, "   times and resources", last)
        tap.check(re.search(r"p99 .* up to ", last), "   and how they went", last)
        ups = [int(n) for n in re.findall(r"\x1b\[(\d+)A", seen)]
        heights = [v.replace("\r\n", "\n").split("\x1b")[0].count("\n") for v in views]
        tap.check(ups and set(ups) <= set(heights), "   what stood before is wiped, line by line", (set(ups), set(heights)))
        tap.check("Validity" in seen.split("\x1b[J")[-1] and "latency   p50" not in seen.split("\x1b[J")[-1], "   the report stands alone at the end")
        seen, code = on_terminal(*load, rows=4)
        tap.check(code == 0 and all(f.count("\n") <= 2 for f in frames(seen)), "a low terminal: as much as fits")
        for name, args, term in (("-q", ("-q",), "xterm"), ("TERM=dumb", (), "dumb")):
            seen, code = on_terminal(*load, *args, term=term)
            tap.check(code == 0 and not frames(seen) and "\x1b[J" not in seen, f"{name}: nothing is drawn", seen[:400])
        r = subprocess.run([ASSAY, *load, "--no-store"], capture_output=True, text=True, check=False)
        tap.check(r.returncode == 0 and "\x1b" not in r.stderr + r.stdout and "in flight" not in r.stderr, "no terminal, a short load: nothing", r.stderr)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
