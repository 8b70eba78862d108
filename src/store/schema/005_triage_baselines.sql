-- What people said of results. A row is only ever taken back (undone_ns), never deleted: how often
-- the reports were right follows from it. Runs are named by id, since they may go with age.
CREATE TABLE triage (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('acknowledged', 'false', 'expected', 'invalid')),
    case_name TEXT, -- NULL: the whole run
    metric TEXT, -- NULL: all
    run_id TEXT, -- NULL: declared beforehand
    commit_hash TEXT,
    change REAL, -- NULL: of any size
    author TEXT NOT NULL,
    reason TEXT NOT NULL,
    set_ns INTEGER NOT NULL,
    from_ns INTEGER NOT NULL,
    until_ns INTEGER, -- NULL: no end
    undone_ns INTEGER -- NULL: it stands
) STRICT;
ALTER TABLE comparison_rows ADD COLUMN triage TEXT; -- NULL: nothing was said of it
-- How a baseline is kept: which branch's green runs move it, how many of them are pooled.
ALTER TABLE baselines ADD COLUMN branch TEXT; -- NULL: whatever branch its run is on
ALTER TABLE baselines ADD COLUMN runs_pooled INTEGER NOT NULL DEFAULT 1;
ALTER TABLE baselines ADD COLUMN frozen_ns INTEGER; -- NULL: it may be moved
ALTER TABLE baselines ADD COLUMN promote INTEGER NOT NULL DEFAULT 0; -- 1: green runs move it
ALTER TABLE comparisons ADD COLUMN about TEXT; -- what `a` is, for people
