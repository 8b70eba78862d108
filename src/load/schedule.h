/* When operations are due: arithmetic, not timers. A late generator knows how late it is, and
 * nothing drifts.
 *
 * A schedule is a sequence of stages (model/stage.h). Its integral N(t) over all open stages counts
 * the operations; operation k is due when N(t) reaches k, within the stage whose part of the count
 * holds k. So each stage's number of operations is its own integral, to one operation.
 *
 * n workers share it without talk: worker w has the operations k with k mod n = w, so that phases
 * are staggered and together they make exactly the whole. In a Poisson stage each worker has a
 * process of its own with an n-th of the rate: their sum is one with all of it. Both are decided by
 * seed and index alone. Offsets are ns since the schedule's start. Pure. */
#pragma once

#include "base/rng.h"
#include "model/stage.h"

/* A stage in its place. */
typedef struct Slot {
    Stage stage;
    double begin_ns, end_ns; /* offsets */
    double first, last;      /* N at its begin and end; equal for closed stages */
} Slot;

typedef struct Schedule {
    Slot *slots; /* [n] owned */
    ptrdiff_t n;
    uint64_t length_ns;
    bool any_open, any_closed;
    const uint64_t
        *dues; /* [last of the one slot] borrowed; offsets in order, instead of a curve */
} Schedule;

/* The stages one after the other; copied. -ENOMEM. */
MUST_CHECK int schedule_init(Schedule *s, const StageList *stages, Err *err);
/* One open stage of a constant rate. */
MUST_CHECK int schedule_init_rate(Schedule *s, double rate_per_s, uint64_t length_ns, Err *err);
/* One open stage in which operation k is due at dues[k] (in order, borrowed): those of the n that
 * lie before length_ns, which is above 0. Its rate at an offset is what is due within half a second
 * of it. */
MUST_CHECK int schedule_init_dues(Schedule *s, const uint64_t *dues, ptrdiff_t n,
                                  uint64_t length_ns, Err *err);
void schedule_done(Schedule *s);

/* Operations that a stage plans: its integral, rounded as the cursors round it; for a Poisson stage
 * what is expected. 0 for closed ones. */
uint64_t schedule_planned(const Schedule *s, ptrdiff_t slot);
/* Operations per second asked for at an offset; users at an offset. 0 in stages of the other kind.
 */
double schedule_rate_at(const Schedule *s, uint64_t offset_ns);
double schedule_users_at(const Schedule *s, uint64_t offset_ns);
/* Most users of any closed stage, rounded up; 0 without any. */
uint32_t schedule_most_users(const Schedule *s);
/* The slot that holds the offset; the last one from the end on. */
ptrdiff_t schedule_slot_at(const Schedule *s, uint64_t offset_ns);
/* The first offset from `from_ns` on at which user `index` (0 is the first to come and the last to
 * go) takes part in a closed stage: the users asked for are more than index. UINT64_MAX: never
 * again. */
uint64_t schedule_join_ns(const Schedule *s, uint32_t index, uint64_t from_ns);

/* One worker's walk over its operations. */
typedef struct Cursor {
    const Schedule *s;
    uint32_t worker, n_workers;
    Rng rng;
    ptrdiff_t slot;    /* of the operation at hand */
    ptrdiff_t entered; /* the last slot that was begun; -1: none */
    double k;          /* its number, or its place in N in a Poisson stage */
    double hint_ns;    /* where in the stage the one before was due */
    uint64_t due_ns;   /* offset; UINT64_MAX: none left */
} Cursor;

/* At the first operation. The schedule is borrowed. */
void cursor_begin(Cursor *c, const Schedule *s, uint32_t worker, uint32_t n_workers, uint64_t seed);
/* On to the next one; due_ns never falls. */
void cursor_next(Cursor *c);

/* Of `count` things dealt out in turn, how many worker w of n gets. */
uint64_t schedule_share(uint64_t count, uint32_t w, uint32_t n);
