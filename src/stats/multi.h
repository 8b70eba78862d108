/* Many comparisons at once: keep the chance of any false alarm (Holm) or the share of false ones
 * among the alarms (Benjamini and Hochberg) at the level that was promised.
 *
 * NaN marks rows without a test (invalid, nothing measured): they stay NaN and don't count among
 * the n. Output may be the input array. Pure; cost O(n log n).
 * Source: Holm, Scand. J. Stat. 6 (1979) 65; Benjamini & Hochberg, J. R. Stat. Soc. B 57 (1995)
 * 289. */
#pragma once

#include "base/err.h"

/* Adjusted p values: reject where adjusted[i] <= alpha. Any dependence between the rows. -ENOMEM;
 * -EINVAL for a p outside [0, 1]. */
MUST_CHECK int holm_adjust(const double *p, ptrdiff_t n, double *adjusted, Err *err);
/* The same for the false discovery rate; independent or positively dependent rows. */
MUST_CHECK int bh_adjust(const double *p, ptrdiff_t n, double *adjusted, Err *err);

/* The confidence level at which to draw each row's interval so that it says what Holm's procedure
 * says: ordered by p, the k-th row (k = 0, 1, …) gets 1 - alpha / (m - k) as long as rows before it
 * were rejected; from the first that is not, all remaining rows share its level. A row whose test
 * is dual to its interval (sign_paired) then excludes the hypothesis exactly when Holm rejects it.
 *
 * What it promises: the chance of any false exclusion is at most alpha, for the hypothesis that the
 * p values belong to. Give p values of the claim that is made (against the smallest effect of
 * interest, when the whole interval must lie beyond it). It does not promise that all intervals
 * cover at once; 1 - alpha / m for every row would.
 *
 *   alpha   family-wise error rate in (0, 1), e.g. 0.05
 *   level   out: level[n]; NaN where p is NaN */
MUST_CHECK int holm_levels(const double *p, ptrdiff_t n, double alpha, double *level, Err *err);
/* The same for Benjamini and Hochberg: with r rows rejected, each of the m rows gets the level 1 -
 * alpha * max(r, 1) / m. Among the intervals that exclude the hypothesis at most the share alpha
 * fails to cover, in expectation.
 * Source: Benjamini & Yekutieli, J. Am. Stat. Assoc. 100 (2005) 71. */
MUST_CHECK int bh_levels(const double *p, ptrdiff_t n, double alpha, double *level, Err *err);
