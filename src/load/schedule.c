#include "load/schedule.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* Sums of integrals carry some 1e-10 of noise: an operation that is due right at the end of a stage
 * belongs to the next. */
#define COUNT_NOISE 1e-6

/* ---- the whole ---- */

int schedule_init(Schedule *s, const StageList *stages, Err *err)
{
    assert(stages->n > 0);
    *s = (Schedule){ .slots = calloc((size_t)stages->n, sizeof *s->slots), .n = stages->n };
    double at = 0, count = 0;
    if (!s->slots)
        return err_set(err, -ENOMEM, "%td stages", stages->n);
    for (ptrdiff_t i = 0; i < stages->n; i++) {
        const Stage *stage = &stages->v[i];
        Slot *slot = &s->slots[i];
        *slot = (Slot){ .stage = *stage, .begin_ns = at, .first = count };
        at += (double)stage->over_ns;
        count += stage->open ? stage_count(stage, (double)stage->over_ns) : 0;
        slot->end_ns = at;
        slot->last = count;
        s->any_open |= stage->open;
        s->any_closed |= !stage->open;
    }
    s->length_ns = stages_length_ns(stages);
    return 0;
}

int schedule_init_rate(Schedule *s, double rate_per_s, uint64_t length_ns, Err *err)
{
    Stage one = {
        .name = "all", .open = true, .from = rate_per_s, .to = rate_per_s, .over_ns = length_ns
    };
    StageList list = { .v = &one, .n = 1 };
    return schedule_init(s, &list, err);
}

/* How many of n are due before the offset. */
static ptrdiff_t dues_before(const uint64_t *dues, ptrdiff_t n, uint64_t offset_ns)
{
    ptrdiff_t lo = 0;
    while (lo < n) {
        ptrdiff_t mid = lo + (n - lo) / 2;
        if (dues[mid] < offset_ns)
            lo = mid + 1;
        else
            n = mid;
    }
    return lo;
}

int schedule_init_dues(Schedule *s, const uint64_t *dues, ptrdiff_t n, uint64_t length_ns, Err *err)
{
    n = dues_before(dues, n, length_ns);
    TRY(schedule_init_rate(s, (double)n * 1e9 / (double)length_ns, length_ns, err));
    s->slots[0].last = (double)n;
    s->dues = dues;
    return 0;
}

void schedule_done(Schedule *s)
{
    free(s->slots);
    *s = (Schedule){ 0 };
}

/* Whole numbers in [first, last). */
static double first_whole(double v)
{
    return ceil(v - COUNT_NOISE);
}

uint64_t schedule_planned(const Schedule *s, ptrdiff_t slot)
{
    const Slot *at = &s->slots[slot];
    if (at->stage.poisson)
        return (uint64_t)llround(at->last - at->first);
    return (uint64_t)(first_whole(at->last) - first_whole(at->first));
}

ptrdiff_t schedule_slot_at(const Schedule *s, uint64_t offset_ns)
{
    ptrdiff_t i = 0;
    while (i + 1 < s->n && (double)offset_ns >= s->slots[i].end_ns)
        i++;
    return i;
}

static double value_at(const Schedule *s, uint64_t offset_ns, bool open)
{
    const Slot *at = &s->slots[schedule_slot_at(s, offset_ns)];
    return at->stage.open == open ? stage_value(&at->stage, (double)offset_ns - at->begin_ns) : 0;
}

static double dues_rate(const Schedule *s, uint64_t offset_ns)
{
    uint64_t half = NS_PER_S / 2, from = offset_ns - MIN(offset_ns, half);
    uint64_t to = MIN(offset_ns + half, s->length_ns);
    ptrdiff_t n = (ptrdiff_t)s->slots[0].last;
    return to > from ? (double)(dues_before(s->dues, n, to) - dues_before(s->dues, n, from)) * 1e9 /
                           (double)(to - from)
                     : 0;
}

double schedule_rate_at(const Schedule *s, uint64_t offset_ns)
{
    if (s->dues)
        return dues_rate(s, offset_ns);
    return value_at(s, offset_ns, true);
}

double schedule_users_at(const Schedule *s, uint64_t offset_ns)
{
    return value_at(s, offset_ns, false);
}

uint32_t schedule_most_users(const Schedule *s)
{
    double most = 0;
    for (ptrdiff_t i = 0; i < s->n; i++)
        if (!s->slots[i].stage.open)
            most = MAX(most, stage_peak(&s->slots[i].stage));
    return (uint32_t)ceil(most - COUNT_NOISE);
}

/* ---- users ---- */

/* Where in [from, T) the curve first lies above `index`; NaN: nowhere. Curves are looked at in
 * steps that no burst of a sensible length falls between, then the step is halved until it is
 * exact. */
static double join_within(const Stage *s, double index, double from)
{
    enum { LOOKS = 2000 };
    double T = (double)s->over_ns, step = T / LOOKS;
    if (s->shape == STAGE_BURST)
        step = MIN(step, (double)s->length_ns / 4);
    if (stage_value(s, from) > index)
        return from;
    double lo = from;
    for (double t = from + step; lo < T; lo = t, t += step) {
        if (stage_value(s, MIN(t, T - 1)) <= index)
            continue;
        double hi = MIN(t, T - 1);
        while (hi - lo > 1) {
            double mid = lo + (hi - lo) / 2;
            if (stage_value(s, mid) > index)
                hi = mid;
            else
                lo = mid;
        }
        return hi;
    }
    return (double)NAN;
}

uint64_t schedule_join_ns(const Schedule *s, uint32_t index, uint64_t from_ns)
{
    for (ptrdiff_t i = schedule_slot_at(s, from_ns); i < s->n; i++) {
        const Slot *at = &s->slots[i];
        double from = MAX((double)from_ns - at->begin_ns, 0.0);
        if (at->stage.open || from >= (double)at->stage.over_ns || stage_peak(&at->stage) <= index)
            continue;
        double t = join_within(&at->stage, index, from);
        if (!isnan(t))
            return (uint64_t)ceil(at->begin_ns + t);
    }
    return UINT64_MAX;
}

/* ---- operations ---- */

/* The first whole number from v on that is this worker's. */
static double own_whole(const Cursor *c, double v)
{
    double k = first_whole(v), behind = fmod(k - c->worker, c->n_workers);
    if (behind < 0)
        behind += c->n_workers;
    return behind > 0 ? k + c->n_workers - behind : k;
}

static void enter(Cursor *c, const Slot *at)
{
    c->entered = c->slot;
    c->hint_ns = 0;
    c->k =
        at->stage.poisson ? at->first + rng_exp(&c->rng) * c->n_workers : own_whole(c, at->first);
}

/* To the operation k, or the first one of a later stage. */
static void settle(Cursor *c)
{
    for (; c->slot < c->s->n; c->slot++) {
        const Slot *at = &c->s->slots[c->slot];
        if (!at->stage.open || at->last <= at->first)
            continue;
        if (c->entered != c->slot)
            enter(c, at);
        if (c->k >= (at->stage.poisson ? at->last : at->last - COUNT_NOISE))
            continue;
        c->hint_ns = c->s->dues ? (double)c->s->dues[(ptrdiff_t)c->k]
                                : stage_when(&at->stage, c->k - at->first, c->hint_ns);
        double most = (double)at->stage.over_ns - 1; /* its end belongs to the next */
        c->due_ns = (uint64_t)(at->begin_ns + MIN(c->hint_ns, most));
        return;
    }
    c->due_ns = UINT64_MAX;
}

void cursor_begin(Cursor *c, const Schedule *s, uint32_t worker, uint32_t n_workers, uint64_t seed)
{
    assert(worker < n_workers);
    *c = (Cursor){ .s = s,
                   .worker = worker,
                   .n_workers = n_workers,
                   .rng = rng_new(seed, "arrivals", worker),
                   .entered = -1 };
    settle(c);
}

void cursor_next(Cursor *c)
{
    assert(c->due_ns != UINT64_MAX);
    bool poisson = c->s->slots[c->slot].stage.poisson;
    c->k += poisson ? rng_exp(&c->rng) * c->n_workers : (double)c->n_workers;
    settle(c);
}

uint64_t schedule_share(uint64_t count, uint32_t w, uint32_t n)
{
    assert(w < n);
    return count > w ? (count - w - 1) / n + 1 : 0;
}
