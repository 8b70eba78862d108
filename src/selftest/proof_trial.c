#include "selftest/proof_trial.h"

#include <errno.h>

#include "base/clock.h"
#include "drivers/drivers.h"
#include "load/load.h"
#include "selftest/freezer.h"

/* Target and request of the HTTP driver for one path of the server. */
typedef struct Aim {
    const Driver *driver;
    void *target, *request;
} Aim;

static int set_option(Arena *a, const Opt *rows, void *dst, const char *name, const char *value,
                      Err *err)
{
    const Opt *row = opt_find(rows, str(name));
    if (!row)
        return err_set(err, -ENOENT, "the http driver has no option '%s'", name);
    return opt_set(a, row, dst, str(value), err);
}

static int take_aim(Arena *a, int port, const char *path, Aim *ret, Err *err)
{
    const Driver *d = driver_find("http");
    if (!d)
        return err_set(err, -ENOENT, "this build has no http driver");
    Aim aim = { .driver = d,
                .target = arena_alloc(a, d->target_opts_bytes),
                .request = arena_alloc(a, d->request_opts_bytes) };
    opt_defaults(a, d->target_opts, aim.target);
    opt_defaults(a, d->request_opts, aim.request);
    const char *url = arena_printf(a, "http://127.0.0.1:%d", port);
    TRY(set_option(a, d->target_opts, aim.target, "url", url, err));
    TRY(set_option(a, d->request_opts, aim.request, "path", path, err));
    *ret = aim;
    return 0;
}

static void begin_freeze(void *user, uint64_t begin_ns)
{
    if (user)
        freezer_begin(user, begin_ns);
}

static int measure(ProofCtx *x, const TrialPlan *p, TrialSeen *seen, Err *err)
{
    Aim aim = { 0 };
    Freezer *freezer = NULL;
    TRY(take_aim(x->arena, p->port ? p->port : test_server_port(x->server), p->target, &aim, err));
    LoadSpec spec = { .rate = p->rate,
                      .connections = p->connections,
                      .timeout = p->timeout_ns,
                      .overload = OVERLOAD_QUEUE,
                      .spin = p->spin };
    if (p->freeze_for_ns)
        TRY(freezer_start(&freezer, test_server_pid(x->server), p->freeze_at_ns, p->freeze_for_ns,
                          err));
    LoadPlan plan = { .spec = &spec,
                      .driver = aim.driver,
                      .target_opts = aim.target,
                      .request_opts = aim.request,
                      .duration_ns = p->duration_ns,
                      .seed = x->seed,
                      .stop = x->o->stop,
                      .on_begin = begin_freeze,
                      .user = freezer };
    int r = load_run(&plan, seen->run, seen->trial, err);
    seen->frozen_ns = freezer_finish(freezer);
    return r;
}

static int find_hist(const TrialSeen *s, const char *name, const Hist **ret, Err *err)
{
    const Metric *m = trial_find_metric(s->trial, name);
    if (!m || !m->hist)
        return err_set(err, -ENOENT, "the trial has no %s", name);
    *ret = m->hist;
    return 0;
}

static int find_hists(TrialSeen *s, Err *err)
{
    TRY(find_hist(s, "latency", &s->latency, err));
    TRY(find_hist(s, "service_time", &s->service_time, err));
    return find_hist(s, "lateness", &s->lateness, err);
}

static int watched(ProofCtx *x, const TrialPlan *p, TrialSeen *seen, Err *err)
{
    Witness *witness = NULL;
    TRY(witness_start(&witness, p->port ? 0 : test_server_pid(x->server), err));
    int r = measure(x, p, seen, err);
    witness_finish(witness, &seen->machine);
    proof_machine(x, &seen->machine);
    return r;
}

int trial_run(ProofCtx *x, const TrialPlan *p, TrialSeen *ret, Err *err)
{
    CLEANUP(trial_seen_done) TrialSeen seen = { 0 };
    if (!p->port)
        TRY(test_server_forget(x->server, err));
    TRY(run_new(&seen.run, "selftest", x->seed, clock_wall_ns(), err));
    CaseResult *c = run_add_case(seen.run, x->now->name, "selftest", KIND_LOAD, SIDE_HEAD);
    seen.trial = case_add_trial(seen.run, c);
    TRY(watched(x, p, &seen, err));
    TRY(find_hists(&seen, err));
    if (!p->port)
        TRY(test_server_stats(x->server, p->target, &seen.server, err));
    *ret = seen;
    seen = (TrialSeen){ 0 };
    return 0;
}

void trial_seen_done(TrialSeen *s)
{
    s->run = run_free(s->run);
    test_server_stats_done(&s->server);
    witness_report_done(&s->machine);
}
