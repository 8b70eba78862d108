"""TAP output for tests that drive the built program, and the few helpers they share."""
import json
import os
import subprocess
import sys
import tempfile

try:
    import jsonschema
except ImportError:
    jsonschema = None

ASSAY = os.environ["ASSAY"]
ROOT = os.environ["ASSAY_ROOT"]
_count = 0
_failed = 0


def check(ok, text, *details):
    global _count, _failed
    _count += 1
    print(f"{'ok' if ok else 'not ok'} {_count} - {text}")
    if not ok:
        _failed += 1
        for d in details:
            for line in str(d).splitlines()[:30]:
                print("#  ", line)
    sys.stdout.flush()
    return ok


def equal(got, want, text, *details):
    return check(got == want, text, f"got  {got!r}", f"want {want!r}", *details)


def skip(text):
    global _count
    _count += 1
    print(f"ok {_count} # SKIP {text}", flush=True)


def done():
    print(f"1..{_count}")
    sys.exit(1 if _failed else 0)


def assay(*args, cwd=None, env=None, timeout=120, stdin=None):
    """Run the program; returns CompletedProcess with text streams."""
    full = dict(os.environ)
    full.pop("ASSAY_STORE", None)
    full["XDG_STATE_HOME"] = "/nonexistent/state"  # what was found about this machine is no part of a test
    full.update(env or {})
    return subprocess.run([ASSAY, *args], cwd=cwd, env=full, timeout=timeout, text=True, input=stdin,
                          stdin=None if stdin is not None else subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, errors="replace")


def scratch():
    return tempfile.mkdtemp(prefix="assay-test-")


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w") as f:
        f.write(text)
    return path


def git(folder, *args):
    """Whatever it prints is returned, and nothing is shown."""
    who = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org")
    return subprocess.run(["git", *who, "-C", folder, *args], check=True, capture_output=True, text=True).stdout.strip()


def git_scratch(**files):
    """A repository on branch main with one commit by Ann; `_` in a file's name stands for `.`."""
    d = scratch()
    for name, text in files.items():
        write(d, name.replace("_", "."), text)
    git(d, "init", "-q", "-b", "main")
    git(d, "config", "user.name", "Ann")
    git(d, "config", "user.email", "ann@example.org")
    git(d, "add", "-A")
    git(d, "commit", "-qm", "first")
    return d


def read_json(path):
    with open(path) as f:
        return json.load(f)


def valid(document, name, text):
    """Held against a schema of docs/schema."""
    if not jsonschema:
        skip(f"{text}: python3-jsonschema is not installed (apt-get install python3-jsonschema)")
        return
    schema = read_json(os.path.join(ROOT, "docs", "schema", name))
    errors = [f"{list(e.absolute_path)}: {e.message[:200]}"
              for e in jsonschema.validators.validator_for(schema)(schema).iter_errors(document)]
    check(not errors, f"{text} is as its schema says", *errors[:5])
