/* The commits between two revisions. */
#pragma once

#include "launch/git.h"

typedef struct GitCommit {
    const char *hash, *subject, *author, *date; /* date: ISO 8601 */
} GitCommit;

typedef struct GitRange {
    const char *good; /* hash that the range begins behind */
    GitCommit *v;     /* [n] oldest first, along first parents; the last one is the end */
    ptrdiff_t n, cap;
} GitRange;

/* "GOOD..BAD", or "GOOD" for "GOOD..HEAD", in the repository that holds `dir`; all in the arena.
 * -ENOENT: git knows one of them not; -EINVAL: there is nothing between them. */
MUST_CHECK int git_range(Arena *a, const char *dir, const char *text, GitRange *ret, Err *err);
