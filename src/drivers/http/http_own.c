/* Requests of one operation's own: rendered from templates, with the user's cookies, followed where
 * replies send them. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "drivers/http/http.h"

static HttpJar *jar_of(VuIo *io, const HttpRequest *r)
{
    HttpSession *s = r->cookies ? vu_session(io) : NULL;
    return s ? &s->jar : NULL;
}

const HttpJar *http_jar(VuIo *io, const HttpRequest *r)
{
    return jar_of(io, r);
}

bool http_needs_own(const HttpRequest *r)
{
    return r->vary || r->replay || r->redirects || r->cookies;
}

/* ---- cookies ---- */

/* The head's last line end makes room for one more line. */
static int add_cookies(HttpJar *jar, HttpConn *c, HttpRequest *own)
{
    Str line;
    own->tail = (Str){ 0 };
    if (!jar || !jar->n)
        return 0;
    TRY(jar_line(jar, http_own_path(own->head), c->target->endpoint.tls != NULL, &line));
    if (!line.len)
        return 0;
    ptrdiff_t need = line.len + 16;
    TRY(buf_grow(&c->tail.ptr, &c->tail.cap, need));
    int n = snprintf(c->tail.ptr, (size_t)need, "Cookie: " STR_FMT "\r\n\r\n", STR_ARG(line));
    own->tail = (Str){ c->tail.ptr, n };
    return 0;
}

static int take_cookies(HttpJar *jar, const HttpConn *c, const HttpRequest *own)
{
    Str path = http_own_path(own->head), value;
    ptrdiff_t at = 0;
    while (jar && (value = seen_field(&c->seen, STR("set-cookie"), &at)).ptr)
        TRY(jar_take(jar, value, path, (int64_t)(clock_wall_ns() / NS_PER_S)));
    return 0;
}

/* ---- HTTP/2 ---- */

/* Fields of the head as it came to be; names change to lower case, so that a shared head, which
 * others read, is left to the fields that were made from it before. */
static int make_fields(const HttpConn *c, const HttpRequest *r, HttpRequest *own,
                       Http2Field fields[HTTP2_FIELDS_MAX])
{
    if (!c->is_2)
        return 0;
    union {
        const char *from;
        char *to;
    } head = { own->head.ptr };
    if (own->head.ptr == r->head.ptr)
        memcpy(fields, r->fields, (size_t)r->n_fields * sizeof *fields);
    else
        own->n_fields = http2_fields(head.to, own->head.len, c->target->scheme, fields);
    if (own->n_fields < 0)
        return own->n_fields;
    own->fields = fields;
    if (!own->tail.len)
        return 0;
    if (own->n_fields == HTTP2_FIELDS_MAX)
        return -E2BIG;
    Str value = str_slice(own->tail, 8, own->tail.len - 4);
    fields[own->n_fields++] = (Http2Field){ STR("cookie"), value };
    return 0;
}

/* ---- exchanges ---- */

static int one(VuIo *io, HttpConn *c, const HttpRequest *r, HttpRequest *own, Outcome *out)
{
    Http2Field fields[HTTP2_FIELDS_MAX];
    HttpJar *jar = jar_of(io, r);
    TRY(add_cookies(jar, c, own));
    TRY(make_fields(c, r, own, fields));
    int n = http_exchange(io, c, own, out);
    return n == 0 ? take_cookies(jar, c, own) : n;
}

/* The connection for the next request of the same operation. */
static int keep_connection(VuIo *io, HttpConn *c)
{
    if (c->is_2 || (c->reply.keep_alive && vu_is_clean(&c->fd)))
        return 0;
    vu_close(&c->fd);
    return endpoint_connect(io, &c->target->endpoint, &c->fd, HTTP_TLS_TIME);
}

int http_own_exchange(VuIo *io, HttpConn *c, const HttpRequest *r, Outcome *out)
{
    HttpRequest own = *r;
    const char *wrong = NULL;
    if (r->vary)
        TRY(http_vary_next(io, c, r, &own));
    if (r->replay) {
        TRY(http_replay_next(io, c, r, &own));
        http_begin_reply(c, &own); /* its method decides whether a body comes */
    }
    int n = one(io, c, r, &own, out);
    for (uint32_t hops = 0; n == 0 && r->redirects && http_is_redirect(c->reply.status); hops++) {
        if (hops == r->redirects)
            wrong = "more redirects than allowed";
        else
            TRY(http_hop(c, &own, &wrong));
        if (wrong)
            break;
        TRY(keep_connection(io, c));
        http_begin_reply(c, &own);
        n = one(io, c, r, &own, out);
        n = n == CALL_STALE ? -ECONNRESET : n;
    }
    out->failed |= wrong != NULL;
    out->fail = wrong ? FAIL_CHECK : out->fail;
    out->cause = wrong ? wrong : out->cause;
    return n;
}
