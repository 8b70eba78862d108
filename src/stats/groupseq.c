#include "stats/groupseq.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "stats/special.h"

/* The count above the hypothesis, of walks that no look has ended: p[k], k = 0 … n. */
typedef struct Walk {
    double *p; /* [n + 1] and room */
    ptrdiff_t n;
} Walk;

static void walk_done(Walk *w)
{
    free(w->p);
}

static int walk_new(Walk *w, ptrdiff_t most, Err *err)
{
    w->p = calloc((size_t)most + 1, sizeof *w->p);
    if (!w->p)
        return err_set(err, -ENOMEM, "out of memory for %td rounds", most);
    w->p[0] = 1;
    return 0;
}

/* On to n values: each goes up or not. */
static void walk_to(Walk *w, ptrdiff_t n)
{
    for (; w->n < n; w->n++) {
        for (ptrdiff_t k = w->n + 1; k > 0; k--)
            w->p[k] = 0.5 * (w->p[k] + w->p[k - 1]);
        w->p[0] *= 0.5;
    }
}

/* End the walks at or beyond `bound` from either end; how many did. */
static double walk_cut(Walk *w, ptrdiff_t bound)
{
    double gone = 0;
    for (ptrdiff_t k = 0; k <= w->n; k++)
        if (MIN(k, w->n - k) <= bound) {
            gone += w->p[k];
            w->p[k] = 0;
        }
    return gone;
}

/* The bound that ends as many as may, -1: none. */
static ptrdiff_t bound_for(const Walk *w, double may)
{
    double gone = 0;
    ptrdiff_t b = 0;
    for (; 2 * b < w->n; b++) {
        gone += w->p[b] + w->p[w->n - b];
        if (gone > may)
            break;
    }
    return b - 1;
}

static double p_of_bound(ptrdiff_t bound, ptrdiff_t n)
{
    return bound < 0 ? 0 : MIN(1.0, 2 * binom_cdf(bound, n, 0.5));
}

double groupseq_spend(double alpha, double t)
{
    return t >= 1 ? alpha : 4 * norm_sf(norm_quantile(1 - alpha / 4) / sqrt(t));
}

int groupseq_nominal(const GroupPlan *p, double alpha, double *ret, Err *err)
{
    CLEANUP(walk_done) Walk w = { 0 };
    double spent = 0;
    ptrdiff_t bound = -1;
    assert(p->n_looks >= 1 && p->n_looks <= GROUP_LOOKS_MAX);
    TRY(walk_new(&w, p->at[p->n_looks - 1], err));
    for (int i = 0; i < p->n_looks; i++) {
        walk_to(&w, p->at[i]);
        bound = bound_for(&w, groupseq_spend(alpha, p->t[i]) - spent);
        spent += walk_cut(&w, bound);
    }
    *ret = p_of_bound(bound, w.n);
    return 0;
}

int groupseq_p(const GroupPlan *p, double nominal, double *ret, Err *err)
{
    double low = log(1e-18), high = 0; /* of alpha */
    if (!(nominal < 1)) {
        *ret = 1;
        return 0;
    }
    while (high - low > 1e-6) {
        double middle = (low + high) / 2, may;
        TRY(groupseq_nominal(p, exp(middle), &may, err));
        if (may * (1 + 1e-12) >= nominal)
            high = middle;
        else
            low = middle;
    }
    *ret = exp(high);
    return 0;
}

/* Largest bound whose p is within the nominal one. */
static ptrdiff_t bound_of_p(double nominal, ptrdiff_t n)
{
    ptrdiff_t b = -1;
    while (2 * (b + 1) < n && p_of_bound(b + 1, n) <= nominal)
        b++;
    return b;
}

int groupseq_error(const ptrdiff_t *at, const double *nominal, int n_looks, double *ret, Err *err)
{
    CLEANUP(walk_done) Walk w = { 0 };
    double gone = 0;
    TRY(walk_new(&w, at[n_looks - 1], err));
    for (int i = 0; i < n_looks; i++) {
        walk_to(&w, at[i]);
        gone += walk_cut(&w, bound_of_p(nominal[i], w.n));
    }
    *ret = gone;
    return 0;
}
