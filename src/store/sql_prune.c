/* One run's distributions and series go: their statistics stay, their bins are merged into those of
 * the hour or the day. In one transaction, so a sample is in its trial or in one roll-up, never in
 * both and never in none. */
#include <errno.h>

#include "store/sql.h"

typedef struct Roll {
    const PruneOpts *o;
    const char *id;
    const Run *r;
    int64_t run, testbed;
} Roll;

/* Smallest of the quantiles that summaries state which is only a lower bound; 0: none. */
static double first_bound(const Hist *h)
{
    static const double stated[] = { 0.5, 0.9, 0.95, 0.99, 0.999, 1 };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(stated); i++)
        if (hist_quantile_is_bound(h, stated[i]))
            return stated[i];
    return 0;
}

static int keep_statistics(SqlStore *s, const CaseResult *c, int64_t case_key, Err *err)
{
    for (ptrdiff_t i = 0; i < c->n_metrics; i++) {
        MetricSummary m = c->metrics[i];
        int64_t pos;
        if (!m.hist)
            continue;
        m.bound_from = first_bound(m.hist);
        TRY(sq_find(s, SQL_NEXT_GIVEN, SQ_VALS(v_int(case_key)), &pos, err));
        TRY(sq_add_given(s, case_key, pos, &m, err));
    }
    return 0;
}

/* What history leaves out has no place in roll-ups either. */
static bool counts(const Run *r, const CaseResult *c)
{
    bool ok = c->side == SIDE_HEAD && c->validity.grade != GRADE_INVALID;
    for (ptrdiff_t i = 0; i < r->validity.n; i++)
        ok &= r->validity.reasons[i].derived || r->validity.reasons[i].grade != GRADE_INVALID;
    return ok;
}

static int merge_trial(SqlStore *s, const Roll *roll, int64_t name, const Trial *t, Err *err)
{
    RollupKey k = { .name = name,
                    .testbed = roll->testbed,
                    .branch = roll->r->branch ? roll->r->branch : "" };
    uint64_t when = t->started_wall_ns ? t->started_wall_ns : roll->r->started_wall_ns;
    k.span = sq_rollup_span(roll->o, when, &k.start_ns);
    for (ptrdiff_t i = 0; k.span && i < t->n_metrics; i++) {
        const Metric *m = &t->metrics[i];
        if (!m->hist)
            continue;
        TRY(sq_metric_key(s, m->name, m->unit, m->better, m->method, &k.metric, err));
        TRY(sq_rollup_merge(s, &k, m->hist, 1, err));
    }
    return 0;
}

static int roll_case(SqlStore *s, const Roll *roll, ptrdiff_t pos, Err *err)
{
    const CaseResult *c = roll->r->cases[pos];
    int64_t case_key, name;
    TRY(sq_find(s, SQL_FIND_CASE, SQ_VALS(v_int(roll->run), v_int(pos)), &case_key, err));
    TRY(keep_statistics(s, c, case_key, err));
    if (!counts(roll->r, c))
        return 0;
    TRY(sq_find_name(s, c->name, &name, err));
    for (ptrdiff_t i = 0; i < c->n_trials; i++)
        TRY(merge_trial(s, roll, name, c->trials[i], err));
    return 0;
}

static int roll_body(SqlStore *s, void *arg, Err *err)
{
    Roll *roll = arg;
    CLEANUP(run_freep) Run *r = NULL;
    TRY(sq_lock(s, err)); /* of two that prune, one rolls it up */
    TRY(sq_find(s, SQL_STILL_WHOLE, SQ_VALS(v_text(roll->id)), &roll->run, err));
    if (!roll->run)
        return 0;
    TRY(sq_load_key(s, roll->run, &r, err));
    TRY(sq_find(s, SQL_TESTBED_OF_RUN, SQ_VALS(v_int(roll->run)), &roll->testbed, err));
    roll->r = r;
    for (ptrdiff_t i = 0; i < r->n_cases; i++)
        TRY(roll_case(s, roll, i, err));
    TRY(sq_run(s, SQL_DROP_HISTOGRAMS, SQ_VALS(v_int(roll->run)), err));
    TRY(sq_run(s, SQL_DROP_SERIES, SQ_VALS(v_int(roll->run)), err));
    return sq_run(s, SQL_SET_ROLLED, SQ_VALS(v_int(roll->run), v_u64(roll->o->now_wall_ns)), err);
}

int sq_prune_run(Store *base, const PruneOpts *o, const char *id, Err *err)
{
    Roll roll = { .o = o, .id = id };
    int r = sq_transact((SqlStore *)base, "roll up a run", true, roll_body, &roll, err);
    return r < 0 ? err_wrap(err, "run %s", id) : r;
}

static int drop_body(SqlStore *s, void *arg, Err *err)
{
    const char *id = arg;
    return sq_run(s, SQL_DROP_RUN, SQ_VALS(v_text(id)), err);
}

int sq_prune_drop(Store *base, const char *id, Err *err)
{
    SqlStore *s = (SqlStore *)base;
    char *arg = (char *)(uintptr_t)id; /* the body only reads it */
    sq_forget(s);
    return sq_transact(s, "remove a run", true, drop_body, arg, err);
}
