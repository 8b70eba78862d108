/* Seeded bootstrap intervals, for statistics that have no exact one: the ratio of two medians or
 * means. For paired ratios sign.h is exact; the bootstrap of their median stands here to compare
 * with and for reports that ask for it.
 *
 * The same seed and data give the same interval, bit for bit. Coverage is approximate and falls
 * short of the level for small samples (n < 20) and for means of long tails.
 * Source: Efron & Tibshirani, An Introduction to the Bootstrap (1993), 13 (percentile) and 14.3
 * (BCa); acceleration of two samples: Davison & Hinkley, Bootstrap Methods (1997), 5.3.2. */
#pragma once

#include "base/err.h"
#include "base/rng.h"

typedef enum BootStat {
    BOOT_MEAN,
    BOOT_MEDIAN,
} BootStat;

enum { BOOT_RESAMPLES = 2000, BOOT_RESAMPLES_MAX = 1000000 };

typedef struct BootInterval {
    double estimate; /* from the samples themselves */
    double percentile_low, percentile_high;
    double bca_low, bca_high; /* bias-corrected and accelerated */
    bool bca_exists; /* false when all resamples lie on one side of the estimate, or the jackknife
                      * shows no spread: then bca_* are the percentile ends */
} BootInterval;

/* Interval of stat(b) / stat(a) for independent samples a[n], b[m], both of positive numbers.
 *
 *   level        confidence in (0, 1)
 *   n_resamples  100 … BOOT_RESAMPLES_MAX; BOOT_RESAMPLES is usual
 *   rng          advanced by about n_resamples * (n + m) draws
 *
 * Returns 0; -EINVAL for empty samples, values that are not positive and finite, a level or number
 * of resamples out of range; -ENOMEM. Cost: O(n_resamples * (n + m)). */
MUST_CHECK int boot_ratio(const double *a, ptrdiff_t n, const double *b, ptrdiff_t m, BootStat stat,
                          double level, int n_resamples, Rng *rng, BootInterval *ret, Err *err);

/* Interval of the median of n paired values (ratios or their logs), any finite numbers. */
MUST_CHECK int boot_paired_median(const double *x, ptrdiff_t n, double level, int n_resamples,
                                  Rng *rng, BootInterval *ret, Err *err);
