/* Command lines into words. */
#pragma once

#include "base/opt.h"

/* Split a command line into words as a POSIX shell does (quotes, backslashes; XCU 2.2), without
 * expanding anything. The words are appended to *ret, in the arena; none on failure. -EINVAL for an
 * open quote or a NUL byte. Cost: O(bytes). */
MUST_CHECK int str_split_words(Arena *a, Str text, StrList *ret, Err *err);
