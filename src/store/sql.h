/* What the engines that speak SQL share: statements by name, values bound by type, and everything
 * that is built of them (sql_*.c). Only for files of this room.
 *
 * One text serves all engines (sql_text.c, schema/); what differs between them is behind SqlEngine.
 * Statements are prepared once per connection and reused. A statement that was opened may hold a
 * read transaction until it is done: `SqRow q` with CLEANUP(sq_done) does so when it leaves scope.
 */
#pragma once

#include "store/store_ops.h"

/* Every statement, by name; texts in sql_text.c. */
typedef enum Sql {
    SQL_PROVE_WRITABLE, /* the first: writes */
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
    SQL_KEEP_BASELINE,
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
    SQL_SET_TRIAGE,
    SQL_LIST_TRIAGE,
    SQL_LIST_REGRESSED,
    SQL_N,
} Sql;

/* A metric whose key is known. Metrics are never deleted, so it holds until a roll-back. */
enum { KNOWN_METRICS = 64, KNOWN_TEXT_MAX = 200 };
typedef struct KnownMetric {
    char text[KNOWN_TEXT_MAX]; /* name, unit, better and method, a newline between */
    int64_t key;               /* 0: nothing is known */
} KnownMetric;

extern const char *const sq_texts[SQL_N];

/* A case whose key is known, by its place in the run; until a roll-back or the run's end. */
enum { KNOWN_CASES = 64 };
typedef struct KnownCase {
    int64_t run, key; /* key 0: nothing is known */
    ptrdiff_t pos;
} KnownCase;

typedef struct SqlEngine SqlEngine;

typedef struct SqlStore {
    Store base; /* first: a Store * is a SqlStore * */
    const SqlEngine *engine;
    Arena arena;
    const char *path;        /* what messages call it: a path, or a URL without its password */
    const char *doing;       /* for messages: "store a trial" */
    char run_id[RUN_ID_MAX]; /* the run written last, and its key */
    int64_t run_key;
    bool in_transaction;
    KnownMetric known[KNOWN_METRICS]; /* by hash of the text */
    KnownCase cases[KNOWN_CASES];     /* by pos */
} SqlStore;

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
    SqlStore *s;
    void *rows; /* the engine's; NULL before it is opened */
    int at;     /* the engine's: of the rows it holds, the one at hand */
    bool own;   /* a statement in passing */
} SqRow;

/* A check of store_verify: rows of a statement, each of which `row` may find broken. Column 0 says
 * where. */
typedef struct Verify Verify;
typedef struct SqlCheck {
    int from_schema;
    const char *sql;
    void (*row)(Verify *v, const SqRow *q);
} SqlCheck;
void sq_fault(Verify *v, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* What an engine does in its own way. Errors have their cure: -ENOSPC, -EROFS, -EACCES, -EBADMSG,
 * -EBUSY, -EIO, STORE_UNREACHABLE …; -EAGAIN when the transaction is to be repeated. */
struct SqlEngine {
    int (*open)(SqlStore *s, Sql sql, const Val *v, int n, SqRow *ret, Err *err);
    /* A statement in passing, in a transaction, without values. */
    int (*open_text)(SqlStore *s, const char *text, SqRow *ret, Err *err);
    /* Without rows. May be put off until a statement with rows, or the commit, wants it done, and
     * fail there. */
    int (*run)(SqlStore *s, Sql sql, const Val *v, int n, Err *err);
    int (*next)(SqRow *q, Err *err);
    void (*done)(SqRow *q);
    bool (*is_null)(const SqRow *q, int i);
    int64_t (*as_int)(const SqRow *q, int i);
    double (*as_num)(const SqRow *q, int i);
    Str (*as_bytes)(const SqRow *q, int i); /* of text or blob; borrowed until the next step */
    int (*begin)(SqlStore *s, bool write, Err *err);
    int (*commit)(SqlStore *s, Err *err);
    void (*roll_back)(SqlStore *s);
    /* Whoever asks for it is alone until its transaction ends. NULL: writers are alone anyway. */
    int (*lock)(SqlStore *s, Err *err);
    /* A key for a trial, rising, so that adding it needs no answer. NULL: adding it with none makes
     * one, and added_key says which. */
    int (*trial_key)(SqlStore *s, int64_t *ret, Err *err);
    int64_t (*added_key)(SqlStore *s);
    int (*schema)(SqlStore *s, int64_t *ret, Err *err);
    /* Bytes, unused bytes, and the tables' share of them. In a transaction. */
    int (*sizes)(SqlStore *s, Arena *a, StoreInfo *i, Err *err);
    const SqlCheck *checks; /* before those that all engines have; ended by sql NULL */
};

/* Open a statement with its values bound, for sq_next. */
MUST_CHECK int sq_open(SqlStore *s, Sql sql, const Val *v, int n, SqRow *ret, Err *err);
/* 1: there is a row; 0: no more; negative errno. */
MUST_CHECK int sq_next(SqRow *q, Err *err);
void sq_done(SqRow *q);
/* Carry out a statement without rows. */
MUST_CHECK int sq_run(SqlStore *s, Sql sql, const Val *v, int n, Err *err);
/* Key of the first row, 0 when there is none (keys begin at 1), or negative errno. */
MUST_CHECK int sq_find(SqlStore *s, Sql sql, const Val *v, int n, int64_t *ret_key, Err *err);
/* Open a statement in passing, of any schema. In a transaction. */
MUST_CHECK int sq_open_text(SqlStore *s, const char *text, SqRow *ret, Err *err);
/* Key found by one statement, or made by the other (INSERT … RETURNING key) with the same values.
 */
MUST_CHECK int sq_intern(SqlStore *s, Sql find, Sql add, const Val *v, int n, int64_t *ret_key,
                         Err *err);

/* In a write transaction, before reading what the writing depends on and no key guards. */
MUST_CHECK int sq_lock(SqlStore *s, Err *err);

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

/* Keys that were looked up may be of what is gone now. */
void sq_forget(SqlStore *s);
/* Run `body` in a transaction: committed when it returns >= 0, else rolled back. Returns what body
 * returns, or why it could not begin or commit. `doing` is static text for messages. */
MUST_CHECK int sq_transact(SqlStore *s, const char *doing, bool write,
                           int (*body)(SqlStore *s, void *arg, Err *err), void *arg, Err *err);

/* Key of a run; STORE_NOT_FOUND. */
MUST_CHECK int sq_run_key(SqlStore *s, const char *id, int64_t *ret, Err *err);
/* Key of what "latest", "@NAME", an id or a prefix means; STORE_NOT_FOUND with what there is. */
MUST_CHECK int sq_resolve(SqlStore *s, const char *ref, const char *suite, int64_t *ret, Err *err);

/* The operations, by file. */
int sq_run_begin(Store *base, const Run *r, Err *err); /* sql_write.c */
int sq_trial_add(Store *base, const Run *r, const CaseResult *c, const Trial *t, Err *err);
int sq_run_finish(Store *base, const Run *r, Err *err); /* sql_finish.c */
int sq_run_load(Store *base, const char *ref, const char *suite, Run **ret,
                Err *err); /* sql_load.c */
int sq_run_list(Store *base, Arena *a, ptrdiff_t limit, RunInfo **ret, ptrdiff_t *ret_n,
                Err *err); /* sql_list.c */
int sq_baseline_set(Store *base, const char *name, const char *run_id, Err *err);
int sq_baseline_keep(Store *base, const BaselineInfo *b, Err *err);
int sq_baseline_remove(Store *base, const char *name, Err *err);
int sq_baseline_list(Store *base, Arena *a, BaselineInfo **ret, ptrdiff_t *ret_n, Err *err);
int sq_history(Store *base, Arena *a, const HistoryQuery *q, History *ret,
               Err *err);                                  /* sql_history.c */
int sq_triage_set(Store *base, const Triage *t, Err *err); /* sql_triage.c */
int sq_triage_list(Store *base, Arena *a, TriageList *ret, Err *err);
int sq_regressed_list(Store *base, Arena *a, TriageAsk **ret, ptrdiff_t *ret_n, Err *err);
/* The same inside a transaction. */
int sq_read_triage(SqlStore *s, Arena *a, TriageList *ret, Err *err);
/* Shared by adding trials and finishing: the case's row, made when absent. */
int sq_case_key(SqlStore *s, const Run *r, const CaseResult *c, int64_t *ret, Err *err);
int sq_metric_key(SqlStore *s, const char *name, const char *unit, Better better,
                  const char *method, int64_t *ret, Err *err);
/* Own reasons of a trial, a case (trial 0) or a run (both 0). */
int sq_add_reasons(SqlStore *s, const Validity *v, int64_t case_key, int64_t trial, Err *err);
/* Bodies of the above, for whoever has a transaction already; arg is a const Run *. */
int sq_begin_body(SqlStore *s, void *arg, Err *err);
int sq_put_trial(SqlStore *s, const Run *r, const CaseResult *c, const Trial *t, Err *err);
int sq_finish_body(SqlStore *s, void *arg, Err *err);
int sq_add_given(SqlStore *s, int64_t case_key, ptrdiff_t pos, const MetricSummary *m, Err *err);
int sq_find_testbed(SqlStore *s, const Testbed *t, int64_t *ret, Err *err);
int sq_find_name(SqlStore *s, const char *name, int64_t *ret, Err *err);
/* The run of a key, summarised, inside a transaction. */
int sq_load_key(SqlStore *s, int64_t key, Run **ret, Err *err);

/* Upkeep (store/upkeep.h), by file. */
int sq_run_add(Store *base, const Run *r, Err *err); /* sql_copy.c */
int sq_run_there(Store *base, const char *id, Err *err);
int sq_rollups_add(Store *base, const RollupList *l, ptrdiff_t *ret_added, Err *err);
int sq_rollup_list(Store *base, Arena *a, const char *case_name, RollupList *ret,
                   Err *err); /* sql_rollup.c */
int sq_prune_plan(Store *base, Arena *a, const PruneOpts *o, PrunePlan *ret,
                  Err *err);                                                 /* sql_plan.c */
int sq_prune_run(Store *base, const PruneOpts *o, const char *id, Err *err); /* sql_prune.c */
int sq_prune_drop(Store *base, const char *id, Err *err);
int sq_prune_rollups(Store *base, const PruneOpts *o, Err *err); /* sql_rollup.c */
int sq_info(Store *base, Arena *a, StoreInfo *ret, Err *err);    /* sql_info.c */
/* A row of a table's name and its bytes. */
void sq_info_table(Arena *a, StoreInfo *i, const SqRow *q);
int sq_verify(Store *base, Arena *a, StoreFaults *ret, Err *err);  /* sql_verify.c */
int sq_migration(Store *base, Arena *a, Migration *ret, Err *err); /* sql_open.c */

/* Opening, the same for every engine: sql_open.c. */
extern const char *const sq_schema_texts[STORE_SCHEMA]; /* [i] makes schema i + 1 from i */
int sq_refuse_newer(const SqlStore *s, int64_t schema, Err *err);
/* 0 when a store of that schema (0: an empty one) may be read in that mode. */
int sq_may_read(const SqlStore *s, int64_t schema, StoreMode mode, Err *err);
int sq_no_results(const SqlStore *s, Err *err);

/* A histogram of the two columns it is stored in; -EBADMSG. */
int sq_decode_hist(Str hdr, Str exact, Hist **ret, Err *err); /* sql_rollup.c */
/* Merge h into the roll-up of that span; made when absent. In a transaction. */
typedef struct RollupKey {
    int64_t name, metric, testbed;
    const char *branch, *span;
    uint64_t start_ns;
} RollupKey;
int sq_rollup_merge(SqlStore *s, const RollupKey *k, const Hist *h, int64_t trials, Err *err);
/* "hour" or "day" for a moment of that age, and where its span begins; NULL: too old for either. */
const char *sq_rollup_span(const PruneOpts *o, uint64_t wall_ns, uint64_t *ret_start);

/* What the tables of all SQL engines have in common. */
#define SQL_STORE_OPS                                                                              \
    .run_begin = sq_run_begin, .trial_add = sq_trial_add, .run_finish = sq_run_finish,             \
    .run_load = sq_run_load, .run_list = sq_run_list, .baseline_set = sq_baseline_set,             \
    .baseline_keep = sq_baseline_keep, .baseline_remove = sq_baseline_remove,                      \
    .baseline_list = sq_baseline_list, .history = sq_history, .triage_set = sq_triage_set,         \
    .triage_list = sq_triage_list, .regressed_list = sq_regressed_list, .run_add = sq_run_add,     \
    .rollup_list = sq_rollup_list, .run_there = sq_run_there, .rollups_add = sq_rollups_add,       \
    .prune_plan = sq_prune_plan, .prune_run = sq_prune_run, .prune_drop = sq_prune_drop,           \
    .prune_rollups = sq_prune_rollups, .info = sq_info, .verify = sq_verify,                       \
    .migration = sq_migration
