"""assay stream against real brokers: every message is delivered, or counted as lost."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

from netlib import ASSAY, Load, Server, Tap, await_port, check_sound, free_port, load, need_assay
from redis_test import Redis


def nats_path():
    return shutil.which("nats-server") or ("/usr/sbin/nats-server" if os.path.exists("/usr/sbin/nats-server") else None)


class Nats(Server):
    """nats-server on a free port, with a folder of its own and a port that tells figures."""

    def __init__(self, *lines, jetstream=False):
        self.dir = tempfile.mkdtemp(prefix="assay-nats-")
        self.port, self.monitor = free_port(), free_port()
        conf = self.dir + "/nats.conf"
        with open(conf, "w", encoding="utf-8") as f:
            f.write("\n".join((f"listen: 127.0.0.1:{self.port}", f"http: 127.0.0.1:{self.monitor}", *lines)))
        args = ("-js", "-sd", self.dir) if jetstream else ()
        self.process = subprocess.Popen([nats_path(), "-c", conf, *args], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        await_port(self.port, self.process)
        await_port(self.monitor, self.process)
        self.url = f"nats://127.0.0.1:{self.port}"

    def figures(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.monitor}/varz", timeout=10) as reply:
            return json.load(reply)

    def has_messages(self, least=1):
        return self.figures()["in_msgs"] >= least


def stream(*args, limit=60):
    return Load("--warmup", "0s", "--workers", "2", *args, limit=limit, command="stream").wait()


def count(r, name):
    return r.metric(name).get("mean")


def check_balance(tap, r, name):
    """Nothing is forgotten: holds whatever happened."""
    if not check_sound(tap, r, name):
        return False
    expected, delivered, lost = (count(r, n) for n in ("expected", "delivered", "lost"))
    each = max(r.metric("subscribe_time").get("count", 0), 1)  # a publication that nobody confirmed may have reached all of them
    return tap.check(delivered + lost >= expected and delivered + lost - expected <= count(r, "unconfirmed") * each,
                     f"{name}: expected is delivered or lost", (expected, delivered, lost))


def check_all(tap, r, name, published, places):
    """Everything was published, and came once and in order to every place."""
    if not check_balance(tap, r, name):
        return
    tap.equal(count(r, "published"), published, f"{name}: published")
    tap.equal(count(r, "expected"), published * places, f"{name}: expected")
    for what in ("lost", "duplicated", "reordered", "unconfirmed", "foreign", "resubscribed"):
        tap.equal(count(r, what), 0, f"{name}: nothing {what}")
    delivery, transit, latency = (r.metric(n) for n in ("delivery_latency", "transit_time", "latency"))
    tap.equal(delivery["count"], published * places, f"{name}: every delivery is timed")
    tap.check(0 < transit["max"] <= delivery["max"], f"{name}: from sent is within from due", (transit["max"], delivery["max"]))
    tap.equal(latency["count"], published, f"{name}: every publication is timed")
    tap.check("0 lost" in " ".join(r.out.split()), f"{name}: and people are told", r.out[-1500:])
    tap.check(count(r, "fairness") is None or 0 < count(r, "fairness") <= 1, f"{name}: fairness is a share", count(r, "fairness"))


def matrix(tap, url, *options):
    """Publishers x subscribers x messages, one after the other and at a rate."""
    for publishers, subscribers, messages in ((1, 1, 500), (3, 5, 600), (10, 10, 1000)):
        r = stream("-p", str(publishers), "-s", str(subscribers), "--messages", str(messages), *options, url)
        check_all(tap, r, f"{' '.join(options)} {publishers} x {subscribers} x {messages}", messages, subscribers)
    r = stream("-p", "4", "-s", "8", "--topics", "4", "-r", "1000", "--messages", "500", "--size", "2000", *options, url)
    check_all(tap, r, f"{' '.join(options)} four topics at a rate", 500, 2)


def groups(tap, url, *options):
    r = stream("-p", "2", "-s", "6", "--groups", "2", "--messages", "600", *options, url)
    check_all(tap, r, f"{' '.join(options)} two groups of three", 600, 2)


def freeze_law(tap, process, begun, name, *args):
    """Who is due x into a freeze of F within T seconds waits F - x: so do deliveries."""
    going = Load("--warmup", "0s", "-r", "500", "-d", "3s", "-p", "8", "-s", "3", *args, command="stream")
    while going.process.poll() is None and not begun():
        pass
    stopped = time.monotonic()
    process.send_signal(signal.SIGSTOP)
    time.sleep(1)  # this is the fault, not a wait for one
    process.send_signal(signal.SIGCONT)
    held = time.monotonic() - stopped
    r = going.wait()
    if not check_balance(tap, r, name):
        return
    d = r.metric("delivery_latency")
    tap.equal((count(r, "published"), count(r, "lost")), (1500, 0), f"{name}: all are published, and delivered")
    tap.check(d["max"] >= 0.9e9 * held, f"{name}: the longest delivery saw the freeze", (d["max"], held))
    law = max(0, 3 * 0.9 - (3 - d["max"] / 1e9)) * 1e9
    tap.check(abs(d["p90"] - law) < 0.1e9 + 0.05 * law, f"{name}: so did the others, from when they were due", (d["p90"], law, held))


def killed(tap, process, begun, name, *args):
    """A broker that dies is the end of deliveries, not of the trial."""
    going = Load("--warmup", "0s", "-r", "1000", "-d", "1s", "-p", "4", "-s", "4", "--drain", "500ms", *args, command="stream")
    while going.process.poll() is None and not begun():
        pass
    process.send_signal(signal.SIGKILL)
    r = going.wait()
    if check_balance(tap, r, name):
        tap.check(count(r, "delivered") > 0 and r.failed("reset", "connect") > 0, f"{name}: what failed is counted", r.outcomes)
        tap.check("subscriptions-lost" in [reason["code"] for reason in r.case["validity"]["reasons"]], f"{name}: and told", r.case["validity"])


def slow(tap, url):
    """Who reads nothing for a second, of much that comes, is cut off by brokers that keep little."""
    r = stream("-p", "1", "-s", "3", "-r", "400", "-d", "2s", "--size", "64KiB", "--stall", "1s", "--stalled", "1", "--drain", "1s", url)
    if not check_balance(tap, r, "a slow subscriber"):
        return
    seen = [(n, count(r, n)) for n in ("expected", "delivered", "lost", "resubscribed")]
    tap.check(count(r, "lost") > 0 and count(r, "resubscribed") >= 1, "a slow subscriber: is cut off, and what it missed is lost", seen)
    tap.check(count(r, "delivered") >= 2 * count(r, "published"), "a slow subscriber: the others get everything", seen)
    tap.check(count(r, "fairness") < 0.999, "a slow subscriber: which is unfair", count(r, "fairness"))


def backlog(tap, url, *options):
    """Subscribers that stand still at first get everything, late."""
    r = stream("-p", "2", "-s", "3", "-r", "1000", "-d", "1500ms", "--stall", "800ms", *options, url)
    if not check_balance(tap, r, "backlog"):
        return
    tap.equal((count(r, "lost"), count(r, "delivered")), (0, 4500), "backlog: it is kept")
    tap.check(count(r, "backlog_peak") > 500, "backlog: and seen", count(r, "backlog_peak"))
    tap.check(r.metric("delivery_latency")["max"] > 0.7e9, "backlog: who waits for it waits from when it was due", r.metric("delivery_latency"))


def redis(tap):
    if not shutil.which("redis-server"):
        tap.skip("redis-server is not installed (redis-server)")
        return
    with Redis() as server:
        for mode in ("pubsub", "log"):
            matrix(tap, server.url, "--mode", mode)
        groups(tap, server.url, "--mode", "log")
        keys = server.ask("DBSIZE")
        tap.check(keys != ":0", "logs are kept for a while", keys)
        backlog(tap, server.url, "--mode", "log")
        r = stream("-s", "0", "--messages", "300", "--mode", "log", server.url)
        if check_balance(tap, r, "nobody listens"):
            tap.equal((count(r, "published"), count(r, "expected")), (300, 0), "nobody listens: only publications")
        r = stream("--groups", "1", server.url)
        tap.check(r.code == 2 and "mode: log" in r.err, "channels have no groups: told", (r.code, r.err))
        r = stream("http://127.0.0.1:1/")
        tap.check(r.code == 2 and "no streams" in r.err, "a driver without streams: told", (r.code, r.err))
    with Redis() as server:
        freeze_law(tap, server.process, lambda: "cmdstat_publish" in server.ask("INFO commandstats"), "frozen channels", server.url)
    with Redis() as server:
        freeze_law(tap, server.process, lambda: "cmdstat_xadd" in server.ask("INFO commandstats"), "frozen log", "--mode", "log", server.url)
    with Redis() as server:
        killed(tap, server.process, lambda: re.search(r"cmdstat_publish:calls=\d{3,}", server.ask("INFO commandstats")), "killed", server.url)
    with Redis("--client-output-buffer-limit", "pubsub 1mb 1mb 0") as server:
        slow(tap, server.url)


def mosquitto_path():
    return shutil.which("mosquitto") or ("/usr/sbin/mosquitto" if os.path.exists("/usr/sbin/mosquitto") else None)


class Mosquitto(Server):
    """mosquitto on a free port; it tells its figures below $SYS, to who subscribes."""

    def __init__(self, *lines):
        self.dir = tempfile.mkdtemp(prefix="assay-mosquitto-")
        self.port = free_port()
        conf = self.dir + "/mosquitto.conf"
        with open(conf, "w", encoding="utf-8") as f:
            f.write("\n".join((f"listener {self.port} 127.0.0.1", "log_dest file " + self.dir + "/log", "log_type all",
                               *(lines if any("password_file" in line for line in lines) else (*lines, "allow_anonymous true")))))
        os.chmod(self.dir, 0o777)
        self.process = subprocess.Popen([mosquitto_path(), "-c", conf], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        await_port(self.port, self.process)
        self.url = f"mqtt://127.0.0.1:{self.port}"

    def has_messages(self, least=1):
        with open(self.dir + "/log", encoding="utf-8", errors="replace") as f:
            return f.read().count("Received PUBLISH") >= least


def nats_logins(tap):
    with Nats('authorization { user: alice, password: s3cret }') as server:
        r = stream("--username", "alice", "--password", "s3cret", "--messages", "100", server.url)
        check_all(tap, r, "login", 100, 1)
        tap.check("s3cret" not in str(r.run) + r.out + r.err, "login: the password is nowhere told")
        r = stream("--username", "alice", "--password", "wrong", server.url)
        tap.check(r.code == 1 and "Authorization Violation" in r.err, "a wrong password", (r.code, r.err))
    with Nats('authorization { token: "t0ken" }') as server:
        check_all(tap, stream("--token", "t0ken", "--messages", "100", server.url), "token", 100, 1)
    with Nats('authorization { users: [ { user: bob, password: b, permissions: { publish: ["other", "_INBOX.>"], subscribe: ">" } } ] }') as server:
        r = stream("--username", "bob", "--password", "b", "-r", "50", "-d", "300ms", server.url)
        if check_balance(tap, r, "may not publish"):
            tap.check(count(r, "published") == 0 and "Permissions Violation" in r.out, "may not publish: counted, and told", r.out[-2000:])


def nats_requests(tap, server):
    before = server.figures()["in_msgs"]
    r = load("-c", "4", "-d", "300ms", "--warmup", "0s", "--subject", "a.${uniform(1,9)}", "--payload", "${string(30)}", server.url)
    if check_sound(tap, r, "publications"):
        n, o = server.figures()["in_msgs"] - before, r.outcomes
        tap.check(o["ok"] <= n <= o["ok"] + o["in_flight"], "publications: the server counted as many", (n, o))
    r = load("-c", "2", "-d", "200ms", "--warmup", "0s", "--subject", "nobody", "--reply", server.url)
    if check_sound(tap, r, "nobody there"):
        tap.check(r.outcomes["ok"] == 0 and r.failed("status") > 0 and "503" in r.out, "nobody there to reply: told", r.out[-2000:])


def jetstream(tap):
    with Nats() as server:
        r = stream("--mode", "jetstream", server.url)
        tap.check(r.code == 1 and "JetStream is not enabled" in r.err, "no JetStream: told", (r.code, r.err))
    with Nats(jetstream=True) as server:
        for storage in ("memory", "file"):
            matrix(tap, server.url, "--mode", "jetstream", "--storage", storage)
        groups(tap, server.url, "--mode", "jetstream")
        backlog(tap, server.url, "--mode", "jetstream", "--keep", "1m")  # another setting of a stream that is there
        r = stream("-s", "0", "-p", "2", "--messages", "300", "--mode", "jetstream", "--prefix", "new.one", server.url)
        if check_balance(tap, r, "JetStream, nobody listens"):
            tap.equal((count(r, "published"), count(r, "expected")), (300, 0), "JetStream, nobody listens: only publications")
        before = server.figures()["in_msgs"]
        freeze_law(tap, server.process, lambda: server.figures()["in_msgs"] > before + 50, "frozen JetStream", "--mode", "jetstream", server.url)


def nats(tap):
    if not nats_path():
        tap.skip("nats-server is not installed (nats-server)")
        return
    with Nats() as server:
        matrix(tap, server.url)
        matrix(tap, server.url, "--no-ack")
        groups(tap, server.url)
        nats_requests(tap, server)
    nats_logins(tap)
    with Nats() as server:
        freeze_law(tap, server.process, server.has_messages, "frozen subjects", server.url)
    with Nats() as server:
        killed(tap, server.process, lambda: server.has_messages(200), "killed NATS", server.url)
    with Nats("max_pending: 1MB", "write_deadline: 200ms") as server:
        slow(tap, server.url)
    jetstream(tap)


def mqtt_tls(tap):
    if not shutil.which("openssl"):
        tap.skip("mqtts: openssl is not installed (openssl)")
        return
    with tempfile.TemporaryDirectory() as d:
        os.chmod(d, 0o755)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", d + "/key", "-out", d + "/cert", "-days", "2",
                        "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
        os.chmod(d + "/key", 0o644)
        with Mosquitto("certfile " + d + "/cert", "keyfile " + d + "/key") as server:
            url = server.url.replace("mqtt:", "mqtts:")
            r = stream("-p", "2", "-s", "3", "--messages", "300", "--tls-ca", d + "/cert", url)
            check_all(tap, r, "mqtts", 300, 3)
            r = stream("--messages", "300", url)
            tap.check(r.code == 1 and "not trusted" in r.err, "mqtts: a certificate of nobody is refused", (r.code, r.err))


def suites(tap):
    """A case or two of what ships."""
    here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../suites/aevatar/")
    cases = [("streams-redis.yaml", "groups/consumers=2", "redis-server")]
    cases += [("pubsub.yaml", f"fan/broker={broker},publishers=10,subscribers=10,messages=1000", program) for broker, program in (("redis", "redis-server"), ("nats", "nats-server"))]
    for suite, case, program in cases:
        if not (shutil.which(program) or os.path.exists("/usr/sbin/" + program)):
            tap.skip(f"{suite}: {program} is not installed ({program})")
            continue
        r = subprocess.run([ASSAY, "run", here + suite, "--quick", "--no-store", case], capture_output=True, text=True, timeout=120,
                           env={**os.environ, "PATH": os.environ.get("PATH", "") + ":/usr/sbin"})
        tap.check(r.returncode in (0, 5) and "lost == 0" in r.stdout, f"{suite}: {case} runs, and nothing is lost", (r.returncode, r.stdout[-1500:], r.stderr[-800:]))


def mqtt(tap):
    if not mosquitto_path():
        tap.skip("mosquitto is not installed (mosquitto)")
        return
    with Mosquitto("max_queued_messages 0") as server:
        for qos in ("0", "1"):
            matrix(tap, server.url, "--qos", qos)
            groups(tap, server.url, "--qos", qos)
        backlog(tap, server.url)
        r = load("-c", "4", "-d", "300ms", "--warmup", "0s", "--topic", "a/b", "--payload", "hello", server.url)
        if check_sound(tap, r, "publications"):
            tap.check(r.outcomes["ok"] > 20 and r.failed() == 0, "publications: all are acknowledged", r.outcomes)
    if shutil.which("mosquitto_passwd"):
        d = tempfile.mkdtemp(prefix="assay-mosquitto-")
        os.chmod(d, 0o755)
        subprocess.run(["mosquitto_passwd", "-b", "-c", d + "/users", "alice", "s3cret"], check=True, capture_output=True)
        os.chmod(d + "/users", 0o644)
        with Mosquitto("password_file " + d + "/users") as server:
            check_all(tap, stream("--username", "alice", "--password", "s3cret", "--messages", "100", server.url), "MQTT login", 100, 1)
            r = stream("--username", "alice", "--password", "wrong", server.url)
            tap.check(r.code == 1 and ("not authorized" in r.err or "bad user name" in r.err), "a wrong MQTT password", (r.code, r.err))
        shutil.rmtree(d, ignore_errors=True)
    mqtt_tls(tap)
    with Mosquitto() as server:
        freeze_law(tap, server.process, server.has_messages, "frozen MQTT", server.url)
    with Mosquitto() as server:
        killed(tap, server.process, lambda: server.has_messages(200), "killed MQTT", server.url)
    with Mosquitto("max_queued_messages 10") as server:
        r = stream("-r", "1000", "-d", "1500ms", "-s", "3", "--stall", "800ms", "--stalled", "1", "--drain", "1s", server.url)
        if check_balance(tap, r, "a slow MQTT subscriber"):
            tap.check(count(r, "lost") > 100 and count(r, "delivered") >= 2 * count(r, "published"), "a slow MQTT subscriber: what is not queued for it is lost",
                      [(n, count(r, n)) for n in ("expected", "delivered", "lost")])


def main():
    need_assay()
    tap = Tap()
    redis(tap)
    nats(tap)
    mqtt(tap)
    suites(tap)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
