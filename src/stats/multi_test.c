#include "stats/multi.h"

#include <errno.h>

#include "base/rng.h"
#include "stats/sign.h"
#include "tap.h"

static void check_all(const double *got, const double *want, ptrdiff_t n, const char *what)
{
    double worst = 0;
    for (ptrdiff_t i = 0; i < n; i++)
        worst = fmax(worst, isnan(want[i]) != isnan(got[i]) ? 1
                            : isnan(want[i])                ? 0
                                                            : fabs(got[i] - want[i]));
    CHECK(worst < 1e-12, "%s (worst %g)", what, worst);
}

static void test_textbook(void)
{
    /* The usual four hypotheses ("Holm-Bonferroni method", Wikipedia; R's p.adjust agrees). */
    static const double p[] = { .01, .04, .03, .005 };
    static const double holm[] = { .03, .06, .06, .02 };
    static const double bh[] = { .02, .04, .04, .02 };
    static const double levels[] = { 1 - .05 / 3, 1 - .05 / 2, 1 - .05 / 2, 1 - .05 / 4 };
    double got[4];
    Err err;
    CHECK_INT(holm_adjust(p, 4, got, &err), 0, "Holm");
    check_all(got, holm, 4, "Holm adjusted");
    CHECK_INT(bh_adjust(p, 4, got, &err), 0, "BH");
    check_all(got, bh, 4, "BH adjusted");
    CHECK_INT(holm_levels(p, 4, .05, got, &err), 0, "levels");
    check_all(got, levels, 4, "levels: two rejected, then one for the rest");
}

/* The 15 p values of Benjamini & Hochberg 1995, section 3.2: their procedure rejects the four
 * smallest at 0.05, Bonferroni and Holm the three smallest. */
static void test_bh_1995(void)
{
    static const double p[] = { .0001, .0004, .0019, .0095, .0201, .0278, .0298, .0344,
                                .0459, .3240, .4262, .5719, .6528, .7590, 1.000 };
    double a[15];
    int n_bh = 0, n_holm = 0;
    Err err;
    CHECK_INT(bh_adjust(p, 15, a, &err), 0, "BH");
    for (int i = 0; i < 15; i++)
        n_bh += a[i] <= .05;
    CHECK_INT(holm_adjust(p, 15, a, &err), 0, "Holm");
    for (int i = 0; i < 15; i++)
        n_holm += a[i] <= .05;
    CHECK_INT(n_bh, 4, "BH rejects four");
    CHECK_INT(n_holm, 3, "Holm rejects three");
}

static void test_gaps(void)
{
    static const double p[] = { (double)NAN, .02, (double)NAN, .9 };
    static const double holm[] = { (double)NAN, .04, (double)NAN, .9 };
    double got[4];
    Err err = { 0 };
    CHECK_INT(holm_adjust(p, 4, got, &err), 0, "rows without a test");
    check_all(got, holm, 4, "don't count and stay empty");
    CHECK_INT(holm_levels(p, 4, .05, got, &err), 0, "levels");
    CHECK(isnan(got[0]) && got[1] == 1 - .05 / 2 && got[3] == 1 - .05, "nor for levels");
    CHECK_INT(bh_adjust(p, 0, got, &err), 0, "no rows");
    static const double bad[] = { .5, 1.5 };
    CHECK_INT(holm_adjust(bad, 2, got, &err), -EINVAL, "p above 1");
    CHECK_INT(holm_levels(p, 4, 1, got, &err), -EINVAL, "alpha 1");
    double same[] = { .01, .04, .03, .005 };
    CHECK_INT(holm_adjust(same, 4, same, &err), 0, "in place");
    CHECK_NEAR(same[3], .02, 1e-15, "gives the same");
}

/* A suite of rows without any difference: Holm intervals exclude ratio 1 in at most alpha of the
 * suites; and an interval excludes it exactly when the adjusted p says so. */
static void test_family(void)
{
    enum { SUITES = 400, ROWS = 20, ROUNDS = 15 };
    Rng r = rng_new(8, "family", 0);
    int alarmed = 0, disagree = 0;
    Err err;
    for (int suite = 0; suite < SUITES; suite++) {
        double x[ROWS][ROUNDS], p[ROWS], adjusted[ROWS], level[ROWS];
        SignPaired s;
        for (int i = 0; i < ROWS; i++) {
            for (int k = 0; k < ROUNDS; k++)
                x[i][k] = rng_normal(&r) + (suite >= SUITES / 2 && i < 8 ? 1.2 : 0);
            if (sign_paired(x[i], ROUNDS, .95, 0, &s, &err) < 0)
                abort();
            p[i] = s.p;
        }
        if (holm_adjust(p, ROWS, adjusted, &err) < 0 || holm_levels(p, ROWS, .05, level, &err) < 0)
            abort();
        bool any = false;
        for (int i = 0; i < ROWS; i++) {
            if (sign_paired(x[i], ROUNDS, level[i], 0, &s, &err) < 0)
                abort();
            bool out = s.low > 0 || s.high < 0;
            disagree += out != (adjusted[i] <= .05);
            any |= out;
        }
        alarmed += suite < SUITES / 2 && any;
    }
    CHECK(alarmed <= (SUITES / 2) * .05 + 8, "%d of %d quiet suites alarmed", alarmed, SUITES / 2);
    CHECK_INT(disagree, 0, "intervals say what Holm says");
}

/* Four of five are rejected by Benjamini and Hochberg (0.035 <= 4/5 of 0.05), one by Holm; the
 * levels reject the same. */
static void test_bh_levels(void)
{
    static const double p[] = { 0.035, 0.001, 0.9, (double)NAN, 0.015, 0.025 };
    static const bool rejected[] = { true, true, false, false, true, true };
    double level[6];
    Err err = { 0 };
    CHECK_INT(bh_levels(p, 6, 0.05, level, &err), 0, "levels");
    for (int i = 0; i < 6; i++)
        CHECK_INT(p[i] <= 1 - level[i] + 1e-15, rejected[i], "row %d at level %g", i, level[i]);
    CHECK(isnan(level[3]), "no test, no level");
    CHECK_NEAR(level[2], 1 - 0.05 * 4 / 5, 1e-12, "four of five");
    CHECK_INT(bh_levels((double[]){ 0.5 }, 1, 0.05, level, &err), 0, "one alone");
    CHECK_NEAR(level[0], 0.95, 1e-12, "at its own level");
    CHECK_INT(bh_levels(p, 6, 0, level, &err), -EINVAL, "no rate at all");
}

int main(void)
{
    test_bh_levels();
    test_textbook();
    test_bh_1995();
    test_gaps();
    test_family();
    return tap_done();
}
