/* Compressed bodies: whole and in pieces they come to the same. The first byte says how to cut, and
 * which coding it is. */
#include <string.h>

#include "drivers/http/http_unpack.h"
#include "fuzz.h"

enum { KEPT = 1 << 16, STOP = 1 << 22 };

typedef struct Sink {
    char got[KEPT];
    uint64_t n;
} Sink;

static Sink sinks[2];

static void take(void *user, Str piece)
{
    Sink *s = user;
    FUZZ_HOLDS(piece.len > 0 && piece.len <= 4096);
    if (s->n + (uint64_t)piece.len <= KEPT)
        memcpy(s->got + s->n, piece.ptr, (size_t)piece.len);
    s->n += (uint64_t)piece.len;
}

static const char *unpack(HttpCoding coding, Str all, ptrdiff_t step, Sink *s)
{
    HttpUnpack *u = NULL;
    const char *wrong = NULL;
    s->n = 0;
    FUZZ_HOLDS(unpack_begin(&u, coding) == 0);
    for (ptrdiff_t at = 0; !wrong && at < all.len && s->n < STOP; at += step)
        wrong = unpack_feed(u, str_slice(all, at, at + step), take, s);
    wrong = wrong ? wrong : unpack_end(u);
    unpack_free(u);
    return wrong;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    if (n < 2)
        return 0;
    Str all = { (const char *)bytes + 1, (ptrdiff_t)n - 1 };
    HttpCoding coding = bytes[0] & 1 ? CODING_GZIP : CODING_DEFLATE;
    const char *whole = unpack(coding, all, all.len, &sinks[0]);
    const char *cut = unpack(coding, all, bytes[0] / 2 + 1, &sinks[1]);
    bool short_enough = sinks[0].n < STOP && sinks[1].n < STOP;
    FUZZ_HOLDS(!short_enough || !whole == !cut);
    FUZZ_HOLDS(!short_enough || whole || sinks[0].n == sinks[1].n);
    FUZZ_HOLDS(whole || cut || sinks[0].n > KEPT ||
               memcmp(sinks[0].got, sinks[1].got, sinks[0].n) == 0);
    return 0;
}
