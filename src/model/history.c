#include "model/history.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void history_push(History *h, Arena *a, HistoryPoint p)
{
    ARENA_PUSH(a, h->v, h->n, h->cap, p);
}

typedef struct Placed {
    HistoryPoint p;
    ptrdiff_t order;
} Placed;

static int by_time(const void *a, const void *b)
{
    const Placed *x = a, *y = b;
    int time = (x->p.wall_s > y->p.wall_s) - (x->p.wall_s < y->p.wall_s);
    return time ? time : (x->order > y->order) - (x->order < y->order);
}

void history_sort(History *h)
{
    bool sorted = true;
    for (ptrdiff_t i = 0; i < h->n; i++) {
        if (isnan(h->v[i].wall_s))
            return;
        sorted = sorted && (i == 0 || h->v[i - 1].wall_s <= h->v[i].wall_s);
    }
    Placed *placed = sorted ? NULL : malloc((size_t)h->n * sizeof *placed);
    if (!placed)
        return;
    for (ptrdiff_t i = 0; i < h->n; i++)
        placed[i] = (Placed){ h->v[i], i };
    qsort(placed, (size_t)h->n, sizeof *placed, by_time);
    for (ptrdiff_t i = 0; i < h->n; i++)
        h->v[i] = placed[i].p;
    free(placed);
}

void history_keep(History *h, ptrdiff_t limit)
{
    if (limit > 0 && h->n > limit) {
        h->v += h->n - limit;
        h->n = limit;
        h->cap = limit;
    }
}
