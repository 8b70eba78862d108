#include "stats/boot.h"

#include <errno.h>

#include "stats/quantile.h"
#include "tap.h"

static const double a[] = { 10.1, 10.4, 9.8, 10.9, 11.2, 10.0, 10.3, 12.5, 9.9, 10.6, 10.2, 10.7 };
static const double b[] = { 11.0, 11.4, 10.8, 12.1, 11.9, 11.2, 13.9, 11.1, 11.6, 10.9 };

/* scipy.stats.bootstrap 1.17.1 with 400 000 resamples on the same data. */
static void test_scipy(void)
{
    Rng r = rng_new(16, "boot", 0);
    BootInterval i;
    Err err;
    CHECK_INT(boot_ratio(a, 12, b, 10, BOOT_MEAN, .95, 100000, &r, &i, &err), 0, "means");
    CHECK_NEAR(i.estimate, 1.0985781990521326, 1e-14, "ratio of means");
    CHECK_NEAR(i.percentile_low, 1.03645, 1e-3, "percentile, low");
    CHECK_NEAR(i.percentile_high, 1.16853, 1e-3, "percentile, high");
    CHECK_NEAR(i.bca_low, 1.04006, 1e-3, "BCa, low");
    CHECK_NEAR(i.bca_high, 1.17383, 1e-3, "BCa, high");
    CHECK(i.bca_exists, "BCa exists");
    CHECK_INT(boot_ratio(a, 12, b, 10, BOOT_MEDIAN, .95, 100000, &r, &i, &err), 0, "medians");
    CHECK_NEAR(i.estimate, 1.0917874396135265, 1e-14, "ratio of medians");
    CHECK_NEAR(i.percentile_low, 1.03670, 2e-3, "percentile, low");
    CHECK_NEAR(i.percentile_high, 1.16098, 2e-3, "percentile, high");
    CHECK_NEAR(i.bca_low, 1.03286, 2e-3, "BCa, low");
    CHECK_NEAR(i.bca_high, 1.15942, 2e-3, "BCa, high");
    CHECK_INT(boot_paired_median(a, 12, .95, 100000, &r, &i, &err), 0, "one sample");
    CHECK_NEAR(i.estimate, 10.35, 1e-14, "its median");
    CHECK_NEAR(i.percentile_low, 10.05, 1e-12, "percentile, low");
    CHECK_NEAR(i.percentile_high, 10.8, 1e-12, "percentile, high");
    CHECK_NEAR(i.bca_low, 10.05, 1e-12, "BCa, low");
    CHECK_NEAR(i.bca_high, 10.8, 1e-12, "BCa, high");
}

static void test_repeats(void)
{
    BootInterval i, k;
    Rng r = rng_new(17, "repeat", 0), s = r;
    int bad = boot_ratio(a, 12, b, 10, BOOT_MEDIAN, .9, 500, &r, &i, NULL) |
              boot_ratio(a, 12, b, 10, BOOT_MEDIAN, .9, 500, &s, &k, NULL);
    CHECK(bad == 0 && memcmp(&i, &k, sizeof i) == 0, "same seed, same interval");
    bad = boot_ratio(a, 12, b, 10, BOOT_MEDIAN, .9, 500, &r, &k, NULL);
    CHECK(bad == 0 && memcmp(&i, &k, sizeof i) != 0, "the stream goes on");
}

static void test_edges(void)
{
    static const double same[] = { 2, 2, 2 }, zero[] = { 1, 0 }, neg[] = { -1, 1 };
    BootInterval i = { .estimate = 42 };
    Rng r = rng_new(18, "edges", 0);
    Err err = { 0 };
    CHECK_INT(boot_ratio(same, 3, same, 3, BOOT_MEAN, .95, 200, &r, &i, &err), 0, "constant");
    CHECK(i.estimate == 1 && i.percentile_low == 1 && i.bca_high == 1 && !i.bca_exists, "is 1");
    CHECK_INT(boot_ratio(same, 1, same, 1, BOOT_MEDIAN, .95, 200, &r, &i, &err), 0, "one each");
    CHECK_INT(boot_ratio(zero, 2, same, 3, BOOT_MEAN, .95, 200, &r, &i, &err), -EINVAL, "%s",
              err.msg);
    CHECK_INT(boot_ratio(same, 0, same, 3, BOOT_MEAN, .95, 200, &r, &i, &err), -EINVAL, "empty");
    CHECK_INT(boot_ratio(same, 3, same, 3, BOOT_MEAN, 1, 200, &r, &i, &err), -EINVAL, "level");
    CHECK_INT(boot_ratio(same, 3, same, 3, BOOT_MEAN, .9, 10, &r, &i, &err), -EINVAL, "ten");
    CHECK_INT(boot_paired_median(neg, 2, .9, 200, &r, &i, &err), 0, "logs may be negative");
}

/* Known coverage of 95 % intervals at n = 25: near nominal for medians, somewhat short for means of
 * skewed laws. */
static void test_coverage(void)
{
    enum { REPS = 600, N = 25 };
    Rng r = rng_new(19, "coverage", 0);
    int hit_mean = 0, hit_bca = 0, hit_paired = 0;
    for (int rep = 0; rep < REPS; rep++) {
        double x[N], y[N], log_ratio[N];
        BootInterval i;
        for (int k = 0; k < N; k++) {
            x[k] = exp(.3 * rng_normal(&r));
            y[k] = 1.2 * exp(.3 * rng_normal(&r));
            log_ratio[k] = .1 + rng_normal(&r);
        }
        if (boot_ratio(x, N, y, N, BOOT_MEAN, .95, 400, &r, &i, NULL) < 0)
            abort();
        hit_mean += i.percentile_low <= 1.2 && 1.2 <= i.percentile_high;
        hit_bca += i.bca_low <= 1.2 && 1.2 <= i.bca_high;
        if (boot_paired_median(log_ratio, N, .95, 400, &r, &i, NULL) < 0)
            abort();
        hit_paired += i.percentile_low <= .1 && .1 <= i.percentile_high;
    }
    double se4 = 4 * sqrt(.05 * .95 / REPS);
    CHECK_NEAR((double)hit_mean / REPS, .935, se4, "percentile, means");
    CHECK_NEAR((double)hit_bca / REPS, .935, se4, "BCa, means");
    CHECK_NEAR((double)hit_paired / REPS, .945, se4, "percentile, paired median");
}

int main(void)
{
    test_scipy();
    test_repeats();
    test_edges();
    test_coverage();
    return tap_done();
}
