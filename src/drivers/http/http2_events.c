/* What nghttp2 tells of a link: frames in and out, header fields, body bytes, ends of streams. */
#include <errno.h>
#include <string.h>

#include "drivers/http/http2_link.h"

static Http2Stream *stream_of(nghttp2_session *ng, int32_t id)
{
    return id ? nghttp2_session_get_stream_user_data(ng, id) : NULL;
}

/* ---- out ---- */

static int on_frame_send(nghttp2_session *ng, const nghttp2_frame *f, void *user)
{
    Http2Link *l = user;
    Http2Stream *s = stream_of(ng, f->hd.stream_id);
    if (f->hd.type == NGHTTP2_GOAWAY && f->goaway.error_code != NGHTTP2_NO_ERROR) {
        l->error = -EPROTO; /* the target's breach; the session ends */
        l->cause = nghttp2_http2_strerror(f->goaway.error_code);
    }
    if (!s || !s->out)
        return 0;
    if (!s->out->sent_ns)
        s->out->sent_ns = l->now_ns;
    s->out->bytes_out += f->hd.length + 9;
    return 0;
}

/* ---- in ---- */

static int read_status(Str value)
{
    uint64_t n;
    return value.len == 3 && str_to_u64(value, &n) == 0 && n >= 100 ? (int)n : 0;
}

/* As HTTP/1.1 would have it; a status begins a head, and ends that of an interim reply. */
static void tell_field(const HttpReply *reply, Str name, Str value)
{
    const Str pieces[] = { name, STR(": "), value, STR("\r\n") };
    if (str_eq(name, STR(":status")))
        reply->on_head(reply->head_user, (Str){ 0 });
    for (ptrdiff_t i = 0; i < ARRAY_LEN(pieces); i++)
        if (pieces[i].len)
            reply->on_head(reply->head_user, pieces[i]);
}

static int on_header(nghttp2_session *ng, const nghttp2_frame *f, const uint8_t *name,
                     size_t name_bytes, const uint8_t *value, size_t value_bytes, uint8_t flags,
                     void *user)
{
    (void)flags;
    (void)user;
    Http2Stream *s = stream_of(ng, f->hd.stream_id);
    if (!s || !s->reply)
        return 0;
    s->head_bytes += name_bytes + value_bytes;
    if (s->head_bytes > s->reply->head_max) {
        stream_end(s, -EPROTO, "a head larger than head_max");
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE; /* resets the stream */
    }
    if (s->reply->on_head)
        tell_field(s->reply, (Str){ (const char *)name, (ptrdiff_t)name_bytes },
                   (Str){ (const char *)value, (ptrdiff_t)value_bytes });
    if (name_bytes != 7 || memcmp(name, ":status", 7) != 0)
        return 0;
    s->reply->status = read_status((Str){ (const char *)value, (ptrdiff_t)value_bytes });
    if (s->reply->status)
        return 0;
    stream_end(s, -EPROTO, "a status that is none");
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

static int on_data(nghttp2_session *ng, uint8_t flags, int32_t id, const uint8_t *bytes, size_t n,
                   void *user)
{
    (void)flags;
    (void)user;
    Http2Stream *s = stream_of(ng, id);
    if (!s || !s->reply)
        return 0;
    s->reply->body_bytes += n;
    if (s->reply->on_body)
        s->reply->on_body(s->reply->user, (Str){ (const char *)bytes, (ptrdiff_t)n });
    if (s->reply->enough) {
        stream_end(s, 0, NULL);
        nghttp2_submit_rst_stream(ng, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
    }
    return 0;
}

/* The reply is whole. A target may answer before it has read the request's body: the rest of that
 * is not sent. */
static void end_reply(nghttp2_session *ng, Http2Stream *s)
{
    int32_t id = s->id;
    bool unsent = s->body_at < s->body.len;
    stream_end(s, 0, NULL);
    if (unsent)
        nghttp2_submit_rst_stream(ng, NGHTTP2_FLAG_NONE, id, NGHTTP2_NO_ERROR);
}

static void on_link_frame(Http2Link *l, const nghttp2_frame *f)
{
    if (f->hd.type == NGHTTP2_SETTINGS && !(f->hd.flags & NGHTTP2_FLAG_ACK) &&
        l->state == LINK_CONNECTING)
        l->state = LINK_UP;
    if (f->hd.type == NGHTTP2_GOAWAY && l->state != LINK_DEAD) {
        l->state = LINK_DRAINING;
        if (f->goaway.error_code != NGHTTP2_NO_ERROR)
            l->cause = nghttp2_http2_strerror(f->goaway.error_code);
    }
}

static int on_frame_recv(nghttp2_session *ng, const nghttp2_frame *f, void *user)
{
    Http2Link *l = user;
    Http2Stream *s = stream_of(ng, f->hd.stream_id);
    if (f->hd.stream_id == 0)
        on_link_frame(l, f);
    if (!s || !s->out)
        return 0;
    s->out->bytes_in += f->hd.length + 9;
    if (f->hd.type == NGHTTP2_RST_STREAM)
        s->peer_rst = true;
    bool message = f->hd.type == NGHTTP2_HEADERS || f->hd.type == NGHTTP2_DATA;
    if (message && f->hd.flags & NGHTTP2_FLAG_END_STREAM)
        end_reply(ng, s);
    return 0;
}

/* The first byte of the reply is that of its first frame. */
static int on_begin_frame(nghttp2_session *ng, const nghttp2_frame_hd *hd, void *user)
{
    const Http2Link *l = user;
    Http2Stream *s = stream_of(ng, hd->stream_id);
    bool message = hd->type == NGHTTP2_HEADERS || hd->type == NGHTTP2_DATA;
    if (s && s->out && message && !s->out->first_byte_ns)
        s->out->first_byte_ns = l->now_ns;
    return 0;
}

/* Closed without the end of a reply. After GOAWAY, streams above its number were not looked at by
 * the target and may be sent again: RFC 9113, 6.8. */
static int on_stream_close(nghttp2_session *ng, int32_t id, uint32_t code, void *user)
{
    const Http2Link *l = user;
    Http2Stream *s = stream_of(ng, id);
    if (!s)
        return 0;
    if (!s->peer_rst && code == NGHTTP2_REFUSED_STREAM && l->state == LINK_DRAINING)
        stream_end(s, CALL_STALE, NULL);
    else if (s->peer_rst)
        stream_end(s, -ECONNRESET, nghttp2_http2_strerror(code));
    else
        stream_end(s, -EPROTO, "a reply that is no HTTP/2");
    return 0;
}

void link_set_callbacks(nghttp2_session_callbacks *cb)
{
    nghttp2_session_callbacks_set_on_frame_send_callback(cb, on_frame_send);
    nghttp2_session_callbacks_set_on_header_callback(cb, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(cb, on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(cb, on_frame_recv);
    nghttp2_session_callbacks_set_on_begin_frame_callback(cb, on_begin_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(cb, on_stream_close);
}
