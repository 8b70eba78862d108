/* A figure over the time of one trial: resources and load, side by side on one time axis. */
#pragma once

#include "base/arena.h"

typedef struct Series {
    const char *name;   /* "cpu", "rss", "throughput", "latency.p99", "errors" */
    const char *unit;   /* as in metric.h; cpu is in cores ("count"): 1.0 is one core busy */
    const char *scope;  /* "target", "generator", "host", "load" */
    const char *method; /* "process tree /proc 10 Hz" */
    ptrdiff_t n, cap;
    double *t_s; /* [n] seconds since the trial's measured part began; increasing; may be negative
                    in warm-up */
    double *v;   /* [n] NaN where missing */
} Series;

typedef struct SeriesList {
    Series *v;
    ptrdiff_t n, cap;
} SeriesList;

/* New empty series at the end of the list; strings are borrowed (static or same arena). The pointer
 * holds until the next call. */
Series *series_new(SeriesList *l, Arena *a, const char *scope, const char *name, const char *unit,
                   const char *method);
/* Append a point; t_s must be later than the last one (asserted). */
void series_push(Series *s, Arena *a, double t_s, double v);
/* NULL when absent. */
const Series *series_find(const SeriesList *l, const char *scope, const char *name);
