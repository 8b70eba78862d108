#include "probe/sampler.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

/* Walking more threads than this every second would cost more than the rest together: their
 * figures then come from begin and end only. */
enum { THREADS_EACH_SECOND = 128 };

/* From this stride on, full looks become rarer, too; else they alone would fill the memory. */
enum { FULL_STRIDE = 8 };

/* The wall clock read between two readings of the monotonic one. When these lie far apart the
 * reader was interrupted, and the difference says nothing. */
static bool read_wall_offset(double *ret_ns)
{
    for (int i = 0; i < 3; i++) {
        uint64_t before = clock_mono_ns(), wall = clock_wall_ns(), after = clock_mono_ns();
        if (after - before > 50 * NS_PER_US)
            continue;
        *ret_ns = (double)wall - (double)before;
        return true;
    }
    return false;
}

static void watch_wall(Sampler *s)
{
    double offset;
    if (!read_wall_offset(&offset))
        return;
    if (!s->has_wall)
        s->wall_offset_ns = offset;
    s->has_wall = true;
    if (fabs(offset - s->wall_offset_ns) > fabs(s->wall_step_ns))
        s->wall_step_ns = offset - s->wall_offset_ns;
}

static void keep_max(Sampler *s, const Sample *now)
{
    for (int f = 0; f < FIG_N; f++)
        if (fig_rows[f].kind == FIG_LEVEL && !(now->v[f] <= s->max[f]) && !isnan(now->v[f]))
            s->max[f] = now->v[f];
}

/* Of each pair one stays: the later, unless only the earlier was a full look. */
static void thin_out(Sampler *s)
{
    int n = 0;
    for (int i = 0; i + 1 < s->n; i += 2)
        s->samples[n++] =
            s->samples[i].full && !s->samples[i + 1].full ? s->samples[i] : s->samples[i + 1];
    s->n = n;
    s->stride *= 2;
    if (s->stride > FULL_STRIDE)
        s->full_every_ns *= 2;
}

static void keep(Sampler *s, const Sample *now)
{
    if (!now->full && ++s->skipped < s->stride)
        return;
    s->skipped = 0;
    if (s->n == SAMPLES_MAX)
        thin_out(s);
    s->samples[s->n++] = *now;
}

static void look_at_target(Sampler *s, bool news, bool forced, Sample *now)
{
    tree_look(&s->tree, news, now->full, &s->buf, now);
    double n_threads = now->v[FIG_TARGET_THREADS];
    if (forced || (now->full && n_threads <= THREADS_EACH_SECOND))
        threads_walk(&s->threads, &s->tree, &s->buf, now);
    if (!s->ended_ns && !tree_alive(&s->tree))
        s->ended_ns = now->at_ns;
}

void sampler_look(Sampler *s, bool full)
{
    Sample now;
    sample_clear(&now, clock_mono_ns());
    now.full = full || now.at_ns >= s->full_at_ns;
    if (now.full)
        s->full_at_ns = now.at_ns + s->full_every_ns;
    bool news = host_look(&s->host, &s->buf, &now) || now.full;
    if (s->has_target)
        look_at_target(s, news, full, &now);
    self_look(&s->self, now.full, &s->buf, &now);
    watch_wall(s);
    keep_max(s, &now);
    keep(s, &now);
    s->n_looks++;
    if (s->last_at_ns)
        s->gap_ns_max = MAX(s->gap_ns_max, now.at_ns - s->last_at_ns);
    s->last_at_ns = now.at_ns;
}

/* From the latest look on, which was full. */
static void begin_here(Sampler *s, uint64_t zero_ns)
{
    s->zero_ns = zero_ns;
    s->begin = s->samples[s->n - 1];
    for (int f = 0; f < FIG_N; f++)
        s->max[f] = (double)NAN;
    keep_max(s, &s->begin);
    s->n_looks = 0;
    s->gap_ns_max = s->begin.at_ns - MIN(zero_ns, s->begin.at_ns);
    s->has_wall = false;
    s->wall_step_ns = 0;
    watch_wall(s);
    self_mark(&s->self);
    if (s->has_target) {
        tree_mark(&s->tree);
        threads_mark(&s->threads);
    }
}

void sampler_mark(Sampler *s, uint64_t zero_ns)
{
    sampler_look(s, true);
    begin_here(s, zero_ns);
}

static int target_init(Sampler *s, int pid, Err *err)
{
    TRY(threads_init(&s->threads, err));
    TRY(tree_init(&s->tree, pid, false, &s->buf, err));
    s->has_target = true;
    return 0;
}

int sampler_init(Sampler *s, int target_pid, Err *err)
{
    *s = (Sampler){ .stride = 1, .full_every_ns = NS_PER_S };
    s->samples = calloc(SAMPLES_MAX, sizeof *s->samples);
    if (!s->samples)
        return err_set(err, -ENOMEM, "no memory for samples");
    self_init(&s->self);
    host_init(&s->host);
    int r = target_pid ? target_init(s, target_pid, err) : 0;
    if (r < 0) {
        sampler_done(s);
        return r;
    }
    sampler_look(s, true);
    s->samples[0].v[FIG_SELF_SAMPLER] = 0; /* the caller's so far; looks are another thread's */
    begin_here(s, s->samples[0].at_ns);
    return 0;
}

void sampler_done(Sampler *s)
{
    host_done(&s->host);
    self_done(&s->self);
    tree_done(&s->tree);
    threads_done(&s->threads);
    free(s->samples);
    s->samples = NULL;
}

const Sample *sampler_near(const Sampler *s, uint64_t at_ns)
{
    const Sample *best = &s->begin;
    uint64_t best_ns = UINT64_MAX;
    for (int i = 0; i < s->n; i++) {
        uint64_t t = s->samples[i].at_ns, off = t > at_ns ? t - at_ns : at_ns - t;
        if (t < s->begin.at_ns || off >= best_ns)
            continue;
        best = &s->samples[i];
        best_ns = off;
    }
    return best;
}
