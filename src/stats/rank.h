/* Two independent samples by ranks: Mann and Whitney's test and Hodges and Lehmann's shift. For
 * samples that were not taken in pairs, such as another harness's results or segments of a history;
 * where rounds can be paired, sign.h has more power and fewer assumptions.
 *
 * Pure. NaN are refused; infinite values have ranks but no shift.
 * Source: Mann & Whitney, Ann. Math. Stat. 18 (1947) 50; Lehmann, Nonparametrics (1975), 1.4, 2.5;
 * ties: exact permutation distribution of midranks, by the recurrence over elements (Streitberg &
 * Roehmel 1986). */
#pragma once

#include "base/err.h"

typedef enum RankMethod {
    RANK_AUTO,  /* exact while it costs at most RANK_EXACT_COST steps (n + m up to about 45, or more
                 * when one side is small), else normal */
    RANK_EXACT, /* whatever it costs; -E2BIG beyond RANK_EXACT_COST_MAX steps */
    RANK_NORMAL,
} RankMethod;

/* Steps of the recurrence, (n + m) * smaller * largest rank sum; about 1 ns each. */
enum { RANK_EXACT_COST = 2000000, RANK_EXACT_COST_MAX = 200000000 };

typedef struct RankTest {
    double u;         /* pairs with y > x, plus half of those with y = x; 0 … n * m */
    double effect;    /* u / (n * m): chance that a y is larger than an x; NaN when n or m is 0 */
    double p;         /* two-sided: min(1, 2 * smaller tail) */
    double p_greater; /* small when y tends to be larger */
    double p_less;    /* small when y tends to be smaller */
    bool exact;       /* p values from the permutation distribution, ties included; else normal with
                       * tie and continuity correction */
} RankTest;

/* Test x[n] against y[m] for a shift, both borrowed and in any order. Without evidence (an empty
 * side, all values equal) p = 1. Returns 0, -EINVAL (NaN), -E2BIG, -ENOMEM. */
MUST_CHECK int rank_test(const double *x, ptrdiff_t n, const double *y, ptrdiff_t m,
                         RankMethod method, RankTest *ret, Err *err);

/* The smallest two-sided p that n against m values can reach: 2 / C(n + m, n), at most 1. */
double rank_smallest_p(ptrdiff_t n, ptrdiff_t m);

typedef struct RankShift {
    double shift;     /* median of all y[j] - x[i]; NaN when n or m is 0 */
    double low, high; /* its interval; -inf, +inf when there are too few values for the level */
    double coverage;  /* of [low, high]; >= level when exact */
    bool exact;
} RankShift;

/* Hodges and Lehmann's estimate of the shift from x to y with its distribution-free interval at
 * confidence `level` in (0, 1). Give logarithms for a ratio. Ties make the interval conservative.
 * Cost: O((n + m) log(n + m)) after the null distribution; no pairwise differences are stored. */
MUST_CHECK int rank_shift(const double *x, ptrdiff_t n, const double *y, ptrdiff_t m, double level,
                          RankShift *ret, Err *err);
