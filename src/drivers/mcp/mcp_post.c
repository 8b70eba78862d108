/* Heads and bodies of POSTs. */
#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "base/grow.h"
#include "drivers/mcp/mcp.h"

enum { HEAD_ROOM = 384 }; /* versions, method, length and the names of fields */

static char *put_field(char *to, Str name, Str value)
{
    to = mcp_put_str(to, name);
    to = mcp_put_str(to, value);
    return mcp_put_str(to, STR("\r\n"));
}

/* What a field may hold as it is: visible ASCII, blanks within, and not what looks encoded. */
static bool is_plain(Str v)
{
    for (ptrdiff_t i = 0; i < v.len; i++)
        if (v.ptr[i] < ' ' || v.ptr[i] > '~')
            return false;
    return str_trim(v).len == v.len && v.len > 0 && !str_starts(v, STR("=?base64?"));
}

static char *put_name(char *to, Str name)
{
    if (is_plain(name))
        return put_field(to, STR("Mcp-Name: "), name);
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    base64_encode(name, &b);
    to = mcp_put_str(to, STR("Mcp-Name: =?base64?"));
    to = mcp_put_str(to, strbuf_str(&b));
    return mcp_put_str(to, STR("?=\r\n"));
}

static char *put_head(char *to, const McpConn *c, const McpAsk *a, ptrdiff_t n_body)
{
    bool stateless = c->era == MCP_STATELESS;
    to = mcp_put_str(to, c->server->head);
    if (stateless || c->version[0])
        to = put_field(to, STR("MCP-Protocol-Version: "),
                       stateless ? STR(MCP_VERSION_STATELESS) : str(c->version));
    if (c->n_session)
        to = put_field(to, STR("Mcp-Session-Id: "), (Str){ c->session.ptr, c->n_session });
    if (stateless && a) {
        to = put_field(to, STR("Mcp-Method: "), a->method);
        to = a->name.ptr ? put_name(to, a->name) : to;
    }
    return to + snprintf(to, 48, "Content-Length: %td\r\n\r\n", n_body);
}

int mcp_http_put(McpConn *c, const McpAsk *a, Str body, struct iovec iov[2])
{
    Str name = a ? a->name : STR(""), method = a ? a->method : STR("");
    ptrdiff_t head = HEAD_ROOM + c->server->head.len + c->n_session + method.len + 2 * name.len;
    TRY(buf_grow(&c->wire.ptr, &c->wire.cap, head + (a ? mcp_put_room(a) : body.len)));
    char *to = c->wire.ptr + head;
    ptrdiff_t n = a ? mcp_put(to, a) : mcp_put_str(to, body) - to;
    char *end = put_head(c->wire.ptr, c, a, n);
    iov[0] = (struct iovec){ c->wire.ptr, (size_t)(end - c->wire.ptr) };
    iov[1] = (struct iovec){ to, (size_t)n };
    return 0;
}
