/* Sessions over HTTP that several users of a thread share: who comes first begins it, who comes
 * meanwhile waits, the last to leave ends it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "drivers/mcp/mcp.h"

struct McpSession {
    McpSession *next;
    uint32_t n_users;
    bool begun, over;  /* over: nobody joins any more */
    int error;         /* when over, */
    const char *cause; /* … or NULL */
    McpEra era;
    char version[MCP_VERSION_CHARS];
    char id[MCP_SESSION_MAX];
    ptrdiff_t n_id;
    McpConn *waiting;
};

/* The least busy, once there are as many as there shall be. */
static McpSession *find(McpSession *list, uint32_t most)
{
    uint32_t n = 0;
    McpSession *best = NULL;
    for (McpSession *s = list; s; s = s->next) {
        if (s->over)
            continue;
        n++;
        if (!best || s->n_users < best->n_users)
            best = s;
    }
    return n < most ? NULL : best;
}

static void wake_all(const McpSession *s)
{
    for (McpConn *c = s->waiting; c; c = c->next_waiting)
        vu_wake(c->io);
}

static void stop_waiting(McpSession *s, const McpConn *c)
{
    for (McpConn **p = &s->waiting; *p; p = &(*p)->next_waiting)
        if (*p == c) {
            *p = c->next_waiting;
            return;
        }
}

static int begin(VuIo *io, McpConn *c, McpSession *s)
{
    int r = mcp_begin(io, c);
    s->begun = r == 0;
    s->over = r < 0;
    s->error = r < 0 ? r : -ECONNABORTED; /* when the server ends it */
    s->cause = c->answer.cause;
    wake_all(s);
    if (r < 0)
        return r;
    s->era = c->era;
    s->n_id = c->n_session;
    memcpy(s->version, c->version, sizeof s->version);
    if (s->n_id)
        memcpy(s->id, c->session.ptr, (size_t)s->n_id);
    return 0;
}

static int join(VuIo *io, McpConn *c, McpSession *s)
{
    int r = 0;
    c->next_waiting = s->waiting;
    s->waiting = c;
    while (r == 0 && !s->begun && !s->over)
        r = vu_park(io);
    stop_waiting(s, c);
    if (r == 0 && s->over)
        c->answer.cause = s->cause;
    if (r == 0)
        r = s->over ? s->error : buf_grow(&c->session.ptr, &c->session.cap, s->n_id + 1);
    if (r < 0)
        return r;
    c->era = s->era;
    c->n_session = s->n_id;
    memcpy(c->version, s->version, sizeof c->version);
    if (s->n_id)
        memcpy(c->session.ptr, s->id, (size_t)s->n_id);
    return OPEN_JOINED;
}

int mcp_share_session(VuIo *io, McpConn *c)
{
    McpShared *shared = vu_shared(io);
    McpSession **list = &shared->sessions[c->server->index];
    McpSession *s = find(*list, c->target->sessions);
    bool first = !s;
    if (first)
        s = calloc(1, sizeof *s);
    if (!s)
        return -ENOMEM;
    if (first) {
        s->next = *list;
        *list = s;
    }
    s->n_users++;
    c->shared = s;
    return first ? begin(io, c, s) : join(io, c, s);
}

void mcp_end_shared(McpConn *c)
{
    if (c->shared)
        c->shared->over = true;
}

bool mcp_leave_session(McpConn *c, McpSession **list)
{
    McpSession *s = c->shared;
    c->shared = NULL;
    if (!s)
        return true;
    if (--s->n_users)
        return false;
    bool ends = s->begun && !s->over;
    while (*list != s)
        list = &(*list)->next;
    *list = s->next;
    free(s);
    return ends;
}
