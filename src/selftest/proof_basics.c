/* Proofs that need nothing but this process: the histogram and the clock. */
#include <errno.h>
#include <math.h>
#include <sched.h>
#include <stdlib.h>

#include "base/clock.h"
#include "selftest/proof.h"

enum { N_SAMPLES = 200000 };

static int by_value(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Times as servers make them: log-normal about 1 ms, with a heavy tail up to minutes. */
static uint64_t draw_time(Rng *r)
{
    double ns = 1e6 * exp(1.5 * rng_normal(r));
    if (rng_below(r, 100) == 0)
        ns *= pow(1 - rng_f64(r), -1);
    return (uint64_t)fmin(ns, 3e12);
}

static void free_samples(uint64_t **p)
{
    free(*p);
}

static int prove_quantiles(ProofCtx *x, const Proof *self UNUSED, Err *err)
{
    static const double qs[] = { 0.001, 0.01, 0.1, 0.5, 0.75, 0.9, 0.99, 0.999, 0.9999, 1 };
    CLEANUP(hist_freep) Hist *h = NULL;
    CLEANUP(free_samples) uint64_t *v = calloc(N_SAMPLES, sizeof *v);
    if (!v)
        return err_set(err, -ENOMEM, "samples");
    TRY(hist_new(&h, err));
    Rng rng = rng_new(x->seed, "histogram", 0);
    for (ptrdiff_t i = 0; i < N_SAMPLES; i++) {
        v[i] = draw_time(&rng);
        hist_record(h, v[i]);
    }
    qsort(v, N_SAMPLES, sizeof *v, by_value);
    double worst = 0;
    for (ptrdiff_t i = 0; i < ARRAY_LEN(qs); i++) {
        double true_ns = (double)v[hist_rank(N_SAMPLES, qs[i]) - 1];
        worst = fmax(worst, fabs(hist_quantile(h, qs[i]) - true_ns) / fmax(true_ns, 1));
    }
    if (!proof_figure(x, "worst error", "share", worst, 0, 0.001))
        proof_note(x, PROOF_BROKEN, "a quantile is off by more than 0.1 %% of the sorted samples");
    return 0;
}

/* Best of several batches: what the code costs, whatever else the machine does. */
static double best_cost_ns(Hist *h, const uint64_t *v, ptrdiff_t n)
{
    double best = (double)INFINITY;
    for (int batch = 0; batch < 50; batch++) {
        uint64_t from = clock_mono_ns();
        for (ptrdiff_t i = 0; i < n; i++)
            hist_record(h, v[i]);
        best = fmin(best, (double)(clock_mono_ns() - from) / (double)n);
    }
    return best;
}

static int prove_record_cost(ProofCtx *x, const Proof *self UNUSED, Err *err)
{
    static uint64_t v[4096];
    CLEANUP(hist_freep) Hist *h = NULL;
    TRY(hist_new(&h, err));
    Rng rng = rng_new(x->seed, "histogram", 1);
    for (ptrdiff_t i = 0; i < ARRAY_LEN(v); i++)
        v[i] = draw_time(&rng);
    double cost = best_cost_ns(h, v, ARRAY_LEN(v));
    if (!proof_figure(x, "cost of recording", "ns", cost, 0, 50))
        proof_note(x, PROOF_BROKEN, "recording one time costs %.0f ns", cost);
    return 0;
}

/* Read the clock on one core after the other; counts steps back. */
static ptrdiff_t hop_cores(const cpu_set_t *allowed, ptrdiff_t *ret_cores)
{
    ptrdiff_t back = 0;
    uint64_t last = clock_mono_ns();
    *ret_cores = 0;
    for (int hop = 0; hop < 20; hop++) {
        for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
            cpu_set_t one;
            CPU_ZERO(&one);
            CPU_SET(cpu, &one);
            if (!CPU_ISSET(cpu, allowed) || sched_setaffinity(0, sizeof one, &one) < 0)
                continue;
            *ret_cores += hop == 0;
            for (int i = 0; i < 1000; i++) {
                uint64_t now = clock_mono_ns();
                back += now < last;
                last = now;
            }
        }
    }
    sched_setaffinity(0, sizeof *allowed, allowed);
    return back;
}

static int prove_clock(ProofCtx *x, const Proof *self UNUSED, Err *err)
{
    cpu_set_t allowed;
    ptrdiff_t cores;
    if (sched_getaffinity(0, sizeof allowed, &allowed) < 0)
        return err_errno(err, -errno, "ask for the allowed cores");
    ptrdiff_t back = hop_cores(&allowed, &cores);
    double resolution = (double)clock_resolution_ns(), cost = (double)INFINITY;
    for (int batch = 0; batch < 20; batch++) {
        uint64_t from = clock_mono_ns();
        for (int i = 0; i < 1000; i++)
            (void)clock_mono_ns();
        cost = fmin(cost, (double)(clock_mono_ns() - from) / 1000);
    }
    proof_figure(x, "cores looked at", "count", (double)cores, 1, (double)NAN);
    if (!proof_figure(x, "steps back", "count", (double)back, 0, 0))
        proof_note(x, PROOF_BROKEN, "the monotonic clock ran backwards between cores");
    if (!proof_figure(x, "resolution", "ns", resolution, 0, 1000))
        proof_note(x, PROOF_BROKEN,
                   "the clock is too coarse for microseconds: see "
                   "/sys/devices/system/clocksource");
    if (!proof_figure(x, "cost of a reading", "ns", cost, 0, 1000))
        proof_note(x, PROOF_BROKEN,
                   "reading the clock costs a system call: see "
                   "/sys/devices/system/clocksource");
    return 0;
}

const Proof proofs_basics[] = {
    { "clock", "the clock never runs back, on no core, and tells microseconds apart",
      .run = prove_clock },
    { "histogram/quantiles", "quantiles are within 0.1 % of those of the sorted samples",
      .run = prove_quantiles },
    { "histogram/cost", "recording a time costs less than 50 ns", .run = prove_record_cost },
    { NULL },
};
