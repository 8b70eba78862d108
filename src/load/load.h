/* One load trial: a schedule of operations against a target through a driver. */
#pragma once

#include "load/driver.h"
#include "model/run.h"
#include "model/spec.h"

struct LoadTick;
struct LoadInterval;

typedef struct LoadPlan {
    const LoadSpec *spec;
    const Driver *driver;
    const void *target_opts;  /* driver->target_opts' struct, filled */
    const void *request_opts; /* driver->request_opts' struct, filled */
    uint64_t warmup_ns, duration_ns;
    uint64_t seed;
    const volatile bool *stop; /* set by a signal handler: end early, report what is there */
    /* Called from the collecting thread, at most 10 times a second and at the start of the measured
     * part. May be NULL. */
    void (*on_tick)(void *user, const struct LoadTick *tick);
    void (*on_begin)(void *user, uint64_t begin_mono_ns);
    /* Also from the collecting thread: each interval, so that their sums are all operations that
     * ended. May be NULL. */
    void (*on_interval)(void *user, const struct LoadInterval *i);
    /* On the calling thread, when the driver has prepared the target and nobody has connected:
     * `pid` is what Driver.target_pid says, or 0. Negative ends it all. May be NULL. */
    int (*on_target)(void *user, int pid, Err *err);
    /* On the calling thread, at the end of a trial that was measured: all is in it, and what the
     * driver has started is still there. May be NULL. */
    void (*on_end)(void *user);
    void *user;
    const char **ret_stopped; /* out, in the run's arena: which of spec->stop's conditions ended the
                                 load, when and in which stage; NULL: none did. May be NULL */
} LoadPlan;

typedef struct LoadTick {
    bool warming;
    double elapsed_s, total_s;
    uint64_t done, failed;
    double rate_per_s;     /* over the last interval */
    double p50_ns, p99_ns; /* response time over the last interval; NaN: none */
} LoadTick;

/* What ended within some 100 ms. */
typedef struct LoadInterval {
    bool warming;
    double t_s;                /* its end, from the start of the measured part; negative before */
    uint64_t begin_ns, end_ns; /* CLOCK_MONOTONIC */
    double total_s;            /* of the measured part, as planned */
    uint64_t ok, failed;       /* timed out among the failed */
    const uint64_t *failed_by; /* [FAIL_N + 1] by class, the last those that timed out or were given
                                  up; borrowed for the call */
    uint64_t in_flight;        /* at its end */
    const Hist *latency;       /* of what ended in it; borrowed for the call */
    const char *stage;         /* that its end lies in; NULL when there is only one */
    double offered_per_s;      /* NaN where no operations are due by a rate */
    double users;              /* NaN where the load has none */
} LoadInterval;

/* Run the trial and add its metrics to `t`: latency (response time, from due), service_time (from
 * sent), lateness (send minus due; their difference), throughput, error_rate, connect_time,
 * first_byte … with histograms, outcomes, load series at 10 Hz, validity reasons (T8 as far as the
 * generator can see them; the table is in load_validity.c).
 *
 * An operation belongs to the trial when it was due within the measured window. After the window
 * those may still be sent and answered for one timeout, at most 30 s; then what is unanswered is in
 * flight, what is unsent dropped, and both enter the histograms as censored lower bounds. What
 * warm-up left unsent is forgotten at the window's begin. throughput counts what was answered well
 * within the window; in an open load no more of what was due before it than it leaves to be
 * answered after it. A trial that is stopped ends its window there, without that grace.
 *
 * Too few connections for what is due (open loop), by spec->overload: queue: they wait, in order;
 * shed: those that have waited longer than the timeout are not sent; drop: what finds no connection
 * free when it is due is not sent.
 *
 * Negative only when nothing could be measured at all: options refused, no memory, no descriptors;
 * -ECONNREFUSED … when not a single connection could be made before anything was measured (the
 * attempts are then the trial's outcomes, failed: connect); -EINTR when stopped before that. */
MUST_CHECK int load_run(const LoadPlan *plan, Run *r, Trial *t, Err *err);
/* Several loads side by side, each with a plan and a trial of its own: all begin at the same
 * moment, each ends when it is over. Negative as above, when any of them can't begin: then none
 * does. */
MUST_CHECK int load_run_all(const LoadPlan *plans, Trial *const *trials, ptrdiff_t n, Run *r,
                            Err *err);
