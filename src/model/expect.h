/* Expectations: absolute promises such as `latency.p95 < 100ms`, `error_rate < 1%`, `wall.median <=
 * 20ms`. */
#pragma once

#include "base/arena.h"
#include "model/kind.h"

typedef enum ExpectOp { EXPECT_LT, EXPECT_LE, EXPECT_GT, EXPECT_GE, EXPECT_EQ } ExpectOp;

typedef struct Expect {
    const char *expr;   /* whole text as given, normalised: "latency.p95 < 100ms" */
    const char *metric; /* "latency" */
    const char *stat; /* "mean" "stddev" "min" "max" "median"(=p50) "p50" "p90" "p95" "p99" "p999";
                       * NULL: the metric's own figure (median of the trials for times, total share
                       * for error_rate, mean for throughput) */
    ExpectOp op;
    double limit; /* in the metric's unit: ns, bytes, 1/s, share, count */
} Expect;

typedef struct ExpectResult {
    const char *expr;
    bool held;    /* false also when the value is missing */
    double value; /* NaN: missing */
    bool bound;   /* the value is only a lower bound: operations that failed or were never answered
                   * are in it. It   can break a promise to stay below something, but not keep it */
    const char *unit;
} ExpectResult;

/* Parse "metric[.stat] OP value"; blanks between the parts are free, OP is < <= ≤ > >= ≥ ==.
 *
 * What stands before OP is a metric's name (names may have points: `target.cpu`), with a statistic
 * behind its last point or without one. The value's unit must fit the metric's where the metric is
 * well known: a duration for ns, a size for bytes, a rate for 1/s, `5%` or a fraction for shares, a
 * plain number for counts. For other metrics any of these, times read as ns. `p99.9` is read as
 * `p999`.
 * Strings live in the arena; *ret is written on 0 only. 0 or -EINVAL with the cure. */
MUST_CHECK int expect_parse(Arena *a, Str text, Expect *ret, Err *err);
/* NaN holds nothing. */
bool expect_holds(const Expect *e, double value);
/* "<", "<=", ">", ">=", "==". */
const char *expect_op_name(ExpectOp op);

/* Can a benchmark of this kind keep the promise? expect_parse takes any name, since stored results
 * bring metrics of their own; what is written for this build to measure must name a well-known
 * metric that the kind has. 0, or -EINVAL: "no metric 'wal'; did you mean 'wall'?". */
MUST_CHECK int expect_check(const Expect *e, Kind kind, Err *err);
/* 0 when it is one of expect_stats, else -EINVAL with the nearest. */
MUST_CHECK int expect_check_stat(Str stat, Err *err);
/* Always -EINVAL: "no metric 'NAME'", with the nearest one (of the kind, when it is not NULL) or a
 * list. */
int expect_refuse_metric(Str name, const Kind *kind, Err *err);

/* The statistics' names, NULL-terminated: "mean", "stddev", "min", "max", "median", "p50" … */
extern const char *const expect_stats[];
