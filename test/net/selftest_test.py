"""assay selftest on this machine: nothing is broken, and the report says what was done."""

import json
import subprocess
import sys
import time

from netlib import ASSAY, Tap, need_assay


def selftest(*args):
    start = time.monotonic()
    run = subprocess.run([ASSAY, "selftest", *args, "--json", "-"], capture_output=True, text=True,
                         timeout=180, check=False)
    return run, time.monotonic() - start


def main():
    need_assay()
    tap = Tap()
    run, seconds = selftest("--quick", "--seed", "3")
    if not tap.check(run.returncode in (0, 1), "ends with 0 or 1", run.stderr):
        return tap.done()
    report = json.loads(run.stdout)
    tap.equal(report["schema"], "assay.selftest/1", "schema")
    tap.equal(report["seed"], 3, "seed")
    tap.equal(run.returncode, 1 if report["broken"] else 0, "1 means broken")
    tap.check(seconds < 60, "a quick look is quick", f"{seconds:.1f} s")
    for proof in report["proofs"]:
        tap.check(proof["state"] in ("held", "unclear"), f"{proof['name']}: {proof['state']}",
                  json.dumps(proof, indent=1))
    run, _ = selftest("--only", "nonsense")
    tap.equal(run.returncode, 2, "an unknown proof is wrong usage")
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
