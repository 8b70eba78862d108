#include "drivers/http/http.h"

#include <errno.h>
#include <stdlib.h>

static const char *const http_versions[] = { "1.1", "2", "auto", NULL };
static const char *const cookie_choices[] = { "auto", "yes", "no", NULL };

static const RequestShort http_shorts[] = {
    { "get", "path", "method", "GET" },
    { "head", "path", "method", "HEAD" },
    { "post", "path", "method", "POST" },
    { "put", "path", "method", "PUT" },
    { "patch", "path", "method", "PATCH" },
    { "delete", "path", "method", "DELETE" },
    { "options", "path", "method", "OPTIONS" },
    { "json", "json_body", NULL, NULL },
    { NULL, NULL, NULL, NULL },
};

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
    OPT(HttpRequestOpts, json_body, STR, .arg = "JSON", .json = true,
        .help = "request body that must be JSON, sent as it stands with its Content-Type"),
    OPT(HttpRequestOpts, form, MAP, .arg = "NAME=VALUE",
        .help = "request body of form fields, as a browser sends them"),
    OPT(HttpRequestOpts, multipart, MAP, .arg = "NAME=VALUE",
        .help = "request body of parts (multipart/form-data); a value @FILE is a file's content"),
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
    OPT(HttpRequestOpts, check, MAP, .arg = "WHAT=WANTED",
        .help = "what the reply must hold: status, body (contains), json /POINTER, header NAME "
                "(contains), cookie NAME, form FIELD, regex PATTERN (yes, or what it finds), size "
                "and time (< or > a limit)"),
    OPT(HttpRequestOpts, extract, MAP, .arg = "NAME=SOURCE",
        .help = "scenarios: values for later steps' ${NAME}, from json /POINTER, header NAME, "
                "cookie NAME, form FIELD, regex PATTERN or body"),
    OPT(HttpRequestOpts, keep_max, BYTES, .dflt = "1MiB", .min = 1, .max = 1 << 30,
        .help = "most of a reply's body that is kept to look into; more fails the check"),
    OPT(HttpRequestOpts, cookies, ENUM, .dflt = "auto", .choices = cookie_choices,
        .help = "keep and send cookies, each user its own; auto: in scenarios"),
    OPT(HttpRequestOpts, redirects, U32, .dflt = "0", .max = 100,
        .help = "follow so many redirects within the operation; 0: a redirect is the reply"),
    OPT(HttpRequestOpts, compressed, BOOL, .dflt = "no",
        .help = "ask for compressed replies (gzip, deflate); checks and extract look at what they "
                "stand for, sizes are those on the wire"),
    OPT(HttpRequestOpts, continue_wait, NS, .dflt = "0", .min = 0, .max = 6e10,
        .help = "HTTP/1.1: send a body when the target gives leave (Expect: 100-continue), or "
                "after this time all the same; 0: at once"),
    OPT(HttpRequestOpts, pipeline, U32, .dflt = "1", .min = 1, .max = 1 << 16,
        .help = "HTTP/1.1: requests sent at once; the operation lasts until the last reply"),
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
    c->target = t;
    if (c->is_2)
        return http2_open(io, t, &c->h2);
    return endpoint_connect(io, &t->endpoint, &c->fd, HTTP_TLS_TIME);
}

static void http_close(VuIo *io, void *conn)
{
    HttpConn *c = conn;
    (void)io;
    free(c->wire.ptr);
    free(c->hop[0].ptr);
    free(c->hop[1].ptr);
    free(c->tail.ptr);
    seen_done(&c->seen);
    unpack_free(c->unpack);
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

static void keep_head(void *user, Str piece)
{
    seen_head(user, piece);
}

static void search_body(HttpConn *c, Str piece)
{
    Str needle = c->request->needle;
    const ptrdiff_t *fail = c->request->fail;
    for (ptrdiff_t i = 0; i < piece.len && c->matched < needle.len; i++) {
        while (c->matched > 0 && piece.ptr[i] != needle.ptr[c->matched])
            c->matched = fail[c->matched - 1];
        c->matched += piece.ptr[i] == needle.ptr[c->matched];
    }
}

static void look_at_body(void *user, Str piece)
{
    HttpConn *c = user;
    const HttpRequest *r = c->request;
    if (r->needle.len)
        search_body(c, piece);
    if (http_look_at_body(r->look))
        seen_body(&c->seen, piece, http_look_body_max(r->look));
}

/* Its head has come before it. */
static void learn_coding(HttpConn *c)
{
    ptrdiff_t at = 0;
    c->coding_known = true;
    c->coding = http_coding(seen_field(&c->seen, STR("content-encoding"), &at));
    if (c->coding == CODING_OTHER)
        c->unpackable = "the body's Content-Encoding is none that was asked for";
    else if (c->coding != CODING_NONE && unpack_begin(&c->unpack, c->coding) < 0)
        c->unpackable = "no memory to decompress the body";
}

static void look_at_packed(void *user, Str piece)
{
    HttpConn *c = user;
    if (!c->coding_known)
        learn_coding(c);
    if (c->unpackable)
        return;
    if (c->coding == CODING_NONE)
        look_at_body(c, piece);
    else
        c->unpackable = unpack_feed(c->unpack, piece, look_at_body, c);
}

/* Why a whole body can't be looked into; NULL: it can. */
static const char *packing_wrong(const HttpConn *c)
{
    bool packed = c->coding_known && c->coding != CODING_NONE;
    return c->unpackable || !packed ? c->unpackable : unpack_end(c->unpack);
}

void http_begin_reply(HttpConn *c, const HttpRequest *r)
{
    HttpReply *p = &c->reply;
    http_reply_begin(p, r->is_head, r->head_max);
    c->request = r;
    c->matched = 0;
    c->coding_known = false;
    c->unpackable = NULL;
    if (r->needle.len || http_look_at_body(r->look)) {
        p->on_body = r->compressed ? look_at_packed : look_at_body;
        p->user = c;
    }
    if (!r->look && !r->cookies && !r->redirects && !r->compressed)
        return;
    seen_begin(&c->seen);
    if (r->cookies || r->redirects || r->compressed || http_look_at_head(r->look)) {
        p->on_head = keep_head;
        p->head_user = &c->seen;
    }
}

static struct iovec piece(Str s)
{
    union {
        const char *from;
        void *to;
    } u = { s.ptr };
    return (struct iovec){ u.to, (size_t)s.len };
}

int http_send(VuIo *io, HttpConn *c, const HttpRequest *r)
{
    if (!r->body.len && !r->tail.len)
        return vu_write_all(io, &c->fd, r->head.ptr, r->head.len);
    Str head = r->tail.len ? str_slice(r->head, 0, r->head.len - 2) : r->head;
    struct iovec iov[3] = { piece(head) };
    int n = 1;
    if (r->tail.len)
        iov[n++] = piece(r->tail);
    if (r->body.len)
        iov[n++] = piece(r->body);
    return vu_writev_all(io, &c->fd, iov, n);
}

static int fail_with(Outcome *out, const char *cause, int code)
{
    out->cause = cause;
    return code;
}

/* Read into the thread's shared buffer: the parser keeps what it needs, so a body of any size costs
 * no memory, and stops at the message's end without asking whether more comes. What stands behind
 * that end in the same read is part of no reply: the target and we disagree about its length. */
int http_receive_some(VuIo *io, HttpConn *c, Outcome *out)
{
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
    return r;
}

int http_receive_reply(VuIo *io, HttpConn *c, Outcome *out)
{
    int r;
    do
        r = http_receive_some(io, c, out);
    while (r == HTTP_MORE);
    return r;
}

static bool status_expected(const HttpRequest *r, int status)
{
    for (ptrdiff_t i = 0; i < r->n_expect; i++)
        if (status >= r->expect[i].low && status <= r->expect[i].high)
            return true;
    return r->n_expect == 0 && status < 400;
}

int http_exchange(VuIo *io, HttpConn *c, const HttpRequest *r, Outcome *out)
{
    if (c->is_2)
        return http2_exchange(io, &c->h2, r, &c->reply, out);
    int done = r->continue_ns && r->body.len ? http_ask_leave(io, c, r, out) : http_send(io, c, r);
    if (done == 0)
        done = http_receive_reply(io, c, out);
    return done == HTTP_DONE ? 0 : done;
}

static int exchange(VuIo *io, HttpConn *c, const HttpRequest *r, Outcome *out)
{
    if (!c->is_2 && !vu_is_clean(&c->fd))
        return CALL_STALE;
    return http_needs_own(r) ? http_own_exchange(io, c, r, out) : http_exchange(io, c, r, out);
}

static FailClass class_of(int status)
{
    return status == 401 ? FAIL_UNAUTHORIZED : status == 403 ? FAIL_FORBIDDEN : FAIL_STATUS;
}

/* What is wrong with a whole reply whose status is as expected; NULL: nothing. */
static const char *look(VuIo *io, HttpConn *c, const HttpRequest *r, const Outcome *out)
{
    const char *packing = packing_wrong(c);
    if (packing)
        return packing;
    if (r->needle.len && c->matched < r->needle.len)
        return "expect_body: the text is not in the reply";
    const HttpLookReply reply = {
        .seen = &c->seen, .jar = http_jar(io, r), .out = out, .body_bytes = c->reply.body_bytes
    };
    return r->look ? http_look(r->look, io, &reply) : NULL;
}

static void judge(VuIo *io, HttpConn *c, const HttpRequest *r, Outcome *out)
{
    bool expected = status_expected(r, out->status);
    if (out->failed && expected)
        return;
    const char *wrong = expected ? look(io, c, r, out) : NULL;
    out->failed = !expected || wrong;
    out->fail = expected ? FAIL_CHECK : class_of(out->status);
    out->cause = wrong;
}

/* ---- pipelines ---- */

typedef struct Pipeline {
    VuIo *io;
    HttpConn *c;
    const HttpRequest *r;
    Outcome *out; /* of all: the first failure's */
    uint32_t good;
} Pipeline;

static void judge_one(void *user)
{
    Pipeline *p = user;
    Outcome own = { .status = p->c->reply.status };
    judge(p->io, p->c, p->r, &own);
    p->good += !own.failed;
    if (p->out->failed)
        return;
    p->out->status = own.status;
    p->out->failed = own.failed;
    p->out->fail = own.fail;
    p->out->cause = own.cause;
}

static int call_pipeline(VuIo *io, HttpConn *c, const HttpRequest *r, Outcome *out)
{
    Pipeline p = { io, c, r, out, 0 };
    if (!vu_is_clean(&c->fd))
        return CALL_STALE;
    int n = http_pipeline_exchange(io, c, r, judge_one, &p, out);
    vu_record(io, HTTP_REQUESTS, p.good);
    c->n_requests += r->pipeline;
    out->close = !c->reply.keep_alive || (c->requests_max && c->n_requests >= c->requests_max);
    return n;
}

static int http_call(VuIo *io, void *conn, const void *request, Outcome *out)
{
    HttpConn *c = conn;
    const HttpRequest *r = request;
    http_begin_reply(c, r);
    if (r->pipeline > 1)
        return call_pipeline(io, c, r, out);
    if (r->sse.on)
        sse_stream_begin(&c->sse, &r->sse, io, &c->reply, out);
    int n = exchange(io, c, r, out);
    if (r->sse.on)
        n = sse_stream_end(&c->sse, n);
    if (n != 0)
        return n;
    out->status = c->reply.status;
    out->close = !c->reply.keep_alive || ++c->n_requests == c->requests_max;
    judge(io, c, r, out);
    return 0;
}

static void http_clear_session(void *session)
{
    jar_clear(&((HttpSession *)session)->jar);
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
    .prepare_step = http_prepare_step,
    .session_bytes = sizeof(HttpSession),
    .clear_session = http_clear_session,
    .shorts = http_shorts,
    .prepare_replay = http_prepare_replay,
};
