/* Results: a run holds cases, a case holds trials, a trial holds metrics. Summaries are always
 * computed from the trials, so that every shown figure can be recomputed from the store.
 *
 * Ownership: everything hangs on the run's arena, but histograms, which are owned by their Metric;
 * run_free frees all. One thread at a time. */
#pragma once

#include "base/opt.h"
#include "model/expect.h"
#include "model/metric.h"
#include "model/outcome.h"
#include "model/series.h"
#include "model/testbed.h"
#include "model/validity.h"
#include "model/verdict.h"

typedef enum Kind { KIND_COMMAND, KIND_LOAD, KIND_FUNCTION, KIND_STREAM, KIND_HARNESS } Kind;

/* Sides of a paired run (`--against`): the revision under test, and the one it is held against. */
typedef enum Side { SIDE_HEAD, SIDE_BASE } Side;

typedef struct Trial {
    uint32_t round;           /* trials of the same round (and side or competitor) are paired */
    uint32_t seq;             /* place in the run's execution order, from 0, over all cases */
    uint64_t started_wall_ns; /* wall clock, only to date it */
    uint64_t duration_ns;     /* monotonic length of the measured part */
    int exit_code;            /* commands: exit status, or -1 when a signal ended it */
    int signal;               /* commands: signal that ended it, or 0 */
    Metric *metrics;          /* [n_metrics] */
    ptrdiff_t n_metrics, cap_metrics;
    bool has_outcomes;
    Outcomes outcomes;
    Validity validity;
    SeriesList series;
} Trial;

/* Summary of one metric over a case's trials: what reports and JSON show. */
typedef struct MetricSummary {
    const char *name, *unit, *method;
    Better better;
    ptrdiff_t count; /* samples behind the quantiles: recorded operations, or trials */
    double mean, stddev, min, max, p50, p90, p95, p99, p999; /* NaN: missing */
    uint64_t censored; /* samples known only as a lower bound */
    ptrdiff_t n_trials;
    double *trials; /* [n_trials] Metric.value in order of round; NaN where a trial lacks it */
    double *trials_p95, *trials_p99; /* [n_trials] for distributions, else NULL */
    Hist *hist; /* borrowed view is not possible over several trials: owned by the run, merged; NULL
                   for scalars */
} MetricSummary;

typedef struct CaseResult {
    const char *name;      /* "get-item/users=10,size=1KiB"; commands timed ad hoc: their text */
    const char *benchmark; /* "get-item" */
    const char *component; /* NULL when not given */
    Kind kind;
    Side side;
    StrMap params;
    Trial **trials; /* [n_trials] in order of execution, each in the run's arena */
    ptrdiff_t n_trials, cap_trials;
    Expect *expects; /* [n_expects] */
    ptrdiff_t n_expects, cap_expects;
    Validity
        validity;     /* of the case as a whole: its trials' and what only shows over all of them */
    const char *note; /* NULL, or what a person should see beside it */
    const char *reference; /* competitor of the same run that it is held against; NULL: none */

    /* Filled by case_summarise: */
    MetricSummary *metrics; /* [n_metrics] in order of first appearance */
    ptrdiff_t n_metrics, cap_metrics;
    bool has_outcomes;
    Outcomes outcomes;          /* sum over trials */
    ExpectResult *expectations; /* [n_expects] */
} CaseResult;

enum { RUN_ID_MAX = 32 };

typedef struct Run {
    Arena arena;
    char id[RUN_ID_MAX];    /* "20260131-235959-1a2b3c": sorts by time, unique on a store */
    const char *suite;      /* suite's name; "time", "load" for ad hoc runs */
    const char *suite_path; /* NULL for ad hoc runs */
    const char *commit;     /* full hash, NULL outside git */
    const char *branch;     /* NULL when detached or outside git */
    bool dirty;
    const char *against; /* what the base side is: a git ref or a folder; NULL when there is none */
    uint64_t started_wall_ns, finished_wall_ns; /* finished 0 while running or when killed */
    uint64_t seed;
    const char *tool; /* "assay 0.1.0" */
    const char
        *stop_rule; /* declared before the run: "20 rounds", "5s per case, at least 10 rounds" */
    StrMap tags;
    Testbed testbed;
    Validity validity; /* worst of the cases and what concerns the whole run */
    bool interrupted;
    int exit_code;
    RuleSet rules;     /* empty: defaults apply */
    double min_effect; /* smallest effect of interest, fraction */
    double confidence;
    CaseResult **cases; /* [n_cases]; both sides; the base side of a case has the same name */
    ptrdiff_t n_cases, cap_cases;
    Comparison *comparison; /* NULL when there was nothing to compare with */
} Run;

/* A fresh run with id (from started_wall_ns and seed), tool and defaults. */
MUST_CHECK int run_new(Run **ret, const char *suite, uint64_t seed, uint64_t started_wall_ns,
                       Err *err);
Run *run_free(Run *r);
void run_freep(Run **r);

CaseResult *run_add_case(Run *r, const char *name, const char *benchmark, Kind kind, Side side);
/* NULL when absent. */
CaseResult *run_find_case(const Run *r, const char *name, Side side);
Trial *case_add_trial(Run *r, CaseResult *c);
/* Add a metric to a trial; unit, direction come from metric_defs when well known (then unit and
 * better are ignored). Takes ownership of hist (may be NULL). */
Metric *trial_add_metric(Run *r, Trial *t, const char *name, const char *unit, Better better,
                         const char *method, double value, Hist *hist);
const Metric *trial_find_metric(const Trial *t, const char *name);

/* Compute metrics, outcomes, expectations and validity of a case (again) from its trials. Pure. */
MUST_CHECK int case_summarise(Run *r, CaseResult *c, Err *err);
/* All cases, then the run's own validity. */
MUST_CHECK int run_summarise(Run *r, Err *err);
const MetricSummary *case_find_metric(const CaseResult *c, const char *name);
/* "p95" … of a summary; stat NULL gives the metric's own figure (expect.h). NaN when missing or
 * unknown. */
double summary_stat(const MetricSummary *m, const char *stat);

const char *kind_name(Kind k);
MUST_CHECK int kind_parse(const char *text, Kind *ret);
