#include "stats/windowed.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "stats/special.h"

typedef struct Side {
    double n, mean, weighted, variance;
} Side;

typedef struct Place {
    ptrdiff_t at; /* in the series as given */
    double value, t;
    Side before, after;
} Place;

/* n values from `p` on in steps of `step` places: the nearest weighs most. */
static Side side_of(const Place *p, ptrdiff_t n, ptrdiff_t step)
{
    Side s = { .n = (double)n };
    double sum = 0, weights = 0;
    for (ptrdiff_t i = 0; i < n; i++) {
        double weight = (double)(n - i) / (double)n;
        sum += weight * p[i * step].value;
        weights += weight;
        s.mean += p[i * step].value / s.n;
    }
    s.weighted = sum / weights;
    for (ptrdiff_t i = 0; i < n; i++) {
        double d = p[i * step].value - s.weighted;
        s.variance += n > 1 ? d * d / (s.n - 1) : 0;
    }
    return s;
}

static double t_between(const Side *a, const Side *b)
{
    double difference = fabs(b->weighted - a->weighted);
    if (!(difference > 0))
        return 0;
    return difference / sqrt(a->variance / a->n + b->variance / b->n);
}

static void score(Place *p, ptrdiff_t n, const WindowedOpts *o)
{
    ptrdiff_t quiet = 0; /* places since t was last above the threshold */
    for (ptrdiff_t i = 1; i < n; i++) {
        ptrdiff_t reach = MIN(MAX(quiet, o->before_min), o->before_max);
        p[i].before = side_of(p + i - 1, MIN(i, reach), -1);
        p[i].after = side_of(p + i, MIN(n - i, o->after), 1);
        p[i].t = t_between(&p[i].before, &p[i].after);
        quiet = p[i].t > o->t ? 0 : quiet + 1;
    }
}

static bool is_change(const Place *p, ptrdiff_t n, ptrdiff_t i, const WindowedOpts *o)
{
    bool enough = p[i].before.n >= (double)o->before_min && p[i].after.n >= (double)o->after;
    bool peak = p[i - 1].t <= p[i].t && (i + 1 >= n || p[i + 1].t <= p[i].t);
    return enough && p[i].t > o->t && peak;
}

static ChangePoint describe(const Place *p)
{
    double before = p->before.mean, after = p->after.mean;
    double p_of_t = isinf(p->t) ? 0 : 2 * student_t_sf(p->t, p->before.n + p->after.n - 2);
    return (ChangePoint){ .index = p->at,
                          .first = p->at,
                          .last = p->at,
                          .confirmed = true,
                          .before = before,
                          .after = after,
                          .change = before != 0 ? (after - before) / fabs(before) : (double)NAN,
                          .p = p_of_t };
}

static int check(WindowedOpts *o, Err *err)
{
    o->before_min = o->before_min ? o->before_min : 12;
    o->before_max = o->before_max ? o->before_max : MAX(2 * o->before_min, (ptrdiff_t)24);
    o->after = o->after ? o->after : 12;
    o->t = o->t != 0 ? o->t : 7;
    if (o->before_min < 1 || o->after < 1 || o->before_max < o->before_min)
        return err_set(err, -EINVAL,
                       "windows of %td to %td values before and %td after: want 1 or "
                       "more, rising",
                       o->before_min, o->before_max, o->after);
    if (!(o->t > 0))
        return err_set(err, -EINVAL, "threshold %g: want more than 0", o->t);
    return 0;
}

int windowed_find(const double *x, ptrdiff_t n, const WindowedOpts *opts, ChangePoints *ret,
                  Err *err)
{
    assert(n >= 0);
    WindowedOpts o = opts ? *opts : (WindowedOpts){ 0 };
    TRY(check(&o, err));
    Place *p = calloc((size_t)n + 1, sizeof *p);
    ChangePoints out = { .v = calloc((size_t)n + 1, sizeof *out.v) };
    if (!p || !out.v) {
        free(p);
        free(out.v);
        return err_set(err, -ENOMEM, "out of memory to find change points in %td values", n);
    }
    ptrdiff_t m = 0;
    for (ptrdiff_t i = 0; i < n; i++)
        if (isfinite(x[i]))
            p[m++] = (Place){ .at = i, .value = x[i] };
    score(p, m, &o);
    for (ptrdiff_t i = 1; i < m; i++)
        if (is_change(p, m, i, &o))
            out.v[out.n++] = describe(&p[i]);
    free(p);
    *ret = out;
    return 0;
}
