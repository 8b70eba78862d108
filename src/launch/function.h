/* Benchmark programs (linked with libassay, include/assay/bench.h) seen from assay: start one, ask
 * which cases it has, have it run epochs. The program does nothing but wait between orders, so that
 * several of them take turns without disturbing each other.
 *
 * One thread per program. What a program sends is data from outside: nothing of it is believed
 * before its lengths and ends were checked (function_wire.c). */
#pragma once

#include "base/opt.h"
#include "stats/hist.h"

typedef struct FunctionProgram FunctionProgram;

/* What to start. All borrowed for the call. */
typedef struct FunctionJob {
    const StrList *argv; /* program and arguments */
    const char *cwd;     /* NULL: where assay is */
    const StrMap *env;   /* added to assay's environment; may be NULL */
    bool count_allocs;   /* load the counting of allocations into it */
    const volatile bool
        *stop; /* waiting ends with -EINTR when it becomes true; borrowed for life */
} FunctionJob;

/* What measuring costs in that program, ns (bench.h of room bench). */
typedef struct FunctionCosts {
    double loop_ns, pause_ns, clock_ns, resolution_ns;
} FunctionCosts;

typedef enum FunctionLaw { FUNCTION_LAW_NONE, FUNCTION_LAW_USUAL, FUNCTION_LAW_OWN } FunctionLaw;

typedef struct FunctionCase {
    uint32_t index; /* for orders */
    const char *name, *benchmark;
    StrMap params; /* its arguments, in order */
    uint32_t threads;
    FunctionLaw law;      /* whether its time's growth with n is to be told */
    const char *law_text; /* FUNCTION_LAW_OWN */
    double n, law_of_n;
} FunctionCase;

typedef struct FunctionFigure {
    char name[32];
    double value;
    bool per_second;
} FunctionFigure;

enum { FUNCTION_FIGURES_MAX = 8 };

typedef struct FunctionResult {
    uint64_t iterations; /* of each thread */
    double time_ns;      /* per iteration, as a thread sees it */
    uint64_t elapsed_ns, cpu_ns, pauses, bytes, items;
    FunctionFigure figures[FUNCTION_FIGURES_MAX];
    ptrdiff_t n_figures;
    bool counts_allocs;
    double allocs, alloc_bytes; /* per iteration */
    uint64_t alloc_peak;
    Hist *each; /* owned by the caller: time of each iteration, ns; NULL unless asked for */
} FunctionResult;

/* Start the program and hear its greeting. -ENOENT, -EACCES: it can't be started; -EPROTO: what was
 * started is no benchmark program of this version; -EINTR. */
MUST_CHECK int function_open(FunctionProgram **ret, const FunctionJob *job, Err *err);
/* Hang up and wait for its end; ended by force when it does not go. Accepts NULL; returns NULL. */
FunctionProgram *function_close(FunctionProgram *p);
void function_closep(FunctionProgram **p);

const FunctionCosts *function_costs(const FunctionProgram *p);
/* Is the counting of allocations in it? Not in programs without dynamic linking. */
bool function_counts_allocs(const FunctionProgram *p);

/* Its cases: ret[n] in the arena. -EPROTO, -ECHILD: a registration is wrong, as the program says;
 * -EPIPE: it ended. */
MUST_CHECK int function_list(FunctionProgram *p, Arena *a, FunctionCase **ret, ptrdiff_t *ret_n,
                             Err *err);
/* Iterations of that case that fill `least_ns`. -ECHILD: the benchmark failed; it says why. */
MUST_CHECK int function_calibrate(FunctionProgram *p, uint32_t index, uint64_t least_ns,
                                  uint64_t *ret, Err *err);
/* Run one epoch. With `each` every iteration is timed by itself, and there are at most 65536. */
MUST_CHECK int function_epoch(FunctionProgram *p, uint32_t index, uint64_t iterations, bool each,
                              FunctionResult *ret, Err *err);

/* ---- between the files of the program's seam ---- */

/* Read the payload of a frame. Texts are copied into the arena. 0 or -EPROTO. */
MUST_CHECK int function_read_case(Arena *a, Str bytes, FunctionCase *ret, Err *err);
MUST_CHECK int function_read_result(Str bytes, FunctionResult *ret, bool *ret_has_samples,
                                    Err *err);
MUST_CHECK int function_read_samples(Str bytes, Hist **ret, Err *err);
