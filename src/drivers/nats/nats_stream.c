/* Messages through NATS subjects. */
#include <errno.h>
#include <stdio.h>

#include "drivers/nats/nats_stream.h"

static const char *const modes[] = { "core", "jetstream", NULL };
static const char *const storages[] = { "memory", "file", NULL };

static const Opt nats_stream_opts[] = {
    OPT(NatsStreamOpts, mode, ENUM, .dflt = "core", .choices = modes,
        .help = "core: subjects, at most once; jetstream: the server keeps messages, and says that "
                "it has them"),
    OPT(NatsStreamOpts, ack, BOOL, .dflt = "yes",
        .help = "core: PING behind each message: it is accepted when the server's PONG is back; "
                "else when it is written, and nobody knows more"),
    OPT(NatsStreamOpts, storage, ENUM, .dflt = "memory", .choices = storages,
        .help = "where JetStream keeps messages"),
    OPT(NatsStreamOpts, keep, NS, .dflt = "10m", .min = 1e9, .max = 1e15,
        .help = "how long JetStream keeps messages"),
    { .type = OPT_END },
};

static void name_topic(NatsStream *s, const NatsStreamOpts *o, const StreamSetup *setup, uint32_t i)
{
    NatsTopic *t = &s->topics[i];
    const char *inner = s->jetstream ? ".js." : "",
               *kind = s->jetstream ? storages[o->storage] : "";
    t->subject = arena_printf(&s->arena, "%s%s%s.%u", setup->prefix, inner, kind, i);
    t->publish = arena_printf(&s->arena, "PUB %s ", t->subject);
    if (s->jetstream)
        nats_js_name(s, t, storages[o->storage], o->keep, setup->prefix, i);
}

static int nats_stream_prepare(const void *target, const void *opts, const StreamSetup *setup,
                               void *state, Err *err)
{
    const NatsStreamOpts *o = opts;
    NatsStream *s = state;
    (void)target;
    (void)err;
    s->jetstream = o->mode == 1;
    s->ack = o->ack;
    s->alone = setup->subscribers == 0;
    s->groups = setup->groups;
    s->trial = setup->trial;
    s->topics = ARENA_ARRAY(&s->arena, NatsTopic, setup->topics);
    s->read_to = ARENA_ARRAY(&s->arena, uint64_t, MAX(setup->subscribers, 1u));
    s->length = str(arena_printf(&s->arena, "%td\r\n", setup->size));
    for (uint32_t i = 0; i < setup->topics; i++)
        name_topic(s, o, setup, i);
    return 0;
}

static void nats_stream_release(void *state)
{
    arena_done(&((NatsStream *)state)->arena);
}

static int send_message(VuIo *io, NatsConn *c, const NatsStream *s, const StreamMessage *m)
{
    bool ping = !s->jetstream && s->ack;
    const Str parts[] = { str(s->topics[m->topic].publish),
                          s->jetstream ? str(c->inbox) : STR(""),
                          s->jetstream ? STR(" ") : STR(""),
                          s->length,
                          m->head,
                          m->rest,
                          ping ? STR("\r\nPING\r\n") : STR("\r\n") };
    return nats_send(io, c, parts, ARRAY_LEN(parts));
}

/* The server's word that it has the message. */
static int await_word(VuIo *io, NatsConn *c, const NatsStream *s, uint64_t until, Outcome *out)
{
    if (!s->jetstream)
        return s->ack ? nats_await(io, c, &c->pongs, until) : 0;
    TRY(nats_await(io, c, &c->replies, until));
    out->failed = c->refused || c->status >= 400;
    out->fail = FAIL_STATUS;
    out->status = c->status;
    out->cause = out->failed ? nats_js_cause(c) : NULL;
    return 0;
}

static int nats_publish(VuIo *io, void *conn, const void *state, const StreamMessage *m,
                        Outcome *out)
{
    NatsConn *c = conn;
    const NatsStream *s = state;
    if (nats_catch_up(io, c) != 0)
        return CALL_STALE;
    if (s->jetstream && s->alone && !c->prepared)
        TRY(nats_js_prepare(io, c, s, m->topic)); /* else its subscribers did */
    c->prepared = true;
    uint64_t until = 1 + (s->jetstream ? c->replies : c->pongs);
    TRY(send_message(io, c, s, m));
    int r = await_word(io, c, s, until, out);
    if (r == -EACCES) {
        out->failed = out->close = true;
        out->fail = FAIL_STATUS;
        out->cause = c->cause;
        return 0;
    }
    if (r < 0)
        out->cause = r == -EPROTO ? c->parser.wrong : NULL;
    return r;
}

static int subscribe_core(VuIo *io, NatsConn *c, const NatsStream *s, const StreamWho *who)
{
    char group[16] = "", line[40];
    uint64_t until = c->pongs + 1;
    if (s->groups)
        snprintf(group, sizeof group, " g%u", who->group);
    int n = snprintf(line, sizeof line, "%s %d\r\nPING\r\n", group, NATS_SID_STREAM);
    const Str parts[] = { STR("SUB "), str(s->topics[who->topic].subject), { line, n } };
    TRY(nats_send(io, c, parts, ARRAY_LEN(parts)));
    return nats_await(io, c, &c->pongs, until);
}

static int nats_subscribe(VuIo *io, void *conn, const void *state, const StreamWho *who)
{
    NatsConn *c = conn;
    const NatsStream *s = state;
    int r = s->jetstream ? nats_js_subscribe(io, c, s, who) : subscribe_core(io, c, s, who);
    if (r == -EACCES && c->cause)
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
        if (c->js)
            TRY(nats_js_acknowledge(io, c));
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
