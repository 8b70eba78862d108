/* Looking several times at a sign test, at a stated error over all looks together.
 *
 * Each look may spend a share of the error that was declared before the first sample: alpha(t) of
 * the spending function at the information t, 0 < t <= 1. Spending like O'Brien and Fleming's
 * bounds is strict at first and leaves nearly all to the last look; both sides together:
 *
 *     alpha(t) = 4 - 4 Phi(z(1 - alpha / 4) / sqrt(t))
 *
 * What is spent is not approximated by a normal law: the number of values above the hypothesis is a
 * fair walk, and the chance that it leaves its bounds for the first time at a look is summed up
 * exactly. What a look can't spend, since counts are whole, later ones may.
 *
 * A look can't be decided by what was seen: only sizes and t, planned or from the clock, may. The
 * last look has t = 1, whatever its size.
 *
 * Source: Lan & DeMets, Biometrika 70 (1983) 659; O'Brien & Fleming, Biometrics 35 (1979) 549;
 * Pocock, Biometrika 64 (1977) 191; the recursion of Armitage, McPherson & Rowe, J. R. Stat. Soc. A
 * 132 (1969) 235; repeated intervals and p-values, Jennison & Turnbull, J. R. Stat. Soc. B 51
 * (1989) 305. Pure. */
#pragma once

#include "base/err.h"

enum { GROUP_LOOKS_MAX = 8 };

typedef struct GroupPlan {
    int n_looks;                   /* made so far, >= 1 */
    ptrdiff_t at[GROUP_LOOKS_MAX]; /* sizes, >= 1, never falling */
    double t[GROUP_LOOKS_MAX];     /* information at each, rising, the last at most 1 */
} GroupPlan;

/* alpha(t), two-sided. */
double groupseq_spend(double alpha, double t);
/* Largest two-sided p of a sign test that may be called significant at the last look of the plan,
 * when the error over all looks is alpha, in (0, 1); 0 when none may. *ret is such a p exactly.
 * -ENOMEM. Cost O(n^2). */
MUST_CHECK int groupseq_nominal(const GroupPlan *p, double alpha, double *ret, Err *err);
/* The repeated p-value: the smallest alpha at which a sign test with this p would be significant at
 * the last look. 1 when there is none. Some 50 times the cost of groupseq_nominal. -ENOMEM. */
MUST_CHECK int groupseq_p(const GroupPlan *p, double nominal, double *ret, Err *err);
/* Chance that, without any effect, a look is significant when look i calls p <= nominal[i] so: the
 * error of any bounds. -ENOMEM. */
MUST_CHECK int groupseq_error(const ptrdiff_t *at, const double *nominal, int n_looks, double *ret,
                              Err *err);
