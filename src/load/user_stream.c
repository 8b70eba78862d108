/* Users of a stream: publishers publish where others call, subscribers do nothing else. */
#include <errno.h>

#include "load/worker.h"

enum {
    LOOK_MS = 1,
    STOPPED_DRAIN_MS = 1000, /* who interrupts a trial doesn't want to wait */
    LINGER_MS = 10,          /* behind the last delivery, for repetitions of it */
};

void vu_deliver(VuIo *io, uint64_t at_ns, Str head, uint64_t bytes)
{
    if (io->inbox)
        stream_deliver(io->inbox, at_ns, head, bytes);
}

int stream_publish(Vu *v)
{
    Worker *w = v->worker;
    StreamLoad *l = w->plan->stream;
    Op *op = &v->op;
    StreamMessage m =
        stream_message(l, w->share, v->index, op->measured, op->due_ns, vu_now(&v->io));
    int r = l->driver->publish(&v->io, v->conn, l->state, &m, &op->out);
    if (op->measured && r != CALL_STALE)
        stream_settle(l, w->share, v->index, r == 0 && !op->out.failed);
    return r;
}

bool stream_has_left(Worker *w, bool measured)
{
    if (!w->share || !measured || w->share->left == UINT64_MAX)
        return true;
    if (w->share->left == 0)
        return false;
    w->share->left--;
    return true;
}

/* ---- subscribers ---- */

static void cut_off(Vu *v, int error)
{
    StreamShare *sh = v->worker->share;
    if (error != -ECANCELED) {
        sh->cut++;
        sh->cut_error = error;
        sh->cut_cause = v->io.cause;
    }
    user_lost(v);
}

void stream_subscribe(Vu *v)
{
    StreamSub *s = v->io.inbox;
    StreamShare *sh = v->worker->share;
    const StreamLoad *l = s->all;
    if (!v->open)
        return;
    uint64_t from = vu_now(&v->io);
    v->io.cause = NULL;
    vu_begin(&v->io, from);
    int r = l->driver->subscribe(&v->io, v->conn, l->state, &s->who);
    vu_end(&v->io);
    s->subscribed = r == 0;
    if (r < 0) {
        cut_off(v, r);
        return;
    }
    hist_record(sh->subscribe, vu_now(&v->io) - from);
    sh->resubscribed += s->who.again;
    s->who.again = true;
}

/* Before the start nobody knows when the measured part begins. */
static void stall(Vu *v)
{
    const StreamSub *s = v->io.inbox;
    const Worker *w = v->worker;
    int r = 0;
    while (r == 0 && !w->running)
        r = vu_sleep_until(&v->io, vu_now(&v->io) + LOOK_MS * NS_PER_MS);
    if (r == 0)
        r = vu_sleep_until(&v->io, w->win.begin_ns + s->all->spec.stall);
    (void)r; /* whether it is over is looked at next */
}

static void receive(Vu *v)
{
    const StreamSub *s = v->io.inbox;
    v->io.cause = NULL;
    int r = s->all->driver->receive(&v->io, v->conn, s->all->state, &s->who);
    if (r != -ECANCELED)
        cut_off(v, r);
}

void live_subscriber(Vu *v)
{
    StreamSub *s = v->io.inbox;
    const Worker *w = v->worker;
    v->state = VU_HOLDING;
    if (s->stalls)
        stall(v);
    while (!w->over) {
        if (v->open) {
            receive(v);
        } else if (vu_sleep_until(&v->io, v->retry_ns) == 0) {
            user_connect(v);
            stream_subscribe(v);
        }
    }
}

/* ---- the end ---- */

/* Publications end with the window, or when all are out; then deliveries are waited for. */
static bool all_published(Worker *w)
{
    uint64_t now = w->loop.now_ns;
    if (w->stopped)
        return true;
    if (w->share->left == 0 && w->in_flight == 0 && now >= w->win.begin_ns)
        w->win.end_ns = MIN(w->win.end_ns, now + 1);
    if (now < w->win.end_ns)
        return false;
    bool nothing_left = w->next_due_ns >= w->win.end_ns && w->in_flight == 0;
    return nothing_left || now >= w->win.end_ns + w->plan->grace_ns;
}

bool stream_finished(Worker *w)
{
    StreamShare *sh = w->share;
    const StreamSpec *spec = &w->plan->stream->spec;
    sh->until_ns = w->win.end_ns;
    if (!sh->quiet_ns && !all_published(w))
        return false;
    if (!sh->quiet_ns) {
        sh->quiet_ns = w->loop.now_ns;
        atomic_store_explicit(&sh->quiet, true, memory_order_release);
    }
    uint64_t from = MAX(sh->quiet_ns, w->win.begin_ns + spec->stall), drain = spec->drain;
    if (w->stopped) {
        from = sh->quiet_ns;
        drain = MIN(drain, STOPPED_DRAIN_MS * NS_PER_MS);
    }
    sh->over_ns = w->loop.now_ns;
    if (w->loop.now_ns >= from + drain)
        return true;
    return stream_is_drained(w->plan->stream) &&
           w->loop.now_ns >= sh->last_ns + LINGER_MS * NS_PER_MS;
}
