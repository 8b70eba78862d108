"""assay load over HTTP/2, WebSocket and event streams, against real servers."""

import shutil
import subprocess
import sys
import tempfile

from netlib import (Nginx, Server, Tap, await_port, check_sound, free_port, load, need_assay, nginx_path)

WS_SERVER = """
import asyncio, sys, websockets
async def echo(ws, *_):
    async for message in ws:
        await ws.send("news")
        await ws.send(message)
async def main():
    async with websockets.serve(echo, "127.0.0.1", int(sys.argv[1])):
        await asyncio.Future()
asyncio.run(main())
"""

SSE_SERVER = """
require("http").createServer((req, res) => {
  res.writeHead(200, {"Content-Type": "text/event-stream"});
  let n = 0;
  res.write(": hello\\r\\n\\r\\n");
  const timer = setInterval(() => {
    res.write(`id: ${n}\\nevent: tick\\ndata: {"n": ${n}}\\n\\n`);
    if (++n == 5) { clearInterval(timer); res.end(); }
  }, 5);
  req.on("close", () => clearInterval(timer));
}).listen(+process.argv[1], "127.0.0.1");
"""


class Program(Server):
    """Any program that takes a port; stopped by its pid."""

    def __init__(self, *argv, port=None, cwd=None):
        self.port = port or free_port()
        self.process = subprocess.Popen([*argv], cwd=cwd, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        await_port(self.port, self.process)


class NginxHttp2(Nginx):
    """nginx with HTTP/2 by prior knowledge, which says GOAWAY after some requests."""

    def __init__(self, requests):
        self.requests = requests
        super().__init__()

    def configuration(self):
        return (super().configuration().replace(f"listen 127.0.0.1:{self.port};",
                                                f"listen 127.0.0.1:{self.port} http2;")
                .replace("keepalive_requests 1000000;", f"keepalive_requests {self.requests};"))


def nginx_http2(tap):
    if not nginx_path():
        tap.skip("nginx is not installed (nginx-light)")
        return
    with NginxHttp2(1000000) as nginx:
        run = load("--users", "32", "--streams", "8", "--workers", "1", "--http", "2", "-d", "1s",
                   "--warmup", "0s", nginx.url("/"))
        nginx.stop()
        if check_sound(tap, run, "nginx h2c"):
            o = run.outcomes
            tap.check(o["ok"] > 500 and run.failed() == 0, "nginx h2c: all are answered", o)
            tap.equal(run.metric("connects")["mean"], 4, "nginx h2c: 32 users on 4 connections")
            logged = nginx.logged("/")
            tap.check(o["ok"] <= logged <= o["ok"] + o["in_flight"],
                      "nginx h2c: nginx logged as many as were counted", f"{logged} logged, {o}")
    with NginxHttp2(50) as nginx:
        run = load("--users", "16", "--streams", "8", "--workers", "1", "--http", "2", "-d", "1s",
                   "--warmup", "0s", nginx.url("/"))
        if check_sound(tap, run, "GOAWAY"):
            o = run.outcomes
            tap.check(o["ok"] > 200 and run.failed() == 0,
                      "GOAWAY every 50 requests: what it did not take is sent again", o)
            tap.check(run.metric("reconnects")["mean"] >= o["ok"] // 100, "GOAWAY: on new connections",
                      run.metric("reconnects"))


def nghttpd(tap):
    program = shutil.which("nghttpd")
    if not program:
        tap.skip("nghttpd is not installed (nghttp2-server)")
        return
    with tempfile.TemporaryDirectory() as root:
        with open(root + "/big", "wb") as f:
            f.truncate(3 << 20)
        with open(root + "/small", "w", encoding="utf-8") as f:
            f.write("Hello, World!")
        port = free_port()
        with Program(program, "--no-tls", "-d", root, str(port), port=port) as server:
            url = f"http://127.0.0.1:{server.port}"
            for path in ("/small", "/big"):
                run = load("--users", "6", "--streams", "3", "--http", "2", "-d", "500ms", "--warmup",
                           "0s", url + path)
                if check_sound(tap, run, "nghttpd " + path):
                    tap.check(run.outcomes["ok"] > 0 and run.failed() == 0,
                              f"nghttpd {path}: all are answered", run.outcomes)
            run = load("--users", "2", "--http", "2", "-d", "300ms", "--warmup", "0s", url + "/no")
            if check_sound(tap, run, "nghttpd 404"):
                tap.check(run.failed("status") > 0 and run.outcomes["ok"] == 0,
                          "nghttpd 404: all are of class status", run.outcomes)


def websocket(tap):
    python = "/usr/bin/python3"
    found = subprocess.run([python, "-c", "import websockets"], capture_output=True, check=False)
    if found.returncode != 0:
        tap.skip("websockets is not installed (python3-websockets)")
        return
    port = free_port()
    with Program(python, "-c", WS_SERVER, str(port), port=port) as server:
        run = load("--users", "4", "--reply", "id", "--idle", "20", "-d", "500ms", "--warmup", "0s",
                   f"ws://127.0.0.1:{server.port}/")
        if check_sound(tap, run, "websockets"):
            o = run.outcomes
            tap.check(o["ok"] > 50 and run.failed() == 0, "websockets: all are answered", o)
            tap.check(run.metric("messages_extra")["mean"] >= o["ok"],
                      "websockets: other messages are passed over", run.metric("messages_extra"))
            tap.equal(run.metric("idle_connections")["mean"], 20, "websockets: idle ones are held")
            tap.equal(run.metric("idle_lost")["mean"], 0, "websockets: none is lost")


def events(tap):
    node = shutil.which("node")
    if not node:
        tap.skip("node is not installed (nodejs)")
        return
    port = free_port()
    with Program(node, "-e", SSE_SERVER, str(port), port=port) as server:
        url = f"http://127.0.0.1:{server.port}/"
        run = load("--users", "4", "--sse", "-d", "500ms", "--warmup", "0s", url)
        if check_sound(tap, run, "events"):
            o = run.outcomes
            tap.check(o["ok"] > 10 and run.failed() == 0, "events: streams to their end", o)
            tap.equal(run.metric("events")["mean"], 5 * o["ok"], "events: five each")
            tap.check(run.metric("time_to_first_event")["min"] > 3e6,
                      "events: the first comes after its time", run.metric("time_to_first_event"))
        run = load("--users", "2", "--sse", "--sse-until", '"n": 2', "-d", "300ms", "--warmup", "0s",
                   url)
        if check_sound(tap, run, "events until"):
            tap.check(run.outcomes["ok"] > 0 and run.failed() == 0, "events: until a text",
                      run.outcomes)
            tap.near(run.metric("events_per_stream")["max"], 3, 0.1, "events: the third has it")


def main():
    need_assay()
    tap = Tap()
    nginx_http2(tap)
    nghttpd(tap)
    websocket(tap)
    events(tap)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
