/* What Mozilla's Perfherder alerts on: each value's t between a window before and a window after
 * it; a change is where t is above the threshold and no smaller than its neighbours'. To compare
 * with, and to change over from it; it needs large steps (7 standard errors) and 12 values after
 * them.
 *
 * Its habits are kept: means are weighted linearly towards the place, variances are taken around
 * the weighted mean, and the window before grows from 12 to 24 while nothing is seen. Pure.
 *
 * Source: behaviour of treeherder's perfalert at dc3080dd, whose seven published cases it
 * reproduces (windowed_test.c). */
#pragma once

#include "stats/changepoint.h"

typedef struct WindowedOpts {
    ptrdiff_t before_min, before_max; /* values before a place; 0: 12, 24 */
    ptrdiff_t after;                  /* values from it on; 0: 12 */
    double t;                         /* threshold, > 0; 0: 7 */
} WindowedOpts;

/* x[n] oldest first; missing values are left out. All points are confirmed; before and after are
 * the windows' means; p is that of a Student's t with n1 + n2 - 2 degrees of freedom, which the
 * rule itself does not look at. Returns 0, -EINVAL or -ENOMEM. Cost: O(n * window). */
MUST_CHECK int windowed_find(const double *x, ptrdiff_t n, const WindowedOpts *opts,
                             ChangePoints *ret, Err *err);
