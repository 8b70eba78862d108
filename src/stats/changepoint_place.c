/* Where to cut. Candidates come from ranks, so that neither outliers nor the size of other changes
 * matter. Places between two levels come from the values themselves, clipped a little beyond the
 * levels: ranks would put a jump that a drift follows into the midst of the drift. */
#include <math.h>
#include <string.h>

#include "stats/changepoint_work.h"
#include "stats/partition.h"
#include "stats/select.h"

/* Price of a candidate in units of ln n; between 2 and 3 results hardly differ. */
static const double PENALTY = 2.5;
/* Beyond this many spreads a value counts no more for drift. */
static const double CLIP = 4;
/* Beyond a level by more than this many spreads a value counts no more for the place. */
static const double BEYOND = 2;
/* 95 % of the likelihood ratio at the true place: -2 ln(1 - sqrt(0.95)) (Siegmund, Ann. Stat. 16
 * (1988) 1). */
static const double RANGE_RATIO = 7.352;

static void insert_runs(Ranked *r, ptrdiff_t n, ptrdiff_t run)
{
    for (ptrdiff_t from = 0; from < n; from += run) {
        ptrdiff_t to = MIN(from + run, n);
        for (ptrdiff_t i = from + 1; i < to; i++) {
            Ranked v = r[i];
            ptrdiff_t j = i;
            for (; j > from && r[j - 1].value > v.value; j--)
                r[j] = r[j - 1];
            r[j] = v;
        }
    }
}

static void merge_runs(const Ranked *from, ptrdiff_t n, ptrdiff_t m, Ranked *to)
{
    const Ranked *a = from, *b = from + n, *a_end = b, *b_end = b + m;
    while (a < a_end && b < b_end)
        *to++ = b->value < a->value ? *b++ : *a++;
    memcpy(to, a, (size_t)(a_end - a) * sizeof *to);
    memcpy(to + (a_end - a), b, (size_t)(b_end - b) * sizeof *to);
}

/* Stable; returns which of the two buffers holds the result. */
static Ranked *sort_ranked(Ranked *r, Ranked *other, ptrdiff_t n)
{
    enum { RUN = 8 };
    insert_runs(r, n, RUN);
    for (ptrdiff_t run = RUN; run < n; run *= 2) {
        for (ptrdiff_t from = 0; from < n; from += 2 * run) {
            ptrdiff_t left = MIN(run, n - from), right = MIN(run, n - from - left);
            merge_runs(r + from, left, right, other + from);
        }
        Ranked *swap = r;
        r = other;
        other = swap;
    }
    return r;
}

bool cp_rank(CpWork *w, ptrdiff_t a, ptrdiff_t b)
{
    ptrdiff_t n = b - a;
    for (ptrdiff_t i = a; i < b; i++)
        w->ranked[i - a] = (Ranked){ w->y[i], i };
    const Ranked *r = sort_ranked(w->ranked, w->ranked2, n);
    double middle = (double)(n - 1) / 2, squares = 0;
    for (ptrdiff_t i = 0; i < n;) {
        ptrdiff_t end = i + 1;
        while (end < n && r[end].value <= r[i].value)
            end++;
        double rank = (double)(i + end - 1) / 2 - middle;
        squares += rank * rank * (double)(end - i);
        for (; i < end; i++)
            w->z[r[i].at] = rank;
    }
    if (!(squares > 0))
        return false;
    double scale = sqrt((double)n / squares);
    for (ptrdiff_t i = a; i < b; i++)
        w->z[i] *= scale;
    return true;
}

bool cp_scale(CpWork *w, ptrdiff_t a, ptrdiff_t b)
{
    ptrdiff_t n = b - a;
    memcpy(w->tmp, w->y + a, (size_t)n * sizeof *w->tmp);
    double centre = select_median(w->tmp, n);
    double sigma = select_sigma(w->tmp, n, centre);
    if (!(sigma > 0))
        return false;
    for (ptrdiff_t i = a; i < b; i++)
        w->z[i] = fmax(-CLIP, fmin(CLIP, (w->y[i] - centre) / sigma));
    return true;
}

/* z[a … c) := y[a … c) clipped around the levels on both sides of b, in spreads around them. */
static void scale_levels(CpWork *w, ptrdiff_t a, ptrdiff_t b, ptrdiff_t c)
{
    memcpy(w->tmp, w->y + a, (size_t)(c - a) * sizeof *w->tmp);
    double before = select_median(w->tmp, b - a), after = select_median(w->tmp + (b - a), c - b);
    for (ptrdiff_t i = a; i < c; i++)
        w->tmp[i - a] = w->y[i] - (i < b ? before : after);
    double sigma = select_sigma(w->tmp, c - a, 0), unit = sigma > 0 ? sigma : 1;
    double low = fmin(before, after), high = fmax(before, after), reach = BEYOND * sigma;
    for (ptrdiff_t i = a; i < c; i++)
        w->z[i] = (fmax(low - reach, fmin(high + reach, w->y[i])) - low) / unit;
}

int cp_look(CpWork *w, ptrdiff_t a, ptrdiff_t b, ptrdiff_t *n_found, Err *err)
{
    enum { FEWEST = 8 }; /* the penalty of shorter series stays where it was */
    ptrdiff_t n = b - a, m = 0;
    if (n < 2 * CP_MIN_STRETCH || !cp_rank(w, a, b))
        return 0;
    double penalty = PENALTY * log((double)MAX(n, (ptrdiff_t)FEWEST));
    ptrdiff_t *found = w->found + *n_found;
    TRY(partition_levels(w->z + a, n, penalty, found, &m, err));
    for (ptrdiff_t i = 0; i < m; i++)
        found[i] += a;
    *n_found += m;
    return 0;
}

/* By how much cutting at each i lowers the squared error of z[a … c). */
typedef struct Gain {
    const double *z;
    ptrdiff_t a, c, i;
    double left, total;
} Gain;

static Gain gain_begin(const CpWork *w, ptrdiff_t a, ptrdiff_t c)
{
    Gain g = { .z = w->z, .a = a, .c = c, .i = a };
    for (ptrdiff_t i = a; i < c; i++)
        g.total += w->z[i];
    return g;
}

/* Go on to the next place, a + 1 … c - 1; its gain. */
static double gain_next(Gain *g)
{
    g->left += g->z[g->i++];
    double n1 = (double)(g->i - g->a), n2 = (double)(g->c - g->i), right = g->total - g->left;
    return g->left * g->left / n1 + right * right / n2 - g->total * g->total / (n1 + n2);
}

/* Squared distances of z[a … c) from its mean. */
double cp_squares(const CpWork *w, ptrdiff_t a, ptrdiff_t c)
{
    double sum = 0, squares = 0;
    for (ptrdiff_t i = a; i < c; i++) {
        sum += w->z[i];
        squares += w->z[i] * w->z[i];
    }
    return squares - sum * sum / (double)(c - a);
}

double cp_best_gain(const CpWork *w, ptrdiff_t a, ptrdiff_t c)
{
    double most = 0;
    for (Gain g = gain_begin(w, a, c); g.i < c - CP_MIN_STRETCH;) {
        double gain = gain_next(&g);
        most = g.i - a >= CP_MIN_STRETCH && gain > most ? gain : most;
    }
    return most;
}

void cp_place(CpWork *w, ptrdiff_t reach)
{
    for (ptrdiff_t k = 1; k <= w->n_cuts; k++) {
        ptrdiff_t a = MAX(w->at[k - 1], w->at[k] - reach), c = MIN(w->at[k + 1], w->at[k] + reach);
        scale_levels(w, a, w->at[k], c);
        double most = -1;
        for (Gain g = gain_begin(w, a, c); g.i < c - CP_MIN_STRETCH;) {
            double gain = gain_next(&g);
            if (g.i - a >= CP_MIN_STRETCH && gain > most) {
                most = gain;
                w->at[k] = g.i;
            }
        }
    }
}

void cp_range(CpWork *w, ptrdiff_t a, ptrdiff_t b, ptrdiff_t c, ptrdiff_t *lo, ptrdiff_t *hi)
{
    *lo = *hi = b;
    scale_levels(w, a, b, c);
    double best = 0, n = (double)(c - a);
    for (Gain g = gain_begin(w, a, c); g.i < b;)
        best = gain_next(&g);
    double squares = cp_squares(w, a, c), ratio = RANGE_RATIO / (w->narrow * w->narrow);
    double allowed = fmax(0, squares - best) * exp(ratio / n);
    for (Gain g = gain_begin(w, a, c); g.i < c - 1;)
        if (squares - gain_next(&g) <= allowed) {
            *lo = MIN(*lo, g.i);
            *hi = MAX(*hi, g.i);
        }
}
