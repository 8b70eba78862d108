#include "stats/edivisive.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/special.h"

typedef struct Point {
    ptrdiff_t at;
    double p, before, after;
} Point;

typedef struct Points {
    Point *v; /* owned, [cap] by rising place */
    ptrdiff_t n;
} Points;

typedef struct Ediv {
    const double *y; /* [n] without gaps */
    ptrdiff_t n;
    EdivisiveOpts o;
    double *across, *right, *near; /* owned, [window + 1] */
} Ediv;

/* ---- the t-test ---- */

typedef struct Moments {
    double n, mean, variance; /* variance with divisor n */
} Moments;

static Moments moments(const double *y, ptrdiff_t n)
{
    Moments m = { .n = (double)n };
    for (ptrdiff_t i = 0; i < n; i++)
        m.mean += y[i] / m.n;
    for (ptrdiff_t i = 0; i < n; i++)
        m.variance += (y[i] - m.mean) * (y[i] - m.mean) / m.n;
    return m;
}

/* p of [a, b) against [b, c); 1 where there is nothing to tell. */
static Point test_at(const double *y, ptrdiff_t a, ptrdiff_t b, ptrdiff_t c)
{
    Moments l = moments(y + a, b - a), r = moments(y + b, c - b);
    Point point = { .at = b, .p = 1, .before = l.mean, .after = r.mean };
    double df = l.n + r.n - 2, difference = fabs(l.mean - r.mean);
    if (!(df > 0) || !(difference > 0))
        return point;
    double pooled = ((l.n - 1) * l.variance + (r.n - 1) * r.variance) / df;
    double t = difference / sqrt(pooled * (1 / l.n + 1 / r.n));
    point.p = isinf(t) ? 0 : fmin(1, 2 * student_t_sf(t, df));
    return point;
}

/* ---- the divergence ---- */

typedef struct Best {
    double q;
    ptrdiff_t at; /* -1: none */
} Best;

/* The place in [s, e) that divides best, over all ends of the right part: the largest scaled energy
 * distance of y[s … at) and y[at … end). Of equals the first place. O((e - s)^2). */
static Best divide(Ediv *d, ptrdiff_t s, ptrdiff_t e)
{
    Best best = { .q = -HUGE_VAL, .at = -1 };
    double left_upto = 0; /* sum of distances within y[s … end) */
    double *left = d->near;
    memset(d->across, 0, (size_t)(e - s + 1) * sizeof *d->across);
    memset(d->right, 0, (size_t)(e - s + 1) * sizeof *d->right);
    for (ptrdiff_t last = s; last < e; last++) {
        double to_all = 0;
        for (ptrdiff_t i = s; i < last; i++)
            to_all += fabs(d->y[i] - d->y[last]);
        left[last - s] = left_upto; /* within y[s … last) */
        double to_left = 0;
        for (ptrdiff_t at = s + 1; at <= last; at++) {
            to_left += fabs(d->y[at - 1] - d->y[last]);
            double n = (double)(at - s), m = (double)(last + 1 - at), nm = n + m;
            double across = d->across[at - s] += to_left;
            double right = d->right[at - s] += to_all - to_left;
            double q = 2 * across / nm;
            q -= n > 1 ? 2 * m * left[at - s] / (nm * (n - 1)) : 0;
            q -= m > 1 ? 2 * n * right / (nm * (m - 1)) : 0;
            if (q > best.q || (q >= best.q && at < best.at))
                best = (Best){ q, at };
        }
        left_upto += to_all;
    }
    return best;
}

static void insert(Points *p, Point point)
{
    ptrdiff_t i = p->n++;
    for (; i > 0 && p->v[i - 1].at > point.at; i--)
        p->v[i] = p->v[i - 1];
    p->v[i] = point;
}

/* Cut [s, e) where it divides best, again and again, until a cut is not significant. */
static void divide_window(Ediv *d, ptrdiff_t s, ptrdiff_t e, double p_max, Points *found)
{
    found->n = 0;
    for (;;) {
        Best best = { .q = -HUGE_VAL, .at = -1 };
        ptrdiff_t from = 0, to = 0;
        for (ptrdiff_t k = 0; k <= found->n; k++) {
            ptrdiff_t a = k ? found->v[k - 1].at : s, b = k < found->n ? found->v[k].at : e;
            if (b - a < 2)
                continue;
            Best here = divide(d, a, b);
            if (here.q > best.q) {
                best = here;
                from = a;
                to = b;
            }
        }
        if (best.at < 0)
            return;
        Point point = test_at(d->y, from, best.at, to);
        if (!(point.p <= p_max))
            return;
        insert(found, point);
    }
}

static bool contains(const Points *p, ptrdiff_t at)
{
    for (ptrdiff_t i = p->n - 1; i >= 0; i--)
        if (p->v[i].at == at)
            return true;
    return false;
}

static Point test_point(const Ediv *d, const Points *p, ptrdiff_t i)
{
    return test_at(d->y, i ? p->v[i - 1].at : 0, p->v[i].at, i + 1 < p->n ? p->v[i + 1].at : d->n);
}

/* Weak points of all windows, each tested between its neighbours. */
static int split(Ediv *d, double p_max, Points *all, Err *err)
{
    Points found = { .v = calloc((size_t)d->o.window + 1, sizeof *found.v) };
    if (!found.v)
        return err_set(err, -ENOMEM, "out of memory to find change points");
    for (ptrdiff_t start = 0; start < d->n;) {
        divide_window(d, start, MIN(start + d->o.window, d->n), p_max, &found);
        for (ptrdiff_t i = 0; i < found.n; i++)
            if (!contains(all, found.v[i].at))
                insert(all, found.v[i]);
        ptrdiff_t last = found.n ? found.v[found.n - 1].at : 0;
        start = MAX(last, start + d->o.window / 2);
    }
    free(found.v);
    for (ptrdiff_t i = 0; i < all->n; i++)
        all->v[i] = test_point(d, all, i);
    return 0;
}

static double magnitude(const Point *p)
{
    double forward = p->before != 0 ? fabs(p->after / p->before - 1) : 0;
    double backward = p->after != 0 ? fabs(p->before / p->after - 1) : 0;
    return fmax(forward, backward);
}

/* The point to drop: the largest p that fails, else the smallest change that does; -1: none. */
static ptrdiff_t weakest(const Ediv *d, const Points *p)
{
    ptrdiff_t worst = 0, least = 0;
    for (ptrdiff_t i = 1; i < p->n; i++) {
        worst = p->v[i].p > p->v[worst].p ? i : worst;
        least = magnitude(&p->v[i]) < magnitude(&p->v[least]) ? i : least;
    }
    if (!(p->v[worst].p < d->o.p))
        return worst;
    return magnitude(&p->v[least]) > d->o.magnitude ? -1 : least;
}

static void merge(const Ediv *d, Points *p)
{
    while (p->n > 0) {
        ptrdiff_t k = weakest(d, p);
        if (k < 0)
            return;
        memmove(p->v + k, p->v + k + 1, (size_t)(p->n - 1 - k) * sizeof *p->v);
        p->n--;
        for (ptrdiff_t i = k; i < MIN(k + 2, p->n); i++)
            p->v[i] = test_point(d, p, i);
    }
}

/* Gaps take the value before them, those at the beginning the first that is there. */
static bool fill(const double *x, ptrdiff_t n, double *y)
{
    ptrdiff_t first = 0;
    while (first < n && !isfinite(x[first]))
        first++;
    for (ptrdiff_t i = 0; i < n && first < n; i++)
        y[i] = i < first ? x[first] : isfinite(x[i]) ? x[i] : y[i - 1];
    return first < n;
}

static int analyse(Ediv *d, Points *points, ChangePoints *ret, Err *err)
{
    double weak = d->o.p < 0.05 ? d->o.p * 10 : d->o.p < 0.5 ? d->o.p * 2 : d->o.p;
    TRY(split(d, weak, points, err));
    merge(d, points);
    ChangePoints out = { .v = calloc((size_t)points->n + 1, sizeof *out.v) };
    if (!out.v)
        return err_set(err, -ENOMEM, "out of memory for %td change points", points->n);
    for (; out.n < points->n; out.n++) {
        const Point *p = &points->v[out.n];
        double change = p->before != 0 ? (p->after - p->before) / fabs(p->before) : (double)NAN;
        out.v[out.n] = (ChangePoint){ .index = p->at,
                                      .first = p->at,
                                      .last = p->at,
                                      .confirmed = true,
                                      .before = p->before,
                                      .after = p->after,
                                      .change = change,
                                      .p = p->p };
    }
    *ret = out;
    return 0;
}

static int check(EdivisiveOpts *o, Err *err)
{
    o->window = o->window ? o->window : 50;
    o->p = o->p != 0 ? o->p : 0.001;
    if (o->window < 2)
        return err_set(err, -EINVAL, "window of %td values: want at least 2", o->window);
    if (!(o->p > 0 && o->p < 1))
        return err_set(err, -EINVAL, "significance level %g: want a number between 0 and 1", o->p);
    if (!(o->magnitude >= 0))
        return err_set(err, -EINVAL, "smallest change %g: want 0 or more", o->magnitude);
    return 0;
}

int edivisive_find(const double *x, ptrdiff_t n, const EdivisiveOpts *opts, ChangePoints *ret,
                   Err *err)
{
    assert(n >= 0);
    EdivisiveOpts o = opts ? *opts : (EdivisiveOpts){ 0 };
    TRY(check(&o, err));
    size_t width = (size_t)MIN(o.window, n) + 2;
    double *y = calloc((size_t)n + 1, sizeof *y), *sums = malloc(3 * width * sizeof *sums);
    Points points = { .v = malloc((size_t)(n + 1) * sizeof *points.v) };
    int r = 0;
    if (!y || !sums || !points.v) {
        r = err_set(err, -ENOMEM, "out of memory to find change points in %td values", n);
    } else {
        Ediv d = { .y = y,
                   .n = fill(x, n, y) ? n : 0,
                   .o = o,
                   .across = sums,
                   .right = sums + width,
                   .near = sums + 2 * width };
        r = analyse(&d, &points, ret, err);
    }
    free(y);
    free(sums);
    free(points.v);
    return r;
}
