#include "drivers/http/http2_fake.h"

#include "base/rng.h"
#include "drivers/fake_framed.h"

enum { PREFACE_BYTES = 24, FRAME_HEAD = 9 };

typedef struct Fake {
    const FakeHttp2 *s;
    Rng rng;
} Fake;

static void send_frame(int fd, const FakeFrame *f, uint32_t id)
{
    uint32_t length = f->length ? f->length : (uint32_t)f->payload.len;
    uint32_t stream = f->stream == ON_REQUEST ? id : f->stream == ON_NEXT ? id + 1000 : 0;
    unsigned char head[FRAME_HEAD] = {
        (unsigned char)(length >> 16),
        (unsigned char)(length >> 8),
        (unsigned char)length,
        f->type,
        f->flags,
        (unsigned char)(stream >> 24),
        (unsigned char)(stream >> 16),
        (unsigned char)(stream >> 8),
        (unsigned char)stream,
    };
    if (!f->raw)
        framed_send(fd, head, sizeof head);
    framed_send(fd, f->payload.ptr, f->payload.len);
}

static bool is_frame(const FakeFrame *f)
{
    return f->type || f->flags || f->payload.len;
}

static bool answer_well(FramedConn *c, uint32_t id)
{
    static const FakeFrame good[] = { FAKE_HEADERS_200, FAKE_DATA_END("Hello, World!") };
    send_frame(c->fd, &good[0], id);
    send_frame(c->fd, &good[1], id);
    return true;
}

static bool answer_wildly(Fake *f, FramedConn *c, uint32_t id)
{
    static const FakeFrame head = FAKE_HEADERS_200;
    static const FakeFrame faults[] = {
        { .type = 3, .payload = STR("\0\0\0\2") },                              /* RST_STREAM */
        { .type = 7, .stream = ON_LINK, .payload = STR("\0\0\0\0\0\0\0\0") },   /* GOAWAY, none */
        { .type = 0, .flags = 1, .length = 5, .payload = STR("ab"), .raw = 0 }, /* cut short */
        { .type = 1, .flags = 5, .payload = STR("\x8d") },                      /* 404 */
    };
    uint64_t roll = rng_below(&f->rng, 24);
    if (roll < 16)
        return answer_well(c, id);
    if (roll < 18)
        send_frame(c->fd, &head, id);
    if (roll < 22)
        send_frame(c->fd, &faults[roll % 4], id);
    return framed_end(c, roll == 21 ? FAKE_CLOSE : roll == 22 ? FAKE_RESET : FAKE_KEEP);
}

static bool answer(Fake *f, FramedConn *c, uint32_t id)
{
    const FakeHttp2 *s = f->s;
    if (c->holding)
        return true;
    if (c->n_requests++ < s->good)
        return answer_well(c, id);
    if (s->wild)
        return answer_wildly(f, c, id);
    for (int i = 0; i < FAKE_FRAMES && is_frame(&s->frames[i]); i++)
        send_frame(c->fd, &s->frames[i], id);
    return framed_end(c, s->end);
}

static void greet(const Fake *f, FramedConn *c)
{
    unsigned char most[] = { 0, 3, 0, 0, 0, (unsigned char)f->s->most_streams };
    FakeFrame settings = { .type = 4, .stream = ON_LINK };
    if (f->s->most_streams)
        settings.payload = (Str){ (char *)most, sizeof most };
    if (!f->s->no_settings)
        send_frame(c->fd, &settings, 0);
    c->greeted = true;
}

/* Consume one frame. > 0 bytes, 0: not whole yet, < 0: close. */
static ptrdiff_t take_frame(void *user, FramedConn *c, const unsigned char *p, ptrdiff_t n)
{
    Fake *f = user;
    static const FakeFrame ack = { .type = 4, .flags = 1, .stream = ON_LINK };
    if (!c->greeted) {
        if (n < PREFACE_BYTES)
            return 0;
        greet(f, c);
        return PREFACE_BYTES;
    }
    if (n < FRAME_HEAD)
        return 0;
    ptrdiff_t length = p[0] << 16 | p[1] << 8 | p[2];
    uint32_t id = (uint32_t)p[5] << 24 | (uint32_t)p[6] << 16 | (uint32_t)p[7] << 8 | p[8];
    if (n < FRAME_HEAD + length)
        return 0;
    if (p[3] == 4 && !(p[4] & 1) && !f->s->no_settings)
        send_frame(c->fd, &ack, 0);
    bool whole = (p[3] == 1 || p[3] == 0) && p[4] & 1; /* END_STREAM */
    if (whole && !answer(f, c, id))
        return -1;
    return FRAME_HEAD + length;
}

FakeServer fake_http2_start(const FakeHttp2 *s)
{
    Fake f = { .s = s, .rng = rng_new(s->seed, "fake", 0) };
    return fake_framed_start(take_frame, &f);
}
