#include "drivers/http/http.h"

#include <errno.h>
#include <stdlib.h>

static const char *const http_versions[] = { "1.1", "2", "auto", NULL };

static const Opt http_target_opts[] = {
    OPT(HttpTargetOpts, url, STR, .required = true,
        .help = "http:// or https://host:port/path of the target"),
    OPT(HttpTargetOpts, connect_to, STR, .arg = "HOST:PORT",
        .help =
            "connect there (or to unix:/path) instead of the URL's host, which stays in the Host "
            "header"),
    OPT(HttpTargetOpts, common_headers, MAP, .help = "headers of every request to this target"),
    OPT(HttpTargetOpts, user_agent, STR, .dflt = "assay/" ASSAY_VERSION,
        .help = "what the User-Agent header says"),
    OPT(HttpTargetOpts, head_max, BYTES, .dflt = "64KiB", .min = 1024, .max = 1 << 24,
        .help = "largest reply head; more counts as a protocol failure"),
    OPT(HttpTargetOpts, http, ENUM, .dflt = "auto", .choices = http_versions,
        .help =
            "version: 1.1, 2 (without TLS by prior knowledge), or what the TLS handshake gives"),
    OPT(HttpTargetOpts, streams, U32, .dflt = "1", .min = 1, .max = 1 << 20,
        .help = "HTTP/2: users that share one connection, never more than the target allows"),
    OPT(HttpTargetOpts, requests_per_connection, U32, .dflt = "0", .max = UINT32_MAX,
        .help = "HTTP/1.1: close a connection after so many requests; 1: a new one for each; 0: "
                "never"),
    OPT(HttpTargetOpts, source, LIST, .arg = "ADDRESS",
        .help = "addresses of this host to connect from, user after user in turn: each has its own "
                "64 thousand ports"),
    TLS_ROWS(HttpTargetOpts),
    { .type = OPT_END },
};

static const Opt http_request_opts[] = {
    OPT(HttpRequestOpts, method, STR,
        .help = "request method; without it GET, or POST with json_body"),
    OPT(HttpRequestOpts, path, STR,
        .help = "path and query, put behind the URL's own path; without it the URL's stands"),
    OPT(HttpRequestOpts, headers, MAP,
        .help = "request headers; replace the target's and the default ones"),
    OPT(HttpRequestOpts, header, LIST, .letter = 'H', .arg = "'NAME: VALUE'",
        .help = "one more request header, as curl takes it"),
    OPT(HttpRequestOpts, body, STR, .help = "request body"),
    OPT(HttpRequestOpts, body_file, STR, .arg = "FILE", .help = "request body from a file"),
    OPT(HttpRequestOpts, json_body, STR, .arg = "JSON",
        .help = "request body that must be JSON, sent as it stands with its Content-Type"),
    OPT(HttpRequestOpts, feed, STR, .arg = "FILE",
        .help =
            "rows (CSV with a line of names, or .jsonl) for ${feed.COLUMN} in path, headers and "
            "body"),
    OPT(HttpRequestOpts, feed_order, ENUM, .dflt = "circular", .choices = feed_orders,
        .help = "which row an operation takes: the next one, any, or one of its user's own"),
    OPT(HttpRequestOpts, cookie, LIST, .arg = "NAME=VALUE", .secret = true,
        .help = "cookie that every request sends"),
    OPT(HttpRequestOpts, user, STR, .arg = "NAME:PASSWORD", .secret = true,
        .help = "log in with each request by basic authentication"),
    OPT(HttpRequestOpts, bearer, STR, .arg = "TOKEN", .secret = true,
        .help = "log in with each request by a bearer token"),
    OPT(HttpRequestOpts, expect_status, LIST,
        .help = "statuses that are success (200, 2xx, 200-204); default: all below 400"),
    OPT(HttpRequestOpts, expect_body, STR,
        .help = "text that the reply's body must contain, else the operation fails its check"),
    OPT(HttpRequestOpts, sse, BOOL, .dflt = "no",
        .help =
            "the reply is a stream of server-sent events, and the operation lasts until it ends"),
    OPT(HttpRequestOpts, sse_events, U64, .dflt = "0",
        .help = "end a stream of events after so many of them; 0: when the target ends it"),
    OPT(HttpRequestOpts, sse_duration, NS, .dflt = "0", .min = 0, .max = 8.64e13,
        .help = "end a stream of events after this time (shorter than the timeout); 0: don't"),
    OPT(HttpRequestOpts, sse_until, STR,
        .help = "end a stream of events with the first whose data contains this text"),
    { .type = OPT_END },
};

static int http_open(VuIo *io, const void *target, void *conn)
{
    const HttpTarget *t = target;
    HttpConn *c = conn;
    c->is_2 = t->version == HTTP_2;
    c->requests_max = t->requests_max;
    if (c->is_2)
        return http2_open(io, t, &c->h2);
    return endpoint_connect(io, &t->endpoint, &c->fd, HTTP_TLS_TIME);
}

static void http_close(VuIo *io, void *conn)
{
    HttpConn *c = conn;
    (void)io;
    free(c->wire);
    if (c->is_2)
        http2_close(&c->h2);
    else
        vu_close(&c->fd);
}

static int http_hold(VuIo *io, void *conn)
{
    HttpConn *c = conn;
    if (c->is_2)
        return http2_hold(io, &c->h2);
    return endpoint_hold(io, &c->fd);
}

static void search_body(void *user, Str piece)
{
    HttpConn *c = user;
    Str needle = c->request->needle;
    const ptrdiff_t *fail = c->request->fail;
    for (ptrdiff_t i = 0; i < piece.len && c->matched < needle.len; i++) {
        while (c->matched > 0 && piece.ptr[i] != needle.ptr[c->matched])
            c->matched = fail[c->matched - 1];
        c->matched += piece.ptr[i] == needle.ptr[c->matched];
    }
}

static int send_request(VuIo *io, HttpConn *c, const HttpRequest *r)
{
    if (!r->body.len)
        return vu_write_all(io, &c->fd, r->head.ptr, r->head.len);
    union {
        const char *from;
        void *to;
    } head = { r->head.ptr }, body = { r->body.ptr };
    struct iovec iov[] = { { head.to, (size_t)r->head.len }, { body.to, (size_t)r->body.len } };
    return vu_writev_all(io, &c->fd, iov, 2);
}

static int fail_with(Outcome *out, const char *cause, int code)
{
    out->cause = cause;
    return code;
}

/* Read into the thread's shared buffer: the parser keeps what it needs, so a body of any size costs
 * no memory, and stops at the message's end without asking whether more comes. What stands behind
 * that end in the same read is part of no reply: the target and we disagree about its length. */
static int receive_reply(VuIo *io, HttpConn *c, Outcome *out)
{
    for (;;) {
        ptrdiff_t cap, used = 0;
        char *buf = vu_scratch(io, &cap);
        ptrdiff_t n = vu_read(io, &c->fd, buf, cap);
        if (n < 0)
            return (int)n;
        int r = n ? http_reply_feed(&c->reply, (Str){ buf, n }, &used) : http_reply_eof(&c->reply);
        if (r >= 0 && c->reply.enough && r != HTTP_DONE)
            c->reply.keep_alive = false;
        if (r >= 0 && c->reply.enough)
            return HTTP_DONE;
        if (r == HTTP_DONE && used < n)
            return fail_with(out, "bytes behind the end of the reply", -EPROTO);
        if (r < 0)
            return fail_with(out, n ? c->reply.wrong : "closed before the reply was complete", r);
        if (r != HTTP_MORE)
            return r;
    }
}

static bool status_expected(const HttpRequest *r, int status)
{
    for (ptrdiff_t i = 0; i < r->n_expect; i++)
        if (status >= r->expect[i].low && status <= r->expect[i].high)
            return true;
    return r->n_expect == 0 && status < 400;
}

static int exchange_same(VuIo *io, HttpConn *c, const HttpRequest *r, Outcome *out)
{
    if (c->is_2)
        return http2_exchange(io, &c->h2, r, &c->reply, out);
    TRY(send_request(io, c, r));
    int done = receive_reply(io, c, out);
    return done == HTTP_DONE ? 0 : done;
}

/* A function of its own: its frame takes more than a page of the user's stack. */
static __attribute__((noinline)) int exchange_varying(VuIo *io, HttpConn *c, const HttpRequest *r,
                                                      Outcome *out)
{
    HttpRequest own;
    Http2Field fields[HTTP2_FIELDS_MAX];
    TRY(http_vary_next(io, c, r, &own, fields));
    return exchange_same(io, c, &own, out);
}

static int exchange(VuIo *io, HttpConn *c, const HttpRequest *r, Outcome *out)
{
    if (!c->is_2 && !vu_is_clean(&c->fd))
        return CALL_STALE;
    return r->vary ? exchange_varying(io, c, r, out) : exchange_same(io, c, r, out);
}

static int http_call(VuIo *io, void *conn, const void *request, Outcome *out)
{
    HttpConn *c = conn;
    const HttpRequest *r = request;
    http_reply_begin(&c->reply, r->is_head, r->head_max);
    if (r->needle.len) {
        c->request = r;
        c->matched = 0;
        c->reply.on_body = search_body;
        c->reply.user = c;
    }
    if (r->sse.on)
        sse_stream_begin(&c->sse, &r->sse, io, &c->reply, out);
    int n = exchange(io, c, r, out);
    if (r->sse.on)
        n = sse_stream_end(&c->sse, n);
    if (n != 0)
        return n;
    out->status = c->reply.status;
    out->close = !c->reply.keep_alive || ++c->n_requests == c->requests_max;
    if (out->failed && status_expected(r, out->status))
        return 0;
    bool wrong_body = r->needle.len && c->matched < r->needle.len;
    out->failed = wrong_body || !status_expected(r, out->status);
    out->fail = status_expected(r, out->status) ? FAIL_CHECK : FAIL_STATUS;
    return 0;
}

const Driver driver_http = {
    .abi = DRIVER_ABI,
    .name = "http",
    .summary = "HTTP/1.1 and HTTP/2 over persistent connections",
    .schemes = "http https",
    .request_key = "path",
    .target_opts = http_target_opts,
    .target_opts_bytes = sizeof(HttpTargetOpts),
    .request_opts = http_request_opts,
    .request_opts_bytes = sizeof(HttpRequestOpts),
    .target_bytes = sizeof(HttpTarget),
    .request_bytes = sizeof(HttpRequest),
    .conn_bytes = sizeof(HttpConn),
    .prepare_target = http_prepare_target,
    .prepare_request = http_prepare_request,
    .open = http_open,
    .call = http_call,
    .close = http_close,
    .release_request = http_release_request,
    .release_target = http_release_target,
    .hold = http_hold,
    .shared_bytes = sizeof(Http2Shared),
    .release_shared = http2_release_shared,
    .metrics = http_metrics,
};
