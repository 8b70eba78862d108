/* One message of the Model Context Protocol as a server sends it: JSON-RPC 2.0. Pure, no
 * allocation: all texts are views of the message. Cost: some 2 ns a byte. */
#pragma once

#include "base/str.h"

/* Error codes of the revision 2026-07-28 that only servers of it use. */
enum { MCP_HEADER_MISMATCH = -32020, MCP_MISSING_CAPABILITY = -32021, MCP_NO_SUCH_METHOD = -32601 };

typedef enum McpKind { MCP_RESULT, MCP_ERROR, MCP_REQUEST, MCP_NOTIFICATION } McpKind;

typedef struct McpMessage {
    McpKind kind;
    Str raw_id;  /* as it stands; len 0: none, or null */
    bool has_id; /* … and it is a whole number: */
    uint64_t id;
    Str method; /* of requests and notifications, without quotes */
    Str body;   /* result or error as it stands; params, len 0: none */
    /* of results; raw values, len 0 where there is none */
    bool tool_failed; /* isError */
    bool wants_input; /* resultType input_required */
    Str cursor;       /* nextCursor, with its quotes */
    Str version;      /* protocolVersion, without */
    /* of errors */
    int64_t code; /* 0: none that can be read */
    Str text;     /* message, with its quotes */
    /* of notifications about progress */
    bool has_token;
    uint64_t token; /* progressToken */
} McpMessage;

/* Read the whole text. 0, or -EPROTO with static text in *ret_wrong. */
MUST_CHECK int mcp_read(Str text, McpMessage *ret, const char **ret_wrong);
/* For people: "error -32602: Unknown tool", or what a failed tool's first text says. NUL-terminated
 * and printable, cut to cap. */
void mcp_explain(const McpMessage *m, char *buf, ptrdiff_t cap);
