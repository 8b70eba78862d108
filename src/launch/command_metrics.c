/* A run's figures as metrics of its trial. */
#include "launch/command.h"

#include <math.h>

static const char by_clock[] = "monotonic clock, spawn to reaped";
static const char by_wait[] = "wait4";

static void add(Run *r, Trial *t, const char *name, const char *unit, const char *method,
                uint64_t v)
{
    trial_add_metric(r, t, name, unit, BETTER_LOWER, method, (double)v, NULL);
}

/* The kernel knows the sum of CPU time to the microsecond, but splits it by timer ticks: below some
 * hundred milliseconds the split is chance. */
static const char *split_method(const CommandRun *run)
{
    return run->user_ns + run->system_ns < NS_PER_S ? "wait4, split by timer ticks: coarse"
                                                    : by_wait;
}

/* What is not there is missing with its reason, never 0. */
static void add_counters(Run *r, Trial *t, const CommandRun *run)
{
    for (int i = 0; i < PERF_VALUES; i++) {
        const PerfValue *v = &run->counters[i];
        const char *method = v->there && !v->estimated ? "perf_event, user mode"
                             : v->there
                                 ? arena_printf(&r->arena,
                                                "perf_event, user mode, counted %.0f %% of the "
                                                "time and scaled: an estimate",
                                                100 * v->share)
                                 : arena_printf(&r->arena, "unsupported: %s", v->why);
        trial_add_metric(r, t, v->name, "count", BETTER_LOWER, method,
                         v->there ? v->value : (double)NAN, NULL);
    }
}

void command_metrics(Run *r, Trial *t, const CommandRun *run)
{
    add(r, t, "wall", "ns", by_clock, run->wall_ns);
    add(r, t, "cpu", "ns", by_wait, run->user_ns + run->system_ns);
    add(r, t, "user", "ns", split_method(run), run->user_ns);
    add(r, t, "system", "ns", split_method(run), run->system_ns);
    add(r, t, "rss_peak", "bytes", run->rss_method, run->rss_peak_bytes);
    add(r, t, "faults_minor", "count", by_wait, run->faults_minor);
    add(r, t, "faults_major", "count", by_wait, run->faults_major);
    add(r, t, "switches_voluntary", "count", by_wait, run->switches_voluntary);
    add(r, t, "switches_involuntary", "count", by_wait, run->switches_involuntary);
    add(r, t, "io_read", "bytes", by_wait, run->io_read_bytes);
    add(r, t, "io_write", "bytes", by_wait, run->io_write_bytes);
    if (run->has_counters)
        add_counters(r, t, run);
}
