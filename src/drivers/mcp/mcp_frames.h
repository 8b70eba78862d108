/* From the bytes of a transport to whole messages: lines (stdio), events of a stream, or one body
 * (HTTP). Pure but for the buffer that keeps what is not whole yet; the same bytes give the same
 * messages however they are cut. */
#pragma once

#include "drivers/http/sse.h"

typedef enum McpFraming { MCP_LINES, MCP_EVENTS, MCP_BODY } McpFraming;

typedef struct McpFrames {
    /* set after mcp_frames_begin */
    void (*on_message)(void *user, Str text); /* a view, for the call; never only blanks */
    void *user;
    /* inside */
    McpFraming framing;
    uint64_t max; /* bytes of a message */
    const char *wrong;
    char *buf; /* owned */
    ptrdiff_t n, cap;
    SseParser sse;
} McpFrames;

/* Anew; what was not whole is forgotten, the buffer kept. Zeroed before the first time. */
void mcp_frames_begin(McpFrames *f, McpFraming framing, uint64_t max);
/* 0, or -EPROTO with f->wrong: a message longer than max, or no memory for it. */
MUST_CHECK int mcp_frames_feed(McpFrames *f, Str bytes);
/* The end of the transport's message: a body is whole now, lines and events in pieces are not. */
void mcp_frames_end(McpFrames *f);
void mcp_frames_done(McpFrames *f);
