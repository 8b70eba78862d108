"""Runs a store's test of src/store against a real PostgreSQL: on_server.py PROGRAM."""

import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "net"))
from netlib import skip_all
from pgserver import MISSING, Postgres, installed

if not installed():
    skip_all(MISSING)
with Postgres() as pg:
    sys.exit(subprocess.run([sys.argv[1]], env={**os.environ, "ASSAY_TEST_STORE": pg.local}, check=False).returncode)
