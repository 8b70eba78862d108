#include "stats/hdr.h"

#include <errno.h>
#include <zlib.h>

#include "base/base64.h"
#include "base/rng.h"
#include "tap.h"

static Hist *new_hist(uint64_t lowest, uint64_t highest, int digits)
{
    Hist *h;
    if (hist_new_range(&h, lowest, highest, digits, NULL) < 0)
        abort();
    return h;
}

static void to_hex(Str bytes, StrBuf *out)
{
    strbuf_clear(out);
    for (ptrdiff_t i = 0; i < bytes.len; i++)
        strbuf_addf(out, "%02x", (unsigned)(unsigned char)bytes.ptr[i]);
}

/* Encoded by another implementation: the Python package hdrhistogram 0.10.8. In the plain bytes a
 * single empty bin is a 0, as Java's writer has it (seen in jHiccup's logs), where Python's has -1.
 */
static const struct {
    uint64_t lowest, highest;
    int digits, n_values;
    struct {
        uint64_t value, count;
    } values[4];
    const char *base64, *plain_hex;
} vectors[] = {
    { 1,
      3600000000,
      3,
      4,
      { { 1, 2 }, { 5, 1 }, { 1000, 300 }, { 1000000, 1 } },
      "HISTFAAAACt4nJNpmSzMwMDAwwABzFCaEURcm7yEwf4DVICFlekw/w2W9/MYmQCbBQfd",
      "1c8493130000000c0000000000000003000000000000000100000000d693a400"
      "3ff000000000000000040502c30fd804ef9e0102" },
    { 1,
      UINT64_C(3600000000000),
      3,
      4,
      { { 7, 1 }, { 8, 1 }, { 10, 70000 }, { 123456789, 3 } },
      "HISTFAAAACx4nJNpmSzMwMDAzQABzFCaEch0M9ixgMH+A0SAl4mJ8cFRjvlzmdgAj1YHWQ==",
      "1c8493130000000b000000000000000300000000000000010000034630b8a000"
      "3ff00000000000000d020200e0c5089f9d0206" },
    { 1000,
      UINT64_C(3600000000000),
      2,
      2,
      { { 5000, 1 }, { UINT64_C(1000000000000), UINT64_C(1) << 40 } },
      "HISTFAAAACl4nJNpmSzMwMDAxQABTBCK+QUQuxnsWMBg/wEiIsi027ABBBwApY4I/Q==",
      "1c8493130000000a000000000000000200000000000003e80000034630b8a000"
      "3ff00000000000001102bb31808080808040" },
};

static void test_vectors(void)
{
    for (ptrdiff_t i = 0; i < ARRAY_LEN(vectors); i++) {
        CLEANUP(hist_freep)
        Hist *h = new_hist(vectors[i].lowest, vectors[i].highest, vectors[i].digits);
        for (int k = 0; k < vectors[i].n_values; k++)
            hist_record_n(h, vectors[i].values[k].value, vectors[i].values[k].count);
        CLEANUP(strbuf_done) StrBuf out = { 0 }, hex = { 0 };
        Err err = { 0 };
        CHECK_INT(hdr_encode(h, &out, &err), 0, "encode %td", i);
        to_hex(strbuf_str(&out), &hex);
        CHECK_STR(strbuf_z(&hex), vectors[i].plain_hex, "the same bytes as the other writer");
        CLEANUP(hist_freep) Hist *back = NULL;
        CHECK_INT(hdr_decode_base64(str(vectors[i].base64), &back, &err), 0, "decode %td: %s", i,
                  err.msg);
        if (!back)
            continue;
        CHECK(hist_same_geometry(h, back) && h->n == back->n, "same geometry and count");
        CHECK(memcmp(h->bins, back->bins, (size_t)h->n_bins * sizeof *h->bins) == 0, "same bins");
        CHECK(back->min == hist_bin_lo(h, h->min) && back->max == hist_bin_hi(h, h->max), "ends");
    }
}

static bool same(const Hist *a, const Hist *b)
{
    HistExact x = hist_exact(a), y = hist_exact(b);
    return hist_same_geometry(a, b) && a->n == b->n && memcmp(&x, &y, sizeof x) == 0 &&
           memcmp(a->bins, b->bins, (size_t)a->n_bins * sizeof *a->bins) == 0;
}

/* Property: any histogram comes back as it was, with its exact figures put back. */
static void test_round_trip(void)
{
    static const struct {
        uint64_t lowest, highest;
        int digits;
    } g[] = {
        { 1, HIST_HIGHEST_NS, 3 }, { 1, 1000, 1 },      { 1000, HIST_HIGHEST_NS, 2 },
        { 1, INT64_MAX, 4 },       { 1, INT64_MAX, 3 },
    };
    Rng r = rng_new(11, "round trip", 0);
    int bad = 0, n_over = 0;
    for (int rep = 0; rep < 300; rep++) {
        ptrdiff_t k = rep % ARRAY_LEN(g);
        CLEANUP(hist_freep) Hist *h = new_hist(g[k].lowest, g[k].highest, g[k].digits);
        int n = (int)rng_below(&r, 200) * (rep % 7 != 0);
        for (int i = 0; i < n; i++) {
            uint64_t v = rng_u64(&r) >> rng_below(&r, 64);
            uint64_t count = 1 + (rng_u64(&r) >> (64 - rng_below(&r, 49) - 1));
            hist_record_n(h, v, count);
        }
        if (rep % 3 == 0)
            hist_record_censored(h, 12);
        n_over += h->n_over > 0;
        CLEANUP(strbuf_done) StrBuf out = { 0 };
        CLEANUP(hist_freep) Hist *back = NULL;
        HistExact x = hist_exact(h);
        int how = rep % 2 ? hdr_encode(h, &out, NULL) : hdr_encode_compressed(h, &out, NULL);
        bad += how < 0 || hdr_decode(strbuf_str(&out), &back, NULL) < 0 ||
               hist_set_exact(back, &x, NULL) < 0 || !same(h, back);
    }
    CHECK_INT(bad, 0, "300 random histograms there and back (%d with values above the range)",
              n_over);
}

typedef struct Bytes {
    uint8_t b[256];
    ptrdiff_t len;
} Bytes;

static uint8_t hex_digit(char c)
{
    return (uint8_t)(c >= 'a' ? c - 'a' + 10 : c - '0');
}

static void from_hex(const char *hex, Bytes *out)
{
    out->len = 0;
    for (; hex[0] && hex[1]; hex += 2)
        out->b[out->len++] = (uint8_t)(hex_digit(hex[0]) << 4 | hex_digit(hex[1]));
}

static void test_refused(void)
{
#define RANGE "000000000000000100000000d693a400" /* 1 to 3.6e9 */
#define RATIO "3ff0000000000000"
    static const struct {
        const char *hex, *why;
    } t[] = {
        { "", "nothing" },
        { "1c84", "cut in the cookie" },
        { "deadbeef", "another cookie" },
        { "1c8493130000000c", "cut in the header" },
        { "1c849313000000010000000000000003" RANGE RATIO, "cut before the bins" },
        { "1c849313000000010000000000000003" RANGE RATIO "80", "cut within a count" },
        { "1c849313000000010000000000000003" RANGE RATIO "8001", "a count beyond the length" },
        { "1c849313000000010000000000000003" RANGE RATIO "0202", "more bytes than stated" },
        { "1c8493137fffffff0000000000000003" RANGE RATIO "02", "a length beyond all bins" },
        { "1c849313ffffffff0000000000000003" RANGE RATIO "02", "a negative length" },
        { "1c849313000000010000000100000003" RANGE RATIO "02", "shifted bins" },
        { "1c849313000000010000000000000006" RANGE RATIO "02", "six digits" },
        { "1c849313000000010000000000000000" RANGE RATIO "02", "no digits" },
        { "1c849313000000010000000080000003" RANGE RATIO "02", "a million digits" },
        { "1c84931300000001000000000000000300000000000000000000000000ffffff" RATIO "02",
          "a lowest of 0" },
        { "1c849313000000010000000000000003ffffffffffffffffffffffffffffffff" RATIO "02",
          "a range below 0" },
        { "1c849313000000010000000000000003000000000000000a000000000000000b" RATIO "02",
          "a range too narrow" },
        { "1c849313000000090000000000000003" RANGE RATIO "ffffffffffffffffff", "a run of 2^63" },
        { "1c849313000000030000000000000003" RANGE RATIO "ffff7f", "a run past the range" },
        { "1c849313000000090000000000000003" RANGE RATIO "fefffffffffffffffe", "2^63 values" },
        { "1c849313000000100000000000000003" RANGE RATIO "80808080808080800280808080808080"
          "8002",
          "2^57 values in two bins, and a length between" },
        { "1c849331000000080000000000000003" RANGE RATIO "0000000000000001", "words of 3 bytes" },
        { "1c849381000000070000000000000003" RANGE RATIO "00000000000000", "half a word" },
        { "1c849321000000020000000000000003" RANGE RATIO "000100", "a byte behind the words" },
        { "1c84938800000002" RANGE "0000000000000002"
          "0000000000000001",
          "a wrong V0 total" },
        { "1c84938800000002" RANGE "0000000000000001"
          "00000000000001",
          "half a V0 word" },
        { "1c84931400000000", "no compressed bytes" },
        { "1c84931400000004789c0300", "compressed, cut short" },
        { "1c84931400000005789c0300", "fewer bytes than stated" },
        { "1c84931400000004deadbeef", "no zlib data" },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(t); i++) {
        Bytes in;
        from_hex(t[i].hex, &in);
        Hist *h = NULL;
        Err err = { 0 };
        int r = hdr_decode((Str){ (const char *)in.b, in.len }, &h, &err);
        CHECK_INT(r, -EINVAL, "%s: %s", t[i].why, err.msg);
        CHECK(h == NULL && err.msg[0], "and says so");
    }
    Hist *h = NULL;
    Err err = { 0 };
    CHECK_INT(hdr_decode_base64(STR("HIST*"), &h, &err), -EINVAL, "base64: %s", err.msg);
}

/* What V1 and V0 look like: fixed-width counts. */
static void test_old_versions(void)
{
    static const char *const hex[] = {
        "1c849321000000060000000000000003" RANGE RATIO "000100000003",
        "1c849341000000"
        "0c0000000000000003" RANGE RATIO "000000010000000000000003",
        "1c84938800000003" RANGE "0000000000000004"
        "000000000000000100000000000000000000000000000003",
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(hex); i++) {
        Bytes in;
        from_hex(hex[i], &in);
        CLEANUP(hist_freep) Hist *h = NULL;
        Err err = { 0 };
        CHECK_INT(hdr_decode((Str){ (const char *)in.b, in.len }, &h, &err), 0, "old %td: %s", i,
                  err.msg);
        CHECK(h && h->n == 4 && h->bins[0] == 1 && h->bins[2] == 3 && h->max == 2, "its counts");
    }
}

/* Every truncation and every flipped bit of a good encoding is refused or gives a sound histogram.
 */
static void test_damage(void)
{
    CLEANUP(hist_freep) Hist *h = new_hist(1, HIST_HIGHEST_NS, 2);
    for (uint64_t i = 1; i < 200; i++)
        hist_record_n(h, i * i * i, i);
    for (int compressed = 0; compressed < 2; compressed++) {
        CLEANUP(strbuf_done) StrBuf out = { 0 };
        int r = compressed ? hdr_encode_compressed(h, &out, NULL) : hdr_encode(h, &out, NULL);
        CHECK_INT(r, 0, "encoded");
        int accepted = 0, unsound = 0;
        for (ptrdiff_t len = 0; len < out.len; len++) {
            CLEANUP(hist_freep) Hist *back = NULL;
            accepted += hdr_decode((Str){ out.ptr, len }, &back, NULL) == 0;
        }
        CHECK_INT(accepted, 0, "no truncation is accepted");
        for (ptrdiff_t bit = 0; bit < out.len * 8; bit++) {
            CLEANUP(hist_freep) Hist *back = NULL;
            out.ptr[bit / 8] ^= (char)(1 << bit % 8);
            if (hdr_decode(strbuf_str(&out), &back, NULL) == 0)
                unsound += back->n > 0 && (back->min > back->max || hist_quantile(back, .5) < 0);
            out.ptr[bit / 8] ^= (char)(1 << bit % 8);
        }
        CHECK_INT(unsound, 0, "no flipped bit makes an unsound histogram");
    }
}

/* 64 MiB of zeros behind a good header, in 64 KiB. */
static void test_bomb(void)
{
    enum { MIB = 1 << 20, N_MIB = 64 };
    static const struct {
        const char *head, *why;
    } t[] = {
        { "1c84938800000003" RANGE "0000000000000000", "V0, which states no length" },
        { "1c849313000000000000000000000003" RANGE RATIO, "V2 that states nothing" },
        { "1c849313040000000000000000000003" RANGE RATIO, "V2 that states it all" },
    };
    static uint8_t zeros[MIB], packed[4 * MIB];
    for (ptrdiff_t i = 0; i < ARRAY_LEN(t); i++) {
        Bytes head;
        from_hex(t[i].head, &head);
        z_stream z = { .next_out = packed + 8, .avail_out = sizeof packed - 8 };
        if (deflateInit(&z, 9) != Z_OK)
            abort();
        z.next_in = head.b;
        z.avail_in = (uInt)head.len;
        deflate(&z, Z_NO_FLUSH);
        for (int k = 0; k < N_MIB; k++) {
            z.next_in = zeros;
            z.avail_in = MIB;
            deflate(&z, k + 1 < N_MIB ? Z_NO_FLUSH : Z_FINISH);
        }
        uint32_t len = (uint32_t)z.total_out;
        deflateEnd(&z);
        const uint8_t front[8] = { 0x1c,
                                   0x84,
                                   0x93,
                                   0x14,
                                   (uint8_t)(len >> 24),
                                   (uint8_t)(len >> 16),
                                   (uint8_t)(len >> 8),
                                   (uint8_t)len };
        memcpy(packed, front, 8);
        Hist *h = NULL;
        Err err = { 0 };
        int r = hdr_decode((Str){ (const char *)packed, len + 8 }, &h, &err);
        CHECK_INT(r, -EINVAL, "%s: %s", t[i].why, err.msg);
    }
}

static void test_limits(void)
{
    CLEANUP(hist_freep) Hist *h = new_hist(1, 1000, 3);
    hist_record_n(h, 5, HDR_COUNT_MAX);
    CLEANUP(strbuf_done) StrBuf out = { 0 }, small = { .max = 20 };
    Err err;
    CHECK_INT(hdr_encode(h, &out, &err), 0, "2^56 values");
    CLEANUP(hist_freep) Hist *back = NULL;
    CHECK_INT(hdr_decode(strbuf_str(&out), &back, &err), 0, "and back");
    hist_record(h, 5);
    CHECK_INT(hdr_encode(h, &out, &err), -EINVAL, "one more is refused both ways");
    hist_reset(h);
    CHECK_INT(hdr_encode(h, &small, &err), -ENOSPC, "a buffer too small");
}

int main(void)
{
    test_vectors();
    test_round_trip();
    test_refused();
    test_old_versions();
    test_damage();
    test_bomb();
    test_limits();
    return tap_done();
}
