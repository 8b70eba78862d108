"""A worker for assay's exec driver: each call is an SQL statement, run by Python's own SQLite."""

import sqlite3
import sys
import time

db = sqlite3.connect(":memory:", isolation_level=None)
db.execute("CREATE TABLE kv (k INTEGER PRIMARY KEY, v TEXT)")
ESCAPES = {"n": "\n", "r": "\r", "\\": "\\"}


def plain(text):
    pieces = iter(text)
    return "".join(ESCAPES[next(pieces)] if c == "\\" else c for c in pieces)


def escaped(text):
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")


print("assay-exec 1", flush=True)
for line in sys.stdin:
    verb, number, *text = line.rstrip("\n").split(" ", 2)
    if verb == "open":
        print("ok", number, flush=True)
    elif verb == "call":
        try:
            begin = time.perf_counter_ns()
            rows = db.execute(plain(text[0])).fetchall()
            print(f"ok {number} ns={time.perf_counter_ns() - begin} bytes={len(str(rows))}", flush=True)
        except sqlite3.Error as error:
            print("fail", number, "status", escaped(str(error)), flush=True)
