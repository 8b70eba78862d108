/* What comes before the first call: which era the server is of, and a session where it has them. */
#include <errno.h>
#include <string.h>

#include "drivers/mcp/mcp.h"

enum { PROBE_MS = 2000 }; /* so long may a server that knows nothing of it be silent */

int mcp_exchange(VuIo *io, McpConn *c, McpAsk *a)
{
    a->stateless = c->era == MCP_STATELESS;
    c->answer = (McpAnswer){ 0 };
    c->n_events = 0;
    c->seen.n_body = 0;
    c->seen.cut = false;
    return c->server->http ? mcp_http_exchange(io, c, a) : mcp_stdio_exchange(io, c, a);
}

static int refused(VuIo *io, const McpConn *c)
{
    vu_cause(io, c->answer.cause ? c->answer.cause : "the server refuses");
    return -EACCES;
}

static int ask(VuIo *io, McpConn *c, Str method, Str params)
{
    McpAsk a = { .method = method, .params = params };
    return mcp_exchange(io, c, &a);
}

/* `server/discover`: every server of the later era knows it. */
static int discover(VuIo *io, McpConn *c)
{
    uint64_t from = vu_now(io);
    c->era = MCP_STATELESS;
    TRY(ask(io, c, STR("server/discover"), STR("")));
    if (c->answer.came && !c->answer.refused)
        vu_record(io, MCP_SETUP_TIME, vu_now(io) - from);
    return 0;
}

static int initialize(VuIo *io, McpConn *c)
{
    static const char params[] = "\"protocolVersion\":\"" MCP_VERSION_SESSIONS
                                 "\",\"capabilities\":{},\"clientInfo\":" MCP_CLIENT_INFO;
    uint64_t from = vu_now(io);
    c->era = MCP_SESSIONS;
    c->version[0] = '\0';
    TRY(ask(io, c, STR("initialize"), (Str){ params, sizeof params - 1 }));
    if (!c->answer.came || c->answer.refused)
        return refused(io, c);
    if (!c->version[0]) {
        vu_cause(io, "the answer to initialize names no version");
        return -EPROTO;
    }
    vu_record(io, MCP_SETUP_TIME, vu_now(io) - from);
    McpAsk done = { .method = STR("notifications/initialized"), .notification = true };
    TRY(mcp_exchange(io, c, &done));
    return c->answer.status ? refused(io, c) : 0;
}

static bool is_modern(const McpAnswer *a)
{
    return a->came &&
           (!a->refused || a->code == MCP_HEADER_MISMATCH || a->code == MCP_MISSING_CAPABILITY);
}

/* Ask in the later era's way; an error or silence means the earlier one. A server that is gone by
 * then is told as gone. */
static int probe(VuIo *io, McpConn *c)
{
    vu_alarm(io, vu_now(io) + PROBE_MS * NS_PER_MS);
    int r = discover(io, c);
    vu_alarm(io, 0);
    if (r < 0 && r != -ETIME)
        return r;
    return r == 0 && is_modern(&c->answer) ? 0 : initialize(io, c);
}

static int settle_era(VuIo *io, McpConn *c)
{
    McpShared *shared = vu_shared(io);
    McpEra *known = &shared->known[c->server->index];
    McpEra era = c->target->era == MCP_AUTO ? *known : c->target->era;
    if (era == MCP_SESSIONS)
        return initialize(io, c);
    if (era == MCP_AUTO) {
        TRY(probe(io, c));
        *known = c->era;
        return 0;
    }
    c->era = MCP_STATELESS;
    if (c->server->http) /* each request stands alone: there is nothing to wait for */
        return 0;
    TRY(discover(io, c));
    return is_modern(&c->answer) ? 0 : refused(io, c);
}

static int list_first(VuIo *io, McpConn *c)
{
    uint64_t from = vu_now(io);
    TRY(ask(io, c, STR("tools/list"), STR("")));
    if (!c->answer.came || c->answer.refused)
        return refused(io, c);
    vu_record(io, MCP_FIRST_LIST_TIME, vu_now(io) - from);
    return 0;
}

int mcp_begin(VuIo *io, McpConn *c)
{
    TRY(settle_era(io, c));
    return c->target->list_first ? list_first(io, c) : 0;
}
