"""--json-stream: lines while a load runs, against the run's own results."""

import base64
import json
import os
import signal
import struct
import subprocess
import sys
import tempfile
import zlib

from netlib import ASSAY, Nginx, Tap, load, need_assay, nginx_path, skip_all

SCHEMA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/schema/assay.stream.1.schema.json")


def counts_of(text):
    """The counts of a compressed HdrHistogram V2 by index."""
    packed = base64.b64decode(text)
    body = zlib.decompress(packed[8:])
    n = struct.unpack(">i", body[4:8])[0]
    at, index, counts = 40, 0, {}
    while at < 40 + n:
        value = shift = 0
        for k in range(9):
            byte = body[at]
            at += 1
            value |= (byte if k == 8 else byte & 0x7f) << shift
            shift += 7
            if k < 8 and not byte & 0x80:
                break
        value = value >> 1 ^ -(value & 1)
        if value < 0:
            index -= value
            continue
        if value:
            counts[index] = value
        index += 1
    return counts


def merge(many):
    all_of = {}
    for counts in many:
        for k, v in counts.items():
            all_of[k] = all_of.get(k, 0) + v
    return all_of


def check_stream(tap, name, lines, run, validate):
    """Sums over the lines are what the run says."""
    wrong = [e.message for line in lines for e in validate(line)]
    tap.check(not wrong, f"{name}: every line is of the schema", wrong[:3])
    tap.check(lines[0].get("schema") == "assay.stream/1" and lines[-1] == {"run": lines[0]["run"], "end": True, "interrupted": False},
              f"{name}: a first and a last line", (lines[0], lines[-1]))
    parts = [line for line in lines if "latency" in line]
    ends = [line for line in lines if "validity" in line]
    o = run.outcomes
    ended = o["ok"] + sum(o["failed"].values()) + o["timed_out"]
    tap.equal(sum(p["ok"] + p["failed"] for p in parts), ended, f"{name}: all that ended is in some line")
    tap.equal(sum(p["latency"]["count"] for p in parts), ended, f"{name}: and in its histogram")
    tap.equal([e["ok"] for e in ends], [o["ok"]], f"{name}: the trial's end tells its outcomes")
    final = run.metric("latency")["hdr"]
    tap.equal(merge(counts_of(p["latency"]["hdr"]) for p in parts if p["latency"]["hdr"]), merge(counts_of(h["v2"]) for h in final),
              f"{name}: merged histograms are the result's")
    times = [p["t"] for p in parts]
    tap.check(times == sorted(times) and len(parts) >= 3, f"{name}: in order of time", times)
    return parts


def stream(tap, validate):
    with Nginx() as server, tempfile.TemporaryDirectory() as d:
        url = server.url("/")
        r = load("--stages", "rate=200/s over=700ms; users=3 over=600ms", "--warmup", "0s", "--json-stream", d + "/s", "--stream-interval",
                 "200ms", url)
        if not tap.check(r.run is not None and r.code in (0, 5), "stages: ran", (r.code, r.err)):
            return
        with open(d + "/s", encoding="utf-8") as f:
            parts = check_stream(tap, "stages", [json.loads(line) for line in f], r, validate)
        opened = [p for p in parts if p["offered_per_s"] is not None]
        closed = [p for p in parts if p["users"] is not None]
        tap.check(opened and all(abs(p["offered_per_s"] - 200) < 1e-6 for p in opened), "stages: what is offered", opened)
        tap.check(closed and all(p["users"] == 3 for p in closed), "stages: how many users", closed)
        tap.check(len({p["stage"] for p in parts}) == 2, "stages: by name", {p["stage"] for p in parts})
        r = subprocess.run([ASSAY, "load", "-c", "2", "-d", "300ms", "--warmup", "300ms", "--no-store", "--json-stream", "-", url],
                           capture_output=True, text=True, timeout=60, cwd=d)
        lines = [json.loads(line) for line in r.stdout.splitlines()]
        tap.check(r.returncode in (0, 5) and {p["warming"] for p in lines if "latency" in p} == {True, False},
                  "stdout: lines and nothing else, warm-up told apart", (r.returncode, r.stderr))
        r = load("-d", "400ms", "--find-rate", "p99<1s", "--json-stream", d + "/f", "--stream-interval", "100ms", url, limit=120)
        with open(d + "/f", encoding="utf-8") as f:
            lines = [json.loads(line) for line in f]
        looks = {line["stage"]: line["offered_per_s"] for line in lines if "latency" in line}
        tap.check(len(looks) >= 3 and all(name == f"{rate:.6g}ps" for name, rate in looks.items() if name.endswith("ps")),
                  "find-rate: its looks are told", looks)
        tap.check(not [e for line in lines for e in validate(line)], "   by the schema")
        r = load("-d", "100ms", "--json-stream", "/no/such/folder/s", url)
        tap.check(r.code != 0 and "/no/such/folder" in r.err, "a file that can't be: said before measuring", (r.code, r.err))
        if os.path.exists("/dev/full"):
            r = load("-c", "1", "-d", "300ms", "--warmup", "0s", "--json-stream", "/dev/full", url)
            tap.check(r.code == 1 and r.run is not None and r.outcomes["ok"] > 0 and "No space" in r.err,
                      "a full disk: the run fails, its results are there", (r.code, r.err))


def interrupted(tap, validate):
    with Nginx() as server, tempfile.TemporaryDirectory() as d:
        os.mkfifo(d + "/s")
        p = subprocess.Popen([ASSAY, "load", "-c", "2", "-d", "60s", "--warmup", "0s", "--no-store", "--json-stream", d + "/s",
                              "--stream-interval", "100ms", server.url("/")], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=d)
        with open(d + "/s", encoding="utf-8") as f:
            lines = [json.loads(f.readline()) for _ in range(4)]
            p.send_signal(signal.SIGINT)
            lines += [json.loads(line) for line in f]
        p.communicate(timeout=60)
        tap.check(all("latency" in line for line in lines[1:4]), "a reader gets lines while it runs", lines[1:4])
        tap.check(p.returncode == 130 and lines[-1].get("interrupted") is True, "and the last one when it is interrupted", (p.returncode, lines[-1]))
        tap.check(not [e for line in lines for e in validate(line)], "   all of the schema")


def main():
    need_assay()
    if not nginx_path():
        skip_all("nginx is not installed (nginx-light)")
    tap = Tap()
    try:
        import jsonschema
        with open(SCHEMA, encoding="utf-8") as f:
            validate = jsonschema.Draft7Validator(json.load(f)).iter_errors
    except ImportError:
        tap.skip("lines against the schema: jsonschema is not here (python3-jsonschema)")
        validate = lambda _: []
    stream(tap, validate)
    interrupted(tap, validate)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
