#include "stats/trend.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/rank.h"
#include "stats/select.h"
#include "stats/special.h"

static const double CORRELATION_MAX = 0.95;

typedef struct Points {
    double *t, *y; /* owned, [n] */
    ptrdiff_t n;
} Points;

static void points_done(Points *p)
{
    free(p->t);
    free(p->y);
}

static int points_new(Points *p, ptrdiff_t n, Err *err)
{
    p->t = malloc((size_t)(n + 1) * sizeof *p->t);
    p->y = malloc((size_t)(n + 1) * sizeof *p->y);
    if (!p->t || !p->y)
        return err_set(err, -ENOMEM, "out of memory for the trend of %td values", n);
    return 0;
}

/* The pairs that are numbers. */
static int take_numbers(const double *y, const double *t, ptrdiff_t n, Points *ret, Err *err)
{
    TRY(points_new(ret, n, err));
    for (ptrdiff_t i = 0; i < n; i++) {
        double at = t ? t[i] : (double)i;
        if (isfinite(y[i]) && isfinite(at)) {
            ret->t[ret->n] = at;
            ret->y[ret->n++] = y[i];
        }
    }
    return 0;
}

/* Medians of at most TREND_EXACT_MAX equal blocks; reorders `all` within its blocks. */
static int take_blocks(Points *all, Points *ret, Err *err)
{
    TRY(points_new(ret, TREND_EXACT_MAX, err));
    for (ptrdiff_t i = 0; i < TREND_EXACT_MAX; i++) {
        ptrdiff_t from = i * all->n / TREND_EXACT_MAX, to = (i + 1) * all->n / TREND_EXACT_MAX;
        ret->t[i] = select_median(all->t + from, to - from);
        ret->y[i] = select_median(all->y + from, to - from);
    }
    ret->n = TREND_EXACT_MAX;
    return 0;
}

/* Slopes of all pairs that differ in t: how many. *score is Kendall's S. */
static ptrdiff_t pair_slopes(const Points *p, double *slopes, double *score)
{
    ptrdiff_t m = 0;
    double s = 0;
    for (ptrdiff_t i = 0; i < p->n; i++)
        for (ptrdiff_t k = i + 1; k < p->n; k++) {
            double dt = p->t[k] - p->t[i], dy = p->y[k] - p->y[i];
            if (dt > 0 || dt < 0) {
                double slope = dy / dt;
                slopes[m++] = slope;
                s += (slope > 0) - (slope < 0);
            }
        }
    *score = s;
    return m;
}

/* Sums over groups of equal values of x[n]; x is sorted by it. */
typedef struct Ties {
    double t5, t3, t2; /* t(t-1)(2t+5), t(t-1)(t-2), t(t-1) */
} Ties;

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static Ties count_ties(double *x, ptrdiff_t n)
{
    Ties ties = { 0 };
    qsort(x, (size_t)n, sizeof *x, by_value);
    for (ptrdiff_t i = 0; i < n;) {
        ptrdiff_t end = i + 1;
        while (end < n && x[end] <= x[i])
            end++;
        double t = (double)(end - i), pairs = t * (t - 1);
        ties.t5 += pairs * (2 * t + 5);
        ties.t3 += pairs * (t - 2);
        ties.t2 += pairs;
        i = end;
    }
    return ties;
}

/* Variance of S without trend, ties in both (Kendall 1975, 4.9). */
static double score_variance(const Points *p, double *scratch)
{
    double n = (double)p->n;
    memcpy(scratch, p->y, (size_t)p->n * sizeof *scratch);
    Ties y = count_ties(scratch, p->n);
    memcpy(scratch, p->t, (size_t)p->n * sizeof *scratch);
    Ties t = count_ties(scratch, p->n);
    double var = (n * (n - 1) * (2 * n + 5) - y.t5 - t.t5) / 18;
    if (n > 2)
        var += y.t3 * t.t3 / (9 * n * (n - 1) * (n - 2));
    return var + y.t2 * t.t2 / (2 * n * (n - 1));
}

/* Factor on variances from neighbours that go along with each other around the line; >= 1. */
static double inflation(const Points *p, double slope, double intercept, double *scratch)
{
    enum { CLIP = 3, FEWEST = 8 };
    if (p->n < FEWEST)
        return 1;
    for (ptrdiff_t i = 0; i < p->n; i++)
        scratch[i] = p->y[i] - intercept - slope * p->t[i];
    double sigma = select_sigma(scratch, p->n, 0), products = 0, squares = 0, last = 0;
    if (!(sigma > 0))
        return 1;
    for (ptrdiff_t i = 0; i < p->n; i++) {
        double r = (p->y[i] - intercept - slope * p->t[i]) / sigma;
        r = fmax(-CLIP, fmin(CLIP, r));
        products += i ? r * last : 0;
        squares += r * r;
        last = r;
    }
    /* A fitted line takes away about twice as much as a fitted mean. */
    double share = 2 / (double)p->n, r = products / squares;
    r = fmax(0, fmin(CORRELATION_MAX, (r + share) / (1 - 3 * share)));
    return (1 + r) / (1 - r);
}

static double least_squares_r2(const Points *p)
{
    double n = (double)p->n, mt = 0, my = 0, tt = 0, ty = 0, yy = 0;
    for (ptrdiff_t i = 0; i < p->n; i++) {
        mt += p->t[i] / n;
        my += p->y[i] / n;
    }
    for (ptrdiff_t i = 0; i < p->n; i++) {
        double t = p->t[i] - mt, y = p->y[i] - my;
        tt += t * t;
        ty += t * y;
        yy += y * y;
    }
    return tt > 0 && yy > 0 ? fmin(1, ty * ty / tt / yy) : (double)NAN;
}

/* Fill *ret from the m slopes of p; n >= 2, m >= 1. */
static void judge(const Points *p, double *slopes, ptrdiff_t m, double score, double level,
                  double *scratch, Trend *ret)
{
    ret->slope = select_median(slopes, m);
    for (ptrdiff_t i = 0; i < p->n; i++)
        scratch[i] = p->y[i] - ret->slope * p->t[i];
    ret->intercept = select_median(scratch, p->n);
    double var = score_variance(p, scratch);
    double sigma = sqrt(fmax(0, var) * inflation(p, ret->slope, ret->intercept, scratch));
    double reach = norm_quantile((1 + level) / 2) * sigma;
    ptrdiff_t below = (ptrdiff_t)floor(((double)m - reach) / 2);
    if (below >= 1) {
        ret->low = select_kth(slopes, m, below - 1);
        ret->high = select_kth(slopes, m, m - below);
    }
    if (p->n >= 3 && sigma > 0)
        ret->p = fmin(1, 2 * norm_sf(fmax(0, fabs(score) - 1) / sigma));
}

static int find_in(const Points *p, double level, Trend *ret, Err *err)
{
    size_t pairs = (size_t)p->n * (size_t)MAX(p->n - 1, (ptrdiff_t)0) / 2;
    double *slopes = malloc((pairs + 1) * sizeof *slopes);
    double *scratch = malloc((size_t)(p->n + 1) * sizeof *scratch);
    int r = 0;
    if (slopes && scratch) {
        double score = 0;
        ptrdiff_t m = pair_slopes(p, slopes, &score);
        if (m > 0)
            judge(p, slopes, m, score, level, scratch, ret);
    } else {
        r = err_set(err, -ENOMEM, "out of memory for the trend of %td values", p->n);
    }
    free(slopes);
    free(scratch);
    return r;
}

int trend_find(const double *y, const double *t, ptrdiff_t n, double level, Trend *ret, Err *err)
{
    assert(n >= 0);
    if (!(level > 0 && level < 1))
        return err_set(err, -EINVAL, "confidence level %g: want a fraction between 0 and 1", level);
    CLEANUP(points_done) Points all = { 0 };
    CLEANUP(points_done) Points blocks = { 0 };
    TRY(take_numbers(y, t, n, &all, err));
    assert(all.t && all.y);
    Trend out = { .n = all.n,
                  .slope = (double)NAN,
                  .low = -HUGE_VAL,
                  .high = HUGE_VAL,
                  .intercept = (double)NAN,
                  .r2 = least_squares_r2(&all),
                  .p = 1 };
    if (all.n > TREND_EXACT_MAX)
        TRY(take_blocks(&all, &blocks, err));
    TRY(find_in(all.n > TREND_EXACT_MAX ? &blocks : &all, level, &out, err));
    *ret = out;
    return 0;
}

/* Time until `gap` is closed at `slope`; infinite when it never is. */
static double time_to(double gap, double slope)
{
    return gap / slope > 0 ? gap / slope : HUGE_VAL;
}

Crossing trend_crossing(const Trend *trend, double t_now, double limit)
{
    Crossing none = { (double)NAN, (double)NAN, (double)NAN };
    double gap = limit - (trend->intercept + trend->slope * t_now);
    double in = time_to(gap, trend->slope);
    if (!isfinite(in))
        return none;
    double a = time_to(gap, trend->low), b = time_to(gap, trend->high);
    return (Crossing){ t_now + in, t_now + fmin(a, b), t_now + fmax(a, b) };
}

int trend_period(const double *y, const double *t, ptrdiff_t n, double length, Period *ret,
                 Err *err)
{
    assert(n >= 0 && length > 0);
    CLEANUP(points_done) Points all = { 0 };
    CLEANUP(points_done) Points two = { 0 };
    TRY(take_numbers(y, t, n, &all, err));
    TRY(points_new(&two, all.n, err));
    double last = -HUGE_VAL;
    for (ptrdiff_t i = 0; i < all.n; i++)
        last = fmax(last, all.t[i]);
    Period out = { 0 };
    for (ptrdiff_t i = 0; i < all.n; i++) {
        double age = last - all.t[i];
        if (age < length)
            two.y[out.n_now++] = all.y[i];
        else if (age < 2 * length)
            two.t[out.n_before++] = all.y[i];
    }
    RankTest test = { 0 };
    TRY(rank_test(two.t, out.n_before, two.y, out.n_now, RANK_AUTO, &test, err));
    out.p = test.p;
    out.before = select_median(two.t, out.n_before);
    out.now = select_median(two.y, out.n_now);
    out.change = out.before != 0 ? (out.now - out.before) / fabs(out.before) : (double)NAN;
    *ret = out;
    return 0;
}

int trend_drift(const double *y, ptrdiff_t n, ptrdiff_t from, double level, double min_change,
                Drift *ret, Err *err)
{
    assert(from >= 0 && from <= n);
    Trend t = { 0 };
    TRY(trend_find(y + from, NULL, n - from, 1 - level, &t, err));
    double length = (double)(n - from - 1), base = fabs(t.intercept);
    Drift d = { .n = t.n, .p = t.p };
    bool known = base > 0; /* false for NaN too */
    d.change = known ? t.slope * length / base : (double)NAN;
    d.low = known ? t.low * length / base : -HUGE_VAL;
    d.high = known ? t.high * length / base : HUGE_VAL;
    d.drifted = t.p < level && (d.low > min_change || d.high < -min_change);
    *ret = d;
    return 0;
}
