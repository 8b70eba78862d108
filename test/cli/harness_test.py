"""harness: in suites: another tool's output becomes cases that are paired, gated and stored."""
import json
import os
import shutil

from tap import assay, check, done, equal, git, read_json, scratch, skip, write

GO = """pkg: x
BenchmarkA-2   1000   {a} ns/op   16 B/op  1 allocs/op
BenchmarkA-2   1000   {b} ns/op   16 B/op  1 allocs/op
BenchmarkB-2   1000   2000 ns/op
PASS
"""


def run(d, *args, code=0):
    r = assay("run", "--json", "out.json", *args, cwd=d)
    equal(r.returncode, code, f"assay run {' '.join(args)}", r.stdout, r.stderr)
    return read_json(os.path.join(d, "out.json")), r


def metric(case, name):
    return [m for m in case["metrics"] if m["name"] == name][0]


def rows(j):
    c = j["comparison"]
    return c["rows"] if isinstance(c, dict) else c or []


def test_trials():
    d = scratch()
    write(d, "out.txt", GO.format(a=1000, b=1200))
    write(d, "assay.yaml", "assay: 1\nbenchmarks:\n  many: { harness: cat out.txt, trials: 3, component: core,"
          " expect: { time.median: '< 1s', allocs: '<= 1' } }\n  once: { harness: cat out.txt, trials: 1 }\n")
    j, _ = run(d)
    equal([c["case"] for c in j["cases"]], ["many/x.BenchmarkA-2", "many/x.BenchmarkB-2", "once/x.BenchmarkA-2", "once/x.BenchmarkB-2"], "its cases")
    a, b, once = j["cases"][0], j["cases"][1], j["cases"][2]
    equal((a["kind"], a["component"], a["benchmark"]), ("harness", "core", "many"), "kind, component, benchmark")
    equal(metric(a, "time")["trials"], [1100, 1100, 1100], "an execution is one value, the median of its samples")
    equal(metric(once, "time")["trials"], [1000, 1200], "of one execution the samples are the trials")
    equal([e["expr"] for e in a["expectations"]], ["time.median < 1s", "allocs <= 1"], "promises where their metric is")
    equal([e["expr"] for e in b["expectations"]], ["time.median < 1s"], "   and only there")
    orders = sorted(s for c in j["cases"] for s in c["order"])
    equal(len(orders), len(set(orders)), "each trial has its place in the order", orders)
    r = assay("report", "latest", "-o", "stored.json", cwd=d)
    equal(read_json(os.path.join(d, "stored.json")), j, "the store gives back what was written", r.stderr)
    r = assay("compare", "latest", "latest", "--json", "-", cwd=d)
    equal({x["case"] for x in json.loads(r.stdout)["rows"]}, {c["case"] for c in j["cases"]}, "the stored run has all its cases", r.stderr)


def test_rivals_and_gate():
    d = scratch()
    for name, t in (("old", 1000), ("new", 1500)):
        write(d, f"{name}.txt", GO.format(a=t, b=t))
    write(d, "assay.yaml", "assay: 1\nbenchmarks:\n  go:\n    params: { side: [old, new] }\n    compare: side\n"
          "    harness: cat ${side}.txt\n    trials: 8\n")
    j, _ = run(d)
    found = {(r["case"], r["metric"]): r for r in rows(j)}
    row = found[("go/side=new/x.BenchmarkA-2", "time")]
    check(row["verdict"] == "regressed" and abs(row["ratio"] - 1.5) < 1e-9 and row["n"] == 8, "values compete, by round", row)
    check(found[("go/side=new/x.BenchmarkB-2", "time")]["verdict"] == "unchanged", "   case by case", list(found))
    r = assay("report", "latest", "-o", "stored.json", cwd=d)
    equal(read_json(os.path.join(d, "stored.json")), j, "   and the store gives back what was written", r.stderr)


def test_against():
    d = scratch()
    git(d, "init", "-q")
    write(d, "assay.yaml", "assay: 1\nbenchmarks:\n  go: { harness: cat out.txt, trials: 8 }\nrules:\n  critical: { time: +10%, action: block }\n")
    for t in (1000, 1300):
        write(d, "out.txt", GO.format(a=t, b=t))
        git(d, "add", "-A")
        git(d, "commit", "-qm", "c")
    j, _ = run(d, "--against", "HEAD~1", code=4)
    row = [r for r in rows(j) if r["case"] == "go/x.BenchmarkA-2" and r["metric"] == "time"][0]
    check(row["verdict"] == "regressed" and abs(row["ratio"] - 1.3) < 1e-9 and row["action"] == "block", "the base revision's harness runs beside", row)


def test_failures():
    d = scratch()
    cases = (("echo nonsense", "'output of echo' is no result"), ("false", "exited with 1"),
             ("no-such-tool", "no program 'no-such-tool'"), ("sleep 60, timeout: 100ms", "ended after its timeout"),
             ("echo hi, result: missing.json", "missing.json"))
    for text, words in cases:
        write(d, "assay.yaml", f"assay: 1\nbenchmarks:\n  x: {{ harness: {text}, trials: 2 }}\n")
        j, r = run(d, code=1)
        check(words in r.stderr, f"{text}: says why", r.stderr)
        equal([(c["case"], c["validity"]["grade"]) for c in j["cases"]], [("x", "INVALID")], "   and the case is INVALID")
    write(d, "assay.yaml", "assay: 1\nbenchmarks:\n  x: { harness: cat out.txt, format: k7 }\n")
    r = assay("run", cwd=d)
    check(r.returncode == 2 and "no format 'k7'" in r.stderr, "an unknown format is refused first", r.stderr)
    write(d, "out.txt", GO.format(a=1, b=1))
    write(d, "assay.yaml", "assay: 1\nbenchmarks:\n  x: { harness: cat out.txt, trials: 1, expect: { latency.p99: '< 1s' } }\n")
    j, _ = run(d, code=3)
    equal([e["held"] for c in j["cases"] for e in c["expectations"]], [False], "a promise that nothing measured breaks")


def test_real_tools():
    d = scratch()
    tools = (("hyperfine", "hyperfine", "hyperfine -N -r 5 -w 1 --export-json h.json true", "result: h.json", "wall", "true"),
             ("go", "golang", "go test -run NONE -bench . -benchtime 100x", "trials: 3", "time", "BenchmarkSum-2"))
    write(d, "go.mod", "module example.org/x\n\ngo 1.19\n")
    write(d, "x_test.go", "package x\n\nimport \"testing\"\n\nvar sink int\n\nfunc BenchmarkSum(b *testing.B) {\n\tfor i := 0; i < b.N; i++ {\n"
          "\t\tfor k := 0; k < 1000; k++ {\n\t\t\tsink += k\n\t\t}\n\t}\n}\n")
    for program, package, command, more, name, case in tools:
        if not shutil.which(program):
            skip(f"{program} is not installed (package {package})")
            continue
        if "trials" not in more:
            more += ", trials: 1"
        write(d, "assay.yaml", f"assay: 1\nbenchmarks:\n  x: {{ harness: {command}, {more} }}\n")
        j, _ = run(d, "--no-store")
        c = j["cases"][0]
        check(c["case"].startswith("x/") and metric(c, name)["p50"] > 0, f"{program}: runs and is read", c["case"], c["metrics"])


for name, test in list(globals().items()):
    if name.startswith("test_"):
        test()
done()
