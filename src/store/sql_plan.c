/* What a prune would do: which runs are old enough, what holds them back, what it frees. */
#include <string.h>

#include "store/sql.h"

typedef struct Due {
    int64_t key;
    const char *id;
    uint64_t age_ns;
    bool rolled, baseline, named, regressed, changed;
} Due;

static uint64_t moment(const PruneOpts *o, uint64_t keep)
{
    return keep < o->now_wall_ns ? o->now_wall_ns - keep : 0;
}

static bool in_list(const char *const *v, ptrdiff_t n, const char *s)
{
    for (ptrdiff_t i = 0; i < n; i++)
        if (strcmp(v[i], s) == 0)
            return true;
    return false;
}

static Due read_due(Arena *a, const PruneOpts *o, const SqRow *q)
{
    Due d = { .key = col_int(q, 0),
              .id = col_text(a, q, 1),
              .age_ns = o->now_wall_ns - (uint64_t)MAX(col_int(q, 3), col_int(q, 4)),
              .rolled = !col_null(q, 2),
              .baseline = col_int(q, 5) != 0,
              .named = col_int(q, 6) != 0,
              .regressed = col_int(q, 7) != 0 };
    d.changed = in_list(o->changed, o->n_changed, d.id);
    return d;
}

/* Counts what holds a run back; false when nothing does. */
static bool is_kept(const PruneOpts *o, const Due *d, PrunePlan *p)
{
    const struct {
        bool is;
        uint64_t keep;
        ptrdiff_t *count;
    } holds[] = { { d->baseline, RETENTION_FOREVER, &p->n_baselines },
                  { d->named, o->keep.named, &p->n_named },
                  { d->regressed, o->keep.regressions, &p->n_regressed },
                  { d->changed, o->keep.changes, &p->n_changed } };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(holds); i++)
        if (holds[i].is && d->age_ns < holds[i].keep) {
            *holds[i].count += 1;
            return true;
        }
    return false;
}

static int add_size(SqlStore *s, Sql sql, int64_t run, uint64_t *count, uint64_t *bytes, Err *err)
{
    CLEANUP(sq_done) SqRow q = { 0 };
    TRY(sq_open(s, sql, SQ_VALS(v_int(run)), &q, err));
    int r = sq_next(&q, err);
    *count += r > 0 ? (uint64_t)col_int(&q, 0) : 0;
    *bytes += r > 0 ? (uint64_t)col_int(&q, 1) : 0;
    return MIN(r, 0);
}

static int add_cases(SqlStore *s, Arena *a, int64_t run, PrunePlan *p, Err *err)
{
    CLEANUP(sq_done) SqRow q = { 0 };
    int r;
    TRY(sq_open(s, SQL_HEADS_OF_RUN, SQ_VALS(v_int(run)), &q, err));
    while ((r = sq_next(&q, err)) > 0) {
        const char *name = col_text(a, &q, 0);
        if (!in_list(p->cases, p->n_cases, name))
            ARENA_PUSH(a, p->cases, p->n_cases, p->cap_cases, name);
    }
    return r;
}

static int take_due(SqlStore *s, Arena *a, const PruneOpts *o, const Due *d, PrunePlan *p, Err *err)
{
    if (is_kept(o, d, p))
        return 0;
    if (d->age_ns > o->keep.points)
        ARENA_PUSH(a, p->drop, p->n_drop, p->cap_drop, d->id);
    if (d->rolled)
        return 0;
    ARENA_PUSH(a, p->roll, p->n_roll, p->cap_roll, d->id);
    TRY(add_size(s, SQL_SIZE_OF_HISTOGRAMS, d->key, &p->histograms, &p->histogram_bytes, err));
    TRY(add_size(s, SQL_SIZE_OF_SERIES, d->key, &p->series, &p->series_bytes, err));
    return add_cases(s, a, d->key, p, err);
}

static int count_rollups(SqlStore *s, const PruneOpts *o, PrunePlan *p, Err *err)
{
    uint64_t hour = UINT64_C(3600) * NS_PER_S, day = 24 * hour;
    int64_t hours, days;
    TRY(sq_find(s, SQL_COUNT_HOURS, SQ_VALS(v_u64(moment(o, o->keep.hourly) - hour)), &hours, err));
    TRY(sq_find(s, SQL_COUNT_DAYS, SQ_VALS(v_u64(moment(o, o->keep.daily) - day)), &days, err));
    p->hours = (uint64_t)hours;
    p->days = (uint64_t)days;
    return 0;
}

typedef struct PlanArg {
    Arena *a;
    const PruneOpts *o;
    PrunePlan *p;
} PlanArg;

static int plan_body(SqlStore *s, void *arg, Err *err)
{
    const PlanArg *x = arg;
    const Retention *keep = &x->o->keep;
    CLEANUP(sq_done) SqRow q = { 0 };
    int r;
    uint64_t first = moment(x->o, MIN(keep->raw, keep->points));
    TRY(sq_open(s, SQL_DUE_RUNS, SQ_VALS(v_u64(first), v_u64(moment(x->o, keep->points))), &q,
                err));
    while ((r = sq_next(&q, err)) > 0) {
        Due d = read_due(x->a, x->o, &q);
        TRY(take_due(s, x->a, x->o, &d, x->p, err));
    }
    return r < 0 ? r : count_rollups(s, x->o, x->p, err);
}

int sq_prune_plan(Store *base, Arena *a, const PruneOpts *o, PrunePlan *ret, Err *err)
{
    PrunePlan p = { 0 };
    PlanArg arg = { a, o, &p };
    TRY(sq_transact((SqlStore *)base, "look for what is old", false, plan_body, &arg, err));
    *ret = p;
    return 0;
}
