/* A virtual user's life: connect, then operation after operation, then go. Runs on the user's
 * coroutine. */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "load/worker.h"

enum {
    BACKOFF_MIN_MS = 10,
    BACKOFF_MAX_MS = 1000,
    EAGER_MAX = 32, /* operations in a row that never parked, before others get their turn */
};

void idle_push(Worker *w, Vu *v)
{
    v->state = VU_IDLE;
    v->next_idle = NULL;
    *(w->idle_tail ? &w->idle_tail->next_idle : &w->idle_head) = v;
    w->idle_tail = v;
}

Vu *idle_pop(Worker *w)
{
    Vu *v = w->idle_head;
    if (!v)
        return NULL;
    w->idle_head = v->next_idle;
    if (!w->idle_head)
        w->idle_tail = NULL;
    v->state = VU_BUSY;
    return v;
}

/* ---- connection ---- */

void user_shut(Vu *v)
{
    Worker *w = v->worker;
    if (!v->open)
        return;
    w->plan->driver->close(&v->io, v->conn);
    memset(v->conn, 0, (size_t)w->plan->driver->conn_bytes);
    v->open = false;
    w->n_open--;
}

/* A dead server must not make the generator spin. A closed user waits 10 ms, 20 ms … 1 s before it
 * is ready again. Open, every due operation must end somehow: each connection tries once in 10 ms,
 * and operations in between fail with what the last attempt said. */
static void back_off(Vu *v)
{
    uint64_t next = worker_is_closed(v->worker) ? v->backoff_ns * 2 : 0;
    v->backoff_ns = MIN(MAX(next, BACKOFF_MIN_MS * NS_PER_MS), BACKOFF_MAX_MS * NS_PER_MS);
    v->retry_ns = v->worker->loop.now_ns + v->backoff_ns;
}

static int open_connection(Vu *v)
{
    Worker *w = v->worker;
    uint64_t from = vu_now(&v->io);
    if (from < v->retry_ns)
        return v->connect_error;
    v->io.cause = NULL;
    v->io.figures = &w->tally.figures;
    int r = w->plan->driver->open(&v->io, w->plan->target, v->conn);
    v->io.figures = NULL;
    uint64_t now = vu_now(&v->io);
    bool in_window = now >= w->win.begin_ns && now < w->win.end_ns;
    if (r != -ECANCELED && r != OPEN_JOINED)
        tally_connect(&w->tally, r, now - from, in_window, v->opened_before);
    if (r < 0) {
        memset(v->conn, 0, (size_t)w->plan->driver->conn_bytes);
        w->tally.connect_cause = v->io.cause;
        v->connect_error = r == -ETIMEDOUT ? -EHOSTUNREACH : r;
        back_off(v);
        return r;
    }
    v->open = v->opened_before = true;
    v->backoff_ns = v->retry_ns = 0;
    w->n_open++;
    return 0;
}

void user_connect(Vu *v)
{
    vu_begin(&v->io, vu_now(&v->io));
    int r = open_connection(v);
    (void)r; /* kept in the tally; who needs the connection tries again */
    vu_end(&v->io);
}

static bool holds(const Vu *v)
{
    return v - v->worker->users >= v->worker->n_active;
}

void user_lost(Vu *v)
{
    user_shut(v);
    back_off(v);
}

/* Users that come later connect when they come. */
static void connect_first(Vu *v)
{
    const Schedule *s = v->worker->plan->window;
    if (holds(v) || s->slots[0].stage.open || schedule_users_at(s, 0) > v->index) {
        v->worker->n_tried++;
        user_connect(v);
        if (v->io.inbox)
            stream_subscribe(v);
    }
    v->worker->n_settled++;
}

/* ---- operation ---- */

static int call_once(Vu *v)
{
    Worker *w = v->worker;
    if (!v->open) {
        int r = open_connection(v);
        v->op.unopened = r < 0;
        v->op.out.cause = r < 0 ? v->io.cause : NULL;
        TRY(r);
    }
    v->io.outcome = &v->op.out;
    v->io.figures = v->op.measured ? &w->tally.figures : NULL;
    const void *request =
        v->op.step ? w->plan->scenarios->requests[v->op.step - 1] : w->plan->request;
    v->draw.record = v->op.record;
    int r = w->plan->stream ? stream_publish(v)
                            : w->plan->driver->call(&v->io, v->conn, request, &v->op.out);
    v->io.outcome = NULL;
    v->io.figures = NULL;
    return r;
}

static int call(Vu *v)
{
    int r = call_once(v);
    if (r == CALL_STALE) {
        assert(!v->op.out.sent_ns);
        user_shut(v);
        v->op.punctual = false; /* the new connection's time is not the generator's */
        r = call_once(v);
    }
    return r == CALL_STALE ? -ECONNRESET : r;
}

static void record(Vu *v)
{
    Worker *w = v->worker;
    Op *op = &v->op;
    if (op->result >= 0 && !op->out.done_ns)
        op->out.done_ns = vu_now(&v->io);
    if (op->result >= 0 && !op->out.sent_ns)
        op->out.sent_ns = op->out.done_ns;
    uint64_t now = op->result < 0 ? vu_now(&v->io) : op->out.done_ns;
    Tally *tally = &w->stages[op->stage];
    if (op->result == -ECANCELED && !op->out.sent_ns && op->measured)
        tally_unsent(tally, false, now - op->due_ns);
    else
        tally_op(tally, op, &w->win, now);
    if (op->step && op->measured)
        step_tally_op(&w->play.steps[op->step - 1], op, now);
    interval_op(&w->interval[w->current], op, now);
    v->ready_ns = now;
}

void user_operate(Vu *v)
{
    Worker *w = v->worker;
    w->in_flight++;
    vu_begin(&v->io, w->loop.now_ns);
    v->op.result = call(v);
    vu_end(&v->io);
    record(v);
    if (v->op.result < 0 || v->op.out.close)
        user_shut(v);
    w->in_flight--;
}

void user_refuse(Vu *v, const char *why)
{
    uint64_t now = vu_now(&v->io);
    v->op.result = 0;
    v->op.out = (Outcome){
        .failed = true, .fail = FAIL_CHECK, .cause = why, .sent_ns = now, .done_ns = now
    };
    record(v);
}

/* Drivers that never wait (null) would keep the thread to themselves. */
bool user_gives_way(Vu *v)
{
    bool parked = v->io.n_parks != v->parks_seen;
    v->parks_seen = v->io.n_parks;
    v->n_eager = parked ? 0 : v->n_eager + 1;
    return v->n_eager >= EAGER_MAX;
}

/* ---- what next ---- */

/* The part of [from, to) that lies within the window. */
static uint64_t within(const Window *win, uint64_t from, uint64_t to)
{
    from = MAX(from, win->begin_ns);
    to = MIN(to, win->end_ns);
    return to > from ? to - from : 0;
}

/* Offset in the window's schedule; what is due in warm-up counts as its begin. */
static uint64_t offset_of(const Worker *w, uint64_t mono_ns)
{
    return mono_ns > w->win.begin_ns ? mono_ns - w->win.begin_ns : 0;
}

/* When the closed stages that follow each other from now on end. */
static uint64_t closed_until(const Worker *w)
{
    const Schedule *s = w->plan->window;
    ptrdiff_t i = w->slot;
    while (i + 1 < s->n && !s->slots[i + 1].stage.open)
        i++;
    return w->win.begin_ns + (uint64_t)s->slots[i].end_ns;
}

/* When this user's next operation is due in the closed stages at hand: when it is ready, or when
 * the curve of users asks for it (again). UINT64_MAX: not in these. */
static uint64_t due_of(Vu *v)
{
    Worker *w = v->worker;
    uint64_t due = MAX(v->ready_ns, v->retry_ns), end = closed_until(w);
    uint64_t from = offset_of(w, due), join = schedule_join_ns(w->plan->window, v->index, from);
    if (due >= end || join == UINT64_MAX || w->win.begin_ns + join >= end)
        return UINT64_MAX;
    if (join > from) { /* it goes, and comes back later */
        due = w->win.begin_ns + join;
        v->ready_ns = due;
    }
    return due;
}

static void wait_idle(Vu *v)
{
    idle_push(v->worker, v);
    vu_park_idle(&v->io);
}

void user_take(Vu *v, uint64_t due_ns)
{
    Worker *w = v->worker;
    bool measured = due_ns >= w->win.begin_ns;
    ptrdiff_t slot = measured ? schedule_slot_at(w->plan->window, offset_of(w, due_ns)) : 0;
    v->op = (Op){
        .due_ns = due_ns, .measured = measured, .stage = (uint16_t)slot, .punctual = v->open
    };
    w->stages[slot].outcomes.scheduled += measured;
}

static void leave(Vu *v)
{
    user_shut(v);
    mates_dismiss(v);
}

/* True: v->op is due now. False: look again (it has slept, or stands idle). */
static bool next_closed(Vu *v)
{
    Worker *w = v->worker;
    uint64_t ready = v->ready_ns, due = due_of(v);
    if (due == UINT64_MAX || due >= w->win.end_ns) {
        if (due == UINT64_MAX)
            leave(v);
        wait_idle(v);
        return false;
    }
    if (due > ready && due == v->retry_ns)
        w->tally.backoff_ns += within(&w->win, ready, due);
    if (due > w->loop.now_ns && v->ready_ns == due && due > ready)
        leave(v); /* between its times it is not there */
    if ((due > w->loop.now_ns || user_gives_way(v)) && vu_sleep_until(&v->io, due) < 0)
        return false;
    if (due > ready && !v->open && !w->over) { /* who comes connects before it asks */
        user_connect(v);
        due = MAX(due, vu_now(&v->io));
    }
    if (w->over || due >= w->win.end_ns)
        return false;
    if (!stream_has_left(w, due >= w->win.begin_ns)) {
        wait_idle(v);
        return false;
    }
    user_take(v, due);
    return true;
}

static bool next_open(Vu *v)
{
    Worker *w = v->worker;
    if (user_gives_way(v) && vu_sleep_until(&v->io, 0) < 0)
        return false;
    if (dispatch_take(w, w->loop.now_ns, &v->op)) {
        v->op.punctual = v->open && w->idle_head; /* others were free: no want of connections */
        return true;
    }
    if (!w->over)
        wait_idle(v);
    return false;
}

/* In open stages users are connections that take what is due; in closed ones they go at their own
 * pace, as many as the curve asks for. An operation that the dispatcher gave comes first. */
static bool next(Vu *v)
{
    Worker *w = v->worker;
    while (!w->over || v->assigned) {
        if (v->assigned) {
            v->assigned = false;
            return true;
        }
        if (worker_is_closed(w) ? next_closed(v) : next_open(v))
            return true;
    }
    return false;
}

/* First pauses end spread over one pause, so that users do not march in step. */
static void live(Vu *v)
{
    Worker *w = v->worker;
    const WorkerPlan *p = w->plan;
    v->assigned = false;
    wait_idle(v);
    v->ready_ns = w->win.begin_ns - p->warmup_ns +
                  (uint64_t)(think_mean_ns(p->think) * v->index / p->n_users);
    while (next(v)) {
        if (v->pass)
            user_play(v);
        else
            user_operate(v);
        if (worker_is_closed(w))
            v->ready_ns += think_draw_ns(p->think, &w->think_rng);
    }
}

/* Hold a connection; when it is lost, count that and make it again, no faster than back_off lets.
 */
static void live_idle(Vu *v)
{
    Worker *w = v->worker;
    v->state = VU_HOLDING;
    while (!w->over) {
        if (!v->open && vu_sleep_until(&v->io, v->retry_ns) == 0)
            user_connect(v);
        if (!v->open)
            continue;
        v->io.figures = &w->tally.figures;
        int r = w->plan->driver->hold(&v->io, v->conn);
        v->io.figures = NULL;
        if (r == -ECANCELED)
            break;
        uint64_t now = vu_now(&v->io);
        w->tally.idle_lost += now >= w->win.begin_ns && now < w->win.end_ns;
        user_lost(v);
    }
    w->tally.idle_held += v->open;
}

void user_main(void *arg, Coro *self)
{
    Vu *v = arg;
    (void)self;
    if (v->owner) {
        mate_live(v);
    } else {
        connect_first(v);
        if (v->io.inbox)
            live_subscriber(v);
        else if (holds(v))
            live_idle(v);
        else
            live(v);
    }
    user_shut(v);
    v->state = VU_GONE;
    v->worker->n_gone++;
}
