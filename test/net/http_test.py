"""What HTTP/1.1 has besides requests and replies: leave for bodies, compressed replies; against nginx, and against
servers that do what nginx does not."""

import gzip
import json
import sys
import zlib

from netlib import Nginx, Tap, check_sound, free_port, load, need_assay, nginx_path, skip_all
from rawserver import raw_load

TEXT = "many words, the same words, " * 400 + "and the last one"


class Site(Nginx):
    def configuration(self):
        text = super().configuration()
        with open(self.dir + "/files/text", "w", encoding="utf-8") as out:
            out.write(TEXT)
        own = free_port()
        log = f"log_format seen escape=json '$request_uri|$http_expect|$request_body|$http_accept_encoding|$bytes_sent'; access_log {self.dir}/access.log seen;"
        text = text.replace(f"access_log {self.dir}/access.log;", log + " gzip on; gzip_min_length 1; gzip_types *;")
        text = text.replace("location = / {", f"location /up/ {{ proxy_pass http://127.0.0.1:{own}/; }}\n    location = / {{")
        return text.replace(f"listen 127.0.0.1:{self.port};", f"listen 127.0.0.1:{self.port}; listen 127.0.0.1:{own};")

    def seen(self, path):
        self.stop()
        with open(self.dir + "/access.log", encoding="utf-8") as f:
            return [line.rstrip("\n").split("|") for line in f if line.startswith(path + "|")]


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def leave(tap):
    with Site() as nginx:
        run = load("-c", "3", "-d", "500ms", "--warmup", "0s", "--body", "x" * 50, "--method", "POST", "--continue-wait", "8s", nginx.url("/up/"))
        check_sound(tap, run, "leave")
        seen = nginx.seen("/up/")
    ok = run.outcomes["ok"]
    tap.check(ok > 20 and sum(run.outcomes["failed"].values()) == 0, "leave: nginx gives it", run.outcomes)
    tap.check(abs(len(seen) - ok) <= 3 and all(s[1] == "100-continue" and s[2] == "x" * 50 for s in seen), "leave: asked for, and the body follows", seen[:2])
    tap.check(run.metric("latency")["max"] < 8e9, "leave: nobody waited for as long as allowed", run.metric("latency"))

    def deaf(server, c, head, rest):
        rest = server.read_body(c, rest, 50)
        c.sendall(OK)
        return rest

    server, run = raw_load(deaf, "--body", "y" * 50, "--continue-wait", "30ms")
    check_sound(tap, run, "deaf")
    tap.check(run.outcomes["ok"] > 3 and server.body >= 50 * run.outcomes["ok"], "leave: a target that keeps silent gets the body after the wait", (run.outcomes, server.body))
    tap.check(run.metric("latency")["min"] >= 30e6, "leave: and the wait is in the response time", run.metric("latency"))
    tap.equal(server.connections, 2, "leave: on the same connections")

    def refuses(server, c, head, rest):
        assert "Expect: 100-continue" in head
        server.body += len(rest)
        c.sendall(b"HTTP/1.1 417 Expectation Failed\r\nContent-Length: 3\r\n\r\nno!")
        return rest

    server, run = raw_load(refuses, "--body", "z" * 50, "--continue-wait", "8s")
    check_sound(tap, run, "refused")
    tap.check(run.outcomes["failed"]["status"] > 5 and run.outcomes["ok"] == 0, "leave: a final reply instead is the reply", run.outcomes)
    tap.equal(server.body, 0, "leave: and the body stays here")
    tap.check(abs(server.connections - server.heads) <= 2, "leave: the connection is not used again", (server.connections, server.heads))

    def both(server, c, head, rest):
        c.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        rest = server.read_body(c, rest, 50)
        c.sendall(b"HTTP/1.1 102 Processing\r\n\r\n" + OK)
        return rest

    server, run = raw_load(both, "--body", "w" * 50, "--continue-wait", "8s")
    check_sound(tap, run, "interim")
    tap.check(run.outcomes["ok"] > 5 and server.connections == 2, "leave: other interim replies are passed by", run.outcomes)
    for args, word in ((("--continue-wait", "1s"), "no body"), (("--continue-wait", "1s", "--body", "x", "--http", "2"), "HTTP/1.1")):
        run = load(*args, "http://127.0.0.1:1/")
        tap.check(run.code == 2 and word in run.err, f"leave, refused: {word}", run.err)


def pipelined(tap):
    """nginx answers them in order, and knows how many there were."""
    for name, args, path in (("pipeline", (), "/"), ("pipeline of different", (), "/n${seq()}")):
        with Site() as nginx:
            run = load("-c", "4", "--workers", "2", "-d", "300ms", "--warmup", "0s", "--pipeline", "8", "--expect-status", "2xx", "--expect-status", "404", *args,
                       nginx.url(path))
            if not check_sound(tap, run, name):
                continue
            nginx.stop()
            with open(nginx.dir + "/access.log", encoding="utf-8") as f:
                seen = [line.split("|")[0] for line in f]
        ok, requests = run.outcomes["ok"], run.metric("requests").get("mean")
        tap.check(ok > 20 and run.failed() == 0, f"{name}: all are answered", run.outcomes)
        tap.check(requests == 8 * ok and len(seen) == requests, f"{name}: eight requests an operation, on both sides", (requests, ok, len(seen)))
        tap.check("$" in path and len(set(seen)) == len(seen) or set(seen) == {"/"}, f"{name}: each its own", seen[:9])
    run = load("--pipeline", "2", "--http", "2", "http://127.0.0.1:1/")
    tap.check(run.code == 2 and "HTTP/1.1" in run.err, "pipeline, refused: HTTP/2", run.err)


def compressed(tap):
    sizes = {}
    for flag in ((), ("--compressed",)):
        with Site() as nginx:
            run = load("-c", "2", "-d", "300ms", "--warmup", "0s", "--expect-body", "and the last one", "--check", "regex (many) words=many", *flag, nginx.url("/files/text"))
            check_sound(tap, run, f"text {flag}")
            seen = nginx.seen("/files/text")
        tap.check(run.outcomes["ok"] > 10 and sum(run.outcomes["failed"].values()) == 0, f"compressed {flag}: checks hold", run.outcomes)
        sizes[flag] = [int(s[4]) for s in seen]
    tap.check(max(sizes[("--compressed",)]) * 3 < min(sizes[()]), "compressed: what comes is smaller", {k: v[:2] for k, v in sizes.items()})
    with Site() as nginx:
        run = load("-c", "2", "-d", "200ms", "--warmup", "0s", "--compressed", nginx.url("/files/text"))
        check_sound(tap, run, "not looked at")
        tap.check(all("gzip" in s[3] for s in nginx.seen("/files/text")) and run.outcomes["ok"] > 10, "compressed: asked for, and nothing has to be decoded", run.outcomes)


def reply(coding, body):
    return b"HTTP/1.1 200 OK\r\nContent-Encoding: " + coding + b"\r\nContent-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body


def codings(tap):
    bare = zlib.compressobj(9, zlib.DEFLATED, -15)
    bare = bare.compress(TEXT.encode()) + bare.flush()
    whole = gzip.compress(TEXT.encode())
    rows = ((b"gzip", whole, "ok", None), (b"deflate", zlib.compress(TEXT.encode()), "ok", None), (b"deflate", bare, "ok", None),
            (b"gzip", whole * 2, "ok", None), (b"identity", TEXT.encode(), "ok", None), (b"gzip", whole[:-20], "check", "ends too early"),
            (b"gzip", whole[:200] + b"\0\1\2\3" + whole[204:], "check", "damaged"), (b"gzip", TEXT.encode(), "check", "damaged"), (b"br", whole, "check", "none that was asked for"),
            (b"gzip", gzip.compress(b"0" * 50_000_000 + TEXT.encode()), "check", "longer than keep_max"))
    for coding, body, want, why in rows:
        answer = reply(coding, body)

        def send(server, c, head, rest):
            c.sendall(answer)
            return rest

        _, run = raw_load(send, "--compressed", "--check", "body=and the last one")
        name = f"{coding.decode()}, {want}, {why}"
        check_sound(tap, run, name)
        n = run.outcomes["ok"] if want == "ok" else run.outcomes["failed"][want]
        others = run.outcomes["scheduled"] - n - run.outcomes["in_flight"]
        tap.check(n > 1 and others == 0, f"coding {name}", run.outcomes)
        if why:
            tap.check(why in json.dumps(run.case["validity"]), f"coding {name}: told", run.case["validity"])


def main():
    need_assay()
    if not nginx_path():
        skip_all("nginx is not installed (nginx-light)")
    tap = Tap()
    for test in (leave, pipelined, compressed, codings):
        test(tap)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
