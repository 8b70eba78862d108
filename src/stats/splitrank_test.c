#include "stats/splitrank.h"

#include "base/rng.h"
#include "stats/rank.h"
#include "tap.h"

static double scratch[SPLITRANK_SCRATCH], tmp[2000];

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void draw(Rng *r, double *x, ptrdiff_t n, double shift, bool ties)
{
    for (ptrdiff_t i = 0; i < n; i++) {
        double v = rng_normal(r) + shift;
        x[i] = ties ? round(v) : v;
    }
    qsort(x, (size_t)n, sizeof *x, by_value);
}

/* Against the test that takes its time: exact where that is affordable. */
static void test_against_rank(void)
{
    static const struct {
        ptrdiff_t n, m;
        double shift, within; /* allowed ratio of the two p */
        bool ties;
        const char *why;
    } t[] = {
        { 4, 30, 3, 1 + 1e-9, false, "four new values" },
        { 30, 3, 2, 1 + 1e-9, false, "three old ones" },
        { 12, 12, 1.5, 1.1, false, "balanced: normal where it is far from any level" },
        { 8, 8, 0, 1 + 1e-9, false, "no difference" },
        { 1, 40, 5, 1 + 1e-9, false, "a single value" },
        { 200, 300, 0.2, 1 + 1e-9, false, "large: both are normal" },
        { 200, 300, 0.2, 1 + 1e-9, true, "large with ties" },
        { 20, 22, 1, 2.5, true, "few values with ties" },
    };
    Rng r = rng_new(1, "splitrank", 0);
    for (ptrdiff_t i = 0; i < ARRAY_LEN(t); i++) {
        double x[300], y[300], worst = 1;
        for (int rep = 0; rep < 20; rep++) {
            draw(&r, x, t[i].n, 0, t[i].ties);
            draw(&r, y, t[i].m, t[i].shift, t[i].ties);
            RankTest want = { 0 };
            Err err = { 0 };
            if (rank_test(x, t[i].n, y, t[i].m, RANK_AUTO, &want, &err) < 0)
                worst = HUGE_VAL;
            double ratio = splitrank_p(x, t[i].n, y, t[i].m, scratch) / want.p;
            worst = fmax(worst, fmax(ratio, 1 / ratio));
        }
        CHECK(worst <= t[i].within, "%s: p within %g (worst %g)", t[i].why, t[i].within, worst);
    }
}

static void test_extremes(void)
{
    double same[] = { 1, 1, 1, 1 }, low[30], high[4] = { 100, 101, 102, 103 };
    for (int i = 0; i < 30; i++)
        low[i] = i;
    CHECK(splitrank_p(same, 4, same, 4, scratch) == 1, "all equal: no evidence");
    CHECK(splitrank_p(same, 0, same, 4, scratch) == 1, "an empty side: no evidence");
    CHECK_NEAR(splitrank_p(low, 30, high, 3, scratch), 2.0 / 5456, 1e-12, "2 / C(33, 3)");
    CHECK_NEAR(splitrank_p(high, 4, low, 30, scratch), 2.0 / 46376, 1e-12, "2 / C(34, 4)");
}

static void test_sorting(void)
{
    Rng r = rng_new(2, "splitrank", 0);
    int wrong = 0;
    for (ptrdiff_t n = 0; n < 200; n++) {
        double x[400], want[400];
        ptrdiff_t m = (ptrdiff_t)rng_below(&r, 200);
        for (ptrdiff_t i = 0; i < n + m; i++)
            want[i] = x[i] = round(20 * rng_f64(&r));
        splitrank_sort(x, n, tmp);
        splitrank_sort(x + n, m, tmp);
        splitrank_merge(x, n, m, tmp);
        qsort(want, (size_t)(n + m), sizeof *want, by_value);
        wrong += n + m > 0 && memcmp(x, want, (size_t)(n + m) * sizeof *x) != 0;
    }
    CHECK_INT(wrong, 0, "sorted and merged like qsort");
}

int main(void)
{
    test_against_rank();
    test_extremes();
    test_sorting();
    return tap_done();
}
