/* NATS: whole and in pieces come to the same. The first byte of the input says how to cut. */
#include "drivers/nats/nats_proto.h"

#include <string.h>

#include "fuzz.h"

typedef struct Sum {
    uint64_t events[NATS_MSG + 1], bytes, hash;
    bool broken;
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

static Sum play(Str in, ptrdiff_t step)
{
    NatsParser p = { 0 };
    Sum s = { 0 };
    for (ptrdiff_t at = 0; at < in.len && !s.broken; at += step) {
        Str piece = str_slice(in, at, MIN(at + step, in.len));
        while (piece.len && !s.broken) {
            ptrdiff_t used = 0;
            int e = nats_feed(&p, piece, &used);
            s.broken = e < 0;
            FUZZ_HOLDS(s.broken ? p.wrong != NULL : used > 0 && used <= piece.len);
            if (e > NATS_MORE)
                note(&s, &p, e);
            piece = str_slice(piece, used, piece.len);
        }
    }
    return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    if (n == 0)
        return 0;
    Str in = { (const char *)bytes + 1, (ptrdiff_t)n - 1 };
    Sum whole = play(in, MAX(in.len, (ptrdiff_t)1)), pieces = play(in, bytes[0] % 16 + 1);
    FUZZ_HOLDS(memcmp(&whole, &pieces, sizeof whole) == 0);
    return 0;
}
