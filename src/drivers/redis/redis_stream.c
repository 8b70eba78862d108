/* Publishing to Redis, by its channels (PUBLISH) or its logs (XADD). */
#include "drivers/redis/redis_stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const modes[] = { "pubsub", "log", NULL };

static const Opt redis_stream_opts[] = {
    OPT(RedisStreamOpts, mode, ENUM, .dflt = "pubsub", .choices = modes,
        .help = "pubsub: PUBLISH and SUBSCRIBE, at most once; log: XADD and XREAD, or XREADGROUP "
                "and XACK with groups"),
    OPT(RedisStreamOpts, maxlen, U64, .dflt = "0", .max = 1e15,
        .help = "entries that a log keeps, about; 0: all, until a minute after the trial"),
    { .type = OPT_END },
};

/* "assay:0"; of a log, which outlives its readers, one for each trial. */
static const char *topic_name(RedisStream *s, const StreamSetup *setup, uint32_t topic)
{
    if (!s->is_log)
        return arena_printf(&s->arena, "%s:%u", setup->prefix, topic);
    return arena_printf(&s->arena, "%s:%u:%08x", setup->prefix, topic, setup->trial);
}

static void put_head(RedisStream *s, const RedisStreamOpts *o, StrBuf *b, Str name)
{
    if (!s->is_log)
        strbuf_addf(b, "*3\r\n$7\r\nPUBLISH\r\n$%td\r\n" STR_FMT "\r\n", name.len, STR_ARG(name));
    else
        strbuf_addf(b, "*%d\r\n$4\r\nXADD\r\n$%td\r\n" STR_FMT "\r\n", o->maxlen ? 8 : 5, name.len,
                    STR_ARG(name));
    if (s->is_log && o->maxlen) {
        const char *max = arena_printf(&s->arena, "%llu", (unsigned long long)o->maxlen);
        strbuf_addf(b, "$6\r\nMAXLEN\r\n$1\r\n~\r\n$%zu\r\n%s\r\n", strlen(max), max);
    }
    if (s->is_log)
        strbuf_addz(b, "$1\r\n*\r\n$1\r\nm\r\n");
}

static void prepare_topic(RedisStream *s, const RedisStreamOpts *o, const StreamSetup *setup,
                          uint32_t i)
{
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    RedisTopic *t = &s->topics[i];
    t->name = str(topic_name(s, setup, i));
    put_head(s, o, &b, t->name);
    strbuf_addf(&b, "$%td\r\n", setup->size);
    t->publish = (Str){ arena_str(&s->arena, strbuf_str(&b)), b.len };
    const char *seconds =
        arena_printf(&s->arena, "%llu", (unsigned long long)(setup->lasts_ns / NS_PER_S + 60));
    t->expire = str(arena_printf(&s->arena,
                                 "\r\n*3\r\n$6\r\nEXPIRE\r\n$%td\r\n" STR_FMT "\r\n$%zu\r\n%s\r\n",
                                 t->name.len, STR_ARG(t->name), strlen(seconds), seconds));
}

static int redis_stream_prepare(const void *target, const void *opts, const StreamSetup *setup,
                                void *state, Err *err)
{
    const RedisStreamOpts *o = opts;
    RedisStream *s = state;
    (void)target;
    s->is_log = o->mode == 1;
    s->groups = setup->groups;
    if (s->groups && !s->is_log)
        return err_set(err, -EINVAL,
                       "groups: Redis channels know of none, every subscriber gets every message; "
                       "mode: log has groups");
    if (o->maxlen && !s->is_log)
        return err_set(err, -EINVAL, "maxlen: channels keep nothing; it belongs to mode: log");
    s->topics = ARENA_ARRAY(&s->arena, RedisTopic, setup->topics);
    s->read_to = ARENA_ARRAY(&s->arena, RedisId, MAX(setup->subscribers, 1u));
    for (uint32_t i = 0; i < setup->topics; i++)
        prepare_topic(s, o, setup, i);
    return 0;
}

static void redis_stream_release(void *state)
{
    arena_done(&((RedisStream *)state)->arena);
}

/* The first message of a connection to a log says when the log may go. */
static int send_message(VuIo *io, RedisConn *c, const RedisStream *s, const StreamMessage *m,
                        uint32_t *ret_replies)
{
    const RedisTopic *t = &s->topics[m->topic];
    bool first = s->is_log && !c->published;
    Str end = first ? t->expire : STR("\r\n");
    const Str parts[] = { t->publish, m->head, m->rest, end };
    struct iovec iov[ARRAY_LEN(parts)];
    for (ptrdiff_t i = 0; i < ARRAY_LEN(parts); i++) {
        union {
            const char *from;
            void *to;
        } same = { parts[i].ptr }; /* iovec is shared with reading and so not const */
        iov[i] = (struct iovec){ same.to, (size_t)parts[i].len };
    }
    c->published = true;
    *ret_replies = 1 + first;
    return vu_writev_all(io, &c->fd, iov, ARRAY_LEN(parts));
}

static int redis_publish(VuIo *io, void *conn, const void *state, const StreamMessage *m,
                         Outcome *out)
{
    RedisConn *c = conn;
    uint32_t good, n = 0;
    const char *error = NULL;
    if (!vu_is_clean(&c->fd) || !resp_is_idle(&c->parser))
        return CALL_STALE;
    TRY(send_message(io, c, state, m, &n));
    int r = redis_read_replies(io, c, n, &good, &error);
    if (r < 0) {
        out->cause = r == -EPROTO ? c->parser.wrong : NULL;
        return r;
    }
    out->failed = error != NULL;
    out->fail = FAIL_STATUS;
    out->cause = error;
    return 0;
}

const DriverStream redis_stream = {
    .opts = redis_stream_opts,
    .opts_bytes = sizeof(RedisStreamOpts),
    .state_bytes = sizeof(RedisStream),
    .prepare = redis_stream_prepare,
    .publish = redis_publish,
    .subscribe = redis_subscribe,
    .receive = redis_receive,
    .release = redis_stream_release,
};
