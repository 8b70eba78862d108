/* Messages as a client sends them: JSON-RPC 2.0, on one line. */
#pragma once

#include <string.h>

#include "base/str.h"

#define MCP_VERSION_SESSIONS "2025-11-25"  /* the last with sessions */
#define MCP_VERSION_STATELESS "2026-07-28" /* the first without */
#define MCP_CLIENT_INFO "{\"name\":\"assay\",\"version\":\"" ASSAY_VERSION "\"}"

/* A request, or a notification. All texts are borrowed. */
typedef struct McpAsk {
    Str method;
    Str name;          /* plain: the tool, prompt or URI that it is about; ptr NULL: none */
    Str params;        /* members of its params, as JSON, without braces; may be empty */
    Str cursor;        /* raw: the page of a list; len 0: the first */
    bool stateless;    /* says with each request who asks, and in which version */
    bool progress;     /* asks for notifications about progress */
    bool notification; /* has no id, and no answer */
    uint64_t id;       /* also the token of its progress */
} McpAsk;

/* Behind the copy of it. */
static inline char *mcp_put_str(char *to, Str s)
{
    if (s.len)
        memcpy(to, s.ptr, (size_t)s.len);
    return to + s.len;
}

/* Bytes that mcp_put may write. */
ptrdiff_t mcp_put_room(const McpAsk *a);
/* Returns how many were written; without a line end. */
ptrdiff_t mcp_put(char *to, const McpAsk *a);

/* What a server that asks is told: a ping is answered, all else is not known. */
enum { MCP_REPLY_MAX = 384, MCP_RAW_ID_MAX = 128 };
ptrdiff_t mcp_put_reply(char to[MCP_REPLY_MAX], Str raw_id, Str method);
