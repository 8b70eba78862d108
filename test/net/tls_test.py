"""assay load through TLS, against nginx and a WebSocket server with certificates made here."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile

from netlib import Nginx, Tap, await_port, check_sound, free_port, load, need_assay, nginx_path, skip_all

WSS_SERVER = """
import asyncio, ssl, sys, websockets
async def echo(ws, *_):
    async for message in ws:
        await ws.send(message)
async def main():
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    c.load_cert_chain(sys.argv[2] + "/server.pem", sys.argv[2] + "/server.key")
    async with websockets.serve(echo, "127.0.0.1", int(sys.argv[1]), ssl=c):
        await asyncio.Future()
asyncio.run(main())
"""


def openssl(*args, cwd):
    subprocess.run(["openssl", *args], cwd=cwd, check=True, capture_output=True)


def make_certificates(folder):
    """An authority, a server's certificate of it with a key of RSA, a client's, and one of nobody."""
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "2",
            "-subj", "/CN=authority", cwd=folder)
    with open(folder + "/names", "w", encoding="utf-8") as f:
        f.write("subjectAltName=DNS:localhost,DNS:shop.test,IP:127.0.0.1\n")
    for name, subject in (("server", "/CN=localhost"), ("client", "/CN=alice")):
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", name + ".key", "-out", name + ".csr", "-subj", subject,
                cwd=folder)
        openssl("x509", "-req", "-in", name + ".csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
                "-extfile", "names", "-out", name + ".pem", cwd=folder)


class NginxTls(Nginx):
    """nginx that logs what the handshake came to."""

    def __init__(self, certificates, more="", listen="ssl http2"):
        self.certificates, self.more, self.listen = certificates, more, listen
        super().__init__()

    def configuration(self):
        c = self.certificates
        server = (f"listen 127.0.0.1:{self.port} {self.listen}; ssl_certificate {c}/server.pem; "
                  f"ssl_certificate_key {c}/server.key; ssl_session_cache shared:s:1m; ssl_protocols TLSv1.2 TLSv1.3; "
                  f"location = /up {{ proxy_ssl_session_reuse off; proxy_pass https://127.0.0.1:{self.port}/; }} {self.more}")
        return (super().configuration()
                .replace(f"access_log {self.dir}/access.log;",
                         "log_format tls '$ssl_protocol $server_protocol $ssl_session_reused "
                         f"$ssl_server_name $status $request_length'; access_log {self.dir}/access.log tls;"
                         " client_max_body_size 64m;")
                .replace(f"listen 127.0.0.1:{self.port};", server))

    def url(self, path):
        return f"https://localhost:{self.port}{path}"

    def log(self):
        self.stop()
        with open(self.dir + "/access.log", encoding="utf-8") as f:
            return [line.split() for line in f]


def run(nginx, *args, path="/", seconds="500ms"):
    return load("--users", "4", "--workers", "1", "-d", seconds, "--warmup", "0s", "--connect-to",
                f"127.0.0.1:{nginx.port}", *args, nginx.url(path))


def all_ok(tap, r, name):
    if not check_sound(tap, r, name):
        return False
    return tap.check(r.outcomes["ok"] > 5 and r.failed() == 0, f"{name}: all are answered", r.outcomes)


def versions(tap, certificates):
    for args, protocol, http in (((), "TLSv1.3", "HTTP/2.0"), (("--http", "1.1"), "TLSv1.3", "HTTP/1.1"),
                                 (("--http", "2", "--tls-version", "1.2"), "TLSv1.2", "HTTP/2.0"),
                                 (("--http", "1.1", "--tls-version", "1.2"), "TLSv1.2", "HTTP/1.1")):
        name = " ".join(args) or "defaults"
        with NginxTls(certificates) as nginx:
            r = run(nginx, "--tls-ca", certificates + "/ca.pem", *args)
            if not all_ok(tap, r, name):
                continue
            log = nginx.log()
            tap.check({tuple(line[:2]) for line in log} == {(protocol, http)},
                      f"{name}: the server saw {protocol} and {http}", log[:3])
            tap.check({line[3] for line in log} == {"localhost"}, f"{name}: and the host asked for", log[:3])
            o = r.outcomes
            tap.check(o["ok"] <= len(log) <= o["ok"] + o["in_flight"], f"{name}: as many as were counted", (len(log), o))
            shaken = r.metric("tls_time").get("count", 0)
            tap.check(shaken > 0 and r.metric("tls_time")["min"] > 0, f"{name}: handshakes are timed", r.metric("tls_time"))


def sessions(tap, certificates):
    for version in ("1.2", "1.3"):
        for resume in (False, True):
            name = f"connection per request, TLS {version}, {'resumed' if resume else 'anew'}"
            with NginxTls(certificates) as nginx:
                args = ["--http", "1.1", "-H", "Connection: close", "--tls-version", version, "--tls-ca", certificates + "/ca.pem"]
                r = run(nginx, *args, *(["--tls-resume"] if resume else []))
                if not all_ok(tap, r, name):
                    continue
                reused = sum(line[2] == "r" for line in nginx.log())
                told = r.metric("tls_resumed")["mean"]
                if resume:
                    tap.check(reused > r.outcomes["ok"] / 2 and abs(reused - told) <= 8,
                              f"{name}: the server resumed as many as are told", (reused, told))
                else:
                    tap.equal((reused, told), (0, 0), f"{name}: each shakes hands in full")


def trust(tap, certificates):
    with NginxTls(certificates) as nginx:
        for args, words in (((), ("not trusted", "tls_ca")),
                            (("--tls-ca", certificates + "/ca.pem", "--tls-name", "other.test"), ("other.test", "mismatch")),
                            (("--tls-ca", certificates + "/none.pem"), ("none.pem",)),
                            (("--tls-key", certificates + "/client.key"), ("tls_cert",))):
            r = run(nginx, *args)
            tap.check(r.code in (1, 2) and all(w in r.err for w in words), f"refused: {' '.join(words)}", (r.code, r.err))
        all_ok(tap, run(nginx, "--no-tls-verify"), "unverified by choice")
        all_ok(tap, run(nginx, "--tls-ca", certificates + "/ca.pem", "--tls-name", "shop.test"), "by another name")
    with Nginx() as plain:
        r = load("--users", "1", "-d", "100ms", f"https://127.0.0.1:{plain.port}/")
        tap.check(r.code == 1 and "does it speak TLS" in r.err, "a port that speaks no TLS", (r.code, r.err))


def client_certificate(tap, certificates):
    more = f"ssl_client_certificate {certificates}/ca.pem; ssl_verify_client on;"
    ca = ["--tls-ca", certificates + "/ca.pem"]
    with NginxTls(certificates, more) as nginx:
        r = run(nginx, *ca)
        if check_sound(tap, r, "without a certificate"):
            tap.check(r.outcomes["ok"] == 0 and r.failed("status") > 0, "without a certificate: refused", r.outcomes)
        all_ok(tap, run(nginx, *ca, "--tls-cert", certificates + "/client.pem", "--tls-key", certificates + "/client.key"),
               "with a certificate")


def bodies(tap, certificates):
    ca = ["--tls-ca", certificates + "/ca.pem"]
    with NginxTls(certificates) as nginx:
        with open(nginx.dir + "/files/big", "wb") as f:
            f.write(os.urandom(3 << 20))
        for http in ("1.1", "2"):
            r = run(nginx, *ca, "--http", http, path="/files/big", seconds="1s")
            if all_ok(tap, r, f"3 MiB down, HTTP/{http}"):
                got = r.metric("bytes_in")["mean"] / r.outcomes["ok"]
                tap.check(3 << 20 < got < 5 << 20, f"3 MiB down, HTTP/{http}: all bytes of it", got)
        up = certificates + "/up"
        with open(up, "wb") as f:
            f.write(os.urandom(2 << 20))
        for http in ("1.1", "2"):
            r = run(nginx, *ca, "--http", http, "--method", "POST", "--body-file", up, path="/up", seconds="1s")
            all_ok(tap, r, f"2 MiB up, HTTP/{http}")
        whole = [line for line in nginx.log() if int(line[5]) >= 2 << 20]
        tap.check(len(whole) >= 10, "2 MiB up: the server had all of it", len(whole))


def killed(tap, certificates):
    from netlib import Load
    with NginxTls(certificates) as nginx:
        going = Load("--users", "4", "-d", "2s", "--warmup", "0s", "--http", "1.1", "--no-tls-verify", nginx.url("/"))
        log = nginx.dir + "/access.log"
        while going.process.poll() is None and not os.path.getsize(log):
            pass
        nginx.process.send_signal(signal.SIGKILL)
        nginx.process.wait()
        r = going.wait()
        if check_sound(tap, r, "killed"):
            tap.check(r.outcomes["ok"] > 0 and r.failed("reset", "connect") > 0, "killed: counted as lost", r.outcomes)


def websocket(tap, certificates):
    python = "/usr/bin/python3"
    if subprocess.run([python, "-c", "import websockets"], capture_output=True, check=False).returncode != 0:
        tap.skip("websockets is not installed (python3-websockets)")
        return
    port = free_port()
    server = subprocess.Popen([python, "-c", WSS_SERVER, str(port), certificates], stderr=subprocess.DEVNULL)
    try:
        await_port(port, server)
        r = load("--users", "4", "--reply", "id", "--idle", "4", "-d", "500ms", "--warmup", "0s", "--tls-ca",
                 certificates + "/ca.pem", f"wss://127.0.0.1:{port}/")
        if all_ok(tap, r, "wss"):
            tap.equal(r.metric("idle_lost")["mean"], 0, "wss: no idle connection is lost")
    finally:
        server.kill()
        server.wait()


def main():
    need_assay()
    if not nginx_path() or not shutil.which("openssl"):
        skip_all("nginx (nginx-light) or openssl is not installed")
    tap = Tap()
    with tempfile.TemporaryDirectory() as certificates:
        make_certificates(certificates)
        for part in (versions, sessions, trust, client_certificate, bodies, killed, websocket):
            part(tap, certificates)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
