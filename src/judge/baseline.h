/* Which stored runs a baseline is made of, and what several of them come to. Pure. */
#pragma once

#include "model/triage.h"
#include "store/store.h"

typedef struct BaselineAsk {
    const char *suite;
    const char *branch;       /* NULL: any */
    const char *fingerprint;  /* of the testbed; NULL: any */
    const char *commit;       /* NULL: any */
    uint64_t until_wall_ns;   /* begun then or before; 0: any */
    const char *not_run;      /* id of the one that is judged; NULL: none */
    bool green;               /* only those whose gates held */
    const TriageList *triage; /* runs that were set aside are none */
} BaselineAsk;
/* Does this run answer? Only runs that ended and are not INVALID do. */
bool baseline_fits(const RunInfo *r, const BaselineAsk *ask);
/* The first `most` of v[n] (newest first) that do: their places. Returns how many. */
ptrdiff_t baseline_pick(const RunInfo *v, ptrdiff_t n, const BaselineAsk *ask, ptrdiff_t most,
                        ptrdiff_t *out);

/* Several runs (newest first) as one to be judged against: of every head case of the newest, each
 * run that has it gives one trial, whose figures are the medians of the run's trials, with the
 * run's whole distribution. So what differs from run to run counts, as it will for the next. Case
 * by case what was set aside is left out. The result is summarised and freed by the caller; head,
 * testbed and validity are the newest's. -ENOMEM. */
MUST_CHECK int baseline_pool(Run *const *runs, ptrdiff_t n, Run **ret, Err *err);

/* May this run become the baseline? It has to have ended green on the branch that the baseline
 * follows, from a clean tree, on the same testbed and of the same suite, and the baseline must not
 * be frozen. NULL when it may, else why not. */
const char *baseline_refuses(const BaselineInfo *b, const Run *r, Arena *a);
