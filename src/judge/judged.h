/* Which figures of a case are judged, and how they are laid side by side. */
#pragma once

#include "judge/judge.h"

/* One figure to judge: a metric's own value per trial, or a tail of its distribution. */
typedef struct Figure {
    const char *name;   /* as rows name it: "wall", "latency.p99" */
    const char *metric; /* "latency" */
    const char *stat;   /* "p95", "p99"; NULL: the metric's own value */
    const char *unit;
    Better better;
    bool exact;
    bool distribution; /* a trial has many values of it */
    double floor;      /* differences below it are never a verdict */
} Figure;

enum { FIGURES_MAX = 64 };

/* Figures that `c` has and that have a direction worth judging, at most FIGURES_MAX; for well-known
 * kinds the headline ones (wall, cpu, rss_peak; latency, latency.p99, throughput, error_rate) and
 * those that a rule names, else every metric with a direction. Tails of other distributions, and
 * p95, only where a rule names them. `rules` (may be NULL) outlives the figures. */
ptrdiff_t figures_of(const CaseResult *c, const RuleSet *rules, Figure out[FIGURES_MAX]);
/* The figure's value per trial (borrowed from the summary), in order of trials; NULL when the case
 * lacks it. */
const double *figure_values(const CaseResult *c, const Figure *f, ptrdiff_t *ret_n);

/* Median of the numbers among v[n]; NaN when there is none. Scratch in `a`. */
double figure_median(Arena *a, const double *v, ptrdiff_t n);

/* Logs of values; where some are 0 (error rates, counts), all are moved up by a small offset first
 * (started logs; Tukey, Exploratory Data Analysis, 1977): 1e-4 for shares, one half for the rest.
 * NaN stays NaN. out[n]. */
void log_values(const double *v, ptrdiff_t n, double offset, double *out);
double log_offset(const double *a, ptrdiff_t n_a, const double *b, ptrdiff_t n_b, const char *unit);
