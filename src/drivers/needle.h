/* A text that is looked for in bytes that come in pieces. Knuth-Morris-Pratt: no byte is kept. */
#pragma once

#include "base/arena.h"

typedef struct Needle {
    Str text;        /* borrowed; empty: no search */
    ptrdiff_t *fail; /* [text.len], in the arena */
} Needle;

void needle_prepare(Arena *a, Str text, Needle *ret);
/* *matched is 0 at the begin; text.len once it was found, and then stays. */
void needle_feed(const Needle *n, ptrdiff_t *matched, Str piece);
