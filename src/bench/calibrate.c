/* How many iterations an epoch needs, and what measuring costs by itself. */
#include <time.h>

#include "bench/bench.h"

enum { GROWTH_MAX = 100, ROUNDS_MAX = 60, LOOP_ITERATIONS = 200000, PAUSES = 2000, LOOKS = 2000 };

/* The mathematics library is not linked: benchmark programs need nothing but the C library. */
static uint64_t scale(uint64_t n, double took_ns, double want_ns)
{
    double by = took_ns > 0 ? want_ns * 1.2 / took_ns : GROWTH_MAX;
    by = by < 1.1 ? 1.1 : by > GROWTH_MAX ? GROWTH_MAX : by;
    double next = (double)n * by + 1;
    return next < 1e15 ? (uint64_t)next : n;
}

/* One epoch that happened to be slow must not make all later ones short, so the number has to do
 * twice in a row. */
uint64_t assay_calibrate(const AssayCase *c, uint64_t least_ns, AssayEpoch *ret)
{
    uint64_t n = 1;
    int seen = 0;
    for (int i = 0; i < ROUNDS_MAX && seen < 2; i++) {
        assay_epoch(c, n, NULL, ret);
        if (ret->why[0])
            return 0;
        double took = ret->time_ns * (double)n;
        if (took >= (double)least_ns) {
            seen++;
            if (took > 4 * (double)least_ns)
                return n; /* a long function: a second look would only cost time */
            continue;
        }
        seen = 0;
        n = scale(n, took, (double)least_ns);
    }
    return n;
}

/* ---- own costs ---- */

static void empty_loop(AssayBench *b)
{
    ASSAY_LOOP(b)
    __asm__ volatile("");
}

static void pausing_loop(AssayBench *b)
{
    ASSAY_LOOP(b)
    {
        assay_pause(b);
        assay_resume(b);
    }
}

static double least_time(AssayFunction *f, uint64_t n)
{
    AssayCase c = { .bench = "", .function = f, .threads = 1 };
    double least = 0;
    for (int i = 0; i < 5; i++) {
        AssayEpoch e;
        assay_epoch(&c, n, NULL, &e);
        least = i && least < e.time_ns ? least : e.time_ns;
    }
    return least;
}

void assay_costs(AssayCosts *ret)
{
    struct timespec step;
    clock_getres(CLOCK_MONOTONIC, &step);
    uint64_t begin = assay_clock_ns();
    for (int i = 0; i < LOOKS; i++)
        assay_clock_ns();
    double clock_ns = (double)(assay_clock_ns() - begin) / LOOKS;
    *ret = (AssayCosts){
        .loop_ns = least_time(empty_loop, LOOP_ITERATIONS),
        .pause_ns = least_time(pausing_loop, PAUSES),
        .clock_ns = clock_ns,
        .resolution_ns = (double)step.tv_nsec,
    };
}
