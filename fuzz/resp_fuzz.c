/* RESP: whole and in pieces come to the same. The first byte of the input says how to cut. */
#include "drivers/redis/resp.h"

#include "pieces.h"

typedef struct Sum {
    uint64_t replies, failed, bulks, broken;
} Sum;

static void on_bulk(void *user, uint32_t nth, Str head, uint64_t bytes)
{
    Sum *s = user;
    FUZZ_HOLDS(head.len <= RESP_LINE_MAX && (uint64_t)head.len <= bytes);
    s->bulks = s->bulks * 31 + nth + bytes;
    for (ptrdiff_t i = 0; i < head.len; i++)
        s->bulks = s->bulks * 31 + (unsigned char)head.ptr[i];
}

typedef struct Play {
    RespParser p;
    Sum s;
} Play;

static bool feed(void *user, Str in, ptrdiff_t *ret_used)
{
    Play *y = user;
    int r = resp_feed(&y->p, in, ret_used);
    y->s.broken = r < 0;
    y->s.replies += r == RESP_REPLY;
    y->s.failed += r == RESP_REPLY && y->p.failed;
    FUZZ_HOLDS((r >= 0 || y->p.wrong) && strlen(y->p.word) < RESP_WORD_MAX);
    return r >= 0;
}

static Sum play(Str in, ptrdiff_t step)
{
    Play y = { .p = { .on_bulk = on_bulk } };
    y.p.user = &y.s;
    fuzz_feed(feed, &y, in, step);
    return y.s;
}

FUZZ_WHOLE_AND_PIECES(Sum, play)
