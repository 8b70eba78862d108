-- What stays of a run when its distributions and series have gone, and what they were merged into.
ALTER TABLE runs ADD COLUMN rolled_ns INTEGER; -- NULL: whole
ALTER TABLE given_figures ADD COLUMN bound_from REAL; -- smallest quantile that is a lower bound

-- Histograms of the heads that were not INVALID, merged bin by bin over an hour or a day (UTC).
CREATE TABLE rollups (
    key INTEGER PRIMARY KEY,
    name INTEGER NOT NULL REFERENCES names, -- of the case
    metric INTEGER NOT NULL REFERENCES metrics,
    testbed INTEGER NOT NULL REFERENCES testbeds,
    branch TEXT NOT NULL, -- empty outside git
    shape TEXT NOT NULL, -- range and digits of the bins: other shapes are never mixed
    span TEXT NOT NULL CHECK (span IN ('hour', 'day')),
    start_ns INTEGER NOT NULL,
    trials INTEGER NOT NULL,
    hdr BLOB NOT NULL,
    exact BLOB NOT NULL,
    UNIQUE (name, metric, testbed, branch, shape, span, start_ns)
) STRICT;
CREATE INDEX rollups_by_start ON rollups (span, start_ns);
