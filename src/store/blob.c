#include "store/blob.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* More points than this in one series are taken for damage (10 Hz for a hundred days). */
static const ptrdiff_t POINTS_MAX = 100000000;

static void add_u64(StrBuf *out, uint64_t v)
{
    char b[8];
    for (int i = 0; i < 8; i++)
        b[i] = (char)(v >> (8 * i));
    strbuf_add(out, (Str){ b, 8 });
}

static uint64_t read_u64(const char *p)
{
    uint64_t v = 0;
    for (int i = 0; i < 8; i++)
        v |= (uint64_t)(unsigned char)p[i] << (8 * i);
    return v;
}

static double read_f64(const char *p)
{
    uint64_t bits = read_u64(p);
    double v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

void blob_doubles(StrBuf *out, const double *v, ptrdiff_t n)
{
    for (ptrdiff_t i = 0; i < n; i++) {
        uint64_t bits;
        memcpy(&bits, &v[i], sizeof bits);
        add_u64(out, bits);
    }
}

int blob_read_doubles(Arena *a, Str bytes, double **ret, ptrdiff_t *ret_n, Err *err)
{
    if (bytes.len % 8)
        return err_set(err, -EBADMSG, "%td bytes are no doubles", bytes.len);
    ptrdiff_t n = bytes.len / 8;
    double *v = ARENA_ARRAY(a, double, n);
    for (ptrdiff_t i = 0; i < n; i++)
        v[i] = read_f64(bytes.ptr + 8 * i);
    *ret = v;
    *ret_n = n;
    return 0;
}

int blob_series(const Series *s, StrBuf *out, int *ret_codec, Err *err)
{
    CLEANUP(strbuf_done) StrBuf raw = { 0 };
    blob_doubles(&raw, s->t_s, s->n);
    blob_doubles(&raw, s->v, s->n);
    uLongf n = compressBound((uLong)raw.len);
    char *packed = malloc(n);
    if (!packed || raw.overflow) {
        free(packed);
        return err_set(err, -ENOMEM, "no memory for a series of %td points", s->n);
    }
    int r = compress2((Bytef *)packed, &n, (const Bytef *)strbuf_z(&raw), (uLong)raw.len, 1);
    *ret_codec = r == Z_OK && (ptrdiff_t)n < raw.len ? BLOB_ZLIB : BLOB_RAW;
    strbuf_add(out, *ret_codec == BLOB_ZLIB ? (Str){ packed, (ptrdiff_t)n } : strbuf_str(&raw));
    free(packed);
    return out->overflow ? err_set(err, -ENOMEM, "no memory for a series") : 0;
}

/* Exactly `want` bytes, or -EBADMSG. */
static int inflate_exactly(Arena *a, Str bytes, ptrdiff_t want, Str *ret, Err *err)
{
    char *raw = arena_alloc(a, want);
    uLongf n = (uLongf)want;
    int r = uncompress((Bytef *)raw, &n, (const Bytef *)bytes.ptr, (uLong)bytes.len);
    if (r != Z_OK || (ptrdiff_t)n != want)
        return err_set(err, -EBADMSG, "a compressed series is damaged");
    *ret = (Str){ raw, want };
    return 0;
}

int blob_read_series(Arena *a, Str bytes, int codec, ptrdiff_t points, Series *s, Err *err)
{
    CLEANUP(arena_done) Arena scratch = { 0 };
    if (points < 0 || points > POINTS_MAX || (codec != BLOB_RAW && codec != BLOB_ZLIB))
        return err_set(err, -EBADMSG, "a series of %td points, codec %d", points, codec);
    if (codec == BLOB_ZLIB)
        TRY(inflate_exactly(&scratch, bytes, points * 16, &bytes, err));
    if (bytes.len != points * 16)
        return err_set(err, -EBADMSG, "%td points in %td bytes", points, bytes.len);
    for (ptrdiff_t i = 0; i < points; i++) {
        double t = read_f64(bytes.ptr + 8 * i);
        if (!isfinite(t) || (s->n && !(t > s->t_s[s->n - 1])))
            return err_set(err, -EBADMSG, "times of a series don't rise");
        series_push(s, a, t, read_f64(bytes.ptr + 8 * (points + i)));
    }
    return 0;
}

void blob_exact(StrBuf *out, const HistExact *x)
{
    const uint64_t v[] = { x->n_over, x->n_censored, x->censored_min, x->min,        x->max,
                           x->sum_hi, x->sum_lo,     x->sum_over_hi,  x->sum_over_lo };
    static_assert(sizeof v == BLOB_EXACT_BYTES, "nine numbers");
    for (ptrdiff_t i = 0; i < ARRAY_LEN(v); i++)
        add_u64(out, v[i]);
}

int blob_read_exact(Str bytes, HistExact *ret, Err *err)
{
    if (bytes.len != BLOB_EXACT_BYTES)
        return err_set(err, -EBADMSG, "%td bytes beside a histogram, not %d", bytes.len,
                       BLOB_EXACT_BYTES);
    const char *p = bytes.ptr;
    *ret = (HistExact){ .n_over = read_u64(p),
                        .n_censored = read_u64(p + 8),
                        .censored_min = read_u64(p + 16),
                        .min = read_u64(p + 24),
                        .max = read_u64(p + 32),
                        .sum_hi = read_u64(p + 40),
                        .sum_lo = read_u64(p + 48),
                        .sum_over_hi = read_u64(p + 56),
                        .sum_over_lo = read_u64(p + 64) };
    return 0;
}
