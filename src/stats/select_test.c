#include "stats/select.h"

#include "base/rng.h"
#include "stats/quantile.h"
#include "tap.h"

static void test_kth(void)
{
    Rng r = rng_new(1, "select", 0);
    int wrong = 0;
    for (int rep = 0; rep < 500; rep++) {
        double x[200], sorted[200];
        ptrdiff_t n = 1 + (ptrdiff_t)rng_below(&r, 200), k = (ptrdiff_t)rng_below(&r, (uint64_t)n);
        for (ptrdiff_t i = 0; i < n; i++)
            sorted[i] = x[i] = rep % 2 ? rng_normal(&r) : round(3 * rng_normal(&r));
        sort_doubles(sorted, n);
        wrong += select_kth(x, n, k) != sorted[k];
        wrong += select_median(x, n) != median_sorted(sorted, n);
    }
    CHECK_INT(wrong, 0, "as sorting would have it");
    CHECK(isnan(select_median(NULL, 0)), "no median of nothing");
}

static void test_sigma(void)
{
    double odd[] = { 1, 2, 3, 4, 100 }, most_equal[] = { 5, 5, 5, 5, 5, 5, 6, 7 };
    double equal[] = { 5, 5, 5 };
    CHECK_NEAR(select_sigma(odd, 5, 3), 1.4826022, 1e-6, "1.4826 MAD");
    CHECK(select_sigma(most_equal, 8, 5) > 0.5, "not 0 while some differ");
    CHECK(select_sigma(equal, 3, 5) == 0, "0 when all are equal");
    Rng r = rng_new(2, "select", 0);
    double x[4001];
    for (int i = 0; i < 4001; i++)
        x[i] = 10 + 3 * rng_normal(&r);
    CHECK_NEAR(select_sigma(x, 4001, 10), 3, 0.2, "sigma of a normal law");
}

int main(void)
{
    test_kth();
    test_sigma();
    return tap_done();
}
