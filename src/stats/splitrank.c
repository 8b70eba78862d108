#include "stats/splitrank.h"

#include <math.h>
#include <string.h>

#include "stats/special.h"

enum { EXACT_SIDE_MAX = 40 }; /* beyond it the normal law is within a third at p = 1e-4 */

typedef struct Walk {
    double u;        /* pairs with x < y, ties half */
    double tie_term; /* sum over ties of t^3 - t */
} Walk;

static Walk walk(const double *x, ptrdiff_t n, const double *y, ptrdiff_t m)
{
    Walk w = { 0 };
    ptrdiff_t i = 0, j = 0;
    while (i < n && j < m) {
        if (x[i] < y[j]) {
            double v = x[i];
            ptrdiff_t from = i++;
            while (i < n && x[i] <= v)
                i++;
            double t = (double)(i - from);
            w.u += t * (double)(m - j);
            w.tie_term += t * t * t - t;
            continue;
        }
        double v = y[j];
        ptrdiff_t from_x = i, from_y = j;
        while (i < n && x[i] <= v)
            i++;
        while (j < m && y[j] <= v)
            j++;
        double tx = (double)(i - from_x), ty = (double)(j - from_y), t = tx + ty;
        w.u += tx * ((double)(m - j) + ty / 2);
        w.tie_term += t * t * t - t;
    }
    for (const double *z = i < n ? x + i : y + j, *end = i < n ? x + n : y + m; z < end;) {
        const double *from = z;
        while (z < end && *z <= *from)
            z++;
        double t = (double)(z - from);
        w.tie_term += t * t * t - t;
    }
    return w;
}

/* P(U <= u) for k against n values: counts[s] = partitions of s into at most k parts of at most n,
 * from prod (1 - q^(n+i)) / (1 - q^i), i = 1 … k. */
static double exact_tail(ptrdiff_t k, ptrdiff_t n, ptrdiff_t u, double *counts)
{
    memset(counts, 0, (size_t)(u + 1) * sizeof *counts);
    counts[0] = 1;
    double ways = 1;
    for (ptrdiff_t i = 1; i <= k; i++) {
        for (ptrdiff_t s = u; s >= n + i; s--)
            counts[s] -= counts[s - n - i];
        for (ptrdiff_t s = i; s <= u; s++)
            counts[s] += counts[s - i];
        ways = ways * (double)(n + i) / (double)i;
    }
    double sum = 0;
    for (ptrdiff_t s = 0; s <= u; s++)
        sum += counts[s];
    return sum / ways;
}

double splitrank_p(const double *x, ptrdiff_t n, const double *y, ptrdiff_t m, double *scratch)
{
    if (n == 0 || m == 0)
        return 1;
    Walk w = walk(x, n, y, m);
    double dn = (double)n, dm = (double)m, total = dn + dm, pairs = dn * dm;
    double var = pairs / 12 * (total + 1 - w.tie_term / (total * (total - 1)));
    if (!(var > 0))
        return 1;
    double tail = fmin(w.u, pairs - w.u), distance = pairs / 2 - tail - 0.5;
    double z = fmax(0, distance) / sqrt(var), p = fmin(1, 2 * norm_sf(z));
    ptrdiff_t k = MIN(n, m);
    /* The normal law errs to the safe side: where it is clear either way it will do. Half counts of
     * ties round up, towards no difference. */
    double u = ceil(tail);
    if (k > EXACT_SIDE_MAX || u >= SPLITRANK_SCRATCH || (double)k * u > SPLITRANK_COST ||
        (k > 8 && (z < 2.5 || z > 6)))
        return p;
    return fmin(1, 2 * exact_tail(k, MAX(n, m), (ptrdiff_t)u, scratch));
}

void splitrank_merge(double *x, ptrdiff_t n, ptrdiff_t m, double *tmp)
{
    if (n == 0 || m == 0 || x[n - 1] <= x[n])
        return;
    if (n <= m) { /* the shorter side moves out of the way */
        memcpy(tmp, x, (size_t)n * sizeof *x);
        double *out = x, *y = x + n, *end = x + n + m;
        const double *t = tmp, *t_end = tmp + n;
        while (t < t_end)
            *out++ = y < end && *y < *t ? *y++ : *t++;
        return;
    }
    memcpy(tmp, x + n, (size_t)m * sizeof *x);
    double *out = x + n + m, *a = x + n;
    const double *t = tmp + m;
    while (t > tmp)
        *--out = a > x && a[-1] > t[-1] ? *--a : *--t;
}

void splitrank_sort(double *x, ptrdiff_t n, double *tmp)
{
    enum { RUN = 12 };
    for (ptrdiff_t from = 0; from < n; from += RUN) {
        ptrdiff_t to = MIN(from + RUN, n);
        for (ptrdiff_t i = from + 1; i < to; i++) {
            double v = x[i];
            ptrdiff_t j = i;
            for (; j > from && x[j - 1] > v; j--)
                x[j] = x[j - 1];
            x[j] = v;
        }
    }
    for (ptrdiff_t run = RUN; run < n; run *= 2)
        for (ptrdiff_t from = 0; from + run < n; from += 2 * run)
            splitrank_merge(x + from, run, MIN(run, n - from - run), tmp);
}
