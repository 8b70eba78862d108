#include "drivers/trial.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void test_trial_init(TestTrial *t, const Driver *d)
{
    *t = (TestTrial){ .driver = d };
    t->target_opts = arena_alloc(&t->arena, d->target_opts_bytes);
    t->request_opts = arena_alloc(&t->arena, d->request_opts_bytes);
    opt_defaults(&t->arena, load_opts, &t->spec);
    opt_defaults(&t->arena, d->target_opts, t->target_opts);
    opt_defaults(&t->arena, d->request_opts, t->request_opts);
    t->spec.timeout = 10 * NS_PER_S;
    t->spec.workers = 1;
    t->plan = (LoadPlan){ .spec = &t->spec,
                          .driver = d,
                          .target_opts = t->target_opts,
                          .request_opts = t->request_opts,
                          .duration_ns = 100 * NS_PER_MS };
    if (run_new(&t->run, "test", 1, 1, &t->err) < 0)
        abort();
    CaseResult *c = run_add_case(t->run, "case", "case", KIND_LOAD, SIDE_HEAD);
    t->trial = case_add_trial(t->run, c);
}

void test_trial_set(TestTrial *t, const char *name, const char *value)
{
    const OptSet sets[] = { { load_opts, &t->spec },
                            { t->driver->target_opts, t->target_opts },
                            { t->driver->request_opts, t->request_opts } };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(sets); i++) {
        const Opt *row = opt_find(sets[i].rows, str(name));
        if (row && opt_set(&t->arena, row, sets[i].dst, str(value), &t->err) == 0)
            return;
    }
    fprintf(stderr, "test: option %s=%s: %s\n", name, value, t->err.msg);
    abort();
}

void test_trial_set_all(TestTrial *t, const char *const *opts, ptrdiff_t n)
{
    for (ptrdiff_t i = 0; i < n && opts[i]; i += 2)
        test_trial_set(t, opts[i], opts[i + 1]);
}

void test_trial_run(TestTrial *t)
{
    t->result = load_run(&t->plan, t->run, t->trial, &t->err);
}

void test_trial_done(TestTrial *t)
{
    run_free(t->run);
    arena_done(&t->arena);
}

const char *test_trial_verdict(const TestTrial *t)
{
    const Outcomes *o = &t->trial->outcomes;
    uint64_t ended = o->scheduled - o->in_flight;
    if (!outcomes_conserved(o))
        return "not conserved";
    if (ended == 0)
        return "nothing";
    if (o->ok == ended)
        return "ok";
    if (o->timed_out == ended)
        return "timed_out";
    for (int i = 0; i < FAIL_N; i++)
        if (o->failed[i] == ended)
            return fail_class_name((FailClass)i);
    return "mixed";
}

double test_trial_value(const TestTrial *t, const char *metric)
{
    const Metric *m = trial_find_metric(t->trial, metric);
    return m ? m->value : (double)NAN;
}

double test_trial_quantile(const TestTrial *t, const char *metric, double q)
{
    const Metric *m = trial_find_metric(t->trial, metric);
    return m && m->hist ? hist_quantile(m->hist, q) : (double)NAN;
}

bool test_trial_reason(const TestTrial *t, const char *code)
{
    const Validity *v = &t->trial->validity;
    for (ptrdiff_t i = 0; i < v->n; i++)
        if (strcmp(v->reasons[i].code, code) == 0)
            return true;
    return false;
}
