"""Requests that differ from operation to operation, as a real server sees them."""

import collections
import sys
import tempfile

from netlib import Nginx, Tap, check_sound, load, need_assay, nginx_path, skip_all


class NginxSeen(Nginx):
    """nginx that logs what it was asked and told, by both versions of HTTP."""

    def configuration(self):
        seen = ("log_format seen escape=json '$request_method\\t$request_uri\\t$http_x_name\\t$content_length\\t$request_body"
                f"\\t$server_protocol'; access_log {self.dir}/access.log seen;")
        return (super().configuration().replace(f"access_log {self.dir}/access.log;", seen)
                .replace("server {", "upstream self { server 127.0.0.1:%d; keepalive 8; }\n server {" % self.port)
                .replace("location = / {", "location /up/ { proxy_http_version 1.1; proxy_set_header Connection ''; proxy_pass http://self/; }\n"
                         "    location / { return 200 ok; }\n    location = / {"))

    def seen(self):
        self.stop()
        with open(self.dir + "/access.log", encoding="utf-8") as f:
            return [line.rstrip("\n").split("\t") for line in f]


class NginxSeen2(NginxSeen):
    def configuration(self):
        return super().configuration().replace(f"listen 127.0.0.1:{self.port};", f"listen 127.0.0.1:{self.port} http2;")


def run(tap, name, nginx, *args):
    r = load("--users", "4", "--workers", "2", "-d", "300ms", "--warmup", "0s", *args)
    if not check_sound(tap, r, name):
        return None
    tap.check(r.outcomes["ok"] > 20 and r.failed() == 0, f"{name}: all are answered", r.outcomes)
    return nginx.seen()


def paths(tap):
    for kind, more in ((NginxSeen, []), (NginxSeen2, ["--http", "2"])):
        name = "HTTP/2" if more else "HTTP/1.1"
        with kind() as nginx:
            seen = run(tap, name, nginx, *more, "-H", "X-Name: ${user()}", nginx.url("/i/${seq()}?u=${uniform(1,3)}"))
            if not seen:
                continue
            numbers = [int(line[1].split("/")[2].split("?")[0]) for line in seen]
            tap.equal(len(set(numbers)), len(numbers), f"{name}: no number comes twice")
            tap.check({line[1].split("u=")[1] for line in seen} == {"1", "2", "3"}, f"{name}: all of the range", seen[:3])
            tap.check({line[2] for line in seen} == {"0", "1", "2", "3"}, f"{name}: each user by its number", seen[:3])
            tap.check(all(int(line[2]) == n % 4 for line, n in zip(seen, numbers)), f"{name}: and its own numbers", seen[:3])


def feeds(tap):
    with tempfile.TemporaryDirectory() as d:
        users = d + "/users.csv"
        with open(users, "w", encoding="utf-8", newline="") as f:
            f.write("name,word\r\nann,\"x y\"\r\nbob,\"q\"\"r\"\r\ncy,a/b?c\r\n")
        for kind, more in ((NginxSeen, []), (NginxSeen2, ["--http", "2"])):
            name = "rows, HTTP/2" if more else "rows, HTTP/1.1"
            with kind() as nginx:
                seen = run(tap, name, nginx, *more, "--feed", users, "-H", "X-Name: ${feed.word}", nginx.url("/${feed.name}/${feed.word}"))
                if seen:
                    counts = collections.Counter((line[1], line[2]) for line in seen)
                    tap.check(set(counts) == {("/ann/x%20y", "x y"), ("/bob/q%22r", 'q\\"r'), ("/cy/a%2Fb%3Fc", "a/b?c")},
                              f"{name}: path and header of one row each, quoted", counts)
                    tap.check(max(counts.values()) - min(counts.values()) <= 8, f"{name}: in turn", counts)
        with NginxSeen() as nginx:
            seen = run(tap, "bodies", nginx, "--feed", users, "--json-body", '{"w":"${feed.word}","n":${uniform(1,9)}}', nginx.url("/up/"))
            posts = [line for line in seen or [] if line[4]]
            if tap.check(len(posts) > 20, "bodies: were seen", (seen or [])[:3]):
                tap.check(all(len(line[4].encode().decode("unicode_escape")) == int(line[3]) for line in posts),
                          "bodies: each as long as it says", posts[:3])
        with NginxSeen() as nginx:
            for args, word in ((("--feed", users, nginx.url("/${feed.nam}")), "it has name, word"),
                               (("--feed", users, nginx.url("/")), "no ${feed.COLUMN}"),
                               (("--feed", d + "/none.csv", nginx.url("/${feed.name}")), "none.csv"),
                               ((nginx.url("/${zip(9)}"),), "did you mean 'zipf'"),
                               (("--json-body", '{"a":${string(3)}}', nginx.url("/")), "json_body")):
                r = load("-d", "100ms", *args)
                tap.check(r.code in (1, 2) and word in r.err, f"refused: {word}", (r.code, r.err))


def main():
    need_assay()
    if not nginx_path():
        skip_all("nginx is not installed (nginx-light)")
    tap = Tap()
    paths(tap)
    feeds(tap)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
