/* Event streams: whole and in pieces come to the same. The first byte of the input says how to cut.
 */
#include "drivers/http/sse.h"

#include <string.h>

#include "fuzz.h"

typedef struct Sum {
    uint64_t hash, bytes;
    uint64_t events;
} Sum;

static void on_data(void *user, Str piece)
{
    Sum *s = user;
    s->bytes += (uint64_t)piece.len;
    for (ptrdiff_t i = 0; i < piece.len; i++)
        s->hash = (s->hash ^ (unsigned char)piece.ptr[i]) * 0x100000001b3;
}

static void on_event(void *user)
{
    Sum *s = user;
    s->events++;
    s->hash = (s->hash ^ 256) * 0x100000001b3;
}

static void play(SseParser *p, Sum *sum, Str in, ptrdiff_t step)
{
    sse_begin(p);
    *sum = (Sum){ 0 };
    p->on_data = on_data;
    p->on_event = on_event;
    p->user = sum;
    for (ptrdiff_t at = 0; at < in.len; at += step)
        sse_feed(p, str_slice(in, at, MIN(at + step, in.len)));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    if (n == 0)
        return 0;
    Str in = { (const char *)bytes + 1, (ptrdiff_t)n - 1 };
    SseParser whole, pieces;
    Sum a, b;
    play(&whole, &a, in, MAX(in.len, (ptrdiff_t)1));
    play(&pieces, &b, in, bytes[0] % 16 + 1);
    FUZZ_HOLDS(a.hash == b.hash && a.bytes == b.bytes && a.events == b.events);
    FUZZ_HOLDS(whole.n_events == a.events && pieces.n_events == a.events);
    FUZZ_HOLDS(whole.n_comments == pieces.n_comments && whole.retry_ms == pieces.retry_ms);
    FUZZ_HOLDS(whole.id_bytes == pieces.id_bytes && whole.id_bytes <= SSE_ID_MAX);
    FUZZ_HOLDS(memcmp(whole.id, pieces.id, (size_t)whole.id_bytes) == 0);
    FUZZ_HOLDS(a.events + whole.n_comments <= n && a.bytes <= n);
    return 0;
}
