/* Medians and spread without sorting. Arrays are reordered in place and hold no NaN (asserted where
 * that is cheap). Pure, no allocation. */
#pragma once

#include "base/macros.h"

/* The k-th smallest (k = 0 …) of x[n], 0 <= k < n. Afterwards everything before x[k] is at most and
 * everything behind it at least x[k]. Cost O(n) on average.
 * Source: Hoare's FIND, Commun. ACM 4 (1961) 321, pivot the middle of three. */
double select_kth(double *x, ptrdiff_t n, ptrdiff_t k);

/* Middle value, or the mean of the two. NaN when n = 0. */
double select_median(double *x, ptrdiff_t n);

/* Spread of x[n] around `centre` as a standard deviation of the normal law would be: 1.4826 * MAD.
 * Where more than half of the values equal the centre, the first of the 75, 90, 95, 99 and 100 %
 * quantiles of |x - centre| that is not 0 stands in for the MAD. 0 only when all are equal. x is
 * overwritten by the distances. */
double select_sigma(double *x, ptrdiff_t n, double centre);
