/* The SQLite engine's inside: statements by name, values bound by type, errors with their cure.
 * Only for sqlite*.c.
 *
 * Statements are prepared once per connection and reused. A statement that was opened holds a read
 * transaction until it is reset: `SqRow q` with CLEANUP(sq_done) does so when it leaves scope. */
#pragma once

#include <sqlite3.h>

#include "store/store_ops.h"

/* Every statement, by name; texts in sqlite_stmt.c. */
typedef enum Sql {
    SQL_BEGIN_WRITE,
    SQL_BEGIN_READ,
    SQL_COMMIT,
    SQL_ROLLBACK,
    SQL_PROVE_WRITABLE,
    SQL_FIND_TESTBED,
    SQL_ADD_TESTBED,
    SQL_ADD_RUN,
    SQL_ADD_TAG,
    SQL_ADD_RULE,
    SQL_FIND_RUN,
    SQL_FINISH_RUN,
    SQL_FIND_NAME,
    SQL_ADD_NAME,
    SQL_FIND_CASE,
    SQL_ADD_CASE,
    SQL_ADD_PARAM,
    SQL_ADD_EXPECT,
    SQL_SET_NOTE,
    SQL_ADD_TRIAL,
    SQL_FIND_METRIC,
    SQL_ADD_METRIC,
    SQL_ADD_FIGURE,
    SQL_ADD_FIGURES,
    SQL_ADD_HISTOGRAM,
    SQL_FIND_CHANNEL,
    SQL_ADD_CHANNEL,
    SQL_ADD_SERIES,
    SQL_ADD_REASON,
    SQL_DROP_REASONS,
    SQL_DROP_GIVEN,
    SQL_ADD_GIVEN,
    SQL_DROP_COMPARISON,
    SQL_ADD_COMPARISON,
    SQL_ADD_ROW,
    SQL_LATEST_RUN,
    SQL_LATEST_OF_SUITE,
    SQL_RUNS_BY_PREFIX,
    SQL_BASELINE_RUN,
    SQL_LOAD_RUN,
    SQL_LOAD_TAGS,
    SQL_LOAD_RULES,
    SQL_LOAD_CASES,
    SQL_LOAD_PARAMS,
    SQL_LOAD_EXPECTS,
    SQL_LOAD_TRIALS,
    SQL_LOAD_FIGURES,
    SQL_LOAD_SERIES,
    SQL_LOAD_REASONS,
    SQL_LOAD_GIVEN,
    SQL_LOAD_COMPARISON,
    SQL_LOAD_ROWS,
    SQL_LIST_RUNS,
    SQL_SET_BASELINE,
    SQL_DROP_BASELINE,
    SQL_LIST_BASELINES,
    SQL_HISTORY,
    SQL_HISTORY_GIVEN,
    SQL_HISTORY_METRICS,
    SQL_LIST_CASES,
    SQL_FIND_GIVEN,
    SQL_DUE_RUNS,
    SQL_SIZE_OF_HISTOGRAMS,
    SQL_SIZE_OF_SERIES,
    SQL_HEADS_OF_RUN,
    SQL_STILL_WHOLE,
    SQL_NEXT_GIVEN,
    SQL_DROP_HISTOGRAMS,
    SQL_DROP_SERIES,
    SQL_SET_ROLLED,
    SQL_DROP_RUN,
    SQL_TESTBED_OF_RUN,
    SQL_FIND_ROLLUP,
    SQL_ADD_ROLLUP,
    SQL_OLD_HOURS,
    SQL_DROP_ROLLUP,
    SQL_COUNT_HOURS,
    SQL_COUNT_DAYS,
    SQL_DROP_DAYS,
    SQL_LIST_ROLLUPS,
    SQL_RUN_IN_SPAN,
    SQL_ROLLUP_IN_SPAN,
    SQL_DAY_OF_SPAN,
    SQL_FREE_PAGES,
    SQL_COUNT_RUNS,
    SQL_N,
} Sql;

/* A metric whose key is known. Metrics are never deleted, so it holds until a roll-back. */
enum { KNOWN_METRICS = 64, KNOWN_TEXT_MAX = 200 };
typedef struct KnownMetric {
    char text[KNOWN_TEXT_MAX]; /* name, unit, better and method, a newline between */
    int64_t key;               /* 0: nothing is known */
} KnownMetric;

typedef struct Sqlite {
    Store base; /* first: a Store * is a Sqlite * */
    Arena arena;
    sqlite3 *db;
    const char *path;
    const char *doing;          /* for messages: "store a trial" */
    sqlite3_stmt *stmts[SQL_N]; /* NULL until first used */
    char run_id[RUN_ID_MAX];    /* the run written last, and its key */
    int64_t run_key;
    KnownMetric known[KNOWN_METRICS]; /* by hash of the text */
} Sqlite;

/* A value to bind. */
typedef struct Val {
    enum { VAL_NULL, VAL_INT, VAL_NUM, VAL_TEXT, VAL_BLOB } type;
    int64_t i;
    double num;
    Str s; /* borrowed until the statement is reset */
} Val;

static inline Val v_int(int64_t i)
{
    return (Val){ .type = VAL_INT, .i = i };
}

static inline Val v_u64(uint64_t u)
{
    return v_int((int64_t)u);
}

/* NaN is NULL (SQLite has no NaN). */
static inline Val v_num(double num)
{
    return (Val){ .type = VAL_NUM, .num = num };
}

static inline Val v_text(const char *s)
{
    return (Val){ .type = s ? VAL_TEXT : VAL_NULL, .s = str(s) };
}

static inline Val v_blob(Str s)
{
    return (Val){ .type = VAL_BLOB, .s = s };
}

static inline Val v_null(void)
{
    return (Val){ .type = VAL_NULL };
}

typedef struct SqRow {
    Sqlite *s;
    sqlite3_stmt *stmt; /* NULL before it is opened */
} SqRow;

/* What SQLite said, with what was being done, the path and the cure: -ENOSPC, -EROFS, -EACCES,
 * -EBADMSG, -EBUSY, -EIO … */
int sq_fail(const Sqlite *s, Err *err);

/* Open a statement with its values bound, for sq_next. */
MUST_CHECK int sq_open(Sqlite *s, Sql sql, const Val *v, int n, SqRow *ret, Err *err);
/* 1: there is a row; 0: no more; negative errno. */
MUST_CHECK int sq_next(SqRow *q, Err *err);
void sq_done(SqRow *q);
/* Carry out a statement without rows. */
MUST_CHECK int sq_run(Sqlite *s, Sql sql, const Val *v, int n, Err *err);
/* Key of the first row, 0 when there is none (keys begin at 1), or negative errno. */
MUST_CHECK int sq_find(Sqlite *s, Sql sql, const Val *v, int n, int64_t *ret_key, Err *err);
/* Key found by one statement, or made by the other with the same values. */
MUST_CHECK int sq_intern(Sqlite *s, Sql find, Sql add, const Val *v, int n, int64_t *ret_key,
                         Err *err);

#define SQ_VALS(...) ((Val[]){ __VA_ARGS__ }), (int)ARRAY_LEN(((Val[]){ __VA_ARGS__ }))
#define SQ_NONE NULL, 0

/* Columns of the row at hand. */
const char *col_text(Arena *a, const SqRow *q, int i); /* NULL for NULL */
/* The columns of a testbed, from its fingerprint at `from` to its governor. */
Testbed col_testbed(Arena *a, const SqRow *q, int from);
int64_t col_int(const SqRow *q, int i); /* 0 for NULL */
double col_num(const SqRow *q, int i);  /* NaN for NULL */
bool col_null(const SqRow *q, int i);
Str col_blob(const SqRow *q, int i); /* borrowed until the next step */

/* Run `body` in a transaction: committed when it returns >= 0, else rolled back. Returns what body
 * returns, or why it could not begin or commit. `doing` is static text for messages. */
MUST_CHECK int sq_transact(Sqlite *s, const char *doing, bool write,
                           int (*body)(Sqlite *s, void *arg, Err *err), void *arg, Err *err);

/* Key of a run; STORE_NOT_FOUND. */
MUST_CHECK int sq_run_key(Sqlite *s, const char *id, int64_t *ret, Err *err);
/* Key of what "latest", "@NAME", an id or a prefix means; STORE_NOT_FOUND with what there is. */
MUST_CHECK int sq_resolve(Sqlite *s, const char *ref, const char *suite, int64_t *ret, Err *err);

/* The operations, by file. */
int sq_store_open(Store **ret, const char *path, StoreMode mode, Err *err); /* sqlite_open.c */
void sq_store_close(Store *base);
int sq_run_begin(Store *base, const Run *r, Err *err); /* sqlite_write.c */
int sq_trial_add(Store *base, const Run *r, const CaseResult *c, const Trial *t, Err *err);
int sq_run_finish(Store *base, const Run *r, Err *err); /* sqlite_finish.c */
int sq_run_load(Store *base, const char *ref, const char *suite, Run **ret, Err *err); /* …load.c */
int sq_run_list(Store *base, Arena *a, ptrdiff_t limit, RunInfo **ret, ptrdiff_t *ret_n,
                Err *err); /* sqlite_list.c */
int sq_baseline_set(Store *base, const char *name, const char *run_id, Err *err);
int sq_baseline_remove(Store *base, const char *name, Err *err);
int sq_baseline_list(Store *base, Arena *a, BaselineInfo **ret, ptrdiff_t *ret_n, Err *err);
int sq_history(Store *base, Arena *a, const HistoryQuery *q, History *ret,
               Err *err); /* sqlite_history.c */
/* Shared by adding trials and finishing: the case's row, made when absent. */
int sq_case_key(Sqlite *s, const Run *r, const CaseResult *c, int64_t *ret, Err *err);
int sq_metric_key(Sqlite *s, const char *name, const char *unit, Better better, const char *method,
                  int64_t *ret, Err *err);
/* Own reasons of a trial, a case (trial 0) or a run (both 0). */
int sq_add_reasons(Sqlite *s, const Validity *v, int64_t case_key, int64_t trial, Err *err);
/* Bodies of the above, for whoever has a transaction already; arg is a const Run *. */
int sq_begin_body(Sqlite *s, void *arg, Err *err);
int sq_put_trial(Sqlite *s, const Run *r, const CaseResult *c, const Trial *t, Err *err);
int sq_finish_body(Sqlite *s, void *arg, Err *err);
int sq_add_given(Sqlite *s, int64_t case_key, ptrdiff_t pos, const MetricSummary *m, Err *err);
int sq_find_testbed(Sqlite *s, const Testbed *t, int64_t *ret, Err *err);
int sq_find_name(Sqlite *s, const char *name, int64_t *ret, Err *err);
/* The run of a key, summarised, inside a transaction. */
int sq_load_key(Sqlite *s, int64_t key, Run **ret, Err *err);

/* Upkeep (store/upkeep.h), by file. */
int sq_run_add(Store *base, const Run *r, Err *err); /* sqlite_copy.c */
int sq_run_there(Store *base, const char *id, Err *err);
int sq_rollups_add(Store *base, const RollupList *l, ptrdiff_t *ret_added, Err *err);
int sq_rollup_list(Store *base, Arena *a, const char *case_name, RollupList *ret,
                   Err *err); /* sqlite_rollup.c */
int sq_prune_plan(Store *base, Arena *a, const PruneOpts *o, PrunePlan *ret,
                  Err *err);                                                 /* sqlite_plan.c */
int sq_prune_run(Store *base, const PruneOpts *o, const char *id, Err *err); /* sqlite_prune.c */
int sq_prune_drop(Store *base, const char *id, Err *err);
int sq_prune_rollups(Store *base, const PruneOpts *o, Err *err); /* sqlite_rollup.c */
int sq_shrink(Store *base, Err *err);
int sq_info(Store *base, Arena *a, StoreInfo *ret, Err *err);      /* sqlite_info.c */
int sq_verify(Store *base, Arena *a, StoreFaults *ret, Err *err);  /* sqlite_verify.c */
int sq_backup(Store *base, const char *to, bool force, Err *err);  /* sqlite_backup.c */
int sq_migration(Store *base, Arena *a, Migration *ret, Err *err); /* sqlite_open.c */

/* A histogram of the two columns it is stored in; -EBADMSG. */
int sq_decode_hist(Str hdr, Str exact, Hist **ret, Err *err); /* sqlite_rollup.c */
/* Merge h into the roll-up of that span; made when absent. In a transaction. */
typedef struct RollupKey {
    int64_t name, metric, testbed;
    const char *branch, *span;
    uint64_t start_ns;
} RollupKey;
int sq_rollup_merge(Sqlite *s, const RollupKey *k, const Hist *h, int64_t trials, Err *err);
/* "hour" or "day" for a moment of that age, and where its span begins; NULL: too old for either. */
const char *sq_rollup_span(const PruneOpts *o, uint64_t wall_ns, uint64_t *ret_start);
