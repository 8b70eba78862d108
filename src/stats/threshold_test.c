#include "stats/threshold.h"

#include <errno.h>

#include "base/rng.h"
#include "tap.h"

static Bounds bounds(Threshold rule, const double *x, ptrdiff_t n)
{
    Bounds b = { 0 };
    Err err = { 0 };
    int r = threshold_bounds(&rule, x, NULL, n, &b, &err);
    if (r != 0)
        CHECK(false, "%s: %d %s", threshold_name(rule.model), r, err.msg);
    return b;
}

/* 25 values with mean 100 and standard deviation 10. */
static void put_moments(double x[25])
{
    for (int i = 0; i < 25; i++)
        x[i] = i < 12 ? -1 : i < 24 ? 1 : 0;
    for (int i = 0; i < 25; i++)
        x[i] = 100 + 10 * x[i]; /* 24 deviations of 10, divisor 24 */
}

/* The cases whose results are known. */
static void test_known(void)
{
    double x[25];
    put_moments(x);
    Bounds b = bounds((Threshold){ THRESHOLD_Z, .977, .977 }, x, 25);
    CHECK_NEAR(b.low, 80.05, 0.005, "z: 0.977 of mean 100, sd 10: lower");
    CHECK_NEAR(b.high, 119.95, 0.005, "z: upper");
    CHECK(fabs(b.centre - 100) < 1e-9 && b.n == 25, "around the mean of 25");
    b = bounds((Threshold){ THRESHOLD_T, .977, .977 }, x, 25);
    CHECK_NEAR(b.low, 78.54, 0.005, "t prediction, n = 25: lower");
    CHECK_NEAR(b.high, 121.46, 0.005, "t prediction: upper");
    static const double iqr10[] = { 80, 95, 100, 105, 120 };
    b = bounds((Threshold){ THRESHOLD_IQR, 2, 2 }, iqr10, 5);
    CHECK_NEAR(b.low, 80, 1e-9, "IQR 10, k = 2: lower");
    CHECK_NEAR(b.high, 120, 1e-9, "IQR 10, k = 2: upper");
    /* Relative changes -0.1, +0.1 in turn: their IQR is 0.2. */
    static const double swing[] = { 100, 90, 99, 89.1, 98.01, 88.209, 97.0299, 87.32691 };
    b = bounds((Threshold){ THRESHOLD_DELTA_IQR, 2, 2 }, swing, 8);
    CHECK_NEAR((b.high - b.centre) / b.centre, 0.4, 1e-9, "delta-IQR 0.2, k = 2: 40 %% above");
    CHECK_NEAR(b.low / b.centre, 0.6, 1e-9, "40 %% below");
    b = bounds((Threshold){ THRESHOLD_STATIC, 3, 5 }, NULL, 0);
    CHECK(b.low == 3 && b.high == 5, "static: as given, without history");
    b = bounds((Threshold){ THRESHOLD_PERCENTAGE, .1, .2 }, x, 25);
    CHECK_NEAR(b.low, 90, 1e-9, "percentage: 10 %% below the mean");
    CHECK_NEAR(b.high, 120, 1e-9, "20 %% above");
}

static void test_others(void)
{
    static const double dev[] = { 100, 101, 99, 102, 98, 1000 };
    Bounds b = bounds((Threshold){ THRESHOLD_MAD, 3, 3 }, dev, 6);
    CHECK_NEAR(b.high, 100.5 + 3 * 1.482602218505602 * 1.5, 1e-9, "MAD shrugs at an outlier");
    /* ln: 0, 1, 2: mean 1, sd 1; t(0.975, 2) = 4.302653 */
    const double logs[] = { 1, exp(1), exp(2) };
    b = bounds((Threshold){ THRESHOLD_LOG_NORMAL, .975, .975 }, logs, 3);
    CHECK_NEAR(log(b.high), 1 + 4.302652730 * sqrt(4.0 / 3), 1e-6, "log-normal: upper");
    CHECK_NEAR(log(b.low), 1 - 4.302652730 * sqrt(4.0 / 3), 1e-6, "log-normal: lower");
    CHECK_NEAR(b.centre, exp(1), 1e-9, "log-normal: around the geometric mean");
    /* Changes +1 %, -1 % …: Q1 and Q3 at the two of them. */
    double saw[41];
    saw[0] = 100;
    for (int i = 1; i < 41; i++)
        saw[i] = saw[i - 1] * (i % 2 ? 1.01 : 0.99);
    b = bounds((Threshold){ .model = THRESHOLD_CHANGES }, saw, 41);
    CHECK_NEAR(b.high / saw[40] - 1, 0.01 + 3 * 0.02, 1e-9, "Q3 + 3 IQR of the changes");
    CHECK_NEAR(b.low / saw[40] - 1, -0.01 - 3 * 0.02, 1e-9, "Q1 - 3 IQR");
    CHECK_INT(b.n, 31, "of the last 30 changes");
    double x[20], t[20];
    for (int i = 0; i < 20; i++) {
        t[i] = i;
        x[i] = i < 13 ? 5 : i % 2 ? 11 : 9;
    }
    Err err = { 0 };
    Threshold sigma = { THRESHOLD_SIGMA, 3, 3 };
    CHECK_INT(threshold_bounds(&sigma, x, t, 20, &b, &err), 0, "sigma over seven days");
    CHECK_INT(b.n, 7, "takes seven values");
    CHECK_NEAR(b.centre, 71.0 / 7, 1e-9, "whose mean it is around");
    CHECK_NEAR(b.high, 71.0 / 7 + 3 * sqrt(8.0 / 7), 1e-6, "3 standard deviations above");
    b = bounds((Threshold){ THRESHOLD_SIGMA, 3, 3, .window = 4 }, x, 20);
    CHECK_INT(b.n, 4, "or the newest few");
}

static void test_edges(void)
{
    static const double one[] = { 5 }, zero[] = { 0, 0, 0, 0, 0 }, neg[] = { -100, -90, -110 };
    double gaps[] = { 100, (double)NAN, 100, HUGE_VAL };
    Bounds b = { 0 };
    Err err = { 0 };
    for (int m = THRESHOLD_Z; m < N_THRESHOLDS; m++) {
        Threshold rule = { (ThresholdModel)m, .9, .9 };
        CHECK_INT(threshold_bounds(&rule, one, NULL, 1, &b, &err), THRESHOLD_TOO_FEW,
                  "%s: one value is too few", threshold_name(rule.model));
        CHECK(isinf(b.low) && isinf(b.high), "and bounds nothing");
    }
    Threshold rule = { THRESHOLD_DELTA_IQR, 2, 2 };
    CHECK_INT(threshold_bounds(&rule, zero, NULL, 5, &b, &err), THRESHOLD_TOO_FEW, "only zeros");
    rule.model = THRESHOLD_LOG_NORMAL;
    rule.low = rule.high = .9;
    CHECK_INT(threshold_bounds(&rule, zero, NULL, 5, &b, &err), THRESHOLD_TOO_FEW, "no logarithm");
    b = bounds((Threshold){ THRESHOLD_PERCENTAGE, .1, .1 }, neg, 3);
    CHECK(fabs(b.low + 110) < 1e-9 && fabs(b.high + 90) < 1e-9, "negative means keep their sides");
    b = bounds((Threshold){ THRESHOLD_PERCENTAGE, .1, (double)NAN }, gaps, 4);
    CHECK(b.n == 2 && b.low == 90 && isinf(b.high), "gaps are left out; one side only");
    rule = (Threshold){ THRESHOLD_Z, .9, .9, .min_values = 4 };
    CHECK_INT(threshold_bounds(&rule, gaps, NULL, 4, &b, &err), THRESHOLD_TOO_FEW, "wanted more");
    static const Threshold bad[] = { { THRESHOLD_Z, .4, .9 },
                                     { THRESHOLD_T, .9, 1 },
                                     { THRESHOLD_IQR, -1, 1 },
                                     { THRESHOLD_STATIC, 5, 3 },
                                     { THRESHOLD_SIGMA, 3, 3, .window = -1 } };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(bad); i++)
        CHECK_INT(threshold_bounds(&bad[i], one, NULL, 1, &b, &err), -EINVAL, "refused: %s",
                  err.msg);
    for (int m = 0; m < N_THRESHOLDS; m++) {
        ThresholdModel back = N_THRESHOLDS;
        CHECK(threshold_parse(threshold_name((ThresholdModel)m), &back) == 0 && (int)back == m,
              "%s reads back", threshold_name((ThresholdModel)m));
    }
    ThresholdModel none;
    CHECK_INT(threshold_parse("zz", &none), -EINVAL, "no such model");
}

/* The prediction interval keeps its word at any n; z does not when n is small. */
static void test_coverage(void)
{
    Rng r = rng_new(6, "coverage", 0);
    static const int sizes[] = { 3, 8, 25 };
    for (ptrdiff_t s = 0; s < ARRAY_LEN(sizes); s++) {
        int inside = 0, reps = 4000;
        for (int rep = 0; rep < reps; rep++) {
            double x[25];
            for (int i = 0; i < sizes[s]; i++)
                x[i] = rng_normal(&r);
            Bounds b = bounds((Threshold){ THRESHOLD_T, .975, .975 }, x, sizes[s]);
            double next = rng_normal(&r);
            inside += next >= b.low && next <= b.high;
        }
        CHECK_NEAR((double)inside / reps, 0.95, 0.012, "t, n = %d: 95 %% of next values", sizes[s]);
    }
}

int main(void)
{
    test_known();
    test_others();
    test_edges();
    test_coverage();
    return tap_done();
}
