/* Conditions that end a load before its time: `error_rate > 5% or latency.p95 > 5s`, looked at over
 * a window that slides along. */
#pragma once

#include "model/run.h"
#include "model/stop_expr.h"
#include "stats/hist.h"

enum { STOP_PARTS = 5 };

/* One part of the window. */
typedef struct StopPart {
    Hist *latency; /* owned */
    uint64_t answered, failed;
    double s;
} StopPart;

typedef struct Stop {
    Expect clauses[STOP_CLAUSES_MAX];
    ptrdiff_t n;
    double window_s, part_s;
    StopPart parts[STOP_PARTS];
    int at;        /* the part that is being filled */
    double seen_s; /* since the load's begin */
    Hist *all;     /* owned; scratch */
} Stop;

/* text NULL: no condition. window_ns is that of each look. -EINVAL, -ENOMEM. */
MUST_CHECK int stop_init(Stop *s, Arena *a, const char *text, uint64_t window_ns, Err *err);
void stop_done(Stop *s);
/* What came in the last `took_s` seconds. The clause that holds over the window, or NULL; none
 * before a whole window has passed. *ret_value is what it met. */
const Expect *stop_feed(Stop *s, const Hist *latency, uint64_t answered, uint64_t failed,
                        double took_s, double *ret_value);
