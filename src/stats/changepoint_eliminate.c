/* Which candidates stand. The weakest goes first: its neighbours get longer stretches, and with
 * them a fairer test. */
#include <math.h>
#include <string.h>

#include "stats/changepoint_work.h"
#include "stats/select.h"
#include "stats/special.h"
#include "stats/splitrank.h"

/* More candidates than this tighten the level in proportion. */
static const double CANDIDATES_FREE = 10;
/* A stretch shorter than a tenth of what it is compared within pays in proportion: there are as
 * many more places where chance could have made it. */
static const double SHORT_SHARE = 10;
/* A line must be better than the step by this log likelihood ratio (times 2) to make it drift. */
static const double DRIFT_RATIO = 4;
static const double CORRELATION_MAX = 0.95;
static const double CLIP = 2.5;

double cp_level(double p, ptrdiff_t n1, ptrdiff_t n2)
{
    return p * fmax(1, (double)(n1 + n2) / (SHORT_SHARE * (double)MIN(n1, n2)));
}

static double median_of_sorted(const double *x, ptrdiff_t n)
{
    return x[(n - 1) / 2] / 2 + x[n / 2] / 2;
}

/* p of the shift between the medians of [a, b) and [b, c), with correlated neighbours. */
static double shift_p(CpWork *w, ptrdiff_t a, ptrdiff_t b, ptrdiff_t c)
{
    double n1 = (double)(b - a), n2 = (double)(c - b);
    double before = median_of_sorted(w->sorted + a, b - a);
    double after = median_of_sorted(w->sorted + b, c - b);
    for (ptrdiff_t i = a; i < c; i++)
        w->tmp[i - a] = w->y[i] - (i < b ? before : after);
    double sigma = select_sigma(w->tmp, c - a, 0);
    if (!(sigma > 0))
        return 0;
    double t = fabs(after - before) / (sigma * sqrt(1 / n1 + 1 / n2)) * w->narrow;
    return fmin(1, 2 * student_t_sf(t, n1 + n2 - 2));
}

/* Twice the log likelihood ratio of a straight line over [a, c) against its best step. */
static double line_against_step(CpWork *w, ptrdiff_t a, ptrdiff_t c)
{
    if (!cp_scale(w, a, c))
        return -HUGE_VAL;
    double n = (double)(c - a), middle = (n - 1) / 2, along = 0;
    for (ptrdiff_t i = a; i < c; i++)
        along += w->z[i] * ((double)(i - a) - middle);
    double squares = cp_squares(w, a, c), step = squares - cp_best_gain(w, a, c);
    double line = squares - along * along / (n * (n * n - 1) / 12);
    double least = 1e-12 * squares; /* rounding: a perfect fit is not infinitely better */
    return n * log(fmax(step, least) / fmax(line, least));
}

/* Badness by kind: too short (3 …), fails a test (2 … 3), drift (1 … 2), stands (0). */
static void judge(CpWork *w, ptrdiff_t k)
{
    Cut *c = &w->cut[k];
    ptrdiff_t from = w->cut[c->prev].at, to = w->cut[c->next].at;
    ptrdiff_t n1 = c->at - from, n2 = to - c->at;
    if (MIN(n1, n2) < CP_MIN_STRETCH) {
        c->badness = 3 + 1 / (double)MIN(n1, n2);
        return;
    }
    c->p = splitrank_p(w->sorted + from, n1, w->sorted + c->at, n2, w->scratch);
    if (w->narrow < 1 && c->p < w->p_now)
        c->p = fmax(c->p, shift_p(w, from, c->at, to));
    double p = cp_level(c->p, n1, n2);
    if (!(p < w->p_now)) {
        c->badness = 2 + fmin(1, p);
        return;
    }
    double line = line_against_step(w, from, to);
    c->badness = line > DRIFT_RATIO ? 2 - DRIFT_RATIO / line : 0;
}

/* Tournament over the cuts 1 … m: top[1] is the worst. Leaves start at `leaf`. */
static ptrdiff_t worse(const CpWork *w, ptrdiff_t i, ptrdiff_t j)
{
    if (i == 0 || j == 0)
        return i ? i : j;
    return w->cut[j].badness > w->cut[i].badness ? j : i;
}

static void replay(CpWork *w, ptrdiff_t leaf, ptrdiff_t k, ptrdiff_t player)
{
    ptrdiff_t i = leaf + k;
    w->top[i] = player;
    for (i /= 2; i >= 1; i /= 2)
        w->top[i] = worse(w, w->top[2 * i], w->top[2 * i + 1]);
}

static void drop(CpWork *w, ptrdiff_t leaf, ptrdiff_t k)
{
    ptrdiff_t prev = w->cut[k].prev, next = w->cut[k].next;
    ptrdiff_t from = w->cut[prev].at, at = w->cut[k].at, to = w->cut[next].at;
    splitrank_merge(w->sorted + from, at - from, to - at, w->tmp);
    w->cut[prev].next = next;
    w->cut[next].prev = prev;
    replay(w, leaf, k, 0);
    if (prev > 0) {
        judge(w, prev);
        replay(w, leaf, prev, prev);
    }
    if (w->cut[next].next > 0) {
        judge(w, next);
        replay(w, leaf, next, next);
    }
}

/* From at[] to linked cuts; the ends are the cuts 0 and n_cuts + 1. */
static void link_cuts(CpWork *w)
{
    ptrdiff_t m = w->n_cuts;
    for (ptrdiff_t k = 0; k <= m + 1; k++)
        w->cut[k] = (Cut){ .at = w->at[k], .prev = MAX(k - 1, (ptrdiff_t)0), .next = k + 1 };
    w->cut[m + 1].next = 0;
}

static void unlink_cuts(CpWork *w)
{
    ptrdiff_t m = 0, k = w->cut[0].next;
    for (; w->cut[k].next > 0; k = w->cut[k].next) {
        w->at[++m] = w->cut[k].at;
        w->p[m] = w->cut[k].p;
    }
    w->n_cuts = m;
    w->at[m + 1] = w->n;
}

/* One elimination at the present correlation. */
static void eliminate(CpWork *w)
{
    if (w->n_cuts == 0)
        return;
    link_cuts(w);
    ptrdiff_t m = w->n_cuts, leaf = 1;
    while (leaf < m + 1)
        leaf *= 2;
    memset(w->top, 0, (size_t)(2 * leaf) * sizeof *w->top);
    for (ptrdiff_t k = 1; k <= m; k++) {
        judge(w, k);
        w->top[leaf + k] = k;
    }
    for (ptrdiff_t i = leaf - 1; i >= 1; i--)
        w->top[i] = worse(w, w->top[2 * i], w->top[2 * i + 1]);
    while (w->top[1] && w->cut[w->top[1]].badness >= 1)
        drop(w, leaf, w->top[1]);
    unlink_cuts(w);
}

/* Correlation of neighbours within stretches, each by its own median and spread, clipped. The
 * median takes some of it away in short stretches, which is given back (Marriott & Pope, Biometrika
 * 41 (1954) 390: the bias at lag 1 is about -(1 + 3 r) / n). */
static double correlation(CpWork *w)
{
    double products = 0, squares = 0, stretches = 0;
    for (ptrdiff_t k = 0; k <= w->n_cuts; k++) {
        ptrdiff_t a = w->at[k], b = w->at[k + 1];
        double middle = median_of_sorted(w->sorted + a, b - a), last = 0;
        memcpy(w->tmp, w->y + a, (size_t)(b - a) * sizeof *w->tmp);
        double sigma = select_sigma(w->tmp, b - a, middle);
        if (!(sigma > 0))
            continue;
        for (ptrdiff_t i = a; i < b; i++) {
            double r = fmax(-CLIP, fmin(CLIP, (w->y[i] - middle) / sigma));
            products += i > a ? r * last : 0;
            squares += r * r;
            last = r;
        }
        stretches++;
    }
    if (!(squares > 0))
        return 0;
    double share = stretches / (double)w->n;
    double r = (products / squares + share) / fmax(0.2, 1 - 3 * share);
    return fmax(0, fmin(CORRELATION_MAX, r));
}

void cp_eliminate(CpWork *w, ptrdiff_t n_candidates)
{
    enum { ROUNDS = 8 };
    w->p_now = w->p_max / fmax(1, (double)n_candidates / CANDIDATES_FREE);
    w->narrow = 1;
    if (w->n_cuts == 0)
        return;
    memcpy(w->sorted, w->y, (size_t)w->n * sizeof *w->y);
    for (ptrdiff_t k = 0; k <= w->n_cuts; k++)
        splitrank_sort(w->sorted + w->at[k], w->at[k + 1] - w->at[k], w->tmp);
    eliminate(w);
    /* Fewer cuts show more of the correlation, which may drop more cuts. */
    for (int i = 0; i < ROUNDS && w->n_cuts > 0; i++) {
        double r = correlation(w), narrow = sqrt((1 - r) / (1 + r));
        if (!(narrow < w->narrow))
            break;
        w->narrow = narrow;
        ptrdiff_t before = w->n_cuts;
        eliminate(w);
        if (w->n_cuts == before)
            break;
    }
}
