#include "stats/changepoint.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/changepoint_work.h"
#include "stats/select.h"
#include "stats/splitrank.h"

enum {
    ROUNDS_MAX = 8,
    LONG = 32768,   /* from here on medians of blocks are searched first ... */
    BLOCKS = 16384, /* ... at most this many of them */
};

void changepoints_done(ChangePoints *c)
{
    free(c->v);
    *c = (ChangePoints){ 0 };
}

static void work_done(CpWork *w)
{
    free(w->sorted);
    free(w->z);
    free(w->tmp);
    free(w->ranked);
    free(w->ranked2);
    free(w->scratch);
    free(w->at);
    free(w->found);
    free(w->p);
    free(w->cut);
    free(w->top);
}

static int work_init(CpWork *w, Err *err)
{
    size_t room = (size_t)w->n + 2;
    w->sorted = malloc(room * sizeof *w->sorted);
    w->z = malloc(room * sizeof *w->z);
    w->tmp = malloc(room * sizeof *w->tmp);
    w->ranked = malloc(room * sizeof *w->ranked);
    w->ranked2 = malloc(room * sizeof *w->ranked2);
    w->scratch = malloc(SPLITRANK_SCRATCH * sizeof *w->scratch);
    w->at = calloc(room, sizeof *w->at);
    w->found = malloc(room * sizeof *w->found);
    w->p = malloc(room * sizeof *w->p);
    w->cut = malloc(room * sizeof *w->cut);
    w->top = malloc(4 * room * sizeof *w->top);
    if (!w->sorted || !w->z || !w->tmp || !w->ranked || !w->ranked2 || !w->scratch || !w->at ||
        !w->found || !w->p || !w->cut || !w->top)
        return err_set(err, -ENOMEM, "out of memory to find change points in %td values", w->n);
    w->at[0] = 0;
    w->at[1] = w->n;
    w->narrow = 1;
    return 0;
}

/* Was the stretch [a, b) one of the last round's, which gave nothing? old[0 … m + 1], rising; *k
 * goes along. */
static bool was_there(const ptrdiff_t *old, ptrdiff_t m, ptrdiff_t *k, ptrdiff_t a, ptrdiff_t b)
{
    while (*k < m && old[*k] < a)
        ++*k;
    return old[*k] == a && old[*k + 1] == b;
}

static double median_of(CpWork *w, ptrdiff_t a, ptrdiff_t b)
{
    memcpy(w->tmp, w->y + a, (size_t)(b - a) * sizeof *w->tmp);
    return select_median(w->tmp, b - a);
}

/* Look into every stretch, eliminate, and again within the new ones. */
static int search(CpWork *w, ptrdiff_t *old, Err *err)
{
    ptrdiff_t n_old = -1, candidates = 0;
    for (int round = 0; round < ROUNDS_MAX; round++) {
        ptrdiff_t n_found = 0, known = w->n_cuts, k = 0;
        for (ptrdiff_t s = 0; s <= known; s++) {
            if (s > 0)
                w->found[n_found++] = w->at[s];
            if (n_old < 0 || !was_there(old, n_old, &k, w->at[s], w->at[s + 1]))
                TRY(cp_look(w, w->at[s], w->at[s + 1], &n_found, err));
        }
        if (n_found == known)
            break;
        memcpy(old, w->at, (size_t)(known + 2) * sizeof *old);
        n_old = known;
        candidates += n_found - known;
        memcpy(w->at + 1, w->found, (size_t)n_found * sizeof *w->at);
        w->at[n_found + 1] = w->n;
        w->n_cuts = n_found;
        cp_eliminate(w, candidates);
        if (w->n_cuts <= known)
            break;
    }
    cp_place(w, w->n);
    cp_eliminate(w, candidates);
    return 0;
}

/* Search the medians of blocks of `block` values; their cuts become cuts of w. */
static int search_blocks(CpWork *w, ptrdiff_t block, ptrdiff_t *old, Err *err)
{
    ptrdiff_t n = w->n / block;
    double *medians = malloc((size_t)n * sizeof *medians);
    if (!medians)
        return err_set(err, -ENOMEM, "out of memory for %td blocks", n);
    for (ptrdiff_t i = 0; i < n; i++)
        medians[i] = median_of(w, i * block, (i + 1) * block);
    CLEANUP(work_done) CpWork coarse = { .y = medians, .n = n, .p_max = w->p_max };
    int r = work_init(&coarse, err);
    if (r == 0)
        r = search(&coarse, old, err);
    free(medians);
    for (ptrdiff_t k = 1; r == 0 && k <= coarse.n_cuts; k++)
        w->at[k] = coarse.at[k] * block;
    w->n_cuts = coarse.n_cuts;
    w->at[w->n_cuts + 1] = w->n;
    return r;
}

/* A long series: coarse first, then each cut to its place. The newest values are searched one by
 * one as well: a change there is news. */
static int search_long(CpWork *w, ptrdiff_t *old, Err *err)
{
    enum { NEWEST = 8192 };
    ptrdiff_t block = (w->n + BLOCKS - 1) / BLOCKS, n_found = 0;
    TRY(search_blocks(w, block, old, err));
    ptrdiff_t coarse = w->n_cuts;
    TRY(cp_look(w, MAX(w->at[coarse], w->n - NEWEST), w->n, &n_found, err));
    memcpy(w->at + coarse + 1, w->found, (size_t)n_found * sizeof *w->at);
    w->n_cuts = coarse + n_found;
    w->at[w->n_cuts + 1] = w->n;
    cp_place(w, 4 * block);
    cp_eliminate(w, n_found);
    cp_place(w, 4 * block);
    cp_eliminate(w, n_found);
    return 0;
}

static ChangePoint describe(CpWork *w, ptrdiff_t a, ptrdiff_t b, ptrdiff_t c)
{
    ChangePoint p = { .before = median_of(w, a, b), .after = median_of(w, b, c) };
    p.change = p.before != 0 ? (p.after - p.before) / fabs(p.before) : (double)NAN;
    p.index = b;
    cp_range(w, a, b, c, &p.first, &p.last);
    return p;
}

static void suspect(CpWork *w, ChangePoints *out)
{
    ptrdiff_t a = w->at[w->n_cuts], k = cp_tail(w, a);
    ptrdiff_t needed = k ? cp_points_needed(w, w->n - k - a, k) : -1;
    if (needed < 0)
        return;
    ChangePoint p = describe(w, a, w->n - k, w->n);
    double *x = w->sorted;
    memcpy(x, w->y + a, (size_t)(w->n - a) * sizeof *x);
    splitrank_sort(x, w->n - k - a, w->tmp);
    splitrank_sort(x + w->n - k - a, k, w->tmp);
    p.p = splitrank_p(x, w->n - k - a, x + w->n - k - a, k, w->scratch);
    /* Enough values, but they don't differ enough: a further one may tell. */
    p.points_needed = MAX(needed, (ptrdiff_t)1);
    out->v[out->n++] = p;
}

/* From places among the numbers to places in the series as given. */
static void restore_places(ChangePoints *out, const ptrdiff_t *place)
{
    for (ptrdiff_t i = 0; i < out->n; i++) {
        ChangePoint *p = &out->v[i];
        p->first = place[p->first - 1] + 1;
        p->last = place[p->last];
        p->index = place[p->index];
    }
}

static int analyse(CpWork *w, ptrdiff_t *old, ChangePoints *out, Err *err)
{
    TRY(work_init(w, err));
    TRY(w->n >= LONG ? search_long(w, old, err) : search(w, old, err));
    out->v = calloc((size_t)w->n_cuts + 1, sizeof *out->v);
    if (!out->v)
        return err_set(err, -ENOMEM, "out of memory for %td change points", w->n_cuts);
    double r = w->narrow * w->narrow;
    out->correlation = (1 - r) / (1 + r);
    for (ptrdiff_t k = 1; k <= w->n_cuts; k++) {
        ChangePoint p = describe(w, w->at[k - 1], w->at[k], w->at[k + 1]);
        p.confirmed = true;
        p.p = w->p[k];
        out->v[out->n++] = p;
    }
    suspect(w, out);
    return 0;
}

/* The numbers of a series, and where they stood. */
typedef struct Numbers {
    double *y;              /* owned, [n] */
    ptrdiff_t *place, *old; /* owned, [n + 2] */
    ptrdiff_t n;
} Numbers;

static void numbers_done(Numbers *v)
{
    free(v->y);
    free(v->place);
    free(v->old);
}

static int take_numbers(const double *x, ptrdiff_t n, Numbers *ret, Err *err)
{
    size_t room = (size_t)n + 2;
    ret->y = malloc(room * sizeof *ret->y);
    ret->place = malloc(room * sizeof *ret->place);
    ret->old = calloc(room, sizeof *ret->old);
    if (!ret->y || !ret->place || !ret->old)
        return err_set(err, -ENOMEM, "out of memory to find change points in %td values", n);
    for (ptrdiff_t i = 0; i < n; i++)
        if (isfinite(x[i])) {
            ret->place[ret->n] = i;
            ret->y[ret->n++] = x[i];
        }
    return 0;
}

int changepoints_find(const double *x, ptrdiff_t n, const CpOpts *opts, ChangePoints *ret, Err *err)
{
    assert(n >= 0);
    double p = opts && opts->p != 0 ? opts->p : CP_P;
    if (!(p > 0 && p < 1))
        return err_set(err, -EINVAL, "significance level %g: want a number between 0 and 1", p);
    CLEANUP(numbers_done) Numbers v = { 0 };
    TRY(take_numbers(x, n, &v, err));
    CLEANUP(work_done) CpWork w = { .y = v.y, .n = v.n, .p_max = p, .p_now = p };
    ChangePoints out = { 0 };
    int r = analyse(&w, v.old, &out, err);
    if (r < 0) {
        changepoints_done(&out);
        return r;
    }
    restore_places(&out, v.place);
    *ret = out;
    return 0;
}
