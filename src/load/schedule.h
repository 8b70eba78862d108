/* When operations are due: arithmetic, not timers. The k-th due time is a closed form of k, so a
 * late generator knows how late it is, and nothing drifts.
 *
 * A schedule is shared by n workers without talk between them: worker w has the operations k with
 * k mod n = w, so that phases are staggered and together they make exactly the whole. Offsets are
 * ns since the schedule's start. Pure. */
#pragma once

#include "base/macros.h"

typedef struct Schedule {
    double rate_per_s;    /* > 0 */
    uint64_t duration_ns; /* operations are due in [0, duration) */
} Schedule;

/* Due offset of operation k, 0 for the first. Non-decreasing in k; never sums up rounding: within
 * 1 ns of k / rate for k below 2^53. */
uint64_t schedule_due_ns(const Schedule *s, uint64_t k);

/* How many operations are due before `offset_ns`: the smallest k whose due offset is not. */
uint64_t schedule_count_before(const Schedule *s, uint64_t offset_ns);
/* All operations of the schedule. */
uint64_t schedule_count(const Schedule *s);

/* Of the first `count` operations, how many belong to worker w of n. */
uint64_t schedule_share(uint64_t count, uint32_t w, uint32_t n);
