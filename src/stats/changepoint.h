/* Where did a history change its level, and how sure is that?
 *
 * Three steps. Candidates: the best cut of the series, as ranks, into constant levels
 * (partition.h), repeated within each stretch until nothing more is found, so that a large change
 * does not hide a small one. Elimination: a candidate must stand a rank test between its two
 * stretches; the weakest is dropped, its neighbours are tested anew, until all stand. Drift: what a
 * straight line explains better than a step is no step. What is left is put where the ranks divide
 * best.
 *
 * Neighbouring runs on shared machines go along with each other, and a test that takes them for
 * independent cries wolf. So the correlation of neighbours within stretches is estimated and the
 * shift must stand a second test that allows for it (the variance of a mean then is (1 + r) / (1 -
 * r) times larger). The level of significance is tightened when there were many candidates, as
 * with two-peaked noise, and for stretches that are short within a long series.
 *
 * Nothing is random and nothing depends on the order of calls: the same series gives the same
 * answer, bit for bit. Missing values (NaN, infinities) are left out; indices are those of the
 * series as given. Any numbers, zero and negative too; only their order and, for drift and
 * correlation, their distances up to scale matter. Pure.
 *
 * Source of the parts: partition.h, splitrank.h. The chain of global optimum and bottom-up rank
 * tests, and its constants, were chosen by measurement: docs/history.md has the figures,
 * bench/changepoint.c repeats them. */
#pragma once

#include "base/err.h"

typedef struct CpOpts {
    double p; /* a change needs a smaller p than this; 0: CP_P */
} CpOpts;
#define CP_P 1e-4
enum { CP_MIN_STRETCH = 3 }; /* fewest values of a level */

typedef struct ChangePoint {
    ptrdiff_t index;       /* the first value of the new level */
    ptrdiff_t first, last; /* the change lies in [first, last] with about 95 % confidence; missing
                            * values in front of it belong to the range */
    bool confirmed;        /* else suspected: the newest values differ clearly, but they are too few
                            * for any rank test to say so */
    ptrdiff_t points_needed; /* more values on the new level that would confirm it; 0 when it is */
    double before, after;    /* medians of the stretches on both sides */
    double change;           /* after / before - 1, in units of |before|; NaN when before is 0 */
    double p; /* two-sided, of the rank test, or where neighbours are correlated of the test that
               * allows for it when that is larger; before multiplicity */
} ChangePoint;

typedef struct ChangePoints {
    ChangePoint *v; /* owned, [n], by rising index; only the last may be suspected */
    ptrdiff_t n;
    double correlation; /* of neighbours within stretches, as allowed for; 0 … 0.95 */
} ChangePoints;

void changepoints_done(ChangePoints *c);

/* Find the change points of x[n], oldest first, borrowed, n >= 0. opts may be NULL.
 * Returns 0, -EINVAL (p outside (0, 1)) or -ENOMEM.
 * Cost: O(n log n), 0.2 to 0.5 us per value. From 32 768 values on, medians of blocks are searched
 * first and the newest 8 192 values one by one: what lasted less than about two blocks (n / 16 384
 * values each) is then found among the newest only. */
MUST_CHECK int changepoints_find(const double *x, ptrdiff_t n, const CpOpts *opts,
                                 ChangePoints *ret, Err *err);
