#include "stats/multi.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

typedef struct Row {
    double p;
    ptrdiff_t at;
} Row;

/* By p; equal ones keep their order, so that results don't depend on the sort. */
static int by_p(const void *a, const void *b)
{
    const Row *x = a, *y = b;
    if (x->p < y->p || x->p > y->p)
        return x->p < y->p ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

/* The m rows that have a p, in rising order of it; the caller frees. */
static int sort_rows(const double *p, ptrdiff_t n, Row **ret, ptrdiff_t *ret_m, Err *err)
{
    assert(n >= 0);
    for (ptrdiff_t i = 0; i < n; i++)
        if (p[i] < 0 || p[i] > 1)
            return err_set(err, -EINVAL, "p value %g of row %td is no probability", p[i], i);
    Row *rows = malloc((size_t)MAX(n, (ptrdiff_t)1) * sizeof *rows);
    if (!rows)
        return err_set(err, -ENOMEM, "out of memory for %td p values", n);
    ptrdiff_t m = 0;
    for (ptrdiff_t i = 0; i < n; i++)
        if (!isnan(p[i]))
            rows[m++] = (Row){ p[i], i };
    qsort(rows, (size_t)m, sizeof *rows, by_p);
    *ret = rows;
    *ret_m = m;
    return 0;
}

static void all_nan(double *x, ptrdiff_t n)
{
    for (ptrdiff_t i = 0; i < n; i++)
        x[i] = (double)NAN;
}

int holm_adjust(const double *p, ptrdiff_t n, double *adjusted, Err *err)
{
    Row *rows;
    ptrdiff_t m;
    TRY(sort_rows(p, n, &rows, &m, err));
    all_nan(adjusted, n);
    double worst = 0;
    for (ptrdiff_t k = 0; k < m; k++) {
        worst = fmax(worst, rows[k].p * (double)(m - k));
        adjusted[rows[k].at] = fmin(1, worst);
    }
    free(rows);
    return 0;
}

int bh_adjust(const double *p, ptrdiff_t n, double *adjusted, Err *err)
{
    Row *rows;
    ptrdiff_t m;
    TRY(sort_rows(p, n, &rows, &m, err));
    all_nan(adjusted, n);
    double best = 1;
    for (ptrdiff_t k = m - 1; k >= 0; k--) {
        best = fmin(best, rows[k].p * (double)m / (double)(k + 1));
        adjusted[rows[k].at] = best;
    }
    free(rows);
    return 0;
}

int holm_levels(const double *p, ptrdiff_t n, double alpha, double *level, Err *err)
{
    if (!(alpha > 0 && alpha < 1))
        return err_set(err, -EINVAL, "error rate %g: want a fraction between 0 and 1", alpha);
    Row *rows;
    ptrdiff_t m;
    TRY(sort_rows(p, n, &rows, &m, err));
    all_nan(level, n);
    ptrdiff_t step = 0;
    for (ptrdiff_t k = 0; k < m; k++) {
        double share = alpha / (double)(m - step);
        level[rows[k].at] = 1 - share;
        /* The first row that is not rejected stops the procedure: step stays where it is. */
        if (step == k && rows[k].p <= share)
            step++;
    }
    free(rows);
    return 0;
}

int bh_levels(const double *p, ptrdiff_t n, double alpha, double *level, Err *err)
{
    if (!(alpha > 0 && alpha < 1))
        return err_set(err, -EINVAL, "error rate %g: want a fraction between 0 and 1", alpha);
    Row *rows;
    ptrdiff_t m, rejected = 0;
    TRY(sort_rows(p, n, &rows, &m, err));
    all_nan(level, n);
    for (ptrdiff_t k = 0; k < m; k++)
        if (rows[k].p <= alpha * (double)(k + 1) / (double)m)
            rejected = k + 1;
    for (ptrdiff_t k = 0; k < m; k++)
        level[rows[k].at] = 1 - alpha * (double)MAX(rejected, (ptrdiff_t)1) / (double)m;
    free(rows);
    return 0;
}
