/* What Apache Otava (formerly Hunter) reports on a series: to compare with, and to change over from
 * it without a surprise. For judging, changepoint.h alarms less and finds more.
 *
 * E-divisive in overlapping windows finds weak change points by a t-test at a relaxed level; then
 * the weakest go, until all stand the level and the smallest relative change asked for. Its habits
 * are kept: the t-test takes standard deviations with divisor n, and after a point went only the
 * points behind it are tested anew. Pure, no random numbers.
 *
 * Source: Matteson & James, J. Am. Stat. Assoc. 109 (2014) 334; Fleming et al., "Hunter", ICPE 2023
 * (doi 10.1145/3578244.3583719); behaviour of apache/otava at 1ceb153, whose ten published cases it
 * reproduces (edivisive_test.c). */
#pragma once

#include "stats/changepoint.h"

typedef struct EdivisiveOpts {
    ptrdiff_t window; /* values per window, >= 2; 0: 50 */
    double p;         /* level in (0, 1); 0: 0.001 */
    double magnitude; /* smallest relative change, >= 0 */
} EdivisiveOpts;

/* x[n] oldest first; missing values (NaN, infinities) are filled with the value before, as there.
 * All points are confirmed; before and after are means. Returns 0, -EINVAL or -ENOMEM.
 * Cost: O(n * window). */
MUST_CHECK int edivisive_find(const double *x, ptrdiff_t n, const EdivisiveOpts *opts,
                              ChangePoints *ret, Err *err);
