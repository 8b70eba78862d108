/* What recording a latency costs: hist_record beside the increment of a plain array, which is the
 * least that any histogram must do. Prints ns per record; as a check, only their ratio is held, and
 * loosely, since machines are shared. */
#include <inttypes.h>

#include "base/clock.h"
#include "base/rng.h"
#include "stats/hist.h"
#include "tap.h"

enum { N_VALUES = 1 << 14, PASSES = 64, ROUNDS = 15, RATIO_MAX = 15 };

static uint64_t values[N_VALUES];
static uint32_t bins[N_VALUES];

/* Latencies around 100 us with a long tail; the plain array is hit at the same bins. */
static void draw(const Hist *h)
{
    Rng r = rng_new(1, "latencies", 0);
    for (int i = 0; i < N_VALUES; i++) {
        values[i] = (uint64_t)(1e5 * exp(0.5 * rng_normal(&r)));
        bins[i] = (uint32_t)hist_index(h, values[i]);
    }
}

static uint64_t time_plain(uint64_t *counts)
{
    uint64_t start = clock_mono_ns();
    for (int pass = 0; pass < PASSES; pass++) {
        for (int i = 0; i < N_VALUES; i++)
            counts[bins[i]]++;
        __asm__ volatile("" ::: "memory");
    }
    return clock_mono_ns() - start;
}

static uint64_t time_hist(Hist *h)
{
    uint64_t start = clock_mono_ns();
    for (int pass = 0; pass < PASSES; pass++) {
        for (int i = 0; i < N_VALUES; i++)
            hist_record(h, values[i]);
        __asm__ volatile("" ::: "memory");
    }
    return clock_mono_ns() - start;
}

int main(void)
{
    CLEANUP(hist_freep) Hist *h = NULL;
    Err err = { 0 };
    if (hist_new(&h, &err) < 0)
        TAP_SKIP_ALL("%s", err.msg);
    uint64_t *counts = calloc((size_t)h->n_bins, sizeof *counts);
    if (!counts)
        TAP_SKIP_ALL("out of memory");
    draw(h);
    /* The best of alternating rounds: what else runs on the machine only ever adds. */
    uint64_t plain = UINT64_MAX, hist = UINT64_MAX;
    for (int i = 0; i < ROUNDS; i++) {
        plain = MIN(plain, time_plain(counts));
        hist = MIN(hist, time_hist(h));
    }
    double n = (double)N_VALUES * PASSES, ratio = (double)hist / (double)plain;
    printf("# plain increment %.2f ns, hist_record %.2f ns, ratio %.1f\n", (double)plain / n,
           (double)hist / n, ratio);
    CHECK(h->n == (uint64_t)N_VALUES * PASSES * ROUNDS, "all %" PRIu64 " recorded", h->n);
    CHECK(ratio < RATIO_MAX, "within %d times a plain increment", RATIO_MAX);
    free(counts);
    return tap_done();
}
