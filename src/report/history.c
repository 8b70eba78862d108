#include "report/history.h"

#include <math.h>

#include "stats/select.h"

static double level_of(const History *h, Arena *a, ptrdiff_t from, ptrdiff_t to)
{
    double *x = ARENA_ARRAY(a, double, to - from);
    ptrdiff_t n = 0;
    for (ptrdiff_t i = from; i < to; i++)
        if (isfinite(h->v[i].value))
            x[n++] = h->v[i].value;
    return select_median(x, n);
}

HistoryStretch *history_stretches(const HistoryReport *r, Arena *a, ptrdiff_t *ret_n)
{
    HistoryStretch *v = ARENA_ARRAY(a, HistoryStretch, r->changes.n + 1);
    ptrdiff_t n = 0, from = 0;
    for (ptrdiff_t i = 0; i <= r->changes.n; i++) {
        bool end = i == r->changes.n;
        if (!end && !r->changes.v[i].confirmed)
            continue;
        ptrdiff_t to = end ? r->h->n : r->changes.v[i].index;
        v[n++] = (HistoryStretch){ from, to, level_of(r->h, a, from, to) };
        from = to;
    }
    *ret_n = n;
    return v;
}
