#include "drivers/mcp/mcp_put.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { FRAME_ROOM = 160 }; /* braces, keys, an id and a token */

static const char client_meta[] =
    "\"io.modelcontextprotocol/protocolVersion\":\"" MCP_VERSION_STATELESS "\","
    "\"io.modelcontextprotocol/clientInfo\":" MCP_CLIENT_INFO ","
    "\"io.modelcontextprotocol/clientCapabilities\":{}";

ptrdiff_t mcp_put_room(const McpAsk *a)
{
    return FRAME_ROOM + (ptrdiff_t)sizeof client_meta + a->method.len + a->params.len +
           a->cursor.len;
}

static char *put_number(char *to, uint64_t n)
{
    return to + snprintf(to, 24, "%llu", (unsigned long long)n);
}

static char *put_meta(char *to, const McpAsk *a)
{
    to = mcp_put_str(to, STR("\"_meta\":{"));
    if (a->stateless)
        to = mcp_put_str(to, (Str){ client_meta, sizeof client_meta - 1 });
    if (a->progress) {
        to = mcp_put_str(to, a->stateless ? STR(",\"progressToken\":") : STR("\"progressToken\":"));
        to = put_number(to, a->id);
    }
    return mcp_put_str(to, STR("}"));
}

static char *put_params(char *to, const McpAsk *a)
{
    char *begin = to = mcp_put_str(to, STR("\"params\":{"));
    to = mcp_put_str(to, a->params);
    if (a->cursor.len) {
        to = mcp_put_str(to, to > begin ? STR(",\"cursor\":") : STR("\"cursor\":"));
        to = mcp_put_str(to, a->cursor);
    }
    if (a->stateless || a->progress) {
        to = mcp_put_str(to, to > begin ? STR(",") : STR(""));
        to = put_meta(to, a);
    }
    return mcp_put_str(to, STR("}"));
}

ptrdiff_t mcp_put(char *to, const McpAsk *a)
{
    char *begin = to;
    to = mcp_put_str(to, STR("{\"jsonrpc\":\"2.0\","));
    if (!a->notification) {
        to = mcp_put_str(to, STR("\"id\":"));
        to = put_number(to, a->id);
        to = mcp_put_str(to, STR(","));
    }
    to = mcp_put_str(to, STR("\"method\":\""));
    to = mcp_put_str(to, a->method);
    to = mcp_put_str(to, STR("\","));
    to = put_params(to, a);
    to = mcp_put_str(to, STR("}"));
    assert(to - begin <= mcp_put_room(a));
    return to - begin;
}

ptrdiff_t mcp_put_reply(char to[MCP_REPLY_MAX], Str raw_id, Str method)
{
    const char *what = str_eqz(method, "ping")
                           ? "\"result\":{}"
                           : "\"error\":{\"code\":-32601,\"message\":\"Method not found\"}";
    assert(raw_id.len <= MCP_RAW_ID_MAX);
    return snprintf(to, MCP_REPLY_MAX, "{\"jsonrpc\":\"2.0\",\"id\":" STR_FMT ",%s}",
                    STR_ARG(raw_id), what);
}
