/* The sign test and the interval that goes with it: what paired verdicts rest on.
 *
 * A comparison of A and B in n interleaved rounds gives n log ratios ln(b_i / a_i). Their median
 * estimates the log of the speed ratio; the interval of order statistics covers the median of any
 * continuous law at least at the stated level, however skewed, long-tailed or drifting (as long as
 * rounds are independent). The price is resolution: below 6 rounds no finite interval reaches 95 %,
 * as 2 * 2^-5 = 1/16 > 0.05.
 *
 * Source: Dixon & Mood, J. Am. Stat. Assoc. 41 (1946) 557; Conover, Practical Nonparametric
 * Statistics (3rd ed., 1999), 3.4 and 3.2. Pure. */
#pragma once

#include "base/err.h"

/* What becomes of values equal to the hypothesis. They are never split in halves: half a count has
 * no exact distribution. */
typedef enum SignTies {
    SIGN_TIES_DROP,    /* leave them out, n shrinks: Dixon and Mood's classic test */
    SIGN_TIES_AGAINST, /* count them on the other side each time: conservative, and exactly dual to
                        * the interval (it excludes the hypothesis if and only if p <= 1 - level) */
} SignTies;

typedef struct SignTest {
    ptrdiff_t n_above, n_below, n_equal;
    double p;         /* two-sided: min(1, 2 * smaller tail) */
    double p_greater; /* one-sided, small when the median lies above mu */
    double p_less;    /* one-sided, small when it lies below */
} SignTest;

/* From counts. All counts >= 0; without any evidence p = 1. */
SignTest sign_test_counts(ptrdiff_t n_above, ptrdiff_t n_below, ptrdiff_t n_equal, SignTies ties);
/* Of x[n] (no NaN) against the median mu. Cost O(n). */
SignTest sign_test(const double *x, ptrdiff_t n, double mu, SignTies ties);

typedef struct SignPaired {
    ptrdiff_t n;      /* rounds */
    double median;    /* of the log ratios; NaN when n = 0 */
    double low, high; /* interval of the median; -inf, +inf when n is too small for the level */
    double coverage;  /* what [low, high] really covers, >= level */
    double p;         /* against ratio 1, SIGN_TIES_AGAINST */
    double p_beyond;  /* against "the median lies within [-margin, margin]"; = p when margin is 0 */
} SignPaired;

/* Judge n paired log ratios.
 *
 *   log_ratio  x[n], natural logs, dimensionless, any order, borrowed
 *   level      confidence, in (0, 1), such as 0.95
 *   margin     smallest log ratio of interest, >= 0, such as log(1.01)
 *
 * The whole interval lies beyond the margin if and only if p_beyond <= 1 - level; use p_beyond for
 * corrections over many rows when that is the claim.
 * Returns 0; -EINVAL for NaN among the ratios, n < 0, a level outside (0, 1), a negative margin;
 * -ENOMEM. Cost O(n log n). */
MUST_CHECK int sign_paired(const double *log_ratio, ptrdiff_t n, double level, double margin,
                           SignPaired *ret, Err *err);

/* Fewest rounds for a finite interval at this level: 6 for 0.95, 8 for 0.99. */
ptrdiff_t sign_rounds_needed(double level);
