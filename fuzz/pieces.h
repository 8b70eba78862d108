/* For parsers that are fed as bytes come in: whole and in pieces must come to the same. */
#pragma once

#include <string.h>

#include "base/str.h"
#include "fuzz.h"

/* Parse from the start of in; false: broken, and the rest is not looked at. ret_used: at least one
 * byte unless broken. */
typedef bool FuzzFeed(void *user, Str in, ptrdiff_t *ret_used);

/* Feed `in`, a step at a time, until it ends or is broken. */
static inline void fuzz_feed(FuzzFeed *feed, void *user, Str in, ptrdiff_t step)
{
    bool whole = true;
    for (ptrdiff_t at = 0; at < in.len && whole; at += step) {
        Str piece = str_slice(in, at, MIN(at + step, in.len));
        while (piece.len && whole) {
            ptrdiff_t used = 0;
            whole = feed(user, piece, &used);
            FUZZ_HOLDS(!whole || (used > 0 && used <= piece.len));
            piece = str_slice(piece, used, piece.len);
        }
    }
}

/* The target. `play` (of Str in, ptrdiff_t step) returns a Sum of what came out, zeroed before; the
 * input's first byte says how to cut. */
#define FUZZ_WHOLE_AND_PIECES(Sum, play)                                                           \
    int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)                                     \
    {                                                                                              \
        if (n == 0)                                                                                \
            return 0;                                                                              \
        Str in = { (const char *)bytes + 1, (ptrdiff_t)n - 1 };                                    \
        Sum whole = play(in, MAX(in.len, (ptrdiff_t)1)), pieces = play(in, bytes[0] % 16 + 1);     \
        FUZZ_HOLDS(memcmp(&whole, &pieces, sizeof whole) == 0);                                    \
        return 0;                                                                                  \
    }
