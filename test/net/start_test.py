"""A suite made from a curl command line loads, and sends to a real nginx what it says."""
import json
import os
import subprocess
import tempfile

from netlib import ASSAY, Nginx, Tap, need_assay, nginx_path, skip_all


def assay(folder, *args):
    env = dict(os.environ, TOKEN="hush", PASSWORD="hush")
    return subprocess.run([ASSAY, *args], cwd=folder, env=env, capture_output=True, text=True, timeout=60)


def main():
    tap = Tap()
    need_assay()
    if not nginx_path():
        skip_all("nginx is not installed (apt-get install nginx-light)")
    with Nginx() as nginx, tempfile.TemporaryDirectory() as d:
        line = f"curl -s '{nginx.url('/')}?token=private&a=$1' -H 'X-Kind: a' --compressed"
        made = assay(d, "init", "--curl", line)
        tap.check(made.returncode == 0 and "TOKEN" in made.stderr, "init --curl writes a suite, with notes", made.stderr)
        with open(os.path.join(d, "assay.yaml")) as f:
            tap.check("private" not in f.read(), "   without the secret")
        again = assay(d, "init", "--curl", line)
        tap.check(again.returncode != 0 and "--force" in again.stderr, "   and never over another", again.stderr)
        listed = assay(d, "run", "--list")
        tap.check("request" in listed.stdout, "the suite loads", listed.stderr)
        ran = assay(d, "run", "--quick", "--json", "run.json")
        tap.equal(ran.returncode, 0, "   and runs" + (ran.stderr if ran.returncode else ""))
        with open(os.path.join(d, "run.json")) as f:
            tap.check("request" in json.dumps(json.load(f)), "   with results")
        tap.check(nginx.logged("/?token=hush&a=$1") > 0, "   nginx saw the request with the secret's value")
    tap.done()


main()
