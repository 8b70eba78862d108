#include "stats/trend.h"

#include <errno.h>

#include "base/rng.h"
#include "tap.h"

static Trend find(const double *y, const double *t, ptrdiff_t n)
{
    Trend r = { 0 };
    Err err = { 0 };
    if (trend_find(y, t, n, 0.95, &r, &err) < 0)
        CHECK(false, "%s", err.msg);
    return r;
}

static void test_exact(void)
{
    /* Sen's own example (1968). */
    static const double y[] = { 9, 15, 19, 20, 45, 55, 78 }, t[] = { 1, 2, 3, 4, 10, 12, 18 };
    Trend r = find(y, t, 7);
    CHECK_NEAR(r.slope, 4, 1e-12, "median of 21 slopes");
    CHECK_NEAR(r.intercept, 6, 1e-12, "median of 5 7 7 4 5 7 6");
    static const double line[] = { 3, 5, 7, 9, 11, 13 };
    r = find(line, NULL, 6);
    CHECK(r.slope == 2 && r.intercept == 3, "a line is itself");
    CHECK(r.low == 2 && r.high == 2, "without doubt");
    CHECK_NEAR(r.r2, 1, 1e-12, "and explains all");
    /* S = 15, var = 6 * 5 * 17 / 18, z = 14 / 5.3229 */
    CHECK_NEAR(r.p, 0.008534, 1e-5, "Mann-Kendall by hand");
}

static void test_edges(void)
{
    static const double y[] = { 5, 5, 5, 5 }, t[] = { 1, 1, 1, 1 };
    double gaps[] = { 1, (double)NAN, 3, HUGE_VAL, 5, 6 };
    Trend r = find(y, NULL, 4);
    CHECK(r.slope == 0 && r.p == 1 && isnan(r.r2), "a constant has no trend");
    r = find(gaps, t, 4);
    CHECK(isnan(r.slope) && r.p == 1, "nor has a single moment");
    r = find(y, NULL, 0);
    CHECK(isnan(r.slope) && isinf(r.low), "nor has nothing");
    r = find(y, NULL, 1);
    CHECK(isnan(r.slope) && r.n == 1, "nor has one value");
    r = find(gaps, NULL, 6);
    CHECK(r.n == 4 && fabs(r.slope - 1) < 0.1, "gaps are left out");
    Err err = { 0 };
    CHECK_INT(trend_find(y, NULL, 4, 1, &r, &err), -EINVAL, "level of 1");
}

/* Noise without trend, independent and correlated; and with one. */
static void test_rates(void)
{
    static const struct {
        const char *why;
        double slope, correlation, least, most;
    } k[] = { { "no trend", 0, 0, 0, 0.07 },
              { "no trend, correlated neighbours", 0, 0.5, 0, 0.12 },
              { "a trend of 3 spreads", 0.06, 0, 0.99, 1 } };
    for (ptrdiff_t c = 0; c < ARRAY_LEN(k); c++) {
        Rng r = rng_new(3, "trend", (uint64_t)c);
        int found = 0, inside = 0, reps = 600;
        for (int rep = 0; rep < reps; rep++) {
            double y[50], noise = rng_normal(&r), rho = k[c].correlation;
            for (int i = 0; i < 50; i++) {
                noise = rho * noise + sqrt(1 - rho * rho) * rng_normal(&r);
                y[i] = 10 + k[c].slope * i + noise;
            }
            Trend t = find(y, NULL, 50);
            found += t.p < 0.05;
            inside += t.low <= k[c].slope && k[c].slope <= t.high;
        }
        double share = (double)found / reps;
        CHECK(share >= k[c].least && share <= k[c].most, "%s: p < 0.05 in %.3f", k[c].why, share);
        CHECK(inside > (1 - k[c].most) * reps || inside > 0.93 * reps,
              "%s: the interval holds the slope in %d of %d", k[c].why, inside, reps);
    }
}

static void test_long(void)
{
    enum { N = 100000 };
    double *y = malloc(N * sizeof *y);
    Rng r = rng_new(4, "trend", 0);
    for (int i = 0; y && i < N; i++)
        y[i] = 1000 + 0.001 * i + 10 * rng_normal(&r);
    Trend t = y ? find(y, NULL, N) : (Trend){ 0 };
    CHECK_NEAR(t.slope, 0.001, 1e-5, "slope of %d values", N);
    CHECK(t.low < 0.001 && t.high > 0.001 && t.p < 1e-9, "with its interval");
    free(y);
}

static void test_crossing(void)
{
    static const double y[] = { 10, 11, 12, 13, 14, 15 };
    Trend t = find(y, NULL, 6);
    CHECK_NEAR(trend_crossing(&t, 5, 20).at, 10, 1e-9, "20 is reached in five");
    CHECK(isnan(trend_crossing(&t, 5, 12).at), "what lies behind is not");
    t.low = -1;
    t.high = 2;
    Crossing c = trend_crossing(&t, 5, 20);
    CHECK(c.low == 7.5 && isinf(c.high), "steeper sooner, or never");
    t.slope = 0;
    CHECK(isnan(trend_crossing(&t, 5, 20).at), "no slope, no crossing");
}

static void test_period(void)
{
    double y[28], t[28];
    for (int i = 0; i < 28; i++) {
        t[i] = i;
        y[i] = (i < 21 ? 100 : 110) + i % 3;
    }
    Period p = { 0 };
    Err err = { 0 };
    CHECK_INT(trend_period(y, t, 28, 7, &p, &err), 0, "week over week");
    CHECK(p.n_before == 7 && p.n_now == 7, "seven days each");
    CHECK_NEAR(p.change, 0.1, 0.01, "up by a tenth");
    CHECK(p.p < 0.001, "p %g", p.p);
    CHECK_INT(trend_period(y, t, 1, 7, &p, &err), 0, "one value");
    CHECK(p.n_before == 0 && isnan(p.before) && p.p == 1, "has no week before");
}

/* 0.2 % per commit over 50 commits; and none. */
static void test_boiling_frog(void)
{
    static const struct {
        double per_commit, noise;
        double least, most;
    } k[] = { { 0.002, 0.02, 0.99, 1 }, { -0.002, 0.02, 0.99, 1 }, { 0, 0.02, 0, 0.004 } };
    for (ptrdiff_t c = 0; c < ARRAY_LEN(k); c++) {
        Rng r = rng_new(5, "frog", (uint64_t)c);
        int found = 0, reps = 500;
        for (int rep = 0; rep < reps; rep++) {
            double y[60];
            for (int i = 0; i < 60; i++) {
                int since = i > 10 ? i - 10 : 0;
                y[i] = 80 * pow(1 + k[c].per_commit, since) * (1 + k[c].noise * rng_normal(&r));
            }
            Drift d = { 0 };
            Err err = { 0 };
            if (trend_drift(y, 60, 10, 0.001, 0.01, &d, &err) == 0)
                found += d.drifted;
        }
        double share = (double)found / reps;
        CHECK(share >= k[c].least && share <= k[c].most,
              "%+.1f %% per commit: reported in %.3f of %d", k[c].per_commit * 100, share, reps);
    }
    static const double zero[] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 };
    Drift d = { 0 };
    Err err = { 0 };
    CHECK_INT(trend_drift(zero, 10, 0, 0.001, 0.01, &d, &err), 0, "from zero");
    CHECK(!d.drifted && isnan(d.change), "nothing relative can be said");
    CHECK_INT(trend_drift(zero, 10, 10, 0.001, 0.01, &d, &err), 0, "since the newest");
    CHECK(!d.drifted, "nothing yet");
}

int main(void)
{
    test_exact();
    test_edges();
    test_rates();
    test_long();
    test_crossing();
    test_period();
    test_boiling_frog();
    return tap_done();
}
