/* Trials of loads: the generator, with the probe watching both ends. */
#include <errno.h>

#include "base/clock.h"
#include "lab/lab_internal.h"
#include "probe/probe.h"

typedef struct Watch {
    Lab *lab;
    LabCase *c;
    Trial *t;
    Probe *probe;
    uint32_t round;
    uint64_t begin_ns;
} Watch;

static void on_begin(void *user, uint64_t begin_ns)
{
    Watch *w = user;
    w->begin_ns = begin_ns;
    if (w->probe)
        probe_mark(w->probe, begin_ns);
}

static void on_tick(void *user, const LoadTick *k)
{
    Watch *w = user;
    char rate[FMT_MAX], p50[FMT_MAX], p99[FMT_MAX];
    int digits = k->total_s < 1 ? 1 : 0;
    log_progress(w->lab->log, "trial %u/%u  %s  %s%.*f/%.*f s  %s  p50 %s  p99 %s  failed %llu",
                 w->round + 1, lab_load_trials(w->c->pace), w->c->result->name,
                 k->warming ? "warming up " : "", digits, k->elapsed_s, digits, k->total_s,
                 fmt_rate(rate, k->rate_per_s), fmt_duration(p50, k->p50_ns),
                 fmt_duration(p99, k->p99_ns), (unsigned long long)k->failed);
}

static void on_interval(void *user, const LoadInterval *i)
{
    Watch *w = user;
    stream_interval(w->lab->stream, w->c->result, w->round, i);
}

/* The processes of the target are those that the suite started, or the driver. */
static int watch_target(void *user, int pid, Err *err)
{
    Watch *w = user;
    const LabCase *c = w->c;
    int started = c->service && c->service->handle ? service_pid(c->service->handle) : 0;
    ProbeSpec ps = { .target_pid = started ? started : pid, .rate_per_s = 10 };
    return probe_start(&w->probe, &ps, err);
}

/* Replies that came late are not of the measured part. */
static void on_end(void *user)
{
    Watch *w = user;
    Err err = { 0 };
    uint64_t end = w->begin_ns + w->t->duration_ns;
    if (probe_finish(w->probe, end, w->lab->run, w->t, &err) < 0)
        validity_add(&w->t->validity, &w->lab->run->arena, GRADE_SUSPECT, "no-resources", "%s",
                     err.msg);
    w->probe = NULL;
}

int lab_load_trial(Lab *lab, LabCase *c, uint32_t round, uint32_t seq, Err *err)
{
    Watch w = { .lab = lab, .c = c, .round = round };
    LoadPlan plan = { .spec = c->load,
                      .driver = c->driver,
                      .target_opts = c->target_opts,
                      .request_opts = c->request_opts,
                      .warmup_ns = c->pace->warmup,
                      .duration_ns = c->pace->duration,
                      .seed = lab->run->seed + round,
                      .stop = lab->stop,
                      .on_tick = on_tick,
                      .on_begin = on_begin,
                      .on_target = watch_target,
                      .on_end = on_end,
                      .on_interval = lab->stream ? on_interval : NULL,
                      .user = &w };
    const char *stopped = NULL;
    plan.ret_stopped = &stopped;
    Trial *t = case_add_trial(lab->run, c->result);
    w.t = t;
    t->round = round;
    t->seq = seq;
    t->started_wall_ns = clock_wall_ns();
    int r = load_run(&plan, lab->run, t, err);
    if (stopped)
        c->result->note = stopped;
    if (r == -EINTR) /* no figure must look like a sound one */
        validity_add(&t->validity, &lab->run->arena, GRADE_INVALID, "interrupted",
                     "stopped before anything was measured; let it run on beyond its warm-up");
    if (lab->stream)
        stream_trial_end(lab->stream, c->result, t);
    w.probe = probe_free(w.probe); /* nothing was measured to lay the resources beside */
    return r;
}
