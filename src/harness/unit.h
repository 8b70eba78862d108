/* Units of other tools, and what they are in assay's: ns, bytes, bytes/s, 1/s, share, count. */
#pragma once

#include "base/arena.h"
#include "model/metric.h"

typedef struct Unit {
    const char *name; /* assay's unit; static or in the arena given to unit_find */
    double factor;    /* value in assay's unit = value * factor */
    Better better;    /* what the unit alone says: times and sizes lower, rates higher */
} Unit;

#define UNIT_NS ((Unit){ "ns", 1, BETTER_LOWER })
#define UNIT_US ((Unit){ "ns", 1e3, BETTER_LOWER })
#define UNIT_MS ((Unit){ "ns", 1e6, BETTER_LOWER })
#define UNIT_S ((Unit){ "ns", 1e9, BETTER_LOWER })
#define UNIT_BYTES ((Unit){ "bytes", 1, BETTER_LOWER })
#define UNIT_BYTES_PER_S ((Unit){ "bytes/s", 1, BETTER_HIGHER })
#define UNIT_PER_S ((Unit){ "1/s", 1, BETTER_HIGHER })
#define UNIT_SHARE ((Unit){ "share", 1, BETTER_NONE })
#define UNIT_PERCENT ((Unit){ "share", 0.01, BETTER_NONE })
#define UNIT_COUNT ((Unit){ "count", 1, BETTER_NONE })
/* The same unit with another direction. */
static inline Unit unit_better(Unit u, Better better)
{
    u.better = better;
    return u;
}

/* What a text such as "us", "ops/ms", "MB/s", "ns/iter", "Percent" means. A unit that is none of
 * ours stays as it is (copied into the arena), with factor 1 and no direction. kB, MB, GB are
 * powers of 1000; KiB, MiB, GiB of 1024. */
Unit unit_find(Arena *a, Str text);
/* "us" or "microseconds": how many ns it has; 0 when it is no time. */
double unit_time_ns(Str text);
