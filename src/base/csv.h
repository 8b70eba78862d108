/* The one part of comma-separated values that takes care: cells in quotes (RFC 4180, 2.5 to 2.7).
 */
#pragma once

#include "base/arena.h"

/* *at stands behind the opening quote; afterwards behind the closing one, or at the end where there
 * is none: false then, and *ret is all that was left. Two quotes stand for one. *ret is a view of
 * `s`, or where quotes were doubled a copy in the arena. */
bool csv_quoted(Arena *a, Str s, ptrdiff_t *at, Str *ret);
