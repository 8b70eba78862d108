#include "report/dist.h"

#include <math.h>
#include <string.h>

#include "report/plot_scale.h"

static uint64_t count_up_to(const Hist *h, double edge)
{
    if (edge < 0)
        return 0;
    return hist_count_at_or_below(h, edge >= 1.8e19 ? UINT64_MAX : (uint64_t)edge);
}

/* Fill counts from edges[n + 1]; the outer bins take what lies outside. */
static Dist from_edges(Arena *a, const Hist *h, const double *edges, ptrdiff_t n)
{
    Dist d = { .bins = ARENA_ARRAY(a, DistBin, n), .n = n, .total = (double)h->n };
    uint64_t below = 0;
    for (ptrdiff_t i = 0; i < n; i++) {
        uint64_t upto = i == n - 1 ? h->n : count_up_to(h, edges[i + 1]);
        upto = MAX(upto, below);
        d.bins[i] = (DistBin){ edges[i], edges[i + 1], (double)(upto - below) };
        d.most = MAX(d.most, d.bins[i].count);
        below = upto;
    }
    return d;
}

Dist dist_of_hist(Arena *a, const Hist *h, int n_bins)
{
    if (!h || h->n == 0)
        return (Dist){ .log = true };
    Scale s = scale_new(SCALE_LOG, MAX((double)h->min, 1), MAX((double)h->max, 1), 0, n_bins);
    double *edges = ARENA_ARRAY(a, double, n_bins + 1);
    for (int i = 0; i <= n_bins; i++)
        edges[i] = s.lo * pow(s.hi / s.lo, (double)i / n_bins);
    Dist d = from_edges(a, h, edges, n_bins);
    d.log = true;
    return d;
}

/* Edges at `digits` of every decade that enclose [lo, hi]; returns the number of edges, also when
 * it is more than `most` (then not all are written). */
static ptrdiff_t decade_edges(const double *digits, int n_digits, double lo, double hi,
                              ptrdiff_t most, double *edges)
{
    ptrdiff_t n = 0;
    for (double d = floor(log10(lo)) - 1; n <= most; d++)
        for (int i = 0; i < n_digits && n <= most; i++) {
            double v = digits[i] * pow(10, d);
            double next =
                i + 1 < n_digits ? digits[i + 1] * pow(10, d) : digits[0] * pow(10, d + 1);
            if (next < lo)
                continue;
            edges[n++] = v;
            if (v >= hi)
                return n;
        }
    return n;
}

/* The finest round edges of which at most `most` enclose [lo, hi]. */
static ptrdiff_t bulk_edges(double lo, double hi, int most, double *edges)
{
    static const double steps[][10] = { { 1, 1.25, 1.6, 2, 2.5, 3.2, 4, 5, 6.3, 8 },
                                        { 1, 1.5, 2, 3, 5, 7 },
                                        { 1, 2, 5 },
                                        { 1, 3 },
                                        { 1 } };
    static const int n_steps[] = { 10, 6, 3, 2, 1 };
    ptrdiff_t n = 0;
    if (hi / lo <= 3) {
        Scale s = scale_nice(lo, hi, 0, 1, false);
        return scale_ticks(&s, MIN(most, (int)TICKS_MAX), edges);
    }
    for (ptrdiff_t k = 0; k < ARRAY_LEN(steps); k++) {
        n = decade_edges(steps[k], n_steps[k], lo, hi, most, edges);
        if (n <= most)
            break;
    }
    return n;
}

Dist dist_of_hist_round(Arena *a, const Hist *h, int most)
{
    static const double half_decades[] = { 1, 3 };
    enum { TAIL_MOST = 24 };
    if (!h || h->n == 0)
        return (Dist){ 0 };
    double lo = MAX(hist_quantile(h, 0.005), 1), hi = MAX(hist_quantile(h, 0.95), lo);
    double top = (double)h->max;
    double *edges = ARENA_ARRAY(a, double, MAX(most, (int)TICKS_MAX) + TAIL_MOST + 4);
    ptrdiff_t n = bulk_edges(lo, hi, most, edges);
    if (top > edges[n - 1]) {
        double from = edges[n - 1] * 1.5;
        n += decade_edges(half_decades, 2, from, MAX(top, from), TAIL_MOST, edges + n);
        for (ptrdiff_t i = n - 1; i > 0; i--) /* the tail's first edge may lie within the bulk */
            if (edges[i] <= edges[i - 1]) {
                memmove(edges + i, edges + i + 1, (size_t)(n - i - 1) * sizeof *edges);
                n--;
            }
    }
    edges[0] = MIN(edges[0], (double)h->min);
    Dist d = from_edges(a, h, edges, MAX(n - 1, 1));
    d.log = true;
    return d;
}

Dist dist_of_values(Arena *a, const double *v, ptrdiff_t n, double lo, double hi, int n_bins)
{
    Dist d = { .bins = ARENA_ARRAY(a, DistBin, n_bins), .n = n_bins };
    double width = (hi - lo) / n_bins;
    for (int i = 0; i < n_bins; i++)
        d.bins[i] = (DistBin){ lo + i * width, lo + (i + 1) * width, 0 };
    for (ptrdiff_t i = 0; i < n; i++) {
        if (isnan(v[i]))
            continue;
        double at = width > 0 ? ceil((v[i] - lo) / width) - 1 : 0;
        ptrdiff_t k = at < 0 ? 0 : at >= n_bins ? n_bins - 1 : (ptrdiff_t)at;
        d.bins[k].count++;
        d.total++;
        d.most = MAX(d.most, d.bins[k].count);
    }
    return d;
}

int dist_bins(ptrdiff_t n, double q1, double q3, double lo, double hi, int most)
{
    double width = 2 * (q3 - q1) / cbrt((double)MAX(n, 1));
    double bins = width > 0 && hi > lo ? ceil((hi - lo) / width) : 5;
    return bins < 5 ? 5 : bins > most ? most : (int)bins;
}
