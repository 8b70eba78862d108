"""How connections are made: Unix sockets, own addresses, so many requests on each."""

import sys

from netlib import Nginx, Tap, check_sound, load, need_assay, nginx_path, skip_all


class NginxConnections(Nginx):
    """nginx on a port and a Unix socket, which logs connections."""

    def configuration(self):
        return (super().configuration()
                .replace(f"access_log {self.dir}/access.log;",
                         f"log_format c '$remote_addr $connection $connection_requests $http_connection'; access_log {self.dir}/access.log c;")
                .replace(f"listen 127.0.0.1:{self.port};", f"listen 127.0.0.1:{self.port}; listen unix:{self.dir}/s;"))

    def log(self):
        self.stop()
        with open(self.dir + "/access.log", encoding="utf-8") as f:
            return [line.split() for line in f]


def run(tap, name, *args):
    r = load("--users", "4", "--workers", "2", "-d", "300ms", "--warmup", "0s", *args)
    return check_sound(tap, r, name) and tap.check(r.outcomes["ok"] > 20 and r.failed() == 0, f"{name}: all are answered",
                                                   r.outcomes) and r


def main():
    need_assay()
    if not nginx_path():
        skip_all("nginx is not installed (nginx-light)")
    tap = Tap()
    with NginxConnections() as nginx:
        if run(tap, "unix", "--connect-to", f"unix:{nginx.dir}/s", "http://any.where/"):
            tap.equal({line[0] for line in nginx.log()}, {"unix:"}, "unix: by the socket alone")
    with NginxConnections() as nginx:
        if run(tap, "source", "--source", "127.0.0.2", "--source", "127.0.0.3", nginx.url("/")):
            tap.equal({line[0] for line in nginx.log()}, {"127.0.0.2", "127.0.0.3"}, "source: both addresses")
    for most in (1, 5):
        name = f"{most} a connection"
        with NginxConnections() as nginx:
            r = run(tap, name, "--requests-per-connection", str(most), nginx.url("/"))
            if r:
                log = nginx.log()
                tap.equal(max(int(line[2]) for line in log), most, f"{name}: no more, and as many")
                tap.equal({line[3] for line in log}, {"close" if most == 1 else "-"}, f"{name}: announced when it is one")
                tap.check(r.metric("reconnects")["mean"] >= r.outcomes["ok"] // most - 8, f"{name}: counted",
                          (r.metric("reconnects"), r.outcomes))
    for args, word in ((("--source", "198.51.100.7", "http://127.0.0.1:1/"), "no address of this host"),
                       (("--source", "::1", "http://127.0.0.1:1/"), "IPv4"),
                       (("--source", "127.0.0.1", "--connect-to", "unix:/tmp/x", "http://h/"), "Unix"),
                       (("--connect-to", "unix:", "http://h/"), "1 to 107"),
                       (("--http", "2", "--requests-per-connection", "3", "http://127.0.0.1:1/"), "HTTP/1.1")):
        r = load("-d", "100ms", *args)
        tap.check(r.code in (1, 2) and word in r.err, f"refused: {word}", (r.code, r.err))
    r = load("--users", "1", "-d", "200ms", "--connect-to", "unix:/no/such/socket", "http://h/")
    tap.check(r.code == 1 and "No such file" in r.err, "a socket that isn't there", (r.code, r.err))
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
