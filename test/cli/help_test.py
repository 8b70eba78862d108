"""What the program says of itself: help, manual, completions, colour, streams."""
import os
import re
import shutil
import subprocess

from tap import ASSAY, assay, check, done, equal, read_json, scratch, skip

COMMANDS = ["run", "time", "load", "import", "compare", "check", "baseline", "report", "selftest", "init", "drivers", "formats",
            "rules"]


def test_help():
    r = assay("--help")
    equal(r.returncode, 0, "assay --help")
    for c in COMMANDS:
        check(re.search(rf"^  {c}\b", r.stdout, re.M), f"   lists {c}")
        h = assay(c, "--help")
        check(h.returncode == 0 and h.stdout.startswith(f"Usage: assay {c}") and not h.stderr, f"assay {c} --help", h)
        too_long = [line for line in h.stdout.splitlines() if len(line) > 110]
        check(not too_long, "   has no line beyond 110 columns", too_long)
    check(assay("--version").stdout.startswith("assay "), "assay --version")
    check("Examples:" in assay("time", "--help").stdout, "help has examples")


def test_manual():
    man = assay("manual").stdout
    for c in COMMANDS:
        for flag in re.findall(r"^\s+(?:-\w, )?(--[a-z-]+)", assay(c, "--help").stdout, re.M):
            check(flag.replace("-", "\\-") in man, f"the manual has {c} {flag}")
    if shutil.which("groff"):
        r = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z"], input=man, text=True, capture_output=True)
        check(not r.stderr, "groff has no complaint", r.stderr)
    else:
        skip("groff is not installed (apt-get install groff-base)")
    bash = assay("manual", "bash").stdout
    script = bash + "\nCOMP_WORDS=(assay ti); COMP_CWORD=1; _assay; echo ${COMPREPLY[@]}\n" \
                    "COMP_WORDS=(assay time --min-r); COMP_CWORD=2; _assay; echo ${COMPREPLY[@]}\n"
    r = subprocess.run(["bash"], input=script, text=True, capture_output=True)
    equal(r.stdout.split(), ["time", "--min-runs"], "bash completes commands and options", r.stderr)
    if shutil.which("zsh"):
        r = subprocess.run(["zsh", "-n"], input=assay("manual", "zsh").stdout, text=True, capture_output=True)
        equal(r.returncode, 0, "zsh takes the completion", r.stderr)
    else:
        skip("zsh is not installed (apt-get install zsh)")


def test_streams():
    d = scratch()
    r = assay("time", "-n", "3", "true", cwd=d)
    check("true" in r.stdout and "\033" not in r.stdout + r.stderr, "results on stdout, no colour off a terminal")
    r = assay("time", "-n", "3", "--json", "-", "true", cwd=d)
    check(r.stdout.startswith("{") and r.stdout.rstrip().endswith("}"), "--json - leaves stdout to the document")
    r = assay("time", "-q", "-n", "3", "true", cwd=d)
    check(r.stderr == "", "-q says nothing on stderr", r.stderr)
    r = assay("time", "-n", "3", "true", cwd=d, env={"ASSAY_STORE": os.path.join(d, "other.db")})
    check(os.path.exists(os.path.join(d, "other.db")), "ASSAY_STORE says where runs are kept")
    with open("/dev/full", "w") as full:
        p = subprocess.run([ASSAY, "formats"], stdout=full, stderr=subprocess.PIPE, text=True)
    equal(p.returncode, 1, "a full disk behind stdout is a failure", p.stderr)


def test_terminal():
    """On a terminal there are colour and progress, and NO_COLOR is honoured."""
    if not shutil.which("script"):
        skip("script is not installed (apt-get install bsdutils)")
        return
    d = scratch()
    for env, want in (({}, True), ({"NO_COLOR": "1"}, False)):
        full = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "80", **env}
        r = subprocess.run(["script", "-qec", f"{ASSAY} time -n 12 --no-store 'sleep 0.03' 'true'", "/dev/null"], cwd=d,
                           env=full, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        equal("\033[1m" in r.stdout or "\033[3" in r.stdout, want, f"colour with {env or 'a terminal'}")
        check("\033[J" in r.stdout, "   progress is drawn in place")


for test in (test_help, test_manual, test_streams, test_terminal):
    test()
done()
