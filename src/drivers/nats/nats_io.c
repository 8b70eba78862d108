/* One connection: what comes is counted, what goes is sent whole. */
#include <errno.h>
#include <string.h>

#include "drivers/nats/nats_stream.h"

enum { PARTS_MAX = 8, PONGS_MAX = 16 };

static void take_message(NatsConn *c)
{
    const NatsParser *p = &c->parser;
    if (p->sid == NATS_SID_STREAM) {
        vu_deliver(c->io, c->at_ns, nats_head(p), p->bytes);
        if (c->js)
            nats_js_note(c);
        return;
    }
    c->replies++;
    c->status = nats_status(p);
    c->refused = str_find(nats_head(p), STR("\"error\"")) >= 0;
}

static int take_event(NatsConn *c, int event)
{
    c->infos += event == NATS_INFO;
    c->pongs += event == NATS_PONG;
    c->pongs_owed += event == NATS_PING;
    if (event == NATS_MSG)
        take_message(c);
    if (event == NATS_ERR)
        c->cause = nats_cause(&c->parser);
    return event == NATS_ERR ? -EACCES : 0;
}

/* All is taken, also behind an error. */
static int take_bytes(VuIo *io, NatsConn *c, Str in)
{
    int ret = 0;
    ptrdiff_t used = 0;
    c->io = io;
    c->at_ns = vu_now(io);
    for (; in.len > 0; in = str_slice(in, used, in.len)) {
        int event = nats_feed(&c->parser, in, &used);
        if (event < 0)
            return event;
        int r = take_event(c, event);
        ret = ret ? ret : r;
    }
    return ret;
}

int nats_take(VuIo *io, NatsConn *c)
{
    Str in;
    TRY(vu_read_some(io, &c->fd, &in));
    TRY(take_bytes(io, c, in));
    return c->pongs_owed ? nats_send(io, c, NULL, 0) : 0;
}

int nats_catch_up(VuIo *io, NatsConn *c)
{
    ptrdiff_t cap;
    char *buf = vu_scratch(io, &cap);
    while (c->fd.io && c->fd.readable) {
        ptrdiff_t got = vu_try_read(&c->fd, buf, cap);
        if (got == -EAGAIN)
            break;
        if (got <= 0 || take_bytes(io, c, (Str){ buf, got }) < 0)
            return CALL_STALE;
    }
    return c->fd.io && !c->fd.hung_up ? 0 : CALL_STALE;
}

int nats_await(VuIo *io, NatsConn *c, const uint64_t *counter, uint64_t until)
{
    while (*counter < until)
        TRY(nats_take(io, c));
    return 0;
}

int nats_send(VuIo *io, NatsConn *c, const Str *parts, int n)
{
    static const char pongs[] = "PONG\r\nPONG\r\nPONG\r\nPONG\r\nPONG\r\nPONG\r\nPONG\r\nPONG\r\n"
                                "PONG\r\nPONG\r\nPONG\r\nPONG\r\nPONG\r\nPONG\r\nPONG\r\nPONG\r\n";
    struct iovec iov[PARTS_MAX];
    uint32_t owed = MIN(c->pongs_owed, (uint32_t)PONGS_MAX);
    assert(n < PARTS_MAX);
    c->pongs_owed -= owed;
    union {
        const char *from;
        void *to;
    } same = { pongs }; /* iovec is shared with reading and so not const */
    iov[0] = (struct iovec){ same.to, owed * 6u };
    for (int i = 0; i < n; i++) {
        same.from = parts[i].ptr;
        iov[i + 1] = (struct iovec){ same.to, (size_t)parts[i].len };
    }
    int first = owed ? 0 : 1;
    return vu_writev_all(io, &c->fd, iov + first, n + 1 - first);
}
