"""assay load against MCP servers: the suite's own one over stdio and HTTP, in both eras, well and ill; and the reference servers
where they are installed (tools/mcp-servers)."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

from netlib import ASSAY, Load, Server, Tap, await_port, check_sound, free_port, load, need_assay

HERE = os.path.dirname(os.path.abspath(__file__))
SUITE = os.path.join(HERE, "../../suites/codeploy/mcp.yaml")
SERVER = os.path.join(HERE, "../../suites/codeploy/mcp_server.py")
REAL = os.environ.get("ASSAY_MCP_SERVERS", "")
ECHO = ("--call", "echo", "--arguments", '{"message": "n ${seq()}"}')
# Echoes over the later era's SDK, which has no program of its own.
SDK2 = """
const { McpServer, fromJsonSchema } = require('@modelcontextprotocol/server');
const { serveStdio } = require('@modelcontextprotocol/server/stdio');
serveStdio(() => {
    const server = new McpServer({ name: 'echo', version: '1' }, { capabilities: { tools: {} } });
    const inputSchema = fromJsonSchema({ type: 'object', properties: { message: { type: 'string' } }, required: ['message'] });
    server.registerTool('echo', { description: 'says it again', inputSchema }, async (args) => ({ content: [{ type: 'text', text: args.message }] }));
    return server;
});
"""


class Stdio:
    """Where servers that assay starts log what they did."""

    def __init__(self, *options):
        self.dir = tempfile.mkdtemp(prefix="assay-mcp-")
        self.target = f"mcp:{sys.executable} {SERVER} --log {self.dir} " + " ".join(options)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.dir, ignore_errors=True)

    def pids(self):
        return [int(name) for name in os.listdir(self.dir)]

    def lines(self):
        return [line for pid in self.pids() for line in open(f"{self.dir}/{pid}", encoding="utf-8").read().split("\n")[:-1]]

    def await_lines(self, n, within=30):
        until = time.monotonic() + within
        while time.monotonic() < until and len(self.lines()) < n:
            pass

    def await_none(self, within=10):
        until = time.monotonic() + within
        left = self.pids()
        while time.monotonic() < until and left:
            left = [pid for pid in self.pids() if os.path.exists(f"/proc/{pid}")]
        return left


class Http(Server):
    def __init__(self, *options):
        self.port = free_port()
        self.process = subprocess.Popen([sys.executable, SERVER, "--http", str(self.port), *options])
        await_port(self.port, self.process)
        self.target = f"mcp:http://127.0.0.1:{self.port}/mcp"

    def stats(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/stats", timeout=10) as reply:
            return json.load(reply)

    def await_ended(self, n, within=10):
        until = time.monotonic() + within
        while time.monotonic() < until and self.stats()["ended"] < n:
            pass
        return self.stats()


def args(target, *more, seconds="300ms"):
    return ("--users", "4", "--workers", "2", "-d", seconds, "--warmup", "0s", *more, target)


def all_ok(tap, r, name, least=20):
    return check_sound(tap, r, name) and tap.check(r.outcomes["ok"] >= least and r.failed() == 0 and r.outcomes["timed_out"] == 0,
                                                   f"{name}: all are answered", (r.outcomes, r.out[-1500:]))


def stdio(tap):
    for options, more, processes in (((), (), 4), ((), ("--sessions", "1", "--list-first"), 2), (("--era", "sessions"), (), 4),
                                     (("--era", "stateless"), ("--sessions", "1"), 2)):
        with Stdio(*options) as s:
            name = "stdio " + " ".join(options + more)
            r = load(*args(s.target, *ECHO, *more))
            if not all_ok(tap, r, name):
                continue
            o, lines = r.outcomes, s.lines()
            tap.check(o["ok"] <= len(lines) <= o["ok"] + o["in_flight"], f"{name}: the servers logged as many", (len(lines), o))
            tap.check(len(set(lines)) == len(lines), f"{name}: each text once", lines[:3])
            tap.equal(len(s.pids()), processes, f"{name}: processes")
            tap.equal(r.metric("start_time").get("count"), processes, f"{name}: starts are timed")
            tap.equal(r.metric("first_list_time").get("count", 0), processes if "--list-first" in more else 0, f"{name}: first lists are timed")
            rss = r.metric("target.rss").get("mean", 0)
            tap.check(rss > processes * 5e6, f"{name}: their memory is the target's", rss)
            tap.equal(s.await_none(), [], f"{name}: none is left running")


def http(tap):
    for era, more in (("both", ()), ("sessions", ()), ("stateless", ()), ("both", ("--era", "sessions")), ("both", ("--era", "stateless"))):
        with Http("--era", era) as s:
            name = f"HTTP, a server of {era}, {' '.join(more)}"
            r = load(*args(s.target, *ECHO, *more))
            if not all_ok(tap, r, name):
                continue
            o = r.outcomes
            begun = 4 if era == "sessions" or more[1:] == ("sessions",) else 0
            stats = s.await_ended(begun)
            tap.check(o["ok"] <= stats["calls"] <= o["ok"] + o["in_flight"], f"{name}: the server counted as many", (stats, o))
            tap.equal((stats["begun"], stats["ended"], stats["open"]), (begun, begun, 0), f"{name}: sessions begun, ended and left open")


def shared(tap):
    with Http("--era", "sessions") as s:
        r = load(*args(s.target, *ECHO, "--sessions", "1", "--users", "8"))
        if all_ok(tap, r, "HTTP, shared sessions"):
            stats = s.await_ended(2)
            tap.equal((stats["begun"], stats["ended"], stats["open"]), (2, 2, 0), "HTTP, shared sessions: one for each of two threads")
            tap.equal(r.metric("connects").get("mean"), 2, "HTTP, shared sessions: counted as such")


def requests(tap):
    for where in (Stdio("--tools", "20", "--page", "4"), Http("--tools", "20", "--page", "4")):
        with where as s:
            name = type(s).__name__
            all_ok(tap, load(*args(s.target, "--list", "tools", "--check", "json /tools/0/name=tool18")), f"{name}: all pages of a list")
            r = load(*args(s.target, "--call", "add", "--arguments", '{"a": ${uniform(1,9)}, "b": 0.5}', "--check", "regex \\d\\.5=yes"))
            all_ok(tap, r, f"{name}: numbers as arguments")
            for method in ("ping", "roots/list"):
                r = load(*args(s.target, "--era", "sessions", "--call", "asks", "--arguments", f'{{"method": "{method}"}}'))
                all_ok(tap, r, f"{name}: the server's {method} is answered")
            r = load(*args(s.target, "--call", "slow", "--arguments", '{"ms": 40, "steps": 4}', "--progress"))
            if all_ok(tap, r, f"{name}: progress", least=8):
                events, o = r.metric("events").get("mean"), r.outcomes
                tap.check(4 * o["ok"] <= events <= 4 * (o["ok"] + o["in_flight"]), f"{name}: each step is an event", (events, o))
                tap.check(r.metric("time_to_first_event")["p50"] < r.metric("latency")["p50"] / 2, f"{name}: the first comes long before the result",
                          (r.metric("time_to_first_event"), r.metric("latency")))
            for request, answer, of in ((("--call", "fails"), "tool_error", "tool"), (("--call", "none"), "error", "status"),
                                        (("--method", "no/such"), "error", "status")):
                r = load(*args(s.target, *request))
                if check_sound(tap, r, f"{name}: {' '.join(request)}"):
                    tap.check(r.outcomes["ok"] == 0 and r.failed() == r.failed(of) > 0, f"{name}: {' '.join(request)} fails as {of}", r.outcomes)
                all_ok(tap, load(*args(s.target, *request, "--answer", answer)), f"{name}: {' '.join(request)} where that is wanted")


def names(tap):
    """What a call is about stands in a header, too; the server compares."""
    with Http("--era", "stateless") as s:
        for uri in ("file:///a b", "file:///\u00e4\u20ac", "=?base64?x?=", 'a"b\\c', "file:///${uniform(1,1000)}"):
            r = load(*args(s.target, "--read", uri, "--answer", "error"))
            if all_ok(tap, r, f"names: {uri}"):
                r = load(*args(s.target, "--read", uri))
                tap.check("-32601" in r.out and "-32020" not in r.out, f"names: {uri}: the header is what the body says", r.out[-1500:])


def killed(tap):
    with Stdio() as s:
        going = Load(*args(s.target, *ECHO, seconds="3s"))
        s.await_lines(100)
        os.kill(s.pids()[0], signal.SIGKILL)
        r = going.wait()
        if check_sound(tap, r, "killed"):
            tap.check(r.failed("reset") <= 1 and r.failed() <= 2 and r.outcomes["ok"] > 100, "killed: a call is lost, the rest goes on", r.outcomes)
            tap.equal(r.metric("restarts").get("mean"), 1, "killed: one was started again")


def ill(tap):
    for how, classes in (("tool", ("tool",)), ("error", ("status",)), ("die", ("reset",)), ("garbage", ("protocol",)), ("hang", ())):
        share = "0.1" if how in ("tool", "error") else "0.02"
        for where in (Stdio("--ill-share", share, "--ill-how", how), Http("--ill-share", share, "--ill-how", how)):
            with where as s:
                name = f"{type(s).__name__}, ill: {how}"
                if how == "die" and type(s) is Http:
                    continue
                r = load(*args(s.target, *ECHO, "--timeout", "1s" if how == "hang" else "20s", seconds="1500ms" if how == "hang" else "800ms"))
                if not check_sound(tap, r, name):
                    continue
                o = r.outcomes
                bad = r.failed(*classes) if classes else o["timed_out"]
                tap.check(o["ok"] >= 40 and bad > 0, f"{name}: some fail, the others do not", o)
                tap.equal(r.failed(), bad if classes else 0, f"{name}: as what it is")
                if how in ("tool", "error"):
                    tap.near(bad / (bad + o["ok"]), 0.1, 0.03, f"{name}: one of ten")
                if how == "die":
                    tap.check("the server is ill and ends" in json.dumps(r.run) and r.metric("restarts").get("mean", 0) > 0,
                              f"{name}: its last words are told, it is started again", r.out[-1500:])


def several(tap):
    with Stdio() as well, Stdio("--ill-share", "1", "--ill-how", "error") as bad:
        gone = f"http://127.0.0.1:{free_port()}/mcp"
        r = load(*args(well.target, *ECHO, "--also", bad.target[4:], "--also", gone, "--users", "6"))
        if check_sound(tap, r, "three servers"):
            tap.check(r.outcomes["ok"] > 20 and r.failed("status") > 20, "three servers: one is well, one ill", r.outcomes)
            tap.check(r.failed() == r.failed("status", "connect") and r.failed("connect") > 0, "three servers: one is not there", r.outcomes)
    with Stdio("--ill-for", "1") as s:
        r = load("--stages", "users=3 over=1500ms name=ill; users=3 over=2s name=well", "--warmup", "0s", *ECHO, s.target)
        if check_sound(tap, r, "recovering"):
            ill, well = r.metric("ill.error_rate"), r.metric("well.error_rate")
            tap.check(ill.get("mean", 0) > 0.2 and well.get("mean") == 0 and r.failed() == r.failed("tool"), "recovering: errors end with the illness",
                      (ill, well, r.outcomes))


def freeze(tap):
    """Who is due into a freeze of a second waits for its end, though the server answers each in no time."""
    for where in (Stdio(), Http()):
        with where as s:
            name = f"frozen, {type(s).__name__}"
            going = Load("--rate", "100/s", "--connections", "1", "--workers", "1", "-d", "3s", "--warmup", "500ms", "--timeout", "20s", *ECHO, s.target)
            if isinstance(s, Stdio):
                s.await_lines(80)
                pid = s.pids()[0]
            else:
                until = time.monotonic() + 20
                while s.stats()["calls"] < 80 and time.monotonic() < until:
                    pass
                pid = s.process.pid
            os.kill(pid, signal.SIGSTOP)
            threading.Event().wait(1)
            os.kill(pid, signal.SIGCONT)
            r = going.wait()
            if not check_sound(tap, r, name):
                continue
            latency, service = r.metric("latency"), r.metric("service_time")
            tap.equal((r.outcomes["ok"], r.outcomes["scheduled"]), (300, 300), f"{name}: all are answered")
            # a third of them was due in the freeze, and waited half of it on average
            tap.check(latency["max"] > 0.9e9 and latency["p90"] > 0.5e9, f"{name}: response times hold the freeze", latency)
            tap.check(service["p90"] < latency["p90"] / 5, f"{name}: which one connection's service times would hide", (service, latency))


def ends(tap):
    for sig, name in ((signal.SIGINT, "^C"), (signal.SIGKILL, "assay is killed")):
        with Stdio("--ill-share", "0.5", "--ill-how", "hang") as s:
            going = Load(*args(s.target, *ECHO, seconds="60s"))
            s.await_lines(4)
            going.process.send_signal(sig)
            r = going.wait()
            tap.check(not r.hung, f"{name}: it ends", r.code)
            tap.equal(s.await_none(), [], f"{name}: the servers end, though they hang")


def example(tap):
    with tempfile.TemporaryDirectory() as d:
        r = subprocess.run([ASSAY, "run", SUITE, "--quick", "--no-store", "--json", d + "/run.json"], capture_output=True, text=True, timeout=200)
        with open(d + "/run.json", encoding="utf-8") as f:
            promises = [e for c in json.load(f)["cases"] for e in c["expectations"]]
    tap.check(r.returncode in (0, 3, 5) and len(promises) >= 10 and all(e["value"] is not None for e in promises),
              "suites/codeploy/mcp.yaml: runs, and each promise is of a figure", (r.returncode, promises, r.stderr))
    errors = [e for e in promises if "error_rate" in e["expr"]]
    tap.check(errors and all(e["held"] for e in errors), "suites/codeploy/mcp.yaml: its promises about errors hold", errors)


def real_stdio(tap):
    everything = f"mcp:{REAL}/node_modules/.bin/mcp-server-everything stdio"
    memory = f"mcp:env MEMORY_FILE_PATH=/dev/null {REAL}/node_modules/.bin/mcp-server-memory"
    with open(f"{REAL}/echo.js", "w", encoding="utf-8") as f:
        f.write(SDK2)
    sdk2 = f"mcp:node {REAL}/echo.js"
    for target, more, name in ((everything, ECHO, "everything, echo"), (everything, ("--list", "tools"), "everything, tools/list"),
                               (everything, ("--sessions", "1", *ECHO), "everything, shared"), (everything, ("--method", "ping"), "everything, ping"),
                               (memory, ("--call", "read_graph"), "memory"), (sdk2, ECHO, "SDK 2"), (sdk2, ("--era", "sessions", *ECHO), "SDK 2, sessions"),
                               (sdk2, ("--era", "stateless", "--list-first", *ECHO), "SDK 2, stateless"),
                               (sdk2, ("--era", "stateless", "--method", "server/discover"), "SDK 2, server/discover")):
        all_ok(tap, load(*args(target, "--timeout", "30s", *more, seconds="1s")), "real servers: " + name)
    r = load(*args(everything, "--timeout", "30s", "--call", "trigger-long-running-operation", "--arguments", '{"duration": 0.2, "steps": 4}', "--progress", seconds="1s"))
    if all_ok(tap, r, "real servers: everything, progress", least=4):
        tap.check(r.metric("events").get("mean", 0) >= 4 * r.outcomes["ok"], "real servers: everything, progress: each step is an event", r.metric("events"))


def inside(port):
    """In a network of its own: that server listens on all addresses."""
    server = subprocess.Popen([f"{REAL}/node_modules/.bin/mcp-server-everything", "streamableHttp"], env={**os.environ, "PORT": str(port)},
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        await_port(port, server, within=30)
        for more in (ECHO, ("--list", "tools"), ("--list-first", "--call", "trigger-long-running-operation", "--arguments", '{"duration": 0.1, "steps": 2}', "--progress")):
            r = load(*args(f"mcp:http://127.0.0.1:{port}/mcp", "--timeout", "30s", *more, seconds="1s"))
            print(json.dumps({"outcomes": r.outcomes if r.run else None, "err": r.err[-500:]}))
    finally:
        server.kill()
        server.wait()


def real_http(tap):
    if os.geteuid() != 0 or not shutil.which("ip"):
        tap.skip("real servers: over HTTP they listen on all addresses: run as root with ip (iproute2), for a network of their own")
        return
    r = subprocess.run(["unshare", "-n", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", sys.executable, __file__, "inside", "3999"],
                       capture_output=True, text=True, timeout=120)
    runs = [json.loads(line) for line in r.stdout.splitlines()]
    tap.check(len(runs) == 3 and all(x["outcomes"] and x["outcomes"]["ok"] > 10 and sum(x["outcomes"]["failed"].values()) == 0 for x in runs),
              "real servers: everything over HTTP: echo, tools/list and progress", (runs, r.stderr[-800:]))


def real(tap):
    if not REAL:
        tap.skip("real servers: tools/mcp-servers FOLDER installs them (node, npm); then say ASSAY_MCP_SERVERS=FOLDER")
        return
    real_stdio(tap)
    real_http(tap)


def main():
    if sys.argv[1:2] == ["inside"]:
        return inside(int(sys.argv[2]))
    need_assay()
    tap = Tap()
    for part in (stdio, http, shared, requests, names, killed, ill, several, freeze, ends, example, real):
        if not sys.argv[1:] or part.__name__ in sys.argv[1:]:
            part(tap)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
