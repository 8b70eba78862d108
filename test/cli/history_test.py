"""assay history: series from files and from a store, outputs, exit codes."""
import json
import math
import os
import random
import re
import xml.dom.minidom

from tap import ROOT, assay, check, done, equal, read_json, scratch, skip, valid, write


def series(n, level, seed=1):
    r = random.Random(seed)
    return [round(level * (1 + r.gauss(0, 0.01)), 4) for _ in range(n)]


def history(*args, **kw):
    r = assay("history", *args, "--json", "-", **kw)
    return json.loads(r.stdout) if r.returncode == 0 else None


def test_files():
    d = scratch()
    v = series(30, 100) + series(30, 110, 2)
    forms = {
        "plain.csv": "\n".join(map(str, v)),
        "timed.csv": "time,value\n" + "\n".join(f"2026-{1 + i // 28:02}-{1 + i % 28:02},{x}" for i, x in enumerate(v)),
        "array.json": json.dumps(v),
        "series.json": json.dumps({"series": v}),
        "columns.csv": "commit,a,b\n" + "\n".join(f"c{i},{i},{x}" for i, x in enumerate(v)),
    }
    for name, text in forms.items():
        args = ["--metric", "b"] if name == "columns.csv" else []
        j = history("--from", write(d, name, text), *args)
        check(j and j["schema"] == "assay.history/1" and j["n"] == 60, f"{name} is read")
        c = j["change_points"]
        check(len(c) == 1 and c[0]["index"] == 30 and c[0]["state"] == "confirmed" and c[0]["points_needed"] == 0,
              "   its change is confirmed", c)
        check(abs(c[0]["change"] - 0.1) < 0.01 and c[0]["first"] <= 30 <= c[0]["last"], "   size and range", c)
        check((j["trend"]["slope_per_day"] is not None) == (name == "timed.csv"), "   a slope per day needs times")
        valid(j, "assay.history.1.schema.json", f"   {name}")
    equal(history("--from", "-", stdin="[1,2,3]")["n"], 3, "stdin")
    j = history("--from", os.path.join(d, "columns.csv"), "--metric", "b")
    equal(j["change_points"][0]["commit"], "c30", "the commit that brought it")


def test_suspected():
    d = scratch()
    for k, needed in ((1, 3), (2, 2), (3, 1), (4, 0)):
        p = write(d, f"{k}.json", json.dumps(series(30, 100) + series(k, 130, 3)))
        c = history("--from", p)["change_points"]
        want = ("suspected", needed) if needed else ("confirmed", 0)
        equal([(x["index"], x["state"], x["points_needed"]) for x in c], [(30, *want)], f"{k} new values of 30")


def test_same_again():
    d = scratch()
    r = random.Random(4)
    p = write(d, "a.json", json.dumps([r.gauss(100, 2) + (5 if i > 300 else 0) for i in range(1000)]))
    first = assay("history", "--from", p, "--json", "-").stdout
    check(all(assay("history", "--from", p, "--json", "-").stdout == first for _ in range(3)),
          "the same series gives the same bytes")


def test_modes():
    d = scratch()
    p = write(d, "a.json", json.dumps(series(40, 100) + series(40, 120, 2)))
    for mode in ("assay", "otava", "perfherder"):
        j = history("--from", p, "--mode", mode)
        check(j["mode"] == mode and [c["index"] for c in j["change_points"]] == [40], f"{mode} sees 20 %", j)
    data = os.path.join(ROOT, "..", "shared", "data", "otava", "tigerbeetle.json")
    if not os.path.exists(data):
        skip("the published cases need ../shared/data/otava")
        return
    t = read_json(data)
    for c in t["cases"]:
        q = c["params"]
        j = history("--from", data, "--mode", "otava", "--window", str(q["window_len"]), "--p", str(q["max_pvalue"]),
                    "--magnitude", str(q["min_magnitude"]))
        equal([x["index"] for x in j["change_points"]], c["expected_change_points"], f"otava: {q}")


def test_drift_and_limit():
    d = scratch()
    r = random.Random(5)
    rows = [f"2026-{1 + i // 28:02}-{1 + i % 28:02},{100 * 1.002 ** i * (1 + r.gauss(0, 0.01))}" for i in range(50)]
    p = write(d, "frog.csv", "time,value\n" + "\n".join(rows))
    j = history("--from", p, "--crossing", "120")
    check(j["change_points"] == [] and j["drift"]["drifted"], "0.2 % a day is drift, not a change", j["change_points"])
    check(j["projection"]["at"] and j["projection"]["at"].startswith("2026-0"), "and reaches 120 in time", j["projection"])
    check(j["expected"]["low"] < j["expected"]["high"] and j["week"]["n_now"] == 7, "the week, and the next value")
    valid(j, "assay.history.1.schema.json", "   a projection")
    j = history("--from", write(d, "flat.json", json.dumps(series(80, 100))), "--crossing", "200")
    check(not j["drift"]["drifted"] and j["projection"]["at"] is None, "noise neither drifts nor leads anywhere")


def test_outputs():
    d = scratch()
    v = series(30, 100) + series(30, 110, 2)
    v[7] = None
    p = write(d, "<&\".json", json.dumps(v))
    r = assay("history", "--from", p, "--better", "lower", "--csv", os.path.join(d, "o.csv"), "--svg",
              os.path.join(d, "o.svg"), "--json", os.path.join(d, "o.json"), "--points", cwd=d)
    equal(r.returncode, 0, "all outputs at once", r.stderr)
    check("confirmed" in r.stdout and "+9.41 %" in r.stdout, "the terminal has the table", r.stdout)
    lines = open(os.path.join(d, "o.csv")).read().splitlines()
    check(len(lines) == 61 and lines[0] == "index,time,run,commit,value,level,change,state", "CSV", lines[0])
    check(lines[8].split(",")[4] == "" and lines[31].endswith("confirmed"), "   gaps and changes", lines[8], lines[31])
    xml.dom.minidom.parse(os.path.join(d, "o.svg"))
    check(True, "the picture is well-formed")
    j = read_json(os.path.join(d, "o.json"))
    check(len(j["points"]) == 60 and j["points"][7]["value"] is None and j["missing"] == 1, "JSON with points")
    text = open(os.path.join(d, "o.json")).read()
    check(not re.search(r"\b(NaN|Infinity|nan|inf)\b", text), "without NaN or Infinity")
    one = assay("history", "--from", "-", stdin="5\n")
    equal(one.returncode, 0, "a single value", one.stderr)
    gone = assay("history", "--from", "-", stdin="[null,null]")
    equal(gone.returncode, 0, "only gaps", gone.stderr)
    equal(history("--from", p, "--limit", "20")["n"], 20, "the newest 20")
    check(all(ord(c) < 128 for c in assay("history", "--from", p, env={"LC_ALL": "C"}).stdout), "ASCII without a locale")


def test_refused():
    d = scratch()
    cases = (
        (["--from", write(d, "x.csv", "value\n1\n2x\n")], 2, "x.csv:3: '2x'"),
        (["--from", write(d, "x.json", "[1, \"a\"]")], 2, "element 1 is a text"),
        (["--from", write(d, "y.csv", "a,b\n1,2\n")], 2, "--metric"),
        (["--from", os.path.join(d, "none")], 1, "none"),
        (["--from", os.path.join(d, "x.csv"), "case"], 2, "takes no case"),
        ([], 2, "wants one case"),
        (["case", "--crossing", "soon"], 2, "soon"),
        (["case"], 1, "assay.db"),
        (["--from", "-", "--mode", "magic"], 2, "magic"),
    )
    for args, code, says in cases:
        r = assay("history", *args, cwd=d, stdin="1\n")
        equal(r.returncode, code, f"exit code of {' '.join(a[-12:] for a in args)}", r.stderr)
        check(says in r.stderr, "   " + r.stderr.strip())


def test_store():
    d = scratch()
    for _ in range(4):
        equal(assay("time", "-n", "6", "true", cwd=d).returncode, 0, "a run")
    j = history("true", cwd=d)
    check(j and j["n"] == 4 and j["metric"] == "wall" and j["better"] == "lower" and j["unit"] == "ns", "its history", j)
    check(j["trend"]["slope_per_day"] is not None, "   in time")
    equal(history("true", "--metric", "cpu", cwd=d)["metric"], "cpu", "another metric")
    r = assay("history", "nobody", cwd=d)
    check(r.returncode == 1 and "there are true" in r.stderr, "an unknown case names those there are", r.stderr)
    r = assay("history", "true", "--metric", "nope", cwd=d)
    check(r.returncode == 1 and "wall" in r.stderr, "an unknown metric too", r.stderr)


test_files()
test_suspected()
test_same_again()
test_modes()
test_drift_and_limit()
test_outputs()
test_refused()
test_store()
done()
