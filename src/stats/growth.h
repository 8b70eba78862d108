/* How a time grows with the size of its input: which of the usual laws fits, and how well. Pure.
 *
 * Every law has one factor: t = factor * f(n). It is fitted to the ratios t / f(n), so that small
 * inputs count as much as large ones: factor = sum(f/t) / sum((f/t)^2), which makes the sum of
 * (1 - factor f/t)^2 least. The residual is the root of that sum's mean: a share of the time. The
 * law with the least residual is the best; simpler ones win ties. */
#pragma once

#include "base/err.h"

typedef enum GrowthLaw {
    GROWTH_CONSTANT,
    GROWTH_LOG,
    GROWTH_LINEAR,
    GROWTH_N_LOG_N,
    GROWTH_SQUARE,
    GROWTH_CUBE,
    GROWTH_LAWS
} GrowthLaw;

typedef struct Growth {
    GrowthLaw law;
    double factor;   /* units of t per f(n); NaN: nothing could be fitted */
    double residual; /* relative, root mean square; NaN likewise */
} Growth;

/* "1", "log n", "n", "n log n", "n²", "n³". */
const char *growth_name(GrowthLaw law);
/* f(n); log is the binary one, of n at least 2. */
double growth_value(GrowthLaw law, double n);
/* The best law for t[count] at n[count], both positive; fewer than three distinct n give no fit. */
Growth growth_fit(const double *n, const double *t, ptrdiff_t count);
/* Factor and residual of a law given by its values f[count] at the same places. */
Growth growth_fit_values(const double *f, const double *t, ptrdiff_t count);
