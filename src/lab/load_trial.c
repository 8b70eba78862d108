/* Trials of loads: the generator, with the probe watching both ends. */
#include <errno.h>
#include <math.h>

#include "base/clock.h"
#include "lab/lab_internal.h"

typedef struct Watch {
    Lab *lab;
    LabCase *c;
    Probe *probe;
    Trial *trial;
    uint32_t round;
    uint64_t begin_ns;
    const char *stopped;
    bool shown; /* of several side by side, who looks sees this one */
} Watch;

static void on_begin(void *user, uint64_t begin_ns)
{
    Watch *w = user;
    w->begin_ns = begin_ns;
    if (w->probe)
        probe_mark(w->probe, begin_ns);
}

static void show(const Watch *w, const LoadInterval *i)
{
    const ProbeNow unknown = { (double)NAN, (double)NAN, (double)NAN, (double)NAN, (double)NAN };
    LabView v = { .name = w->c->result->name,
                  .trial = w->round + 1,
                  .trials = lab_load_trials(w->c->pace),
                  .now = i,
                  .resources = w->probe ? probe_now(w->probe) : unknown };
    w->lab->on_view(w->lab->view_user, &v);
}

static void on_interval(void *user, const LoadInterval *i)
{
    Watch *w = user;
    if (w->lab->stream)
        stream_interval(w->lab->stream, w->c->result, w->round, i);
    if (w->lab->on_view && w->shown)
        show(w, i);
}

/* The processes of the target are those that the suite started, or the driver. */
static int watch_target(void *user, int pid, Err *err)
{
    Watch *w = user;
    const LabService *s = w->c->service;
    int started = s && s->handle ? service_pid(s->handle) : 0;
    ProbeSpec ps = { .target_pid = started ? started : pid, .rate_per_s = 10 };
    return probe_start(&w->probe, &ps, err);
}

/* Replies that came late are not of the measured part. */
static void on_end(void *user)
{
    Watch *w = user;
    Err err = { 0 };
    uint64_t end_ns = w->begin_ns + w->trial->duration_ns;
    if (probe_finish(w->probe, end_ns, w->lab->run, w->trial, &err) < 0)
        validity_add(&w->trial->validity, &w->lab->run->arena, GRADE_SUSPECT, "no-resources", "%s",
                     err.msg);
    w->probe = NULL;
}

static LoadPlan begin(Watch *w, uint32_t seq)
{
    const LabCase *c = w->c;
    w->trial = case_add_trial(w->lab->run, c->result);
    w->trial->round = w->round;
    w->trial->seq = seq;
    w->trial->started_wall_ns = clock_wall_ns();
    return (LoadPlan){ .spec = c->load,
                       .driver = c->driver,
                       .target_opts = c->target_opts,
                       .request_opts = c->request_opts,
                       .warmup_ns = c->pace->warmup,
                       .duration_ns = c->pace->duration,
                       .seed = w->lab->run->seed + w->round,
                       .stop = w->lab->stop,
                       .on_begin = on_begin,
                       .on_target = watch_target,
                       .on_end = on_end,
                       .on_interval = on_interval,
                       .ret_stopped = &w->stopped,
                       .user = w };
}

/* `r`: how the load ended. */
static void end(Watch *w, int r)
{
    Run *run = w->lab->run;
    Trial *t = w->trial;
    if (w->stopped)
        w->c->result->note = w->stopped;
    if (r == -EINTR) /* no figure must look like a sound one */
        validity_add(&t->validity, &run->arena, GRADE_INVALID, "interrupted",
                     "stopped before anything was measured; let it run on beyond its warm-up");
    if (w->lab->stream)
        stream_trial_end(w->lab->stream, w->c->result, t);
    w->probe = probe_free(w->probe); /* nothing was measured to lay the resources beside */
}

int lab_loads_trial(Lab *lab, LabCase *const *cases, ptrdiff_t n, uint32_t round, uint32_t seq,
                    Err *err)
{
    CLEANUP(arena_done) Arena a = { 0 };
    Watch *watches = ARENA_ARRAY(&a, Watch, n);
    LoadPlan *plans = ARENA_ARRAY(&a, LoadPlan, n);
    Trial **trials = ARENA_ARRAY(&a, Trial *, n);
    for (ptrdiff_t i = 0; i < n; i++) {
        watches[i] = (Watch){ .lab = lab, .c = cases[i], .round = round, .shown = i == 0 };
        plans[i] = begin(&watches[i], seq + (uint32_t)i);
        trials[i] = watches[i].trial;
    }
    int r = load_run_all(plans, trials, n, lab->run, err);
    for (ptrdiff_t i = 0; i < n; i++)
        end(&watches[i], r);
    return r;
}

int lab_load_trial(Lab *lab, LabCase *c, uint32_t round, uint32_t seq, Err *err)
{
    return lab_loads_trial(lab, &c, 1, round, seq, err);
}
