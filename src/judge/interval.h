/* Ratio and interval of one row, paired or not. */
#pragma once

#include "judge/rows.h"

/* First pass at the comparison's own confidence: ratio, p, p_beyond (into the evidence), n, method.
 * Rows without enough evidence keep NaN. */
MUST_CHECK int interval_first(const JudgeOpts *o, Evidence *e, CompareRow *row, Err *err);
/* Second pass: the interval at the level that the correction over all rows asks for. */
MUST_CHECK int interval_at(const JudgeOpts *o, const Evidence *e, CompareRow *row, double level,
                           Err *err);
/* What the row could show at `level`, and how many more rounds would settle it: mde, rounds_more.
 * Both stay NaN without a spread; rounds_more is NaN, too, where it is beyond all practice. Sorts
 * the pairs. Cost: up to some ms. */
void interval_power(const JudgeOpts *o, Evidence *e, CompareRow *row, double level);
/* Is there as much evidence as any verdict at `level` takes, however large the effect? */
bool interval_can_tell(const Evidence *e, double level);
/* Fewest pairs (or trials on each side) that could give a finite interval at `level`. */
ptrdiff_t interval_least_n(const Evidence *e, double level);
