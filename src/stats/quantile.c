#include "stats/quantile.h"

#include <math.h>
#include <stdlib.h>

#include "stats/special.h"

static int by_value_nan_last(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    if (isnan(x) || isnan(y))
        return isnan(x) - isnan(y);
    return (x > y) - (x < y);
}

void sort_doubles(double *x, ptrdiff_t n)
{
    if (n > 1)
        qsort(x, (size_t)n, sizeof *x, by_value_nan_last);
}

ptrdiff_t count_numbers(const double *sorted, ptrdiff_t n)
{
    while (n > 0 && isnan(sorted[n - 1]))
        n--;
    return n;
}

static void assert_sorted(const double *sorted, ptrdiff_t n)
{
    assert(n >= 0);
    assert(n == 0 || sorted[0] <= sorted[n - 1]);
}

double quantile_type7(const double *sorted, ptrdiff_t n, double q)
{
    assert_sorted(sorted, n);
    assert(q >= 0 && q <= 1);
    if (n == 0)
        return (double)NAN;
    double at = (double)(n - 1) * q;
    ptrdiff_t i = (ptrdiff_t)at;
    double part = at - (double)i;
    /* Equal neighbours first: infinities would give NaN, and rounding would move the value. */
    if (i + 1 >= n || part <= 0 || sorted[i] >= sorted[i + 1])
        return sorted[i];
    return sorted[i] + part * (sorted[i + 1] - sorted[i]);
}

double quantile_type1(const double *sorted, ptrdiff_t n, double q)
{
    assert_sorted(sorted, n);
    return n ? sorted[hist_rank((uint64_t)n, q) - 1] : (double)NAN;
}

double median_sorted(const double *sorted, ptrdiff_t n)
{
    assert_sorted(sorted, n);
    if (n == 0)
        return (double)NAN;
    double a = sorted[(n - 1) / 2], b = sorted[n / 2];
    return a < b ? a / 2 + b / 2 : a; /* halves first: one infinite end stays infinite */
}

double mad_sorted(const double *sorted, ptrdiff_t n)
{
    assert_sorted(sorted, n);
    if (n == 0)
        return (double)NAN;
    double m = median_sorted(sorted, n);
    /* Distances rise outwards from the median on both sides: merge the two runs. */
    ptrdiff_t left = (n - 1) / 2, right = left + 1;
    double last = 0, before = 0;
    for (ptrdiff_t taken = 0; taken <= n / 2; taken++) {
        double dl = left >= 0 ? m - sorted[left] : HUGE_VAL;
        double dr = right < n ? sorted[right] - m : HUGE_VAL;
        before = last;
        last = fmin(dl, dr);
        if (dl <= dr)
            left--;
        else
            right++;
    }
    return n % 2 ? last : before + (last - before) / 2;
}

RankInterval quantile_rank_interval(int64_t n, double q, double level)
{
    assert(n >= 0 && q >= 0 && q <= 1);
    assert(level > 0 && level < 1);
    double tail = (1 - level) / 2;
    if (n == 0)
        return (RankInterval){ .lo = 0, .hi = 1, .coverage = 1 };
    /* X(lo) > quantile has probability P(B <= lo - 1): the largest lo that keeps it in the tail.
     * A hair of slack keeps levels that are met exactly (1/32 at n = 6) from being lost to
     * rounding. */
    double slack = 1e-12 * tail;
    int64_t lo = binom_quantile(tail + slack, n, q);
    while (lo > 0 && binom_cdf(lo - 1, n, q) > tail + slack)
        lo--;
    while (lo < n && binom_cdf(lo, n, q) <= tail + slack)
        lo++;
    /* X(hi) < quantile has probability P(B >= hi) = P(B > hi - 1): the smallest such hi. */
    int64_t hi = binom_quantile(1 - tail, n, q) + 1;
    while (hi <= n && binom_sf(hi - 1, n, q) > tail + slack)
        hi++;
    while (hi > 1 && binom_sf(hi - 2, n, q) <= tail + slack)
        hi--;
    double below = lo > 0 ? binom_cdf(lo - 1, n, q) : 0;
    double above = hi <= n ? binom_sf(hi - 1, n, q) : 0;
    return (RankInterval){ .lo = lo, .hi = hi, .coverage = 1 - below - above };
}

Interval quantile_interval(const double *sorted, ptrdiff_t n, double q, double level)
{
    assert_sorted(sorted, n);
    RankInterval r = quantile_rank_interval(n, q, level);
    return (Interval){
        .low = r.lo >= 1 ? sorted[r.lo - 1] : -HUGE_VAL,
        .high = r.hi <= n ? sorted[r.hi - 1] : HUGE_VAL,
        .coverage = r.coverage,
    };
}

Interval hist_quantile_interval(const Hist *h, double q, double level)
{
    assert(h->n <= INT64_MAX);
    RankInterval r = quantile_rank_interval((int64_t)h->n, q, level);
    return (Interval){
        .low = r.lo >= 1 ? (double)hist_value_at_rank_lo(h, (uint64_t)r.lo) : -HUGE_VAL,
        .high = r.hi <= (int64_t)h->n ? (double)hist_value_at_rank(h, (uint64_t)r.hi) : HUGE_VAL,
        .coverage = r.coverage,
    };
}
