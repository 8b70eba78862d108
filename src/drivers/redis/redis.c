#include "drivers/redis/redis.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const resp_versions[] = { "2", "3", NULL };

static const Opt redis_target_opts[] = {
    OPT(RedisTargetOpts, url, STR, .required = true,
        .help = "redis://host:port/db of the target, rediss:// through TLS"),
    OPT(RedisTargetOpts, username, STR, .help = "user to log in as; without it the default user"),
    OPT(RedisTargetOpts, password, STR, .secret = true,
        .help = "its password; without it the environment's REDIS_PASSWORD"),
    OPT(RedisTargetOpts, resp, ENUM, .dflt = "2", .choices = resp_versions,
        .help = "version of the protocol"),
    OPT(RedisTargetOpts, connect_to, STR, .arg = "HOST:PORT",
        .help = "connect there (or to unix:/path) instead of the URL's host"),
    OPT(RedisTargetOpts, source, LIST, .arg = "ADDRESS",
        .help = "addresses of this host to connect from, user after user in turn"),
    TLS_ROWS(RedisTargetOpts),
    { .type = OPT_END },
};

static const Opt redis_request_opts[] = {
    OPT(RedisRequestOpts, command, STR, .dflt = "PING",
        .help = "command and its arguments, quoted as in a shell; ${…} differs from one to the "
                "next"),
    OPT(RedisRequestOpts, pipeline, U32, .dflt = "1", .min = 1, .max = 1 << 20,
        .help = "commands sent at once; the operation lasts until the last reply"),
    OPT(RedisRequestOpts, feed, STR, .arg = "FILE",
        .help = "rows (CSV with a line of names, or .jsonl) for ${feed.COLUMN} in the command"),
    OPT(RedisRequestOpts, feed_order, ENUM, .dflt = "circular", .choices = feed_orders,
        .help = "which row a command takes: the next one, any, or one of its user's own"),
    { .type = OPT_END },
};

enum { COMMANDS, REDIS_TLS_TIME };
static const DriverMetric redis_metrics[] = {
    { "commands", "count", "replies that are no errors", true },
    ENDPOINT_METRICS,
    { NULL },
};

const char *redis_cause(const char *word)
{
    static const char *const known[] = {
        "ERR",     "WRONGTYPE",   "WRONGPASS",  "NOAUTH",     "NOPERM",    "MOVED",
        "ASK",     "LOADING",     "BUSY",       "OOM",        "READONLY",  "NOSCRIPT",
        "MISCONF", "CLUSTERDOWN", "CROSSSLOT",  "MASTERDOWN", "TRYAGAIN",  "EXECABORT",
        "BUSYKEY", "NOREPLICAS",  "UNKILLABLE", "NOPROTO",    "BUSYGROUP", "NOGROUP",
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(known); i++)
        if (strcmp(word, known[i]) == 0)
            return known[i];
    return "another error reply";
}

int redis_read_replies(VuIo *io, RedisConn *c, uint32_t n, uint32_t *ret_good,
                       const char **ret_error)
{
    *ret_error = NULL;
    *ret_good = 0;
    while (n > 0) {
        ptrdiff_t used = 0;
        Str in;
        TRY(vu_read_some(io, &c->fd, &in));
        for (; in.len > 0; in = str_slice(in, used, in.len)) {
            int r = resp_feed(&c->parser, in, &used);
            if (r < 0)
                return r;
            if (r == RESP_MORE)
                break;
            if (n-- == 0) {
                c->parser.wrong = "a reply that nobody waits for";
                return -EPROTO;
            }
            *ret_good += !c->parser.failed;
            if (c->parser.failed && !*ret_error)
                *ret_error = redis_cause(c->parser.word);
        }
    }
    return 0;
}

static int greet(VuIo *io, RedisConn *c, const RedisTarget *t)
{
    uint32_t good;
    const char *error;
    if (t->n_hello == 0)
        return 0;
    TRY(vu_write_all(io, &c->fd, t->hello.ptr, t->hello.len));
    TRY(redis_read_replies(io, c, (uint32_t)t->n_hello, &good, &error));
    if (!error)
        return 0;
    vu_cause(io, error);
    return -EACCES;
}

static int redis_open(VuIo *io, const void *target, void *conn)
{
    const RedisTarget *t = target;
    RedisConn *c = conn;
    TRY(endpoint_connect(io, &t->endpoint, &c->fd, REDIS_TLS_TIME));
    int r = greet(io, c, t);
    if (r < 0)
        vu_close(&c->fd);
    return r;
}

static int send_pipeline(VuIo *io, RedisConn *c, const RedisRequest *r)
{
    if (r->wire.ptr)
        return vu_write_all(io, &c->fd, r->wire.ptr, r->wire.len);
    if (buf_grow(&c->wire, &c->wire_cap, r->max * r->pipeline) < 0)
        return -ENOMEM;
    return vu_write_all(io, &c->fd, c->wire, redis_render(r, vu_draw(io), c->wire));
}

static int redis_call(VuIo *io, void *conn, const void *request, Outcome *out)
{
    RedisConn *c = conn;
    const RedisRequest *r = request;
    uint32_t good = 0;
    const char *error = NULL;
    if (!vu_is_clean(&c->fd) || !resp_is_idle(&c->parser))
        return CALL_STALE;
    TRY(send_pipeline(io, c, r));
    int e = redis_read_replies(io, c, r->pipeline, &good, &error);
    vu_record(io, COMMANDS, good);
    if (e < 0) {
        out->cause = e == -EPROTO ? c->parser.wrong : NULL;
        return e;
    }
    out->failed = error != NULL;
    out->fail = FAIL_STATUS;
    out->cause = error;
    return 0;
}

static void redis_close(VuIo *io, void *conn)
{
    RedisConn *c = conn;
    (void)io;
    free(c->wire);
    free(c->inbox);
    vu_close(&c->fd);
}

static int redis_hold(VuIo *io, void *conn)
{
    RedisConn *c = conn;
    return endpoint_hold(io, &c->fd);
}

const Driver driver_redis = {
    .abi = DRIVER_ABI,
    .name = "redis",
    .summary = "Redis commands, one by one or in pipelines",
    .schemes = "redis rediss",
    .request_key = "command",
    .target_opts = redis_target_opts,
    .target_opts_bytes = sizeof(RedisTargetOpts),
    .request_opts = redis_request_opts,
    .request_opts_bytes = sizeof(RedisRequestOpts),
    .target_bytes = sizeof(RedisTarget),
    .request_bytes = sizeof(RedisRequest),
    .conn_bytes = sizeof(RedisConn),
    .prepare_target = redis_prepare_target,
    .prepare_request = redis_prepare_request,
    .prepare_step = redis_prepare_step,
    .open = redis_open,
    .call = redis_call,
    .close = redis_close,
    .release_request = redis_release_request,
    .release_target = redis_release_target,
    .hold = redis_hold,
    .metrics = redis_metrics,
    .stream = &redis_stream,
};
