/* Which revision of a range to look at next, to find the first bad one. Pure: a table of what is
 * known. The last is looked at first, since all rests on its being bad; then the middle of what is
 * left, so ⌈log2 n⌉ + 1 looks at n revisions; what can't be measured is passed by for its nearest
 * neighbour. */
#pragma once

#include "base/macros.h"

typedef enum Look {
    LOOK_UNKNOWN,
    LOOK_GOOD,
    LOOK_BAD,
    LOOK_FAILED, /* it can't be built, or measured */
} Look;

typedef enum HalvingState {
    HALVING_ON,      /* *ret_at wants to be looked at */
    HALVING_FOUND,   /* *ret_at is the first bad one */
    HALVING_BETWEEN, /* … or one of those before it that can't be measured, from *ret_first on */
    HALVING_NOT_BAD, /* the last is good: there is nothing to find */
    HALVING_NOT_KNOWN, /* the last can't be measured */
} HalvingState;

/* looks[n], oldest first; what lies before them is good. */
HalvingState halving_next(const Look *looks, ptrdiff_t n, ptrdiff_t *ret_at, ptrdiff_t *ret_first);
