/* Quantiles of samples, their spread and their confidence intervals without any assumption about
 * the law behind them.
 *
 * Functions on `sorted` want a rising array x[n] without NaN (asserted at the ends only). Pure; no
 * allocation. Source of the types: Hyndman & Fan, Am. Stat. 50 (1996) 361. */
#pragma once

#include "stats/hist.h"

/* MAD of a normal law times this is its standard deviation. */
#define MAD_TO_SIGMA 1.482602218505602

/* Sort rising in place, NaN last. Cost O(n log n). */
void sort_doubles(double *x, ptrdiff_t n);
/* Number of leading elements that are numbers in an array sorted by sort_doubles. */
ptrdiff_t count_numbers(const double *sorted, ptrdiff_t n);

/* Type 7: linear interpolation at 1 + (n - 1) q, what R, NumPy and spreadsheets do. q in [0, 1];
 * NaN when n = 0. */
double quantile_type7(const double *sorted, ptrdiff_t n, double q);
/* Type 1: inverse empirical distribution function, always a sample (hist_quantile's definition). */
double quantile_type1(const double *sorted, ptrdiff_t n, double q);
/* Middle sample, or the mean of the two. NaN when n = 0. */
double median_sorted(const double *sorted, ptrdiff_t n);
/* Median of |x - median|, unscaled. NaN when n = 0. Cost O(n), no scratch. */
double mad_sorted(const double *sorted, ptrdiff_t n);

/* Order statistics that enclose a quantile of the law the n values came from. */
typedef struct RankInterval {
    int64_t lo;      /* rank 1 … n of the lower end; 0 means minus infinity */
    int64_t hi;      /* rank 1 … n of the upper end; n + 1 means plus infinity */
    double coverage; /* what (lo, hi) really cover, >= level; for a continuous law exact */
} RankInterval;

/* Equal-tailed exact (binomial) interval for the q-quantile at confidence `level`; each tail holds
 * at most (1 - level) / 2. Any law, n >= 0, q in [0, 1], level in (0, 1).
 * Source: David & Nagaraja, Order Statistics (3rd ed., 2003), 7.1. Cost O(log n) incomplete betas.
 */
RankInterval quantile_rank_interval(int64_t n, double q, double level);

typedef struct Interval {
    double low, high; /* may be infinite */
    double coverage;
} Interval;

/* The same as values. */
Interval quantile_interval(const double *sorted, ptrdiff_t n, double q, double level);
/* For a histogram: outer edges of the bins, so that the precision of the bins only widens it. An
 * end without a rank is infinite. Values are taken as independent, which successive latencies of
 * one server seldom are: then it is too narrow, and trials are the unit to compare. */
Interval hist_quantile_interval(const Hist *h, double q, double level);
