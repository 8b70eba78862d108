"""assay bisect: the commit that made a command slower, among others that did not."""
import os

from tap import assay, check, done, equal, git, read_json, scratch, valid, write

SUITE = """assay: 1
suite: b
build: cp work.sh work
benchmarks:
  work: { command: ./work, trials: 8 }
  other: { command: "true", trials: 6 }
"""


def commit(d, n, sleep, suite=SUITE):
    write(d, "assay.yaml", suite)
    write(d, "work.sh", f"#!/bin/sh\n# {n}\nexec sleep {sleep}\n" if sleep else f"# {n}\n")
    os.chmod(os.path.join(d, "work.sh"), 0o755 if sleep else 0o644)
    git(d, "add", "-A")
    git(d, "commit", "-qm", f"change {n}")
    return git(d, "rev-parse", "HEAD")


def repository(sleeps):
    d = scratch()
    git(d, "init", "-q")
    return d, [commit(d, i, s, SUITE if i else "assay: 1\nbenchmarks: { old: { command: 'false' } }\n") for i, s in enumerate(sleeps)]


def test_found():
    d, hashes = repository(["0.01"] * 6 + ["0.02"] * 5)
    r = assay("bisect", f"{hashes[0]}..HEAD", "work", "--json", "found.json", cwd=d)
    equal(r.returncode, 0, "found", r.stdout, r.stderr)
    j = read_json(os.path.join(d, "found.json"))
    valid(j, "assay.bisect.1.schema.json", "what is found")
    check(j["schema"] == "assay.bisect/1" and j["commits"] == 10 and j["good"] == hashes[0] and j["bad"] == hashes[-1], "what was searched", j)
    equal(j["first_bad"]["commit"], hashes[6], "the commit that did it", j["looks"])
    check(len(j["looks"]) <= 4 + 2, "in at most log2 k and two looks", len(j["looks"]))
    check(j["candidates"] == [j["first_bad"]] and j["first_bad"]["subject"] == "change 6" and j["first_bad"]["author"] == "Ann", "with who and what", j)
    check(all((x["look"] == "regressed") == (x["commit"] in hashes[6:]) and x["case"] == "work" and (x["ratio"] > 1.4) == (x["look"] == "regressed")
              for x in j["looks"]), "every look has its row", j["looks"])
    check("change 6" in r.stdout and hashes[6] in r.stdout, "said in words", r.stdout)
    equal(len(git(d, "worktree", "list").splitlines()), 1, "the work trees are gone")
    equal(git(d, "status", "--porcelain"), "?? found.json", "the folder itself is left alone")


def test_holes():
    d, hashes = repository(["0.01", "0.01", None, None, "0.02", "0.02"])
    r = assay("bisect", hashes[0], "work", "--json", "-", cwd=d)
    equal(r.returncode, 0, "commits that can't run are passed by", r.stdout, r.stderr)
    write(d, "found.json", r.stdout)
    j = read_json(os.path.join(d, "found.json"))
    check(j["first_bad"] is None and [c["commit"] for c in j["candidates"]] == hashes[2:5], "then several are left", j["candidates"])
    bad = [x for x in j["looks"] if x["look"] == "not measured"]
    check(len(bad) == 2 and all(x["why"] for x in bad), "and each says why", bad)


def test_refusals():
    d, hashes = repository(["0.01", "0.01", "0.01"])
    r = assay("bisect", hashes[0], "work", cwd=d)
    check(r.returncode == 1 and "nothing to find" in r.stderr, "nothing regressed", r.stdout, r.stderr)
    for args, code, word in ((["HEAD"], 2, "no commit lies between"), (["nope..HEAD"], 1, "'nope' is no revision"), ([], 2, "range of commits"),
                             ([hashes[0], "--suite", "none.yaml"], 1, "none.yaml")):
        r = assay("bisect", *args, cwd=d)
        check(r.returncode == code and word in r.stderr, f"refused: {' '.join(args)}", r.returncode, r.stderr)
    r = assay("bisect", "HEAD~1", cwd="/")
    check(r.returncode == 1 and "assay.yaml" in r.stderr, "no suite", r.stderr)


for test in (test_found, test_holes, test_refusals):
    test()
done()
