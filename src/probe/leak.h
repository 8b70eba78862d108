/* Does the memory of a process tree grow without end? From samples taken while a trial ran.
 *
 * Programs that collect garbage go up and down, and caches fill and stop: so the first fifth of the
 * time is left out, and of the rest, cut into LEAK_BLOCKS equal parts, each part's minimum counts,
 * what was resident even behind a collection. Slope and 95 % interval are Theil's and Sen's over
 * these. It leaks when
 *
 *   - the interval's lower end is above 0,
 *   - it grew by at least 1 MiB and 1 % over the parts,
 *   - and did not level off: the second half's slope is at least a third of the first half's.
 *
 * Pure. */
#pragma once

#include "base/arena.h"
#include "base/err.h"

enum { LEAK_BLOCKS = 16, LEAK_SAMPLES_MIN = 4 * LEAK_BLOCKS };

typedef struct Leak {
    bool known;                    /* there were samples for it, all along */
    double per_s, low, high;       /* bytes per second */
    double grown_bytes, watched_s; /* between the middles of the first and the last part */
    bool leaks;
} Leak;

/* t_s[n] rising, from the begin of the measured part to its end at length_s; NaN bytes are left
 * out. Everything borrowed. Cost: O(n). */
Leak leak_of(const double *t_s, const double *bytes, ptrdiff_t n, double length_s);
