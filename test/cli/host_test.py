"""assay host: what it finds, that runs carry it, and that tuning is undone."""
import json
import os
import signal
import subprocess
import time

from tap import assay, check, done, equal, read_json, scratch, valid, write


def test_report():
    d = scratch()
    state = {"XDG_STATE_HOME": d}
    t0 = time.monotonic()
    r = assay("host", "--quick", "--json", "host.json", cwd=d, env=state)
    equal(r.returncode, 0, "assay host", r.stderr)
    check(time.monotonic() - t0 < 60, "takes less than a minute")
    check("This machine is" in r.stdout and "smallest effect" in r.stdout, "says what it is good for", r.stdout)
    j = read_json(os.path.join(d, "host.json"))
    valid(j, "assay.host.1.schema.json", "assay host")
    for w in j["workloads"]:
        check(w["rounds"] >= 30 and w["sigma"] > 0 and 0 <= w["false_alarm_rate"] <= w["differs"] <= 1 and w["smallest_effect"] > 0,
              f"{w['name']}: figures", w)
    by_name = {w["name"]: w for w in j["workloads"]}
    check(2e6 < by_name["command"]["typical_ns"] < 200e6 and by_name["command_cpu"]["typical_ns"] > 1e6, "the command is of the size it says", by_name)
    names = {c["name"] for c in j["checks"]}
    check({"governor", "clock-source", "load", "free-disk", "virtualisation"} <= names, "settings are looked at", names)
    r = assay("time", "--no-store", "-n", "6", "--json", "t.json", "true", cwd=d, env=state)
    tag = read_json(os.path.join(d, "t.json"))["run"]["tags"].get("host", "")
    check(j["noise"]["grade"] in tag and "smallest effect: command" in tag, "later runs say what the machine can resolve", tag)
    check("smallest effect" in r.stdout, "   and show it", r.stdout)


def test_tune():
    d = scratch()
    cpu = os.path.join(d, "sys/devices/system/cpu/cpu0/cpufreq")
    os.makedirs(cpu)
    write(cpu, "scaling_governor", "powersave\n")
    args = ("--root", d, "--journal", os.path.join(d, "tuned"))
    equal(assay("host", "restore", *args).returncode, 1, "nothing to restore")
    r = assay("host", "tune", *args)
    check(r.returncode == 0 and "1 setting changed" in r.stdout, "tune sets what it can", r.stdout, r.stderr)
    equal(open(os.path.join(cpu, "scaling_governor")).read().strip(), "performance", "   the governor")
    check("tuned already" in assay("host", "tune", *args).stderr, "   once")
    r = assay("host", "restore", *args)
    check(r.returncode == 0 and open(os.path.join(cpu, "scaling_governor")).read().strip() == "powersave", "restore puts it back", r.stdout, r.stderr)
    r = assay("host", "tume")
    check(r.returncode == 2 and "tune and restore" in r.stderr, "a misspelt verb is refused", r.stderr)


def test_interrupted():
    p = subprocess.Popen([os.environ["ASSAY"], "host"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                         env={**os.environ, "XDG_STATE_HOME": "/nonexistent/state"})
    children = f"/proc/{p.pid}/task/{p.pid}/children"
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and not open(children).read().split():
        pass
    p.send_signal(signal.SIGINT)
    out, err = p.communicate(timeout=20)
    equal(p.returncode, 130, "an interrupted look says so", out, err)
    check("This machine is" not in out and "clock-source" in out, "   and gives no grade, but the settings", out)


for name, test in list(globals().items()):
    if name.startswith("test_"):
        test()
done()
