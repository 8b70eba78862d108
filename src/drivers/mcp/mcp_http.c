/* Over streamable HTTP: each message is a POST, whose reply is one message or a stream of them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "drivers/mcp/mcp.h"

enum {
    HEAD_MAX = 64 * 1024,
    DRAIN_MS = 200, /* so long may a stream stay open behind its answer */
    BYE_ROOM = 128,
    GONE = 404, /* the session is, or the URL is another's */
};

/* ---- what comes in ---- */

static void on_head(void *user, Str piece)
{
    seen_head(&((McpConn *)user)->seen, piece);
}

static void keep_asked(McpConn *c, const McpMessage *m)
{
    if (c->n_asked == MCP_ASKED_MAX || m->raw_id.len > MCP_RAW_ID_MAX) {
        c->wrong = "more requests of the server's than can be answered";
        return;
    }
    McpAsked *a = &c->asked[c->n_asked++];
    a->ping = str_eqz(m->method, "ping");
    a->n_id = (int)m->raw_id.len;
    memcpy(a->raw_id, m->raw_id.ptr, (size_t)m->raw_id.len);
}

static void on_message(void *user, Str text)
{
    McpConn *c = user;
    McpMessage m;
    if (c->wrong || mcp_read(text, &m, &c->wrong) < 0)
        return;
    bool answers = m.kind == MCP_RESULT || m.kind == MCP_ERROR;
    bool own = !m.raw_id.len || (m.has_id && m.id == c->id);
    if (answers && own && c->asking)
        mcp_take_answer(c, &m);
    else if (answers)
        c->wrong = "an answer that nobody waits for";
    else if (m.kind == MCP_NOTIFICATION && c->asking)
        mcp_take_event(c);
    else if (m.kind == MCP_REQUEST && c->era != MCP_STATELESS)
        keep_asked(c, &m);
}

/* With the first piece of a body the head is whole, and says how it is framed. */
static void begin_frames(McpConn *c)
{
    ptrdiff_t at = 0;
    Str type = seen_field(&c->seen, STR("content-type"), &at);
    bool stream = str_starts(type, STR("text/event-stream"));
    mcp_frames_begin(&c->frames, stream ? MCP_EVENTS : MCP_BODY, c->target->message_max);
    c->frames.on_message = on_message;
    c->frames.user = c;
    c->framed = true;
}

static void on_body(void *user, Str piece)
{
    McpConn *c = user;
    if (!c->framed)
        begin_frames(c);
    if (mcp_frames_feed(&c->frames, piece) < 0 && !c->wrong)
        c->wrong = c->frames.wrong;
}

static void begin_reply(McpConn *c)
{
    http_reply_begin(&c->reply, false, HEAD_MAX);
    c->seen.n_head = 0;
    c->framed = false;
    c->wrong = NULL;
    c->n_asked = 0;
    c->reply.on_head = on_head;
    c->reply.head_user = c;
    c->reply.on_body = on_body;
    c->reply.user = c;
}

/* ---- connections ---- */

/* Sessions outlive their connections: one that the server closed while it was idle is made again.
 */
static int connect_again(VuIo *io, McpConn *c, VuFd *f)
{
    if (vu_is_clean(f))
        return 0;
    vu_close(f);
    return endpoint_connect(io, &c->server->endpoint, f, MCP_TLS_TIME);
}

/* A reply whose body is nobody's. */
static int pass_reply(VuIo *io, VuFd *f)
{
    HttpReply p = { 0 };
    int r = HTTP_MORE;
    http_reply_begin(&p, false, HEAD_MAX);
    while (r == HTTP_MORE) {
        ptrdiff_t cap, used;
        char *buf = vu_scratch(io, &cap);
        ptrdiff_t n = vu_read(io, f, buf, cap);
        if (n < 0)
            return (int)n;
        r = n ? http_reply_feed(&p, (Str){ buf, n }, &used) : http_reply_eof(&p);
    }
    if (r == HTTP_DONE && !p.keep_alive)
        vu_close(f);
    return r == HTTP_DONE ? 0 : r;
}

/* What the server asked within a stream is answered on a connection beside it. */
static int answer_server(VuIo *io, McpConn *c)
{
    for (int i = 0; i < c->n_asked; i++) {
        char text[MCP_REPLY_MAX];
        struct iovec iov[2];
        const McpAsked *a = &c->asked[i];
        ptrdiff_t n =
            mcp_put_reply(text, (Str){ a->raw_id, a->n_id }, a->ping ? STR("ping") : STR("other"));
        TRY(connect_again(io, c, &c->side));
        TRY(mcp_http_put(c, NULL, (Str){ text, n }, iov));
        TRY(vu_writev_all(io, &c->side, iov, 2));
        TRY(pass_reply(io, &c->side));
    }
    c->n_asked = 0;
    return 0;
}

/* ---- exchange ---- */

static int refuse(McpConn *c, const char *why, int code)
{
    c->answer.cause = why;
    return code;
}

/* One read. HTTP_MORE, HTTP_DONE or negative. */
static int read_some(VuIo *io, McpConn *c)
{
    ptrdiff_t cap, used = 0;
    char *buf = vu_scratch(io, &cap);
    ptrdiff_t n = vu_read(io, &c->fd, buf, cap);
    if (n < 0)
        return (int)n;
    int r = n ? http_reply_feed(&c->reply, (Str){ buf, n }, &used) : http_reply_eof(&c->reply);
    if (r == HTTP_DONE && c->framed)
        mcp_frames_end(&c->frames);
    if (c->wrong && c->reply.status < 300)
        return refuse(c, c->wrong, -EPROTO);
    if (r == HTTP_DONE && used < n)
        return refuse(c, "bytes behind the end of the reply", -EPROTO);
    if (r < 0)
        return refuse(c, n ? c->reply.wrong : "closed before the reply was complete", r);
    return r;
}

/* Until the reply is over. A stream that stays open behind its answer is left after a while, for
 * the answer is there. */
static int receive(VuIo *io, McpConn *c)
{
    bool draining = false;
    int r;
    while ((r = read_some(io, c)) == HTTP_MORE) {
        TRY(answer_server(io, c));
        if (c->answer.came && !draining)
            vu_alarm(io, vu_now(io) + DRAIN_MS * NS_PER_MS);
        draining = c->answer.came;
    }
    if (draining)
        vu_alarm(io, 0);
    if (r == -ETIME && draining) {
        c->reply.keep_alive = false;
        r = HTTP_DONE;
    }
    return r == HTTP_DONE ? answer_server(io, c) : r;
}

static void keep_session(McpConn *c)
{
    ptrdiff_t at = 0;
    Str id = seen_field(&c->seen, STR("mcp-session-id"), &at);
    if (!id.len || id.len > MCP_SESSION_MAX ||
        buf_grow(&c->session.ptr, &c->session.cap, id.len) < 0)
        return;
    memcpy(c->session.ptr, id.ptr, (size_t)id.len);
    c->n_session = id.len;
}

static const char *status_cause(McpConn *c, int status)
{
    char text[CHILD_TEXT_MAX];
    if (status == GONE && c->n_session)
        return "404: the session is over";
    snprintf(text, sizeof text, "HTTP status %d", status);
    return child_cause(c->causes, text);
}

/* What a whole reply comes to. */
static int settle(McpConn *c, const McpAsk *a)
{
    int status = c->reply.status;
    if (!c->reply.keep_alive)
        vu_close(&c->fd);
    if (c->era == MCP_SESSIONS && !c->n_session && !a->notification)
        keep_session(c);
    if (c->answer.came || (a->notification && status < 300))
        return 0;
    c->asking = false;
    if (status < 300)
        return refuse(c, "the reply ended without an answer",
                      c->frames.framing == MCP_EVENTS ? -ECONNRESET : -EPROTO);
    c->answer.status = status;
    if (status == GONE)
        mcp_end_shared(c);
    c->answer.cause = status_cause(c, status);
    return 0;
}

int mcp_http_exchange(VuIo *io, McpConn *c, McpAsk *a)
{
    struct iovec iov[2];
    a->id = ++c->id;
    c->asking = !a->notification;
    TRY(connect_again(io, c, &c->fd));
    TRY(mcp_http_put(c, a, (Str){ 0 }, iov));
    begin_reply(c);
    int r = vu_writev_all(io, &c->fd, iov, 2);
    if (r == 0)
        r = receive(io, c);
    if (r < 0) { /* what is still to come would be taken for the next reply */
        vu_close(&c->fd);
        return r;
    }
    if (c->out && c->answer.came)
        c->out->done_ns = c->answer.ns;
    return settle(c, a);
}

/* ---- life ---- */

int mcp_http_open(VuIo *io, McpConn *c)
{
    TRY(endpoint_connect(io, &c->server->endpoint, &c->fd, MCP_TLS_TIME));
    int r = c->target->sessions ? mcp_share_session(io, c) : mcp_begin(io, c);
    if (r < 0 && c->answer.cause)
        vu_cause(io, c->answer.cause);
    if (r < 0)
        mcp_http_close(io, c);
    return r;
}

/* The session's end is said when there is room for it; it is not waited for. */
static void say_goodbye(McpConn *c)
{
    Str bye = c->server->bye;
    ptrdiff_t room = bye.len + c->n_session + BYE_ROOM;
    if (buf_grow(&c->wire.ptr, &c->wire.cap, room) < 0)
        return;
    int n = snprintf(c->wire.ptr, (size_t)room,
                     STR_FMT "MCP-Protocol-Version: %s\r\nMcp-Session-Id: " STR_FMT "\r\n\r\n",
                     STR_ARG(bye), c->version, (int)c->n_session, c->session.ptr);
    ptrdiff_t sent = vu_try_write(&c->fd, c->wire.ptr, n);
    (void)sent;
}

void mcp_http_close(VuIo *io, McpConn *c)
{
    McpShared *shared = vu_shared(io);
    bool ends = mcp_leave_session(c, &shared->sessions[c->server->index]);
    if (ends && c->n_session && c->fd.io && !c->fd.hung_up)
        say_goodbye(c);
    vu_close(&c->fd);
    vu_close(&c->side);
    free(c->wire.ptr);
    free(c->session.ptr);
    mcp_frames_done(&c->frames);
    c->n_session = 0;
    c->wire = c->session = (McpBuffer){ 0 };
}
