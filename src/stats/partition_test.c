#include "stats/partition.h"

#include "base/rng.h"
#include "tap.h"

enum { N_MAX = 60 };

/* The definition, by brute force over all ends: O(n^3). */
static double best_cost(const double *y, ptrdiff_t n, double penalty)
{
    double best[N_MAX + 1] = { -penalty };
    for (ptrdiff_t end = 1; end <= n; end++) {
        best[end] = HUGE_VAL;
        for (ptrdiff_t from = 0; from < end; from++) {
            double sum = 0, squares = 0;
            for (ptrdiff_t i = from; i < end; i++) {
                sum += y[i];
                squares += y[i] * y[i];
            }
            double cost = squares - sum * sum / (double)(end - from);
            best[end] = fmin(best[end], best[from] + penalty + cost);
        }
    }
    return best[n];
}

static double cost_of(const double *y, ptrdiff_t n, double penalty, const ptrdiff_t *cuts,
                      ptrdiff_t n_cuts)
{
    double cost = (double)n_cuts * penalty;
    for (ptrdiff_t k = 0; k <= n_cuts; k++) {
        ptrdiff_t from = k ? cuts[k - 1] : 0, to = k < n_cuts ? cuts[k] : n;
        double sum = 0, squares = 0;
        for (ptrdiff_t i = from; i < to; i++) {
            sum += y[i];
            squares += y[i] * y[i];
        }
        cost += squares - sum * sum / (double)(to - from);
    }
    return cost;
}

static void test_optimal(void)
{
    Rng r = rng_new(1, "partition", 0);
    double worst = 0;
    int n_cut = 0;
    for (int rep = 0; rep < 300; rep++) {
        double y[N_MAX], level = 0, penalty = 1 + 10 * rng_f64(&r);
        ptrdiff_t n = 1 + (ptrdiff_t)rng_below(&r, N_MAX), cuts[N_MAX], m = -1;
        for (ptrdiff_t i = 0; i < n; i++) {
            level += rng_f64(&r) < 0.1 ? 4 * rng_normal(&r) : 0;
            y[i] = level + rng_normal(&r);
            y[i] = rep % 3 ? y[i] : round(y[i]);
        }
        if (partition_levels(y, n, penalty, cuts, &m, NULL) < 0)
            break;
        n_cut += m > 0;
        double excess = cost_of(y, n, penalty, cuts, m) - best_cost(y, n, penalty);
        worst = fmax(worst, excess);
    }
    CHECK(worst < 1e-9, "no cut of 300 series is better (worst excess %g)", worst);
    CHECK(n_cut > 100, "and %d have cuts", n_cut);
}

static void test_exact(void)
{
    static const double y[] = { 0, 0, 0, 0, 5, 5, 5, 9, 9, 9 };
    ptrdiff_t cuts[ARRAY_LEN(y)], m = -1;
    CHECK_INT(partition_levels(y, ARRAY_LEN(y), 2, cuts, &m, NULL), 0, "three levels");
    CHECK(m == 2 && cuts[0] == 4 && cuts[1] == 7, "cut where they change");
    CHECK_INT(partition_levels(y, ARRAY_LEN(y), 1000, cuts, &m, NULL), 0, "a dear cut");
    CHECK_INT(m, 0, "is not made");
    CHECK_INT(partition_levels(y, 0, 1, cuts, &m, NULL), 0, "no values");
    CHECK_INT(m, 0, "no cuts");
    CHECK_INT(partition_levels(y, 4, 1, cuts, &m, NULL), 0, "all equal");
    CHECK_INT(m, 0, "no cuts");
}

int main(void)
{
    test_exact();
    test_optimal();
    return tap_done();
}
