/* One store's runs into another. Roll-ups go first: they are taken only where the other store has
 * nothing of their case in their span, which would not hold once the runs are there. */
#include <string.h>

#include "base/clock.h"
#include "store/store_ops.h"

static const uint64_t SILENT_NS =
    UINT64_C(86400) * NS_PER_S; /* a run that is silent so long is dead */

static bool still_going(const Run *r)
{
    uint64_t last = r->started_wall_ns;
    if (r->finished_wall_ns)
        return false;
    for (ptrdiff_t i = 0; i < r->n_cases; i++)
        for (ptrdiff_t k = 0; k < r->cases[i]->n_trials; k++)
            last = MAX(last, r->cases[i]->trials[k]->started_wall_ns);
    return last + SILENT_NS > clock_wall_ns();
}

static int copy_rollups(Store *from, Store *to, CopyResult *ret, Err *err)
{
    CLEANUP(arena_done) Arena a = { 0 };
    CLEANUP(rollup_list_done) RollupList l = { 0 };
    TRY(from->ops->rollup_list(from, &a, NULL, &l, err));
    int r = to->ops->rollups_add(to, &l, &ret->rollups, err);
    ret->rollups_there = l.n - ret->rollups;
    return r;
}

static int copy_run(Store *from, Store *to, const char *id, CopyResult *ret, Err *err)
{
    CLEANUP(run_freep) Run *r = NULL;
    int res = to->ops->run_there(to, id, err);
    if (res == 0) {
        TRY(from->ops->run_load(from, id, NULL, &r, err));
        if (still_going(r)) {
            ret->runs_going++;
            return 0;
        }
        res = to->ops->run_add(to, r, err);
    }
    ret->runs += res == 0;
    ret->runs_there += res == STORE_THERE;
    return MIN(res, 0);
}

static int copy_runs(Store *from, Store *to, const volatile bool *stop, CopyResult *ret, Err *err)
{
    CLEANUP(arena_done) Arena a = { 0 };
    RunInfo *v;
    ptrdiff_t n;
    TRY(from->ops->run_list(from, &a, PTRDIFF_MAX, &v, &n, err));
    for (ptrdiff_t i = n; i > 0 && !(stop && *stop); i--) /* oldest first */
        TRY(copy_run(from, to, v[i - 1].id, ret, err));
    return 0;
}

static int find_baseline(Store *s, const char *name, bool *ret, Err *err)
{
    CLEANUP(arena_done) Arena a = { 0 };
    BaselineInfo *v;
    ptrdiff_t n;
    TRY(s->ops->baseline_list(s, &a, &v, &n, err));
    *ret = false;
    for (ptrdiff_t i = 0; i < n; i++)
        *ret |= str_eqz(str(v[i].name), name);
    return 0;
}

static int copy_baselines(Store *from, Store *to, CopyResult *ret, Err *err)
{
    CLEANUP(arena_done) Arena a = { 0 };
    BaselineInfo *v;
    ptrdiff_t n;
    TRY(from->ops->baseline_list(from, &a, &v, &n, err));
    for (ptrdiff_t i = 0; i < n; i++) {
        bool there;
        TRY(find_baseline(to, v[i].name, &there, err));
        ret->baselines_there += there;
        if (there)
            continue;
        int set = to->ops->baseline_keep(to, &v[i], err);
        if (set < 0)
            return set;
        ret->baselines += set == 0; /* else its run still goes on */
    }
    return 0;
}

static bool has_triage(const TriageList *l, const Triage *t)
{
    for (ptrdiff_t i = 0; i < l->n; i++)
        if (strcmp(l->v[i].id, t->id) == 0)
            return l->v[i].undone_wall_ns || !t->undone_wall_ns;
    return false;
}

/* What was taken back in one of the two is taken back in both. */
static int copy_triage(Store *from, Store *to, CopyResult *ret, Err *err)
{
    CLEANUP(arena_done) Arena a = { 0 };
    TriageList theirs = { 0 }, ours = { 0 };
    TRY(from->ops->triage_list(from, &a, &theirs, err));
    TRY(to->ops->triage_list(to, &a, &ours, err));
    for (ptrdiff_t i = 0; i < theirs.n; i++) {
        if (has_triage(&ours, &theirs.v[i]))
            continue;
        TRY(to->ops->triage_set(to, &theirs.v[i], err));
        ret->triage++;
    }
    return 0;
}

int store_copy(Store *from, Store *to, const volatile bool *stop, CopyResult *ret, Err *err)
{
    *ret = (CopyResult){ 0 };
    TRY(copy_rollups(from, to, ret, err));
    TRY(copy_runs(from, to, stop, ret, err));
    TRY(copy_triage(from, to, ret, err));
    return stop && *stop ? 0 : copy_baselines(from, to, ret, err);
}
