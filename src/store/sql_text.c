/* The statements' texts, for every engine: the common part of SQLite's and PostgreSQL's SQL.
 * Parameters are ?1, ?2 …; an engine that calls them otherwise rewrites them. */
#include "store/sql.h"

#define OF_RUN " JOIN cases c ON c.key = x.case_key WHERE c.run = ?1 "
#define OF_TRIALS                                                                                  \
    " JOIN trials t ON t.key = x.trial JOIN cases c ON c.key = t.case_key WHERE c.run = ?1 "

/* min: INVALID before SUSPECT. What other cases of the run had does not count. */
#define HISTORY_COLUMNS                                                                            \
    "r.key, r.id, r.commit_hash, r.branch, coalesce((SELECT min(q.grade) FROM reasons q WHERE "    \
    "q.run = r.key AND (q.case_key IS NULL OR q.case_key = c.key) AND (q.trial IS NULL OR "        \
    "q.trial "                                                                                     \
    "IN (SELECT key FROM trials WHERE case_key = c.key))), 'VALID'), r.started_ns, "               \
    "b.fingerprint, "                                                                              \
    "m.unit, m.better"
#define HISTORY_RUNS                                                                               \
    "names n JOIN cases c ON c.name = n.key JOIN runs r ON r.key = c.run JOIN testbeds b ON "      \
    "b.key "                                                                                       \
    "= r.testbed "

const char *const sq_texts[SQL_N] = {
    [SQL_PROVE_WRITABLE] = "UPDATE meta SET opened = opened + 1",

    [SQL_FIND_TESTBED] =
        "SELECT key FROM testbeds WHERE fingerprint IS NOT DISTINCT FROM ?1 AND host IS NOT "
        "DISTINCT FROM ?2 AND os IS NOT DISTINCT FROM ?3 AND kernel IS NOT DISTINCT FROM ?4 AND "
        "cpu IS NOT DISTINCT FROM ?5 AND cpus IS NOT DISTINCT FROM ?6 AND memory_bytes IS NOT "
        "DISTINCT FROM ?7 AND clock_source IS NOT DISTINCT FROM ?8 AND virtualisation IS NOT "
        "DISTINCT FROM ?9 AND governor IS NOT DISTINCT FROM ?10 ORDER BY key LIMIT 1",
    [SQL_ADD_TESTBED] = "INSERT INTO testbeds (fingerprint, host, os, kernel, cpu, cpus, "
                        "memory_bytes, clock_source, virtualisation, governor) VALUES "
                        "(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10) RETURNING key",
    [SQL_ADD_RUN] =
        "INSERT INTO runs (id, suite, suite_path, commit_hash, branch, dirty, against, started_ns, "
        "seed, tool, stop_rule, min_effect, confidence, testbed, interrupted, exit_code, "
        "correction, rolled_ns) "
        "VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18) RETURNING key",
    [SQL_ADD_TAG] = "INSERT INTO run_tags VALUES (?1,?2,?3,?4)",
    [SQL_ADD_RULE] = "INSERT INTO run_rules VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)",
    [SQL_FIND_RUN] = "SELECT key FROM runs WHERE id = ?1",
    [SQL_FINISH_RUN] = "UPDATE runs SET finished_ns = ?2, grade = ?3, interrupted = ?4, exit_code "
                       "= ?5 WHERE key = ?1",

    [SQL_FIND_NAME] = "SELECT key FROM names WHERE name = ?1",
    [SQL_ADD_NAME] = "INSERT INTO names (name) VALUES (?1) RETURNING key",
    [SQL_FIND_CASE] = "SELECT key FROM cases WHERE run = ?1 AND pos = ?2",
    [SQL_ADD_CASE] = "INSERT INTO cases (run, pos, side, name, benchmark, component, kind, "
                     "reference, note) VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9) RETURNING key",
    [SQL_ADD_PARAM] = "INSERT INTO case_params VALUES (?1,?2,?3,?4)",
    [SQL_ADD_EXPECT] = "INSERT INTO case_expects VALUES (?1,?2,?3)",
    [SQL_SET_NOTE] = "UPDATE cases SET note = ?2 WHERE key = ?1",
    [SQL_ADD_TRIAL] =
        "INSERT INTO trials (case_key, round, seq, started_ns, duration_ns, exit_code, signal, "
        "scheduled, ok, failed_connect, failed_reset, failed_tls, failed_protocol, failed_status, "
        "failed_check, timed_out, shed, dropped, in_flight, "
        "failed_unauthorized, failed_forbidden, failed_tool, key) VALUES "
        "(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21,?22,?23)",
    [SQL_FIND_METRIC] = "SELECT key FROM metrics WHERE name = ?1 AND unit = ?2 AND better = ?3 AND "
                        "method = ?4",
    [SQL_ADD_METRIC] =
        "INSERT INTO metrics (name, unit, better, method) VALUES (?1,?2,?3,?4) RETURNING key",
    [SQL_ADD_FIGURE] = "INSERT INTO figures VALUES (?1,?2,?3,?4)",
    [SQL_ADD_FIGURES] =
        "INSERT INTO figures VALUES (?1,?2,?3,?4),(?1,?5,?6,?7),(?1,?8,?9,?10),(?1,?11,?12,?13),(?1"
        ",?14,?15,?16),(?1,?17,?18,?19),(?1,?20,?21,?22),(?1,?23,?24,?25)",
    [SQL_ADD_HISTOGRAM] = "INSERT INTO histograms (trial, pos, hdr, exact) VALUES (?1,?2,?3,?4)",
    [SQL_FIND_CHANNEL] =
        "SELECT key FROM channels WHERE scope = ?1 AND name = ?2 AND unit = ?3 AND "
        "method = ?4",
    [SQL_ADD_CHANNEL] =
        "INSERT INTO channels (scope, name, unit, method) VALUES (?1,?2,?3,?4) RETURNING key",
    [SQL_ADD_SERIES] =
        "INSERT INTO series (trial, pos, channel, points, codec, data) VALUES (?1,?2,?3,?4,?5,?6)",

    [SQL_ADD_REASON] =
        "INSERT INTO reasons (run, case_key, trial, grade, code, text) VALUES (?1,?2,?3,?4,?5,?6)",
    [SQL_DROP_REASONS] = "DELETE FROM reasons WHERE run = ?1 AND trial IS NULL",
    [SQL_DROP_GIVEN] = "DELETE FROM given_figures WHERE case_key = ?1",
    [SQL_ADD_GIVEN] = "INSERT INTO given_figures VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,"
                      "?13,?14,?15,?16,?17)",
    [SQL_DROP_COMPARISON] = "DELETE FROM comparisons WHERE run = ?1",
    [SQL_ADD_COMPARISON] = "INSERT INTO comparisons VALUES (?1,?2,?3,?4,?5,?6,?7,?8)",
    [SQL_ADD_ROW] = "INSERT INTO comparison_rows VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,"
                    "?13,?14,?15,?16,?17,?18,?19,?20,?21,?22,?23,?24)",

    [SQL_LATEST_RUN] = "SELECT key FROM runs ORDER BY started_ns DESC, key DESC LIMIT 1",
    [SQL_LATEST_OF_SUITE] = "SELECT key FROM runs WHERE suite = ?1 ORDER BY started_ns DESC, key "
                            "DESC LIMIT 1",
    [SQL_RUNS_BY_PREFIX] = "SELECT key, id FROM runs WHERE substr(id, 1, length(?1)) = ?1 ORDER BY "
                           "id = ?1 DESC, started_ns DESC LIMIT 6",
    [SQL_BASELINE_RUN] = "SELECT run FROM baselines WHERE name = ?1",

    [SQL_LOAD_RUN] =
        "SELECT id, suite, suite_path, commit_hash, branch, dirty, against, started_ns, "
        "finished_ns, seed, tool, stop_rule, min_effect, confidence, interrupted, exit_code, "
        "fingerprint, host, os, kernel, cpu, cpus, memory_bytes, clock_source, virtualisation, "
        "governor, correction, rolled_ns FROM runs r JOIN testbeds b ON b.key = r.testbed WHERE "
        "r.key = ?1",
    [SQL_LOAD_TAGS] = "SELECT name, value FROM run_tags WHERE run = ?1 ORDER BY pos",
    [SQL_LOAD_RULES] = "SELECT severity, action, metric, change, cases, min_change, min_samples, "
                       "reason, until_ns FROM run_rules WHERE run = ?1 ORDER BY pos",
    [SQL_LOAD_CASES] = "SELECT c.key, side, n.name, b.name, component, kind, reference, note FROM "
                       "cases c JOIN names n ON n.key = c.name JOIN names b ON b.key = c.benchmark "
                       "WHERE run = ?1 ORDER BY c.pos",
    [SQL_LOAD_PARAMS] =
        "SELECT x.case_key, x.name, x.value FROM case_params x" OF_RUN "ORDER BY x.case_key, x.pos",
    [SQL_LOAD_EXPECTS] =
        "SELECT x.case_key, x.expr FROM case_expects x" OF_RUN "ORDER BY x.case_key, x.pos",
    [SQL_LOAD_TRIALS] = "SELECT x.* FROM trials x" OF_RUN "ORDER BY x.key",
    [SQL_LOAD_FIGURES] =
        "SELECT x.trial, m.name, m.unit, m.better, m.method, x.value, h.hdr, h.exact FROM figures "
        "x "
        "JOIN metrics m ON m.key = x.metric LEFT JOIN histograms h ON h.trial = x.trial AND h.pos "
        "= x.pos" OF_TRIALS "ORDER BY x.trial, x.pos",
    [SQL_LOAD_SERIES] = "SELECT x.trial, n.scope, n.name, n.unit, n.method, x.points, x.codec, "
                        "x.data FROM series x JOIN channels n ON n.key = x.channel" OF_TRIALS
                        "ORDER BY x.trial, x.pos",
    [SQL_LOAD_REASONS] =
        "SELECT case_key, trial, grade, code, text FROM reasons WHERE run = ?1 ORDER BY key",
    [SQL_LOAD_GIVEN] =
        "SELECT x.case_key, m.name, m.unit, m.better, m.method, x.count, x.censored, x.mean, "
        "x.stddev, x.min, x.max, x.p50, x.p90, x.p95, x.p99, x.p999, x.trials_p95, x.trials_p99, "
        "x.bound_from "
        "FROM given_figures x JOIN metrics m ON m.key = x.metric" OF_RUN "ORDER BY x.case_key, "
        "x.pos",
    [SQL_LOAD_COMPARISON] = "SELECT a, b, verdict, exit_code, confidence, min_effect, about FROM "
                            "comparisons WHERE run = ?1",
    [SQL_LOAD_ROWS] = "SELECT * FROM comparison_rows WHERE run = ?1 ORDER BY pos",

    [SQL_LIST_RUNS] =
        "SELECT id, suite, commit_hash, branch, grade, started_ns, (SELECT count(*) FROM cases c "
        "WHERE c.run = r.key), (SELECT count(*) FROM cases c JOIN trials t ON t.case_key = c.key "
        "WHERE c.run = r.key), exit_code, finished_ns, (SELECT fingerprint FROM testbeds b "
        "WHERE b.key = r.testbed) FROM runs r ORDER BY started_ns DESC, key "
        "DESC LIMIT ?1",
    [SQL_SET_BASELINE] = "INSERT INTO baselines (name, run, set_ns) VALUES (?1,?2,?3) ON CONFLICT "
                         "(name) DO UPDATE SET "
                         "run = excluded.run, set_ns = excluded.set_ns",
    [SQL_KEEP_BASELINE] = "UPDATE baselines SET branch = ?2, runs_pooled = ?3, frozen_ns = ?4, "
                          "promote = ?5 WHERE name = ?1",
    [SQL_DROP_BASELINE] = "DELETE FROM baselines WHERE name = ?1 RETURNING run",
    [SQL_LIST_BASELINES] =
        "SELECT b.name, r.id, r.suite, r.commit_hash, r.branch, t.fingerprint, b.set_ns, b.branch, "
        "b.runs_pooled, b.frozen_ns, b.promote, r.started_ns FROM "
        "baselines b JOIN runs r ON r.key = b.run JOIN testbeds t ON t.key = r.testbed ORDER BY "
        "b.name",

    [SQL_HISTORY] =
        "SELECT " HISTORY_COLUMNS ", x.value, h.hdr, h.exact, c.key FROM " HISTORY_RUNS
        "JOIN trials t ON t.case_key = c.key JOIN figures x ON x.trial = t.key JOIN metrics m ON "
        "m.key = x.metric AND m.name = ?2 LEFT JOIN histograms h ON ?3 = 1 AND h.trial = x.trial "
        "AND "
        "h.pos = x.pos WHERE n.name = ?1 AND c.side = 'head' ORDER BY r.started_ns, r.key, t.key",
    [SQL_HISTORY_GIVEN] =
        "SELECT " HISTORY_COLUMNS ", x.p50, x.mean, x.stddev, x.min, x.max, x.p90, x.p95, x.p99, "
        "x.p999 FROM " HISTORY_RUNS "JOIN given_figures x ON x.case_key = c.key JOIN metrics m ON "
        "m.key = x.metric AND m.name = ?2 WHERE n.name = ?1 AND c.side = 'head' AND NOT EXISTS "
        "(SELECT 1 FROM trials t JOIN figures f ON f.trial = t.key JOIN metrics o ON o.key = "
        "f.metric WHERE t.case_key = c.key AND o.name = ?2) ORDER BY r.started_ns, r.key",
    [SQL_FIND_GIVEN] =
        "SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, x.p50, x.mean, x.stddev, "
        "x.min, x.max, x.p90, x.p95, x.p99, x.p999 FROM given_figures x JOIN metrics m ON m.key = "
        "x.metric WHERE x.case_key = ?1 AND m.name = ?2 AND m.unit = ?3",
    [SQL_HISTORY_METRICS] =
        "WITH newest AS (SELECT c.key FROM " HISTORY_RUNS "WHERE n.name = ?1 AND c.side = 'head' "
        "ORDER BY r.started_ns DESC, r.key DESC LIMIT 1) SELECT m.name, min(x.pos) AS pos FROM "
        "newest JOIN trials t ON t.case_key = newest.key JOIN figures x ON x.trial = t.key JOIN "
        "metrics m ON m.key = x.metric GROUP BY m.name UNION SELECT m.name, x.pos FROM newest JOIN "
        "given_figures x ON x.case_key = newest.key JOIN metrics m ON m.key = x.metric ORDER BY "
        "2, 1",
    [SQL_LIST_CASES] =
        "SELECT DISTINCT n.name FROM cases c JOIN names n ON n.key = c.name ORDER BY "
        "n.name LIMIT 200",

    [SQL_DUE_RUNS] =
        "SELECT * FROM (SELECT r.key, r.id, r.rolled_ns, r.started_ns, coalesce(r.finished_ns, "
        "(SELECT max(t.started_ns) FROM cases c JOIN trials t ON t.case_key = c.key WHERE c.run = "
        "r.key), 0) AS last, (SELECT count(*) FROM baselines b WHERE b.run = r.key), (SELECT "
        "count(*) FROM run_tags t WHERE t.run = r.key AND t.name IN ('keep', 'name')), (SELECT "
        "count(*) FROM comparisons k WHERE k.run = r.key AND k.verdict = 'regressed') FROM runs r "
        "WHERE r.started_ns < ?1) d WHERE last < ?1 AND (rolled_ns IS NULL OR (started_ns < ?2 AND "
        "last < ?2)) ORDER BY started_ns, key",
    [SQL_SIZE_OF_HISTOGRAMS] = "SELECT count(*), CAST(sum(length(x.hdr) + length(x.exact)) AS "
                               "BIGINT) FROM histograms x" OF_TRIALS,
    [SQL_SIZE_OF_SERIES] =
        "SELECT count(*), CAST(sum(length(x.data)) AS BIGINT) FROM series x" OF_TRIALS,
    [SQL_HEADS_OF_RUN] = "SELECT n.name FROM cases c JOIN names n ON n.key = c.name WHERE c.run = "
                         "?1 AND c.side = 'head'",
    [SQL_STILL_WHOLE] = "SELECT key FROM runs WHERE id = ?1 AND rolled_ns IS NULL AND key NOT IN "
                        "(SELECT run FROM baselines)",
    [SQL_NEXT_GIVEN] = "SELECT coalesce(max(pos), -1) + 1 FROM given_figures WHERE case_key = ?1",
    [SQL_DROP_HISTOGRAMS] = "DELETE FROM histograms WHERE trial IN (SELECT t.key FROM cases c JOIN "
                            "trials t ON t.case_key = c.key WHERE c.run = ?1)",
    [SQL_DROP_SERIES] = "DELETE FROM series WHERE trial IN (SELECT t.key FROM cases c JOIN trials "
                        "t ON t.case_key = c.key WHERE c.run = ?1)",
    [SQL_SET_ROLLED] = "UPDATE runs SET rolled_ns = ?2 WHERE key = ?1",
    [SQL_DROP_RUN] = "DELETE FROM runs WHERE id = ?1 AND key NOT IN (SELECT run FROM baselines)",
    [SQL_TESTBED_OF_RUN] = "SELECT testbed FROM runs WHERE key = ?1",
    [SQL_FIND_ROLLUP] = "SELECT key, trials, hdr, exact FROM rollups WHERE name = ?1 AND metric = "
                        "?2 AND testbed = ?3 AND branch = ?4 AND shape = ?5 AND span = ?6 AND "
                        "start_ns = ?7",
    [SQL_ADD_ROLLUP] = "INSERT INTO rollups (name, metric, testbed, branch, shape, span, start_ns, "
                       "trials, hdr, exact) VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10) ON CONFLICT "
                       "(name, metric, testbed, branch, shape, span, start_ns) DO UPDATE SET "
                       "trials = excluded.trials, hdr = excluded.hdr, exact = excluded.exact",
    [SQL_OLD_HOURS] = "SELECT key, name, metric, testbed, branch, start_ns, trials, hdr, exact "
                      "FROM rollups WHERE span = 'hour' AND start_ns <= ?1 LIMIT ?2",
    [SQL_DROP_ROLLUP] = "DELETE FROM rollups WHERE key = ?1",
    [SQL_COUNT_HOURS] = "SELECT count(*) FROM rollups WHERE span = 'hour' AND start_ns <= ?1",
    [SQL_COUNT_DAYS] = "SELECT count(*) FROM rollups WHERE span = 'day' AND start_ns <= ?1",
    [SQL_DROP_DAYS] = "DELETE FROM rollups WHERE key IN (SELECT key FROM rollups WHERE span = "
                      "'day' AND start_ns <= ?1 LIMIT 500) RETURNING key",
    [SQL_LIST_ROLLUPS] =
        "SELECT n.name, m.name, m.unit, m.better, m.method, x.branch, x.span, x.start_ns, "
        "x.trials, "
        "x.hdr, x.exact, b.fingerprint, b.host, b.os, b.kernel, b.cpu, b.cpus, b.memory_bytes, "
        "b.clock_source, b.virtualisation, b.governor FROM rollups x JOIN names n ON n.key = "
        "x.name "
        "JOIN metrics m ON m.key = x.metric JOIN testbeds b ON b.key = x.testbed WHERE CAST(?1 AS "
        "TEXT) IS NULL "
        "OR n.name = ?1 ORDER BY n.name, x.start_ns, x.key",
    [SQL_RUN_IN_SPAN] =
        "SELECT r.key FROM runs r JOIN cases c ON c.run = r.key WHERE r.started_ns >= ?1 AND "
        "r.started_ns < ?2 AND c.name = ?3 LIMIT 1",
    [SQL_ROLLUP_IN_SPAN] =
        "SELECT key FROM rollups WHERE start_ns >= ?1 AND start_ns < ?2 AND name "
        "= ?3 LIMIT 1",
    [SQL_DAY_OF_SPAN] =
        "SELECT key FROM rollups WHERE span = 'day' AND start_ns <= ?1 AND start_ns "
        "> ?1 - 86400000000000 AND name = ?2 LIMIT 1",

    [SQL_SET_TRIAGE] =
        "INSERT INTO triage (id, kind, case_name, metric, run_id, commit_hash, change, author, "
        "reason, set_ns, from_ns, until_ns, undone_ns) VALUES "
        "(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13) ON CONFLICT (id) DO UPDATE SET undone_ns = "
        "coalesce(triage.undone_ns, excluded.undone_ns)",
    [SQL_LIST_TRIAGE] =
        "SELECT id, kind, case_name, metric, run_id, commit_hash, change, author, reason, set_ns, "
        "from_ns, until_ns, undone_ns FROM triage ORDER BY set_ns, key",
    [SQL_LIST_REGRESSED] =
        "SELECT r.id, r.started_ns, x.case_name, x.metric FROM comparison_rows x JOIN runs r ON "
        "r.key = x.run WHERE x.verdict = 'regressed' AND x.severity <> 'none' ORDER BY "
        "r.started_ns, r.key, x.pos",
};
