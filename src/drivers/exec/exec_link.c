#include "drivers/exec/exec_link.h"

#include <errno.h>
#include <stdio.h>

typedef struct ExecLink {
    ChildLink link; /* first */
    ExecParser parser;
} ExecLink;

static ExecLink *link_of(ChildLink *l)
{
    return (ExecLink *)(void *)l;
}

/* ---- what comes in ---- */

static void note_times(ExecSession *s, const ExecReply *r, uint64_t now_ns)
{
    Outcome *out = s->out;
    out->done_ns = now_ns;
    out->first_byte_ns = out->first_byte_ns ? out->first_byte_ns : now_ns;
    if (r->has_ns)
        vu_record(s->seat.wait.io, EXEC_WORKER_TIME, r->ns);
    if (r->bytes)
        vu_record(s->seat.wait.io, EXEC_WORKER_BYTES, r->bytes);
}

static void note_answer(ExecSession *s, const ExecReply *r, uint64_t now_ns)
{
    ChildLink *l = s->seat.link;
    s->pending--;
    s->good += !r->failed;
    l->n_answers += s->out != NULL;
    if (r->failed && !s->failed) {
        s->failed = true;
        s->fail = r->fail;
        s->seat.cause = r->text[0] ? child_cause(&l->pool->causes, r->text) : "the worker says so";
    }
    if (s->out)
        note_times(s, r, now_ns);
    if (s->pending == 0)
        child_end(&s->seat, 0, NULL);
}

/* An answer to a session that is over is late, not wrong. */
static void take_answer(ChildLink *l, const ExecReply *r, ptrdiff_t bytes, uint64_t now_ns)
{
    bool late;
    ExecSession *s = (ExecSession *)(void *)child_find(l, r->id, &late);
    if (s && s->pending > 0) {
        if (s->out)
            s->out->bytes_in += (uint64_t)bytes;
        note_answer(s, r, now_ns);
    } else if (!late) {
        child_break(l, -EPROTO, "an answer that nobody waits for");
    }
}

static void exec_take(VuIo *io, ChildLink *l, Str in)
{
    ExecParser *p = &link_of(l)->parser;
    uint64_t now = vu_now(io);
    for (ptrdiff_t used = 0; in.len > 0 && l->state < CHILD_BROKEN;) {
        int r = exec_feed(p, in, &used);
        if (r < 0)
            child_break(l, -EPROTO, child_cause(&l->pool->causes, p->wrong));
        l->n_lines += r != EXEC_MORE;
        if (r == EXEC_GREETING && l->state == CHILD_STARTING)
            l->state = CHILD_UP;
        if (r == EXEC_REPLY)
            take_answer(l, &p->reply, used, now);
        in = str_slice(in, used, in.len);
    }
}

static int exec_greet(VuIo *io, ChildSeat *s)
{
    ChildLink *l = s->link;
    while (l->state == CHILD_STARTING || l->state == CHILD_BROKEN)
        TRY(child_wait(io, l));
    return l->state == CHILD_DEAD ? l->error : 0;
}

const ChildSpeech exec_speech = {
    .link_bytes = sizeof(ExecLink),
    .start_metric = EXEC_START_TIME,
    .restarts_metric = EXEC_RESTARTS,
    .feed = exec_take,
    .greet = exec_greet,
};

/* ---- sessions ---- */

void exec_leave(VuIo *io, ExecSession *s)
{
    ChildLink *l = s->seat.link;
    char *to = l && l->state < CHILD_BROKEN ? child_reserve(l, 40) : NULL;
    if (to)
        l->n_out += snprintf(to, 40, "close %llu\n", (unsigned long long)s->seat.id);
    child_leave(io, &s->seat);
}

char *exec_begin(ExecSession *s, uint32_t n, ptrdiff_t bytes)
{
    s->pending = n;
    s->good = 0;
    s->failed = false;
    return child_reserve(s->seat.link, bytes);
}

static int say_open(VuIo *io, ExecSession *s)
{
    char *to = exec_begin(s, 1, 40);
    if (!to)
        return -ENOMEM;
    int n = snprintf(to, 40, "open %llu\n", (unsigned long long)s->seat.id);
    TRY(child_exchange(io, &s->seat, n));
    return s->failed ? -EACCES : 0;
}

int exec_join(VuIo *io, const ExecTarget *t, ExecSession *s)
{
    ExecPool *p = vu_shared(io);
    int joined = child_join(io, &t->program, &p->pool, &s->seat);
    if (joined < 0)
        return joined;
    int r = say_open(io, s);
    const char *cause = s->seat.cause ? s->seat.cause : s->seat.link->cause;
    if (r == 0)
        return joined;
    if (cause)
        vu_cause(io, cause);
    exec_leave(io, s);
    return r;
}
