#include "probe/totals.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fmt.h"

static double looked_seconds(const Sampler *s)
{
    return ((double)s->last_at_ns - (double)s->begin.at_ns) / 1e9;
}

/* All figures by ticks of the host, turned into cores. */
static void add_cores(Totals *t, const Sampler *s, const Sample *end)
{
    double ticks_per_s = sample_growth(&s->begin, end, FIG_HOST_TICKS);
    t->capacity = ticks_per_s / (double)sysconf(_SC_CLK_TCK);
    t->host_cpu = sample_growth(&s->begin, end, FIG_HOST_BUSY);
    t->steal = sample_growth(&s->begin, end, FIG_HOST_STEAL);
    t->steal_ticks = end->v[FIG_HOST_STEAL] - s->begin.v[FIG_HOST_STEAL];
    t->idle = MAX(0.0, t->capacity * (1 - t->host_cpu - t->steal));
    double irq = sample_growth(&s->begin, end, FIG_HOST_IRQ);
    double ours = t->target_cpu + sample_growth(&s->begin, end, FIG_SELF_CPU);
    double foreign = t->capacity * (t->host_cpu - irq) - ours; /* interrupts are nobody's */
    t->foreign_cpu = isnan(foreign) ? foreign : MAX(foreign, 0.0);
}

static void add_thread(Totals *t, const Sampler *s)
{
    uint64_t run_ns;
    const ThreadSeen *busiest = threads_busiest(&s->threads, &run_ns);
    t->thread_cpu = (double)NAN;
    t->thread_name = "";
    if (!busiest || !(t->looked_s > 0))
        return;
    t->thread_cpu = (double)run_ns / 1e9 / t->looked_s;
    t->thread_tid = busiest->tid;
    t->thread_name = busiest->name;
}

static Leak leak_from(const Sampler *s, const Sample *end)
{
    double t_s[SAMPLES_MAX], rss[SAMPLES_MAX];
    ptrdiff_t n = 0;
    for (int i = 0; i < s->n && s->samples[i].at_ns <= end->at_ns; i++) {
        if (s->samples[i].at_ns < s->begin.at_ns)
            continue;
        t_s[n] = (double)(s->samples[i].at_ns - s->begin.at_ns) / 1e9;
        rss[n++] = s->samples[i].v[FIG_TARGET_RSS];
    }
    return leak_of(t_s, rss, n, (double)(end->at_ns - s->begin.at_ns) / 1e9);
}

Totals totals_of(const Sampler *s, const Sample *end, double rate_per_s)
{
    Totals t = { .looked_s = looked_seconds(s),
                 .rate_per_s = rate_per_s,
                 .n_looks = s->n_looks,
                 .gap_s = (double)s->gap_ns_max / 1e9,
                 .wall_step_ns = s->has_wall ? s->wall_step_ns : (double)NAN,
                 .target_cpu = sample_growth(&s->begin, end, FIG_TARGET_CPU),
                 .pressure_memory = sample_growth(&s->begin, end, FIG_HOST_PRESSURE_MEMORY),
                 .pressure_io = sample_growth(&s->begin, end, FIG_HOST_PRESSURE_IO),
                 .ended_s = (double)NAN,
                 .too_many = s->tree.too_many || s->threads.too_many };
    if (s->ended_ns && s->ended_ns <= end->at_ns)
        t.ended_s = ((double)s->ended_ns - (double)s->begin.at_ns) / 1e9;
    t.leak = leak_from(s, end);
    add_cores(&t, s, end);
    add_thread(&t, s);
    return t;
}

/* Three ticks are the least that is more than a rounding of the counters. */
static void judge_steal(const Totals *t, Validity *v, Arena *a)
{
    if (!(t->steal > 0.05) || t->steal_ticks < 3)
        return;
    validity_add(v, a, GRADE_SUSPECT, "steal",
                 "%.1f %% of all CPU time was stolen: the hypervisor gave it to other guests "
                 "(limit 5 %%). Times are longer and scatter more than the target's own doing. "
                 "Cure: dedicated cores, or a quieter hour; compare only sides that ran paired",
                 t->steal * 100);
}

static void judge_sampler(const Totals *t, Validity *v, Arena *a)
{
    double planned = t->looked_s * t->rate_per_s;
    if (t->gap_s * t->rate_per_s > 3)
        validity_add(v, a, GRADE_SUSPECT, "sampler-starved",
                     "nothing was sampled for %.2f s (planned: every %.2f s): assay did not get a "
                     "core, so the load and the target may not have, either. Cure: leave a core "
                     "free, and see what else runs",
                     t->gap_s, 1 / t->rate_per_s);
    else if (planned >= 10 && (double)t->n_looks < 0.7 * planned)
        validity_add(v, a, GRADE_SUSPECT, "sampler-starved",
                     "only %llu of %.0f planned samples were taken: assay did not get a core in "
                     "time, so the load and the target may not have, either. Cure: leave a core "
                     "free, and see what else runs",
                     (unsigned long long)t->n_looks, planned);
}

static void judge_clock(const Totals *t, Validity *v, Arena *a)
{
    if (!(fabs(t->wall_step_ns) > (double)NS_PER_MS))
        return;
    validity_add(v, a, GRADE_SUSPECT, "clock-stepped",
                 "the wall clock was set by %+.3f s (limit 1 ms), or the machine slept. Durations "
                 "use the monotonic clock and hold; what the target does by wall time does not. "
                 "Cure: let the clock be slewed instead of stepped while measuring",
                 t->wall_step_ns / 1e9);
}

static void judge_target(const Totals *t, Validity *v, Arena *a)
{
    if (!isnan(t->ended_s))
        validity_add(v, a, GRADE_SUSPECT, "target-vanished",
                     "no process of the target was left %.1f s into the measured part: its "
                     "resources are known only up to then. See why it ended (its output, the "
                     "kernel's log)",
                     t->ended_s);
    if (t->too_many)
        validity_add(v, a, GRADE_SUSPECT, "tree-too-large",
                     "the target has more than %d processes or %d threads: its resources are "
                     "incomplete",
                     TREE_PROCS_MAX, THREADS_MAX);
}

static void judge_foreign(const Totals *t, Validity *v, Arena *a)
{
    if (!(t->foreign_cpu > 0.25) || !(t->idle < 0.5))
        return;
    validity_add(v, a, GRADE_SUSPECT, "foreign-load",
                 "other programs used %.2f cores (limit 0.25) while only %.2f of %.0f were idle: "
                 "they took time from the target or from assay. Cure: stop them, or leave them "
                 "cores of their own",
                 t->foreign_cpu, t->idle, t->capacity);
}

PRINTF_LIKE(3, 4)
static void append(char *text, size_t cap, const char *fmt, ...)
{
    va_list ap;
    size_t n = strlen(text);
    va_start(ap, fmt);
    vsnprintf(text + n, cap - n, fmt, ap);
    va_end(ap);
}

/* A server that lives on one thread is at its end with one core, however many there are: so threads
 * are looked at before sums. */
static void name_cpu(const Totals *t, char *text, size_t cap)
{
    if (t->target_cpu > 0.9 * t->capacity)
        append(text, cap, "; cpu of target, %.0f %% of %.0f cores",
               t->target_cpu / t->capacity * 100, t->capacity);
    else if (t->thread_cpu > 0.9)
        append(text, cap, "; cpu of target, thread %d (%s) kept its core %.0f %% busy",
               t->thread_tid, t->thread_name, MIN(t->thread_cpu, 1.0) * 100);
    else if (t->host_cpu > 0.95)
        append(text, cap, "; cpu of host, %.0f %%", t->host_cpu * 100);
}

static void judge_bottleneck(const Totals *t, Validity *v, Arena *a)
{
    char text[256] = "";
    name_cpu(t, text, sizeof text);
    if (t->pressure_memory > 0.1)
        append(text, sizeof text, "; memory of host, tasks waited for it %.0f %% of the time",
               t->pressure_memory * 100);
    if (t->pressure_io > 0.5)
        append(text, sizeof text, "; storage of host, tasks waited for it %.0f %% of the time",
               t->pressure_io * 100);
    if (text[0])
        validity_add(v, a, GRADE_VALID, "bottleneck", "%s", text + 2);
}

static void judge_leak(const Totals *t, Validity *v, Arena *a)
{
    const Leak *l = &t->leak;
    char grown[FMT_MAX], rate[FMT_MAX], low[FMT_MAX], high[FMT_MAX], day[FMT_MAX];
    if (!l->leaks)
        return;
    validity_add(v, a, GRADE_VALID, "leak",
                 "the target's memory grew by %s in %.0f s and did not level off: %s a minute "
                 "(95 %%: %s to %s), %s in a day. See what it keeps (a heap profile); where it may "
                 "be a cache, measure longer",
                 fmt_size(grown, l->grown_bytes), l->watched_s, fmt_size(rate, 60 * l->per_s),
                 fmt_size(low, 60 * l->low), fmt_size(high, 60 * l->high),
                 fmt_size(day, 86400 * l->per_s));
}

void totals_judge(const Totals *t, Validity *v, Arena *a)
{
    judge_steal(t, v, a);
    judge_sampler(t, v, a);
    judge_clock(t, v, a);
    judge_target(t, v, a);
    judge_foreign(t, v, a);
    judge_leak(t, v, a);
    judge_bottleneck(t, v, a);
}
