/* The kernel's counters (perf_event_open) of a process and all that it starts from now on: hardware
 * counters where there are any, in user mode, and software ones.
 *
 * A counter that shares the hardware with others runs only part of the time: then its value is an
 * estimate, and says so. One that is not there is absent, never 0. */
#pragma once

#include "base/err.h"

typedef struct PerfSet PerfSet;

typedef struct PerfValue {
    const char *name; /* metric: "instructions"; static */
    bool there;       /* else `why` says why not */
    bool estimated;   /* scaled up: it ran only `share` of the time */
    double value, share;
    const char *why; /* static */
} PerfValue;
enum { PERF_VALUES = 7 };

/* Open what there is. 0 also when nothing is: perf_any tells. */
MUST_CHECK int perf_open(PerfSet **ret, int pid, Err *err);
PerfSet *perf_close(PerfSet *p);
/* Is any hardware counter there? */
bool perf_any(const PerfSet *p);
/* Between these: what was counted. Children that have ended are in it. */
void perf_begin(PerfSet *p);
void perf_end(PerfSet *p, PerfValue ret[PERF_VALUES]);
/* From three differences (count, ns enabled, ns running) to a value. Pure. */
PerfValue perf_value(const char *name, uint64_t count, uint64_t enabled, uint64_t running);
