#include "stats/rank.h"

#include <errno.h>

#include "base/rng.h"
#include "stats/quantile.h"
#include "tap.h"

static RankTest test_of(const double *x, ptrdiff_t n, const double *y, ptrdiff_t m, RankMethod how)
{
    RankTest t;
    Err err;
    if (rank_test(x, n, y, m, how, &t, &err) < 0)
        abort();
    return t;
}

/* Samples without ties whose U is u: x = 1 … n, each y above as many of them as fit. */
static double p_of_u(ptrdiff_t n, ptrdiff_t m, ptrdiff_t u)
{
    double x[32], y[32];
    for (ptrdiff_t i = 0; i < n; i++)
        x[i] = (double)i + 1;
    for (ptrdiff_t j = 0; j < m; j++) {
        ptrdiff_t below = MIN(u, n);
        u -= below;
        y[j] = (double)below + 0.5 + 1e-3 * (double)j;
    }
    return test_of(x, n, y, m, RANK_EXACT).p;
}

/* Largest U that is significant, two-sided: Mann & Whitney's tables as printed in textbooks (Siegel
 * & Castellan; Zar, table B.11). -1: none. */
static void test_critical_values(void)
{
    static const struct {
        ptrdiff_t n, m;
        int at_05, at_01;
    } t[] = {
        { 3, 3, -1, -1 },   { 3, 5, 0, -1 },      { 4, 4, 0, -1 },    { 5, 5, 2, 0 },
        { 5, 8, 6, 2 },     { 6, 6, 5, 2 },       { 7, 7, 8, 4 },     { 8, 8, 13, 7 },
        { 8, 12, 22, 15 },  { 9, 9, 17, 11 },     { 10, 10, 23, 16 }, { 12, 12, 37, 27 },
        { 15, 15, 64, 51 }, { 20, 20, 127, 105 },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(t); i++) {
        int at_05 = -1, at_01 = -1;
        for (int u = 0; u <= t[i].n * t[i].m / 2; u++) {
            double p = p_of_u(t[i].n, t[i].m, u);
            at_05 = p <= .05 ? u : at_05;
            at_01 = p <= .01 ? u : at_01;
            if (p > .06)
                break;
        }
        CHECK_INT(at_05, t[i].at_05, "%td against %td at 5 %%", t[i].n, t[i].m);
        CHECK_INT(at_01, t[i].at_01, "%td against %td at 1 %%", t[i].n, t[i].m);
    }
}

/* Hollander & Wolfe, Nonparametric Statistical Methods (1973), 69: permeability of human
 * chorioamnion. R's help of wilcox.test has the same data. */
static const double term[] = { 0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46 };
static const double early[] = { 1.15, 0.88, 0.90, 0.74, 1.21 };

static void test_published(void)
{
    RankTest t = test_of(term, 10, early, 5, RANK_AUTO);
    CHECK(t.exact && t.u == 15, "U");
    CHECK_NEAR(t.effect, .3, 1e-15, "effect");
    /* scipy 1.17.1 mannwhitneyu(early, term), exact and asymptotic. */
    CHECK_NEAR(t.p, 0.2544122544122544, 1e-14, "exact two-sided");
    CHECK_NEAR(t.p_greater, 0.8967698967698967, 1e-14, "exact greater");
    CHECK_NEAR(t.p_less, 0.1272061272061272, 1e-14, "exact less: 0.1272 in the book");
    t = test_of(term, 10, early, 5, RANK_NORMAL);
    CHECK(!t.exact, "normal");
    CHECK_NEAR(t.p, 0.24462360512698333, 1e-14, "normal two-sided");
    CHECK_NEAR(t.p_greater, 0.9007753482039937, 1e-14, "normal greater");
    t = test_of(early, 5, term, 10, RANK_AUTO);
    CHECK_NEAR(t.p_greater, 0.1272061272061272, 1e-14, "sides swapped");
    RankShift s;
    Err err;
    CHECK_INT(rank_shift(early, 5, term, 10, .95, &s, &err), 0, "shift");
    CHECK_NEAR(s.shift, .305, 1e-12, "Hodges-Lehmann 0.305");
    CHECK_NEAR(s.low, -.15, 1e-12, "R's interval: from -0.15");
    CHECK_NEAR(s.high, .76, 1e-12, "to 0.76");
    CHECK(s.exact && s.coverage >= .95 && s.coverage < .97, "coverage %.4f", s.coverage);
}

static void test_ties(void)
{
    static const double a[] = { 1, 2, 2, 3, 3, 3, 5 }, b[] = { 3, 3, 4, 5, 5, 6 };
    RankTest t = test_of(a, 7, b, 6, RANK_AUTO);
    /* All 1716 permutations, enumerated with numpy and scipy.stats.rankdata. */
    CHECK(t.exact && t.u == 35, "U with ties");
    CHECK_NEAR(t.p_greater, 48. / 1716, 1e-14, "exact greater");
    CHECK_NEAR(t.p_less, 1699. / 1716, 1e-14, "exact less");
    t = test_of(a, 7, b, 6, RANK_NORMAL);
    CHECK_NEAR(t.p, 0.04567124293968339, 1e-14, "normal with tie correction (scipy)");
    double x[60], y[55];
    for (int i = 1; i <= 60; i++)
        x[i - 1] = i * 7 % 61;
    for (int i = 1; i <= 55; i++)
        y[i - 1] = i * 11 % 59 + 3;
    t = test_of(x, 60, y, 55, RANK_AUTO);
    CHECK(!t.exact && t.u == 1737, "115 values: normal");
    CHECK_NEAR(t.p, 0.6281313792689416, 1e-13, "as scipy has it");
}

/* P from every arrangement, for small cases with and without ties. */
static void test_enumeration(void)
{
    Rng r = rng_new(12, "enumerate", 0);
    double worst = 0;
    for (int rep = 0; rep < 60; rep++) {
        int n = 1 + (int)rng_below(&r, 5), m = 1 + (int)rng_below(&r, 5), total = n + m;
        double v[10], x[10], y[10];
        for (int i = 0; i < total; i++)
            v[i] = (double)rng_below(&r, rep % 2 ? 4 : 1000000);
        RankTest seen = test_of(v, n, v + n, m, RANK_EXACT);
        double all = 0, above = 0, below = 0;
        for (unsigned mask = 0; mask < 1u << total; mask++) {
            if (__builtin_popcount(mask) != n)
                continue;
            int nx = 0, ny = 0;
            double u = 0;
            for (int i = 0; i < total; i++)
                if (mask >> i & 1)
                    x[nx++] = v[i];
                else
                    y[ny++] = v[i];
            for (int i = 0; i < n; i++)
                for (int j = 0; j < m; j++)
                    u += y[j] > x[i] ? 1 : y[j] == x[i] ? .5 : 0;
            all++;
            above += u >= seen.u;
            below += u <= seen.u;
        }
        worst = fmax(worst, fabs(seen.p_greater - above / all) + fabs(seen.p_less - below / all));
    }
    CHECK(worst < 1e-13, "60 small cases against every arrangement (worst %g)", worst);
}

static void test_edges(void)
{
    static const double same[] = { 4, 4, 4, 4 }, bad[] = { 1, (double)NAN },
                        inf[] = { 1, HUGE_VAL };
    Err err = { 0 };
    RankTest t = test_of(same, 4, same, 4, RANK_AUTO);
    CHECK(t.p == 1 && t.effect == .5, "all equal: no evidence");
    t = test_of(same, 4, same, 4, RANK_NORMAL);
    CHECK(t.p == 1, "nor by the approximation");
    t = test_of(same, 0, same, 4, RANK_AUTO);
    CHECK(t.p == 1 && isnan(t.effect), "an empty side");
    CHECK_INT(rank_test(bad, 2, same, 4, RANK_AUTO, &t, &err), -EINVAL, "NaN: %s", err.msg);
    static double many[2000];
    CHECK_INT(rank_test(many, 1000, many + 1000, 1000, RANK_EXACT, &t, &err), 0, "all tied: cheap");
    for (int i = 0; i < 2000; i++)
        many[i] = i;
    CHECK_INT(rank_test(many, 1000, many + 1000, 1000, RANK_EXACT, &t, &err), -E2BIG, "too long");
    CHECK_NEAR(rank_smallest_p(30, 3), 2. / 5456, 1e-15, "30 before, 3 after");
    CHECK(rank_smallest_p(30, 3) < 1e-3 && rank_smallest_p(30, 2) > 1e-3, "3 needed for 1e-3");
    CHECK(rank_smallest_p(0, 5) == 1 && rank_smallest_p(1, 1) == 1, "no evidence possible");
    RankShift s;
    CHECK_INT(rank_shift(same, 4, inf, 2, .95, &s, &err), -EINVAL, "infinite: %s", err.msg);
    CHECK_INT(rank_shift(same, 4, same, 4, 0, &s, &err), -EINVAL, "level 0");
    CHECK_INT(rank_shift(same, 3, same, 3, .95, &s, &err), 0, "three against three");
    CHECK(isinf(s.low) && isinf(s.high) && s.shift == 0, "too few for 95 %%");
    CHECK_INT(rank_shift(same, 0, same, 3, .95, &s, &err), 0, "none");
    CHECK(isnan(s.shift) && isinf(s.low), "no shift");
}

/* The selection without pairs equals sorting all differences. */
static void test_shift_by_definition(void)
{
    Rng r = rng_new(13, "shift", 0);
    static double d[60 * 60];
    double worst = 0;
    for (int rep = 0; rep < 40; rep++) {
        double x[60], y[60];
        ptrdiff_t n = 1 + (ptrdiff_t)rng_below(&r, 60), m = 1 + (ptrdiff_t)rng_below(&r, 60);
        for (ptrdiff_t i = 0; i < n; i++)
            x[i] = rep % 2 ? rng_normal(&r) : (double)rng_below(&r, 9);
        for (ptrdiff_t j = 0; j < m; j++)
            y[j] = rep % 2 ? rng_normal(&r) - 5 : (double)rng_below(&r, 9);
        for (ptrdiff_t i = 0; i < n; i++)
            for (ptrdiff_t j = 0; j < m; j++)
                d[i * m + j] = y[j] - x[i];
        sort_doubles(d, n * m);
        RankShift s;
        if (rank_shift(x, n, y, m, .9, &s, NULL) < 0)
            abort();
        worst = fmax(worst, fabs(s.shift - median_sorted(d, n * m)));
    }
    CHECK(worst < 1e-15, "median of all differences (worst %g)", worst);
}

static void test_simulated(void)
{
    enum { REPS = 4000 };
    static const ptrdiff_t sizes[][2] = { { 5, 5 }, { 10, 15 }, { 40, 30 } };
    for (ptrdiff_t k = 0; k < ARRAY_LEN(sizes); k++) {
        Rng r = rng_new(14, "null", (uint64_t)k);
        int alarms = 0, tied_alarms = 0, hit = 0, shifts = 0;
        double x[64], y[64], promised = 0;
        ptrdiff_t n = sizes[k][0], m = sizes[k][1];
        for (int rep = 0; rep < REPS; rep++) {
            for (ptrdiff_t i = 0; i < n; i++)
                x[i] = rng_exp(&r);
            for (ptrdiff_t j = 0; j < m; j++)
                y[j] = rng_exp(&r);
            alarms += test_of(x, n, y, m, RANK_AUTO).p <= .05;
            if (rep < REPS / 4) {
                RankShift s;
                if (rank_shift(x, n, y, m, .95, &s, NULL) < 0)
                    abort();
                hit += s.low <= 0 && 0 <= s.high;
                shifts++;
                promised = s.coverage;
            }
            for (ptrdiff_t i = 0; i < n; i++)
                x[i] = floor(3 * x[i]);
            for (ptrdiff_t j = 0; j < m; j++)
                y[j] = floor(3 * y[j]);
            tied_alarms += test_of(x, n, y, m, RANK_AUTO).p <= .05;
        }
        double most = REPS * (.05 + 4 * sqrt(.05 * .95 / REPS));
        CHECK(alarms <= most, "%td, %td: %d false alarms in %d", n, m, alarms, REPS);
        CHECK(tied_alarms <= most, "%td, %td with ties: %d", n, m, tied_alarms);
        CHECK_NEAR((double)hit / shifts, promised, 4 * sqrt(.05 * .95 / shifts),
                   "%td, %td: shift covered as promised, %.4f", n, m, promised);
    }
}

int main(void)
{
    test_critical_values();
    test_published();
    test_ties();
    test_enumeration();
    test_edges();
    test_shift_by_definition();
    test_simulated();
    return tap_done();
}
