#include "selftest/reply.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char garbage[] = "\x16\x03\x01\x02\x00\x01\x00 this is no HTTP \xff\xfe\r\n\r\n";

static ReplyEnd end_of(ReplyKind kind, bool keep)
{
    switch (kind) {
    case REPLY_OK:
    case REPLY_STATUS:
        return keep ? REPLY_END_KEEP : REPLY_END_CLOSE;
    case REPLY_RESET:
        return REPLY_END_RESET;
    case REPLY_SHORT:
    case REPLY_SILENCE:
    case REPLY_ENDLESS:
        return REPLY_END_WAIT;
    case REPLY_CLOSE:
    case REPLY_GARBAGE:
    case REPLY_TRUNCATED:
    case REPLY_EXCESS:
    case REPLY_BAD_LENGTH:
    case REPLY_BAD_CHUNK:
    case REPLY_N:
        break;
    }
    return REPLY_END_CLOSE;
}

static bool says_nothing(ReplyKind kind)
{
    return kind == REPLY_RESET || kind == REPLY_CLOSE || kind == REPLY_SILENCE;
}

SrvReply srv_reply_new(const SrvRouteOpts *o, ReplyKind kind, bool keep, bool head_only)
{
    SrvReply r = { .kind = kind, .phase = PHASE_INTERIM, .status = 200, .interim = o->interim };
    r.keep = keep && !o->close;
    r.end = end_of(kind, r.keep);
    r.head_only = head_only;
    r.chunked = o->chunked || kind == REPLY_BAD_CHUNK;
    r.trailers = o->trailers;
    r.body_bytes = o->body;
    if (kind == REPLY_STATUS)
        r.status = (int)o->status;
    if (kind == REPLY_TRUNCATED || kind == REPLY_SHORT) {
        r.chunked = false;
        r.body_bytes = MAX(o->body, UINT64_C(2));
    }
    r.body_left = head_only ? 0 : r.body_bytes;
    if (kind == REPLY_TRUNCATED || kind == REPLY_SHORT)
        r.body_left /= 2;
    if (o->drip) {
        r.piece_bytes = MAX(r.body_bytes / REPLY_PIECES, UINT64_C(1));
        r.piece_gap_ns = o->drip / MIN((uint64_t)REPLY_PIECES, MAX(r.body_bytes, UINT64_C(1)));
    }
    if (says_nothing(kind))
        r.phase = PHASE_DONE;
    return r;
}

SrvReply srv_reply_text(int status, char *text, bool keep, bool head_only)
{
    SrvReply r = { .kind = REPLY_OK, .phase = PHASE_HEAD, .status = status, .text = text };
    r.keep = keep;
    r.end = keep ? REPLY_END_KEEP : REPLY_END_CLOSE;
    r.head_only = head_only;
    r.body_bytes = strlen(text);
    r.body_left = head_only ? 0 : r.body_bytes;
    return r;
}

void srv_reply_done(SrvReply *r)
{
    free(r->text);
    r->text = NULL;
}

/* snprintf whose result always fits, as all heads here are far below REPLY_CAP_MIN. */
static PRINTF_LIKE(3, 4) ptrdiff_t put(char *buf, ptrdiff_t cap, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(buf, (size_t)cap, fmt, ap);
    va_end(ap);
    assert(n >= 0 && n < cap);
    return n;
}

static ptrdiff_t fill_interim(SrvReply *r, char *buf, ptrdiff_t cap)
{
    if (!r->interim) {
        r->phase = r->kind == REPLY_GARBAGE ? PHASE_TAIL : PHASE_HEAD;
        return 0;
    }
    r->interim--;
    return put(buf, cap, "HTTP/1.1 103 Early Hints\r\nlink: </style.css>; rel=preload\r\n\r\n");
}

static ptrdiff_t fill_head(SrvReply *r, char *buf, ptrdiff_t cap)
{
    ptrdiff_t n = put(buf, cap, "HTTP/1.1 %d %s\r\nserver: assay-selftest\r\n%s", r->status,
                      r->status == 200 ? "OK" : "As Asked",
                      r->end == REPLY_END_CLOSE && !r->keep ? "connection: close\r\n" : "");
    if (r->kind == REPLY_ENDLESS) {
        r->phase = PHASE_ENDLESS;
        return n;
    }
    r->phase = PHASE_BODY;
    if (r->chunked)
        return n + put(buf + n, cap - n, "transfer-encoding: chunked\r\n\r\n");
    if (r->kind == REPLY_BAD_LENGTH)
        return n + put(buf + n, cap - n, "content-length: banana\r\n\r\n");
    return n +
           put(buf + n, cap - n, "content-length: %llu\r\n\r\n", (unsigned long long)r->body_bytes);
}

/* Room for a chunk's size line and its line end. */
enum { CHUNK_FRAME = 24 };

static ptrdiff_t fill_body(SrvReply *r, char *buf, ptrdiff_t cap)
{
    if (!r->body_left) {
        r->phase = r->head_only ? PHASE_DONE : PHASE_TAIL;
        return 0;
    }
    uint64_t room = (uint64_t)(r->chunked ? cap - CHUNK_FRAME : cap);
    uint64_t take = MIN(r->body_left, room);
    if (r->piece_bytes)
        take = MIN(take, r->piece_bytes);
    ptrdiff_t n = 0;
    if (r->kind == REPLY_BAD_CHUNK) {
        r->body_left = 0;
        r->phase = PHASE_DONE;
        return put(buf, cap, "banana\r\n");
    }
    if (r->chunked)
        n = put(buf, cap, "%llx\r\n", (unsigned long long)take);
    if (r->text)
        memcpy(buf + n, r->text + (r->body_bytes - r->body_left), (size_t)take);
    else
        memset(buf + n, 'x', (size_t)take);
    n += (ptrdiff_t)take;
    if (r->chunked)
        n += put(buf + n, cap - n, "\r\n");
    r->body_left -= take;
    return n;
}

static ptrdiff_t fill_tail(SrvReply *r, char *buf, ptrdiff_t cap)
{
    r->phase = PHASE_DONE;
    ptrdiff_t n = 0;
    if (r->kind == REPLY_GARBAGE) {
        memcpy(buf, garbage, sizeof garbage - 1);
        return sizeof garbage - 1;
    }
    if (r->chunked)
        n = put(buf, cap, "0\r\n%s\r\n", r->trailers ? "x-digest: 0\r\nx-end: yes\r\n" : "");
    if (r->kind == REPLY_EXCESS)
        n += put(buf + n, cap - n, "surplus bytes");
    return n;
}

static ptrdiff_t fill_endless(char *buf, ptrdiff_t cap)
{
    ptrdiff_t n = 0;
    while (cap - n > 64)
        n += put(buf + n, cap - n, "x-more: 0123456789abcdef0123456789abcdef\r\n");
    return n;
}

ptrdiff_t srv_reply_fill(SrvReply *r, char *buf, ptrdiff_t cap)
{
    assert(cap >= REPLY_CAP_MIN);
    for (;;) {
        ptrdiff_t n = 0;
        switch (r->phase) {
        case PHASE_INTERIM:
            n = fill_interim(r, buf, cap);
            break;
        case PHASE_HEAD:
            n = fill_head(r, buf, cap);
            break;
        case PHASE_BODY:
            n = fill_body(r, buf, cap);
            break;
        case PHASE_TAIL:
            n = fill_tail(r, buf, cap);
            break;
        case PHASE_ENDLESS:
            return fill_endless(buf, cap);
        case PHASE_DONE:
            return 0;
        }
        if (n)
            return n;
    }
}
