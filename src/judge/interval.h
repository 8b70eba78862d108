/* Ratio and interval of one row, paired or not. */
#pragma once

#include "judge/rows.h"

/* First pass at the comparison's own confidence: ratio, p, p_beyond (into the evidence), n, method,
 * smallest detectable change, rounds still needed. Rows without enough evidence keep NaN. */
MUST_CHECK int interval_first(const JudgeOpts *o, Evidence *e, CompareRow *row, Err *err);
/* Second pass: the interval at the level that the correction over all rows asks for. */
MUST_CHECK int interval_at(const JudgeOpts *o, const Evidence *e, CompareRow *row, double level,
                           Err *err);
/* Fewest pairs (or trials on each side) that could give a finite interval at `level`. */
ptrdiff_t interval_least_n(const Evidence *e, double level);
