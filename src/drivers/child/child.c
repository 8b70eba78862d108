#include "drivers/child/child.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BACKOFF_MIN_MS = 10, BACKOFF_MAX_MS = 1000, BURIAL_MAX_MS = 300 };

const char *child_cause(ChildCauses *c, const char *text)
{
    for (int i = 0; i < c->n; i++)
        if (strncmp(c->v[i], text, CHILD_TEXT_MAX - 1) == 0)
            return c->v[i];
    if (c->n == CHILD_CAUSES)
        return "another failure";
    snprintf(c->v[c->n], CHILD_TEXT_MAX, "%s", text);
    return c->v[c->n++];
}

/* ---- who waits ---- */

void child_end(ChildSeat *s, int result, const char *cause)
{
    s->done = true;
    s->result = result;
    if (cause)
        s->cause = cause;
    waiters_take(&s->link->waiters, &s->wait);
    vu_wake(s->wait.io);
}

ChildSeat *child_find(const ChildLink *l, uint64_t id, bool *ret_late)
{
    uint64_t place = id % CHILD_USERS_MAX, turn = id / CHILD_USERS_MAX;
    ChildSeat *s = l->seats[place];
    bool own = s && s->id == id;
    *ret_late = !own && turn < l->turns[place];
    return own ? s : NULL;
}

void child_break(ChildLink *l, int error, const char *cause)
{
    if (l->state >= CHILD_BROKEN)
        return;
    l->state = CHILD_BROKEN;
    l->error = error;
    l->cause = cause;
}

/* All who wait are told. */
static void kill_link(ChildLink *l, int error, const char *cause)
{
    l->state = CHILD_DEAD;
    l->error = error;
    l->cause = cause;
    vu_close(&l->fd);
    while (l->waiters.head)
        child_end(child_seat_of(l->waiters.head), error, cause);
}

/* Let the minder end it, and hear from it how it ended; others go on waiting meanwhile. */
static int bury(VuIo *io, ChildLink *l)
{
    Minder *m = l->program->minder;
    uint64_t until = vu_now(io) + BURIAL_MAX_MS * NS_PER_MS;
    bool ask = l->error != -EPROTO;
    vu_alarm(io, 0); /* for an answer that won't come any more */
    if (ask)         /* it may be about to say why */
        TRY(vu_sleep_until(io, vu_now(io) + 2 * NS_PER_MS));
    minder_end(m, l->slot, true);
    while (ask && !minder_has_ended(m, l->slot) && vu_now(io) < until)
        TRY(vu_sleep_until(io, vu_now(io) + NS_PER_MS));
    if (ask && minder_has_ended(m, l->slot)) {
        char why[CHILD_TEXT_MAX];
        minder_why(m, l->slot, why, sizeof why);
        l->cause = child_cause(&l->pool->causes, why);
    }
    kill_link(l, l->error, l->cause);
    return 0;
}

/* ---- bytes ---- */

static void flush(ChildLink *l)
{
    while (l->state < CHILD_BROKEN && l->out_at < l->n_out) {
        ptrdiff_t n = vu_try_write(&l->fd, l->out + l->out_at, l->n_out - l->out_at);
        if (n < 0)
            child_break(l, -ECONNRESET, "the process closed its input");
        if (n <= 0)
            return;
        l->out_at += n;
    }
    l->out_at = l->n_out = 0;
}

/* Once for all users that are ready to write. */
static void flush_together(VuIo *io, ChildLink *l)
{
    if (l->flush_due)
        return;
    l->flush_due = true;
    if (l->n_users > 1)
        vu_yield(io);
    l->flush_due = false;
    flush(l);
}

char *child_reserve(ChildLink *l, ptrdiff_t bytes)
{
    ptrdiff_t want = l->n_out + bytes;
    if (want > l->cap_out) {
        char *more = realloc(l->out, (size_t)(2 * want));
        if (!more)
            return NULL;
        l->out = more;
        l->cap_out = 2 * want;
    }
    return l->out + l->n_out;
}

void child_post(ChildLink *l, ptrdiff_t bytes)
{
    l->n_out += bytes;
    if (!l->flush_due)
        flush(l);
}

/* One read; false when there is nothing (yet, or ever again). */
static bool read_some(VuIo *io, ChildLink *l)
{
    ptrdiff_t cap;
    char *buf = vu_scratch(io, &cap);
    ptrdiff_t n = vu_try_read(&l->fd, buf, cap);
    if (n == -EAGAIN)
        return false;
    if (n > 0)
        l->program->speech->feed(io, l, (Str){ buf, n });
    else
        child_break(l, -ECONNRESET, "the process closed its output");
    return true;
}

int child_wait(VuIo *io, ChildLink *l)
{
    if (!l->fd.io && l->state == CHILD_STARTING) /* somebody is about to start it */
        return vu_park(io);
    if (!waiters_reads(&l->waiters, io))
        return vu_park(io);
    if (l->state == CHILD_BROKEN)
        return bury(io, l);
    if (l->state == CHILD_DEAD)
        return 0;
    vu_own(io, &l->fd);
    if (read_some(io, l))
        return 0;
    if (!l->flush_due)
        flush(l);
    return l->state == CHILD_BROKEN ? 0 : vu_wait_any(io, &l->fd);
}

bool child_is_up(VuIo *io, ChildLink *l)
{
    while (!l->waiters.reader && l->state == CHILD_UP && l->fd.readable && read_some(io, l))
        ;
    return l->state == CHILD_UP;
}

/* ---- life ---- */

/* A process that can't live must not be started without end: 10 ms, 20 ms … 1 s apart. */
static void note_death(VuIo *io, const ChildLink *l)
{
    ChildPool *p = l->pool;
    uint64_t now = vu_now(io), least = BACKOFF_MIN_MS * NS_PER_MS;
    p->n_lost++;
    if (now < p->retry_ns)
        return;
    uint64_t next = l->n_answers ? least : MAX(2 * p->backoff_ns, least);
    p->backoff_ns = MIN(next, BACKOFF_MAX_MS * NS_PER_MS);
    p->retry_ns = now + p->backoff_ns;
}

static void free_link(ChildLink *l)
{
    const ChildProgram *p = l->program;
    bool lost = l->state >= CHILD_LEAVING;
    *(l->prev ? &l->prev->next : &l->pool->links) = l->next;
    if (l->next)
        l->next->prev = l->prev;
    if (l->slot >= 0) {
        minder_end(p->minder, l->slot, lost);
        minder_release(p->minder, l->slot);
    }
    if (p->speech->release)
        p->speech->release(l);
    free(l->out);
    free(l);
}

void child_renew(ChildSeat *s)
{
    uint64_t place = s->id % CHILD_USERS_MAX;
    s->id = place + CHILD_USERS_MAX * s->link->turns[place]++;
}

static void sit_down(ChildLink *l, ChildSeat *s, VuIo *io)
{
    uint32_t place = 0;
    while (l->seats[place])
        place++;
    *s = (ChildSeat){ .wait.io = io, .link = l, .id = place };
    child_renew(s);
    l->seats[place] = s;
    l->n_users++;
}

void child_leave(VuIo *io, ChildSeat *s)
{
    ChildLink *l = s->link;
    if (!l)
        return;
    flush(l);
    waiters_leave(&s->link->waiters, &s->wait);
    l->seats[s->id % CHILD_USERS_MAX] = NULL;
    s->link = NULL;
    if (--l->n_users > 0 || (vu_is_over(io) && l->state == CHILD_UP))
        return;
    if (l->state >= CHILD_LEAVING)
        note_death(io, l);
    vu_close(&l->fd);
    free_link(l);
}

/* The loop is gone by now. */
void child_pool_release(ChildPool *pool)
{
    while (pool->links) {
        close(pool->links->fd.fd);
        free_link(pool->links);
    }
}

static ChildLink *new_link(const ChildProgram *p, ChildPool *pool)
{
    ChildLink *l = calloc(1, (size_t)p->speech->link_bytes);
    if (!l)
        return NULL;
    l->program = p;
    l->pool = pool;
    l->slot = -1;
    l->most_users = p->processes ? CHILD_USERS_MAX : 1;
    l->next = pool->links;
    if (l->next)
        l->next->prev = l;
    pool->links = l;
    return l;
}

/* The least busy of those there are, once there are as many as there shall be. */
static ChildLink *find_link(const ChildProgram *p, const ChildPool *pool)
{
    uint32_t n = 0;
    ChildLink *best = NULL;
    for (ChildLink *l = pool->links; l && p->processes; l = l->next) {
        if (l->state > CHILD_UP)
            continue;
        n++;
        if (l->n_users < l->most_users && (!best || l->n_users < best->n_users))
            best = l;
    }
    return n < p->processes ? NULL : best;
}

static int start(VuIo *io, ChildSeat *s)
{
    ChildLink *l = s->link;
    const ChildProgram *p = l->program;
    ChildPool *pool = l->pool;
    int fd;
    if (vu_now(io) < pool->retry_ns)
        TRY(vu_sleep_until(io, pool->retry_ns));
    uint64_t from = vu_now(io);
    l->slot = minder_spawn(p->minder, p->program, &fd);
    if (l->slot < 0) {
        l->cause = l->slot == -EAGAIN ? "more than 512 processes" : NULL;
        return l->slot;
    }
    TRY(vu_take_socket(io, &l->fd, fd));
    if (pool->n_lost) {
        pool->n_lost--;
        vu_record(io, p->speech->restarts_metric, 1);
    }
    TRY(p->speech->greet(io, s));
    vu_record(io, p->speech->start_metric, vu_now(io) - from);
    return 0;
}

/* Others who came meanwhile can't go on when the starter can't. */
static int start_first(VuIo *io, ChildSeat *s)
{
    ChildLink *l = s->link;
    int r = start(io, s);
    if (r < 0 && l->state != CHILD_DEAD)
        kill_link(l, r == -ETIMEDOUT || r == -ECANCELED ? -EHOSTUNREACH : r, l->cause);
    waiters_wake(&l->waiters);
    return r;
}

static int await_start(VuIo *io, ChildSeat *s)
{
    ChildLink *l = s->link;
    while (l->state == CHILD_STARTING || l->state == CHILD_BROKEN)
        TRY(child_wait(io, l));
    return l->state == CHILD_UP ? 0 : l->error;
}

int child_join(VuIo *io, const ChildProgram *p, ChildPool *pool, ChildSeat *s)
{
    ChildLink *l = find_link(p, pool);
    bool first = !l;
    if (first)
        l = new_link(p, pool);
    if (!l)
        return -ENOMEM;
    sit_down(l, s, io);
    waiters_add(&s->link->waiters, &s->wait);
    int r = first ? start_first(io, s) : await_start(io, s);
    waiters_leave(&s->link->waiters, &s->wait);
    if (r == 0)
        return first ? 0 : OPEN_JOINED;
    if (l->cause)
        vu_cause(io, l->cause);
    child_leave(io, s);
    return r;
}

/* ---- exchange ---- */

int child_exchange(VuIo *io, ChildSeat *s, ptrdiff_t bytes)
{
    ChildLink *l = s->link;
    int r = 0;
    s->done = false;
    s->cause = NULL;
    s->lines_before = l->n_lines;
    vu_mark_sent(io, bytes);
    l->n_out += bytes;
    waiters_add(&s->link->waiters, &s->wait);
    flush_together(io, l);
    while (r == 0 && !s->done)
        r = child_wait(io, l);
    waiters_leave(&s->link->waiters, &s->wait);
    if (s->done)
        return s->result;
    if (r == -ETIMEDOUT && l->n_lines == s->lines_before && l->state == CHILD_UP)
        l->state = CHILD_LEAVING;
    return r;
}

int child_keep(VuIo *io, ChildSeat *s)
{
    int r = 0;
    s->done = false;
    waiters_add(&s->link->waiters, &s->wait);
    while (r == 0 && s->link->state == CHILD_UP && !s->done)
        r = child_wait(io, s->link);
    waiters_leave(&s->link->waiters, &s->wait);
    return r < 0 ? r : -ECONNRESET;
}
