/* A load while it runs, for people at a terminal: what is asked for and achieved, times, failures,
 * resources, and how throughput and p99 went so far. Pure but for its memory. */
#pragma once

#include "base/arena.h"
#include "model/outcome.h"
#include "stats/hist.h"

enum { LIVE_CELLS = 48 }; /* of the curves: each a 48th of the measured part */

/* What ended within some 100 ms, and how things stand at its end. NaN and NULL: not known, or not
 * of this load. */
typedef struct LivePoint {
    const char *name, *stage; /* borrowed for the call */
    uint32_t trial, trials;   /* from 1 */
    bool warming;
    double t_s, total_s, took_s; /* t_s: its end, from the begin of the measured part */
    uint64_t ok, failed, in_flight;
    const uint64_t *failed_by; /* [FAIL_N + 1], the last: timed out */
    const Hist *latency;       /* ns, of what ended in it */
    double asked_per_s, users;
    double target_cpu, target_rss, generator_cpu, generator_rss, host_busy;
} LivePoint;

typedef struct Live Live;

MUST_CHECK int live_new(Live **ret, bool unicode, Err *err);
/* Accepts NULL. */
void live_free(Live *l);
/* Sum it up; another trial or case begins anew, and so does what follows the warm-up. */
void live_add(Live *l, const LivePoint *p);
/* The whole view: lines, the last without its end. In the arena. */
const char *live_block(const Live *l, Arena *a);
/* All in one line, for logs. */
const char *live_line(const Live *l, Arena *a);
