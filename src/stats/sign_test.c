#include "stats/sign.h"

#include <errno.h>

#include "base/rng.h"
#include "stats/quantile.h"
#include "tap.h"

/* Largest number of minority signs that is significant, two-sided: published tables of the sign
 * test (Dixon & Mood 1946, table 1; Conover, table A3). */
static void test_critical_values(void)
{
    static const struct {
        ptrdiff_t n;
        int at_05, at_01;
    } t[] = {
        { 5, -1, -1 },  { 6, 0, -1 },   { 8, 0, 0 },    { 9, 1, 0 },     { 12, 2, 1 },
        { 15, 3, 2 },   { 20, 5, 3 },   { 25, 7, 5 },   { 30, 9, 7 },    { 40, 13, 11 },
        { 50, 17, 15 }, { 60, 21, 19 }, { 80, 30, 28 }, { 100, 39, 36 },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(t); i++) {
        int at_05 = -1, at_01 = -1;
        for (int k = 0; k <= t[i].n / 2; k++) {
            double p = sign_test_counts(t[i].n - k, k, 0, SIGN_TIES_DROP).p;
            at_05 = p <= .05 ? k : at_05;
            at_01 = p <= .01 ? k : at_01;
        }
        CHECK_INT(at_05, t[i].at_05, "n = %td at 5 %%", t[i].n);
        CHECK_INT(at_01, t[i].at_01, "n = %td at 1 %%", t[i].n);
    }
}

static void test_counts(void)
{
    static const struct {
        ptrdiff_t above, below, equal;
        SignTies ties;
        double p, p_greater, p_less;
        const char *why;
    } t[] = {
        { 6, 0, 0, SIGN_TIES_DROP, 2. / 64, 1. / 64, 1, "six of six" },
        { 0, 6, 0, SIGN_TIES_DROP, 2. / 64, 1, 1. / 64, "the other way" },
        { 8, 1, 0, SIGN_TIES_DROP, 20. / 512, 10. / 512, 511. / 512, "eight of nine" },
        { 6, 0, 4, SIGN_TIES_DROP, 2. / 64, 1. / 64, 1, "ties dropped" },
        { 6, 0, 4, SIGN_TIES_AGAINST, 772. / 1024, 386. / 1024, 1, "ties against" },
        { 3, 3, 0, SIGN_TIES_DROP, 1, 42. / 64, 42. / 64, "even" },
        { 0, 0, 7, SIGN_TIES_DROP, 1, 1, 1, "only ties: no evidence" },
        { 0, 0, 7, SIGN_TIES_AGAINST, 1, 1, 1, "only ties, against" },
        { 0, 0, 0, SIGN_TIES_DROP, 1, 1, 1, "nothing" },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(t); i++) {
        SignTest s = sign_test_counts(t[i].above, t[i].below, t[i].equal, t[i].ties);
        CHECK_NEAR(s.p, t[i].p, 1e-14, "%s: two-sided", t[i].why);
        CHECK_NEAR(s.p_greater, t[i].p_greater, 1e-14, "%s: greater", t[i].why);
        CHECK_NEAR(s.p_less, t[i].p_less, 1e-14, "%s: less", t[i].why);
    }
}

static void test_small(void)
{
    static const double x[] = { .03, .01, .05, .02, .04, .06 };
    SignPaired s;
    Err err;
    CHECK_INT(sign_paired(x, 5, .95, 0, &s, &err), 0, "five rounds");
    CHECK(isinf(s.low) && isinf(s.high) && s.low < 0 && s.high > 0, "five rounds: no bounds");
    CHECK_NEAR(s.median, .03, 0, "but a median");
    CHECK_NEAR(s.p, 2. / 32, 1e-15, "and p = 1/16");
    CHECK_INT(sign_paired(x, 6, .95, 0, &s, &err), 0, "six rounds");
    CHECK(s.low == .01 && s.high == .06, "six rounds: smallest and largest");
    CHECK_NEAR(s.median, .035, 1e-17, "mean of the middle two");
    CHECK_NEAR(s.coverage, 1 - 2. / 64, 1e-15, "covers 96.9 %%");
    CHECK_INT(sign_paired(x, 0, .95, 0, &s, &err), 0, "no rounds");
    CHECK(isnan(s.median) && isinf(s.low) && s.p == 1 && s.p_beyond == 1, "say nothing");
    CHECK_INT(sign_rounds_needed(.95), 6, "rounds for 95 %%");
    CHECK_INT(sign_rounds_needed(.99), 8, "rounds for 99 %%");
    CHECK_INT(sign_rounds_needed(1 - .05 / 100), 12, "rounds for one of a hundred rows");
}

static void test_refusals(void)
{
    static const double bad[] = { 1, (double)NAN };
    SignPaired s = { .n = 42 };
    Err err = { 0 };
    CHECK_INT(sign_paired(bad, 2, .95, 0, &s, &err), -EINVAL, "NaN");
    CHECK_STR(err.msg, "round 2 of 2 has no ratio", "says where");
    CHECK_INT(sign_paired(bad, 1, 1, 0, &s, &err), -EINVAL, "level 1");
    CHECK_INT(sign_paired(bad, 1, (double)NAN, 0, &s, &err), -EINVAL, "level NaN");
    CHECK_INT(sign_paired(bad, 1, .95, -1, &s, &err), -EINVAL, "negative margin");
    CHECK_INT(s.n, 42, "output untouched");
}

/* The interval excludes a hypothesis exactly when the test rejects it, ties or not. */
static void test_dual(void)
{
    Rng r = rng_new(6, "dual", 0);
    int disagree = 0, disagree_beyond = 0, excluded = 0;
    for (int rep = 0; rep < 4000; rep++) {
        double x[40], shift = (rep % 5) * .4, level = rep % 2 ? .95 : .99;
        ptrdiff_t n = 1 + (ptrdiff_t)rng_below(&r, 40);
        for (ptrdiff_t i = 0; i < n; i++)
            x[i] = rep % 3 ? rng_normal(&r) + shift : (double)rng_below(&r, 4) + round(shift) - 1;
        SignPaired s;
        Err err;
        if (sign_paired(x, n, level, .5, &s, &err) < 0)
            abort();
        bool out = s.low > 0 || s.high<0, beyond = s.low> .5 || s.high < -.5;
        excluded += out;
        disagree += out != (s.p <= 1 - level);
        disagree_beyond += beyond != (s.p_beyond <= 1 - level);
    }
    CHECK(excluded > 500 && excluded < 3500, "a fair mix of outcomes (%d of 4000)", excluded);
    CHECK_INT(disagree, 0, "interval and p agree on 0");
    CHECK_INT(disagree_beyond, 0, "interval and p_beyond agree on the margin");
}

static double draw(Rng *r, int law)
{
    switch (law) {
    case 0:
        return rng_normal(r);
    case 1:
        return rng_exp(r) - M_LN2; /* skewed, median 0 */
    case 2:
        return tan(M_PI * (rng_f64(r) - .5)); /* Cauchy: no mean */
    default:
        return round(2 * rng_normal(r)); /* many ties at the median */
    }
}

static void test_coverage(void)
{
    enum { REPS = 10000 };
    static const ptrdiff_t sizes[] = { 6, 11, 25 };
    for (int law = 0; law < 4; law++) {
        for (ptrdiff_t k = 0; k < ARRAY_LEN(sizes); k++) {
            Rng r = rng_new(7, "coverage", (uint64_t)(law * 10 + k));
            int hit = 0, rejected = 0;
            SignPaired s = { 0 };
            for (int rep = 0; rep < REPS; rep++) {
                double x[32];
                for (ptrdiff_t i = 0; i < sizes[k]; i++)
                    x[i] = draw(&r, law);
                Err err;
                if (sign_paired(x, sizes[k], .95, 0, &s, &err) < 0)
                    abort();
                hit += s.low <= 0 && 0 <= s.high;
                rejected += s.p <= .05;
            }
            double covered = (double)hit / REPS, se4 = 4 * sqrt(.05 * .95 / REPS);
            CHECK(covered >= s.coverage - se4, "law %d, n = %td: covers %.4f of promised %.4f", law,
                  sizes[k], covered, s.coverage);
            CHECK(rejected <= (.05 + se4) * REPS, "law %d, n = %td: %d false alarms in %d", law,
                  sizes[k], rejected, REPS);
        }
    }
}

int main(void)
{
    test_critical_values();
    test_counts();
    test_small();
    test_refusals();
    test_dual();
    test_coverage();
    return tap_done();
}
