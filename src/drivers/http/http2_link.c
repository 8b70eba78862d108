#include "drivers/http/http2_link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    STREAM_WINDOW = 1 << 20, /* a body flows without waiting for us */
    LINK_WINDOW = 1 << 24,
    FRAME_ROOM = 16 * 1024 + 9, /* the most that nghttp2 gives at once */
};

/* ---- who waits ---- */

void stream_end(Http2Stream *s, int result, const char *cause)
{
    if (s->done)
        return;
    s->done = true;
    s->result = result;
    if (s->out) {
        s->out->done_ns = s->link->now_ns;
        s->out->cause = cause;
    }
    if (s->id) /* whatever comes for it now is nobody's */
        nghttp2_session_set_stream_user_data(s->link->ng, s->id, NULL);
    s->id = 0;
    waiters_take(&s->link->waiters, &s->wait);
    vu_wake(s->wait.io); /* may be the reader that runs now: then it sees for itself */
}

void link_kill(Http2Link *l, int error, const char *cause)
{
    if (l->state == LINK_DEAD)
        return;
    l->state = LINK_DEAD;
    l->error = error;
    l->cause = cause;
    vu_close(&l->fd);
    while (l->waiters.head)
        stream_end((Http2Stream *)(void *)l->waiters.head, error, cause);
}

/* ---- bytes ---- */

static bool write_rest(Http2Link *l)
{
    while (l->rest_at < l->rest_bytes) {
        ptrdiff_t n = vu_try_write(&l->fd, l->rest + l->rest_at, l->rest_bytes - l->rest_at);
        if (n < 0)
            link_kill(l, (int)n, NULL);
        if (n <= 0)
            return false;
        l->rest_at += n;
    }
    free(l->rest);
    l->rest = NULL;
    l->rest_at = l->rest_bytes = 0;
    return true;
}

/* Keep what the socket did not take. Slow targets only, so that it may allocate. */
static void keep_rest(Http2Link *l, const char *from, ptrdiff_t n)
{
    l->rest = malloc((size_t)n);
    if (!l->rest) {
        link_kill(l, -ENOMEM, NULL);
        return;
    }
    memcpy(l->rest, from, (size_t)n);
    l->rest_bytes = n;
}

/* Fill the buffer with frames. Bytes, or negative. */
static ptrdiff_t gather(Http2Link *l)
{
    char *buf = l->pool->buf;
    ptrdiff_t n = 0;
    while (LINK_BUF_BYTES - n >= FRAME_ROOM) {
        const uint8_t *frame;
        ssize_t got = nghttp2_session_mem_send(l->ng, &frame);
        if (got < 0)
            return -EPROTO;
        if (got == 0)
            break;
        assert(got <= FRAME_ROOM);
        memcpy(buf + n, frame, (size_t)got);
        n += got;
    }
    return n;
}

void link_flush(VuIo *io, Http2Link *l)
{
    while (l->state != LINK_DEAD && write_rest(l) && nghttp2_session_want_write(l->ng)) {
        l->now_ns = vu_now(io);
        ptrdiff_t n = gather(l);
        if (n < 0)
            link_kill(l, (int)n, "nghttp2 could not make a frame");
        if (n <= 0)
            return;
        ptrdiff_t sent = vu_try_write(&l->fd, l->pool->buf, n);
        if (sent < 0)
            link_kill(l, (int)sent, NULL);
        else if (sent < n)
            keep_rest(l, l->pool->buf + sent, n - sent);
    }
}

void link_flush_together(VuIo *io, Http2Link *l)
{
    if (l->flush_due)
        return;
    l->flush_due = true;
    vu_yield(io);
    l->flush_due = false;
    link_flush(io, l);
}

/* A session that wants nothing more has ended: by an error of either side, or by GOAWAY with no
 * stream left. */
static void look_for_end(Http2Link *l)
{
    if (l->state == LINK_DEAD)
        return;
    if (!nghttp2_session_want_read(l->ng) && !nghttp2_session_want_write(l->ng))
        link_kill(l, l->error ? l->error : -ECONNRESET, l->cause);
}

static void feed(VuIo *io, Http2Link *l, const char *bytes, ptrdiff_t n)
{
    l->now_ns = vu_now(io);
    ssize_t used = nghttp2_session_mem_recv(l->ng, (const uint8_t *)bytes, (size_t)n);
    if (used < 0)
        link_kill(l, -EPROTO, nghttp2_strerror((int)used));
    link_flush(io, l); /* windows, acknowledgements, or GOAWAY for what the target did wrong */
    look_for_end(l);
}

/* One read; false when there is nothing (yet, or ever again). */
static bool read_some(VuIo *io, Http2Link *l)
{
    ptrdiff_t cap;
    char *buf = vu_scratch(io, &cap);
    ptrdiff_t n = vu_try_read(&l->fd, buf, cap);
    if (n == -EAGAIN)
        return false;
    if (n > 0)
        feed(io, l, buf, n);
    else
        link_kill(l, n ? (int)n : -ECONNRESET, n ? NULL : "closed before the reply was complete");
    return l->state != LINK_DEAD;
}

void link_poll(VuIo *io, Http2Link *l)
{
    while (l->state != LINK_DEAD && l->fd.readable && read_some(io, l))
        ;
}

int link_wait(VuIo *io, Http2Link *l)
{
    if (!waiters_reads(&l->waiters, io))
        return vu_park(io);
    vu_own(io, &l->fd);
    if (read_some(io, l) || l->state == LINK_DEAD)
        return 0;
    if (!l->flush_due)
        link_flush(io, l);
    look_for_end(l);
    return l->state == LINK_DEAD ? 0 : vu_wait_any(io, &l->fd);
}

/* ---- life ---- */

static bool has_room(const Http2Link *l)
{
    uint32_t most = l->most_users;
    if (l->state == LINK_UP)
        most = MIN(most, nghttp2_session_get_remote_settings(
                             l->ng, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS));
    return l->n_users < most && (l->state == LINK_UP || l->state == LINK_CONNECTING);
}

Http2Link *link_find(Http2Pool *p)
{
    for (Http2Link *l = p->links; l; l = l->next)
        if (has_room(l))
            return l;
    return NULL;
}

Http2Link *link_new(Http2Pool *p, uint32_t most_users)
{
    Http2Link *l = calloc(1, sizeof *l);
    if (!l)
        return NULL;
    if (nghttp2_session_client_new3(&l->ng, p->callbacks, l, NULL, &p->mem.face) != 0) {
        free(l);
        return NULL;
    }
    l->pool = p;
    l->most_users = most_users;
    l->next = p->links;
    if (l->next)
        l->next->prev = l;
    p->links = l;
    return l;
}

static void link_free(Http2Link *l)
{
    *(l->prev ? &l->prev->next : &l->pool->links) = l->next;
    if (l->next)
        l->next->prev = l->prev;
    vu_close(&l->fd);
    nghttp2_session_del(l->ng);
    free(l->rest);
    free(l);
}

void link_join(Http2Link *l, Http2Stream *s, VuIo *io)
{
    s->link = l;
    s->wait.io = io;
    l->n_users++;
}

void link_leave(Http2Stream *s)
{
    Http2Link *l = s->link;
    waiters_leave(&l->waiters, &s->wait);
    s->link = NULL;
    if (--l->n_users > 0)
        return;
    if (l->state == LINK_UP || l->state == LINK_DRAINING) { /* say goodbye, if there is room */
        nghttp2_session_terminate_session(l->ng, NGHTTP2_NO_ERROR);
        link_flush(s->wait.io, l);
    }
    link_free(l);
}

static int greet(Http2Link *l)
{
    static const nghttp2_settings_entry settings[] = {
        { NGHTTP2_SETTINGS_ENABLE_PUSH, 0 },
        { NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, STREAM_WINDOW },
    };
    int r = nghttp2_submit_settings(l->ng, NGHTTP2_FLAG_NONE, settings, ARRAY_LEN(settings));
    if (r == 0)
        r = nghttp2_session_set_local_window_size(l->ng, NGHTTP2_FLAG_NONE, 0, LINK_WINDOW);
    return r ? -ENOMEM : 0;
}

static int shake_hands(VuIo *io, Http2Link *l, const HttpTarget *t)
{
    TRY(endpoint_connect(io, &t->endpoint, &l->fd, HTTP_TLS_TIME));
    if (t->endpoint.tls && !tls_is_h2(&l->fd)) {
        vu_cause(io, "the target does not take HTTP/2 (ALPN)");
        return -EPROTO;
    }
    TRY(greet(l));
    link_flush(io, l);
    while (l->state == LINK_CONNECTING) /* the target's SETTINGS make it UP */
        TRY(link_wait(io, l));
    return l->state == LINK_DEAD ? l->error : 0;
}

int link_connect(VuIo *io, Http2Link *l, const HttpTarget *t)
{
    int r = shake_hands(io, l, t);
    if (r < 0) { /* others' time is not up, and they can't go on either */
        bool own = r == -ETIMEDOUT || r == -ECANCELED;
        link_kill(l, own ? -EHOSTUNREACH : r, NULL);
    }
    waiters_wake(&l->waiters);
    return r;
}
