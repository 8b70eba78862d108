/* Upkeep, the same for every engine. */
#include "store/upkeep.h"

#include "store/store_ops.h"

int store_prune_plan(Store *s, Arena *a, const PruneOpts *o, PrunePlan *ret, Err *err)
{
    return s->ops->prune_plan(s, a, o, ret, err);
}

static bool stopped(const volatile bool *stop)
{
    return stop && *stop;
}

/* Step by step, each on its own, until one says that there is nothing left. */
static int merge_rollups(Store *s, const PruneOpts *o, Err *err)
{
    int more = 1;
    while (more > 0 && !stopped(o->stop))
        more = s->ops->prune_rollups(s, o, err);
    return more;
}

static int give_room_back(Store *s, const PruneOpts *o, Err *err)
{
    int more = 1;
    while (more > 0 && !stopped(o->stop))
        more = s->ops->shrink(s, err);
    return more;
}

int store_prune(Store *s, const PruneOpts *o, const PrunePlan *plan, Err *err)
{
    for (ptrdiff_t i = 0; i < plan->n_roll && !stopped(o->stop); i++)
        TRY(s->ops->prune_run(s, o, plan->roll[i], err));
    for (ptrdiff_t i = 0; i < plan->n_drop && !stopped(o->stop); i++)
        TRY(s->ops->prune_drop(s, plan->drop[i], err));
    int r = merge_rollups(s, o, err);
    if (r >= 0)
        r = give_room_back(s, o, err);
    return MIN(r, 0);
}

int store_rollup_list(Store *s, Arena *a, const char *case_name, RollupList *ret, Err *err)
{
    return s->ops->rollup_list(s, a, case_name, ret, err);
}

void rollup_list_done(RollupList *l)
{
    for (ptrdiff_t i = 0; i < l->n; i++)
        metric_done(&l->v[i].metric);
    l->n = 0;
}

int store_info(Store *s, Arena *a, StoreInfo *ret, Err *err)
{
    return s->ops->info(s, a, ret, err);
}

int store_verify(Store *s, Arena *a, StoreFaults *ret, Err *err)
{
    return s->ops->verify(s, a, ret, err);
}

int store_backup(Store *s, const char *to, bool force, Err *err)
{
    return s->ops->backup(s, to, force, err);
}

int store_migration(Store *s, Arena *a, Migration *ret, Err *err)
{
    return s->ops->migration(s, a, ret, err);
}
