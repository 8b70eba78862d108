/* Inside libassay: what benchmark programs are linked with. It uses the C library and nothing else
 * of ours, so that a program that is measured carries little; every name that a linker sees begins
 * with assay_.
 *
 *     registrations ──► cases ──► epochs ──► table (alone), or frames (under assay; wire.h)
 *
 * A case is one benchmark with one value for each argument. An epoch is one call of its function
 * (on each of its threads) with a number of iterations; its result is one time per iteration. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "assay/bench.h"

enum {
    ASSAY_ARGS_MAX = 8,     /* arguments of one benchmark, type and threads included */
    ASSAY_NAME_MAX = 256,   /* bytes of a case's name */
    ASSAY_CASES_MAX = 4096, /* of a program */
    ASSAY_THREADS_MAX = 256,
    ASSAY_SAMPLES_MAX = 65536, /* iterations of an epoch that are timed one by one */
    ASSAY_WHY_MAX = 160,
};

typedef struct AssayArg {
    const char *name;
    int64_t value;
    const char *word; /* NULL: the value */
} AssayArg;

typedef struct AssayCase {
    char name[ASSAY_NAME_MAX];
    const char *bench;
    AssayFunction *function;
    AssayArg args[ASSAY_ARGS_MAX];
    int n_args;
    int threads; /* at least 1 */
    AssaySetUp *set_up;
    AssayTearDown *tear_down;
    bool complexity;
    const char *law_text; /* NULL: the usual laws */
    AssayLaw *law;
} AssayCase;

/* All cases of the program, in order of registration, later arguments fastest; made at the first
 * call. *ret_why says what is wrong with a registration, else NULL; the cases are then none. Lives
 * until the program ends. */
const AssayCase *assay_cases(int *ret_n, const char **ret_why);

typedef struct AssayFigure {
    char name[32];
    double value; /* per iteration, per second or averaged: as registered */
    AssayCounter how;
} AssayFigure;

/* What counting allocations said; all zero when nothing counts (assay_alloc_read_). */
typedef struct AssayAllocs {
    uint64_t count, bytes; /* asked for within the loops */
    uint64_t peak_bytes;   /* most that was held at once beyond what was held at their begin */
} AssayAllocs;

typedef struct AssayEpoch {
    uint64_t iterations; /* of each thread */
    double time_ns;      /* per iteration: mean over threads of time in the loop / iterations */
    uint64_t elapsed_ns; /* from the first thread's begin to the last one's end, pauses included */
    uint64_t cpu_ns;     /* of the threads within their loops, pauses included */
    uint64_t pauses;     /* of one thread */
    uint64_t bytes, items; /* per iteration, of one thread; 0: not told */
    AssayFigure figures[ASSAY_COUNTERS_MAX];
    int n_figures;
    bool counts_allocs;
    AssayAllocs allocs;
    uint64_t *samples; /* [n_samples] ns of each iteration, of all threads; the caller's buffer */
    uint64_t n_samples;
    char why[ASSAY_WHY_MAX]; /* "": it went well; else why the epoch does not count */
} AssayEpoch;

/* Run one epoch. With `samples` (room for threads * iterations) each iteration is timed by itself.
 */
void assay_epoch(const AssayCase *c, uint64_t iterations, uint64_t *samples, AssayEpoch *ret);

/* Iterations that make an epoch last at least `least_ns`, seen twice. 0 with ret->why set when the
 * benchmark fails. The time this takes is a few epochs. */
uint64_t assay_calibrate(const AssayCase *c, uint64_t least_ns, AssayEpoch *ret);

/* What measuring itself costs, ns: one iteration of an empty loop; what of a pause and resume falls
 * into the measured time; two looks at the clock, which is what each single iteration's time holds
 * too much; and the smallest step of the clock. */
typedef struct AssayCosts {
    double loop_ns, pause_ns, clock_ns, resolution_ns;
} AssayCosts;
void assay_costs(AssayCosts *ret);

uint64_t assay_clock_ns(void);

/* The counting of allocations, when it was loaded into the program (preload.c). Begin and end do
 * nothing when it is not there. */
bool assay_allocs_present(void);
void assay_allocs_begin(void);
void assay_allocs_end(AssayAllocs *ret);

/* Serve a controller on the descriptor until it hangs up. Returns the program's exit code. */
int assay_serve(int fd);
/* Measure all cases that match and write a table. */
typedef struct AssayOptions {
    const char *filter; /* part of a name; NULL: all */
    uint64_t time_ns;   /* for each case */
    bool list, latency, help;
} AssayOptions;
int assay_run_alone(const AssayOptions *o, void *file);

/* ---- one thread's view, behind AssayBench ---- */

typedef enum AssayPhase { ASSAY_BEFORE, ASSAY_INSIDE, ASSAY_PAUSED, ASSAY_AFTER } AssayPhase;

/* Threads of an epoch meet here before they begin. */
typedef struct AssayCrew {
    int n;
    _Atomic int n_ready;
    _Atomic int n_inside; /* have not ended their loops */
    _Atomic bool failed;  /* one never came: do not wait */
    bool count_allocs;
    AssayAllocs allocs; /* written by the last one to end its loop */
} AssayCrew;

struct AssayBench {
    const AssayCase *c;
    AssayCrew *crew;
    int thread;
    void *state;
    AssayPhase phase;
    uint64_t iterations;
    uint64_t begin_ns, end_ns, mark_ns, paused_ns, cpu_begin_ns, cpu_ns, pauses;
    uint64_t *samples; /* [iterations]; NULL: only the whole is timed */
    uint64_t n_samples;
    uint64_t bytes, items;
    AssayFigure figures[ASSAY_COUNTERS_MAX];
    int n_figures;
    char why[ASSAY_WHY_MAX];
};
