"""Loads side by side against a real nginx: the same moment, each with figures of its own."""

import json
import os
import re
import subprocess
import sys
import tempfile

from netlib import ASSAY, CLASSES, Nginx, Tap, free_port, need_assay, nginx_path, skip_all


class Timed(Nginx):
    """Its log says when, in milliseconds."""

    def configuration(self):
        text = super().configuration()
        log = f"log_format at '$msec $request_uri'; access_log {self.dir}/access.log at;"
        return text.replace(f"access_log {self.dir}/access.log;", log).replace("location = /missing", "location = /other { return 200; }\n    location = /missing")

    def times(self, path):
        self.stop()
        with open(self.dir + "/access.log", encoding="utf-8") as f:
            return [float(t) for t, uri in (line.split() for line in f) if uri == path]


def run(port, loads, *args, extra="", trials=2, prelude=""):
    with tempfile.TemporaryDirectory(prefix="assay-beside-") as d:
        with open(d + "/s.yaml", "w", encoding="utf-8") as f:
            f.write(f"assay: 1\ndefaults: {{ warmup: 0s, duration: 1s, trials: {trials} }}\n"
                    f"targets:\n  web: {{ url: 'http://127.0.0.1:{port}' }}\n{prelude}"
                    f"benchmarks:\n  mixed:\n    target: web\n{extra}    loads:\n{loads}")
        p = subprocess.run([ASSAY, "run", d + "/s.yaml", "--no-store", "--json", d + "/run.json", *args], capture_output=True, text=True,
                           timeout=60, check=False)
        cases = {}
        if os.path.exists(d + "/run.json"):
            with open(d + "/run.json", encoding="utf-8") as f:
                cases = {c["case"]: c for c in json.load(f)["cases"]}
        return p, cases


def conserved(tap, case, name):
    o = case["outcomes"]
    total = o["ok"] + sum(o["failed"].values()) + o["timed_out"] + o["shed"] + o["dropped"] + o["in_flight"]
    tap.equal(total, o["scheduled"], f"{name}: every scheduled request has one outcome")


def spans(times):
    """The stretches without a pause of 0.2 s: one for each trial."""
    out = [[times[0], times[0]]]
    for t in times[1:]:
        if t - out[-1][1] > 0.2:
            out.append([t, t])
        out[-1][1] = t
    return out


def together(tap):
    with Timed() as nginx:
        p, cases = run(nginx.port, "      reads: { load: { users: 2, think: 5ms }, request: / }\n"
                                   "      writes: { load: { rate: 200/s }, request: { path: /other, method: POST } }\n", "mixed.reads")
        reads, writes = sorted(nginx.times("/")), sorted(nginx.times("/other"))
    if not tap.check(p.returncode == 0 and set(cases) == {"mixed.reads", "mixed.writes"}, "who asks for one gets the other with it", (p.stderr, list(cases))):
        return
    for name, case in cases.items():
        conserved(tap, case, name)
        tap.equal(len(case["order"]), 2, f"{name}: two trials")
    tap.equal(cases["mixed.writes"]["outcomes"]["scheduled"], 400, "the open load keeps its schedule")
    tap.equal(len(writes), 400, "and the server saw so many")
    tap.check(len(reads) >= cases["mixed.reads"]["outcomes"]["ok"] > 50, "the closed one goes at its own pace", len(reads))
    for (a0, a1), (b0, b1) in zip(spans(reads), spans(writes)):
        shared = min(a1, b1) - max(a0, b0)
        tap.check(shared > 0.9 * (b1 - b0), "both ran at the same time", (a0, a1, b0, b1))


def apart(tap):
    """One ends by its own condition, and later than the other; each keeps its figures."""
    with Timed() as nginx:
        p, cases = run(nginx.port, "      bad: { load: { rate: 100/s, stop: 'error_rate > 50%', stop_window: 200ms }, request: /missing, duration: 2s }\n"
                                   "      good: { load: { rate: 100/s }, request: / }\n", trials=1)
    bad, good = cases["mixed.bad"], cases["mixed.good"]
    tap.check(0 < bad["outcomes"]["scheduled"] < 150, "the one that stops stops early", bad["outcomes"])
    tap.equal(good["outcomes"]["ok"], 100, "the other goes on to its end")
    tap.equal(sum(good["outcomes"]["failed"][c] for c in CLASSES), 0, "and has none of its failures")
    for name, case in cases.items():
        conserved(tap, case, name)


def unreachable(tap):
    with Timed() as nginx:
        p, cases = run(nginx.port, "      up: { load: { users: 2 }, request: / }\n      down: { target: gone, load: { users: 2 }, request: / }\n", trials=1,
                       prelude=f"  gone: {{ url: 'http://127.0.0.1:{free_port()}' }}\n")
        seen = nginx.times("/")
    tap.check(p.returncode == 1 and "none of 2 connections" in p.stderr, "one that can't connect: said", p.stderr)
    tap.equal(seen, [], "and the others don't begin without it")


def chosen(tap):
    """Parameters pair the members; --list shows all of them."""
    p, _ = run(1, "      a: { load: { users: \"${n}\" }, request: / }\n      b: { load: { rate: 1/s }, request: / }\n", "--list", "mixed.a/n=2",
               extra="    params: { n: [1, 2] }\n")
    tap.equal(re.findall(r"mixed\S+", p.stdout), ["mixed.a/n=2", "mixed.b/n=2"], "the same parameters run together")


def main():
    need_assay()
    if not nginx_path():
        skip_all("nginx is not installed (nginx-light)")
    tap = Tap()
    for test in (together, apart, unreachable, chosen):
        test(tap)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
