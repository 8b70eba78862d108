/* Numbers as bytes, the same for every engine: little-endian, whatever the machine. */
#pragma once

#include "model/run.h"

/* Append v[n] as little-endian doubles. */
void blob_doubles(StrBuf *out, const double *v, ptrdiff_t n);
/* The other way; n is bytes.len / 8. In the arena. -EBADMSG when bytes.len is no multiple of 8. */
MUST_CHECK int blob_read_doubles(Arena *a, Str bytes, double **ret, ptrdiff_t *ret_n, Err *err);

enum { BLOB_RAW, BLOB_ZLIB };
/* A series' times, then its values: 16 bytes a point; compressed when that is shorter. *ret_codec
 * says which. -ENOMEM. */
MUST_CHECK int blob_series(const Series *s, StrBuf *out, int *ret_codec, Err *err);
/* Append the points to s. -EBADMSG when the bytes don't hold `points` points. */
MUST_CHECK int blob_read_series(Arena *a, Str bytes, int codec, ptrdiff_t points, Series *s,
                                Err *err);

/* What encoded bins don't carry (hist_exact), 9 unsigned 64-bit numbers: n_over, n_censored,
 * censored_min, min, max, sum (high and low half), sum of the values over the range (high, low). */
enum { BLOB_EXACT_BYTES = 72 };
void blob_exact(StrBuf *out, const HistExact *x);
MUST_CHECK int blob_read_exact(Str bytes, HistExact *ret, Err *err);
