#include "drivers/ws/ws_frame.h"

#include <errno.h>
#include <string.h>

static int refuse(WsParser *p, const char *what)
{
    p->wrong = what;
    return -EPROTO;
}

/* ---- UTF-8: Unicode, table 3-7 ---- */

static bool utf8_lead(Utf8State *u, unsigned char c)
{
    static const struct {
        unsigned char from, to, left, low, high;
    } rows[] = {
        { 0x00, 0x7f, 0, 0, 0 },       { 0xc2, 0xdf, 1, 0x80, 0xbf }, { 0xe0, 0xe0, 2, 0xa0, 0xbf },
        { 0xe1, 0xec, 2, 0x80, 0xbf }, { 0xed, 0xed, 2, 0x80, 0x9f }, { 0xee, 0xef, 2, 0x80, 0xbf },
        { 0xf0, 0xf0, 3, 0x90, 0xbf }, { 0xf1, 0xf3, 3, 0x80, 0xbf }, { 0xf4, 0xf4, 3, 0x80, 0x8f },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++)
        if (c >= rows[i].from && c <= rows[i].to) {
            *u = (Utf8State){ rows[i].left, rows[i].low, rows[i].high };
            return true;
        }
    return false;
}

static bool utf8_feed(Utf8State *u, Str s)
{
    for (ptrdiff_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (u->left == 0) {
            if (c >= 0x80 && !utf8_lead(u, c))
                return false;
            continue;
        }
        if (c < u->low || c > u->high)
            return false;
        *u = (Utf8State){ u->left - 1, 0x80, 0xbf };
    }
    return true;
}

/* ---- head ---- */

static bool is_control(WsOp op)
{
    return op >= WS_OP_CLOSE;
}

static int read_first(WsParser *p, unsigned char c)
{
    p->fin = c & 0x80;
    p->op = (WsOp)(c & 0x0f);
    if (c & 0x70)
        return refuse(p, "a frame with reserved bits");
    if ((p->op > WS_OP_BINARY && p->op < WS_OP_CLOSE) || p->op > WS_OP_PONG)
        return refuse(p, "a frame with a reserved opcode");
    if (is_control(p->op))
        return p->fin ? 0 : refuse(p, "a control frame in fragments");
    if (p->op == WS_OP_MORE)
        return p->in_message ? 0 : refuse(p, "a continuation of nothing");
    return p->in_message ? refuse(p, "a message within another") : 0;
}

static int read_second(WsParser *p, unsigned char c)
{
    if (c & 0x80)
        return refuse(p, "a masked frame");
    if (is_control(p->op) && c > WS_CONTROL_MAX)
        return refuse(p, "a control frame that is too long");
    return 0;
}

static int head_length(const WsParser *p)
{
    if (p->head_bytes < 2)
        return 2;
    return p->head[1] == 127 ? 10 : p->head[1] == 126 ? 4 : 2;
}

/* The head is whole. */
static int begin_payload(WsParser *p)
{
    uint64_t n = 0;
    int length = head_length(p);
    for (int i = 2; i < length; i++)
        n = n << 8 | p->head[i];
    if (length == 2)
        n = p->head[1];
    if ((length == 4 && n < 126) || (length == 10 && n < 65536))
        return refuse(p, "a frame whose length is not in its shortest form");
    if (n >> 63)
        return refuse(p, "a frame whose length can't be");
    if (is_control(p->op)) {
        p->control_bytes = 0;
    } else {
        if (p->op != WS_OP_MORE) {
            p->message_op = p->op;
            p->message_bytes = 0;
            p->utf8 = (Utf8State){ 0 };
        }
        if (n > p->message_max || p->message_bytes > p->message_max - n)
            return refuse(p, "a message larger than message_max");
    }
    p->left = n;
    p->head_bytes = -1;
    return 0;
}

static int read_head(WsParser *p, unsigned char c)
{
    if (p->head_bytes == 0)
        TRY(read_first(p, c));
    if (p->head_bytes == 1)
        TRY(read_second(p, c));
    p->head[p->head_bytes++] = c;
    return p->head_bytes < head_length(p) ? 0 : begin_payload(p);
}

/* ---- payload ---- */

/* Codes that may stand on the wire: section 7.4, and the registry's 1012 to 1014. */
static bool is_close_code(int code)
{
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
           (code >= 3000 && code <= 4999);
}

static int end_close(WsParser *p)
{
    p->close_code = WS_NO_CODE;
    if (p->control_bytes == 0)
        return WS_CLOSE;
    if (p->control_bytes == 1)
        return refuse(p, "a close frame with half a code");
    p->close_code = (unsigned char)p->control[0] << 8 | (unsigned char)p->control[1];
    if (!is_close_code(p->close_code))
        return refuse(p, "a close frame with a code that can't be");
    Utf8State u = { 0 };
    if (!utf8_feed(&u, (Str){ p->control + 2, p->control_bytes - 2 }) || u.left)
        return refuse(p, "a close frame whose reason is not UTF-8");
    return WS_CLOSE;
}

static int end_frame(WsParser *p)
{
    p->head_bytes = 0;
    if (p->op == WS_OP_CLOSE)
        return end_close(p);
    if (is_control(p->op))
        return p->op == WS_OP_PING ? WS_PING : WS_PONG;
    p->in_message = !p->fin;
    if (!p->fin)
        return WS_MORE;
    if (p->message_op == WS_OP_TEXT && p->utf8.left)
        return refuse(p, "text that is not UTF-8");
    return WS_MESSAGE;
}

static int take_payload(WsParser *p, Str piece)
{
    p->left -= (uint64_t)piece.len;
    if (is_control(p->op)) {
        memcpy(p->control + p->control_bytes, piece.ptr, (size_t)piece.len);
        p->control_bytes += (int)piece.len;
        return 0;
    }
    p->message_bytes += (uint64_t)piece.len;
    if (p->message_op == WS_OP_TEXT && !utf8_feed(&p->utf8, piece))
        return refuse(p, "text that is not UTF-8");
    if (p->on_piece)
        p->on_piece(p->user, piece);
    return 0;
}

void ws_begin(WsParser *p, uint64_t message_max)
{
    *p = (WsParser){ .message_max = message_max };
}

int ws_feed(WsParser *p, Str bytes, ptrdiff_t *ret_used)
{
    ptrdiff_t at = 0;
    int r = WS_MORE;
    while (r == WS_MORE && at < bytes.len) {
        if (p->head_bytes >= 0) {
            r = read_head(p, (unsigned char)bytes.ptr[at++]);
        } else {
            uint64_t n = MIN(p->left, (uint64_t)(bytes.len - at));
            r = take_payload(p, (Str){ bytes.ptr + at, (ptrdiff_t)n });
            at += (ptrdiff_t)n;
        }
        if (r == 0 && p->head_bytes < 0 && p->left == 0)
            r = end_frame(p);
    }
    *ret_used = at;
    return r;
}

/* ---- sending ---- */

int ws_put_head(char buf[WS_HEAD_MAX], WsOp op, uint64_t n, const unsigned char mask[4])
{
    int at = 2, more = n < 126 ? 0 : n < 65536 ? 2 : 8;
    buf[0] = (char)(0x80 | op);
    buf[1] = (char)(0x80 | (more == 0 ? (int)n : more == 2 ? 126 : 127));
    for (int i = more - 1; i >= 0; i--)
        buf[at++] = (char)(n >> (8 * i));
    memcpy(buf + at, mask, 4);
    return at + 4;
}

void ws_mask(char *to, const char *from, ptrdiff_t n, uint64_t at, const unsigned char mask[4])
{
    for (ptrdiff_t i = 0; i < n; i++)
        to[i] = (char)((unsigned char)from[i] ^ mask[(at + (uint64_t)i) % 4]);
}
