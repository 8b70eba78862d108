#include "stats/summary.h"

#include "base/rng.h"
#include "tap.h"

static Summary sum_of(const double *x, ptrdiff_t n)
{
    Summary s;
    Err err;
    if (summarise(x, n, &s, &err) < 0)
        abort();
    return s;
}

static void test_known(void)
{
    /* numpy 2.4: mean, std(ddof=1), quantile (linear), and lag 1 by its definition. */
    static const double x[] = { 12, 7, 3, 4, 5, 18, 2, 8, 9, 100 };
    Summary s = sum_of(x, 10);
    CHECK_NEAR(s.mean, 16.8, 1e-13, "mean");
    CHECK_NEAR(s.stddev, 29.615311355220747, 1e-12, "stddev");
    CHECK(s.min == 2 && s.max == 100 && s.n == 10, "ends");
    CHECK_NEAR(s.p50, 7.5, 1e-13, "p50");
    CHECK_NEAR(s.p90, 26.2, 1e-12, "p90");
    CHECK_NEAR(s.p95, 63.1, 1e-12, "p95");
    CHECK_NEAR(s.p99, 92.62, 1e-12, "p99");
    CHECK_NEAR(s.p999, 99.262, 1e-12, "p999");
    CHECK_NEAR(s.mad, 4, 1e-13, "MAD");
    CHECK_NEAR(s.lag1, 0.0035421100638491983, 1e-12, "lag 1");
    CHECK(s.n_severe_high == 1 && s.n_mild_high == 0 && s.n_mild_low == 0, "100 is severe");
    CHECK(!s.first_is_outlier && s.modes == 0, "nothing else to say about ten");
}

static void test_edges(void)
{
    static const double one[] = { 5 }, nans[] = { (double)NAN, 1, (double)NAN, 3 },
                        huge[] = { 1e308, 1.2e308 };
    Summary s = sum_of(one, 0);
    CHECK(s.n == 0 && isnan(s.mean) && isnan(s.p99) && isnan(s.min) && isnan(s.lag1), "none");
    s = sum_of(one, 1);
    CHECK(s.mean == 5 && isnan(s.stddev) && s.p999 == 5 && s.mad == 0, "one");
    s = sum_of(nans, 4);
    CHECK(s.n == 2 && s.n_missing == 2 && s.mean == 2 && s.p50 == 2, "NaN left out, counted");
    s = sum_of(huge, 2);
    CHECK_NEAR(s.mean, 1.1e308, 1e294, "the mean of huge values does not overflow");
    static const double near[] = { 1e9 + 1, 1e9 + 2, 1e9 + 3 };
    CHECK_NEAR(sum_of(near, 3).stddev, 1, 1e-12, "small spread on a big offset");
}

static void test_first(void)
{
    double x[12] = { 30, 10, 11, 10.5, 10.2, 9.9, 10.1, 10.3, 10.8, 10.6, 10.4, 10.7 };
    CHECK(sum_of(x, 12).first_is_outlier, "a cold first run");
    x[0] = 10.9;
    x[5] = 30;
    Summary s = sum_of(x, 12);
    CHECK(!s.first_is_outlier && s.n_severe_high == 1, "an outlier elsewhere is not the first");
    x[0] = 30;
    CHECK(!sum_of(x, 5).first_is_outlier, "four others are too few to say");
    double same[] = { 1, 1, 1, 1, 1, 1, 1 };
    s = sum_of(same, 7);
    CHECK(!s.first_is_outlier && s.n_mild_low + s.n_mild_high == 0 && isnan(s.lag1), "constant");
}

static void test_lag(void)
{
    static double x[4000];
    Rng r = rng_new(9, "lag", 0);
    for (int i = 0; i < 4000; i++)
        x[i] = rng_normal(&r) + (i ? 0.6 * x[i - 1] : 0);
    CHECK_NEAR(sum_of(x, 4000).lag1, 0.6, 0.05, "AR(1) with 0.6");
    for (int i = 0; i < 4000; i++)
        x[i] = i % 2;
    CHECK_NEAR(sum_of(x, 4000).lag1, -1, 1e-3, "alternating");
}

static int count_two(int law, ptrdiff_t n)
{
    double x[100];
    int hints = 0;
    Rng r = rng_new(10, "modes", (uint64_t)law);
    for (int rep = 0; rep < 500; rep++) {
        for (ptrdiff_t i = 0; i < n; i++) {
            double z = rng_normal(&r);
            x[i] = law == 0 ? z : law == 1 ? exp(z) : z + (rng_f64(&r) < (law == 2 ? .5 : .25)) * 8;
        }
        hints += sum_of(x, n).modes == 2;
    }
    return hints;
}

static void test_modes(void)
{
    CHECK(count_two(0, 20) <= 10, "normal, n = 20: hardly ever");
    CHECK(count_two(0, 100) <= 1, "normal, n = 100: never");
    CHECK(count_two(1, 100) <= 5, "log-normal: a long tail is no second mode");
    CHECK(count_two(2, 30) >= 475, "two halves 8 sigma apart");
    CHECK(count_two(3, 100) >= 425, "a quarter of the samples elsewhere");
    double with_outlier[30];
    for (int i = 0; i < 30; i++)
        with_outlier[i] = i == 7 ? 1e6 : i % 5;
    CHECK_INT(sum_of(with_outlier, 30).modes, 1, "one outlier is no mode");
}

int main(void)
{
    test_known();
    test_edges();
    test_first();
    test_lag();
    test_modes();
    return tap_done();
}
