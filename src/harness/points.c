#include "harness/points.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

PointsCase *points_case(Points *p, Str name, Err *err)
{
    CaseResult *c = harvest_find(p->h, name);
    for (ptrdiff_t i = 0; c && i < p->n; i++)
        if (p->cases[i].c == c)
            return &p->cases[i];
    if (p->n == POINTS_CASES_MAX) {
        err_set(err, -E2BIG, "more than %d names of operations", POINTS_CASES_MAX);
        return NULL;
    }
    if (p->n == p->cap) {
        ptrdiff_t cap = MAX(p->cap * 2, (ptrdiff_t)8);
        PointsCase *bigger = realloc(p->cases, (size_t)cap * sizeof *bigger);
        if (!bigger) {
            err_set(err, -ENOMEM, "no memory for operations");
            return NULL;
        }
        p->cases = bigger;
        p->cap = cap;
    }
    p->cases[p->n] = (PointsCase){ .c = harvest_case(p->h, name),
                                   .first_ns = (double)NAN,
                                   .last_ns = (double)NAN };
    return &p->cases[p->n++];
}

int points_time(PointsCase *pc, const char *name, double ns, Err *err)
{
    for (ptrdiff_t i = 0; i < POINTS_METRICS_MAX && ns >= 0; i++) {
        if (pc->times[i].name && strcmp(pc->times[i].name, name) != 0)
            continue;
        pc->times[i].name = name;
        if (!pc->times[i].hist)
            TRY(hist_new(&pc->times[i].hist, err));
        harvest_record(pc->times[i].hist, ns, 1);
        return 0;
    }
    return 0;
}

void points_span(PointsCase *pc, double start_ns, double end_ns)
{
    if (!(start_ns >= pc->first_ns))
        pc->first_ns = isnan(start_ns) ? pc->first_ns : start_ns;
    if (!(end_ns <= pc->last_ns))
        pc->last_ns = isnan(end_ns) ? pc->last_ns : end_ns;
}

static void finish_case(Points *p, PointsCase *pc)
{
    Trial *t = harvest_trial(p->h, pc->c);
    for (ptrdiff_t i = 0; i < POINTS_METRICS_MAX; i++)
        if (pc->times[i].hist)
            harvest_hist(p->h, t, pc->times[i].name, NULL, TAKE(pc->times[i].hist));
    double span = pc->last_ns - pc->first_ns;
    if (span > 0 && span < 1e18)
        t->duration_ns = (uint64_t)span;
    if (pc->ok + pc->failed + pc->timed_out > 0) {
        harvest_outcomes(t, pc->ok, pc->failed, FAIL_STATUS, pc->timed_out);
        harvest_error_rate(p->h, t);
    }
    if (span > 0)
        harvest_value(p->h, t, "throughput", UNIT_PER_S, p->what, pc->ok * 1e9 / span);
}

void points_finish(Points *p)
{
    for (ptrdiff_t i = 0; i < p->n; i++)
        finish_case(p, &p->cases[i]);
    points_done(p);
}

void points_done(Points *p)
{
    for (ptrdiff_t i = 0; i < p->n; i++)
        for (ptrdiff_t k = 0; k < POINTS_METRICS_MAX; k++)
            hist_free(p->cases[i].times[k].hist);
    free(p->cases);
    p->cases = NULL;
    p->n = p->cap = 0;
}
