#include "stats/quantile.h"

#include "base/rng.h"
#include "stats/special.h"
#include "tap.h"

static void test_types(void)
{
    /* R 4: quantile(c(15, 20, 35, 40, 50), q, type = t); the worked example of Hyndman & Fan's
     * types on Wikipedia ("Percentile"). */
    static const double x[] = { 15, 20, 35, 40, 50 };
    static const struct {
        double q, t1, t7;
    } t[] = {
        { 0, 15, 15 },  { .05, 15, 16 }, { .3, 20, 23 },      { .4, 20, 29 },
        { .5, 35, 35 }, { .8, 40, 42 },  { .999, 50, 49.96 }, { 1, 50, 50 },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(t); i++) {
        CHECK_NEAR(quantile_type1(x, 5, t[i].q), t[i].t1, 0, "type 1 at %g", t[i].q);
        CHECK_NEAR(quantile_type7(x, 5, t[i].q), t[i].t7, 1e-12, "type 7 at %g", t[i].q);
    }
    CHECK(isnan(quantile_type7(NULL, 0, .5)) && isnan(quantile_type1(NULL, 0, .5)), "empty");
    CHECK(quantile_type7(x, 1, .7) == 15, "one value is every quantile");
    static const double inf[] = { 1, HUGE_VAL, HUGE_VAL };
    CHECK(quantile_type7(inf, 3, .9) == HUGE_VAL, "between infinities");
}

static void test_sort(void)
{
    double x[] = { 3, (double)NAN, -1, HUGE_VAL, 2, (double)NAN };
    sort_doubles(x, 6);
    CHECK(x[0] == -1 && x[1] == 2 && x[2] == 3 && isinf(x[3]), "rising");
    CHECK_INT(count_numbers(x, 6), 4, "NaN last");
}

static double mad_by_definition(const double *sorted, ptrdiff_t n)
{
    double d[64], m = median_sorted(sorted, n);
    for (ptrdiff_t i = 0; i < n; i++)
        d[i] = fabs(sorted[i] - m);
    sort_doubles(d, n);
    return median_sorted(d, n);
}

static void test_mad(void)
{
    static const double x[] = { 1, 1, 2, 2, 4, 6, 9 };
    CHECK_NEAR(median_sorted(x, 7), 2, 0, "median");
    CHECK_NEAR(mad_sorted(x, 7), 1, 0, "the textbook example");
    CHECK_NEAR(median_sorted(x, 6), 2, 0, "even");
    CHECK(isnan(mad_sorted(x, 0)) && mad_sorted(x, 1) == 0, "none and one");
    Rng r = rng_new(1, "mad", 0);
    double worst = 0, y[64];
    for (int rep = 0; rep < 500; rep++) {
        ptrdiff_t n = 1 + (ptrdiff_t)rng_below(&r, 64);
        for (ptrdiff_t i = 0; i < n; i++)
            y[i] = rep % 2 ? rng_normal(&r) : (double)rng_below(&r, 6);
        sort_doubles(y, n);
        worst = fmax(worst, fabs(mad_sorted(y, n) - mad_by_definition(y, n)));
    }
    CHECK(worst < 1e-15, "equals the definition (worst %g)", worst);
}

static void test_median_ranks(void)
{
    /* Ranks for the median at 95 %, as tabulated with the sign test in textbooks (Conover, table
     * A3; Hollander & Wolfe); coverage from scipy 1.17.1 binom.cdf. */
    static const struct {
        int64_t n, lo, hi;
        double coverage;
    } t[] = {
        { 5, 0, 6, 1 },
        { 6, 1, 6, 1 - 2. / 64 },
        { 8, 1, 8, 1 - 2. / 256 },
        { 9, 2, 8, 1 - 20. / 512 },
        { 10, 2, 9, 0.978515625 },
        { 15, 4, 12, 0.96484375 },
        { 20, 6, 15, 0.9586105347 },
        { 30, 10, 21, 0.9572260547 },
        { 50, 18, 33, 0.9671608624 },
        { 100, 40, 61, 0.9647997998 },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(t); i++) {
        RankInterval r = quantile_rank_interval(t[i].n, .5, .95);
        CHECK(r.lo == t[i].lo && r.hi == t[i].hi, "n = %lld: ranks %lld to %lld", (long long)t[i].n,
              (long long)r.lo, (long long)r.hi);
        CHECK_NEAR(r.coverage, t[i].coverage, 1e-10, "n = %lld: coverage", (long long)t[i].n);
    }
    RankInterval exact = quantile_rank_interval(6, .5, 1 - 1. / 32);
    CHECK(exact.lo == 1 && exact.hi == 6, "a level that is met exactly is met");
}

/* The interval is right when each tail is within its share and one rank closer is not. */
static void test_ranks_tight(void)
{
    bool within = true, tight = true;
    for (int64_t n = 1; n <= 400; n += 7) {
        for (double q = 0.01; q < 1; q += 0.07) {
            RankInterval r = quantile_rank_interval(n, q, .9);
            double slack = 1e-9;
            within &= (r.lo == 0 || binom_cdf(r.lo - 1, n, q) <= .05 + slack) &&
                      (r.hi == n + 1 || binom_sf(r.hi - 1, n, q) <= .05 + slack);
            tight &= binom_cdf(r.lo, n, q) > .05 - slack &&
                     (r.hi <= 1 || binom_sf(r.hi - 2, n, q) > .05 - slack);
        }
    }
    CHECK(within, "each tail within its share");
    CHECK(tight, "and as close as it can be");
    RankInterval z = quantile_rank_interval(0, .5, .95);
    CHECK(z.lo == 0 && z.hi == 1, "no values, no bounds");
    RankInterval big = quantile_rank_interval(100000000, .999, .95);
    CHECK(big.lo > 99899000 && big.hi < 99901000, "a hundred million values");
}

static void test_hist_interval(void)
{
    CLEANUP(hist_freep) Hist *h = NULL;
    Err err;
    if (hist_new(&h, &err) < 0)
        abort();
    static double x[2000];
    Rng r = rng_new(4, "ci", 0);
    for (int i = 0; i < 2000; i++) {
        x[i] = floor(1e6 * rng_exp(&r));
        hist_record(h, (uint64_t)x[i]);
    }
    sort_doubles(x, 2000);
    for (double q = .5; q < 1; q += .125) {
        Interval a = quantile_interval(x, 2000, q, .95), b = hist_quantile_interval(h, q, .95);
        CHECK(b.low <= a.low && b.high >= a.high, "q = %g: bins only widen", q);
        CHECK(b.low >= a.low * .999 && b.high <= a.high * 1.001, "q = %g: by 0.1 %% at most", q);
    }
    Interval top = hist_quantile_interval(h, .9999, .95);
    CHECK(isinf(top.high) && top.low < x[1999], "too few values for p99.99: no upper end");
}

static void test_coverage(void)
{
    enum { REPS = 20000, N = 40 };
    Rng r = rng_new(5, "coverage", 0);
    int hit = 0;
    double x[N], true_p90 = -log(.1), nominal = 0;
    for (int rep = 0; rep < REPS; rep++) {
        for (int i = 0; i < N; i++)
            x[i] = rng_exp(&r);
        sort_doubles(x, N);
        Interval ci = quantile_interval(x, N, .9, .9);
        hit += ci.low <= true_p90 && true_p90 <= ci.high;
        nominal = ci.coverage;
    }
    CHECK_NEAR((double)hit / REPS, nominal, .008, "p90 of 40: covers what it says, %.4f", nominal);
}

int main(void)
{
    test_types();
    test_sort();
    test_mad();
    test_median_ranks();
    test_ranks_tight();
    test_hist_interval();
    test_coverage();
    return tap_done();
}
