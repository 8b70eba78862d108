-- Schema 1: runs, what was measured, and what was said about it.
--
-- Times ending in _ns are nanoseconds: started, finished, set since 1970 (UTC), durations monotonic.
-- Missing is NULL, never 0. Numbers of 64 unsigned bits stand as SQLite's signed ones, bit for bit.
-- What repeats (names, metrics, channels of series, testbeds) is interned: rows that there are
-- millions of hold small integers.

CREATE TABLE meta (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    opened INTEGER NOT NULL -- times opened for writing; each opening proves so that it can write
) STRICT;
INSERT INTO meta VALUES (1, 0);

CREATE TABLE testbeds (
    key INTEGER PRIMARY KEY,
    fingerprint TEXT, host TEXT, os TEXT, kernel TEXT, cpu TEXT,
    cpus INTEGER, memory_bytes INTEGER,
    clock_source TEXT, virtualisation TEXT, governor TEXT
) STRICT;
CREATE INDEX testbeds_by_fingerprint ON testbeds (fingerprint);

CREATE TABLE runs (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    suite TEXT NOT NULL,
    suite_path TEXT,
    commit_hash TEXT,
    branch TEXT,
    dirty INTEGER NOT NULL,
    against TEXT,
    started_ns INTEGER NOT NULL,
    finished_ns INTEGER, -- NULL while it runs, or when it was killed
    seed INTEGER NOT NULL,
    tool TEXT NOT NULL,
    stop_rule TEXT,
    min_effect REAL,
    confidence REAL,
    testbed INTEGER NOT NULL REFERENCES testbeds,
    grade TEXT, -- NULL while it runs
    interrupted INTEGER NOT NULL,
    exit_code INTEGER NOT NULL
) STRICT;
CREATE INDEX runs_by_start ON runs (started_ns);
CREATE INDEX runs_by_suite ON runs (suite, started_ns);

CREATE TABLE run_tags (
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    pos INTEGER NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (run, pos)
) STRICT, WITHOUT ROWID;

CREATE TABLE run_rules (
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    pos INTEGER NOT NULL,
    severity TEXT NOT NULL,
    action TEXT NOT NULL,
    metric TEXT NOT NULL,
    change REAL NOT NULL,
    PRIMARY KEY (run, pos)
) STRICT, WITHOUT ROWID;

-- Names of cases and benchmarks.
CREATE TABLE names (
    key INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE cases (
    key INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    pos INTEGER NOT NULL, -- place in the run
    side TEXT NOT NULL CHECK (side IN ('head', 'base')),
    name INTEGER NOT NULL REFERENCES names,
    benchmark INTEGER NOT NULL REFERENCES names,
    component TEXT,
    kind TEXT NOT NULL,
    reference TEXT,
    note TEXT,
    UNIQUE (run, pos)
) STRICT;
CREATE INDEX cases_by_name ON cases (name, run);

CREATE TABLE case_params (
    case_key INTEGER NOT NULL REFERENCES cases ON DELETE CASCADE,
    pos INTEGER NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (case_key, pos)
) STRICT, WITHOUT ROWID;

CREATE TABLE case_expects (
    case_key INTEGER NOT NULL REFERENCES cases ON DELETE CASCADE,
    pos INTEGER NOT NULL,
    expr TEXT NOT NULL,
    PRIMARY KEY (case_key, pos)
) STRICT, WITHOUT ROWID;

-- Keys rise in order of execution. Outcomes are NULL where there are no operations; else
-- scheduled = ok + failed_… + timed_out + shed + dropped + in_flight.
CREATE TABLE trials (
    key INTEGER PRIMARY KEY,
    case_key INTEGER NOT NULL REFERENCES cases ON DELETE CASCADE,
    round INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    started_ns INTEGER NOT NULL,
    duration_ns INTEGER NOT NULL,
    exit_code INTEGER NOT NULL,
    signal INTEGER NOT NULL,
    scheduled INTEGER,
    ok INTEGER,
    failed_connect INTEGER,
    failed_reset INTEGER,
    failed_tls INTEGER,
    failed_protocol INTEGER,
    failed_status INTEGER,
    failed_check INTEGER,
    timed_out INTEGER,
    shed INTEGER,
    dropped INTEGER,
    in_flight INTEGER
) STRICT;
CREATE INDEX trials_by_case ON trials (case_key);

-- What can be measured, and how it was.
CREATE TABLE metrics (
    key INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    unit TEXT NOT NULL,
    better TEXT NOT NULL CHECK (better IN ('lower', 'higher', 'none')),
    method TEXT NOT NULL,
    UNIQUE (name, unit, better, method)
) STRICT;

-- One figure of one trial; of a distribution its median.
CREATE TABLE figures (
    trial INTEGER NOT NULL REFERENCES trials ON DELETE CASCADE,
    pos INTEGER NOT NULL,
    metric INTEGER NOT NULL REFERENCES metrics,
    value REAL,
    PRIMARY KEY (trial, pos)
) STRICT, WITHOUT ROWID;

-- The distribution behind a figure, kept apart because it is large.
CREATE TABLE histograms (
    key INTEGER PRIMARY KEY,
    trial INTEGER NOT NULL REFERENCES trials ON DELETE CASCADE,
    pos INTEGER NOT NULL,
    hdr BLOB NOT NULL,   -- HdrHistogram V2, compressed
    exact BLOB NOT NULL, -- 9 unsigned 64-bit little-endian numbers: see docs/store.md
    UNIQUE (trial, pos)
) STRICT;

CREATE TABLE channels (
    key INTEGER PRIMARY KEY,
    scope TEXT NOT NULL,
    name TEXT NOT NULL,
    unit TEXT NOT NULL,
    method TEXT NOT NULL,
    UNIQUE (scope, name, unit, method)
) STRICT;

CREATE TABLE series (
    key INTEGER PRIMARY KEY,
    trial INTEGER NOT NULL REFERENCES trials ON DELETE CASCADE,
    pos INTEGER NOT NULL,
    channel INTEGER NOT NULL REFERENCES channels,
    points INTEGER NOT NULL,
    codec INTEGER NOT NULL CHECK (codec IN (0, 1)), -- 0: as it is; 1: zlib
    data BLOB NOT NULL, -- times in seconds [points], then values [points]: little-endian doubles
    UNIQUE (trial, pos)
) STRICT;

-- Why a trial, a case or a run is not VALID. Just what was found there: what a case has from its
-- trials and a run from its cases is found again by reading.
CREATE TABLE reasons (
    key INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    case_key INTEGER REFERENCES cases ON DELETE CASCADE,
    trial INTEGER REFERENCES trials ON DELETE CASCADE,
    grade TEXT NOT NULL,
    code TEXT NOT NULL,
    text TEXT NOT NULL
) STRICT;
CREATE INDEX reasons_by_run ON reasons (run);
CREATE INDEX reasons_by_case ON reasons (case_key) WHERE case_key IS NOT NULL;
CREATE INDEX reasons_by_trial ON reasons (trial) WHERE trial IS NOT NULL;

-- Summaries that an imported document gave without the samples behind them.
CREATE TABLE given_figures (
    case_key INTEGER NOT NULL REFERENCES cases ON DELETE CASCADE,
    pos INTEGER NOT NULL,
    metric INTEGER NOT NULL REFERENCES metrics,
    count INTEGER NOT NULL,
    censored INTEGER NOT NULL,
    mean REAL, stddev REAL, min REAL, max REAL,
    p50 REAL, p90 REAL, p95 REAL, p99 REAL, p999 REAL,
    trials_p95 BLOB, -- little-endian doubles
    trials_p99 BLOB,
    PRIMARY KEY (case_key, pos)
) STRICT, WITHOUT ROWID;

CREATE TABLE comparisons (
    run INTEGER PRIMARY KEY REFERENCES runs ON DELETE CASCADE,
    a TEXT,
    b TEXT,
    verdict TEXT NOT NULL,
    exit_code INTEGER NOT NULL,
    confidence REAL,
    min_effect REAL
) STRICT;

CREATE TABLE comparison_rows (
    run INTEGER NOT NULL REFERENCES comparisons ON DELETE CASCADE,
    pos INTEGER NOT NULL,
    case_name TEXT NOT NULL,
    reference TEXT,
    metric TEXT NOT NULL,
    unit TEXT,
    better TEXT NOT NULL,
    verdict TEXT NOT NULL,
    value_a REAL, value_b REAL,
    ratio REAL, ratio_low REAL, ratio_high REAL,
    difference REAL,
    p REAL, p_adjusted REAL,
    n INTEGER NOT NULL,
    mde REAL,
    rounds_more REAL,
    method TEXT,
    severity TEXT NOT NULL,
    action TEXT NOT NULL,
    note TEXT,
    PRIMARY KEY (run, pos)
) STRICT, WITHOUT ROWID;

-- A run that a baseline names can't be deleted.
CREATE TABLE baselines (
    name TEXT PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES runs,
    set_ns INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX baselines_by_run ON baselines (run);
