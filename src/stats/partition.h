/* The best cut of a series into stretches of constant level.
 *
 * Minimises the sum of squared deviations from each stretch's mean plus `penalty` for every cut,
 * over all ways to cut. Exact up to rounding, no random numbers, so the same series gives the same
 * cuts. Pure.
 *
 * Cost: O(n * candidates) with the few candidates that functional pruning leaves, of the order of
 * log n: about 0.1 us per point; memory 24 bytes per point.
 * Source: functional pruning, Maidstone, Hocking, Rigaill & Fearnhead, Stat. Comput. 27 (2017) 519;
 * Rigaill, arXiv:1004.0887. The cost is that of Killick, Fearnhead & Eckley's PELT, J. Am. Stat.
 * Assoc. 107 (2012) 1590; PELT prunes only where there are cuts and is quadratic without. */
#pragma once

#include "base/err.h"

/* Cut y[n] (finite numbers).
 *
 *   penalty    price of a cut, > 0, in squares of y's unit; 2 to 3 times ln n for noise of sigma 1
 *   cuts       out: cuts[n], rising: first index of each stretch but the first
 *   ret_n      out: how many
 *
 * Returns 0 or -ENOMEM. n >= 0. */
MUST_CHECK int partition_levels(const double *y, ptrdiff_t n, double penalty, ptrdiff_t *cuts,
                                ptrdiff_t *ret_n, Err *err);
