-- Rules of single cases, least changes and samples, exceptions; how many comparisons are allowed for.
ALTER TABLE run_rules ADD COLUMN cases TEXT; -- NULL: of every case
ALTER TABLE run_rules ADD COLUMN min_change REAL NOT NULL DEFAULT 0;
ALTER TABLE run_rules ADD COLUMN min_samples INTEGER NOT NULL DEFAULT 0;
ALTER TABLE run_rules ADD COLUMN reason TEXT; -- NULL: no exception
ALTER TABLE run_rules ADD COLUMN until_ns INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN correction TEXT NOT NULL DEFAULT 'holm';
