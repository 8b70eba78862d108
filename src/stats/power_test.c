#include "stats/power.h"

#include "base/rng.h"
#include "stats/quantile.h"
#include "stats/sign.h"
#include "tap.h"

static void test_about(void)
{
    static const struct {
        double sigma, delta;
        ptrdiff_t want;
        const char *why;
    } t[] = {
        { .01, .01, 13, "1.57 * 2.8^2 = 12.3" },
        { .05, .01, 309, "1.57 * (2.8 * 5)^2 = 308.3" },
        { .05, -.01, 309, "either direction" },
        { .02, .05, 6, "never fewer than a finite interval takes" },
        { 0, .01, 6, "no spread" },
        { .01, 0, PTRDIFF_MAX, "nothing to find" },
        { 1, 1e-300, PTRDIFF_MAX, "beyond all counting" },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(t); i++)
        CHECK_INT(power_rounds_about(t[i].sigma, t[i].delta, .95, .8), t[i].want, "%s", t[i].why);
    CHECK_INT(power_rounds_about(0, .01, .99, .8), 8, "99 %% takes eight");
}

static void test_exact(void)
{
    /* scipy 1.17.1: the smallest n with binom.cdf(lo - 1, n, norm.sf(delta / sigma)) >= 0.8, where
     * lo is the largest rank with binom.cdf(lo - 1, n, 0.5) <= 0.025. */
    static const struct {
        double ratio;
        ptrdiff_t want;
    } t[] = { { 0.5, 6 }, { 1, 17 }, { 1.5, 33 }, { 2.5, 81 }, { 5, 314 }, { 10, 1238 } };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(t); i++) {
        ptrdiff_t n = power_rounds(t[i].ratio, -1, .95, .8);
        CHECK_INT(n, t[i].want, "sigma %g times the effect", t[i].ratio);
        double effect = power_smallest_effect(t[i].ratio, n, .95, .8);
        CHECK(effect <= 1 && power_chance(t[i].ratio, n, effect * (1 + 1e-9), .95) >= .8,
              "the smallest effect inverts it: %.4f", effect);
    }
    CHECK_INT(power_rounds(.01, 0, .95, .8), PTRDIFF_MAX, "nothing to find");
    CHECK_INT(power_rounds(0, .01, .95, .8), 6, "no spread");
    CHECK_INT(power_rounds(1, 1e-300, .95, .8), PTRDIFF_MAX, "beyond all counting");
    CHECK_NEAR((double)power_rounds(1, .01, .95, .8), (double)power_rounds_about(1, .01, .95, .8),
               20, "far out both formulas agree");
    CHECK(isinf(power_smallest_effect(.05, 5, .95, .8)), "five rounds find nothing");
    CHECK(power_smallest_effect(0, 6, .95, .8) == 0, "without spread everything is found");
    ptrdiff_t all = power_rounds(.05, .01, .95, .8);
    CHECK_INT(power_more_rounds(.05, 100, .01, .95, .8), all - 100, "so many more");
    CHECK_INT(power_more_rounds(.05, all, .01, .95, .8), 0, "enough");
    CHECK_INT(power_more_rounds(.05, 4, 0, .95, .8), PTRDIFF_MAX, "never enough");
}

static void test_sigma(void)
{
    static const double x[] = { -.02, -.01, 0, .01, .02 }, same[] = { 1, 1, 1 };
    static const double quantised[] = { 0, 0, 0, 0, 0, .1 };
    CHECK_NEAR(power_robust_sigma(x, 5), .01482602218505602, 1e-15, "1.4826 * MAD");
    CHECK(power_robust_sigma(same, 3) == 0, "no spread");
    CHECK_NEAR(power_robust_sigma(quantised, 6), .1 / sqrt(6), 1e-15, "MAD 0: the plain one");
    CHECK(isnan(power_robust_sigma(x, 1)), "one value has no spread");
}

/* The chance is what sign_paired delivers; the approximation's n falls short of what it promises.
 */
static void test_delivered(void)
{
    enum { REPS = 4000 };
    static const double sigmas[] = { .03, .05 };
    Rng r = rng_new(15, "power", 0);
    for (int k = 0; k < 4; k++) {
        double sigma = sigmas[k % 2], delta = .02, x[128];
        ptrdiff_t n =
            k < 2 ? power_rounds(sigma, delta, .95, .8) : power_rounds_about(sigma, delta, .95, .8);
        int found = 0;
        for (int rep = 0; rep < REPS; rep++) {
            for (ptrdiff_t i = 0; i < n; i++)
                x[i] = delta + sigma * rng_normal(&r);
            SignPaired s;
            if (sign_paired(x, n, .95, 0, &s, NULL) < 0)
                abort();
            found += s.low > 0;
        }
        double share = (double)found / REPS, chance = power_chance(sigma, n, delta, .95);
        CHECK_NEAR(share, chance, 4 * sqrt(.2 * .8 / REPS), "%td rounds: %.3f found, %.3f expected",
                   n, share, chance);
        CHECK(k < 2 ? chance >= .8 : chance > .7 && chance < .8, "%s",
              k < 2 ? "as wanted" : "short");
    }
}

int main(void)
{
    test_about();
    test_exact();
    test_sigma();
    test_delivered();
    return tap_done();
}
