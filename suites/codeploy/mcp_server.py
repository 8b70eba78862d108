"""A small MCP server of both eras, over stdio or HTTP, that can be told to be ill.

    python3 mcp_server.py [--http PORT] [--era both|sessions|stateless] [--tools N] [--page N]
        [--ill-for SECONDS] [--ill-share SHARE] [--ill-how tool|error|die|hang|garbage] [--log DIR]

Tools: echo, add, sized, slow (tells its progress), fails, asks (asks the client). It is ill for its first seconds
(0: for ever, when a share is given), then for that share of its calls, one after the other in a fixed order. With --log
each process writes a line for each call to DIR/PID. Over HTTP, GET /stats tells counts.
"""

import argparse
import base64
import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

STATELESS, SESSIONS = "2026-07-28", ("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05")
VERSION_KEY = "io.modelcontextprotocol/protocolVersion"
NAMES = {"tools/call": "name", "resources/read": "uri", "prompts/get": "name"}


class Refusal(Exception):
    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


def text_of(text, **more):
    return {"content": [{"type": "text", "text": text}], **more}


class Server:
    """What is said, whatever the transport. `client` asks the other side, or tells it something."""

    def __init__(self, options):
        self.options = options
        self.born, self.lock = time.monotonic(), threading.Lock()
        self.counts = {"calls": 0, "asked": 0, "begun": 0, "ended": 0, "cancelled": 0}
        self.log = None
        if options.log:
            self.log = open(f"{options.log}/{os.getpid()}", "w", buffering=1, encoding="utf-8")
        schema = {"type": "object", "properties": {"message": {"type": "string"}}}
        names = ["echo", "add", "sized", "slow", "fails", "asks"] + [f"tool{i}" for i in range(options.tools)]
        self.tools = [{"name": n, "description": f"The tool {n}.", "inputSchema": schema} for n in names]

    def count(self, what):
        with self.lock:
            self.counts[what] += 1
            return self.counts[what]

    def is_ill(self, n):
        o = self.options
        if o.ill_for and time.monotonic() - self.born >= o.ill_for:
            return False
        share = o.ill_share if o.ill_share is not None else 1 if o.ill_for else 0
        return int(n * share) > int((n - 1) * share)

    def answer(self, m, client):
        """The result of a request; raises Refusal."""
        method, params = m["method"], m.get("params", {})
        stateless = params.get("_meta", {}).get(VERSION_KEY)
        if stateless and (stateless != STATELESS or self.options.era == "sessions"):
            raise Refusal(-32601 if self.options.era == "sessions" else -32022, "not in that version")
        if not stateless and self.options.era == "stateless":
            raise Refusal(-32600, f"each request says its version; this server knows {STATELESS}")
        own = {"initialize": self.initialize, "server/discover": self.discover, "tools/list": self.list_tools,
               "tools/call": self.call}
        if method == "ping" and not stateless:
            return {}
        other = "initialize" if stateless else "server/discover"
        if method not in own or method == other:
            raise Refusal(-32601, f"no method {method}")
        result = own[method](params, client)
        return {"resultType": "complete", **result} if stateless else result

    def initialize(self, params, _):
        asked = params.get("protocolVersion")
        self.count("begun")
        return {"protocolVersion": asked if asked in SESSIONS else SESSIONS[0], "capabilities": {"tools": {}},
                "serverInfo": {"name": "codeploy", "version": "1"}}

    def discover(self, *_):
        return {"supportedVersions": [STATELESS], "capabilities": {"tools": {}},
                "serverInfo": {"name": "codeploy", "version": "1"}}

    def list_tools(self, params, _):
        at, page = int(params.get("cursor", 0)), self.options.page or len(self.tools)
        more = {"nextCursor": str(at + page)} if at + page < len(self.tools) else {}
        return {"tools": self.tools[at:at + page], **more}

    def call(self, params, client):
        name, arguments = params.get("name"), params.get("arguments", {})
        n = self.count("calls")
        if self.log:
            self.log.write(json.dumps([name, arguments]) + "\n")
        if self.is_ill(n):
            self.be_ill(client)
        tool = getattr(self, "tool_" + str(name), None)
        if not tool:
            raise Refusal(-32602, f"no tool {name}")
        try:
            return tool(client, params.get("_meta", {}).get("progressToken"), **arguments)
        except (TypeError, ValueError) as error:
            return text_of(str(error), isError=True)

    def be_ill(self, client):
        how = self.options.ill_how
        if how == "die":
            sys.stderr.write("the server is ill and ends\n")
            sys.stderr.flush()
            os._exit(3)
        if how == "hang":
            time.sleep(3600)
        if how == "garbage":
            client.garbage()
        if how == "tool":
            raise ValueError("the tool is ill")
        raise Refusal(-32603, "the server is ill")

    def tool_echo(self, _client, _token, message=""):
        return text_of(message)

    def tool_add(self, _client, _token, a=0, b=0):
        return text_of(str(a + b), structuredContent={"sum": a + b})

    def tool_sized(self, _client, _token, bytes=0):
        return text_of("x" * bytes)

    def tool_slow(self, client, token, ms=100, steps=2):
        for i in range(steps):
            time.sleep(ms / 1000 / steps)
            if token is not None:
                client.tell({"jsonrpc": "2.0", "method": "notifications/progress",
                             "params": {"progressToken": token, "progress": i + 1, "total": steps}})
        return text_of("done")

    def tool_fails(self, *_, **__):
        return text_of("this tool always fails", isError=True)

    def tool_asks(self, client, _token, method="ping"):
        reply = client.ask(method)
        right = reply.get("result") == {} if method == "ping" else reply.get("error", {}).get("code") == -32601
        return text_of(json.dumps(reply), isError=not right)


class Stdio:
    def __init__(self, server):
        self.server, self.lock, self.waiting = server, threading.Lock(), {}

    def tell(self, m):
        with self.lock:
            sys.stdout.write(json.dumps(m, separators=(",", ":")) + "\n")
            sys.stdout.flush()

    def garbage(self):
        with self.lock:
            sys.stdout.write("this is no message\n")
            sys.stdout.flush()

    def ask(self, method):
        number = f"s{self.server.count('asked')}"
        came = self.waiting[number] = [threading.Event(), None]
        self.tell({"jsonrpc": "2.0", "id": number, "method": method})
        came[0].wait(10)
        return came[1] or {}

    def carry_out(self, m):
        try:
            self.tell({"jsonrpc": "2.0", "id": m["id"], "result": self.server.answer(m, self)})
        except Refusal as r:
            self.tell({"jsonrpc": "2.0", "id": m["id"], "error": {"code": r.code, "message": str(r)}})
        except ValueError as error:
            self.tell({"jsonrpc": "2.0", "id": m["id"], "result": text_of(str(error), isError=True)})

    def serve(self):
        for line in sys.stdin:
            m = json.loads(line)
            if "method" not in m:
                came = self.waiting.pop(m["id"])
                came[1] = m
                came[0].set()
            elif "id" not in m:
                self.server.counts["cancelled"] += m["method"] == "notifications/cancelled"
            elif m.get("params", {}).get("name") in ("slow", "asks"):
                threading.Thread(target=self.carry_out, args=(m,), daemon=True).start()
            else:
                self.carry_out(m)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server_version = "codeploy"

    def log_message(self, *_):
        pass

    def put(self, status, body=b"", kind="application/json", **fields):
        head = f"HTTP/1.1 {status} -\r\nContent-Type: {kind}\r\n" + "".join(f"{k.replace('_', '-')}: {v}\r\n" for k, v in fields.items())
        self.wfile.write((head + f"Content-Length: {len(body)}\r\n\r\n").encode() + body)

    def chunk(self, data):
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def event(self, m):
        if not self.streams:
            self.streams = True
            self.wfile.write(b"HTTP/1.1 200 -\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
            self.chunk(b"id: 0\ndata:\n\n")
        self.chunk(b"event: message\ndata: " + json.dumps(m).encode() + b"\n\n")

    tell = event

    def garbage(self):
        self.put(200, b"this is no message")
        raise ConnectionAbortedError

    def ask(self, method):
        hub = self.server.hub
        number = f"s{hub.count('asked')}"
        came = self.server.waiting[number] = [threading.Event(), None]
        self.event({"jsonrpc": "2.0", "id": number, "method": method})
        came[0].wait(10)
        return came[1] or {}

    def do_GET(self):
        if self.path != "/stats":
            self.put(405)
            return
        hub = self.server.hub
        self.put(200, json.dumps({**hub.counts, "open": len(self.server.sessions)}).encode())

    def do_DELETE(self):
        session = self.headers.get("Mcp-Session-Id", "")
        known = session in self.server.sessions
        self.server.sessions.discard(session)
        self.server.hub.counts["ended"] += known
        self.put(200 if known else 404)

    def refuse(self, m, code, text, status=400, **fields):
        self.put(status, json.dumps({"jsonrpc": "2.0", "id": m.get("id"), "error": {"code": code, "message": text}}).encode(), **fields)

    def headers_wrong(self, m):
        """What the headers of the later era must say."""
        params, name = m.get("params", {}), NAMES.get(m["method"])
        if self.headers.get("MCP-Protocol-Version") != params.get("_meta", {}).get(VERSION_KEY):
            return "MCP-Protocol-Version"
        if self.headers.get("Mcp-Method") != m["method"]:
            return "Mcp-Method"
        said = self.headers.get("Mcp-Name", "")
        if said.startswith("=?base64?") and said.endswith("?="):
            said = base64.b64decode(said[9:-2]).decode()
        return "Mcp-Name" if name and said != params.get(name) else None

    def session_wrong(self, m):
        session = self.headers.get("Mcp-Session-Id")
        if m["method"] == "initialize":
            return None
        return "no session" if session is None else "the session is over" if session not in self.server.sessions else None

    def do_POST(self):
        m = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.streams = False
        if "method" not in m:
            came = self.server.waiting.pop(m["id"])
            came[1] = m
            came[0].set()
            self.put(202)
        elif "id" not in m:
            self.put(202)
        elif VERSION_KEY in m.get("params", {}).get("_meta", {}) and self.server.hub.options.era != "sessions":
            wrong = self.headers_wrong(m)
            if wrong:
                self.refuse(m, -32020, f"{wrong} is not what the body says")
            else:
                self.carry_out(m)
        else:
            wrong = self.session_wrong(m) if self.server.hub.options.era != "stateless" else None
            if wrong:
                self.refuse(m, -32000, wrong, 404 if "over" in wrong else 400)
            else:
                self.carry_out(m)

    def carry_out(self, m):
        fields = {}
        try:
            result = self.server.hub.answer(m, self)
        except Refusal as r:
            self.refuse(m, r.code, str(r), 404 if r.code == -32601 else 400 if r.code in (-32022, -32600) else 200)
            return
        except ValueError as error:
            result = text_of(str(error), isError=True)
        except ConnectionAbortedError:
            return
        if m["method"] == "initialize":
            fields["Mcp_Session_Id"] = os.urandom(8).hex()
            self.server.sessions.add(fields["Mcp_Session_Id"])
        reply = {"jsonrpc": "2.0", "id": m["id"], "result": result}
        if self.streams:
            self.event(reply)
            self.chunk(b"")
        else:
            self.put(200, json.dumps(reply).encode(), **fields)


class Http(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, server):
        super().__init__(("127.0.0.1", server.options.http), Handler)
        self.hub, self.sessions, self.waiting = server, set(), {}

    def handle_error(self, *_):
        pass


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--http", type=int)
    p.add_argument("--era", choices=("both", "sessions", "stateless"), default="both")
    p.add_argument("--tools", type=int, default=0)
    p.add_argument("--page", type=int, default=0)
    p.add_argument("--ill-for", type=float, default=0)
    p.add_argument("--ill-share", type=float)
    p.add_argument("--ill-how", choices=("tool", "error", "die", "hang", "garbage"), default="tool")
    p.add_argument("--log")
    server = Server(p.parse_args())
    if server.options.http is None:
        Stdio(server).serve()
    else:
        Http(server).serve_forever()


if __name__ == "__main__":
    main()
