/* Where runs are kept. One schema for every engine; each trial is one transaction, so that a killed
 * run loses at most the trial in flight; readers never block the writer. docs/store.md has the
 * schema and what it guarantees.
 *
 * A store is opened by URL or path: "PATH", "sqlite:PATH", "postgresql://…". Threads: one at a time
 * per Store; several processes may open the same store. Results that are not errors are positive:
 * STORE_NOT_FOUND. */
#pragma once

#include "model/history.h"
#include "model/run.h"
#include "model/triage.h"

enum { STORE_NOT_FOUND = 1, STORE_SCHEMA = 5 /* newest schema this build knows */ };

typedef struct Store Store;

typedef enum StoreMode { STORE_READ, STORE_WRITE, STORE_LOOK } StoreMode;

/* STORE_WRITE makes folder and schema when absent, migrates an older schema, and proves by a write
 * that it is writable (so that nothing is measured in vain). STORE_READ never creates.
 * STORE_LOOK is STORE_READ for store/upkeep.h, also of a schema older than this build's. A store
 * written by a newer version is refused with -EPROTO and both versions in the message. -EROFS /
 * -EACCES / -ENOSPC with the cure; -ENOENT when there is nothing to read; -EBADMSG when the file is
 * damaged or not a store; -EPROTONOSUPPORT for an engine that this build hasn't. A server's store:
 * -EHOSTUNREACH while the same may go well later (also from the other functions: down, too slow,
 * the connection broke, and what was being stored may be there or not), -ENXIO without such a
 * database, -EACCES when it doesn't let us in, -EINVAL for a URL that can't be read. Passwords are
 * in no message. */
MUST_CHECK int store_open(Store **ret, const char *url, StoreMode mode, Err *err);
/* Accepts NULL; returns NULL. */
Store *store_close(Store *s);
void store_closep(Store **s);

/* Insert the run's head (no cases). -EEXIST when a run with this id is there already. */
MUST_CHECK int store_run_begin(Store *s, const Run *r, Err *err);
/* One trial of one case, in a transaction of its own; the case's row is made with its first trial.
 * On failure nothing of the trial is stored, and the next call starts afresh. c belongs to r. */
MUST_CHECK int store_trial_add(Store *s, const Run *r, const CaseResult *c, const Trial *t,
                               Err *err);
/* What is known at the end, in one transaction: finished, validity, exit code, interrupted,
 * comparison, notes, own reasons of cases and run, figures given without samples, and cases that
 * had no trial. May be repeated: the last word stands. */
MUST_CHECK int store_run_finish(Store *s, const Run *r, Err *err);

/* Load a run whole, summarised, freed by the caller: run_to_json gives the same text as for the run
 * that was stored. `ref`: an id, a unique prefix of one, "latest" (newest started;
 * suite may be NULL for any), or "@NAME" for a baseline. STORE_NOT_FOUND when there is none (err
 * says what there is); -EINVAL when a prefix has several; -EBADMSG when the store is damaged. */
MUST_CHECK int store_run_load(Store *s, const char *ref, const char *suite, Run **ret, Err *err);

typedef struct RunInfo {
    const char *id, *suite, *commit, *branch; /* commit, branch: NULL outside git */
    const char *grade;                        /* NULL while it runs, or when it was killed */
    uint64_t started_wall_ns;
    ptrdiff_t n_cases, n_trials;
    int exit_code;
    bool finished;
    const char *fingerprint; /* of its testbed; NULL when unknown */
} RunInfo;
/* Newest first, at most `limit`. */
MUST_CHECK int store_run_list(Store *s, Arena *a, ptrdiff_t limit, RunInfo **ret, ptrdiff_t *ret_n,
                              Err *err);

typedef struct BaselineInfo {
    const char *name, *run_id, *suite, *commit, *branch, *fingerprint;
    uint64_t set_wall_ns, started_wall_ns; /* the name was set, its run began */
    const char *follows;     /* branch whose green runs may move it; NULL: that of its run */
    uint32_t pooled;         /* green runs that are judged against together; at least 1 */
    uint64_t frozen_wall_ns; /* 0: it may be moved */
    bool promote;            /* green runs move it by themselves */
} BaselineInfo;
/* Name, run and how it is kept, all at once (replaces). STORE_NOT_FOUND when there is no such run.
 */
MUST_CHECK int store_baseline_keep(Store *s, const BaselineInfo *b, Err *err);
/* Point a name at a run, by its id (replaces); how it is kept stays. STORE_NOT_FOUND when there is
 * no such run. */
MUST_CHECK int store_baseline_set(Store *s, const char *name, const char *run_id, Err *err);
/* STORE_NOT_FOUND when there is none of that name. */
MUST_CHECK int store_baseline_remove(Store *s, const char *name, Err *err);
/* By name. */
MUST_CHECK int store_baseline_list(Store *s, Arena *a, BaselineInfo **ret, ptrdiff_t *ret_n,
                                   Err *err);

typedef struct HistoryQuery {
    const char *case_name;
    const char *metric; /* "wall", "latency.p95"; NULL: what the case's newest run is about */
    const char *branch; /* only runs on it; NULL: on any */
    bool any_testbed;   /* else only runs on the newest run's testbed: across machines every change
                         * would be blamed on a commit */
} HistoryQuery;
/* One figure of one case over all runs (heads only, not the sides they were held against), oldest
 * first, in the arena. A run's value is the median of its trials; with a statistic behind the
 * metric's name it is that of all samples together, where the distributions were kept, else of the
 * trials. Runs that still go on or were cut off count; the values of INVALID ones are missing.
 * STORE_NOT_FOUND when there is no such case or metric (err says what there is); -EBADMSG. Cost: a
 * walk along the index of the case's runs. */
MUST_CHECK int store_history(Store *s, Arena *a, const HistoryQuery *q, History *ret, Err *err);

/* Keep what somebody said of a result; kept for ever. The same id again only ever takes it back
 * (undone_wall_ns). Readers see it at once: runs load with triage_mark, histories miss what is set
 * aside. */
MUST_CHECK int store_triage_set(Store *s, const Triage *t, Err *err);
/* All, oldest first, also what was taken back. */
MUST_CHECK int store_triage_list(Store *s, Arena *a, TriageList *ret, Err *err);
/* Every regression that a stored run reported, oldest first, as triage_find is asked about it. */
MUST_CHECK int store_regressed_list(Store *s, Arena *a, TriageAsk **ret, ptrdiff_t *ret_n,
                                    Err *err);
