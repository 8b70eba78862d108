/* Time. Durations and due times are uint64_t nanoseconds of CLOCK_MONOTONIC; the wall clock only
 * dates runs. */
#pragma once

#include <time.h>

#include "base/macros.h"

/* Nanoseconds of CLOCK_MONOTONIC. Cost: ~20 ns (vDSO). Any thread. */
static inline uint64_t clock_mono_ns(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

/* Nanoseconds since 1970 (UTC) of CLOCK_REALTIME. Never for a duration. */
uint64_t clock_wall_ns(void);

/* Smallest difference the monotonic clock was seen to make, in ns, over a few thousand readings. */
uint64_t clock_resolution_ns(void);

enum { CLOCK_ISO_MAX = 40 };
/* RFC 3339 in UTC with milliseconds: "2026-01-31T23:59:59.123Z". Returns buf. */
const char *clock_iso(char buf[CLOCK_ISO_MAX], uint64_t wall_ns);
/* Reads what clock_iso writes (fraction optional, 0 to 9 digits). 0 or -EINVAL. */
MUST_CHECK int clock_iso_parse(const char *text, uint64_t *ret_wall_ns);
