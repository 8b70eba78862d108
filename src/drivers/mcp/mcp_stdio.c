/* Over stdio: a message a line, and users who share a server told apart by the ids of what they
 * ask. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "drivers/mcp/mcp.h"

enum { SHOWN_MAX = 60 };

typedef struct McpLink {
    ChildLink link; /* first */
    McpFrames frames;
    VuIo *io; /* who reads, while it does */
    McpEra era;
    char version[MCP_VERSION_CHARS];
} McpLink;

static McpLink *link_of(ChildLink *l)
{
    return (McpLink *)(void *)l;
}

static McpConn *conn_of(ChildSeat *s)
{
    return (McpConn *)(void *)s;
}

/* ---- what comes in ---- */

/* The only one that awaits an answer, or NULL. */
static ChildSeat *only_asker(const ChildLink *l)
{
    ChildSeat *one = NULL;
    for (Waiter *w = l->waiters.head; w; w = w->next) {
        ChildSeat *s = child_seat_of(w);
        if (!conn_of(s)->asking)
            continue;
        if (one)
            return NULL;
        one = s;
    }
    return one;
}

/* An answer to an ask that was given up is late, not wrong. */
static void take_answer(ChildLink *l, const McpMessage *m, ptrdiff_t bytes)
{
    bool late = false;
    ChildSeat *s = m->has_id ? child_find(l, m->id, &late) : NULL;
    if (!m->raw_id.len)
        s = only_asker(l);
    if (s && conn_of(s)->asking) {
        McpConn *c = conn_of(s);
        l->n_answers += c->out != NULL;
        if (c->out)
            c->out->bytes_in += (uint64_t)bytes;
        mcp_take_answer(c, m);
        child_end(s, 0, NULL);
    } else if (!late) {
        child_break(l, -EPROTO,
                    m->raw_id.len ? "an answer that nobody waits for"
                                  : "an error that does not say of which request");
    }
}

static void take_notification(ChildLink *l, const McpMessage *m, ptrdiff_t bytes)
{
    bool late;
    ChildSeat *s = m->has_token ? child_find(l, m->token, &late) : NULL;
    if (!s || !conn_of(s)->asking)
        return; /* of the server, or late */
    if (conn_of(s)->out)
        conn_of(s)->out->bytes_in += (uint64_t)bytes;
    mcp_take_event(conn_of(s));
}

/* Servers of the later era must not ask; they get no answer. */
static void take_request(ChildLink *l, const McpMessage *m)
{
    if (link_of(l)->era == MCP_STATELESS)
        return;
    if (m->raw_id.len > MCP_RAW_ID_MAX) {
        child_break(l, -EPROTO, "a request whose id is too long");
        return;
    }
    char *to = child_reserve(l, MCP_REPLY_MAX + 1);
    if (!to)
        return;
    ptrdiff_t n = mcp_put_reply(to, m->raw_id, m->method);
    to[n++] = '\n';
    child_post(l, n);
}

static void refuse(ChildLink *l, Str text, const char *wrong)
{
    char why[CHILD_TEXT_MAX];
    Str shown = str_slice(text, 0, MIN(text.len, (ptrdiff_t)SHOWN_MAX));
    int n = snprintf(why, sizeof why, "%s: '" STR_FMT "'", wrong, STR_ARG(shown));
    for (int i = 0; i < n && why[i]; i++)
        if ((unsigned char)why[i] < ' ' || (unsigned char)why[i] >= 0x7f)
            why[i] = '?';
    child_break(l, -EPROTO, child_cause(&l->pool->causes, why));
}

static void on_line(void *user, Str text)
{
    ChildLink *l = user;
    McpMessage m;
    const char *wrong;
    if (l->state >= CHILD_BROKEN)
        return;
    l->n_lines++;
    if (mcp_read(text, &m, &wrong) < 0)
        refuse(l, text, wrong);
    else if (m.kind == MCP_REQUEST)
        take_request(l, &m);
    else if (m.kind == MCP_NOTIFICATION)
        take_notification(l, &m, text.len + 1);
    else
        take_answer(l, &m, text.len + 1);
}

static void feed(VuIo *io, ChildLink *l, Str in)
{
    McpFrames *f = &link_of(l)->frames;
    (void)io;
    if (mcp_frames_feed(f, in) < 0)
        child_break(l, -EPROTO, f->wrong);
}

/* ---- life ---- */

static int greet(VuIo *io, ChildSeat *s)
{
    McpConn *c = conn_of(s);
    ChildLink *l = s->link;
    McpLink *own = link_of(l);
    mcp_frames_begin(&own->frames, MCP_LINES, c->target->message_max);
    own->frames.on_message = on_line;
    own->frames.user = l;
    int r = mcp_begin(io, c);
    if (r < 0) {
        l->cause = l->cause ? l->cause : c->answer.cause;
        return r;
    }
    own->era = c->era;
    memcpy(own->version, c->version, sizeof own->version);
    if (l->state == CHILD_STARTING)
        l->state = CHILD_UP;
    return 0;
}

static void release(ChildLink *l)
{
    mcp_frames_done(&link_of(l)->frames);
}

const ChildSpeech mcp_speech = {
    .link_bytes = sizeof(McpLink),
    .start_metric = MCP_START_TIME,
    .restarts_metric = MCP_RESTARTS,
    .feed = feed,
    .greet = greet,
    .release = release,
};

int mcp_stdio_open(VuIo *io, McpConn *c)
{
    McpShared *shared = vu_shared(io);
    int r = child_join(io, &c->server->program, &shared->pools[c->server->index], &c->seat);
    if (r < 0)
        return r;
    c->era = link_of(c->seat.link)->era;
    memcpy(c->version, link_of(c->seat.link)->version, sizeof c->version);
    return r;
}

/* Who goes without an answer says so; it is not waited for. */
void mcp_stdio_close(VuIo *io, McpConn *c)
{
    ChildLink *l = c->seat.link;
    char *to = l && c->asking && l->state < CHILD_BROKEN ? child_reserve(l, 160) : NULL;
    if (to)
        child_post(l, snprintf(to, 160,
                               "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\","
                               "\"params\":{\"requestId\":%llu}}\n",
                               (unsigned long long)c->id));
    child_leave(io, &c->seat);
}

int mcp_stdio_exchange(VuIo *io, McpConn *c, McpAsk *a)
{
    ChildLink *l = c->seat.link;
    if (!a->notification)
        child_renew(&c->seat);
    a->id = c->id = c->seat.id;
    char *to = child_reserve(l, mcp_put_room(a) + 1);
    if (!to)
        return -ENOMEM;
    ptrdiff_t n = mcp_put(to, a);
    to[n++] = '\n';
    if (a->notification) {
        child_post(l, n);
        return 0;
    }
    c->asking = true;
    int r = child_exchange(io, &c->seat, n);
    if (r < 0 && c->seat.cause)
        c->answer.cause = c->seat.cause;
    return r;
}
