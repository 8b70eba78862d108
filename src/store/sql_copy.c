/* Taking in what another store had: whole runs and roll-ups, each once. */
#include <errno.h>

#include "store/sql.h"

int sq_run_there(Store *base, const char *id, Err *err)
{
    SqlStore *s = (SqlStore *)base;
    int64_t key;
    s->doing = "look for a run";
    TRY(sq_find(s, SQL_FIND_RUN, SQ_VALS(v_text(id)), &key, err));
    return key ? STORE_THERE : 0;
}

/* The next trial of the run in order of execution, or NULL. */
static const Trial *trial_at(const Run *r, uint32_t seq, const CaseResult **ret_case)
{
    for (ptrdiff_t i = 0; i < r->n_cases; i++)
        for (ptrdiff_t k = 0; k < r->cases[i]->n_trials; k++)
            if (r->cases[i]->trials[k]->seq == seq) {
                *ret_case = r->cases[i];
                return r->cases[i]->trials[k];
            }
    return NULL;
}

static ptrdiff_t count_trials(const Run *r)
{
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < r->n_cases; i++)
        n += r->cases[i]->n_trials;
    return n;
}

/* In order of execution when every place in it is taken once, else case by case. */
static bool in_order(const Run *r)
{
    const CaseResult *c;
    for (uint32_t seq = 0; seq < count_trials(r); seq++)
        if (!trial_at(r, seq, &c))
            return false;
    return true;
}

static int put_trials(SqlStore *s, const Run *r, Err *err)
{
    if (in_order(r)) {
        const CaseResult *c = NULL;
        const Trial *t;
        for (uint32_t seq = 0; (t = trial_at(r, seq, &c)); seq++)
            TRY(sq_put_trial(s, r, c, t, err));
        return 0;
    }
    for (ptrdiff_t i = 0; i < r->n_cases; i++)
        for (ptrdiff_t k = 0; k < r->cases[i]->n_trials; k++)
            TRY(sq_put_trial(s, r, r->cases[i], r->cases[i]->trials[k], err));
    return 0;
}

static int add_body(SqlStore *s, void *arg, Err *err)
{
    const Run *r = arg;
    int64_t key;
    TRY(sq_find(s, SQL_FIND_RUN, SQ_VALS(v_text(r->id)), &key, err));
    if (key)
        return STORE_THERE;
    TRY(sq_begin_body(s, arg, err));
    TRY(put_trials(s, r, err));
    return r->finished_wall_ns ? sq_finish_body(s, arg, err) : 0;
}

int sq_run_add(Store *base, const Run *r, Err *err)
{
    SqlStore *s = (SqlStore *)base;
    Run *arg = (Run *)(uintptr_t)r; /* the body only reads it */
    return sq_transact(s, "copy a run", true, add_body, arg, err);
}

typedef struct RollupsArg {
    const RollupList *l;
    int64_t *names; /* [l->n]; 0: the store has something there already */
    ptrdiff_t added;
} RollupsArg;

static uint64_t span_of(const Rollup *x)
{
    return (x->day ? UINT64_C(86400) : UINT64_C(3600)) * NS_PER_S;
}

static int is_taken(SqlStore *s, const Rollup *x, int64_t name, Err *err)
{
    int64_t run, rollup;
    uint64_t from = x->start_wall_ns, to = from + span_of(x);
    TRY(sq_find(s, SQL_RUN_IN_SPAN, SQ_VALS(v_u64(from), v_u64(to), v_int(name)), &run, err));
    TRY(sq_find(s, SQL_ROLLUP_IN_SPAN, SQ_VALS(v_u64(from), v_u64(to), v_int(name)), &rollup, err));
    if (!run && !rollup && !x->day) /* the day may have it already */
        TRY(sq_find(s, SQL_DAY_OF_SPAN, SQ_VALS(v_u64(from), v_int(name)), &rollup, err));
    return run || rollup;
}

static int put_rollup(SqlStore *s, const Rollup *x, int64_t name, Err *err)
{
    RollupKey k = { .name = name,
                    .branch = x->branch,
                    .span = x->day ? "day" : "hour",
                    .start_ns = x->start_wall_ns };
    TRY(sq_metric_key(s, x->metric.name, x->metric.unit, x->metric.better, x->metric.method,
                      &k.metric, err));
    TRY(sq_find_testbed(s, &x->testbed, &k.testbed, err));
    return sq_rollup_merge(s, &k, x->metric.hist, x->trials, err);
}

/* All in one transaction, so that what is there is asked before the first comes. */
static int rollups_body(SqlStore *s, void *arg, Err *err)
{
    RollupsArg *a = arg;
    a->added = 0;
    TRY(sq_lock(s, err));
    for (ptrdiff_t i = 0; i < a->l->n; i++) {
        TRY(sq_find_name(s, a->l->v[i].case_name, &a->names[i], err));
        int taken = is_taken(s, &a->l->v[i], a->names[i], err);
        if (taken < 0)
            return taken;
        a->names[i] = taken ? 0 : a->names[i];
    }
    for (ptrdiff_t i = 0; i < a->l->n; i++) {
        if (!a->names[i])
            continue;
        TRY(put_rollup(s, &a->l->v[i], a->names[i], err));
        a->added++;
    }
    return 0;
}

int sq_rollups_add(Store *base, const RollupList *l, ptrdiff_t *ret_added, Err *err)
{
    CLEANUP(arena_done) Arena a = { 0 };
    RollupsArg arg = { .l = l, .names = ARENA_ARRAY(&a, int64_t, l->n) };
    *ret_added = 0;
    if (l->n == 0)
        return 0;
    TRY(sq_transact((SqlStore *)base, "copy roll-ups", true, rollups_body, &arg, err));
    *ret_added = arg.added;
    return 0;
}
