/* The open loop's cursor on the schedule. The queue of operations that wait for a connection is not
 * stored anywhere: it is the interval from the cursor to now.
 *
 * Each operation of the window is counted as scheduled when the cursor passes it, by whatever it
 * becomes: sent, shed or dropped. Those behind a window that was cut short are never passed. */
#include "load/worker.h"

static void publish(Worker *w)
{
    w->next_due_ns = w->cursor.due_ns == UINT64_MAX ? UINT64_MAX : w->base_ns + w->cursor.due_ns;
}

static void walk(Worker *w, const Schedule *s, uint64_t base_ns)
{
    w->base_ns = base_ns;
    cursor_begin(&w->cursor, s, w->index, w->plan->n_workers, w->plan->seed);
    publish(w);
}

static void cursor_to_window(Worker *w)
{
    w->measuring = true;
    walk(w, w->plan->window, w->win.begin_ns);
}

void dispatch_begin(Worker *w)
{
    if (w->plan->warmup)
        walk(w, w->plan->warmup, w->win.begin_ns - w->plan->warmup_ns);
    if (w->next_due_ns == UINT64_MAX)
        cursor_to_window(w);
}

static Tally *tally_here(Worker *w)
{
    return &w->stages[w->cursor.slot];
}

static void pass(Worker *w)
{
    if (w->measuring)
        tally_here(w)->outcomes.scheduled++;
    cursor_next(&w->cursor);
    publish(w);
    if (w->next_due_ns == UINT64_MAX && !w->measuring)
        cursor_to_window(w);
}

static void pass_unsent(Worker *w, bool shed, uint64_t waited_ns)
{
    if (w->measuring)
        tally_unsent(tally_here(w), shed, waited_ns);
    pass(w);
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
    while (w->next_due_ns < w->win.end_ns && w->next_due_ns + w->plan->spec->timeout < now_ns)
        pass_unsent(w, true, now_ns - w->next_due_ns);
    return w->next_due_ns <= now_ns && w->next_due_ns < w->win.end_ns;
}

bool dispatch_take(Worker *w, uint64_t now_ns, Op *op)
{
    if (w->over || !cursor_is_due(w, now_ns))
        return false;
    *op = (Op){ .due_ns = w->next_due_ns,
                .measured = w->measuring,
                .stage = (uint16_t)(w->measuring ? w->cursor.slot : 0),
                .record = w->plan->window->dues ? (uint32_t)w->cursor.k : 0 };
    pass(w);
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
    while (!w->idle_head && cursor_is_due(w, w->loop.now_ns))
        pass_unsent(w, false, 0);
}

void dispatch_drop_rest(Worker *w, uint64_t now_ns)
{
    if (!w->measuring && now_ns >= w->win.begin_ns)
        cursor_to_window(w);
    while (w->measuring && w->next_due_ns < w->win.end_ns)
        pass_unsent(w, false, now_ns - w->next_due_ns);
}
