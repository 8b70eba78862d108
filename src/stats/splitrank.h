/* Mann and Whitney's test of two neighbouring stretches that are kept sorted: what rank.h does, at
 * a price that lets a history be judged at every candidate. Pure, no allocation. */
#pragma once

#include "base/macros.h"

/* Steps that an exact tail may cost; its scratch holds SPLITRANK_SCRATCH doubles. */
enum { SPLITRANK_COST = 100000, SPLITRANK_SCRATCH = 20000 };

/* Two-sided p of sorted x[n] against sorted y[m]; 1 when a side is empty.
 *
 * Exact (for values without ties; with ties conservative) where the smaller side is small enough
 * for the normal law to be off and the tail costs at most SPLITRANK_COST steps; else normal with
 * tie and continuity correction, which for a small side is conservative as well.
 *   scratch  [SPLITRANK_SCRATCH]
 * Cost: O(n + m) and the exact tail.
 * Source: counts of the exact tail from the Gaussian binomial coefficient's product form (Mann &
 * Whitney 1947; Andrews, The Theory of Partitions (1976), 3.2). */
double splitrank_p(const double *x, ptrdiff_t n, const double *y, ptrdiff_t m, double *scratch);

/* Sort x[n] (no NaN) with tmp[n]. */
void splitrank_sort(double *x, ptrdiff_t n, double *tmp);
/* Merge the sorted stretches x[0 … n) and x[n … n + m) in place; tmp[min(n, m)]. */
void splitrank_merge(double *x, ptrdiff_t n, ptrdiff_t m, double *tmp);
