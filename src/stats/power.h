/* How many rounds a paired comparison needs, and what it can see with those it has.
 *
 * "Found" means that the interval of sign.h excludes ratio 1 on the right side. For n rounds whose
 * log ratios are normal with spread sigma around an effect delta, each falls on the effect's side
 * with chance Phi(delta / sigma), so the chance to find it is a binomial tail: that is what
 * power_chance computes and the others invert. The familiar approximation
 *
 *     n = 1.57 * ((z_level + z_power) * sigma / delta)^2,   z = 1.96 + 0.84 = 2.8 for 95 % and 80 %
 *
 * leaves out that the interval has whole ranks and so covers more than asked: at its n an effect is
 * found in about 74 % where 80 % were wanted (simulated in power_test.c).
 *
 * Effects and sigma are log ratios (0.05 is about 5 %). Under a verdict that wants the whole
 * interval beyond a smallest effect of interest, delta is what the effect has beyond that. Long
 * tails need fewer rounds than sigma suggests, two-peaked noise more. Pure. Source: Noether, J. Am.
 * Stat. Assoc. 82 (1987) 645; relative efficiency 2/pi of the sign test: Lehmann, Nonparametrics
 * (1975), 2.4. */
#pragma once

#include "base/macros.h"

#define POWER_LEVEL 0.95
#define POWER_DEFAULT 0.80

/* Spread of log ratios that outliers don't move: 1.4826 * MAD. When more than half are equal, which
 * makes the MAD 0, the plain standard deviation; 0 only when all are equal. NaN when n < 2. sorted:
 * x[n], rising, finite. */
double power_robust_sigma(const double *sorted, ptrdiff_t n);

/* The approximation above, at least the fewest rounds that give a finite interval: for a first
 * guess. PTRDIFF_MAX when delta is 0 or the number is beyond 2^53. sigma >= 0, finite; the sign of
 * delta does not matter, here and below. */
ptrdiff_t power_rounds_about(double sigma, double delta, double level, double power);

/* Chance in [0, 1] that n rounds find delta. */
double power_chance(double sigma, ptrdiff_t n, double delta, double level);

/* Rounds needed: the fewest with power_chance >= power. From about 1000 on Noether's formula, where
 * whole ranks no longer matter. PTRDIFF_MAX as above. Cost: up to some ms. */
ptrdiff_t power_rounds(double sigma, double delta, double level, double power);

/* Rounds to add to the n that are there; 0 when these suffice. PTRDIFF_MAX as above. */
ptrdiff_t power_more_rounds(double sigma, ptrdiff_t n, double delta, double level, double power);

/* Smallest effect that n rounds find with chance `power`; infinite when n is too small for any
 * finite interval. */
double power_smallest_effect(double sigma, ptrdiff_t n, double level, double power);
