/* Which messages of one publisher came to one subscriber: each once, again, or out of order. Pure;
 * constant memory, however many they are.
 *
 * A window of bits over the latest TRACK_WINDOW numbers says exactly what was seen. Of what has
 * left the window only the number of gaps is kept: a message from before it fills one, and is a
 * repetition when there is none. */
#pragma once

#include "base/macros.h"

enum { TRACK_WINDOW = 512 };

typedef struct Track {
    uint64_t next; /* the highest number seen, plus 1; the window lies below it */
    uint64_t seen; /* different messages */
    uint64_t gaps; /* numbers below the window that were not seen */
    uint64_t bits[TRACK_WINDOW / 64]; /* of number n at n % TRACK_WINDOW */
} Track;

/* Zeroed is ready. False: it was seen before. */
bool track_see(Track *t, uint64_t number);
