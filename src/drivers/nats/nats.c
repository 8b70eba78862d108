#include "drivers/nats/nats.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const Opt nats_target_opts[] = {
    OPT(NatsTargetOpts, url, STR, .required = true, .help = "nats://host:port of the target"),
    OPT(NatsTargetOpts, username, STR, .help = "user to log in as"),
    OPT(NatsTargetOpts, password, STR, .secret = true,
        .help = "its password; without it the environment's NATS_PASSWORD"),
    OPT(NatsTargetOpts, token, STR, .secret = true,
        .help = "token to log in with; without it the environment's NATS_TOKEN"),
    OPT(NatsTargetOpts, connect_to, STR, .arg = "HOST:PORT",
        .help = "connect there instead of the URL's host"),
    OPT(NatsTargetOpts, source, LIST, .arg = "ADDRESS",
        .help = "addresses of this host to connect from, user after user in turn"),
    { .type = OPT_END },
};

static const Opt nats_request_opts[] = {
    OPT(NatsRequestOpts, subject, STR,
        .help = "where to publish; without it only a PING is sent; ${…} differs from one to the "
                "next"),
    OPT(NatsRequestOpts, payload, STR, .help = "what is published; ${…} differs"),
    OPT(NatsRequestOpts, reply, BOOL, .dflt = "no",
        .help = "wait for somebody's reply, instead of the server's word that it has the message"),
    { .type = OPT_END },
};

enum { HEAD_ROOM = 8 };

static int greet(VuIo *io, NatsConn *c, const NatsTarget *t)
{
    char line[NATS_INBOX_MAX + 32];
    TRY(nats_await(io, c, &c->infos, 1));
    snprintf(c->inbox, sizeof c->inbox, "_INBOX.%016llx",
             (unsigned long long)rng_u64(&vu_draw(io)->rng));
    int n = snprintf(line, sizeof line, "SUB %s %d\r\nPING\r\n", c->inbox, NATS_SID_INBOX);
    const Str parts[] = { t->hello, { line, n } };
    TRY(nats_send(io, c, parts, ARRAY_LEN(parts)));
    return nats_await(io, c, &c->pongs, 1);
}

static int nats_open(VuIo *io, const void *target, void *conn)
{
    const NatsTarget *t = target;
    NatsConn *c = conn;
    TRY(endpoint_connect(io, &t->endpoint, &c->fd, 0));
    int r = greet(io, c, t);
    if (r < 0) {
        vu_cause(io, c->cause ? c->cause : c->parser.wrong);
        vu_close(&c->fd);
    }
    return r;
}

/* The user's next message, without its line end. */
static int render(VuIo *io, NatsConn *c, const NatsRequest *r, Str *ret)
{
    if (buf_grow(&c->wire, &c->wire_cap, r->max) < 0)
        return -ENOMEM;
    Draw *d = vu_draw(io);
    char *to = c->wire, length[24];
    draw_next(d, NULL);
    /* The length stands before the payload: both are written apart, and moved together. */
    to += snprintf(to, HEAD_ROOM, "PUB ");
    to += template_render(r->subject, d, to);
    *to++ = ' ';
    if (r->reply)
        to += snprintf(to, NATS_INBOX_MAX, "%s ", c->inbox);
    ptrdiff_t n = template_render(r->payload, d, to + sizeof length);
    int digits = snprintf(length, sizeof length, "%td\r\n", n);
    memcpy(to, length, (size_t)digits);
    memmove(to + digits, to + sizeof length, (size_t)n);
    *ret = (Str){ c->wire, to + digits + n - c->wire };
    return 0;
}

static int send_request(VuIo *io, NatsConn *c, const NatsRequest *r)
{
    Str message = { 0 };
    if (r->subject)
        TRY(render(io, c, r, &message));
    const Str parts[] = { message, r->subject ? STR("\r\n") : STR(""),
                          r->reply ? STR("") : STR("PING\r\n") };
    return nats_send(io, c, parts, ARRAY_LEN(parts));
}

static int nats_call(VuIo *io, void *conn, const void *request, Outcome *out)
{
    NatsConn *c = conn;
    const NatsRequest *r = request;
    if (nats_catch_up(io, c) != 0)
        return CALL_STALE;
    const uint64_t *counter = r->reply ? &c->replies : &c->pongs;
    uint64_t until = *counter + 1;
    TRY(send_request(io, c, r));
    int e = nats_await(io, c, counter, until);
    if (e == -EACCES) { /* the server refused it, and may close */
        out->failed = out->close = true;
        out->fail = FAIL_STATUS;
        out->cause = c->cause;
        return 0;
    }
    if (e < 0) {
        out->cause = e == -EPROTO ? c->parser.wrong : NULL;
        return e;
    }
    out->failed = r->reply && c->status >= 400;
    out->fail = FAIL_STATUS;
    out->status = r->reply ? c->status : 0;
    return 0;
}

static void nats_close(VuIo *io, void *conn)
{
    NatsConn *c = conn;
    (void)io;
    free(c->wire);
    free(c->js);
    vu_close(&c->fd);
}

static int nats_hold(VuIo *io, void *conn)
{
    for (;;) {
        int r = nats_take(io, conn);
        TRY(r);
    }
}

const Driver driver_nats = {
    .abi = DRIVER_ABI,
    .name = "nats",
    .summary = "NATS: publications, requests, subjects with subscribers",
    .schemes = "nats tls",
    .request_key = "subject",
    .target_opts = nats_target_opts,
    .target_opts_bytes = sizeof(NatsTargetOpts),
    .request_opts = nats_request_opts,
    .request_opts_bytes = sizeof(NatsRequestOpts),
    .target_bytes = sizeof(NatsTarget),
    .request_bytes = sizeof(NatsRequest),
    .conn_bytes = sizeof(NatsConn),
    .prepare_target = nats_prepare_target,
    .prepare_request = nats_prepare_request,
    .prepare_step = nats_prepare_step,
    .open = nats_open,
    .call = nats_call,
    .close = nats_close,
    .release_request = nats_release_request,
    .release_target = nats_release_target,
    .hold = nats_hold,
    .stream = &nats_stream,
};
