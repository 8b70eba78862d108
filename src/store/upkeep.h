/* Upkeep of a store: what is in it, is it intact, copies of it, and what may go with age.
 *
 * Heavy are distributions and series; the figures of trials are a few bytes each. So what goes with
 * age are those two. A run that is "rolled" keeps its trials, their figures, the statistics of each
 * distribution (as MetricSummary with `given`), outcomes, reasons and verdicts: it loads, is judged
 * and stands in histories as before. Its histograms have been merged into those of the hour, hours
 * are merged into days, bin by bin; docs/decisions/060-retention.md. */
#pragma once

#include "store/store.h"

enum { STORE_THERE = 2 };
#define RETENTION_FOREVER UINT64_MAX

/* How long each class is kept, in ns since the run ended. */
typedef struct Retention {
    uint64_t raw;         /* distributions and series of a run */
    uint64_t hourly;      /* merged by the hour; then by the day */
    uint64_t daily;       /* merged by the day */
    uint64_t points;      /* the run itself: figures, statistics, verdicts */
    uint64_t regressions; /* whole: runs whose verdict is "regressed" */
    uint64_t changes;     /* whole: runs at a change point */
    uint64_t named;       /* whole: runs with a tag `keep` or `name`. Baselines stay for ever */
} Retention;

typedef struct PruneOpts {
    Retention keep;
    uint64_t now_wall_ns;
    const char *const *changed; /* [n_changed] ids of runs at change points */
    ptrdiff_t n_changed;
    const volatile bool *stop; /* may be NULL: end after the step at hand */
} PruneOpts;

typedef struct PrunePlan {
    const char **roll, **drop; /* ids, oldest first */
    ptrdiff_t n_roll, cap_roll, n_drop, cap_drop;
    const char **cases; /* heads of the runs to roll, each once */
    ptrdiff_t n_cases, cap_cases;
    ptrdiff_t n_baselines, n_named, n_regressed, n_changed;     /* old enough, and kept whole */
    uint64_t histograms, histogram_bytes, series, series_bytes; /* of the runs to roll */
    uint64_t hours, days; /* roll-ups that are merged on, and that go */
} PrunePlan;

/* What store_prune would do now. Changes nothing. Cost: a walk over the runs that are old enough.
 */
MUST_CHECK int store_prune_plan(Store *s, Arena *a, const PruneOpts *o, PrunePlan *ret, Err *err);
/* Do it: a transaction per run, so that a kill loses nothing and the next prune goes on; others may
 * write meanwhile. Room goes back to the disk. */
MUST_CHECK int store_prune(Store *s, const PruneOpts *o, const PrunePlan *plan, Err *err);

typedef struct Rollup {
    const char *case_name, *branch; /* branch "" outside git */
    Metric metric;                  /* its hist is the merged one, owned */
    Testbed testbed;
    bool day; /* else an hour */
    uint64_t start_wall_ns;
    int64_t trials;
} Rollup;

typedef struct RollupList {
    Rollup *v; /* [n] */
    ptrdiff_t n, cap;
} RollupList;

/* By case and time; case_name NULL: all. Freed by rollup_list_done. -EBADMSG. */
MUST_CHECK int store_rollup_list(Store *s, Arena *a, const char *case_name, RollupList *ret,
                                 Err *err);
void rollup_list_done(RollupList *l);

typedef struct CopyResult {
    ptrdiff_t runs, runs_there, runs_going, baselines, baselines_there, rollups, rollups_there;
    ptrdiff_t triage; /* entries added or taken back */
} CopyResult;
/* Merge the runs of one store into another, by id: what is there already stays as it is, so a
 * second copy does nothing. Runs that still go on are left for the next copy. A roll-up comes along
 * when the other store has nothing of that case in that span: no sample ever counts twice. A
 * transaction per run. */
MUST_CHECK int store_copy(Store *from, Store *to, const volatile bool *stop, CopyResult *ret,
                          Err *err);

typedef struct TableInfo {
    const char *name;
    uint64_t bytes; /* with its indexes */
} TableInfo;

typedef struct StoreInfo {
    const char *path;
    int schema;
    uint64_t bytes, free_bytes; /* of the file; of it unused */
    uint64_t runs, rolled, cases, trials, measurements, histograms, series, rollups, baselines;
    uint64_t oldest_wall_ns, newest_wall_ns, rolled_wall_ns; /* 0: none */
    const char **testbeds;                                   /* "fingerprint host cpu" */
    ptrdiff_t n_testbeds, cap_testbeds;
    TableInfo *tables; /* largest first; none when this SQLite can't tell */
    ptrdiff_t n_tables, cap_tables;
} StoreInfo;
/* Cost: counting reads every table's index once. */
MUST_CHECK int store_info(Store *s, Arena *a, StoreInfo *ret, Err *err);

typedef struct StoreFaults {
    const char **v; /* [n] what is broken and where, for people */
    ptrdiff_t n, cap;
    uint64_t checked; /* rows and blobs looked at */
} StoreFaults;
/* SQLite's own checks, every blob decoded, counts held against each other. Returns 0 also when
 * faults were found. */
MUST_CHECK int store_verify(Store *s, Arena *a, StoreFaults *ret, Err *err);

/* A copy of one moment while others write, verified before it takes its name. -EEXIST unless force.
 * A kill leaves at most FILE.part. */
MUST_CHECK int store_backup(Store *s, const char *to, bool force, Err *err);

typedef struct Migration {
    int schema;         /* what the file has */
    const char **steps; /* [n] names of what opening it for writing would carry out */
    ptrdiff_t n;
} Migration;
MUST_CHECK int store_migration(Store *s, Arena *a, Migration *ret, Err *err);
