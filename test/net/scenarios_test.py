"""Scenarios against a real server: what it was asked, in which order, by whom; and that the figures say the same."""

import collections
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

from netlib import ASSAY, CLASSES, Nginx, Tap, TestServer, free_port, need_assay, nginx_path, skip_all

SITE = """
    location = /login { add_header Set-Cookie "sid=s1; Path=/"; add_header Set-Cookie "deep=1; Path=/item";
      return 200 '{"auth":{"token":"abc","n":3},"items":[10,20]}'; }
    location = /form { return 200 '<form><input type="hidden" name="_csrf" value="a&amp;b"></form>'; }
    location = /cart { if ($http_authorization != "Bearer abc") { return 401; } return 201 '{"state":"open"}'; }
    location = /gate { if ($cookie_sid != "s1") { return 401 "who?"; } return 200 "in"; }
    location = /secret { return 403; }
    location = /old { return 302 /mid?x=1; }
    location = /mid { return 307 http://127.0.0.1:PORT/new; }
    location = /new { return 200 "moved"; }
    location = /loop { return 302 /loop; }
    location = /away { return 302 http://example.org/; }
    location = /broken { return 500; }
    location /up/ { proxy_http_version 1.1; proxy_set_header Connection ''; proxy_pass http://self/sink/; }
    location / { add_header X-Id "id-$connection"; return 200 "hello"; }
"""


class Site(Nginx):
    listen = ""

    def configuration(self):
        log = ("log_format seen escape=json '$request_method\\t$request_uri\\t$status\\t$http_cookie\\t$http_authorization"
               f"\\t$request_body\\t$connection\\t$content_type\\t$http_x_got'; access_log {self.dir}/access.log seen;")
        text = super().configuration().replace(f"access_log {self.dir}/access.log;", log)
        text = re.sub(r"location = / \{.*?\n  \}", lambda _: SITE.replace("PORT", str(self.port)) + "\n  }", text, flags=re.S)
        own = free_port()  # for the proxy, which speaks HTTP/1.1
        text = text.replace(f"listen 127.0.0.1:{self.port};", f"listen 127.0.0.1:{self.port}{self.listen}; listen 127.0.0.1:{own};")
        return text.replace("server {", "upstream self { server 127.0.0.1:%d; keepalive 8; }\n  server {" % own, 1)

    def seen(self):
        self.stop()
        with open(self.dir + "/access.log", encoding="utf-8") as f:
            keys = ("method", "uri", "status", "cookie", "auth", "body", "connection", "type", "got")
            return [dict(zip(keys, line.rstrip("\n").split("\t"))) for line in f]


class Site2(Site):
    listen = " http2"


def run(site, scenarios, load="{ users: 3, workers: 2 }", http="1.1", extra="", files=None, args=()):
    d = tempfile.mkdtemp(prefix="assay-scenario-")
    try:
        for name, text in (files or {}).items():
            with open(os.path.join(d, name), "w", encoding="utf-8") as f:
                f.write(text)
        with open(d + "/s.yaml", "w", encoding="utf-8") as f:
            f.write(f"assay: 1\ndefaults: {{ warmup: 0s, duration: 300ms, trials: 1 }}\n"
                    f"targets: {{ web: {{ url: 'http://127.0.0.1:{site.port}', http: {http} }} }}\n"
                    f"benchmarks:\n  b:\n    target: web\n    load: {load}\n{extra}    scenarios:\n{scenarios}")
        p = subprocess.run([ASSAY, "run", d + "/s.yaml", "--no-store", "--json", d + "/run.json", *args], cwd=d, capture_output=True,
                           text=True, timeout=60, check=False)
        result = None
        if os.path.exists(d + "/run.json"):
            with open(d + "/run.json", encoding="utf-8") as f:
                result = json.load(f)["cases"][0]
        return p, result
    finally:
        shutil.rmtree(d, ignore_errors=True)


def metrics(case):
    return {m["name"]: m for m in case["metrics"]}


def value(case, name):
    m = metrics(case).get(name)
    return m["mean"] if m else None


def conserved(tap, case, name):
    o = case["outcomes"]
    total = o["ok"] + sum(o["failed"].values()) + o["timed_out"] + o["shed"] + o["dropped"] + o["in_flight"]
    tap.equal(total, o["scheduled"], f"{name}: every scheduled request has one outcome")
    tap.check(all(c in CLASSES for c in o["failed"]), f"{name}: known classes", o["failed"])
    steps = sum(m["mean"] for n, m in metrics(case).items() if n.endswith(".requests"))
    tap.equal(steps, o["scheduled"], f"{name}: steps add up to all requests")


SHOP = """      browse: { weight: 3, steps: [ { get: / }, { think: 2ms }, { get: "/item/${zipf(1000)}" } ] }
      buy:
        steps:
          - { get: /form, extract: { csrf: form _csrf } }
          - { post: /up/, form: { csrf: "${csrf}", "a b": "x&y" } }
          - { post: /login, json: { who: "${id()}", n: 3 }, extract: { token: json /auth/token, last: json /items/1, sid: cookie sid } }
          - { post: /cart, headers: { authorization: "Bearer ${token}", x-got: "${last} ${sid}" }, check: { status: 201, json /state: open, size: '< 1KiB', time: '< 5s' } }
          - group: moving
            steps:
              - loop: 2
                steps: [ { get: /old, redirects: 3, check: { body: moved } } ]
          - { if: token == nope, steps: [ { get: /never } ], else: [ { name: leave, get: "/bye?t=${token}" } ] }
"""


def shop(tap):
    for kind, http in ((Site, "1.1"), (Site2, "2")):
        name = f"shop, HTTP/{http}"
        with kind() as site:
            p, case = run(site, SHOP, http=http, extra="    expect: { buy.post_cart.latency.p95: '< 5s', browse.duration.p95: '< 5s' }\n")
            seen = site.seen()
        if not tap.check(p.returncode == 0 and case, f"{name}: runs", p.stderr + str(case and case["outcomes"]) + "\n".join(l for l in p.stdout.splitlines() if "✗" in l or "▲" in l or "(" in l)):
            continue
        conserved(tap, case, name)
        tap.equal(sum(case["outcomes"]["failed"].values()), 0, f"{name}: nothing fails")
        got = collections.Counter((s["method"], s["uri"].split("?")[0].replace(str(s["uri"].split("/item/")[-1]), "N") if "/item/" in s["uri"] else s["uri"].split("?")[0]) for s in seen)
        for step, asked in (("browse.get", ("GET", "/")), ("browse.get_item", ("GET", "/item/N")), ("buy.get_form", ("GET", "/form")),
                            ("buy.post_login", ("POST", "/login")), ("buy.post_cart", ("POST", "/cart")), ("buy.leave", ("GET", "/bye"))):
            counted = value(case, step + ".requests")
            tap.check(counted and abs(got[asked] - counted) <= 3, f"{name}: {step} as often as the server saw it, but for those cut",
                      (counted, got))
        tap.equal(got[("GET", "/old")], got[("GET", "/new")], f"{name}: redirects are followed, relative and absolute")
        tap.equal(got[("GET", "/never")], 0, f"{name}: what is not the case is not done")
        loops, logins = got[("GET", "/old")], got[("POST", "/login")]
        tap.near(loops, 2 * logins, 6, f"{name}: twice each pass")
        tap.check(1.5 < value(case, "browse.passes") / value(case, "buy.passes") < 6, f"{name}: three browse for one that buys", sorted(metrics(case)))
        posts = [s for s in seen if s["uri"] == "/up/"]
        tap.check(posts and all(s["body"] == "csrf=a%26b&a%20b=x%26y" for s in posts), f"{name}: a form's token, encoded", posts[:2])
        tap.check(all(s["type"] == "application/x-www-form-urlencoded" for s in posts), f"{name}: and its type", posts[:2])
        carts = [s for s in seen if s["uri"] == "/cart"]
        tap.check(carts and all(s["auth"] == "Bearer abc" and s["got"] == "20 s1" for s in carts), f"{name}: token, item and cookie were extracted", carts[:2])
        tap.check(all("sid=s1" in s["cookie"] for s in carts), f"{name}: the user's cookies are sent", carts[:2])
        tap.check(all("deep" not in s["cookie"] for s in carts), f"{name}: not those of other paths", carts[:2])
        deep = [s["cookie"] for s in seen if "/item/" in s["uri"] and s["cookie"]]
        tap.check(all("deep=1; sid=s1" in c for c in deep), f"{name}: but there, and first", deep[:2])
        for span in ("browse", "buy", "buy.moving"):
            m = metrics(case)[span + ".duration"]
            tap.check(m["count"] == value(case, span + ".passes") > 0, f"{name}: a duration for each pass of {span}", m)
        m = metrics(case)
        tap.check(m["browse.duration"]["p50"] < 2e6 * 5 and m["browse.duration"]["min"] < m["latency"]["max"] * 3, f"{name}: pauses are left out", m["browse.duration"])
        tap.check(all(s in p.stdout for s in ("buy.post_cart", "buy.moving", "complete")), f"{name}: the report shows steps and passes", p.stdout)


def logins(tap):
    with Site() as site:
        p, case = run(site, """      user:
        login: [ { post: /login, json: { a: 1 } } ]
        steps: [ { get: /gate, check: { body: in } }, { get: /x } ]
""")
        seen = site.seen()
    tap.check(p.returncode == 0, "login: runs", p.stderr)
    conserved(tap, case, "login")
    tap.equal(sum(s["uri"] == "/login" for s in seen), 3, "login: once for each user")
    tap.equal(case["outcomes"]["failed"], {c: 0 for c in CLASSES}, "login: nothing is refused")
    with Site() as site:  # a session that is another's is refused: 401, and the login is made again
        p, case = run(site, """      user:
        session: pass
        login: [ { post: /login, json: { a: 1 } } ]
        steps: [ { get: /gate, cookies: no }, { get: /after } ]
""", load="{ users: 1 }")
        seen = [s["uri"] for s in site.seen()]
    tap.equal(seen[:4], ["/login", "/gate", "/login", "/gate"], "login: made again after a 401, and asked once more")
    tap.check("/after" not in seen and case["outcomes"]["failed"]["unauthorized"] > 1, "login: the second refusal ends the pass", (case["outcomes"], seen[:8]))
    tap.check("not logged in" in p.stdout + p.stderr, "login: the reason says so", p.stdout)
    with Site() as site:
        p, case = run(site, "      a: { on_failure: continue, steps: [ { get: /secret }, { get: /gate }, { get: /broken }, { get: /ok } ] }\n", load="{ users: 1 }")
        failed = case["outcomes"]["failed"]
    tap.check(failed["forbidden"] > 0 and failed["unauthorized"] > 0 and failed["status"] > 0, "classes: 401, 403 and the rest", failed)
    tap.check(value(case, "a.get_ok.requests") > 0 and value(case, "a.passes") > 0, "on_failure: continue goes on", sorted(metrics(case)))
    with Site() as site:
        p, case = run(site, "      a: { steps: [ { get: /broken }, { get: /ok } ] }\n", load="{ users: 1 }")
    tap.check(value(case, "a.get_ok.requests") == 0 and value(case, "a.passes_failed") > 0, "on_failure: stop is the default", sorted(metrics(case)))


def sessions(tap):
    body = "      a: { session: %s, steps: [ { once: [ { post: /login, json: { a: 1 }, extract: { token: json /auth/token } } ] }, { get: \"/s?t=${token}\" } ] }\n"
    with Site() as site:
        _, case = run(site, body % "user", load="{ users: 2 }")
        seen = site.seen()
    tap.equal(sum(s["uri"] == "/login" for s in seen), 2, "session: user: once for each user")
    tap.check(all(s["uri"] == "/s?t=abc" for s in seen if s["uri"] != "/login"), "session: user: what was extracted stays", seen[:3])
    with Site() as site:
        _, case = run(site, body % "pass", load="{ users: 2 }")
        seen = site.seen()
    n = sum(s["uri"] == "/login" for s in seen)
    tap.check(n > 4 and abs(n - (len(seen) - n)) <= 2, "session: pass: each pass logs in", (n, len(seen)))
    tap.check(all(not s["cookie"] for s in seen if s["uri"] == "/login"), "session: pass: as a stranger", seen[:3])


def redirects(tap):
    for path, word in (("/loop", "more redirects than allowed"), ("/away", "redirected to another host")):
        with Site() as site:
            p, case = run(site, f"      a: {{ steps: [ {{ get: {path}, redirects: 3 }} ] }}\n", load="{ users: 1 }")
        tap.check(case["outcomes"]["failed"]["check"] > 0 and word in p.stdout + p.stderr, f"redirects: {word}", p.stdout[-1500:])
    with Site() as site:
        _, case = run(site, "      a: { steps: [ { get: /away } ] }\n", load="{ users: 1 }")
    tap.check(case["outcomes"]["ok"] > 0, "redirects: not followed unless asked for")


def checks(tap):
    rows = (("{ body: nothere }", "check failed: body: nothere"), ("{ json /items/0: 11 }", "json /items/0"), ("{ header set-cookie: zzz }", "header set-cookie"),
            ("{ size: '> 1MiB' }", "size"), ("{ 'regex to.en\":\"(\\w+)': xyz }", "regex to.en"), ("{ cookie sid: s2 }", "cookie sid"))
    for text, word in rows:
        with Site() as site:
            p, case = run(site, f"      a: {{ steps: [ {{ post: /login, check: {text} }} ] }}\n", load="{ users: 1 }")
        tap.check(case and case["outcomes"]["failed"]["check"] > 0 and case["outcomes"]["ok"] == 0 and word in p.stdout + p.stderr, f"check: {text} fails", p.stdout[-1500:] + p.stderr)
    good = "{ status: '200, 201', body: token, json /auth/n: 3, json /items: '[10,20]', header set-cookie: sid, cookie sid: s1, size: '>= 10B', time: < 10s, 'regex to.en\":\"(\\w+)': abc, 'regex \"n\":\\d': yes }"
    for kind, http in ((Site, "1.1"), (Site2, "2")):
        with kind() as site:
            p, case = run(site, f"      a: {{ steps: [ {{ post: /login, check: {good} }} ] }}\n", http=http, load="{ users: 1 }")
        tap.check(case and case["outcomes"]["ok"] > 0 and sum(case["outcomes"]["failed"].values()) == 0, f"check: all of them hold, HTTP/{http}", "\n".join(l for l in p.stdout.splitlines() if "(" in l) + p.stderr)
    with Site() as site:
        p, case = run(site, "      a: { steps: [ { get: /x, extract: { t: json /none } }, { get: '/y/${t}' } ] }\n", load="{ users: 1 }")
        tap.check(case["outcomes"]["ok"] == 0 and "nothing to extract: t (json /none)" in p.stdout + p.stderr, "extract: nothing there fails the step", p.stdout[-1500:])
    with Site() as site:
        p, case = run(site, "      a: { steps: [ { get: /login, keep_max: 10B, check: { body: token } } ] }\n", load="{ users: 1 }")
        tap.check("longer than keep_max" in p.stdout + p.stderr, "check: a body beyond keep_max says so", p.stdout[-1500:])


def feeds(tap):
    rows = {"users.csv": "name,n\nann,1\nbob,2\ncy,3\n", "up.bin": "file\r\ncontent"}
    with Site() as site:
        p, case = run(site, "      a: { feed: users.csv, steps: [ { get: '/u/${feed.name}' }, { get: '/n/${feed.n}' } ] }\n", files=rows, load="{ users: 1 }")
        seen = [s["uri"] for s in site.seen()]
    want = {"/u/ann": "/n/1", "/u/bob": "/n/2", "/u/cy": "/n/3"}
    pairs = list(zip(seen[0::2], seen[1::2]))
    tap.check(len(pairs) > 5 and all(want[a] == b for a, b in pairs), "feed: one row for a whole pass", (p.stderr, seen[:6]))
    tap.equal([a for a, _ in pairs[:4]], ["/u/ann", "/u/bob", "/u/cy", "/u/ann"], "feed: the next one for the next")
    with Site() as site:
        p, case = run(site, "      a: { steps: [ { post: /up/, multipart: { note: 'a ${user()}', file: '@up.bin' } } ] }\n", files=rows, load="{ users: 1 }")
        posts = [s for s in site.seen() if s["uri"] == "/up/"]
    tap.check(posts and posts[0]["type"].startswith("multipart/form-data; boundary="), "multipart: its type", (p.stderr, posts[:1]))
    text = posts[0]["body"] if posts else ""
    tap.check('name=\\"note\\"\\r\\n\\r\\na 0\\r\\n' in text and 'filename=\\"up.bin\\"' in text and "file\\r\\ncontent\\r\\n--" in text, "multipart: its parts", text)


def open_load(tap):
    with Site() as site:
        p, case = run(site, "      a: { steps: [ { get: /1 }, { think: 1ms }, { get: /2 } ] }\n      b: { steps: [ { think: 3ms }, { get: /3 } ] }\n",
                      load="{ rate: 200/s, connections: 16 }", extra="    duration: 1s\n")
        seen = collections.Counter(s["uri"] for s in site.seen())
    conserved(tap, case, "open")
    tap.equal(seen["/1"] + seen["/3"], 200, "open: as many passes as the schedule says")
    tap.near(seen["/2"], seen["/1"], 2, "open: and their second requests")
    tap.check(metrics(case)["latency"]["p50"] < metrics(case)["b.duration"]["max"] * 3 + 3e6, "open: a pause before the first request is not latency", metrics(case)["latency"])
    tap.equal(value(case, "a.passes") + value(case, "b.passes") + (value(case, "a.passes_cut") or 0) + (value(case, "b.passes_cut") or 0), 200, "open: each pass ends somehow")


def at_once(tap):
    """Requests of a `parallel` step: all asked, over connections of their own, and waited for together."""
    page = """      page:
        steps:
          - { get: /, extract: { id: header x-id } }
          - parallel: [ { get: /a.js }, { get: "/b.css?${id}" }, { get: /login, extract: { token: json /auth/token } } ]
          - { get: "/after?${token}" }
"""
    for kind, http in ((Site, "1.1"), (Site2, "2")):
        name = f"parallel, HTTP/{http}"
        with kind() as site:
            p, case = run(site, page, http=http)
            seen = site.seen()
        if not tap.check(p.returncode == 0 and case, f"{name}: runs", p.stderr):
            continue
        conserved(tap, case, name)
        tap.equal(sum(case["outcomes"]["failed"].values()), 0, f"{name}: nothing fails")
        got = collections.Counter(s["uri"].split("?")[0] for s in seen)
        tap.check(got["/a.js"] > 3 and max(got.values()) - min(got.values()) <= 3 and len(got) == 5, f"{name}: each asked in each pass", got)
        tap.check(all(s["uri"] == "/after?abc" for s in seen if "/after" in s["uri"]), f"{name}: what was extracted is there afterwards", got)
        if http == "1.1":
            paths = collections.defaultdict(set)
            for s in seen:
                paths[s["connection"]].add(s["uri"].split("?")[0])
            tap.equal(sorted(sorted(v) for v in paths.values()), sorted([["/", "/a.js", "/after"], ["/b.css"], ["/login"]] * 3), f"{name}: three connections for each user")
    with Site() as site:
        p, case = run(site, "      a: { steps: [ parallel: [ { get: /1 }, { get: /2 }, { get: /3 } ] ] }\n", load="{ rate: 100/s, connections: 8 }", extra="    duration: 1s\n")
        got = collections.Counter(s["uri"] for s in site.seen())
    conserved(tap, case, "parallel, open")
    tap.equal(got, {"/1": 100, "/2": 100, "/3": 100}, "parallel, open: every pass that is due asks for all of them")
    with Site() as site:
        p, case = run(site, """      user:
        session: pass
        login: [ { post: /login, json: { a: 1 }, cookies: no } ]
        steps: [ { parallel: [ { get: /ok }, { get: /gate }, { get: /fine } ] }, { get: /after } ]
""", load="{ users: 1 }")
        seen = [s["uri"] for s in site.seen()]
    tap.check(seen[0] == "/login" and sorted(seen[1:4]) == ["/fine", "/gate", "/ok"] and seen[4:6] == ["/login", "/gate"] and "/after" not in seen,
              "parallel: after a 401 the login is made again, and only what was refused is asked again", seen[:8])
    with Site() as site:
        p, case = run(site, "      a: { on_failure: continue, steps: [ parallel: [ { get: /broken }, { get: /ok } ] ] }\n      b: { steps: [ { parallel: [ { get: /fine }, { get: /broken } ] }, { get: /never } ] }\n")
        got = collections.Counter(s["uri"] for s in site.seen())
    tap.check(value(case, "a.passes") > 0 and not value(case, "a.passes_failed") and value(case, "b.passes_failed") > 0 and got["/never"] == 0,
              "parallel: one that fails is a failure of the step", got)
    for text, word in (("a: { steps: [ parallel: [ { get: / } ] ] }", "2 to 16"), ("a: { steps: [ parallel: [ { get: / }, { think: 1s } ] ] }", "nothing else"),
                       ("a: { steps: [ { parallel: [ { get: / }, { get: / } ], name: x } ] }", "can't stand beside")):
        with Site() as site:
            p, _ = run(site, f"      {text}\n")
        tap.check(p.returncode == 2 and word in p.stderr, f"parallel, refused: {text}", p.stderr)


def overlap(tap):
    """A server that takes its time: three at once take as long as one, one after another three times as long."""
    with TestServer() as server:
        slow = "{ path: '/constant?a=40ms' }"
        p, case = run(server, f"      one: {{ steps: [ {slow} ] }}\n      three: {{ steps: [ parallel: [ {slow}, {slow}, {slow} ] ] }}\n"
                      f"      row: {{ steps: [ {slow}, {slow}, {slow} ] }}\n", load="{ users: 4 }", extra="    duration: 1500ms\n")
    m = {n: metrics(case)[n + ".duration"]["p50"] for n in ("one", "three", "row")}
    tap.check(m["three"] < 2 * m["one"] and m["three"] < 0.67 * m["row"], "parallel: three at once overlap", m)
    conserved(tap, case, "parallel, slow server")


LUA = """
local seen = 0
function setup(user) user.born = (user.born or 0) + 1; user.calls = 0 end
function sign(user)
  user.calls = user.calls + 1
  user.vars.path = user.id .. "-" .. user.users .. "-" .. user.born .. "-" .. user.calls
  user.vars.body = ("x"):rep(user.calls)
end
function read(user) user.vars.path = (user.vars.token or "none") .. (user.vars.never and "_" or "") end
function fresh(user, reply)
  return reply.status == 200 and reply.body == "hello" and reply.header("X-Id"):find("^id%-%d+$") and reply.header("no") == nil and reply.time > 0 and reply.time < 5, "stale"
end
function refuse(user, reply) return false, "never good" end
function sulk() return false end
function quiet() return nil end
function wrong(user) return user.nothing.at_all end
function typo(user) user.vars.pth = "x" end
no_function = 3
"""


def scripts(tap):
    if "scripts are not in this build" in run_lua("      a: { script: s.lua, steps: [ { get: / } ] }\n")[0].stderr:
        tap.skip("this build has no LuaJIT (libluajit-5.1-dev)")
        return
    with Site() as site:
        p, case = run(site, """      a:
        script: s.lua
        steps:
          - { script: sign, sets: [path, body] }
          - { post: "/up/${path}", body: "${body}" }
          - { get: /, check: { script: fresh } }
          - { get: /login, extract: { token: json /auth/token, never: cookie sid } }
          - { script: read }
          - { get: "/read?${path}" }
          - { script: quiet }
""", load="{ users: 3, workers: 2 }", files={"s.lua": LUA})
        seen = site.seen()
    if not tap.check(p.returncode == 0 and case, "script: runs", p.stderr + p.stdout[-600:]):
        return
    conserved(tap, case, "script")
    tap.equal(sum(case["outcomes"]["failed"].values()), 0, "script: nothing fails")
    signed = collections.defaultdict(list)
    for s in seen:
        m = re.match(r"/up/(\d)-3-1-(\d+)", s["uri"])
        if m:
            signed[m.group(1)].append((int(m.group(2)), len(s["body"])))
    tap.equal(sorted(signed), ["0", "1", "2"], "script: each user has a table of its own, set up once")
    tap.check(all(v == [(i + 1, i + 1) for i in range(len(v))] and len(v) > 2 for v in signed.values()), "script: which it keeps, and what it sets is sent", dict(signed))
    tap.check(all(s["uri"] == "/read?abc_" for s in seen if "/read" in s["uri"]), "script: it reads what was extracted", [s["uri"] for s in seen if "/read" in s["uri"]][:3])
    tap.near(value(case, "a.passes"), sum(map(len, signed.values())), 4, "script: passes are counted as ever")


def run_lua(scenarios, lua=LUA, load="{ users: 1 }", extra=""):
    with Site() as site:
        return run(site, scenarios, load=load, extra=extra, files={"s.lua": lua})


def scripts_failing(tap):
    for fn, why in (("refuse", "never good"), ("fresh", "stale")):
        p, case = run_lua(f"      a: {{ script: s.lua, steps: [ {{ get: /new, check: {{ script: {fn} }} }}, {{ get: /never }} ] }}\n")
        conserved(tap, case, f"script check {fn}")
        tap.check(case["outcomes"]["failed"]["check"] > 0 and f"script {fn}: {why}" in p.stdout + p.stderr and not value(case, "a.get_never.requests"),
                  f"script: a check that says no fails the request ({fn})", (case["outcomes"], p.stdout[-500:]))
    for fn, why in (("wrong", "s.lua:16: attempt to index field 'nothing'"), ("sulk", "returned false"), ("typo", "no variable is called 'pth'")):
        p, case = run_lua(f"      a: {{ script: s.lua, steps: [ {{ get: / }}, {{ script: {fn} }}, {{ get: /never }} ] }}\n")
        conserved(tap, case, f"script step {fn}")
        said = [r for r in case["validity"]["reasons"] if r.get("code") == "script-failed" or "script-failed" in str(r)]
        tap.check(said and why in str(said) and value(case, "a.passes_failed") > 0 and not value(case, "a.get_never.requests"), f"script: {fn} ends the pass, and is told", (said, p.stdout[-300:]))
    p, case = run_lua("      a: { script: s.lua, steps: [ { script: sulk }, { get: /never } ] }\n", load="{ rate: 100/s, connections: 4 }", extra="    duration: 1s\n")
    conserved(tap, {**case, "metrics": [{"name": "x.requests", "mean": 100}]}, "script, open")
    tap.equal(case["outcomes"]["failed"]["check"], 100, "script: what fails before the first request is that request, which was due")
    p, case = run_lua("      a: { script: s.lua, on_failure: continue, steps: [ { script: sulk }, { get: / } ] }\n")
    tap.check(value(case, "a.passes") > 0 and case["outcomes"]["ok"] > 0, "script: on_failure: continue goes on", sorted(metrics(case)))
    rows = (("steps: [ { script: nope }, { get: / } ]", LUA, "s.lua has no global function 'nope'"), ("steps: [ { get: /, check: { script: no_function } } ]", LUA, "no global function"),
            ("steps: [ { get: / } ]", "function (", "s.lua:1:"), ("steps: [ { get: / } ]", "error('at once')", "s.lua:1: at once"),
            ("steps: [ { script: sign, sets: ['a b'] }, { get: / } ]", LUA, "names of variables"), ("steps: [ { script: sign, does: x }, { get: / } ]", LUA, "can't stand beside"))
    for text, lua, word in rows:
        p, _ = run_lua(f"      a: {{ script: s.lua, {text} }}\n", lua)
        tap.check(p.returncode in (1, 2) and word in p.stderr and "s.yaml" in p.stderr, f"script, refused: {word}", p.stderr)
    p, _ = run_lua("      a: { steps: [ { script: sign }, { get: / } ] }\n")
    tap.check(p.returncode in (1, 2) and "script: FILE.lua" in p.stderr, "script, refused: no file", p.stderr)
    p, _ = run_lua("      a: { script: none.lua, steps: [ { get: / } ] }\n")
    tap.check(p.returncode in (1, 2) and "none.lua" in p.stderr, "script, refused: a file that is not there", p.stderr)


def refusals(tap):
    rows = (("a: { steps: [] }", "wants a list of steps"),
            ("a: { steps: [ { think: 1s } ] }", "no request stands in it"),
            ("a: { steps: [ { get: /, post: /x } ] }", "'post' says 'path'"),
            ("a: { steps: [ { gett: / } ] }", "did you mean 'get"),
            ("a: { steps: [ { get: /, extract: { x: jsn /a } } ] }", "json /POINTER"),
            ("a: { steps: [ { get: /, extract: { x: json a } } ] }", "no JSON pointer"),
            ("a: { steps: [ { get: /, check: { size: 10KiB } } ] }", "no limit"),
            ("a: { steps: [ { get: /, extract: { x: regex '(' } } ] }", "no regular expression"),
            ("a: { steps: [ { get: '/${tok}', extract: { token: json /a } } ] }", "tok"),
            ("a: { steps: [ { get: / }, { if: nope, steps: [ { get: / } ] } ] }", "no step extracts"),
            ("a: { steps: [ { think: soon }, { get: / } ] }", "think"),
            ("a: { weight: 0, steps: [ { get: / } ] }", "weight"),
            ("a: { steps: [ { loop: 0, steps: [ { get: / } ] } ] }", "loop"),
            ("a: { steps: [ { name: x, get: / }, { name: x, get: / } ] }", "two steps are called"),
            ("a b: { steps: [ { get: / } ] }", "a name has letters"),
            ("a: { feed: none.csv, steps: [ { get: / } ] }", "none.csv"),
            ("a: { stepz: [ { get: / } ] }", "did you mean 'steps'"))
    with Site() as site:
        for text, word in rows:
            p, _ = run(site, f"      {text}\n")
            tap.check(p.returncode in (1, 2) and word in p.stderr and "s.yaml" in p.stderr, f"refused: {text}", (p.returncode, p.stderr))
        p, _ = run(site, "      a: { steps: [ { get: / } ] }\n", extra="    request: /\n")
        tap.check(p.returncode == 2 and "leave 'request' out" in p.stderr, "refused: request beside scenarios", p.stderr)


def main():
    need_assay()
    if not nginx_path():
        skip_all("nginx is not installed (nginx-light)")
    tap = Tap()
    for test in (shop, logins, sessions, redirects, checks, feeds, open_load, at_once, overlap, scripts, scripts_failing, refusals):
        test(tap)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
