/* What can be measured: names, units, directions. A metric is one figure of one trial, sometimes
 * with its distribution. */
#pragma once

#include "base/arena.h"
#include "model/kind.h"
#include "stats/hist.h"

typedef enum Better { BETTER_NONE, BETTER_LOWER, BETTER_HIGHER } Better;

/* Units: "ns", "bytes", "bytes/s", "1/s", "share" (fraction), "count". */
typedef struct MetricDef {
    const char *name, *unit, *help;
    Better better;
    bool exact;       /* counts that repeat exactly: judged without statistics */
    double min_floor; /* differences below it are never a verdict (same unit); 0: none */
    unsigned kinds;   /* kinds of benchmark that have it: bits 1 << Kind */
    bool judged;      /* gets verdicts; where a case has none of these, all with a direction do */
} MetricDef;

/* The well-known metrics, ended by name == NULL.
 *
 * Floors are about twice what the way of measuring can tell apart, and far below what anyone acts
 * on: a launch's wall time wanders by tens of microseconds, the pages of a process move with its
 * random layout, a histogram bin is 0.1 % wide. They keep a verdict of "+8 %" away from 40 ns; they
 * are no allowance (+1 % of a 10 ms command, 100 µs, stays visible).
 *
 * Direction "none" is for what describes the measurement or the amount of work instead of its
 * quality (lateness, bytes of replies, the generator's own CPU, the host): such a metric never
 * regresses. */
extern const MetricDef metric_defs[];
/* NULL when not well known. Cost: O(rows). */
const MetricDef *metric_find(const char *name);
/* "up.latency", "buy.login.latency", "buy.duration": the metric of a stage, or of a scenario or one
 * of its steps, whose names stand in front; NULL when what is behind the last point is none that
 * these have. */
const MetricDef *metric_find_of_stage(const char *name);
/* Can a benchmark of this kind have it? Streams have those of loads, too; harnesses bring what they
 * like. */
bool metric_of_kind(const MetricDef *d, Kind kind);
/* The well-known metric whose name is nearest, of this kind (NULL: of any); NULL when none is near.
 * For "did you mean …". */
const char *metric_nearest(Str name, const Kind *kind);

typedef struct Metric {
    const char *name, *unit; /* borrowed: static or the run's arena */
    const char
        *method; /* how it was got: "wait4", "hdr-histogram", "/proc sampled 10 Hz"; never NULL */
    Better better;
    double value; /* the trial's figure; a distribution's median; NaN when missing */
    Hist *hist;   /* owned; NULL for scalars. In ns for times */
} Metric;

/* Free the histogram; the rest lives in arenas. Accepts NULL. */
void metric_done(Metric *m);

const char *better_name(Better b); /* "lower", "higher", "none" */
/* Reads the same words. 0 or -EINVAL. */
MUST_CHECK int better_parse(const char *text, Better *ret);
