"""assay run and init: suites from the command line, both sides of --against, outputs."""
import glob
import os
import subprocess
import xml.dom.minidom

from tap import ROOT, assay, check, done, equal, git, read_json, scratch, write


SUITE = """assay: 1
suite: against
build: cp work.sh work
benchmarks:
  work:
    command: ./work
    trials: 12
"""


def repository():
    """Two revisions: the second one sleeps longer."""
    d = scratch()
    git(d, "init", "-q")
    write(d, "assay.yaml", SUITE)
    write(d, "work.sh", "#!/bin/sh\nexec sleep 0.02\n")
    os.chmod(os.path.join(d, "work.sh"), 0o755)
    git(d, "add", "-A")
    git(d, "commit", "-qm", "one")
    write(d, "work.sh", "#!/bin/sh\nexec sleep 0.03\n")
    git(d, "commit", "-qam", "two")
    return d


def test_against():
    d = repository()
    r = assay("run", "--against", "HEAD~1", "--json", "out.json", cwd=d)
    equal(r.returncode, 4, "the slower revision is blocked", r.stdout, r.stderr)
    j = read_json(os.path.join(d, "out.json"))
    row = [x for x in j["comparison"] if x["metric"] == "wall"][0]
    check(row["verdict"] == "regressed" and 1.2 < row["ratio"] < 1.7, "with its ratio", row)
    equal(len(j["cases"]), 1, "the document's cases are this side's")
    check(j["run"]["commit"] and not j["run"]["dirty"], "commit and state of the tree are kept", j["run"])
    trees = subprocess.run(["git", "-C", d, "worktree", "list"], capture_output=True, text=True).stdout
    equal(len(trees.splitlines()), 1, "the other work tree is gone", trees)
    other = scratch()
    write(other, "work.sh", "#!/bin/sh\nexec sleep 0.03\n")
    os.chmod(os.path.join(other, "work.sh"), 0o755)
    r = assay("run", "--against", other, cwd=d)
    equal(r.returncode, 0, "a folder with the same speed is no regression", r.stdout, r.stderr)
    r = assay("run", "--against", "no-such-revision", cwd=d)
    check(r.returncode == 1 and "no-such-revision" in r.stderr, "an unknown revision is named", r.stderr)


SERVER = """import http.server, sys, time
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    def do_GET(self):
        time.sleep(DELAY)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")
    def log_message(self, *_):
        pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
SERVED = """assay: 1
defaults: { warmup: 0s, duration: 100ms, trials: 8 }
targets:
  web: { url: "http://127.0.0.1:${port.web}", start: "python3 server.py ${port.web}" }
benchmarks:
  one: { target: web, load: { users: 2 }, request: / }
  both:
    target: web
    trials: 11
    loads:
      front: { load: { users: 1 }, request: /a }
      back: { load: { rate: 80/s }, request: /b }
"""


def test_against_load():
    d = scratch()
    git(d, "init", "-q")
    write(d, "assay.yaml", SERVED)
    write(d, "server.py", SERVER.replace("DELAY", "0.005"))
    git(d, "add", "-A")
    git(d, "commit", "-qm", "one")
    write(d, "server.py", SERVER.replace("DELAY", "0.015"))
    git(d, "commit", "-qam", "two")
    r = assay("run", "--against", "HEAD~1", "--json", "out.json", "one", cwd=d)
    equal(r.returncode, 4, "load: the slower revision is blocked", r.stdout, r.stderr)
    j = read_json(os.path.join(d, "out.json"))
    row = [x for x in j["comparison"] if x["metric"] == "latency"][0]
    check(row["verdict"] == "regressed" and 1.6 < row["ratio"] < 3.5 and row["n"] == 8, "with its ratio, of pairs", row)
    equal([c["case"] for c in j["cases"]], ["one"], "the document's cases are this side's")
    left = subprocess.run(["pgrep", "-f", d], capture_output=True, text=True).stdout
    trees = subprocess.run(["git", "-C", d, "worktree", "list"], capture_output=True, text=True).stdout
    check(not left and len(trees.splitlines()) == 1, "both servers and the work tree are gone", left, trees)
    r = assay("run", "--against", "HEAD~1", "--json", "out.json", "both.front", cwd=d)
    j = read_json(os.path.join(d, "out.json"))
    slower = {x["case"] for x in j["comparison"] if x["metric"] == "latency" and x["verdict"] == "regressed"}
    check("both.front" in slower, "loads side by side are paired", slower)
    order = {c["case"]: c["order"] for c in j["cases"]}
    check(len(order) == 2 and all(len(o) == 11 for o in order.values()), "as a whole", order)
    other = scratch()
    write(other, "server.py", SERVER.replace("DELAY", "0.015"))
    r = assay("run", "--against", other, "one", cwd=d)
    equal(r.returncode, 0, "a folder with the same speed is no regression", r.stdout, r.stderr)
    write(d, "assay.yaml", SERVED.replace("${port.web}", "18999"))
    r = assay("run", "--against", "HEAD~1", "one", cwd=d)
    check(r.returncode == 1 and "${port.web}" in r.stderr, "one address for both sides is refused, with the cure", r.stderr)
    write(d, "assay.yaml", 'assay: 1\ntargets: { web: { url: "http://127.0.0.1:1" } }\nbenchmarks: { one: { target: web, load: { users: 1 }, request: / } }\n')
    r = assay("run", "--against", "HEAD~1", cwd=d)
    check("measured on this side only" in r.stderr, "what the suite does not start has no other side", r.stderr)


def test_list_and_set():
    d = scratch()
    write(d, "assay.yaml", "assay: 1\nsuite: l\nbenchmarks:\n  nap:\n    params: { ms: [1, 2], who: [a, b] }\n"
                           "    command: sleep 0.00${ms}\n    trials: 2\n")
    r = assay("run", "--list", cwd=d)
    names = [line.split()[1] for line in r.stdout.splitlines()]
    equal(names, ["nap/ms=1,who=a", "nap/ms=1,who=b", "nap/ms=2,who=a", "nap/ms=2,who=b"], "the product, in order")
    r = assay("run", "--list", "*who=b", cwd=d)
    equal(len(r.stdout.splitlines()), 2, "a glob chooses")
    r = assay("run", "--list", "--set", "ms=7", cwd=d)
    check("ms=7" in r.stdout and "ms=1" not in r.stdout, "--set replaces a parameter", r.stdout, r.stderr)
    r = assay("run", "zzz*", cwd=d)
    check(r.returncode == 2 and "zzz*" in r.stderr, "a glob without cases is refused", r.stderr)
    r = assay("run", "--set", "mss=7", cwd=d)
    check(r.returncode == 2 and "mss" in r.stderr, "an unknown key is refused", r.stderr)


def test_outputs():
    d = scratch()
    write(d, "assay.yaml", "assay: 1\nsuite: <o&\nbenchmarks:\n  a:\n    command: 'true'\n    trials: 6\n"
                           "    expect: { wall.median: '< 5s', wall.max: '< 1ns' }\n")
    names = ["r.html", "r.md", "r.xml", "r.json", "r.csv"]
    r = assay("run", *[x for n in names for x in ("--report", n)], cwd=d)
    equal(r.returncode, 3, "one expectation broke", r.stderr)
    check(all(os.path.getsize(os.path.join(d, n)) > 200 for n in names), "every report is written all the same")
    dom = xml.dom.minidom.parse(os.path.join(d, "r.xml"))
    equal(len(dom.getElementsByTagName("failure")), 1, "JUnit: one failure")
    html = open(os.path.join(d, "r.html")).read()
    check("<o&" not in html and "&lt;o&amp;" in html, "HTML: names are escaped")
    check("http://" not in html.replace("http://www.w3.org/", "") and "src=" not in html, "HTML: nothing from outside")
    r = assay("run", "--report", "r.docx", cwd=d)
    equal(r.returncode, 2, "an ending that says nothing is refused before anything is measured", r.stderr)
    for fmt in ("text", "markdown", "csv", "junit", "html", "json"):
        r = assay("report", "-f", fmt, cwd=d)
        check(r.returncode == 0 and len(r.stdout) > 100, f"assay report -f {fmt}", r.stderr)


def test_init():
    d = os.path.join(scratch(), "my project")
    os.mkdir(d)
    r = assay("init", cwd=d)
    equal(r.returncode, 0, "assay init", r.stderr)
    for f in ("assay.yaml", ".github/workflows/assay.yml", ".gitlab-ci.yml", ".gitignore"):
        check(os.path.exists(os.path.join(d, f)), f"   writes {f}")
    equal(assay("run", "--set", "duration=200ms", cwd=d).returncode, 0, "   and its suite runs as it stands")
    r = assay("init", cwd=d)
    check(r.returncode == 1 and "--force" in r.stderr, "   nothing is replaced unasked", r.stderr)
    r = assay("init", "--schema", "-", cwd=d)
    check(r.returncode == 0 and '"$schema"' in r.stdout, "   the schema for editors")


def test_shipped():
    for path in sorted(glob.glob(os.path.join(ROOT, "suites", "*", "*.yaml"))):
        name = os.path.relpath(path, os.path.join(ROOT, "suites"))
        r = assay("run", path, "--list")
        check(r.returncode == 0 and r.stdout, f"suites/{name} parses and has cases", r.stderr)


for test in (test_against, test_against_load, test_list_and_set, test_outputs, test_init, test_shipped):
    test()
done()
