#include "stats/summary.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/quantile.h"

static const double MODES_SHARE = 0.85;
static const double MODES_SMALLEST = 0.1;

/* Mean and sum of squared deviations, in two passes with the usual correction for what rounding
 * left in the mean. Dividing before summing keeps huge values from overflowing. */
static void moments(const double *x, ptrdiff_t n, double *mean, double *squares)
{
    double sum = 0;
    for (ptrdiff_t i = 0; i < n; i++)
        sum += x[i] / (double)n;
    double rest = 0, sq = 0;
    for (ptrdiff_t i = 0; i < n; i++)
        rest += x[i] - sum;
    double m = n ? sum + rest / (double)n : (double)NAN;
    for (ptrdiff_t i = 0; i < n; i++)
        sq += (x[i] - m) * (x[i] - m);
    *mean = m;
    *squares = sq;
}

typedef struct Fences {
    double mild_low, mild_high, severe_low, severe_high;
} Fences;

static Fences tukey_fences(const double *sorted, ptrdiff_t n)
{
    double q1 = quantile_type7(sorted, n, 0.25), q3 = quantile_type7(sorted, n, 0.75);
    double iqr = q3 - q1;
    return (Fences){ q1 - 1.5 * iqr, q3 + 1.5 * iqr, q1 - 3 * iqr, q3 + 3 * iqr };
}

static void count_outliers(Summary *s, const double *sorted)
{
    Fences f = tukey_fences(sorted, s->n);
    for (ptrdiff_t i = 0; i < s->n; i++) {
        double v = sorted[i];
        s->n_severe_low += v < f.severe_low;
        s->n_mild_low += v < f.mild_low && v >= f.severe_low;
        s->n_severe_high += v > f.severe_high;
        s->n_mild_high += v > f.mild_high && v <= f.severe_high;
    }
}

/* `sorted` without one sample equal to `first`, judged by the fences of what remains. */
static bool first_is_outlier(double first, const double *sorted, ptrdiff_t n, double *scratch)
{
    if (n < 6)
        return false;
    ptrdiff_t m = 0;
    bool skipped = false;
    for (ptrdiff_t i = 0; i < n; i++) {
        bool is_it = !skipped && sorted[i] == first;
        skipped |= is_it;
        if (!is_it)
            scratch[m++] = sorted[i];
    }
    Fences f = tukey_fences(scratch, m);
    return first < f.severe_low || first > f.severe_high;
}

static double lag1(const double *x, ptrdiff_t n, double mean, double squares)
{
    if (n < 3 || !(squares > 0))
        return (double)NAN;
    double sum = 0;
    for (ptrdiff_t i = 0; i + 1 < n; i++)
        sum += (x[i] - mean) * (x[i + 1] - mean);
    return sum / squares;
}

/* Share of the spread that the best cut into two groups explains; overwrites scratch. */
static double two_group_share(const double *sorted, ptrdiff_t n, double *scratch)
{
    Fences f = tukey_fences(sorted, n);
    for (ptrdiff_t i = 0; i < n; i++)
        scratch[i] = fmin(fmax(sorted[i], f.severe_low), f.severe_high);
    double mean, squares, best = 0, left = 0;
    moments(scratch, n, &mean, &squares);
    if (!(squares > 0))
        return 0;
    ptrdiff_t least = (ptrdiff_t)ceil(MODES_SMALLEST * (double)n);
    for (ptrdiff_t k = 1; k <= n - least; k++) {
        left += scratch[k - 1] - mean;
        /* Deviations of both groups add up to 0: between = left^2 (1/k + 1/(n - k)). */
        if (k >= least)
            best = fmax(best, left * left * (1 / (double)k + 1 / (double)(n - k)));
    }
    return best / squares;
}

static void summarise_numbers(Summary *s, const double *x, double *sorted, double *scratch)
{
    ptrdiff_t n = s->n;
    double squares;
    memcpy(sorted, x, (size_t)n * sizeof *x);
    sort_doubles(sorted, n);
    moments(x, n, &s->mean, &squares);
    s->stddev = n < 2 ? (double)NAN : sqrt(squares / (double)(n - 1));
    s->min = n ? sorted[0] : (double)NAN;
    s->max = n ? sorted[n - 1] : (double)NAN;
    s->p50 = quantile_type7(sorted, n, 0.50);
    s->p90 = quantile_type7(sorted, n, 0.90);
    s->p95 = quantile_type7(sorted, n, 0.95);
    s->p99 = quantile_type7(sorted, n, 0.99);
    s->p999 = quantile_type7(sorted, n, 0.999);
    s->mad = mad_sorted(sorted, n);
    s->lag1 = lag1(x, n, s->mean, squares);
    if (n == 0)
        return;
    count_outliers(s, sorted);
    s->first_is_outlier = first_is_outlier(x[0], sorted, n, scratch);
    if (n >= SUMMARY_MODES_MIN)
        s->modes = two_group_share(sorted, n, scratch) > MODES_SHARE ? 2 : 1;
}

int summarise(const double *x, ptrdiff_t n, Summary *ret, Err *err)
{
    assert(n >= 0);
    /* Three arrays in one piece: the numbers in their order, sorted, scratch. */
    double *work = calloc((size_t)MAX(n, (ptrdiff_t)1), 3 * sizeof *work);
    if (!work)
        return err_set(err, -ENOMEM, "out of memory to summarise %td samples", n);
    Summary s = { 0 };
    for (ptrdiff_t i = 0; i < n; i++)
        if (!isnan(x[i]))
            work[s.n++] = x[i];
    s.n_missing = n - s.n;
    summarise_numbers(&s, work, work + n, work + 2 * n);
    free(work);
    *ret = s;
    return 0;
}
