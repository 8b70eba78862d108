/* Replies: whole and in pieces come to the same; URLs: what is taken is safe to put on the wire.
 * The first byte of the input says how to cut and whether a HEAD is answered. */
#include "drivers/http/http_reply.h"
#include "drivers/http/http_url.h"
#include "fuzz.h"

static int feed(HttpReply *p, Str s, ptrdiff_t step, ptrdiff_t *ret_used)
{
    int r = HTTP_MORE;
    for (ptrdiff_t at = 0; at < s.len && r == HTTP_MORE; at += step) {
        Str piece = str_slice(s, at, at + step);
        ptrdiff_t used = -1;
        r = http_reply_feed(p, piece, &used);
        FUZZ_HOLDS(r < 0 || (used >= 0 && used <= piece.len));
        FUZZ_HOLDS(r != HTTP_MORE || used == piece.len);
        *ret_used += used;
    }
    return r;
}

static void try_url(Str s)
{
    Arena a = { 0 };
    HttpUrl u;
    Err err = { 0 };
    if (http_url_parse(&a, arena_str(&a, s), &u, &err) == 0) {
        FUZZ_HOLDS(u.path[0] == '/' && http_target_ok(str(u.path)));
        FUZZ_HOLDS(u.host[0] && http_target_ok(str(u.host)));
    } else {
        FUZZ_HOLDS(err.code < 0 && err.msg[0]);
    }
    arena_done(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    if (n == 0)
        return 0;
    Str s = { (const char *)bytes + 1, (ptrdiff_t)n - 1 };
    HttpReply whole, pieces;
    ptrdiff_t used[2] = { 0, 0 };
    http_reply_begin(&whole, bytes[0] & 1, 1000);
    http_reply_begin(&pieces, bytes[0] & 1, 1000);
    int r = feed(&whole, s, MAX(s.len, (ptrdiff_t)1), &used[0]);
    int q = feed(&pieces, s, (bytes[0] >> 1) + 1, &used[1]);
    FUZZ_HOLDS(r == q);
    if (r >= 0) {
        FUZZ_HOLDS(used[0] == used[1] && whole.status == pieces.status);
        FUZZ_HOLDS(whole.body_bytes == pieces.body_bytes && whole.state == pieces.state);
        FUZZ_HOLDS(whole.body_bytes <= (uint64_t)s.len);
    }
    if (r == HTTP_MORE)
        FUZZ_HOLDS(http_reply_eof(&whole) == http_reply_eof(&pieces));
    try_url(s);
    return 0;
}
