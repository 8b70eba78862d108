/* HdrHistogram's wire formats for a Hist: what other tools write and read, and how histograms are
 * stored.
 *
 * Written is V2, plain or compressed (zlib): a 40-byte big-endian header, then the bins from 0 to
 * the last non-empty one as ZigZag LEB128 numbers, a negative one standing for a run of empty bins.
 * Read are V2, V1 and V0 (fixed-width counts), plain and compressed, told apart by their cookie.
 *
 * The bins are kept exactly. Not part of the format, and so lost unless kept beside it
 * (hist_exact): exact min, max and sum, n_over and n_censored.
 *
 * Bytes from outside are hostile until read: every length is checked before it is believed; memory
 * stays below that of one histogram of the claimed range (HIST_BINS_MAX bins) plus a few KiB,
 * compressed data is inflated piecewise and never kept; work is bounded by the bins. Whatever is
 * refused is -EINVAL with the reason. Pure.
 *
 * Source: the format as implemented by HdrHistogram 2.1 (Java), V0 of 2014, V1 and V2 of 2015. */
#pragma once

#include "base/str.h"
#include "stats/hist.h"

/* More values than this in one histogram are taken for damage: at 10 million per second they would
 * take 228 years. It keeps sums of many histograms from overflowing. */
#define HDR_COUNT_MAX (UINT64_C(1) << 56)

/* Append the encoding to `out`. Cost: O(bins up to the largest value). -ENOMEM; -ENOSPC when out's
 * maximum is too small; -EINVAL for counts above HDR_COUNT_MAX. */
MUST_CHECK int hdr_encode(const Hist *h, StrBuf *out, Err *err);
MUST_CHECK int hdr_encode_compressed(const Hist *h, StrBuf *out, Err *err);
/* Compressed and in base64, as in log lines and JSON. */
MUST_CHECK int hdr_encode_base64(const Hist *h, StrBuf *out, Err *err);

/* A new histogram, owned by the caller, with the geometry that the bytes state. Nothing may follow
 * them. */
MUST_CHECK int hdr_decode(Str bytes, Hist **ret, Err *err);
MUST_CHECK int hdr_decode_base64(Str text, Hist **ret, Err *err);
