#include "stats/threshold.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/quantile.h"
#include "stats/special.h"

enum { CHANGES_WINDOW = 30 };
static const double SIGMA_SPAN = 7, CHANGES_K = 3;

static const char *const names[N_THRESHOLDS] = { "static",     "percentage", "z",         "t",
                                                 "log-normal", "iqr",        "delta-iqr", "mad",
                                                 "changes",    "sigma" };

const char *threshold_name(ThresholdModel m)
{
    assert(m < N_THRESHOLDS);
    return names[m];
}

int threshold_parse(const char *name, ThresholdModel *ret)
{
    for (int i = 0; i < N_THRESHOLDS; i++)
        if (strcmp(name, names[i]) == 0) {
            *ret = (ThresholdModel)i;
            return 0;
        }
    return -EINVAL;
}

typedef struct Moments {
    double mean, sd;
} Moments;

static Moments moments(const double *x, ptrdiff_t n)
{
    Moments m = { 0 };
    double squares = 0;
    for (ptrdiff_t i = 0; i < n; i++)
        m.mean += x[i] / (double)n;
    for (ptrdiff_t i = 0; i < n; i++)
        squares += (x[i] - m.mean) * (x[i] - m.mean);
    m.sd = sqrt(squares / (double)(n - 1));
    return m;
}

/* centre - low * unit … centre + high * unit, no bound where the factor is NaN. */
static Bounds around(double centre, double unit, double low, double high)
{
    return (Bounds){ .centre = centre,
                     .low = isnan(low) ? -HUGE_VAL : centre - low * unit,
                     .high = isnan(high) ? HUGE_VAL : centre + high * unit };
}

static double t_factor(double limit, ptrdiff_t n)
{
    return isnan(limit) ? limit : student_t_quantile(limit, (double)(n - 1));
}

static double z_factor(double limit)
{
    return isnan(limit) ? limit : norm_quantile(limit);
}

static Bounds prediction(const Threshold *r, const double *x, ptrdiff_t n)
{
    Moments m = moments(x, n);
    return around(m.mean, m.sd * sqrt(1 + 1 / (double)n), t_factor(r->low, n),
                  t_factor(r->high, n));
}

static int log_normal(const Threshold *r, double *x, ptrdiff_t n, Bounds *ret)
{
    for (ptrdiff_t i = 0; i < n; i++) {
        if (!(x[i] > 0))
            return THRESHOLD_TOO_FEW;
        x[i] = log(x[i]);
    }
    Bounds b = prediction(r, x, n);
    ret->low = isinf(b.low) ? b.low : exp(b.low);
    ret->high = isinf(b.high) ? b.high : exp(b.high);
    ret->centre = exp(b.centre);
    return 0;
}

static double interquartile(const double *sorted, ptrdiff_t n)
{
    return quantile_type7(sorted, n, 0.75) - quantile_type7(sorted, n, 0.25);
}

static Bounds quartiles(const Threshold *r, double *x, ptrdiff_t n)
{
    sort_doubles(x, n);
    return around(median_sorted(x, n), interquartile(x, n), r->low, r->high);
}

static Bounds deviations(const Threshold *r, double *x, ptrdiff_t n)
{
    sort_doubles(x, n);
    return around(median_sorted(x, n), MAD_TO_SIGMA * mad_sorted(x, n), r->low, r->high);
}

/* Relative changes from each value to the next go to changes[n - 1], sorted; those from 0 are left
 * out. */
static ptrdiff_t relative_changes(const double *x, ptrdiff_t n, double *changes)
{
    ptrdiff_t m = 0;
    for (ptrdiff_t i = 1; i < n; i++)
        if (x[i - 1] != 0)
            changes[m++] = (x[i] - x[i - 1]) / fabs(x[i - 1]);
    sort_doubles(changes, m);
    return m;
}

static int delta_quartiles(const Threshold *r, double *x, ptrdiff_t n, double *scratch, Bounds *ret)
{
    ptrdiff_t m = relative_changes(x, n, scratch);
    if (m < 2)
        return THRESHOLD_TOO_FEW;
    double iqr = interquartile(scratch, m);
    sort_doubles(x, n);
    double median = median_sorted(x, n);
    *ret = around(median, fabs(median) * iqr, r->low, r->high);
    return 0;
}

static int recent_changes(const Threshold *r, const double *x, ptrdiff_t n, double *scratch,
                          Bounds *ret)
{
    ptrdiff_t window = r->window ? r->window : CHANGES_WINDOW,
              from = MAX(n - 1 - window, (ptrdiff_t)0);
    ptrdiff_t m = relative_changes(x + from, n - from, scratch);
    if (m < 3)
        return THRESHOLD_TOO_FEW;
    double q1 = quantile_type7(scratch, m, 0.25), q3 = quantile_type7(scratch, m, 0.75);
    double last = x[n - 1], k_low = r->low > 0 ? r->low : CHANGES_K;
    double k_high = r->high > 0 ? r->high : CHANGES_K;
    ret->centre = last;
    ret->low = isnan(r->low) ? -HUGE_VAL : last + fabs(last) * (q1 - k_low * (q3 - q1));
    ret->high = isnan(r->high) ? HUGE_VAL : last + fabs(last) * (q3 + k_high * (q3 - q1));
    ret->n = m + 1;
    return 0;
}

static int check_side(const Threshold *r, double v, const char *side, Err *err)
{
    bool probability =
        r->model == THRESHOLD_Z || r->model == THRESHOLD_T || r->model == THRESHOLD_LOG_NORMAL;
    if (isnan(v) || r->model == THRESHOLD_STATIC)
        return 0;
    if (probability && !(v >= 0.5 && v < 1))
        return err_set(err, -EINVAL, "%s limit of %s is %g: want a probability from 0.5 to below 1",
                       side, threshold_name(r->model), v);
    if (!(v >= 0) || isinf(v))
        return err_set(err, -EINVAL, "%s limit of %s is %g: want a number from 0 on", side,
                       threshold_name(r->model), v);
    return 0;
}

static int check(const Threshold *r, Err *err)
{
    TRY(check_side(r, r->low, "lower", err));
    TRY(check_side(r, r->high, "upper", err));
    if (r->model == THRESHOLD_STATIC && r->low > r->high)
        return err_set(err, -EINVAL, "static limits from %g to %g are the wrong way round", r->low,
                       r->high);
    if (r->window < 0 || !(r->span >= 0))
        return err_set(err, -EINVAL, "window of %s is negative", threshold_name(r->model));
    return 0;
}

/* The values that count, oldest first, into y[n]; how many. */
static ptrdiff_t take(const Threshold *rule, const double *x, const double *t, ptrdiff_t n,
                      double *y)
{
    double span = rule->span > 0 ? rule->span : SIGMA_SPAN, since = -HUGE_VAL;
    if (rule->model == THRESHOLD_SIGMA && t && n > 0)
        since = t[n - 1] - span;
    ptrdiff_t m = 0;
    for (ptrdiff_t i = 0; i < n; i++)
        if (isfinite(x[i]) && (isinf(since) || t[i] > since))
            y[m++] = x[i];
    if (rule->window > 0 && m > rule->window && rule->model != THRESHOLD_CHANGES) {
        memmove(y, y + m - rule->window, (size_t)rule->window * sizeof *y);
        m = rule->window;
    }
    return m;
}

static ptrdiff_t fewest(ThresholdModel m)
{
    return m == THRESHOLD_STATIC       ? 0
           : m == THRESHOLD_PERCENTAGE ? 1
           : m == THRESHOLD_DELTA_IQR  ? 3
           : m == THRESHOLD_CHANGES    ? 4
                                       : 2;
}

/* y[n] are the values that count and may be overwritten. */
static int bounds_of(const Threshold *r, double *y, ptrdiff_t n, double *scratch, Bounds *ret)
{
    Moments m = { 0 };
    ret->n = n;
    switch (r->model) {
    case THRESHOLD_STATIC:
        ret->low = isnan(r->low) ? -HUGE_VAL : r->low;
        ret->high = isnan(r->high) ? HUGE_VAL : r->high;
        return 0;
    case THRESHOLD_PERCENTAGE:
        m = moments(y, n);
        *ret = around(m.mean, fabs(m.mean), r->low, r->high);
        break;
    case THRESHOLD_Z:
        m = moments(y, n);
        *ret = around(m.mean, m.sd, z_factor(r->low), z_factor(r->high));
        break;
    case THRESHOLD_T:
        *ret = prediction(r, y, n);
        break;
    case THRESHOLD_LOG_NORMAL:
        return log_normal(r, y, n, ret);
    case THRESHOLD_IQR:
        *ret = quartiles(r, y, n);
        break;
    case THRESHOLD_DELTA_IQR:
        if (delta_quartiles(r, y, n, scratch, ret) != 0)
            return THRESHOLD_TOO_FEW;
        break;
    case THRESHOLD_MAD:
        *ret = deviations(r, y, n);
        break;
    case THRESHOLD_CHANGES:
        return recent_changes(r, y, n, scratch, ret);
    case THRESHOLD_SIGMA:
        m = moments(y, n);
        *ret = around(m.mean, m.sd, r->low, r->high);
        break;
    case N_THRESHOLDS:
        assert(false);
    }
    ret->n = n;
    return 0;
}

int threshold_bounds(const Threshold *rule, const double *x, const double *t, ptrdiff_t n,
                     Bounds *ret, Err *err)
{
    assert(n >= 0);
    TRY(check(rule, err));
    double *y = malloc((size_t)(2 * n + 2) * sizeof *y);
    if (!y)
        return err_set(err, -ENOMEM, "out of memory for the bounds of %td values", n);
    Bounds none = { .low = -HUGE_VAL, .high = HUGE_VAL, .centre = (double)NAN }, b = none;
    ptrdiff_t m = take(rule, x, t, n, y);
    int r = THRESHOLD_TOO_FEW;
    if (m >= MAX(rule->min_values, fewest(rule->model)))
        r = bounds_of(rule, y, m, y + n + 1, &b);
    free(y);
    *ret = r == 0 ? b : none;
    ret->n = r == 0 ? b.n : m;
    return r;
}
