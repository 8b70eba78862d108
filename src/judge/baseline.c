#include "judge/baseline.h"

#include <math.h>
#include <string.h>

#include "judge/judged.h"

static bool is(const char *wanted, const char *found)
{
    return !wanted || (found && strcmp(wanted, found) == 0);
}

bool baseline_fits(const RunInfo *r, const BaselineAsk *ask)
{
    bool ended = r->finished && r->grade && strcmp(r->grade, "INVALID") != 0;
    bool in_time = !ask->until_wall_ns || r->started_wall_ns <= ask->until_wall_ns;
    bool other = !ask->not_run || strcmp(ask->not_run, r->id) != 0;
    return ended && in_time && other && (!ask->green || r->exit_code == 0) &&
           is(ask->suite, r->suite) && is(ask->branch, r->branch) && is(ask->commit, r->commit) &&
           is(ask->fingerprint, r->fingerprint) &&
           !(ask->triage && triage_set_aside(ask->triage, r->id, NULL));
}

ptrdiff_t baseline_pick(const RunInfo *v, ptrdiff_t n, const BaselineAsk *ask, ptrdiff_t most,
                        ptrdiff_t *out)
{
    ptrdiff_t found = 0;
    for (ptrdiff_t i = 0; i < n && found < most; i++)
        if (baseline_fits(&v[i], ask))
            out[found++] = i;
    return found;
}

static int add_figures(Run *pool, Trial *t, const CaseResult *c, Err *err)
{
    Arena *a = &pool->arena;
    for (ptrdiff_t i = 0; i < c->n_metrics; i++) {
        const MetricSummary *m = &c->metrics[i];
        CLEANUP(hist_freep) Hist *h = NULL;
        if (m->hist) {
            TRY(hist_new_like(&h, m->hist, err));
            hist_add(h, m->hist);
        }
        double value = m->n_trials && m->trials ? figure_median(a, m->trials, m->n_trials) : m->p50;
        Metric *added =
            trial_add_metric(pool, t, arena_strdup(a, m->name), arena_strdup(a, m->unit), m->better,
                             arena_strdup(a, m->method), value, TAKE(h));
        added->better = m->better;
    }
    return 0;
}

static int add_case(Run *pool, const CaseResult *newest, Run *const *runs, ptrdiff_t n, Err *err)
{
    Arena *a = &pool->arena;
    CaseResult *into = run_add_case(pool, arena_strdup(a, newest->name),
                                    arena_strdup(a, newest->benchmark), newest->kind, SIDE_HEAD);
    for (ptrdiff_t k = 0; k < n; k++) {
        const CaseResult *c = run_find_case(runs[k], newest->name, SIDE_HEAD);
        if (!c || c->validity.grade == GRADE_INVALID)
            continue;
        Trial *t = case_add_trial(pool, into);
        t->round = (uint32_t)(into->n_trials - 1);
        if (c->validity.grade == GRADE_SUSPECT)
            validity_merge(&t->validity, a, &c->validity);
        TRY(add_figures(pool, t, c, err));
    }
    return 0;
}

int baseline_pool(Run *const *runs, ptrdiff_t n, Run **ret, Err *err)
{
    CLEANUP(run_freep) Run *pool = NULL;
    const Run *newest = runs[0];
    TRY(run_new(&pool, newest->suite, newest->seed, newest->started_wall_ns, err));
    Arena *a = &pool->arena;
    memcpy(pool->id, newest->id, sizeof pool->id);
    pool->suite = arena_strdup(a, newest->suite);
    pool->commit = newest->commit ? arena_strdup(a, newest->commit) : NULL;
    pool->branch = newest->branch ? arena_strdup(a, newest->branch) : NULL;
    pool->finished_wall_ns = newest->finished_wall_ns;
    const char *bed = newest->testbed.fingerprint;
    pool->testbed.fingerprint = bed ? arena_strdup(a, bed) : NULL;
    for (ptrdiff_t i = 0; i < newest->n_cases; i++)
        if (newest->cases[i]->side == SIDE_HEAD)
            TRY(add_case(pool, newest->cases[i], runs, n, err));
    TRY(run_summarise(pool, err));
    *ret = TAKE(pool);
    return 0;
}

static bool same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

const char *baseline_refuses(const BaselineInfo *b, const Run *r, Arena *a)
{
    const char *branch = b->follows ? b->follows : b->branch;
    if (b->frozen_wall_ns)
        return "it is frozen";
    if (r->exit_code || r->interrupted || r->validity.grade == GRADE_INVALID)
        return "the run is not green";
    if (r->dirty)
        return "the tree has uncommitted changes";
    if (!same(b->suite, r->suite))
        return arena_printf(a, "it is of suite %s", b->suite);
    if (!same(branch, r->branch))
        return arena_printf(a, "it follows branch %s", branch ? branch : "(none)");
    if (!same(b->fingerprint, r->testbed.fingerprint))
        return "it is of another testbed";
    return NULL;
}
