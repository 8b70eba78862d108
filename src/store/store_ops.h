/* What an engine of stores gives: one const table per engine, one row each in store.c. The
 * contracts of the functions are those of store.h. */
#pragma once

#include "store/store.h"

typedef struct StoreOps {
    const char *scheme;  /* what stands before the colon of a URL: "sqlite" */
    const char *summary; /* for people, half a line */
    int (*open)(Store **ret, const char *rest, StoreMode mode, Err *err); /* behind the colon */
    void (*close)(Store *s);                                              /* never NULL */
    int (*run_begin)(Store *s, const Run *r, Err *err);
    int (*trial_add)(Store *s, const Run *r, const CaseResult *c, const Trial *t, Err *err);
    int (*run_finish)(Store *s, const Run *r, Err *err);
    int (*run_load)(Store *s, const char *ref, const char *suite, Run **ret, Err *err);
    int (*run_list)(Store *s, Arena *a, ptrdiff_t limit, RunInfo **ret, ptrdiff_t *ret_n, Err *err);
    int (*baseline_set)(Store *s, const char *name, const char *run_id, Err *err);
    int (*baseline_remove)(Store *s, const char *name, Err *err);
    int (*baseline_list)(Store *s, Arena *a, BaselineInfo **ret, ptrdiff_t *ret_n, Err *err);
    int (*history)(Store *s, Arena *a, const HistoryQuery *q, History *ret, Err *err);
} StoreOps;

/* The first member of every engine's own struct. */
struct Store {
    const StoreOps *ops;
};

extern const StoreOps store_sqlite;
