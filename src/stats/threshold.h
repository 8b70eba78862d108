/* The newest value of a history against the values before it: where would it be out of bounds?
 *
 * One point against a history is a blunt tool. On real noise of 1.9 % spread, rules with a nominal
 * false-alarm rate of 1 % alarmed in 3 % of the cases and found +5 % in 60 %; ten fresh pairs find
 * it in 93 %. The models stand here because teams know and use them. Values that are not numbers
 * are left out. Pure.
 *
 *   model                bounds                                                needs
 *   THRESHOLD_STATIC     [low, high] as given                                  nothing
 *   THRESHOLD_PERCENTAGE mean * (1 - low) … mean * (1 + high)                  1 value
 *   THRESHOLD_Z          mean ± z(limit) * sd                                  2
 *   THRESHOLD_T          mean ± t(limit, n - 1) * sd * sqrt(1 + 1/n)           2
 *   THRESHOLD_LOG_NORMAL the same as T on logarithms                           2, all > 0
 *   THRESHOLD_IQR        median ± k * IQR                                      2
 *   THRESHOLD_DELTA_IQR  median * (1 ± k * IQR of the relative changes)        3
 *   THRESHOLD_MAD        median ± k * 1.4826 * MAD                             2
 *   THRESHOLD_CHANGES    last * (1 + Q1 - 3 IQR … 1 + Q3 + 3 IQR) of the newest `window` relative
 *                        changes (30)                                          4
 *   THRESHOLD_SIGMA      mean ± k * sd of the newest values, within `span` of the last  2
 *
 * T is a prediction interval: it knows that mean and spread are estimates themselves. sd has the
 * divisor n - 1; quartiles are of type 7. Source: Hahn & Meeker, Statistical Intervals (1991), 4.7;
 * the quartile rules of rustc-perf and Bencher, the sigma rule of control charts (Shewhart 1931).
 */
#pragma once

#include "base/err.h"

typedef enum ThresholdModel {
    THRESHOLD_STATIC,
    THRESHOLD_PERCENTAGE,
    THRESHOLD_Z,
    THRESHOLD_T,
    THRESHOLD_LOG_NORMAL,
    THRESHOLD_IQR,
    THRESHOLD_DELTA_IQR,
    THRESHOLD_MAD,
    THRESHOLD_CHANGES,
    THRESHOLD_SIGMA,
    N_THRESHOLDS,
} ThresholdModel;

/* low and high: for STATIC values; for PERCENTAGE fractions >= 0; for Z, T and LOG_NORMAL
 * probabilities in [0.5, 1) that a value of an unchanged process lies within that bound, such as
 * 0.977; for the others factors k > 0. NaN: no bound on that side. */
typedef struct Threshold {
    ThresholdModel model;
    double low, high;
    ptrdiff_t min_values; /* fewer give no bounds; the model's own need holds as well */
    ptrdiff_t window;     /* newest values (relative changes for CHANGES) that count; 0: all, 30 for
                           * CHANGES */
    double span;          /* SIGMA: newest stretch of t that counts; 0: 7 */
} Threshold;

typedef struct Bounds {
    double low, high; /* -inf, +inf where there is none */
    double centre;    /* mean, median or last value that they are drawn around; NaN for STATIC */
    ptrdiff_t n;      /* values that were used */
} Bounds;

enum { THRESHOLD_TOO_FEW = 1 };

/* The bounds that the history x[n] (oldest first, borrowed) gives for its next value.
 *   t   times for SIGMA's span, rising, in its unit (days for 7); NULL: all values count
 * Returns 0; THRESHOLD_TOO_FEW (> 0) when the history is too short (or, for LOG_NORMAL, not
 * positive): then *ret has infinite bounds; -EINVAL for parameters out of range; -ENOMEM. */
MUST_CHECK int threshold_bounds(const Threshold *rule, const double *x, const double *t,
                                ptrdiff_t n, Bounds *ret, Err *err);

/* "static", "percentage", "z", "t", "log-normal", "iqr", "delta-iqr", "mad", "changes", "sigma". */
const char *threshold_name(ThresholdModel m);
/* 0 or -EINVAL. */
MUST_CHECK int threshold_parse(const char *name, ThresholdModel *ret);
