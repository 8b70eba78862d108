/* What the resources say about a trial's validity, and the figures that this rests on. */
#pragma once

#include "model/validity.h"
#include "probe/leak.h"
#include "probe/sampler.h"

/* Over the measured part; NaN: not known. */
typedef struct Totals {
    double looked_s;     /* from the first look to the last */
    double rate_per_s;   /* looks that were planned */
    uint64_t n_looks;    /* that were made, after the first */
    double gap_s;        /* longest time between two looks */
    double wall_step_ns; /* wall clock against monotonic clock, largest change */
    double steal;        /* share of all cores' time */
    double steal_ticks;
    double capacity;                /* cores of the host */
    double idle;                    /* cores that had nothing to do */
    double host_cpu;                /* share of all cores' time that was busy */
    double target_cpu, foreign_cpu; /* cores; foreign: neither target nor generator */
    double thread_cpu; /* cores that the target's busiest thread kept busy: 1 at most */
    int thread_tid;
    const char *thread_name;             /* borrowed; "" when thread_cpu is NaN */
    double pressure_memory, pressure_io; /* shares of time */
    double ended_s;                      /* the target had ended, since the mark */
    bool too_many;                       /* the target has too many processes or threads */
    Leak leak;                           /* of the target's memory */
} Totals;

/* Of the looks from begin to `end`, one of the kept samples. Strings are the sampler's. */
Totals totals_of(const Sampler *s, const Sample *end, double rate_per_s);

/* Add what casts doubt on the trial, each with figure, limit and cure:
 *
 *   steal           SUSPECT  more than 5 % of all cores' time went to other guests (truth: T8)
 *   sampler-starved SUSPECT  no look for 3 periods, or less than 70 % of the planned looks: assay
 *                            itself did not get the core, so neither did others when they should
 *   clock-stepped   SUSPECT  the wall clock was set by more than 1 ms: durations hold (they use the
 *                            monotonic clock), what programs do by wall time does not. Slewing does
 *                            not count: it turns both clocks alike
 *   target-vanished SUSPECT  no process of the target was left before the end
 *   foreign-load    SUSPECT  others used more than a quarter of a core while less than half of a
 *                            core was idle. Both, since others' work on cores that would stand idle
 *                            takes little away; a quarter, since an idle desktop or a build
 *                            machine's agents stay below it. Unknown without a target: its own work
 *                            would pass for others'
 *   tree-too-large  SUSPECT  more processes or threads than are watched
 *   leak            VALID    a note, no doubt: the target's memory grew without end (leak.h)
 *   bottleneck      VALID    a note, no doubt: the resources that were used up, by name
 *
 * Pure. */
void totals_judge(const Totals *t, Validity *v, Arena *a);
