/* What zlib packs comes out again, however it is cut; damage is told. */
#include "drivers/http/http_unpack.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "tap.h"

enum { TEXT_BYTES = 100000, ROOM = TEXT_BYTES + 1000 };

static char text[TEXT_BYTES];

static void make_text(void)
{
    for (int i = 0; i < TEXT_BYTES; i++)
        text[i] = (char)('a' + (i * i / 7 + i) % 23);
}

static Str pack(int window_bits, Str from, char *to)
{
    z_stream z = { 0 };
    union {
        const char *from;
        unsigned char *to;
    } in = { from.ptr };
    if (deflateInit2(&z, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        abort();
    z.next_in = in.to;
    z.avail_in = (unsigned)from.len;
    z.next_out = (unsigned char *)to;
    z.avail_out = ROOM;
    if (deflate(&z, Z_FINISH) != Z_STREAM_END)
        abort();
    deflateEnd(&z);
    return (Str){ to, ROOM - (ptrdiff_t)z.avail_out };
}

typedef struct Sink {
    char *got;
    ptrdiff_t n;
} Sink;

static void take(void *user, Str piece)
{
    Sink *s = user;
    if (s->n + piece.len <= 2 * ROOM)
        memcpy(s->got + s->n, piece.ptr, (size_t)piece.len);
    s->n += piece.len;
}

static const char *unpack(HttpUnpack **u, HttpCoding coding, Str packed, ptrdiff_t step, Sink *s)
{
    s->n = 0;
    if (unpack_begin(u, coding) != 0)
        abort();
    for (ptrdiff_t at = 0; at < packed.len; at += step) {
        const char *wrong = unpack_feed(*u, str_slice(packed, at, at + step), take, s);
        if (wrong)
            return wrong;
    }
    return unpack_end(*u);
}

static bool is_text(const Sink *s, int times)
{
    bool same = s->n == (ptrdiff_t)times * TEXT_BYTES;
    for (int i = 0; same && i < times; i++)
        same = memcmp(s->got + (ptrdiff_t)i * TEXT_BYTES, text, TEXT_BYTES) == 0;
    return same;
}

static void test_forms(HttpUnpack **u, Sink *s)
{
    static const struct {
        int bits;
        HttpCoding coding;
        const char *what;
    } rows[] = { { 16 + MAX_WBITS, CODING_GZIP, "gzip" },
                 { MAX_WBITS, CODING_DEFLATE, "deflate in zlib's format" },
                 { -MAX_WBITS, CODING_DEFLATE, "bare deflate" } };
    static const ptrdiff_t steps[] = { ROOM, 1, 7, 4096 };
    static char packed[2 * ROOM];
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++) {
        Str whole = pack(rows[i].bits, (Str){ text, TEXT_BYTES }, packed);
        for (ptrdiff_t k = 0; k < ARRAY_LEN(steps); k++)
            CHECK(!unpack(u, rows[i].coding, whole, steps[k], s) && is_text(s, 1),
                  "%s in pieces of %td", rows[i].what, steps[k]);
        CHECK_STR(unpack(u, rows[i].coding, str_slice(whole, 0, whole.len - 1), ROOM, s),
                  "the compressed body ends too early", "%s, a byte short", rows[i].what);
    }
    Str one = pack(16 + MAX_WBITS, (Str){ text, TEXT_BYTES }, packed);
    memcpy(packed + one.len, packed, (size_t)one.len);
    CHECK(!unpack(u, CODING_GZIP, (Str){ packed, 2 * one.len }, 100, s) && is_text(s, 2),
          "two members of a gzip file");
}

static void test_damage(HttpUnpack **u, Sink *s)
{
    static char packed[2 * ROOM];
    Str whole = pack(16 + MAX_WBITS, (Str){ text, TEXT_BYTES }, packed);
    packed[whole.len / 2] ^= 64;
    CHECK(unpack(u, CODING_GZIP, whole, ROOM, s) != NULL, "a bit turned is told");
    CHECK_STR(unpack(u, CODING_GZIP, STR("plain text"), ROOM, s), "the compressed body is damaged",
              "what is not compressed at all");
    whole = pack(MAX_WBITS, (Str){ text, TEXT_BYTES }, packed);
    packed[whole.len++] = 'x';
    CHECK_STR(unpack(u, CODING_DEFLATE, whole, ROOM, s),
              "bytes behind the end of the compressed body", "rubbish behind the end");
    CHECK_STR(unpack(u, CODING_GZIP, STR(""), ROOM, s), "the compressed body ends too early",
              "an empty one");
}

static void test_names(void)
{
    CHECK_INT(http_coding((Str){ 0 }), CODING_NONE, "no header");
    CHECK_INT(http_coding(STR(" GZIP ")), CODING_GZIP, "in any case");
    CHECK_INT(http_coding(STR("x-gzip")), CODING_GZIP, "the old name");
    CHECK_INT(http_coding(STR("deflate")), CODING_DEFLATE, "the other one");
    CHECK_INT(http_coding(STR("identity")), CODING_NONE, "none, by its name");
    CHECK_INT(http_coding(STR("gzip, br")), CODING_OTHER, "several are not taken apart");
}

int main(void)
{
    HttpUnpack *u = NULL;
    Sink s = { .got = calloc(1, 2 * ROOM) };
    if (!s.got)
        abort();
    make_text();
    test_forms(&u, &s);
    test_damage(&u, &s);
    test_names();
    unpack_free(u);
    free(s.got);
    return tap_done();
}
