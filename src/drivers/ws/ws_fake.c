#include "drivers/ws/ws_fake.h"

#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "drivers/fake_framed.h"
#include "drivers/ws/ws_frame.h"

typedef struct Fake {
    const FakeWs *s;
    Rng rng;
} Fake;

static void send_str(const FramedConn *c, Str s)
{
    framed_send(c->fd, s.ptr, s.len);
}

static ptrdiff_t shake_hands(const Fake *f, FramedConn *c, const unsigned char *p, ptrdiff_t n)
{
    Str in = { (const char *)p, n };
    ptrdiff_t end = str_find(in, STR("\r\n\r\n")), key = str_find(in, STR("Sec-WebSocket-Key: "));
    char accept[WS_ACCEPT_CHARS + 1], text[WS_KEY_CHARS + 1], head[512];
    if (end < 0 || key < 0)
        return 0;
    snprintf(text, sizeof text, "%.24s", in.ptr + key + 19);
    ws_accept_of(text, accept);
    int len =
        snprintf(head, sizeof head,
                 "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                 "Connection: keep-alive, Upgrade\r\n" STR_FMT "Sec-WebSocket-Accept: %s\r\n\r\n",
                 STR_ARG(f->s->extra_head), accept);
    send_str(c, f->s->handshake.len ? f->s->handshake : (Str){ head, len });
    send_str(c, f->s->greeting);
    c->greeted = true;
    return f->s->handshake.len && f->s->end == FAKE_CLOSE ? -1 : end + 4;
}

static bool echo(FramedConn *c, unsigned char first, const char *payload, ptrdiff_t n)
{
    unsigned char head[10] = { first };
    int more = n < 126 ? 0 : n < 65536 ? 2 : 8, at = 2;
    head[1] = (unsigned char)(more == 0 ? n : more == 2 ? 126 : 127);
    for (int i = more - 1; i >= 0; i--)
        head[at++] = (unsigned char)((uint64_t)n >> (8 * i));
    framed_send(c->fd, head, at);
    framed_send(c->fd, payload, n);
    return true;
}

static bool answer_wildly(Fake *f, FramedConn *c, unsigned char first, const char *p, ptrdiff_t n)
{
    static const Str faults[] = {
        STR("\x88\x02\x03\xe9"), /* close 1001 */
        STR("\x81\x85mask.....") /* masked */,
        STR("\x82\x05xx"), /* cut short */
        STR(""),
    };
    uint64_t roll = rng_below(&f->rng, 24);
    if (roll < 17)
        return echo(c, first, p, n);
    if (roll < 21)
        send_str(c, faults[roll % 4]);
    return framed_end(c, roll == 21 ? FAKE_CLOSE : roll == 22 ? FAKE_RESET : FAKE_KEEP);
}

static bool answer(Fake *f, FramedConn *c, unsigned char first, const char *p, ptrdiff_t n)
{
    const FakeWs *s = f->s;
    if (c->holding)
        return true;
    if (c->n_requests++ < s->good)
        return echo(c, first, p, n);
    if (s->wild)
        return answer_wildly(f, c, first, p, n);
    send_str(c, s->reply);
    if (s->echo)
        echo(c, first, p, n);
    return framed_end(c, s->end);
}

static ptrdiff_t take(void *user, FramedConn *c, const unsigned char *p, ptrdiff_t n)
{
    Fake *f = user;
    static char payload[FRAMED_IN_MAX];
    if (!c->greeted)
        return shake_hands(f, c, p, n);
    if (n < 2)
        return 0;
    if (!(p[1] & 0x80)) /* a client must mask */
        return -1;
    ptrdiff_t more = (p[1] & 127) == 127 ? 8 : (p[1] & 127) == 126 ? 2 : 0, head = 2 + more + 4;
    uint64_t length = more ? 0 : p[1] & 127;
    for (ptrdiff_t i = 0; i < more && n >= head; i++)
        length = length << 8 | p[2 + i];
    if (n < head || (uint64_t)(n - head) < length)
        return 0;
    ptrdiff_t bytes = (ptrdiff_t)length;
    ws_mask(payload, (const char *)p + head, bytes, 0, p + head - 4);
    int op = p[0] & 15;
    if (op == WS_OP_CLOSE)
        return -1;
    if (op != WS_OP_PONG && !answer(f, c, p[0], payload, bytes))
        return -1;
    return head + bytes;
}

FakeServer fake_ws_start(const FakeWs *s)
{
    Fake f = { .s = s, .rng = rng_new(s->seed, "fake", 0) };
    return fake_framed_start(take, &f);
}
