#include "drivers/exec/exec_link.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BACKOFF_MIN_MS = 10, BACKOFF_MAX_MS = 1000, BURIAL_MAX_MS = 300 };

/* The same text is the same pointer, and lasts as long as the pool. */
static const char *keep_cause(ExecPool *p, const char *text)
{
    for (int i = 0; i < p->n_causes; i++)
        if (strcmp(p->causes[i], text) == 0)
            return p->causes[i];
    if (p->n_causes == EXEC_CAUSES)
        return "another failure";
    snprintf(p->causes[p->n_causes], EXEC_TEXT_MAX, "%s", text);
    return p->causes[p->n_causes++];
}

/* ---- who waits ---- */

static void enlist(ExecSession *s)
{
    ExecLink *l = s->link;
    s->waiting = true;
    s->prev = l->tail;
    s->next = NULL;
    *(l->tail ? &l->tail->next : &l->head) = s;
    l->tail = s;
}

static void take_from_list(ExecSession *s)
{
    ExecLink *l = s->link;
    if (!s->waiting)
        return;
    *(s->prev ? &s->prev->next : &l->head) = s->next;
    *(s->next ? &s->next->prev : &l->tail) = s->prev;
    s->waiting = false;
}

static void delist(ExecSession *s)
{
    ExecLink *l = s->link;
    take_from_list(s);
    if (l->reader != s->io)
        return;
    l->reader = l->head ? l->head->io : NULL;
    if (l->reader)
        vu_wake(l->reader);
}

static void session_end(ExecSession *s, int result, const char *cause)
{
    s->done = true;
    s->result = result;
    if (cause)
        s->cause = cause;
    take_from_list(s);
    vu_wake(s->io);
}

static void break_link(ExecLink *l, int error, const char *cause)
{
    if (l->state >= EXEC_BROKEN)
        return;
    l->state = EXEC_BROKEN;
    l->error = error;
    l->cause = cause;
}

/* All who wait are told. */
static void kill_link(ExecLink *l, int error, const char *cause)
{
    l->state = EXEC_DEAD;
    l->error = error;
    l->cause = cause;
    vu_close(&l->fd);
    while (l->head)
        session_end(l->head, error, cause);
}

/* Let the minder end it, and hear from it how it ended; others go on waiting meanwhile. */
static int bury(VuIo *io, ExecLink *l)
{
    Minder *m = l->target->minder;
    uint64_t until = vu_now(io) + BURIAL_MAX_MS * NS_PER_MS;
    bool ask = l->error != -EPROTO;
    if (ask) /* it may be about to say why */
        TRY(vu_sleep_until(io, vu_now(io) + 2 * NS_PER_MS));
    minder_end(m, l->slot, true);
    while (ask && !minder_has_ended(m, l->slot) && vu_now(io) < until)
        TRY(vu_sleep_until(io, vu_now(io) + NS_PER_MS));
    if (ask && minder_has_ended(m, l->slot)) {
        char why[EXEC_TEXT_MAX];
        minder_why(m, l->slot, why, sizeof why);
        l->cause = keep_cause(l->pool, why);
    }
    kill_link(l, l->error, l->cause);
    return 0;
}

/* ---- bytes ---- */

static void flush(ExecLink *l)
{
    while (l->state < EXEC_BROKEN && l->out_at < l->n_out) {
        ptrdiff_t n = vu_try_write(&l->fd, l->out + l->out_at, l->n_out - l->out_at);
        if (n < 0)
            break_link(l, -ECONNRESET, "the worker closed its input");
        if (n <= 0)
            return;
        l->out_at += n;
    }
    l->out_at = l->n_out = 0;
}

/* Once for all users that are ready to write. */
static void flush_together(VuIo *io, ExecLink *l)
{
    if (l->flush_due)
        return;
    l->flush_due = true;
    vu_yield(io);
    l->flush_due = false;
    flush(l);
}

static char *reserve(ExecLink *l, ptrdiff_t bytes)
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

static void note_answer(ExecSession *s, const ExecReply *r, uint64_t now_ns)
{
    ExecLink *l = s->link;
    s->pending--;
    s->good += !r->failed;
    l->n_answers += s->out != NULL;
    if (r->failed && !s->failed) {
        s->failed = true;
        s->fail = r->fail;
        s->cause = r->text[0] ? keep_cause(l->pool, r->text) : "the worker says so";
    }
    if (s->out) {
        s->out->done_ns = now_ns;
        s->out->first_byte_ns = s->out->first_byte_ns ? s->out->first_byte_ns : now_ns;
        if (r->has_ns)
            vu_record(s->io, EXEC_WORKER_TIME, r->ns);
        if (r->bytes)
            vu_record(s->io, EXEC_WORKER_BYTES, r->bytes);
    }
    if (s->pending == 0)
        session_end(s, 0, NULL);
}

/* An answer to a session that is over is late, not wrong. */
static void take_answer(ExecLink *l, const ExecReply *r, ptrdiff_t bytes, uint64_t now_ns)
{
    uint64_t place = r->id % EXEC_USERS_MAX, turn = r->id / EXEC_USERS_MAX;
    ExecSession *s = l->sessions[place];
    if (s && s->id == r->id && s->pending > 0) {
        if (s->out)
            s->out->bytes_in += (uint64_t)bytes;
        note_answer(s, r, now_ns);
        return;
    }
    bool late = turn < l->turns[place] && !(s && s->id == r->id);
    if (!late)
        break_link(l, -EPROTO, "an answer that nobody waits for");
}

static void feed(VuIo *io, ExecLink *l, Str in)
{
    uint64_t now = vu_now(io);
    for (ptrdiff_t used = 0; in.len > 0 && l->state < EXEC_BROKEN;) {
        int r = exec_feed(&l->parser, in, &used);
        if (r < 0)
            break_link(l, -EPROTO, keep_cause(l->pool, l->parser.wrong));
        l->n_lines += r != EXEC_MORE;
        if (r == EXEC_GREETING && l->state == EXEC_STARTING)
            l->state = EXEC_UP;
        if (r == EXEC_REPLY)
            take_answer(l, &l->parser.reply, used, now);
        in = str_slice(in, used, in.len);
    }
}

/* One read; false when there is nothing (yet, or ever again). */
static bool read_some(VuIo *io, ExecLink *l)
{
    ptrdiff_t cap;
    char *buf = vu_scratch(io, &cap);
    ptrdiff_t n = vu_try_read(&l->fd, buf, cap);
    if (n == -EAGAIN)
        return false;
    if (n > 0)
        feed(io, l, (Str){ buf, n });
    else
        break_link(l, -ECONNRESET, "the worker closed its output");
    return true;
}

/* Wait a while: read for all, or until woken. 0 (look again) or the verdict. */
static int wait_link(VuIo *io, ExecLink *l)
{
    if (!l->reader)
        l->reader = io;
    if (l->reader != io)
        return vu_park(io);
    if (l->state == EXEC_BROKEN)
        return bury(io, l);
    if (l->state == EXEC_DEAD)
        return 0;
    vu_own(io, &l->fd);
    if (read_some(io, l))
        return 0;
    if (!l->flush_due)
        flush(l);
    return l->state == EXEC_BROKEN ? 0 : vu_wait_any(io, &l->fd);
}

bool exec_is_up(VuIo *io, ExecLink *l)
{
    while (!l->reader && l->state == EXEC_UP && l->fd.readable && read_some(io, l))
        ;
    return l->state == EXEC_UP;
}

/* ---- life ---- */

/* A worker that can't live must not be started without end: 10 ms, 20 ms … 1 s apart. */
static void note_death(VuIo *io, const ExecLink *l)
{
    ExecPool *p = l->pool;
    uint64_t now = vu_now(io), least = BACKOFF_MIN_MS * NS_PER_MS;
    p->n_lost++;
    if (now < p->retry_ns)
        return;
    uint64_t next = l->n_answers ? least : MAX(2 * p->backoff_ns, least);
    p->backoff_ns = MIN(next, BACKOFF_MAX_MS * NS_PER_MS);
    p->retry_ns = now + p->backoff_ns;
}

static void free_link(VuIo *io, ExecLink *l)
{
    bool lost = l->state >= EXEC_LEAVING;
    if (lost)
        note_death(io, l);
    *(l->prev ? &l->prev->next : &l->pool->links) = l->next;
    if (l->next)
        l->next->prev = l->prev;
    vu_close(&l->fd);
    if (l->slot >= 0) {
        minder_end(l->target->minder, l->slot, lost);
        minder_release(l->target->minder, l->slot);
    }
    free(l->out);
    free(l);
}

static void sit_down(ExecLink *l, ExecSession *s, VuIo *io)
{
    uint32_t place = 0;
    while (l->sessions[place])
        place++;
    *s = (ExecSession){ .link = l, .io = io, .id = place + EXEC_USERS_MAX * l->turns[place]++ };
    l->sessions[place] = s;
    l->n_users++;
}

static void stand_up(VuIo *io, ExecSession *s)
{
    ExecLink *l = s->link;
    delist(s);
    l->sessions[s->id % EXEC_USERS_MAX] = NULL;
    s->link = NULL;
    if (--l->n_users == 0)
        free_link(io, l);
}

void exec_leave(VuIo *io, ExecSession *s)
{
    ExecLink *l = s->link;
    if (!l)
        return;
    char *to = l->state < EXEC_BROKEN ? reserve(l, 40) : NULL;
    if (to)
        l->n_out += snprintf(to, 40, "close %llu\n", (unsigned long long)s->id);
    flush(l);
    stand_up(io, s);
}

static ExecLink *new_link(const ExecTarget *t, ExecPool *p)
{
    ExecLink *l = calloc(1, sizeof *l);
    if (!l)
        return NULL;
    l->target = t;
    l->pool = p;
    l->slot = -1;
    l->most_users = t->processes ? EXEC_USERS_MAX : 1;
    l->next = p->links;
    if (l->next)
        l->next->prev = l;
    p->links = l;
    return l;
}

/* The least busy of those there are, once there are as many as there shall be. */
static ExecLink *find_link(const ExecTarget *t, const ExecPool *p)
{
    uint32_t n = 0;
    ExecLink *best = NULL;
    for (ExecLink *l = p->links; l && t->processes; l = l->next) {
        if (l->state > EXEC_UP)
            continue;
        n++;
        if (l->n_users < l->most_users && (!best || l->n_users < best->n_users))
            best = l;
    }
    return n < t->processes ? NULL : best;
}

static int start(VuIo *io, ExecLink *l)
{
    ExecPool *p = l->pool;
    int fd;
    if (vu_now(io) < p->retry_ns)
        TRY(vu_sleep_until(io, p->retry_ns));
    uint64_t from = vu_now(io);
    l->slot = minder_spawn(l->target->minder, &fd);
    if (l->slot < 0) {
        vu_cause(io, l->slot == -EAGAIN ? "more than 512 worker processes" : NULL);
        return l->slot;
    }
    TRY(vu_take_socket(io, &l->fd, fd));
    if (p->n_lost) {
        p->n_lost--;
        vu_record(io, EXEC_RESTARTS, 1);
    }
    while (l->state == EXEC_STARTING || l->state == EXEC_BROKEN)
        TRY(wait_link(io, l));
    if (l->state == EXEC_DEAD)
        return l->error;
    vu_record(io, EXEC_START_TIME, vu_now(io) - from);
    return 0;
}

/* Others who came meanwhile can't go on when the starter can't. */
static int start_first(VuIo *io, ExecLink *l)
{
    int r = start(io, l);
    if (r < 0 && l->state != EXEC_DEAD)
        kill_link(l, r == -ETIMEDOUT || r == -ECANCELED ? -EHOSTUNREACH : r, l->cause);
    for (ExecSession *s = l->head; s; s = s->next)
        vu_wake(s->io);
    return r;
}

static int await_start(VuIo *io, ExecLink *l)
{
    while (l->state == EXEC_STARTING)
        TRY(vu_park(io));
    return l->state == EXEC_UP ? 0 : l->error;
}

static int say_open(VuIo *io, ExecSession *s)
{
    char *to = exec_begin(s, 1, 40);
    if (!to)
        return -ENOMEM;
    int n = snprintf(to, 40, "open %llu\n", (unsigned long long)s->id);
    TRY(exec_exchange(io, s, n));
    return s->failed ? -EACCES : 0;
}

static int connect_session(VuIo *io, ExecSession *s, bool first)
{
    ExecLink *l = s->link;
    enlist(s);
    int r = first ? start_first(io, l) : await_start(io, l);
    delist(s);
    if (r == 0)
        r = say_open(io, s);
    const char *cause = s->cause ? s->cause : l->cause;
    if (r < 0 && cause)
        vu_cause(io, cause);
    return r;
}

int exec_join(VuIo *io, const ExecTarget *t, ExecSession *s)
{
    ExecPool *p = vu_shared(io);
    ExecLink *l = find_link(t, p);
    bool first = !l;
    if (first)
        l = new_link(t, p);
    if (!l)
        return -ENOMEM;
    sit_down(l, s, io);
    int r = connect_session(io, s, first);
    if (r < 0) {
        exec_leave(io, s);
        return r;
    }
    return first ? 0 : OPEN_JOINED;
}

/* ---- exchange ---- */

char *exec_begin(ExecSession *s, uint32_t n, ptrdiff_t bytes)
{
    char *to = reserve(s->link, bytes);
    s->pending = n;
    s->good = 0;
    s->failed = s->done = false;
    s->cause = NULL;
    s->lines_before = s->link->n_lines;
    return to;
}

int exec_exchange(VuIo *io, ExecSession *s, ptrdiff_t bytes)
{
    ExecLink *l = s->link;
    int r = 0;
    vu_mark_sent(io, bytes);
    l->n_out += bytes;
    enlist(s);
    flush_together(io, l);
    while (r == 0 && !s->done)
        r = wait_link(io, l);
    delist(s);
    if (s->done)
        return s->result;
    if (r == -ETIMEDOUT && l->n_lines == s->lines_before && l->state == EXEC_UP)
        l->state = EXEC_LEAVING;
    return r;
}

int exec_keep(VuIo *io, ExecSession *s)
{
    int r = 0;
    s->done = false;
    enlist(s);
    while (r == 0 && s->link->state == EXEC_UP && !s->done)
        r = wait_link(io, s->link);
    delist(s);
    return r < 0 ? r : -ECONNRESET;
}
