"""Replays of recordings, as a real nginx logs them: each request once, in order, with the recorded gaps."""

import json
import os
import statistics
import subprocess
import sys
import tempfile

from netlib import ASSAY, Nginx, Tap, TestServer, check_sound, load, need_assay, nginx_path, skip_all


class NginxTimed(Nginx):
    """nginx that notes to the millisecond what it was asked, beside a log of its usual form."""

    def configuration(self):
        seen = ("log_format seen escape=json '$msec\\t$request_method\\t$request_uri\\t$http_x_kind\\t$content_length\\t$http_host'; "
                "log_format timed '$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent "
                "\"$http_referer\" \"$http_user_agent\" $request_time'; "
                f"access_log {self.dir}/timed.log timed; access_log {self.dir}/combined.log; access_log {self.dir}/access.log seen;")
        return (super().configuration().replace(f"access_log {self.dir}/access.log;", seen)
                .replace("location = / {", "location / { return 200 ok; }\n    location = / {"))

    def seen(self):
        self.stop()
        with open(self.dir + "/access.log", encoding="utf-8") as f:
            return [line.rstrip("\n").split("\t") for line in f]


class NginxTimed2(NginxTimed):
    def configuration(self):
        return super().configuration().replace(f"listen 127.0.0.1:{self.port};", f"listen 127.0.0.1:{self.port} http2;")


def write(folder, name, text):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
        f.write(text)
    return f.name


def told(tap, run, name, count):
    """All that the file holds was planned and scheduled, and answered well."""
    if not check_sound(tap, run, name):
        return False
    tap.equal(run.outcomes["scheduled"], count, f"{name}: as many are scheduled as the file holds")
    tap.equal(run.outcomes["ok"], count, f"{name}: and answered")
    return tap.equal(run.metric("planned").get("figure"), count, f"{name}: as planned")


OFFSETS = [0, 0.3, 0.3, 0.4, 1.0, 1.05, 1.6]


def lines(tap, d):
    """Gaps, methods, paths, headers and bodies, at twice the speed."""
    text = "".join(json.dumps({"offset": at, "method": "POST" if i % 2 else "GET", "url": f"http://elsewhere/r/{i}?q={i}",
                               "headers": {"X-Kind": f"k{i % 3}", "Host": "elsewhere", "Connection": "close"},
                               "body": "x" * i if i % 2 else None}) + "\n" for i, at in enumerate(OFFSETS))
    path = write(d, "r.ndjson", text)
    with NginxTimed() as nginx:
        r = load("--replay", path, "--speed", "2", "--workers", "2", "-c", "4", nginx.url("/base"))
        if not told(tap, r, "NDJSON", len(OFFSETS)):
            return
        tap.equal(r.metric("connects").get("figure"), 4, "NDJSON: connections stay, whatever was recorded of them")
        seen = sorted(nginx.seen(), key=lambda line: int(line[2].split("=")[1]))
        tap.equal([line[1:5] for line in seen],
                  [["POST" if i % 2 else "GET", f"/base/r/{i}?q={i}", f"k{i % 3}", str(i) if i % 2 else ""] for i in range(len(OFFSETS))],
                  "NDJSON: method, path, headers and length are those recorded")
        tap.equal({line[5] for line in seen}, {f"127.0.0.1:{nginx.port}"}, "NDJSON: the host is the target's")
        times = [float(line[0]) for line in seen]
        whole = times[-1] - times[0]
        shares = [(t - times[0]) / whole for t in times]
        off = statistics.median(abs(share - at / OFFSETS[-1]) for share, at in zip(shares, OFFSETS))
        tap.check(off < 0.05, "NDJSON: gaps in the recorded ratios", shares)


def own_log(tap, d):
    """What nginx wrote of one load is replayed, and written again."""
    with NginxTimed() as nginx:
        made = load("-r", "100", "-d", "400ms", "--warmup", "0s", nginx.url("/own/${seq()}?a=%20"))
        if not check_sound(tap, made, "a load to be recorded"):
            return
        nginx.stop()
        for name in ("combined.log", "timed.log"):
            with open(os.path.join(nginx.dir, name), encoding="utf-8") as f:
                log = f.read()
            first = [line.split('"')[1] for line in log.splitlines()]
            with NginxTimed() as again:
                r = load("--replay", write(d, name, log), "--speed", "4", "-c", "1", again.url("/"))
                if told(tap, r, name, len(first)):
                    seen = [f"{line[1]} {line[2]} HTTP/1.1" for line in again.seen()]
                    tap.equal(sorted(seen), sorted(first), f"{name}: the same requests")
                    tap.check(name == "timed.log" or seen == first, f"{name}: in its order", seen)


def har(tap, d):
    entries = [{"startedDateTime": f"2026-01-31T00:00:00.{i}00Z", "request": {
        "method": method, "url": f"https://elsewhere/h/{i}", "headers": [{"name": ":authority", "value": "elsewhere"},
                                                                      {"name": "x-kind", "value": method}],
        "postData": {"text": "body"} if method == "PUT" else {}}} for i, method in enumerate(["GET", "PUT", "HEAD"])]
    path = write(d, "r.har", json.dumps({"log": {"entries": entries}}))
    for kind, more in ((NginxTimed, []), (NginxTimed2, ["--http", "2"])):
        name = "HAR, HTTP/2" if more else "HAR, HTTP/1.1"
        with kind() as nginx:
            r = load("--replay", path, *more, "-H", "X-Kind: own", nginx.url("/"))
            if told(tap, r, name, 3):
                tap.equal([line[1:5] for line in nginx.seen()],
                          [["GET", "/h/0", "own", ""], ["PUT", "/h/1", "own", "4"], ["HEAD", "/h/2", "own", ""]],
                          f"{name}: as recorded, the command line's header in place of its own")


def overload(tap, d):
    """Too few connections for what is due: each policy accounts for every record."""
    path = write(d, "many.ndjson", "".join(json.dumps({"offset": i / 200, "method": "GET", "path": "/constant?a=50ms"}) + "\n" for i in range(60)))
    with TestServer() as server:
        for policy in ("queue", "shed", "drop"):
            r = load("--replay", path, "-c", "1", "--timeout", "100ms", "--overload", policy, server.url("/"))
            if not check_sound(tap, r, policy):
                continue
            o = r.outcomes
            tap.equal(o["scheduled"], 60, f"{policy}: all records are scheduled")
            tap.check(o["shed" if policy == "shed" else "dropped"] > 20 and o["ok"] > 0, f"{policy}: what found no connection is counted", o)
            if policy == "queue":
                tap.check(r.metric("latency")["p50"] > 2 * r.metric("service_time")["p50"], "queue: latency counts from the recorded time", r.case)
            tap.check(policy == "shed" or o["shed"] == 0, f"{policy}: by its own name", o)


def suite(tap, d):
    write(d, "access.log", "".join(f'h - - [10/Oct/2000:13:55:{36 + i // 20} -0700] "GET /s/{i} HTTP/1.1" 200 5\n' for i in range(40)))
    with NginxTimed() as nginx:
        write(d, "assay.yaml", "assay: 1\ntargets: { web: { url: '%s' } }\nbenchmarks:\n  peak:\n    target: web\n"
              "    trials: 1\n    load: { replay: access.log, speed: 4 }\n  begin:\n    target: web\n    trials: 1\n    duration: 500ms\n"
              "    load: { replay: access.log }\n" % nginx.url("/"))
        ran = subprocess.run([ASSAY, "run", "--json", "run.json", "--json-stream", "stream.json"], cwd=d, capture_output=True, text=True, timeout=60)
        if tap.check(ran.returncode == 0, "a suite replays", ran.stdout + ran.stderr):
            with open(os.path.join(d, "run.json"), encoding="utf-8") as f:
                counts = {c["case"]: c["outcomes"]["scheduled"] for c in json.load(f)["cases"]}
            tap.equal(counts, {"peak": 40, "begin": 10}, "   all of it, or as long as the benchmark lasts")
            with open(os.path.join(d, "stream.json"), encoding="utf-8") as f:
                tap.check('"offered_per_s"' in f.read(), "   and the stream says what was asked for")


def refused(tap, d):
    damaged = write(d, "bad.log", 'h - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.1" 200 5\nrubbish\n')
    for args, word in (((damaged,), "bad.log:2: "), ((damaged, "-r", "5"), "leave users, rate"), ((damaged, "--stages", "users=1 over=1s"), "--stages"),
                       ((damaged, "--replay-lenient", "--method", "PUT"), "leave out method"), ((d + "/none.log",), "none.log"), (("-",), "wants a file")):
        r = load("--replay", *args, "http://127.0.0.1:1/")
        tap.check(r.code in (1, 2) and word in r.err, f"refused: {word}", (r.code, r.err))
    with NginxTimed() as nginx:
        r = load("--replay", damaged, "--replay-lenient", nginx.url("/"))
        if told(tap, r, "lenient", 1):
            tap.check('"skipped_records"' in json.dumps(r.case), "lenient: says what it left out")


def main():
    need_assay()
    if not nginx_path():
        skip_all("nginx is not installed (nginx-light)")
    tap = Tap()
    with tempfile.TemporaryDirectory() as d:
        for part in (lines, own_log, har, overload, suite, refused):
            part(tap, d)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
