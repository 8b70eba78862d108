/* Statements: their texts, and how they are bound, stepped and read. */
#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/resource.h>

#include "store/sqlite.h"

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

/* When a run gave its last sign of life. */
#define LAST_OF_RUN                                                                                \
    "max(r.started_ns, coalesce(r.finished_ns, (SELECT max(t.started_ns) FROM cases c JOIN "       \
    "trials t ON t.case_key = c.key WHERE c.run = r.key), 0))"

static const char *const texts[SQL_N] = {
    [SQL_BEGIN_WRITE] = "BEGIN IMMEDIATE",
    [SQL_BEGIN_READ] = "BEGIN",
    [SQL_COMMIT] = "COMMIT",
    [SQL_ROLLBACK] = "ROLLBACK",
    [SQL_PROVE_WRITABLE] = "UPDATE meta SET opened = opened + 1",

    [SQL_FIND_TESTBED] =
        "SELECT key FROM testbeds WHERE fingerprint IS ?1 AND host IS ?2 AND os IS ?3 AND kernel "
        "IS ?4 AND cpu IS ?5 AND cpus IS ?6 AND memory_bytes IS ?7 AND clock_source IS ?8 AND "
        "virtualisation IS ?9 AND governor IS ?10",
    [SQL_ADD_TESTBED] = "INSERT INTO testbeds VALUES (NULL,?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)",
    [SQL_ADD_RUN] =
        "INSERT INTO runs (id, suite, suite_path, commit_hash, branch, dirty, against, started_ns, "
        "seed, tool, stop_rule, min_effect, confidence, testbed, interrupted, exit_code, "
        "correction, rolled_ns) "
        "VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18)",
    [SQL_ADD_TAG] = "INSERT INTO run_tags VALUES (?1,?2,?3,?4)",
    [SQL_ADD_RULE] = "INSERT INTO run_rules VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)",
    [SQL_FIND_RUN] = "SELECT key FROM runs WHERE id = ?1",
    [SQL_FINISH_RUN] = "UPDATE runs SET finished_ns = ?2, grade = ?3, interrupted = ?4, exit_code "
                       "= ?5 WHERE key = ?1",

    [SQL_FIND_NAME] = "SELECT key FROM names WHERE name = ?1",
    [SQL_ADD_NAME] = "INSERT INTO names VALUES (NULL,?1)",
    [SQL_FIND_CASE] = "SELECT key FROM cases WHERE run = ?1 AND pos = ?2",
    [SQL_ADD_CASE] = "INSERT INTO cases VALUES (NULL,?1,?2,?3,?4,?5,?6,?7,?8,?9)",
    [SQL_ADD_PARAM] = "INSERT INTO case_params VALUES (?1,?2,?3,?4)",
    [SQL_ADD_EXPECT] = "INSERT INTO case_expects VALUES (?1,?2,?3)",
    [SQL_SET_NOTE] = "UPDATE cases SET note = ?2 WHERE key = ?1",
    [SQL_ADD_TRIAL] = "INSERT INTO trials VALUES (NULL,?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,"
                      "?14,?15,?16,?17,?18,?19,?20,?21,?22)",
    [SQL_FIND_METRIC] = "SELECT key FROM metrics WHERE name = ?1 AND unit = ?2 AND better = ?3 AND "
                        "method = ?4",
    [SQL_ADD_METRIC] = "INSERT INTO metrics VALUES (NULL,?1,?2,?3,?4)",
    [SQL_ADD_FIGURE] = "INSERT INTO figures VALUES (?1,?2,?3,?4)",
    [SQL_ADD_FIGURES] =
        "INSERT INTO figures VALUES (?1,?2,?3,?4),(?1,?5,?6,?7),(?1,?8,?9,?10),(?1,?11,?12,?13),(?1"
        ",?14,?15,?16),(?1,?17,?18,?19),(?1,?20,?21,?22),(?1,?23,?24,?25)",
    [SQL_ADD_HISTOGRAM] = "INSERT INTO histograms VALUES (NULL,?1,?2,?3,?4)",
    [SQL_FIND_CHANNEL] =
        "SELECT key FROM channels WHERE scope = ?1 AND name = ?2 AND unit = ?3 AND "
        "method = ?4",
    [SQL_ADD_CHANNEL] = "INSERT INTO channels VALUES (NULL,?1,?2,?3,?4)",
    [SQL_ADD_SERIES] = "INSERT INTO series VALUES (NULL,?1,?2,?3,?4,?5,?6)",

    [SQL_ADD_REASON] = "INSERT INTO reasons VALUES (NULL,?1,?2,?3,?4,?5,?6)",
    [SQL_DROP_REASONS] = "DELETE FROM reasons WHERE run = ?1 AND trial IS NULL",
    [SQL_DROP_GIVEN] = "DELETE FROM given_figures WHERE case_key = ?1",
    [SQL_ADD_GIVEN] = "INSERT INTO given_figures VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,"
                      "?13,?14,?15,?16,?17)",
    [SQL_DROP_COMPARISON] = "DELETE FROM comparisons WHERE run = ?1",
    [SQL_ADD_COMPARISON] = "INSERT INTO comparisons VALUES (?1,?2,?3,?4,?5,?6,?7)",
    [SQL_ADD_ROW] = "INSERT INTO comparison_rows VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,"
                    "?13,?14,?15,?16,?17,?18,?19,?20,?21,?22,?23)",

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
    [SQL_LOAD_COMPARISON] = "SELECT a, b, verdict, exit_code, confidence, min_effect FROM "
                            "comparisons WHERE run = ?1",
    [SQL_LOAD_ROWS] = "SELECT * FROM comparison_rows WHERE run = ?1 ORDER BY pos",

    [SQL_LIST_RUNS] =
        "SELECT id, suite, commit_hash, branch, grade, started_ns, (SELECT count(*) FROM cases c "
        "WHERE c.run = r.key), (SELECT count(*) FROM cases c JOIN trials t ON t.case_key = c.key "
        "WHERE c.run = r.key), exit_code, finished_ns FROM runs r ORDER BY started_ns DESC, key "
        "DESC LIMIT ?1",
    [SQL_SET_BASELINE] = "INSERT INTO baselines VALUES (?1,?2,?3) ON CONFLICT (name) DO UPDATE SET "
                         "run = excluded.run, set_ns = excluded.set_ns",
    [SQL_DROP_BASELINE] = "DELETE FROM baselines WHERE name = ?1",
    [SQL_LIST_BASELINES] =
        "SELECT b.name, r.id, r.suite, r.commit_hash, r.branch, t.fingerprint, b.set_ns FROM "
        "baselines b JOIN runs r ON r.key = b.run JOIN testbeds t ON t.key = r.testbed ORDER BY "
        "b.name",

    [SQL_HISTORY] =
        "SELECT " HISTORY_COLUMNS ", x.value, h.hdr, h.exact, c.key FROM " HISTORY_RUNS
        "JOIN trials t ON t.case_key = c.key JOIN figures x ON x.trial = t.key JOIN metrics m ON "
        "m.key = x.metric AND m.name = ?2 LEFT JOIN histograms h ON ?3 AND h.trial = x.trial AND "
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
        "pos",
    [SQL_LIST_CASES] =
        "SELECT DISTINCT n.name FROM cases c JOIN names n ON n.key = c.name ORDER BY "
        "n.name LIMIT 200",

    [SQL_DUE_RUNS] =
        "SELECT r.key, r.id, r.rolled_ns IS NOT NULL, " LAST_OF_RUN
        " AS last, EXISTS (SELECT 1 FROM "
        "baselines b WHERE b.run = r.key), EXISTS (SELECT 1 FROM run_tags t WHERE t.run = r.key "
        "AND "
        "t.name IN ('keep', 'name')), EXISTS (SELECT 1 FROM comparisons k WHERE k.run = r.key AND "
        "k.verdict = 'regressed') FROM runs r WHERE r.started_ns < ?1 AND last < ?1 AND "
        "(r.rolled_ns IS NULL OR last < ?2) ORDER BY r.started_ns, r.key",
    [SQL_SIZE_OF_HISTOGRAMS] =
        "SELECT count(*), sum(length(x.hdr) + length(x.exact)) FROM histograms x" OF_TRIALS,
    [SQL_SIZE_OF_SERIES] = "SELECT count(*), sum(length(x.data)) FROM series x" OF_TRIALS,
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
    [SQL_ADD_ROLLUP] = "INSERT OR REPLACE INTO rollups VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)",
    [SQL_OLD_HOURS] = "SELECT key, name, metric, testbed, branch, start_ns, trials, hdr, exact "
                      "FROM rollups WHERE span = 'hour' AND start_ns <= ?1 LIMIT ?2",
    [SQL_DROP_ROLLUP] = "DELETE FROM rollups WHERE key = ?1",
    [SQL_COUNT_HOURS] = "SELECT count(*) FROM rollups WHERE span = 'hour' AND start_ns <= ?1",
    [SQL_COUNT_DAYS] = "SELECT count(*) FROM rollups WHERE span = 'day' AND start_ns <= ?1",
    [SQL_DROP_DAYS] = "DELETE FROM rollups WHERE key IN (SELECT key FROM rollups WHERE span = "
                      "'day' AND start_ns <= ?1 LIMIT 500)",
    [SQL_LIST_ROLLUPS] =
        "SELECT n.name, m.name, m.unit, m.better, m.method, x.branch, x.span, x.start_ns, "
        "x.trials, "
        "x.hdr, x.exact, b.fingerprint, b.host, b.os, b.kernel, b.cpu, b.cpus, b.memory_bytes, "
        "b.clock_source, b.virtualisation, b.governor FROM rollups x JOIN names n ON n.key = "
        "x.name "
        "JOIN metrics m ON m.key = x.metric JOIN testbeds b ON b.key = x.testbed WHERE ?1 IS NULL "
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
    [SQL_FREE_PAGES] = "SELECT freelist_count FROM pragma_freelist_count",
    [SQL_COUNT_RUNS] = "SELECT count(*) FROM runs",
};

/* A limit on file sizes (RLIMIT_FSIZE) and quotas reach SQLite as plain write errors, and errno may
 * be another call's by the time it is asked for. */
static bool is_full(int code, int os_error)
{
    struct rlimit l;
    if ((code & 0xff) == SQLITE_FULL)
        return true;
    if ((code & 0xff) != SQLITE_IOERR)
        return false;
    if (os_error == ENOSPC || os_error == EDQUOT || os_error == EFBIG)
        return true;
    return code == SQLITE_IOERR_WRITE && getrlimit(RLIMIT_FSIZE, &l) == 0 &&
           l.rlim_cur != RLIM_INFINITY;
}

static int fail_to_write(const Sqlite *s, int os_error, Err *err)
{
    if (os_error == EROFS)
        return err_set(err, -EROFS,
                       "%s: '%s' lies on a read-only file system; name a store elsewhere with "
                       "--store or ASSAY_STORE",
                       s->doing, s->path);
    return err_set(
        err, -EACCES,
        "%s: no right to write '%s' and its folder; change their rights, or name a store "
        "elsewhere with --store or ASSAY_STORE",
        s->doing, s->path);
}

int sq_fail(const Sqlite *s, Err *err)
{
    int code = s->db ? sqlite3_extended_errcode(s->db) : SQLITE_NOMEM;
    int os_error = s->db ? sqlite3_system_errno(s->db) : 0;
    const char *said = s->db ? sqlite3_errmsg(s->db) : "out of memory";
    if (is_full(code, os_error))
        return err_set(
            err, -ENOSPC,
            "%s: no room left for '%s' (disk full, quota or file size limit); nothing of "
            "it was stored. Make room, or name a store elsewhere with --store",
            s->doing, s->path);
    switch (code & 0xff) {
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return fail_to_write(s, os_error, err);
    case SQLITE_CANTOPEN:
        if (os_error == EACCES || os_error == EPERM || os_error == EROFS)
            return fail_to_write(s, os_error, err);
        return err_errno(err, os_error ? -os_error : -EIO, "%s: '%s'", s->doing, s->path);
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
        return err_set(
            err, -EBADMSG,
            "%s: '%s' is no intact store (%s); move it away or name another with --store", s->doing,
            s->path, said);
    case SQLITE_BUSY:
        return err_set(err, -EBUSY, "%s: '%s' is kept busy by another program", s->doing, s->path);
    case SQLITE_NOMEM:
        return err_set(err, -ENOMEM, "%s: no memory", s->doing);
    default:
        return err_set(err, -EIO, "%s: '%s': %s", s->doing, s->path, said);
    }
}

static int bind(sqlite3_stmt *q, int at, const Val *v)
{
    switch (v->type) {
    case VAL_INT:
        return sqlite3_bind_int64(q, at, v->i);
    case VAL_NUM:
        return sqlite3_bind_double(q, at, v->num);
    case VAL_TEXT:
        return sqlite3_bind_text64(q, at, v->s.ptr, (sqlite3_uint64)v->s.len, SQLITE_STATIC,
                                   SQLITE_UTF8);
    case VAL_BLOB:
        return sqlite3_bind_blob64(q, at, v->s.ptr ? v->s.ptr : "", (sqlite3_uint64)v->s.len,
                                   SQLITE_STATIC);
    case VAL_NULL:
        return sqlite3_bind_null(q, at);
    }
    return SQLITE_MISUSE;
}

int sq_open(Sqlite *s, Sql sql, const Val *v, int n, SqRow *ret, Err *err)
{
    sqlite3_stmt **q = &s->stmts[sql];
    if (!*q &&
        sqlite3_prepare_v3(s->db, texts[sql], -1, SQLITE_PREPARE_PERSISTENT, q, NULL) != SQLITE_OK)
        return sq_fail(s, err);
    assert(sqlite3_bind_parameter_count(*q) == n);
    assert(!sqlite3_stmt_busy(*q));
    for (int i = 0; i < n; i++)
        if (bind(*q, i + 1, &v[i]) != SQLITE_OK)
            return sq_fail(s, err);
    *ret = (SqRow){ s, *q };
    return 0;
}

int sq_next(SqRow *q, Err *err)
{
    switch (sqlite3_step(q->stmt)) {
    case SQLITE_ROW:
        return 1;
    case SQLITE_DONE:
        return 0;
    default:
        return sq_fail(q->s, err);
    }
}

void sq_done(SqRow *q)
{
    if (!q->stmt)
        return;
    sqlite3_reset(q->stmt);
    sqlite3_clear_bindings(q->stmt);
    q->stmt = NULL;
}

int sq_run(Sqlite *s, Sql sql, const Val *v, int n, Err *err)
{
    CLEANUP(sq_done) SqRow q = { 0 };
    TRY(sq_open(s, sql, v, n, &q, err));
    int r = sq_next(&q, err);
    assert(r <= 0);
    return r;
}

int sq_find(Sqlite *s, Sql sql, const Val *v, int n, int64_t *ret_key, Err *err)
{
    CLEANUP(sq_done) SqRow q = { 0 };
    TRY(sq_open(s, sql, v, n, &q, err));
    int r = sq_next(&q, err);
    if (r >= 0)
        *ret_key = r ? col_int(&q, 0) : 0;
    return MIN(r, 0);
}

int sq_intern(Sqlite *s, Sql find, Sql add, const Val *v, int n, int64_t *ret_key, Err *err)
{
    TRY(sq_find(s, find, v, n, ret_key, err));
    if (*ret_key)
        return 0;
    TRY(sq_run(s, add, v, n, err));
    *ret_key = sqlite3_last_insert_rowid(s->db);
    return 0;
}

const char *col_text(Arena *a, const SqRow *q, int i)
{
    const char *text = (const char *)sqlite3_column_text(q->stmt, i);
    return text ? arena_strdup(a, text) : NULL;
}

int64_t col_int(const SqRow *q, int i)
{
    return sqlite3_column_int64(q->stmt, i);
}

double col_num(const SqRow *q, int i)
{
    return col_null(q, i) ? (double)NAN : sqlite3_column_double(q->stmt, i);
}

bool col_null(const SqRow *q, int i)
{
    return sqlite3_column_type(q->stmt, i) == SQLITE_NULL;
}

Str col_blob(const SqRow *q, int i)
{
    const char *bytes = sqlite3_column_blob(q->stmt, i);
    return (Str){ bytes, sqlite3_column_bytes(q->stmt, i) };
}

/* SQLite rolls some failed transactions back by itself (a full disk): then there is none left. What
 * can't be rolled back now is rolled back by whoever opens the store next. */
static void roll_back(Sqlite *s)
{
    memset(s->known, 0, sizeof s->known); /* what was added is gone */
    if (!sqlite3_get_autocommit(s->db))
        (void)!sq_run(s, SQL_ROLLBACK, SQ_NONE, NULL);
}

int sq_transact(Sqlite *s, const char *doing, bool write,
                int (*body)(Sqlite *s, void *arg, Err *err), void *arg, Err *err)
{
    assert(sqlite3_get_autocommit(s->db));
    s->doing = doing;
    TRY(sq_run(s, write ? SQL_BEGIN_WRITE : SQL_BEGIN_READ, SQ_NONE, err));
    int r = body(s, arg, err);
    if (r >= 0) {
        int committed = sq_run(s, SQL_COMMIT, SQ_NONE, err);
        r = committed < 0 ? committed : r;
    }
    if (r < 0)
        roll_back(s);
    return r;
}

Testbed col_testbed(Arena *a, const SqRow *q, int from)
{
    return (Testbed){ .fingerprint = col_text(a, q, from),
                      .host = col_text(a, q, from + 1),
                      .os = col_text(a, q, from + 2),
                      .kernel = col_text(a, q, from + 3),
                      .cpu = col_text(a, q, from + 4),
                      .cpus = (uint32_t)col_int(q, from + 5),
                      .memory_bytes = (uint64_t)col_int(q, from + 6),
                      .clock_source = col_text(a, q, from + 7),
                      .virtualisation = col_text(a, q, from + 8),
                      .governor = col_text(a, q, from + 9) };
}
