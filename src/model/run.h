/* Results: a run holds cases, a case holds trials, a trial holds metrics. Summaries are always
 * computed from the trials, so that every shown figure can be recomputed from the store.
 *
 * Ownership: everything hangs on the run's arena, but histograms, which are owned by their Metric;
 * run_free frees all. One thread at a time. */
#pragma once

#include "base/opt.h"
#include "model/expect.h"
#include "model/kind.h"
#include "model/metric.h"
#include "model/outcome.h"
#include "model/series.h"
#include "model/testbed.h"
#include "model/validity.h"
#include "model/verdict.h"
#include "stats/groupseq.h"

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

/* Summary of one metric over a case's trials: what reports and JSON show.
 *
 * Scalars (one value per trial): all statistics are over the trials' values, quantiles by type 7.
 * Distributions: the trials' histograms are merged, and all statistics are the merged one's: count
 * is the number of operations, quantiles are of type 1 within the histogram's precision.
 * Percentiles are never averaged. */
typedef struct MetricSummary {
    const char *name, *unit, *method;
    Better better;
    ptrdiff_t count; /* samples behind the quantiles: recorded operations, or trials; 0 with
                        `given`: not stated */
    double mean, stddev, min, max, p50, p90, p95, p99, p999; /* NaN: missing */
    uint64_t censored; /* samples known only as a lower bound */
    ptrdiff_t n_trials;
    double *trials; /* [n_trials] Metric.value in order of round; NaN where a trial lacks it */
    double *trials_p95, *trials_p99; /* [n_trials] for distributions, else NULL */
    Hist *hist; /* borrowed view is not possible over several trials: owned by the run, merged; NULL
                   for scalars */
    double figure; /* the metric's own figure, what an expectation without a statistic means:
                      error_rate: all that failed over all that was scheduled; rates: mean of the
                      trials; all else: p50. NaN: missing */
    bool given;    /* count … p999 were read from a file; the samples behind them are not here, so
                      they can't be computed again and are kept */
    double bound_from; /* with `given`: the smallest of its quantiles that is only a lower bound; 0:
                          not known, or none */
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
    GroupPlan *looks; /* when its pairs were looked at to see whether they are decided; NULL: never.
                         Only of the run at hand */

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
    uint64_t rolled_wall_ns; /* when its distributions and series went into roll-ups; 0: whole */
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
    Correction correction;
    CaseResult **cases; /* [n_cases]; both sides; the base side of a case has the same name */
    ptrdiff_t n_cases, cap_cases;
    Comparison *comparison; /* NULL when there was nothing to compare with */
} Run;

/* A fresh run with id (from started_wall_ns and seed: UTC to the second, and 24 bits of a hash of
 * both), tool and defaults (min_effect 0.01, confidence 0.95). -ENOMEM. */
MUST_CHECK int run_new(Run **ret, const char *suite, uint64_t seed, uint64_t started_wall_ns,
                       Err *err);
/* Frees the arena and all histograms. Accepts NULL; returns NULL. */
Run *run_free(Run *r);
void run_freep(Run **r);

/* A new case at the end; name and benchmark are copied. */
CaseResult *run_add_case(Run *r, const char *name, const char *benchmark, Kind kind, Side side);
/* NULL when absent. Cost: O(cases). */
CaseResult *run_find_case(const Run *r, const char *name, Side side);
/* A new trial at the end. */
Trial *case_add_trial(Run *r, CaseResult *c);
/* Add a metric to a trial; its name must be new there (asserted). Unit and direction come from
 * metric_defs when well known (then unit may be NULL and better is ignored) – unless another unit
 * is given: then it is not the well-known metric, and stays as given, never relabelled. Strings are
 * borrowed. Takes ownership of hist (may be NULL); with one, a NaN value becomes its median. */
Metric *trial_add_metric(Run *r, Trial *t, const char *name, const char *unit, Better better,
                         const char *method, double value, Hist *hist);
/* NULL when absent. */
const Metric *trial_find_metric(const Trial *t, const char *name);
/* The trials in order of round, and of execution within one: ret[n_trials], in `a`. The order of
 * MetricSummary.trials. */
const Trial **case_by_round(Arena *a, const CaseResult *c);

/* Compute metrics, outcomes, expectations and validity of a case (again) from its trials. Pure: the
 * same trials give the same figures, bit for bit. An expectation on a case that is INVALID, or on a
 * value that is missing, does not hold. Each call takes a little of the arena; -ENOMEM when
 * histograms can't be merged, the case is then without metrics. */
MUST_CHECK int case_summarise(Run *r, CaseResult *c, Err *err);
/* All cases, then the run's validity: the worst of its cases and its own; reasons of cases carry
 * the case's name when there are several. */
MUST_CHECK int run_summarise(Run *r, Err *err);
/* NULL when absent. */
const MetricSummary *case_find_metric(const CaseResult *c, const char *name);
/* "p95" … of a summary; stat NULL gives the metric's own figure (expect.h). NaN when missing or
 * unknown. */
double summary_stat(const MetricSummary *m, const char *stat);

/* Is the q-quantile only a lower bound, because something never finished? Without its histogram and
 * bound_from just the maximum is known to be in doubt. */
bool summary_is_bound(const MetricSummary *m, double q);

/* "command", "load", "function", "stream", "harness". */
const char *kind_name(Kind k);
/* Reads the same words. 0 or -EINVAL. */
MUST_CHECK int kind_parse(const char *text, Kind *ret);
