"""Other harnesses' results through the command line: stored, compared, refused."""
import gzip
import json
import os

from tap import assay, check, done, equal, read_json, scratch, write


def hyperfine(times, command="work"):
    return json.dumps({"results": [{"command": command, "times": times}]})


def test_import():
    d = scratch()
    write(d, "a.json", hyperfine([0.010 + 0.0001 * (i % 7) for i in range(30)]))
    r = assay("import", "a.json", "--json", "out.json", "--suite", "mine", "--commit", "abc", "--tag", "k=v", cwd=d)
    equal(r.returncode, 0, "a file is taken in", r.stderr)
    check("work" in r.stdout and "wall" in r.stdout, "   and shown", r.stdout)
    j = read_json(os.path.join(d, "out.json"))
    equal(j["schema"], "assay.run/1", "   as our own document")
    equal(j["run"]["suite"], "mine", "   of the suite asked for")
    equal(j["run"]["commit"], "abc", "   and commit")
    case = j["cases"][0]
    equal(case["kind"], "harness", "   its kind says that another tool measured")
    wall = next(m for m in case["metrics"] if m["name"] == "wall")
    equal((wall["unit"], wall["better"], wall["count"], len(wall["trials"])), ("ns", "lower", 30, 30),
          "   every run a trial")
    equal(wall["trials"][1], 10100000, "   in nanoseconds")
    r = assay("import", "a.json", "--suite", "mine", cwd=d)
    check(r.returncode == 0 and "stored already" in r.stderr, "importing again changes nothing", r.stderr)
    equal(len(assay("report", "--list", cwd=d).stdout.splitlines()), 1, "   one run is stored")
    r = assay("report", "latest", "-f", "json", cwd=d)
    equal(json.loads(r.stdout)["cases"][0]["metrics"][0]["trials"], wall["trials"], "   with its trials")


def test_compare():
    d = scratch()
    write(d, "a.json", hyperfine([0.010 + 0.0001 * (i % 7) for i in range(30)]))
    write(d, "b.json", hyperfine([0.015 + 0.0001 * (i % 7) for i in range(30)]))
    with gzip.open(os.path.join(d, "b.gz"), "wt") as f:
        f.write("\ufeff" + hyperfine([0.015 + 0.0001 * (i % 7) for i in range(30)]))
    for b in "b.json", "b.gz":
        r = assay("compare", "a.json", b, "--json", "c.json", cwd=d)
        row = read_json(os.path.join(d, "c.json"))["rows"][0]
        equal(row["verdict"], "regressed", f"two files are compared: {b}", r.stdout + r.stderr)
        check(1.45 < row["ratio"] < 1.53, "   by the right ratio", row)
        equal(r.returncode, 4, "   and a regression blocks", r.stderr)
    equal(assay("compare", "a.json", "a.json", cwd=d).returncode, 0, "a file against itself")
    assay("import", "a.json", cwd=d)
    r = assay("compare", "latest", "b.json", cwd=d)
    equal(r.returncode, 4, "a stored one against a file", r.stderr)


def test_formats_meet():
    """The same benchmark from two tools: names and units meet."""
    d = scratch()
    go = "".join(f"BenchmarkX-2 100 {1000 + i} ns/op\n" for i in range(12))
    write(d, "go.txt", "goos: linux\n" + go)
    write(d, "new.json", json.dumps({"benchmarks": [
        {"name": "BenchmarkX-2", "real_time": 2 + i / 1000, "time_unit": "us"} for i in range(12)]}))
    r = assay("compare", "go.txt", "new.json", "--json", "c.json", cwd=d)
    rows = [x for x in read_json(os.path.join(d, "c.json"))["rows"] if x["metric"] == "time"]
    equal([x["verdict"] for x in rows], ["regressed"], "Go text against Google Benchmark", r.stdout + r.stderr)


def test_history():
    d = scratch()
    entries = [{"commit": {"id": f"c{i}"}, "date": 1600000000000 + i * 86400000, "tool": "go",
                "benches": [{"name": "x", "value": 100 + i, "unit": "ns/op"}]} for i in range(5)]
    write(d, "data.js", "window.BENCHMARK_DATA = " + json.dumps({"entries": {"S": entries}}))
    r = assay("import", "data.js", "--json", "new.json", cwd=d)
    check(r.returncode == 0 and "5 runs" in r.stderr, "a history becomes its runs", r.stderr)
    equal(read_json(os.path.join(d, "new.json"))["run"]["commit"], "c4", "   the newest is written")
    listed = assay("report", "--list", cwd=d).stdout.splitlines()
    equal([line.split()[-1] for line in listed], ["c4", "c3", "c2", "c1", "c0"], "   all are stored, by their dates")
    r = assay("import", "data.js", cwd=d)
    check("5 of them stored already" in r.stderr, "   once", r.stderr)


def test_several():
    d = scratch()
    write(d, "a.json", hyperfine([1, 2]))
    write(d, "b.json", hyperfine([3, 4]))
    r = assay("import", "a.json", "b.json", cwd=d)
    check(r.returncode == 0 and "2 runs with 4 trials" in r.stdout, "several files", r.stdout + r.stderr)
    r = assay("import", "a.json", "b.json", "--json", "-", cwd=d)
    equal(r.returncode, 2, "one output for several files is wrong usage", r.stderr)
    r = assay("import", "-", "--no-store", stdin=hyperfine([5]), cwd=d)
    check(r.returncode == 0 and "5.000 s" in r.stdout, "standard input", r.stdout + r.stderr)


def test_refusals():
    d = scratch()
    write(d, "x.json", "{\"a\": [1, }")
    r = assay("import", "x.json", cwd=d)
    check(r.returncode == 2 and "x.json:1:" in r.stderr, "broken JSON, with its place", r.stderr)
    write(d, "y.txt", "hello\n")
    r = assay("import", "y.txt", cwd=d)
    check(r.returncode == 2 and "--list" in r.stderr, "an unknown format, with the cure", r.stderr)
    r = assay("import", "y.txt", "--format", "hyperfin", cwd=d)
    check(r.returncode == 2 and "unknown format" in r.stderr, "a format that is none", r.stderr)
    r = assay("import", "absent.json", cwd=d)
    equal(r.returncode, 1, "a file that is not there", r.stderr)
    equal(assay("import", cwd=d).returncode, 2, "no file")
    r = assay("import", "--list")
    check(r.returncode == 0 and len(r.stdout.splitlines()) >= 40, "the list of formats", r.stdout)
    check("google-benchmark" in assay("formats").stdout, "assay formats has them, too")
    write(d, "z.json", json.dumps({"schema": "assay.run/2"}))
    r = assay("compare", "z.json", "z.json", cwd=d)
    check(r.returncode == 2 and "assay.run/1" in r.stderr, "our own document is not guessed at", r.stderr)


test_import()
test_compare()
test_formats_meet()
test_history()
test_several()
test_refusals()
done()
