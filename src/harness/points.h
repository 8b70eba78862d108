/* Single operations of a load, one by one as logs hold them, gathered into one trial a case: a
 * histogram of times, outcomes, a rate. */
#pragma once

#include "harness/harvest.h"

enum { POINTS_CASES_MAX = 500, POINTS_METRICS_MAX = 8 };

typedef struct Points {
    Harvest *h;
    const char *what;         /* said behind the method of the rate: "end to end" */
    struct PointsCase *cases; /* [n], owned */
    ptrdiff_t n, cap;
} Points;

typedef struct PointsCase {
    CaseResult *c;
    double ok, failed, timed_out;
    double first_ns, last_ns; /* since 1970: start of the first, end of the last operation */
    struct {
        const char *name; /* static or in the run's arena */
        Hist *hist;       /* owned until points_finish */
    } times[POINTS_METRICS_MAX];
} PointsCase;

/* The case of that name; NULL with err set (-E2BIG) when there are too many. The pointer holds
 * until the next call. */
PointsCase *points_case(Points *p, Str name, Err *err);
/* A duration of metric `name`; what is negative or NaN is left out. 0, -ENOMEM. */
MUST_CHECK int points_time(PointsCase *pc, const char *name, double ns, Err *err);
/* An operation from start_ns to end_ns (since 1970; NaN when unknown) counts for the rate. */
void points_span(PointsCase *pc, double start_ns, double end_ns);
/* Put everything into trials and forget it. */
void points_finish(Points *p);
void points_done(Points *p);
