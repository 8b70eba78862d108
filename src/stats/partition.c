/* For each level m the least cost of all that was seen, if the present stretch has level m, is the
 * lower envelope of parabolas, one per place where that stretch may have begun. A new value adds
 * (y - m)^2 everywhere; a new beginning adds a constant: what it undercuts is never the best again
 * for that m, so it is forgotten. Few parabolas survive. */
#include "stats/partition.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* Invariants: pieces cover [smallest y, largest y] without gaps, from left to right; each is the
 * part of the envelope where its parabola is the lowest. */
typedef struct Piece {
    double lo, hi;     /* levels */
    double a, b, c;    /* cost at m is (a * m - 2 * b) * m + c */
    ptrdiff_t started; /* where the stretch begins */
} Piece;

typedef struct Envelope {
    Piece *piece, *spare; /* owned, [cap] each; spare takes the next envelope */
    ptrdiff_t n, cap;
} Envelope;

static void envelope_done(Envelope *e)
{
    free(e->piece);
    free(e->spare);
}

static double cost_at(const Piece *p, double m)
{
    return (p->a * m - 2 * p->b) * m + p->c;
}

/* Lowest cost over the piece. a > 0 once a value was added. */
static double lowest(const Piece *p)
{
    double m = p->b / p->a;
    return cost_at(p, m < p->lo ? p->lo : m > p->hi ? p->hi : m);
}

/* A step makes at most three pieces of one. */
static int make_room(Envelope *e, Err *err)
{
    if (3 * e->n + 1 <= e->cap)
        return 0;
    ptrdiff_t cap = 2 * (3 * e->n + 1);
    Piece *piece = realloc(e->piece, (size_t)cap * sizeof *piece);
    if (piece)
        e->piece = piece;
    Piece *spare = realloc(e->spare, (size_t)cap * sizeof *spare);
    if (spare)
        e->spare = spare;
    if (!piece || !spare)
        return err_set(err, -ENOMEM, "out of memory to find change points");
    e->cap = cap;
    return 0;
}

/* Append a piece of the new beginning, joined to the one before if that is of it too. */
static ptrdiff_t put_new(Piece *to, ptrdiff_t n, double lo, double hi, double price,
                         ptrdiff_t started)
{
    if (!(hi > lo) && n > 0)
        return n;
    if (n > 0 && to[n - 1].started == started) {
        to[n - 1].hi = hi;
        return n;
    }
    to[n] = (Piece){ .lo = lo, .hi = hi, .c = price, .started = started };
    return n + 1;
}

static ptrdiff_t put_old(Piece *to, ptrdiff_t n, const Piece *p, double lo, double hi)
{
    if (!(hi > lo) && n > 0)
        return n;
    to[n] = *p;
    to[n].lo = lo;
    to[n].hi = hi;
    return n + 1;
}

/* One piece under the offer to begin anew for `price`: it stays where it is cheaper. */
static ptrdiff_t undercut(Piece *to, ptrdiff_t n, const Piece *p, double price, ptrdiff_t started)
{
    /* Convex: both ends below means all below. */
    if (cost_at(p, p->lo) <= price && cost_at(p, p->hi) <= price)
        return put_old(to, n, p, p->lo, p->hi);
    double root2 = p->b * p->b - p->a * (p->c - price);
    double mid = p->b / p->a, half = root2 > 0 ? sqrt(root2) / p->a : 0;
    double lo = mid - half > p->lo ? mid - half : p->lo;
    double hi = mid + half < p->hi ? mid + half : p->hi;
    if (!(root2 > 0) || !(hi > lo))
        return put_new(to, n, p->lo, p->hi, price, started);
    if (lo > p->lo)
        n = put_new(to, n, p->lo, lo, price, started);
    n = put_old(to, n, p, lo, hi);
    return hi < p->hi ? put_new(to, n, hi, p->hi, price, started) : n;
}

static void add_value(Envelope *e, double y)
{
    for (ptrdiff_t i = 0; i < e->n; i++) {
        e->piece[i].a += 1;
        e->piece[i].b += y;
        e->piece[i].c += y * y;
    }
}

/* Returns where the cheapest stretch that ends here began; its cost goes to *cost. */
static ptrdiff_t cheapest(const Envelope *e, double *cost)
{
    ptrdiff_t started = 0;
    *cost = HUGE_VAL;
    for (ptrdiff_t i = 0; i < e->n; i++) {
        double c = lowest(&e->piece[i]);
        if (c < *cost) {
            *cost = c;
            started = e->piece[i].started;
        }
    }
    return started;
}

/* began[i]: where the last stretch of the best cut of y[0 … i] begins. */
static int sweep(Envelope *e, const double *y, ptrdiff_t n, double penalty, ptrdiff_t *began,
                 Err *err)
{
    double lo = y[0], hi = y[0];
    for (ptrdiff_t i = 1; i < n; i++) {
        lo = y[i] < lo ? y[i] : lo;
        hi = y[i] > hi ? y[i] : hi;
    }
    TRY(make_room(e, err));
    assert(e->piece && e->spare);
    e->n = 1;
    e->piece[0] = (Piece){ .lo = lo, .hi = hi };
    for (ptrdiff_t i = 0; i < n; i++) {
        add_value(e, y[i]);
        double cost;
        began[i] = cheapest(e, &cost);
        TRY(make_room(e, err));
        ptrdiff_t m = 0;
        for (ptrdiff_t k = 0; k < e->n; k++)
            m = undercut(e->spare, m, &e->piece[k], cost + penalty, i + 1);
        Piece *old = e->piece;
        e->piece = e->spare;
        e->spare = old;
        e->n = m;
    }
    return 0;
}

static ptrdiff_t read_back(const ptrdiff_t *began, ptrdiff_t n, ptrdiff_t *cuts)
{
    ptrdiff_t m = 0;
    for (ptrdiff_t at = began[n - 1]; at > 0; at = began[at - 1])
        cuts[m++] = at;
    for (ptrdiff_t i = 0; i < m / 2; i++) {
        ptrdiff_t swap = cuts[i];
        cuts[i] = cuts[m - 1 - i];
        cuts[m - 1 - i] = swap;
    }
    return m;
}

int partition_levels(const double *y, ptrdiff_t n, double penalty, ptrdiff_t *cuts,
                     ptrdiff_t *ret_n, Err *err)
{
    assert(n >= 0 && penalty > 0);
    if (n == 0) {
        *ret_n = 0;
        return 0;
    }
    CLEANUP(envelope_done) Envelope e = { 0 };
    ptrdiff_t *began = calloc((size_t)n, sizeof *began);
    if (!began)
        return err_set(err, -ENOMEM, "out of memory to find change points");
    int r = sweep(&e, y, n, penalty, began, err);
    if (r == 0)
        *ret_n = read_back(began, n, cuts);
    free(began);
    return r;
}
