/* Is a history getting better or worse bit by bit? What no single commit shows.
 *
 * Slope: Theil's and Sen's median of all pairwise slopes, with Kendall's distribution-free
 * interval; trend or not: Mann's and Kendall's test, with ties, and with a larger variance where
 * neighbours go along with each other. Up to TREND_EXACT_MAX values all pairs count; of more,
 * medians of equal blocks stand for the values, so that any length takes milliseconds. Missing
 * values are left out. Pure, no random numbers.
 *
 * Source: Sen, J. Am. Stat. Assoc. 63 (1968) 1379; Kendall, Rank Correlation Methods (4th ed.,
 * 1975); correlated neighbours: Yue & Wang, Water Resour. Manag. 18 (2004) 201, with the variance
 * of an AR(1) process. */
#pragma once

#include "base/err.h"

enum { TREND_EXACT_MAX = 1000 };

typedef struct Trend {
    ptrdiff_t n;      /* values that are numbers */
    double slope;     /* y per unit of t; NaN when n < 2 or all t are equal */
    double low, high; /* its interval; -inf, +inf when n is too small for the level */
    double intercept; /* the line is intercept + slope * t: median of y - slope * t */
    double r2;        /* share of the variance that the least-squares line explains; NaN when y or t
                       * does not vary */
    double p;         /* two-sided, Mann-Kendall; 1 when n < 3 */
} Trend;

/* The trend of y[n] over t[n], both borrowed.
 *
 *   t      any unit, any order, ties allowed; NULL: 0, 1, 2 …
 *   level  confidence of the interval, in (0, 1)
 *
 * Returns 0, -EINVAL (level) or -ENOMEM. Cost: O(n^2) up to TREND_EXACT_MAX values (some ms
 * there), O(n) beyond. */
MUST_CHECK int trend_find(const double *y, const double *t, ptrdiff_t n, double level, Trend *ret,
                          Err *err);

/* Where the line reaches `limit`: t, or NaN when it does not get there (slope 0, not a number, or
 * it leads away from it from t_now on). low and high: the same for the ends of the slope's
 * interval, with the line turned about its value at t_now; infinite when that end never gets there.
 */
typedef struct Crossing {
    double at, low, high;
} Crossing;
Crossing trend_crossing(const Trend *trend, double t_now, double limit);

/* The last stretch of one length against the one before it, by time: week over week. */
typedef struct Period {
    ptrdiff_t n_before, n_now;
    double before, now; /* medians; NaN when there are no values */
    double change;      /* now / before - 1, in units of |before| */
    double p;           /* Mann-Whitney; 1 without evidence */
} Period;

/* Values in (t_last - length, t_last] against (t_last - 2 length, t_last - length], t_last the
 * largest t. length > 0. Returns 0 or -ENOMEM. */
MUST_CHECK int trend_period(const double *y, const double *t, ptrdiff_t n, double length,
                            Period *ret, Err *err);

/* Slow drift since a point that was accepted, such as a baseline: the boiling frog. */
typedef struct Drift {
    ptrdiff_t n;      /* values since */
    double change;    /* of the line over the stretch, relative to its beginning */
    double low, high; /* its interval */
    double p;         /* of the trend, Mann-Kendall */
    bool drifted;     /* p below the level and all of [low, high] beyond +-min_change */
} Drift;

/* Of y[from … n). level: chance of a false report, such as 0.001; min_change: smallest relative
 * change of interest, such as 0.01. Returns 0, -EINVAL or -ENOMEM. */
MUST_CHECK int trend_drift(const double *y, ptrdiff_t n, ptrdiff_t from, double level,
                           double min_change, Drift *ret, Err *err);
