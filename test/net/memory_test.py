"""Memory of `assay load`: nothing is lost and nothing is read that was not written (valgrind, every way a connection can
end); the size does not follow the number of requests, and hardly that of users."""

import shutil
import subprocess
import sys

from netlib import ASSAY, Tap, TestServer, load, need_assay

MIB = 1 << 20

# target and load: users that wait, a rate, replies that close, break off, hang or come in chunks
UNDER_VALGRIND = (
    ("/none?body=100", ("-r", "200", "-c", "4")),
    ("/none?close=yes&chunked=yes&trailers=yes&body=100000", ("-c", "4", "--expect-body", "zzz")),
    ("/none?reset=1", ("-c", "4")),
    ("/none?silence=1", ("-c", "4", "--timeout", "100ms")),
)


def check_valgrind(tap, server, target, args):
    argv = ["valgrind", "-q", "--error-exitcode=99", "--leak-check=full", "--errors-for-leak-kinds=definite", ASSAY,
            "load", "-q", "--no-store", "--workers", "1", "--warmup", "0s", "-d", "300ms", *args, server.url(target)]
    run = subprocess.run(argv, capture_output=True, text=True, timeout=120)
    tap.check(run.returncode in (0, 5), f"{target}: clean under valgrind", f"code {run.returncode}\n{run.stderr}")


def peak(server, users, duration):
    """Peak memory in bytes, and requests made."""
    run = load("--warmup", "0s", "--workers", "1", "-c", str(users), "-d", duration, server.url("/none?body=10"))
    return run.metric("generator.rss_peak")["mean"], run.outcomes["ok"]


def main():
    need_assay()
    tap = Tap()
    with TestServer() as server:
        for target, args in UNDER_VALGRIND:
            if shutil.which("valgrind"):
                check_valgrind(tap, server, target, args)
            else:
                tap.skip(f"{target}: valgrind is not installed (tools/setup test)")
        few, n_few = peak(server, 20, "300ms")
        many, n_many = peak(server, 20, "3s")
        tap.check(n_many > 4 * n_few, "more time, more requests", (n_few, n_many))
        tap.near(many, few, MIB, f"{n_many} requests take the memory of {n_few}")
        crowd, _ = peak(server, 500, "500ms")
        tap.check(crowd <= 24 * MIB / 2, "500 connections within 12 MiB", crowd)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
