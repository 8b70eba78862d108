/* The open loop's cursor on the schedule. The queue of operations that wait for a connection is not
 * stored anywhere: it is the interval from the cursor to now. */
#include "load/worker.h"

static void cursor_set(Worker *w, uint64_t k)
{
    w->k = k;
    uint64_t offset = schedule_due_ns(&w->schedule, k);
    w->next_due_ns = offset < w->schedule.duration_ns ? w->base_ns + offset : UINT64_MAX;
}

static void cursor_to_window(Worker *w)
{
    w->measuring = true;
    w->schedule.duration_ns = w->plan->duration_ns;
    w->base_ns = w->win.begin_ns;
    cursor_set(w, w->index);
}

void dispatch_begin(Worker *w)
{
    w->schedule = (Schedule){ w->plan->spec->rate, w->plan->warmup_ns };
    w->base_ns = w->win.begin_ns - w->plan->warmup_ns;
    cursor_set(w, w->index);
    if (w->next_due_ns == UINT64_MAX)
        cursor_to_window(w);
}

static void cursor_next(Worker *w)
{
    cursor_set(w, w->k + w->plan->n_workers);
    if (w->next_due_ns == UINT64_MAX && !w->measuring)
        cursor_to_window(w);
}

/* Move past what is not to be sent. True when the operation at the cursor is due. */
static bool cursor_is_due(Worker *w, uint64_t now_ns)
{
    if (!w->measuring && now_ns >= w->win.begin_ns)
        cursor_to_window(w);
    if (w->next_due_ns > now_ns || w->next_due_ns >= w->win.end_ns)
        return false;
    if (w->plan->spec->overload != OVERLOAD_SHED)
        return true;
    while (w->next_due_ns < w->win.end_ns && w->next_due_ns + w->plan->spec->timeout < now_ns) {
        if (w->measuring)
            tally_unsent(&w->tally, true, now_ns - w->next_due_ns);
        cursor_next(w);
    }
    return w->next_due_ns <= now_ns && w->next_due_ns < w->win.end_ns;
}

bool dispatch_take(Worker *w, uint64_t now_ns, Op *op)
{
    if (w->over || !cursor_is_due(w, now_ns))
        return false;
    *op = (Op){ .due_ns = w->next_due_ns, .measured = w->measuring };
    cursor_next(w);
    return true;
}

void dispatch_due(Worker *w)
{
    while (w->idle_head && dispatch_take(w, w->loop.now_ns, &w->idle_head->op)) {
        Vu *v = idle_pop(w);
        v->op.punctual = v->open;
        v->assigned = true;
        reactor_resume(&v->io);
    }
    if (w->plan->spec->overload != OVERLOAD_DROP)
        return;
    while (!w->idle_head && cursor_is_due(w, w->loop.now_ns)) {
        if (w->measuring)
            tally_unsent(&w->tally, false, 0);
        cursor_next(w);
    }
}

void dispatch_drop_rest(Worker *w, uint64_t now_ns)
{
    if (!w->measuring && now_ns >= w->win.begin_ns)
        cursor_to_window(w);
    if (!w->measuring)
        return;
    for (; w->next_due_ns < w->win.end_ns; cursor_next(w))
        tally_unsent(&w->tally, false, now_ns - w->next_due_ns);
}

uint64_t dispatch_scheduled(const Worker *w)
{
    if (!w->measuring || w->win.end_ns <= w->win.begin_ns)
        return 0;
    Schedule s = { w->plan->spec->rate, w->plan->duration_ns };
    uint64_t count = schedule_count_before(&s, w->win.end_ns - w->win.begin_ns);
    return schedule_share(count, w->index, w->plan->n_workers);
}
