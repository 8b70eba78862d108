/* Messages through NATS subjects. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "drivers/nats/nats.h"

typedef struct NatsStreamOpts {
    bool ack;
} NatsStreamOpts;

static const Opt nats_stream_opts[] = {
    OPT(NatsStreamOpts, ack, BOOL, .dflt = "yes",
        .help = "PING behind each message: it is accepted when the server's PONG is back; else "
                "when it is written, and nobody knows more"),
    { .type = OPT_END },
};

typedef struct NatsStream {
    Arena arena;
    bool ack;
    uint32_t groups;
    const char **names; /* [topics] */
    Str *publish;       /* [topics] what stands before a message */
} NatsStream;

static int nats_stream_prepare(const void *target, const void *opts, const StreamSetup *setup,
                               void *state, Err *err)
{
    const NatsStreamOpts *o = opts;
    NatsStream *s = state;
    (void)target;
    (void)err;
    s->ack = o->ack;
    s->groups = setup->groups;
    s->names = ARENA_ARRAY(&s->arena, const char *, setup->topics);
    s->publish = ARENA_ARRAY(&s->arena, Str, setup->topics);
    for (uint32_t i = 0; i < setup->topics; i++) {
        s->names[i] = arena_printf(&s->arena, "%s.%u", setup->prefix, i);
        s->publish[i] = str(arena_printf(&s->arena, "PUB %s %td\r\n", s->names[i], setup->size));
    }
    return 0;
}

static void nats_stream_release(void *state)
{
    arena_done(&((NatsStream *)state)->arena);
}

static int nats_publish(VuIo *io, void *conn, const void *state, const StreamMessage *m,
                        Outcome *out)
{
    NatsConn *c = conn;
    const NatsStream *s = state;
    if (nats_catch_up(io, c) != 0)
        return CALL_STALE;
    uint64_t until = c->pongs + 1;
    const Str parts[] = { s->publish[m->topic], m->head, m->rest,
                          s->ack ? STR("\r\nPING\r\n") : STR("\r\n") };
    TRY(nats_send(io, c, parts, ARRAY_LEN(parts)));
    int r = s->ack ? nats_await(io, c, &c->pongs, until) : 0;
    if (r == -EACCES) {
        out->failed = out->close = true;
        out->fail = FAIL_STATUS;
        out->cause = c->cause;
        return 0;
    }
    out->cause = r == -EPROTO ? c->parser.wrong : NULL;
    return r;
}

static int nats_subscribe(VuIo *io, void *conn, const void *state, const StreamWho *who)
{
    NatsConn *c = conn;
    const NatsStream *s = state;
    char group[16] = "", line[32];
    uint64_t until = c->pongs + 1;
    if (s->groups)
        snprintf(group, sizeof group, " g%u", who->group);
    int n = snprintf(line, sizeof line, "%s %d\r\nPING\r\n", group, NATS_SID_STREAM);
    const Str parts[] = { STR("SUB "), str(s->names[who->topic]), { line, n } };
    TRY(nats_send(io, c, parts, ARRAY_LEN(parts)));
    int r = nats_await(io, c, &c->pongs, until);
    if (r == -EACCES)
        vu_cause(io, c->cause);
    return r;
}

static int nats_receive(VuIo *io, void *conn, const void *state, const StreamWho *who)
{
    NatsConn *c = conn;
    (void)state;
    (void)who;
    for (;;) {
        int r = nats_take(io, c);
        if (r == -EACCES)
            vu_cause(io, c->cause);
        TRY(r);
    }
}

const DriverStream nats_stream = {
    .opts = nats_stream_opts,
    .opts_bytes = sizeof(NatsStreamOpts),
    .state_bytes = sizeof(NatsStream),
    .prepare = nats_stream_prepare,
    .publish = nats_publish,
    .subscribe = nats_subscribe,
    .receive = nats_receive,
    .release = nats_stream_release,
};
