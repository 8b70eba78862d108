/* RESP: whole and in pieces come to the same. The first byte of the input says how to cut. */
#include "drivers/redis/resp.h"

#include <string.h>

#include "fuzz.h"

typedef struct Sum {
    uint64_t replies, failed;
    uint64_t bulks;
    bool broken;
} Sum;

static void on_bulk(void *user, uint32_t nth, Str head, uint64_t bytes)
{
    Sum *s = user;
    FUZZ_HOLDS(head.len <= RESP_LINE_MAX && (uint64_t)head.len <= bytes);
    s->bulks = s->bulks * 31 + nth + bytes;
    for (ptrdiff_t i = 0; i < head.len; i++)
        s->bulks = s->bulks * 31 + (unsigned char)head.ptr[i];
}

static Sum play(Str in, ptrdiff_t step)
{
    Sum s = { 0 };
    RespParser p = { .on_bulk = on_bulk, .user = &s };
    for (ptrdiff_t at = 0; at < in.len && !s.broken; at += step) {
        Str piece = str_slice(in, at, MIN(at + step, in.len));
        while (piece.len && !s.broken) {
            ptrdiff_t used = 0;
            int r = resp_feed(&p, piece, &used);
            s.broken = r < 0;
            FUZZ_HOLDS(s.broken ? p.wrong != NULL : used > 0 && used <= piece.len);
            s.replies += r == RESP_REPLY;
            s.failed += r == RESP_REPLY && p.failed;
            FUZZ_HOLDS(strlen(p.word) < RESP_WORD_MAX);
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
    FUZZ_HOLDS(whole.replies == pieces.replies && whole.failed == pieces.failed);
    FUZZ_HOLDS(whole.broken == pieces.broken && whole.bulks == pieces.bulks);
    return 0;
}
