/* A decoder reads bytes one at a time from a ByteSource, which is either plain memory or inflates
 * piecewise; so a bomb that claims gigabytes costs as many bytes as its histogram may have. */
#include "stats/hdr.h"

#include <errno.h>
#include <stdlib.h>
#include <zlib.h>

#include "base/base64.h"

/* Cookies without the nibble that states the word size. */
static const uint32_t COOKIE_WORD_BITS = 0xf0;
static const uint32_t V0_PLAIN = 0x1c849308, V0_COMPRESSED = 0x1c849309;
static const uint32_t V1_PLAIN = 0x1c849301, V1_COMPRESSED = 0x1c849302;
static const uint32_t V2_PLAIN = 0x1c849303, V2_COMPRESSED = 0x1c849304;
static const uint32_t V2_WORD = 0x10; /* V2 sets it although it has no words */

enum { SOURCE_END = -1, SOURCE_DAMAGED = -2, LEB_MAX_BYTES = 9, SOURCE_BUF = 4096 };

typedef struct ByteSource {
    const uint8_t *in; /* plain: borrowed, next byte */
    ptrdiff_t in_left;
    z_stream *z; /* compressed: borrowed, initialised; NULL when plain */
    bool z_ended;
    ptrdiff_t at, len; /* inflated bytes waiting in buf */
    uint64_t n_read;
    uint8_t buf[SOURCE_BUF];
} ByteSource;

/* More inflated bytes into buf: 0, SOURCE_END or SOURCE_DAMAGED. */
static int source_fill(ByteSource *s)
{
    while (!s->z_ended) {
        s->z->next_out = s->buf;
        s->z->avail_out = sizeof s->buf;
        int r = inflate(s->z, Z_NO_FLUSH);
        if (r != Z_OK && r != Z_STREAM_END)
            return SOURCE_DAMAGED; /* also cut short: no input left is Z_BUF_ERROR */
        s->z_ended = r == Z_STREAM_END;
        s->at = 0;
        s->len = (ptrdiff_t)(sizeof s->buf - s->z->avail_out);
        if (s->len)
            return 0;
    }
    return SOURCE_END;
}

/* The next byte, or SOURCE_END or SOURCE_DAMAGED. */
static int source_next(ByteSource *s)
{
    if (!s->z) {
        if (s->in_left == 0)
            return SOURCE_END;
        s->in_left--;
        s->n_read++;
        return *s->in++;
    }
    if (s->at == s->len) {
        int r = source_fill(s);
        if (r < 0)
            return r;
    }
    s->n_read++;
    return s->buf[s->at++];
}

static int refuse_end(int why, Err *err)
{
    err_set(err, -EINVAL,
            why == SOURCE_END ? "histogram is cut short"
                              : "compressed histogram is damaged or cut short");
    return -EINVAL; /* a constant, so that compilers see readers' outputs are set on success */
}

/* Big-endian number of `size` bytes, 1 to 8. */
static int read_be(ByteSource *s, int size, uint64_t *ret, Err *err)
{
    uint64_t v = 0;
    for (int i = 0; i < size; i++) {
        int b = source_next(s);
        if (b < 0)
            return refuse_end(b, err);
        v = v << 8 | (uint64_t)b;
    }
    *ret = v;
    return 0;
}

/* ZigZag LEB128: seven bits per byte, lowest first; the ninth byte has all eight. */
static int read_zigzag(ByteSource *s, int64_t *ret, Err *err)
{
    uint64_t v = 0;
    for (int i = 0; i < LEB_MAX_BYTES; i++) {
        int b = source_next(s);
        if (b < 0)
            return refuse_end(b, err);
        if (i == LEB_MAX_BYTES - 1) {
            v |= (uint64_t)b << 56;
            break;
        }
        v |= (uint64_t)(b & 0x7f) << (7 * i);
        if (!(b & 0x80))
            break;
    }
    *ret = (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
    return 0;
}

typedef struct Header {
    uint32_t cookie; /* without word bits */
    int word_bytes;  /* V0, V1: of a count */
    int digits;
    uint64_t lowest, highest;
    uint64_t payload_bytes; /* V1, V2 */
    uint64_t total;         /* V0: what the counts add up to */
} Header;

static int read_header_v0(ByteSource *s, Header *h, Err *err)
{
    uint64_t digits;
    TRY(read_be(s, 4, &digits, err));
    TRY(read_be(s, 8, &h->lowest, err));
    TRY(read_be(s, 8, &h->highest, err));
    TRY(read_be(s, 8, &h->total, err));
    h->digits = (int)MIN(digits, (uint64_t)99);
    return 0;
}

static int read_header_v12(ByteSource *s, Header *h, Err *err)
{
    uint64_t digits, offset, ratio;
    TRY(read_be(s, 4, &h->payload_bytes, err));
    TRY(read_be(s, 4, &offset, err));
    TRY(read_be(s, 4, &digits, err));
    TRY(read_be(s, 8, &h->lowest, err));
    TRY(read_be(s, 8, &h->highest, err));
    TRY(read_be(s, 8, &ratio, err)); /* of a double histogram; ours are whole numbers */
    if (offset)
        return err_set(err, -EINVAL,
                       "histogram with shifted bins (a double histogram's) is not "
                       "supported");
    h->digits = (int)MIN(digits, (uint64_t)99);
    return 0;
}

static int read_header(ByteSource *s, Header *h, Err *err)
{
    uint64_t cookie;
    TRY(read_be(s, 4, &cookie, err));
    h->cookie = (uint32_t)cookie & ~COOKIE_WORD_BITS;
    h->word_bytes = (int)((cookie & COOKIE_WORD_BITS) >> 4);
    if (h->cookie == V2_PLAIN)
        return read_header_v12(s, h, err);
    if (h->cookie != V0_PLAIN && h->cookie != V1_PLAIN)
        return err_set(err, -EINVAL, "no HdrHistogram: it starts with %08x", (unsigned)cookie);
    if (h->word_bytes != 2 && h->word_bytes != 4 && h->word_bytes != 8)
        return err_set(err, -EINVAL, "histogram counts of %d bytes: want 2, 4 or 8", h->word_bytes);
    return h->cookie == V0_PLAIN ? read_header_v0(s, h, err) : read_header_v12(s, h, err);
}

/* Sums of counts, so that none of them nor their total grows beyond HDR_COUNT_MAX. */
static int set_bin(Hist *hist, ptrdiff_t i, uint64_t count, Err *err)
{
    if (i >= hist->n_bins)
        return err_set(err, -EINVAL, "histogram has more than the %td bins of its range",
                       hist->n_bins);
    if (count > HDR_COUNT_MAX - hist->n)
        return err_set(err, -EINVAL, "histogram counts more than 2^56 values");
    hist->bins[i] = count;
    hist->n += count;
    return 0;
}

static int read_bins_v2(ByteSource *s, uint64_t end, Hist *hist, ptrdiff_t *ret_end, Err *err)
{
    ptrdiff_t i = 0;
    while (s->n_read < end) {
        int64_t v;
        TRY(read_zigzag(s, &v, err));
        if (v >= 0)
            TRY(set_bin(hist, i++, (uint64_t)v, err));
        else if (v < i - hist->n_bins)
            return err_set(err, -EINVAL, "histogram skips past the %td bins of its range",
                           hist->n_bins);
        else
            i -= (ptrdiff_t)v;
    }
    if (s->n_read > end)
        return err_set(err, -EINVAL, "histogram's last count reaches beyond its stated length");
    *ret_end = i;
    return 0;
}

static int read_bins_v1(ByteSource *s, uint64_t end, int word_bytes, Hist *hist, ptrdiff_t *ret_end,
                        Err *err)
{
    ptrdiff_t i = 0;
    for (; s->n_read < end; i++) {
        uint64_t v;
        TRY(read_be(s, word_bytes, &v, err));
        TRY(set_bin(hist, i, v, err));
    }
    *ret_end = i;
    return 0;
}

/* V0 states no length: counts go on to the end of the bytes. */
static int read_bins_v0(ByteSource *s, const Header *h, Hist *hist, ptrdiff_t *ret_end, Err *err)
{
    ptrdiff_t i = 0;
    for (;; i++) {
        int b = source_next(s);
        if (b == SOURCE_END)
            break;
        uint64_t rest = 0;
        if (b < 0)
            return refuse_end(b, err);
        TRY(read_be(s, h->word_bytes - 1, &rest, err));
        TRY(set_bin(hist, i, (uint64_t)b << (8 * (h->word_bytes - 1)) | rest, err));
    }
    if (hist->n != h->total)
        return err_set(err, -EINVAL, "histogram states %llu values and holds %llu",
                       (unsigned long long)h->total, (unsigned long long)hist->n);
    *ret_end = i;
    return 0;
}

static int read_bins(ByteSource *s, const Header *h, Hist *hist, ptrdiff_t *ret_end, Err *err)
{
    if (h->cookie == V0_PLAIN)
        return read_bins_v0(s, h, hist, ret_end, err);
    uint64_t per_bin = h->cookie == V2_PLAIN ? LEB_MAX_BYTES : (uint64_t)h->word_bytes;
    if (h->payload_bytes > (uint64_t)hist->n_bins * per_bin)
        return err_set(err, -EINVAL, "histogram states %llu bytes, more than its %td bins can take",
                       (unsigned long long)h->payload_bytes, hist->n_bins);
    uint64_t end = s->n_read + h->payload_bytes;
    if (h->cookie == V2_PLAIN)
        return read_bins_v2(s, end, hist, ret_end, err);
    if (h->payload_bytes % (uint64_t)h->word_bytes)
        return err_set(err, -EINVAL, "histogram's length is no multiple of its count size");
    return read_bins_v1(s, end, h->word_bytes, hist, ret_end, err);
}

static int decode_source(ByteSource *s, Hist **ret, Err *err)
{
    Header h = { 0 };
    CLEANUP(hist_freep) Hist *hist = NULL;
    TRY(read_header(s, &h, err));
    TRY(hist_new_range(&hist, h.lowest, h.highest, h.digits, err));
    ptrdiff_t end = 0;
    TRY(read_bins(s, &h, hist, &end, err));
    int after = source_next(s);
    if (after != SOURCE_END)
        return after < 0 ? refuse_end(after, err)
                         : err_set(err, -EINVAL, "histogram is followed by other bytes");
    hist_settle(hist, end);
    *ret = TAKE(hist);
    return 0;
}

static int decode_compressed(Str bytes, Hist **ret, Err *err)
{
    z_stream z = { .next_in = (Bytef *)(uintptr_t)bytes.ptr, .avail_in = (uInt)bytes.len };
    if (inflateInit(&z) != Z_OK)
        return err_set(err, -ENOMEM, "out of memory to inflate a histogram");
    ByteSource s = { .z = &z };
    int r = decode_source(&s, ret, err);
    if (r == 0 && z.avail_in > 0) {
        *ret = hist_free(*ret);
        r = err_set(err, -EINVAL, "compressed histogram is followed by other bytes");
    }
    inflateEnd(&z);
    return r;
}

int hdr_decode(Str bytes, Hist **ret, Err *err)
{
    const uint8_t *p = (const uint8_t *)bytes.ptr;
    ByteSource s = { .in = p, .in_left = bytes.len };
    uint64_t cookie, length;
    TRY(read_be(&s, 4, &cookie, err));
    uint32_t kind = (uint32_t)cookie & ~COOKIE_WORD_BITS;
    if (kind != V0_COMPRESSED && kind != V1_COMPRESSED && kind != V2_COMPRESSED) {
        ByteSource plain = { .in = p, .in_left = bytes.len };
        return decode_source(&plain, ret, err);
    }
    TRY(read_be(&s, 4, &length, err));
    if (length != (uint64_t)s.in_left)
        return err_set(err, -EINVAL, "compressed histogram states %llu bytes, there are %td",
                       (unsigned long long)length, s.in_left);
    Hist *hist = NULL;
    TRY(decode_compressed(str_slice(bytes, 8, bytes.len), &hist, err));
    *ret = hist;
    return 0;
}

int hdr_decode_base64(Str text, Hist **ret, Err *err)
{
    CLEANUP(strbuf_done) StrBuf bytes = { 0 };
    int r = base64_decode(text, &bytes, err);
    if (r < 0)
        return err_set(err, r == -ENOSPC ? -ENOMEM : r, "histogram: %s", err ? err->msg : "");
    return hdr_decode(strbuf_str(&bytes), ret, err);
}

static void put_be(StrBuf *out, uint64_t v, int size)
{
    char b[8];
    for (int i = 0; i < size; i++)
        b[i] = (char)(v >> (8 * (size - 1 - i)));
    strbuf_add(out, (Str){ b, size });
}

static void put_zigzag(StrBuf *out, int64_t value)
{
    uint64_t v = (uint64_t)value << 1 ^ (uint64_t)(value >> 63);
    char b[LEB_MAX_BYTES];
    int n = 0;
    while (n < LEB_MAX_BYTES - 1 && v > 0x7f) {
        b[n++] = (char)(v | 0x80);
        v >>= 7;
    }
    b[n++] = (char)v;
    strbuf_add(out, (Str){ b, n });
}

/* Bins [0, end) hold everything that is in a bin. */
static ptrdiff_t bins_end(const Hist *h)
{
    return h->n == h->n_over ? 0 : hist_index(h, MIN(h->max, h->limit)) + 1;
}

static void put_bins(const Hist *h, StrBuf *out)
{
    ptrdiff_t end = bins_end(h), i = 0;
    while (i < end && !out->overflow) {
        if (h->bins[i]) {
            put_zigzag(out, (int64_t)h->bins[i++]);
            continue;
        }
        ptrdiff_t from = i;
        while (i < end && !h->bins[i])
            i++;
        /* A single empty bin is a plain 0; with values above the range the last bins may be empty,
         * and then need not be said. */
        if (i < end)
            put_zigzag(out, i - from == 1 ? 0 : from - i);
    }
}

static int check_room(const StrBuf *out, Err *err)
{
    return out->overflow ? err_set(err, -ENOSPC, "no room to encode a histogram") : 0;
}

int hdr_encode(const Hist *h, StrBuf *out, Err *err)
{
    if (h->n > HDR_COUNT_MAX)
        return err_set(err, -EINVAL, "histogram counts more than 2^56 values");
    CLEANUP(strbuf_done) StrBuf bins = { 0 };
    put_bins(h, &bins);
    TRY(check_room(&bins, err));
    double ratio = 1;
    uint64_t ratio_bits;
    static_assert(sizeof ratio == sizeof ratio_bits, "IEEE 754 doubles");
    __builtin_memcpy(&ratio_bits, &ratio, sizeof ratio_bits);
    put_be(out, V2_PLAIN | V2_WORD, 4);
    put_be(out, (uint64_t)bins.len, 4);
    put_be(out, 0, 4); /* bins are not shifted */
    put_be(out, (uint64_t)h->digits, 4);
    put_be(out, h->lowest, 8);
    put_be(out, h->highest, 8);
    put_be(out, ratio_bits, 8);
    strbuf_add(out, strbuf_str(&bins));
    return check_room(out, err);
}

int hdr_encode_compressed(const Hist *h, StrBuf *out, Err *err)
{
    CLEANUP(strbuf_done) StrBuf plain = { 0 };
    TRY(hdr_encode(h, &plain, err));
    uLongf len = compressBound((uLong)plain.len);
    uint8_t *z = malloc(len);
    if (!z || compress(z, &len, (const Bytef *)plain.ptr, (uLong)plain.len) != Z_OK) {
        free(z);
        return err_set(err, -ENOMEM, "out of memory to compress a histogram");
    }
    put_be(out, V2_COMPRESSED | V2_WORD, 4);
    put_be(out, len, 4);
    strbuf_add(out, (Str){ (const char *)z, (ptrdiff_t)len });
    free(z);
    return check_room(out, err);
}

int hdr_encode_base64(const Hist *h, StrBuf *out, Err *err)
{
    CLEANUP(strbuf_done) StrBuf bytes = { 0 };
    TRY(hdr_encode_compressed(h, &bytes, err));
    base64_encode(strbuf_str(&bytes), out);
    return check_room(out, err);
}
