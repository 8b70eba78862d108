/* Regular expressions in replies: PCRE2, where the build has it. Compiled once, searched by any
 * thread that brings a scratch of its own. */
#pragma once

#include "base/err.h"
#include "base/str.h"

typedef struct Regex Regex;
typedef struct RegexScratch RegexScratch; /* one thread's, or one connection's */

/* Owned, regex_free. -EINVAL with the place; -ENOTSUP when this build has none. */
MUST_CHECK int regex_compile(const char *pattern, Regex **ret, Err *err);
Regex *regex_free(Regex *r);
/* The first group of the first match, or the whole match where there are no groups. False: no
 * match, or one that would take too long to find. *scratch is made when NULL and kept. */
bool regex_find(const Regex *r, RegexScratch **scratch, Str text, Str *ret);
RegexScratch *regex_scratch_free(RegexScratch *s);
