/* Pipelines (RFC 9112, 9.3.2): requests are sent at once, replies come in their order, and an
 * operation is all of them. One reply that is not as expected fails it; the rest are read all the
 * same. A connection that ends before the last reply has lost the others' answers. */
#include <errno.h>
#include <string.h>

#include "drivers/http/http.h"

enum { PIPELINE_BYTES_MAX = 1 << 24 };

/* All that are alike, once. */
static int repeat(HttpRequest *r, Err *err)
{
    ptrdiff_t one = r->head.len + r->body.len;
    if (one * r->pipeline > PIPELINE_BYTES_MAX)
        return err_set(err, -EINVAL, "pipeline: %u requests of %td bytes are more than %d MiB",
                       r->pipeline, one, PIPELINE_BYTES_MAX >> 20);
    char *wire = arena_alloc(&r->arena, one * r->pipeline), *to = wire;
    for (uint32_t i = 0; i < r->pipeline; i++) {
        to = (char *)memcpy(to, r->head.ptr, (size_t)r->head.len) + r->head.len;
        if (r->body.len)
            to = (char *)memcpy(to, r->body.ptr, (size_t)r->body.len) + r->body.len;
    }
    r->pipelined = (Str){ wire, one * r->pipeline };
    return 0;
}

int http_pipeline_prepare(const HttpTarget *t, const HttpRequestOpts *o, HttpRequest *r, Err *err)
{
    r->pipeline = o->pipeline;
    if (o->pipeline == 1)
        return 0;
    if (t->version == HTTP_2)
        return err_set(err, -EINVAL,
                       "pipeline is for HTTP/1.1 (http: 1.1); over HTTP/2 users share a connection "
                       "by streams");
    if (r->look || r->redirects || r->cookies || r->sse.on || r->compressed || r->continue_ns)
        return err_set(err, -EINVAL,
                       "pipeline: replies are only counted and their status and text looked at; "
                       "leave out check, extract, cookies, redirects, sse, compressed and "
                       "continue_wait");
    return r->vary ? 0 : repeat(r, err);
}

/* Each takes a row and numbers of its own. */
static int render(VuIo *io, HttpConn *c, const HttpRequest *r, Str *ret)
{
    HttpBuffer *all = &c->hop[0];
    ptrdiff_t n = 0;
    for (uint32_t i = 0; i < r->pipeline; i++) {
        HttpRequest own;
        TRY(http_vary_next(io, c, r, &own));
        TRY(buf_grow(&all->ptr, &all->cap, n + own.head.len + own.body.len));
        memcpy(all->ptr + n, own.head.ptr, (size_t)own.head.len);
        n += own.head.len;
        if (own.body.len)
            memcpy(all->ptr + n, own.body.ptr, (size_t)own.body.len);
        n += own.body.len;
    }
    *ret = (Str){ all->ptr, n };
    return 0;
}

static int fail_with(Outcome *out, const char *cause, int code)
{
    out->cause = cause;
    return code;
}

/* Whole replies in `in`, one after the other. 0, or why the connection is of no use. */
static int take_replies(HttpConn *c, const HttpRequest *r, Str in, uint32_t *left,
                        HttpOneReply *on_reply, void *user, Outcome *out)
{
    while (in.len > 0) {
        ptrdiff_t used = 0;
        if (*left == 0)
            return fail_with(out, "bytes behind the end of the last reply", -EPROTO);
        int n = http_reply_feed(&c->reply, in, &used);
        if (n < 0)
            return fail_with(out, c->reply.wrong, n);
        if (n == HTTP_MORE)
            return 0;
        in = str_slice(in, used, in.len);
        on_reply(user);
        if (--*left == 0)
            continue;
        if (!c->reply.keep_alive)
            return fail_with(out, "closed before all requests were answered", -ECONNRESET);
        http_begin_reply(c, r);
    }
    return 0;
}

/* The end of the stream may be the last reply's. */
static int take_end(HttpConn *c, uint32_t *left, HttpOneReply *on_reply, void *user, Outcome *out)
{
    int n = http_reply_eof(&c->reply);
    if (n != HTTP_DONE || *left != 1)
        return fail_with(out, "closed before all requests were answered", -ECONNRESET);
    on_reply(user);
    *left = 0;
    return 0;
}

int http_pipeline_exchange(VuIo *io, HttpConn *c, const HttpRequest *r, HttpOneReply *on_reply,
                           void *user, Outcome *out)
{
    Str wire = r->pipelined;
    uint32_t left = r->pipeline;
    if (r->vary)
        TRY(render(io, c, r, &wire));
    TRY(vu_write_all(io, &c->fd, wire.ptr, wire.len));
    while (left > 0) {
        ptrdiff_t cap;
        char *buf = vu_scratch(io, &cap);
        ptrdiff_t n = vu_read(io, &c->fd, buf, cap);
        if (n < 0)
            return (int)n;
        TRY(n ? take_replies(c, r, (Str){ buf, n }, &left, on_reply, user, out)
              : take_end(c, &left, on_reply, user, out));
    }
    return 0;
}
