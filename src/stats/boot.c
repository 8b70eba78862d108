/* One engine for one and for two samples: a Problem says how the statistic follows from up to two
 * resamples, and the engine draws, jackknifes and reads off the quantiles. */
#include "stats/boot.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/quantile.h"
#include "stats/special.h"

typedef struct Sample {
    const double *x; /* borrowed */
    ptrdiff_t n;
} Sample;

typedef struct Problem {
    Sample s[2];
    int n_samples; /* 1: stat(s[0]); 2: stat(s[1]) / stat(s[0]) */
    BootStat stat;
    double level;
    int n_resamples;
} Problem;

static void swap(double *a, double *b)
{
    double t = *a;
    *a = *b;
    *b = t;
}

/* Hoare's selection: puts the element of rank k (0-based) at x[k], smaller ones before it, larger
 * ones behind. Median of three keeps sorted input from being slow. */
static double select_rank(double *x, ptrdiff_t n, ptrdiff_t k)
{
    ptrdiff_t lo = 0, hi = n - 1;
    while (lo < hi) {
        ptrdiff_t mid = lo + (hi - lo) / 2;
        if (x[mid] < x[lo])
            swap(&x[mid], &x[lo]);
        if (x[hi] < x[lo])
            swap(&x[hi], &x[lo]);
        if (x[hi] < x[mid])
            swap(&x[hi], &x[mid]);
        double pivot = x[mid];
        ptrdiff_t i = lo, j = hi;
        while (i <= j) {
            while (x[i] < pivot)
                i++;
            while (pivot < x[j])
                j--;
            if (i <= j)
                swap(&x[i++], &x[j--]);
        }
        if (k <= j)
            hi = j;
        else if (k >= i)
            lo = i;
        else
            break;
    }
    return x[k];
}

/* Median of x[n], which it reorders. */
static double median_of(double *x, ptrdiff_t n)
{
    double upper = select_rank(x, n, n / 2);
    if (n % 2)
        return upper;
    double lower = x[0];
    for (ptrdiff_t i = 1; i < n / 2; i++)
        lower = fmax(lower, x[i]);
    return lower / 2 + upper / 2;
}

static double mean_of(const double *x, ptrdiff_t n)
{
    double sum = 0;
    for (ptrdiff_t i = 0; i < n; i++)
        sum += x[i];
    return sum / (double)n;
}

static double stat_of(BootStat stat, double *x, ptrdiff_t n)
{
    return stat == BOOT_MEDIAN ? median_of(x, n) : mean_of(x, n);
}

static double combine(const Problem *p, const double *values)
{
    return p->n_samples == 1 ? values[0] : values[1] / values[0];
}

static double estimate(const Problem *p, double *scratch)
{
    double values[2] = { 0 };
    for (int k = 0; k < p->n_samples; k++) {
        memcpy(scratch, p->s[k].x, (size_t)p->s[k].n * sizeof *scratch);
        values[k] = stat_of(p->stat, scratch, p->s[k].n);
    }
    return combine(p, values);
}

static double resample(const Problem *p, Rng *rng, double *scratch)
{
    double values[2] = { 0 };
    for (int k = 0; k < p->n_samples; k++) {
        Sample s = p->s[k];
        for (ptrdiff_t i = 0; i < s.n; i++)
            scratch[i] = s.x[rng_below(rng, (uint64_t)s.n)];
        values[k] = stat_of(p->stat, scratch, s.n);
    }
    return combine(p, values);
}

/* The statistic of sorted x[n] without its i-th element. */
static double leave_one_out(BootStat stat, const double *sorted, ptrdiff_t n, ptrdiff_t i,
                            double sum)
{
    if (stat == BOOT_MEAN)
        return (sum - sorted[i]) / (double)(n - 1);
    ptrdiff_t lo = (n - 2) / 2, hi = (n - 1) / 2; /* middle ranks of the n - 1 that remain */
    double a = sorted[lo + (lo >= i)], b = sorted[hi + (hi >= i)];
    return a / 2 + b / 2;
}

/* Sums of squares and cubes of the jackknife's influence values over both samples; scratch has room
 * for the largest sample twice. */
static double acceleration(const Problem *p, double *scratch, ptrdiff_t room)
{
    double values[2] = { 0 }, squares = 0, cubes = 0;
    for (int k = 0; k < p->n_samples; k++) {
        memcpy(scratch, p->s[k].x, (size_t)p->s[k].n * sizeof *scratch);
        values[k] = stat_of(p->stat, scratch, p->s[k].n);
    }
    for (int k = 0; k < p->n_samples; k++) {
        ptrdiff_t n = p->s[k].n;
        if (n < 2)
            return (double)NAN;
        double *sorted = scratch, *theta = scratch + room, with[2] = { values[0], values[1] };
        memcpy(sorted, p->s[k].x, (size_t)n * sizeof *sorted);
        sort_doubles(sorted, n);
        double sum = mean_of(sorted, n) * (double)n;
        for (ptrdiff_t i = 0; i < n; i++) {
            with[k] = leave_one_out(p->stat, sorted, n, i, sum);
            theta[i] = combine(p, with);
        }
        double mean = mean_of(theta, n), scale = (double)(n - 1) / (double)n;
        for (ptrdiff_t i = 0; i < n; i++) {
            double u = (mean - theta[i]) * scale;
            squares += u * u;
            cubes += u * u * u;
        }
    }
    return cubes / (6 * squares * sqrt(squares));
}

/* Probability to read off the sorted resamples instead of alpha. */
static double bca_probability(double alpha, double z0, double accel)
{
    double z = z0 + norm_quantile(alpha);
    return norm_cdf(z0 + z / (1 - accel * z));
}

static void set_bca(BootInterval *b, const double *sorted, int n, double alpha, double accel)
{
    int below = 0, equal = 0;
    for (int i = 0; i < n; i++) {
        below += sorted[i] < b->estimate;
        equal += sorted[i] == b->estimate;
    }
    double share = (below + 0.5 * equal) / n;
    b->bca_low = b->percentile_low;
    b->bca_high = b->percentile_high;
    b->bca_exists = share > 0 && share < 1 && isfinite(accel);
    if (!b->bca_exists)
        return;
    double z0 = norm_quantile(share);
    b->bca_low = quantile_type7(sorted, n, bca_probability(alpha, z0, accel));
    b->bca_high = quantile_type7(sorted, n, bca_probability(1 - alpha, z0, accel));
}

static int solve(const Problem *p, Rng *rng, BootInterval *ret, Err *err)
{
    ptrdiff_t room = MAX(p->s[0].n, p->s[1].n);
    double *thetas = malloc((size_t)(p->n_resamples + 2 * room) * sizeof *thetas);
    if (!thetas)
        return err_set(err, -ENOMEM, "out of memory for %d resamples", p->n_resamples);
    double *scratch = thetas + p->n_resamples, alpha = (1 - p->level) / 2;
    BootInterval b = { .estimate = estimate(p, scratch) };
    for (int i = 0; i < p->n_resamples; i++)
        thetas[i] = resample(p, rng, scratch);
    sort_doubles(thetas, p->n_resamples);
    b.percentile_low = quantile_type7(thetas, p->n_resamples, alpha);
    b.percentile_high = quantile_type7(thetas, p->n_resamples, 1 - alpha);
    set_bca(&b, thetas, p->n_resamples, alpha, acceleration(p, scratch, room));
    free(thetas);
    *ret = b;
    return 0;
}

static int check_problem(const Problem *p, bool positive, Err *err)
{
    if (!(p->level > 0 && p->level < 1))
        return err_set(err, -EINVAL, "confidence level %g: want a fraction between 0 and 1",
                       p->level);
    if (p->n_resamples < 100 || p->n_resamples > BOOT_RESAMPLES_MAX)
        return err_set(err, -EINVAL, "%d resamples: want 100 to %d", p->n_resamples,
                       BOOT_RESAMPLES_MAX);
    for (int k = 0; k < p->n_samples; k++) {
        if (p->s[k].n < 1)
            return err_set(err, -EINVAL, "no samples to resample");
        for (ptrdiff_t i = 0; i < p->s[k].n; i++)
            if (!isfinite(p->s[k].x[i]) || (positive && !(p->s[k].x[i] > 0)))
                return err_set(err, -EINVAL, "sample %td is %g: want a %snumber", i + 1,
                               p->s[k].x[i], positive ? "positive " : "finite ");
    }
    return 0;
}

int boot_ratio(const double *a, ptrdiff_t n, const double *b, ptrdiff_t m, BootStat stat,
               double level, int n_resamples, Rng *rng, BootInterval *ret, Err *err)
{
    Problem p = { { { a, n }, { b, m } }, 2, stat, level, n_resamples };
    TRY(check_problem(&p, true, err));
    return solve(&p, rng, ret, err);
}

int boot_paired_median(const double *x, ptrdiff_t n, double level, int n_resamples, Rng *rng,
                       BootInterval *ret, Err *err)
{
    Problem p = { { { x, n } }, 1, BOOT_MEDIAN, level, n_resamples };
    TRY(check_problem(&p, false, err));
    return solve(&p, rng, ret, err);
}
