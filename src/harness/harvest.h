/* What a format's reader fills: a run, by the names that the source uses. Only for this room. */
#pragma once

#include "harness/harness.h"
#include "harness/unit.h"

enum {
    HARVEST_TRIALS_MAX = 10000, /* of one case from one list of samples; more are thinned */
    HARVEST_NEWEST = -1,
};

struct Harvest {
    Run *run;           /* lent; its arena takes what lives with the results */
    const char *method; /* how every metric's method begins: the producer */
    ptrdiff_t at;       /* which run of a history, or HARVEST_NEWEST */
    CaseResult **slots; /* cases by name, open addressing; in the run's arena */
    ptrdiff_t n_slots, n_used;
};

/* --- the run --- */

/* "2019-12-06T16:36:53.25+09:00", "2019-11-29 21:26:59": when the source was produced. Ignored when
 * it does not read so. */
void harvest_date(Harvest *h, Str text);
/* Time since 1970 in units of `unit_ns` (NS_PER_S, NS_PER_MS …); ignored when not within 1980 …
 * 2200. */
void harvest_epoch(Harvest *h, double since_1970, uint64_t unit_ns);
/* Note kept with the run; nothing for an empty value. */
void harvest_tag(Harvest *h, const char *key, Str value);
/* A copy in the run's arena, or NULL when empty. */
const char *harvest_text(Harvest *h, Str text);
/* A full text of the date, or 0 when it is none: ns since 1970. */
uint64_t harvest_parse_date(Str text);

/* --- cases and trials --- */

/* The case of that name, new or (again) the one that is there. An empty name becomes "unnamed". */
CaseResult *harvest_case(Harvest *h, Str name);
/* The case that has this name already, or NULL. */
CaseResult *harvest_find(const Harvest *h, Str name);
/* "benchmark/a=1,b=2", with its parameters. */
CaseResult *harvest_case_with(Harvest *h, Str benchmark, const StrMap *params);
Trial *harvest_trial(Harvest *h, CaseResult *c);
/* Set a parameter; both are copied. */
void harvest_param(Harvest *h, CaseResult *c, const char *key, Str value);

/* --- values: `name` is static or in the run's arena. What is not finite is missing and adds
 * nothing; a name that the trial has already adds nothing. --- */

/* One figure of a trial. `what` (may be NULL) is put behind the method: "mean". */
void harvest_value(Harvest *h, Trial *t, const char *name, Unit unit, const char *what, double v);

/* One trial per sample, v[n] in the source's order; samples of further metrics go to the same
 * trials: `first` is c->n_trials before the first list. Beyond HARVEST_TRIALS_MAX samples, evenly
 * spaced ones become trials, and the figures over all of them are kept as given. */
void harvest_samples(Harvest *h, CaseResult *c, ptrdiff_t first, const char *name, Unit unit,
                     const double *v, ptrdiff_t n);

/* Figures without their samples, in `unit`; NaN where the source says nothing. */
typedef struct Figures {
    double count; /* operations or samples behind them */
    double mean, stddev, min, max, p50, p90, p95, p99, p999;
} Figures;
Figures figures_none(void);
/* Set the figure for the quantile q in [0, 1] (0 is min, 1 is max) if there is one for it. */
void figures_set(Figures *f, double q, double v);
/* One trial's figures: its value is the median, else the mean, else what there is. Kept as given as
 * long as the case has no second trial with this metric. */
void harvest_figures(Harvest *h, CaseResult *c, Trial *t, const char *name, Unit unit,
                     const char *what, Figures f);

/* Figures of a metric that its trials can't give, beside the trials that have it (run.h: `given`).
 * At most one such call a case and metric. */
void harvest_given(Harvest *h, CaseResult *c, const char *name, Unit unit, const char *method,
                   Figures f);

/* A distribution; takes the histogram (ns). Nothing is added for an empty one. */
void harvest_hist(Harvest *h, Trial *t, const char *name, const char *what, Hist *hist);
/* Record a duration that a double holds, `count` times; negative and NaN are ignored. */
void harvest_record(Hist *hist, double ns, double count);

/* How a trial's operations ended; counts are not negative. `scheduled` becomes their sum. */
void harvest_outcomes(Trial *t, double ok, double failed, FailClass how, double timed_out);
/* `count` replies of an HTTP status ("200"): from 400 on they failed; "0" and what is no status
 * means that there was no reply. */
void harvest_status(Trial *t, Str status, double count);
/* ok, failed … as a share, when anything was scheduled. */
void harvest_error_rate(Harvest *h, Trial *t);

/* --- for harness.c --- */

void harvest_begin(Harvest *h, Run *run, const HarnessFormat *f, ptrdiff_t at);
/* Rounds and order of all trials. */
void harvest_number(Harvest *h);
