"""A suite made from a curl command line, a HAR file or an API description loads, and sends to a real nginx what it says."""
import json
import os
import re
import subprocess
import sys
import tempfile

from netlib import ASSAY, Nginx, Tap, need_assay, nginx_path, skip_all


def assay(folder, *args):
    env = dict(os.environ, TOKEN="hush", PASSWORD="hush", AUTHORIZATION="hush")
    return subprocess.run([ASSAY, *args], cwd=folder, env=env, capture_output=True, text=True, timeout=60)


class NginxApi(Nginx):
    """nginx that answers all paths, and logs with which credentials they were asked for."""

    def configuration(self):
        seen = ("log_format seen escape=json '$request_method\\t$request_uri\\t$http_authorization\\t$http_cookie\\t$content_length'; "
                f"access_log {self.dir}/access.log seen;")
        return (super().configuration().replace(f"access_log {self.dir}/access.log;", seen)
                .replace("location = / {", "location /login { add_header Set-Cookie sid=7; return 201 in; }\n"
                         "    location / { return 200 ok; }\n    location = / {"))

    def seen(self):
        self.stop()
        with open(self.dir + "/access.log", encoding="utf-8") as f:
            return {tuple(line.rstrip("\n").split("\t")) for line in f}


SHORT = ("--quick", "--no-store", "--set", "trials=1", "--set")


def start(tap, d, name, text, length):
    """The suite that `init --from` writes, listed and run; its text, or None."""
    with open(os.path.join(d, name), "w", encoding="utf-8") as f:
        f.write(text)
    suite = name + ".yaml"
    made = assay(d, "init", "--from", name, "-o", suite)
    if not tap.check(made.returncode == 0, f"init --from {name}", made.stderr):
        return None
    listed = assay(d, "run", suite, "--list")
    tap.equal(listed.returncode, 0, f"{name}: the suite loads" + listed.stderr)
    ran = assay(d, "run", suite, *SHORT, f"duration={length}")
    tap.equal(ran.returncode, 0, f"{name}: and runs" + (ran.stdout + ran.stderr if ran.returncode else ""))
    with open(os.path.join(d, suite), encoding="utf-8") as f:
        return f.read()


def har(tap, d):
    with NginxApi() as nginx:
        def entry(at, method, path, status, headers=(), **more):
            return {"startedDateTime": f"2026-01-31T00:00:0{at}Z", "time": 10, "response": {"status": status, "headers": more.pop("reply", [])},
                    "request": {"method": method, "url": nginx.url(path), "headers": [{"name": n, "value": v} for n, v in headers], **more}}
        entries = [entry("0.00", "GET", "/", 200, [("Authorization", "Bearer private")]), entry("0.02", "GET", "/logo.png", 200),
                   entry("0.20", "POST", "/login?a=1", 201, [("Content-Type", "application/json")], postData={"text": '{"password": "private"}'},
                         reply=[{"name": "Set-Cookie", "value": "sid=7"}]),
                   entry("0.25", "GET", "/mine", 200, [("Cookie", "sid=7")])]
        entries[1]["response"]["content"] = {"mimeType": "image/png"}
        text = start(tap, d, "session.har", json.dumps({"log": {"entries": entries}}), "800ms")
        if text is None:
            return
        tap.check("private" not in text and "sid=7" not in text, "session.har: without its secrets", text)
        tap.check("think: 0.19s" in text and "logo" not in text, "session.har: with its pauses, without its images", text)
        tap.equal(nginx.seen(), {("GET", "/", "hush", "", ""), ("POST", "/login?a=1", "", "", "20"), ("GET", "/mine", "", "sid=7", ""),
                                 ("POST", "/login?a=1", "", "sid=7", "20"), ("GET", "/", "hush", "sid=7", "")},
                  "session.har: nginx sees what was recorded, with cookies of its own")


def openapi(tap, d):
    with NginxApi() as nginx:
        text = start(tap, d, "api.yaml", f"""
openapi: 3.1.0
servers: [ {{ url: "{nginx.url('/v1')}" }} ]
security: [ {{ token: [] }} ]
paths:
  /items:
    get: {{ parameters: [ {{ name: sort, in: query, required: true, schema: {{ enum: [name, price] }} }} ], responses: {{ "200": {{}} }} }}
    post: {{ requestBody: {{ content: {{ application/json: {{ schema: {{ $ref: "#/components/schemas/Item" }} }} }} }}, responses: {{ "200": {{}} }} }}
  /items/{{id}}:
    parameters: [ {{ name: id, in: path, required: true, schema: {{ type: integer }} }} ]
    head: {{ security: [] }}
components:
  securitySchemes: {{ token: {{ type: http, scheme: bearer }} }}
  schemas: {{ Item: {{ type: object, properties: {{ name: {{ type: string, example: tea }} }} }} }}
""", "300ms")
        if text is None:
            return
        tap.equal(nginx.seen(), {("GET", "/v1/items?sort=name", "Bearer hush", "", ""), ("HEAD", "/v1/items/1", "", "", "")},
                  "api.yaml: nginx sees the operations that only read")
    with NginxApi() as nginx:
        with open(os.path.join(d, "all.yaml"), "w", encoding="utf-8") as f:
            f.write(re.sub(r"(?m)^# ( .*)$", r"\1", text).replace(re.search(r"http://127.0.0.1:\d+", text).group(), nginx.url("")))
        ran = assay(d, "run", "all.yaml", *SHORT, "duration=300ms", "post-items")
        tap.check(ran.returncode == 0 and ("POST", "/v1/items", "Bearer hush", "", "14") in nginx.seen(), "api.yaml: the others when they are taken in",
                  ran.stdout + ran.stderr)


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
    with tempfile.TemporaryDirectory() as d:
        har(tap, d)
        openapi(tap, d)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
