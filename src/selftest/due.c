#include "selftest/due.h"

#include <errno.h>
#include <stdlib.h>

void due_done(DueQueue *q)
{
    free(q->heap);
    *q = (DueQueue){ 0 };
}

static void put(DueQueue *q, ptrdiff_t i, Due *d)
{
    q->heap[i] = d;
    d->place = i + 1;
}

static void sift_up(DueQueue *q, ptrdiff_t i, Due *d)
{
    while (i > 0 && q->heap[(i - 1) / 2]->at_ns > d->at_ns) {
        put(q, i, q->heap[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
    put(q, i, d);
}

static void sift_down(DueQueue *q, ptrdiff_t i, Due *d)
{
    for (ptrdiff_t child; (child = 2 * i + 1) < q->n; i = child) {
        if (child + 1 < q->n && q->heap[child + 1]->at_ns < q->heap[child]->at_ns)
            child++;
        if (q->heap[child]->at_ns >= d->at_ns)
            break;
        put(q, i, q->heap[child]);
    }
    put(q, i, d);
}

int due_add(DueQueue *q, Due *d, uint64_t at_ns)
{
    assert(!d->place);
    if (q->n == q->cap) {
        ptrdiff_t cap = q->cap ? 2 * q->cap : 64;
        Due **heap = realloc(q->heap, (size_t)cap * sizeof(Due *));
        if (!heap)
            return -ENOMEM;
        q->heap = heap;
        q->cap = cap;
    }
    d->at_ns = at_ns;
    sift_up(q, q->n++, d);
    return 0;
}

void due_remove(DueQueue *q, Due *d)
{
    if (!d->place)
        return;
    ptrdiff_t i = d->place - 1;
    d->place = 0;
    Due *last = q->heap[--q->n];
    if (last == d)
        return;
    sift_down(q, i, last);
    sift_up(q, last->place - 1, last);
}

Due *due_first(const DueQueue *q)
{
    return q->n ? q->heap[0] : NULL;
}
