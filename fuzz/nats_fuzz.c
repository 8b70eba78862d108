/* NATS: whole and in pieces come to the same. The first byte of the input says how to cut. */
#include "drivers/nats/nats_proto.h"

#include "pieces.h"

typedef struct Sum {
    uint64_t events[NATS_MSG + 1], bytes, hash;
    uint64_t broken;
} Sum;

static void note(Sum *s, const NatsParser *p, int event)
{
    s->events[event]++;
    if (event == NATS_ERR)
        FUZZ_HOLDS(nats_cause(p) != NULL);
    if (event != NATS_MSG)
        return;
    Str head = nats_head(p);
    FUZZ_HOLDS(head.len <= NATS_HEAD_MAX && nats_status(p) >= 0);
    s->bytes += p->bytes + p->header_bytes;
    for (ptrdiff_t i = 0; i < head.len; i++)
        s->hash = s->hash * 31 + (unsigned char)head.ptr[i];
}

typedef struct Play {
    NatsParser p;
    Sum s;
} Play;

static bool feed(void *user, Str in, ptrdiff_t *ret_used)
{
    Play *y = user;
    int event = nats_feed(&y->p, in, ret_used);
    y->s.broken = event < 0;
    FUZZ_HOLDS(event >= 0 || y->p.wrong);
    if (event > NATS_MORE)
        note(&y->s, &y->p, event);
    return event >= 0;
}

static Sum play(Str in, ptrdiff_t step)
{
    Play y = { 0 };
    fuzz_feed(feed, &y, in, step);
    return y.s;
}

FUZZ_WHOLE_AND_PIECES(Sum, play)
