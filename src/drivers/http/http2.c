#include "drivers/http/http2.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/http/http2_link.h"

bool http2_built_in(void)
{
    return true;
}

/* ---- connection ---- */

static Http2Pool *pool_new(void)
{
    Http2Pool *p = calloc(1, sizeof *p);
    if (!p || nghttp2_session_callbacks_new(&p->callbacks) != 0) {
        free(p);
        return NULL;
    }
    link_set_callbacks(p->callbacks);
    mem_pool_init(&p->mem);
    return p;
}

void http2_release_shared(void *shared)
{
    Http2Pool *p = ((Http2Shared *)shared)->pool;
    if (!p)
        return;
    assert(!p->links);
    nghttp2_session_callbacks_del(p->callbacks);
    mem_pool_done(&p->mem);
    free(p);
}

static int make_link(VuIo *io, Http2Pool *p, const HttpTarget *t, Http2Stream *s)
{
    Http2Link *l = link_new(p, t->streams);
    if (!l)
        return -ENOMEM;
    link_join(l, s, io);
    int r = link_connect(io, l, t);
    if (r < 0)
        link_leave(s);
    return r;
}

/* Wait until whoever connects is through. OPEN_JOINED; 0: there is no room after all; negative. */
static int join_link(VuIo *io, Http2Link *l, Http2Stream *s)
{
    int r = 0;
    link_join(l, s, io);
    s->done = false;
    waiters_add(&l->waiters, &s->wait);
    while (r == 0 && l->state == LINK_CONNECTING)
        r = vu_park(io);
    waiters_leave(&l->waiters, &s->wait);
    if (r == 0 && l->state == LINK_DEAD)
        r = l->error;
    uint32_t most =
        nghttp2_session_get_remote_settings(l->ng, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
    bool room = l->state == LINK_UP && l->n_users <= most;
    if (r < 0 || !room) {
        link_leave(s);
        return r;
    }
    return OPEN_JOINED;
}

int http2_open(VuIo *io, const HttpTarget *t, Http2Stream *s)
{
    Http2Shared *shared = vu_shared(io);
    Http2Pool *p = shared->pool ? shared->pool : (shared->pool = pool_new());
    if (!p)
        return -ENOMEM;
    for (;;) {
        Http2Link *l = link_find(p);
        if (!l)
            return make_link(io, p, t, s);
        int r = join_link(io, l, s);
        if (r != 0)
            return r;
    }
}

void http2_close(Http2Stream *s)
{
    if (s->link)
        link_leave(s);
}

int http2_hold(VuIo *io, Http2Stream *s)
{
    Http2Link *l = s->link;
    int r = 0;
    s->done = false;
    waiters_add(&l->waiters, &s->wait);
    while (r == 0 && l->state == LINK_UP)
        r = link_wait(io, l);
    waiters_leave(&l->waiters, &s->wait);
    return r < 0 ? r : -ECONNRESET;
}

/* ---- exchange ---- */

static ssize_t read_body(nghttp2_session *ng, int32_t id, uint8_t *buf, size_t cap, uint32_t *flags,
                         nghttp2_data_source *source, void *user)
{
    (void)source;
    (void)user;
    Http2Stream *s = nghttp2_session_get_stream_user_data(ng, id);
    if (!s) /* its user has gone */
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    size_t n = MIN(cap, (size_t)(s->body.len - s->body_at));
    memcpy(buf, s->body.ptr + s->body_at, n);
    s->body_at += (ptrdiff_t)n;
    if (s->body_at == s->body.len)
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    return (ssize_t)n;
}

/* nghttp2 copies names and values when it takes them, so the request may change right after. */
static int submit(Http2Link *l, Http2Stream *s, const HttpRequest *r)
{
    nghttp2_nv nv[HTTP2_FIELDS_MAX];
    for (int i = 0; i < r->n_fields; i++) {
        union {
            const char *from;
            uint8_t *to; /* not written to */
        } name = { r->fields[i].name.ptr }, value = { r->fields[i].value.ptr };
        nv[i] = (nghttp2_nv){ name.to, value.to, (size_t)r->fields[i].name.len,
                              (size_t)r->fields[i].value.len, NGHTTP2_NV_FLAG_NONE };
    }
    nghttp2_data_provider body = { .read_callback = read_body };
    int32_t id =
        nghttp2_submit_request(l->ng, NULL, nv, (size_t)r->n_fields, r->body.len ? &body : NULL, s);
    s->id = MAX(id, 0);
    if (id != NGHTTP2_ERR_STREAM_ID_NOT_AVAILABLE)
        return id > 0 ? 0 : -ENOMEM;
    l->state = LINK_DRAINING;
    return CALL_STALE;
}

/* The user leaves before the reply is whole: the target need not go on. */
static void abandon(VuIo *io, Http2Link *l, Http2Stream *s, int r)
{
    if (l->state == LINK_DEAD)
        return;
    nghttp2_session_set_stream_user_data(l->ng, s->id, NULL);
    nghttp2_submit_rst_stream(l->ng, NGHTTP2_FLAG_NONE, s->id, NGHTTP2_CANCEL);
    s->id = 0;
    if (r != -ECANCELED)
        link_flush(io, l);
}

static int await_reply(VuIo *io, Http2Link *l, Http2Stream *s)
{
    int r = 0;
    while (r == 0 && !s->done)
        r = link_wait(io, l);
    waiters_leave(&l->waiters, &s->wait);
    if (s->done)
        return s->result;
    abandon(io, l, s, r);
    return r;
}

int http2_exchange(VuIo *io, Http2Stream *s, const HttpRequest *r, HttpReply *reply, Outcome *out)
{
    Http2Link *l = s->link;
    if (!l->waiters.reader)
        link_poll(io, l); /* a GOAWAY that came while nobody read */
    if (l->state != LINK_UP)
        return CALL_STALE;
    s->out = out;
    s->reply = reply;
    s->body = r->body;
    s->body_at = 0;
    s->head_bytes = 0;
    s->done = s->peer_rst = false;
    int n = submit(l, s, r);
    if (n == 0) {
        waiters_add(&l->waiters, &s->wait);
        link_flush_together(io, l);
        n = await_reply(io, l, s);
    }
    s->out = NULL;
    s->reply = NULL;
    if (n == CALL_STALE)
        *out = (Outcome){ 0 };
    reply->keep_alive = l->state == LINK_UP;
    return n;
}
