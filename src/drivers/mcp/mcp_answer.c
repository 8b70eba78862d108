/* What both transports do with what came. Runs on whichever user reads; what it takes from the
 * message is copied. */
#include <string.h>

#include "base/grow.h"
#include "drivers/mcp/mcp.h"

static const char *explain(McpConn *c, const McpMessage *m)
{
    char text[CHILD_TEXT_MAX];
    mcp_explain(m, text, sizeof text);
    return child_cause(c->causes, text);
}

static void keep_cursor(McpConn *c, Str cursor)
{
    if (cursor.len == 0 || buf_grow(&c->cursor.ptr, &c->cursor.cap, cursor.len) < 0)
        return;
    memcpy(c->cursor.ptr, cursor.ptr, (size_t)cursor.len);
    c->answer.n_cursor = cursor.len;
}

static void keep_version(McpConn *c, Str version)
{
    ptrdiff_t n = MIN(version.len, MCP_VERSION_CHARS - 1);
    for (ptrdiff_t i = 0; i < n; i++)
        if (version.ptr[i] <= ' ' || version.ptr[i] > '~')
            return;
    if (n > 0)
        memcpy(c->version, version.ptr, (size_t)n);
    c->version[n] = '\0';
}

static void stamp(McpConn *c, uint64_t now_ns)
{
    Outcome *out = c->out;
    if (!out)
        return;
    out->done_ns = now_ns;
    if (!out->first_byte_ns)
        out->first_byte_ns = now_ns;
}

void mcp_take_answer(McpConn *c, const McpMessage *m)
{
    McpAnswer *a = &c->answer;
    *a = (McpAnswer){ .came = true,
                      .refused = m->kind == MCP_ERROR,
                      .tool_failed = m->kind == MCP_RESULT && m->tool_failed,
                      .wants_input = m->kind == MCP_RESULT && m->wants_input,
                      .code = m->code,
                      .ns = vu_now(c->io) };
    if (a->refused || a->tool_failed)
        a->cause = explain(c, m);
    if (a->wants_input)
        a->cause = "the server wants input (input_required), which a load has not";
    if (m->kind == MCP_RESULT) {
        keep_cursor(c, m->cursor);
        if (m->version.len)
            keep_version(c, m->version);
    }
    if (c->keeps)
        seen_body(&c->seen, m->body, c->target->message_max);
    stamp(c, a->ns);
    c->asking = false;
}

void mcp_take_event(McpConn *c)
{
    uint64_t now = vu_now(c->io);
    if (!c->out)
        return;
    if (!c->out->first_byte_ns)
        c->out->first_byte_ns = now;
    if (c->n_events++ == 0)
        vu_record(c->io, MCP_FIRST_EVENT, now - MIN(c->out->sent_ns, now));
    vu_record(c->io, MCP_EVENTS_SEEN, 1);
}
