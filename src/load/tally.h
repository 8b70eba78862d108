/* What one worker counted: outcomes, times, bytes. Merged over workers at the end; percentiles are
 * read from the merged histograms only.
 *
 * Whether an operation counts is decided by its due time: due within the measured window. What an
 * operation brings to the histograms:
 *
 *     answered (ok, status, check)     exact: done - due, done - sent, sent - due
 *     no answer (connect, reset, tls,  a lower bound, marked censored: it took at least until the
 *     protocol, timed out, in flight)  moment it was given up
 *     shed, dropped at the end         the same for response time and lateness; it was never sent
 *     dropped at once (overload: drop) nothing: it never waited. It is counted, and above 0.1 % of
 *                                      the operations the trial is suspect
 *
 * One thread each, but `live`, which the collector reads. */
#pragma once

#include <stdatomic.h>

#include "base/str.h"
#include "load/driver.h"
#include "load/figures.h"
#include "stats/hist.h"

/* One operation, from when it was due. Times: ns of CLOCK_MONOTONIC. */
typedef struct Op {
    uint64_t due_ns;
    uint16_t stage;  /* of the schedule, when measured */
    bool measured;   /* due within the window */
    uint16_t step;   /* of a scenario, from 1; 0: none */
    uint32_t record; /* of a replay */
    bool punctual;   /* a connection was free when it was due: lateness is the generator's own */
    int result;      /* what call or open returned */
    bool unopened;   /* no connection came about: result is open's */
    Outcome out;
} Op;

typedef struct Window {
    uint64_t begin_ns, end_ns;
} Window;

/* Figures of about 100 ms, for progress and series. Two per worker: one is written while the
 * collector reads the other. */
typedef struct Interval {
    Hist *latency; /* owned; operations that ended in it, warm-up too */
    uint64_t done, answered, failed;
    uint64_t failed_by[FAIL_N + 1]; /* by class; last: timed out, or given up */
    uint64_t begin_ns, end_ns;
    uint64_t in_flight; /* at its end */
    _Atomic bool full;  /* handed to the collector, who clears it */
} Interval;

/* What operations failed of, counted as it comes; the first kinds get a row each. */
enum { TALLY_CODES = 16, TALLY_CAUSES = 8 };
typedef struct StatusCount {
    int status;
    uint64_t n;
} StatusCount;
typedef struct CauseCount {
    const char *text; /* static; NULL: what the errno says */
    int code;         /* negative errno */
    uint64_t n;
} CauseCount;
typedef struct Causes {
    StatusCount codes[TALLY_CODES]; /* of replies that failed by their status */
    int n_codes;
    CauseCount causes[TALLY_CAUSES]; /* of operations without a whole reply */
    int n_causes;
    uint64_t other; /* for which there was no row */
} Causes;

typedef struct Tally {
    Outcomes outcomes;
    Hist *latency, *service_time, *lateness, *connect_time, *first_byte; /* owned */
    Hist *own_lateness; /* owned; lateness of punctual operations only */
    uint64_t bytes_in, bytes_out;
    uint64_t answered_in_window, ok_in_window;     /* due and replied to within the window */
    uint64_t answered_carried_in, ok_carried_in;   /* due before, replied to within the window */
    uint64_t answered_carried_out, ok_carried_out; /* due within, replied to after the window */
    uint64_t status[6];                /* replies by hundred of their status; 0: none or other */
    uint64_t reconnects;               /* connections opened again in the window */
    uint64_t no_descriptors, no_ports; /* connections refused by this host: EMFILE, EADDRNOTAVAIL */
    uint64_t backoff_ns;               /* closed: users' time in the window spent waiting to try
                                          a connection again */
    uint64_t idle_lost;                /* held connections that went away in the window */
    uint64_t idle_held;                /* … that stood at its end */
    Figures figures;                   /* the driver's own; begun by who owns the tally */
    Causes causes;
    int connect_error;            /* negative errno of the last failed open, 0: none */
    const char *connect_cause;    /* what the driver says of it; NULL: nothing */
    uint64_t cpu_ns, cpu_wall_ns; /* the thread's CPU time in the window, polling excluded */
    uint64_t run_queue_ns;        /* the thread stood ready without a core, in the same time */
    uint64_t worst_cpu_permille;  /* of the busiest worker, after merging */
    uint64_t worst_run_queue_permille;
} Tally;

MUST_CHECK int tally_init(Tally *t, Err *err);
void tally_done(Tally *t);
/* An operation ended. `now_ns` is when it was given up, if it was. Counts it as scheduled nowhere:
 * its owner did. */
void tally_op(Tally *t, const Op *op, const Window *win, uint64_t now_ns);
/* Operations that were never sent: they waited `waited_ns`; 0 brings no sample. */
void tally_unsent(Tally *t, bool shed, uint64_t waited_ns);
/* A connection attempt of `took_ns` ended; within the window, or before it (then only its error is
 * kept). */
void tally_connect(Tally *t, int result, uint64_t took_ns, bool in_window, bool again);
/* n more of this status, or of this cause. */
void causes_add_status(Causes *c, int status, uint64_t n);
void causes_add(Causes *c, const char *text, int code, uint64_t n);
void causes_merge(Causes *into, const Causes *from);
/* "38863 x status 404, 12 x Connection reset by peer", most frequent first, at most `most`. Appends
 * nothing when there is nothing. */
void causes_describe(const Causes *c, int most, StrBuf *b);
void tally_merge(Tally *into, const Tally *from);

MUST_CHECK int interval_init(Interval *i, Err *err);
void interval_done(Interval *i);
void interval_op(Interval *i, const Op *op, uint64_t now_ns);
void interval_reset(Interval *i);

/* Which outcome an operation came to. */
typedef enum OpEnd { OP_OK, OP_FAILED, OP_TIMED_OUT, OP_IN_FLIGHT } OpEnd;
OpEnd op_end(const Op *op, FailClass *ret_class);
/* Add it to the outcomes, but to those scheduled. What was never sent when the trial was over is
 * dropped. */
void op_count(Outcomes *o, const Op *op);
