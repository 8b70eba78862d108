#include "drivers/mcp/mcp_frames.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"

static void keep(McpFrames *f, Str piece)
{
    if (piece.len == 0 || f->wrong)
        return;
    if ((uint64_t)(f->n + piece.len) > f->max)
        f->wrong = "a message larger than message_max";
    else if (buf_grow(&f->buf, &f->cap, f->n + piece.len) < 0)
        f->wrong = "no memory for a message";
    if (f->wrong)
        return;
    memcpy(f->buf + f->n, piece.ptr, (size_t)piece.len);
    f->n += piece.len;
}

static void tell(McpFrames *f, Str text)
{
    text = str_trim(text);
    if (text.len > 0 && f->on_message && !f->wrong)
        f->on_message(f->user, text);
}

static void tell_kept(McpFrames *f)
{
    Str text = { f->buf, f->n };
    f->n = 0;
    tell(f, text);
}

/* A line that came whole is not copied. */
static void feed_lines(McpFrames *f, Str in)
{
    while (in.len > 0 && !f->wrong) {
        const char *end = memchr(in.ptr, '\n', (size_t)in.len);
        Str line = { in.ptr, end ? end - in.ptr : in.len };
        bool whole = end && f->n == 0 && (uint64_t)line.len <= f->max;
        if (whole)
            tell(f, line);
        else
            keep(f, line);
        if (end && !whole)
            tell_kept(f);
        in = str_slice(in, line.len + (end != NULL), in.len);
    }
}

static void on_data(void *user, Str piece)
{
    keep(user, piece);
}

static void on_event(void *user)
{
    tell_kept(user);
}

void mcp_frames_begin(McpFrames *f, McpFraming framing, uint64_t max)
{
    *f = (McpFrames){ .framing = framing, .max = max, .buf = f->buf, .cap = f->cap };
    if (framing != MCP_EVENTS)
        return;
    sse_begin(&f->sse);
    f->sse.on_data = on_data;
    f->sse.on_event = on_event;
    f->sse.user = f;
}

int mcp_frames_feed(McpFrames *f, Str bytes)
{
    if (f->framing == MCP_LINES)
        feed_lines(f, bytes);
    else if (f->framing == MCP_EVENTS)
        sse_feed(&f->sse, bytes);
    else
        keep(f, bytes);
    return f->wrong ? -EPROTO : 0;
}

void mcp_frames_end(McpFrames *f)
{
    if (f->framing == MCP_BODY)
        tell_kept(f);
    f->n = 0;
}

void mcp_frames_done(McpFrames *f)
{
    free(f->buf);
    *f = (McpFrames){ 0 };
}
