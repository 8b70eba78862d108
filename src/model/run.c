#include "model/run.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/rng.h"
#include "model/names.h"

static const char *const kind_names[] = { "command", "load", "function", "stream", "harness" };

const char *kind_name(Kind k)
{
    assert(k <= KIND_HARNESS);
    return kind_names[k];
}

int kind_parse(const char *text, Kind *ret)
{
    int i = name_index(kind_names, ARRAY_LEN(kind_names), text);
    if (i < 0)
        return i;
    *ret = (Kind)i;
    return 0;
}

/* "2026-01-31T23:59:59.123Z" and six hex digits make "20260131-235959-1a2b3c". The hash sees the
 * nanoseconds: runs that start within one second with the same seed still differ. */
static void make_id(char id[RUN_ID_MAX], uint64_t seed, uint64_t wall_ns)
{
    char iso[CLOCK_ISO_MAX];
    clock_iso(iso, wall_ns);
    Rng rng = rng_new(seed, "run", wall_ns);
    snprintf(id, RUN_ID_MAX, "%.4s%.2s%.2s-%.2s%.2s%.2s-%06x", iso, iso + 5, iso + 8, iso + 11,
             iso + 14, iso + 17, (unsigned)(rng_u64(&rng) >> 40));
}

int run_new(Run **ret, const char *suite, uint64_t seed, uint64_t started_wall_ns, Err *err)
{
    assert(suite);
    Run *r = calloc(1, sizeof *r);
    if (!r)
        return err_set(err, -ENOMEM, "no memory for a run");
    make_id(r->id, seed, started_wall_ns);
    r->suite = arena_strdup(&r->arena, suite);
    r->seed = seed;
    r->started_wall_ns = started_wall_ns;
    r->tool = "assay " ASSAY_VERSION;
    r->min_effect = 0.01;
    r->confidence = 0.95;
    *ret = r;
    return 0;
}

static void trial_done(Trial *t)
{
    for (ptrdiff_t i = 0; i < t->n_metrics; i++)
        metric_done(&t->metrics[i]);
}

static void case_done(CaseResult *c)
{
    for (ptrdiff_t i = 0; i < c->n_trials; i++)
        trial_done(c->trials[i]);
    for (ptrdiff_t i = 0; i < c->n_metrics; i++)
        c->metrics[i].hist = hist_free(c->metrics[i].hist);
}

Run *run_free(Run *r)
{
    if (!r)
        return NULL;
    for (ptrdiff_t i = 0; i < r->n_cases; i++)
        case_done(r->cases[i]);
    arena_done(&r->arena);
    free(r);
    return NULL;
}

void run_freep(Run **r)
{
    *r = run_free(*r);
}

CaseResult *run_add_case(Run *r, const char *name, const char *benchmark, Kind kind, Side side)
{
    assert(name && benchmark);
    CaseResult *c = ARENA_NEW(&r->arena, CaseResult);
    c->name = arena_strdup(&r->arena, name);
    c->benchmark = arena_strdup(&r->arena, benchmark);
    c->kind = kind;
    c->side = side;
    ARENA_PUSH(&r->arena, r->cases, r->n_cases, r->cap_cases, c);
    return c;
}

CaseResult *run_find_case(const Run *r, const char *name, Side side)
{
    for (ptrdiff_t i = 0; i < r->n_cases; i++)
        if (r->cases[i]->side == side && strcmp(r->cases[i]->name, name) == 0)
            return r->cases[i];
    return NULL;
}

Trial *case_add_trial(Run *r, CaseResult *c)
{
    Trial *t = ARENA_NEW(&r->arena, Trial);
    ARENA_PUSH(&r->arena, c->trials, c->n_trials, c->cap_trials, t);
    return t;
}

Metric *trial_add_metric(Run *r, Trial *t, const char *name, const char *unit, Better better,
                         const char *method, double value, Hist *hist)
{
    assert(name && method);
    assert(!trial_find_metric(t, name));
    const MetricDef *def = metric_find(name);
    if (def && (!unit || strcmp(unit, def->unit) == 0)) {
        unit = def->unit;
        better = def->better;
    }
    assert(unit);
    if (hist && isnan(value))
        value = hist_quantile(hist, 0.5);
    Metric m = {
        .name = name, .unit = unit, .method = method, .better = better, .value = value, .hist = hist
    };
    ARENA_PUSH(&r->arena, t->metrics, t->n_metrics, t->cap_metrics, m);
    return &t->metrics[t->n_metrics - 1];
}

const Metric *trial_find_metric(const Trial *t, const char *name)
{
    for (ptrdiff_t i = 0; i < t->n_metrics; i++)
        if (strcmp(t->metrics[i].name, name) == 0)
            return &t->metrics[i];
    return NULL;
}
