/* Memory that grows, that fills up, that goes up and down, and that only scatters. */
#include "probe/leak.h"

#include <math.h>

#include "base/rng.h"
#include "tap.h"

enum { N = 300 }; /* 30 s at 10 Hz */
#define MIB (1024.0 * 1024.0)

typedef double Law(double t, Rng *rng);

static double steady(double t, Rng *rng)
{
    return 100 * MIB + 0 * t + 4096 * (double)rng_below(rng, 20);
}

static double leaking(double t, Rng *rng)
{
    return steady(t, rng) + 0.5 * MIB * t;
}

/* Collected each 1.7 s: between 100 and 160 MiB, and nothing stays. */
static double collected(double t, Rng *rng)
{
    return steady(t, rng) + 60 * MIB * fmod(t, 1.7) / 1.7;
}

static double collected_leaking(double t, Rng *rng)
{
    return collected(t, rng) + 0.5 * MIB * t;
}

/* A cache that fills within some 5 s. */
static double filling(double t, Rng *rng)
{
    return steady(t, rng) + 80 * MIB * (1 - exp(-t / 5));
}

static double shrinking(double t, Rng *rng)
{
    return steady(t, rng) - 0.5 * MIB * t;
}

static double tiny(double t, Rng *rng)
{
    return 100 * MIB + 0 * (double)rng_below(rng, 2) + 20e3 * t;
}

static Leak of_law(Law *law, ptrdiff_t n, uint64_t seed)
{
    double t[N], v[N];
    Rng rng = rng_new(seed, "leak", 0);
    for (ptrdiff_t i = 0; i < n; i++) {
        t[i] = 30.0 * (double)i / (double)n;
        v[i] = law(t[i], &rng);
    }
    return leak_of(t, v, n, 30);
}

static void test_laws(void)
{
    static const struct {
        Law *law;
        bool leaks;
        const char *why;
    } rows[] = { { steady, false, "steady" },
                 { leaking, true, "half a MiB each second" },
                 { collected, false, "garbage that is collected" },
                 { collected_leaking, true, "garbage, and a leak below it" },
                 { filling, false, "a cache that fills" },
                 { shrinking, false, "shrinking" },
                 { tiny, false, "less than 1 MiB in all" } };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++) {
        int found = 0;
        for (uint64_t seed = 1; seed <= 50; seed++)
            found += of_law(rows[i].law, N, seed).leaks;
        CHECK_INT(found, rows[i].leaks ? 50 : 0, "%s: found in %d of 50", rows[i].why, found);
    }
}

static void test_slope(void)
{
    Leak l = of_law(leaking, N, 7);
    CHECK_NEAR(l.per_s / MIB, 0.5, 0.01, "the slope is the law's");
    CHECK(l.low <= 0.5 * MIB * 1.01 && l.high >= 0.5 * MIB * 0.99 && l.low < l.high,
          "and lies in the interval: %g to %g", l.low, l.high);
    CHECK_NEAR(l.grown_bytes / l.watched_s / MIB, 0.5, 0.02, "as does what it grew by");
}

static void test_little(void)
{
    double t[] = { 1, 2, 3 }, v[] = { 1, 2, 3 };
    CHECK(!leak_of(t, v, 3, 30).known, "too few samples");
    CHECK(!of_law(leaking, LEAK_SAMPLES_MIN, 1).known, "and when a fifth of them is left out");
    CHECK(!leak_of(t, v, 0, 0).known, "nothing");
    double gap_t[N], gap_v[N];
    for (int i = 0; i < N; i++) {
        gap_t[i] = 30.0 * i / N;
        gap_v[i] = i > N / 2 ? (double)NAN : 1e6 * i; /* the target ended half-way */
    }
    CHECK(!leak_of(gap_t, gap_v, N, 30).known, "a target that was not there all along");
}

int main(void)
{
    test_laws();
    test_slope();
    test_little();
    return tap_done();
}
