/* What an engine of stores gives: one const table per engine, one row each in store.c. The
 * contracts of the functions are those of store.h. */
#pragma once

#include "store/upkeep.h"

typedef struct StoreOps {
    const char *scheme;  /* what stands before the colon of a URL: "sqlite" */
    const char *alias;   /* another word for it, or NULL */
    const char *summary; /* for people, half a line */
    bool remote; /* opened by the whole URL, and may be out of reach: else by what is behind the
                    colon */
    int (*open)(Store **ret, const char *where, StoreMode mode, Err *err);
    void (*close)(Store *s); /* never NULL */
    int (*run_begin)(Store *s, const Run *r, Err *err);
    int (*trial_add)(Store *s, const Run *r, const CaseResult *c, const Trial *t, Err *err);
    int (*run_finish)(Store *s, const Run *r, Err *err);
    int (*run_load)(Store *s, const char *ref, const char *suite, Run **ret, Err *err);
    int (*run_list)(Store *s, Arena *a, ptrdiff_t limit, RunInfo **ret, ptrdiff_t *ret_n, Err *err);
    int (*baseline_set)(Store *s, const char *name, const char *run_id, Err *err);
    int (*baseline_keep)(Store *s, const BaselineInfo *b, Err *err);
    int (*baseline_remove)(Store *s, const char *name, Err *err);
    int (*baseline_list)(Store *s, Arena *a, BaselineInfo **ret, ptrdiff_t *ret_n, Err *err);
    int (*history)(Store *s, Arena *a, const HistoryQuery *q, History *ret, Err *err);
    int (*triage_set)(Store *s, const Triage *t, Err *err);
    int (*triage_list)(Store *s, Arena *a, TriageList *ret, Err *err);
    int (*regressed_list)(Store *s, Arena *a, TriageAsk **ret, ptrdiff_t *ret_n, Err *err);
    /* Upkeep: whole runs in one transaction each. run_add: STORE_THERE when the id is taken. */
    int (*run_add)(Store *s, const Run *r, Err *err);
    int (*rollup_list)(Store *s, Arena *a, const char *case_name, RollupList *ret, Err *err);
    int (*run_there)(Store *s, const char *id, Err *err); /* STORE_THERE or 0 */
    /* Those of whose case the store has neither run nor roll-up in their span. */
    int (*rollups_add)(Store *s, const RollupList *l, ptrdiff_t *ret_added, Err *err);
    int (*prune_plan)(Store *s, Arena *a, const PruneOpts *o, PrunePlan *ret, Err *err);
    /* One run's distributions and series into roll-ups; nothing when it is not whole any more. */
    int (*prune_run)(Store *s, const PruneOpts *o, const char *id, Err *err);
    int (*prune_drop)(Store *s, const char *id, Err *err);
    /* Some hours into their days, and days away. 1: there is more; 0: done. */
    int (*prune_rollups)(Store *s, const PruneOpts *o, Err *err);
    /* Some free room back to the disk. 1: there is more; 0: done. */
    int (*shrink)(Store *s, Err *err);
    int (*info)(Store *s, Arena *a, StoreInfo *ret, Err *err);
    int (*verify)(Store *s, Arena *a, StoreFaults *ret, Err *err);
    int (*backup)(Store *s, const char *to, bool force, Err *err);
    int (*migration)(Store *s, Arena *a, Migration *ret, Err *err);
} StoreOps;

/* The first member of every engine's own struct. */
struct Store {
    const StoreOps *ops;
};

extern const StoreOps store_sqlite, store_postgresql;
/* The engine that a URL or path means; *ret_where is what to open it by. -EPROTONOSUPPORT. */
MUST_CHECK int store_engine(const char *url, const StoreOps **ret, const char **ret_where,
                            Err *err);
