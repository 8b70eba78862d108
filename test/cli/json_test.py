"""Every JSON document that the program writes, held against its schema and against itself."""
import json
import math
import os
import re
import subprocess

from tap import ROOT, assay, check, done, equal, read_json, scratch, skip, valid, write

NUMBERS = ("mean", "stddev", "min", "max", "p50", "p90", "p95", "p99", "p999")


def no_nan(path):
    text = open(path).read()
    check(not re.search(r"\b(NaN|Infinity|nan|inf)\b", text), f"{os.path.basename(path)} holds no NaN or Infinity")
    return json.loads(text, parse_constant=lambda c: check(False, "a bare constant " + c))


def ordered(case):
    for m in case["metrics"]:
        q = [m[k] for k in ("min", "p50", "p90", "p95", "p99", "p999", "max") if m[k] is not None]
        check(q == sorted(q), f"{m['name']}: quantiles rise and stay within min and max", q)
        check(m["unit"] and m["better"] in ("lower", "higher", "none") and m["method"], "   unit, direction, method")


def test_time():
    d = scratch()
    out = os.path.join(d, "t.json")
    r = assay("time", "-n", "8", "--json", out, "true", "sleep 0.002", cwd=d)
    equal(r.returncode, 0, "a run of commands", r.stderr)
    j = no_nan(out)
    valid(j, "assay.run.1.schema.json", "assay time")
    for c in j["cases"]:
        ordered(c)
        equal(c["outcomes"], None, "   commands have no outcomes: null, not zeros")
    r = assay("compare", out, out, "--json", os.path.join(d, "c.json"), cwd=d)
    c = no_nan(os.path.join(d, "c.json"))
    valid(c, "assay.compare.1.schema.json", "assay compare")
    check(all(row["verdict"] in ("unchanged", "inconclusive") for row in c["rows"]), "a run does not differ from itself")
    stored = assay("report", "-f", "json", cwd=d)
    equal(json.loads(stored.stdout), j, "the store gives back the document that was written")


def test_load():
    d = scratch()
    out = os.path.join(d, "l.json")
    server = subprocess.Popen(["python3", "-m", "http.server", "--bind", "127.0.0.1", "0"], cwd=d, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={**os.environ, "PYTHONUNBUFFERED": "1"})
    try:
        port = re.search(r"port (\d+)", server.stdout.readline()).group(1)
        r = assay("load", "--user", "alice:hushhush", "--cookie", "sid=crumbs", "-r", "50", "-d", "2s", "--warmup", "200ms", "--pid", str(server.pid), "--json", out,
                  f"http://127.0.0.1:{port}/", cwd=d)
    finally:
        server.kill()
        server.wait()
    check(r.returncode in (0, 5), "a load", r.stderr)
    j = no_nan(out)
    valid(j, "assay.run.1.schema.json", "assay load")
    params = j["cases"][0]["params"]
    check(params["user"] == params["cookie"] == "(secret)", "of secrets it is noted that they were given", params)
    check(not any(w in json.dumps(j) for w in ("hushhush", "crumbs")), "and nowhere what they are", params)
    case = j["cases"][0]
    ordered(case)
    o = case["outcomes"]
    ends = o["ok"] + sum(o["failed"].values()) + o["timed_out"] + o["shed"] + o["dropped"] + o["in_flight"]
    equal(o["scheduled"], ends, "every scheduled operation has one end", o)
    equal(o["scheduled"], 100, "50/s for 2 s are 100 operations")
    m = {x["name"]: x for x in case["metrics"]}
    gap = m["latency"]["mean"] - m["service_time"]["mean"] - m["lateness"]["mean"]
    check(math.isclose(gap, 0, abs_tol=1e3), "latency is service time and lateness", gap)
    check(any(k.startswith("target.") for k in case["resources"]), "the target's resources are there", case["resources"].keys())
    series = {(s["scope"], s["name"]) for s in case["resources"]["series"]}
    check({("load", "throughput"), ("target", "cpu"), ("generator", "cpu")} <= series, "series lie beside each other", series)


def test_interrupted_numbers():
    """Results come back from other tools' hands: fields missing, but never a crash."""
    d = scratch()
    equal(assay("time", "-n", "6", "--json", "a.json", "true", cwd=d).returncode, 0, "a document to take apart")
    whole = read_json(os.path.join(d, "a.json"))
    for key in list(whole):
        part = {k: v for k, v in whole.items() if k != key}
        path = write(d, "part.json", json.dumps(part))
        r = assay("compare", path, path, cwd=d)
        check(r.returncode in (0, 2, 5) and (r.returncode == 0 or r.stderr), f"without '{key}': {r.returncode}", r.stderr)
    for metric_key in list(whole["cases"][0]["metrics"][0]):
        doc = json.loads(json.dumps(whole))
        del doc["cases"][0]["metrics"][0][metric_key]
        path = write(d, "part.json", json.dumps(doc))
        r = assay("compare", path, path, cwd=d)
        check(r.returncode in (0, 2), f"a metric without '{metric_key}': {r.returncode}", r.stderr)


for test in (test_time, test_load, test_interrupted_numbers):
    test()
done()
