/* Numbers with units, both ways: `10ms`, `1.5KiB`, `500/s`, `5%`.
 *
 * Parsing is strict (no blanks inside except one between number and unit, no unknown unit) and
 * refuses negative, NaN and what does not fit. Printing for people keeps three to four digits; the
 * `…_exact` printers give the shortest text that parses back to the same value, for suites and
 * stored specs. */
#pragma once

#include "base/str.h"

enum { FMT_MAX = 48 };

/* Durations: ns us µs ms s m h d; a bare 0 needs no unit; parts may follow each other (`1m30s`).
 * Result in ns. 0, or -EINVAL / -ERANGE with the cure in err. */
MUST_CHECK int fmt_parse_duration(Str s, uint64_t *ret_ns, Err *err);
/* Sizes: B kB MB GB TB (powers of 1000), KiB MiB GiB TiB (1024), or a bare count of bytes. */
MUST_CHECK int fmt_parse_size(Str s, uint64_t *ret_bytes, Err *err);
/* Rates per second: `500/s`, `30/m`, `10k/s`, or a bare number (per second). */
MUST_CHECK int fmt_parse_rate(Str s, double *ret_per_s, Err *err);
/* Shares: `5%` or a bare fraction (`0.05`). Signed with `+` or `-` when `sign_ok`. */
MUST_CHECK int fmt_parse_share(Str s, bool sign_ok, double *ret, Err *err);
/* A plain number with an optional k/M/G (powers of 1000). */
MUST_CHECK int fmt_parse_number(Str s, double *ret, Err *err);

/* For people: "1.234 ms", "12.3 MiB", "4.56k/s", "3.2 %". Each returns buf. NaN prints as "-". */
const char *fmt_duration(char buf[FMT_MAX], double ns);
const char *fmt_size(char buf[FMT_MAX], double bytes);
const char *fmt_rate(char buf[FMT_MAX], double per_s);
const char *fmt_share(char buf[FMT_MAX], double fraction);
/* Signed change: "+3.2 %". */
const char *fmt_change(char buf[FMT_MAX], double fraction);
const char *fmt_count(char buf[FMT_MAX], double n);
/* By the unit's name as metrics state it: ns, bytes, bytes/s, 1/s, share, count, ops, percent …
 * others are appended. */
const char *fmt_value(char buf[FMT_MAX], double v, const char *unit);

/* Shortest text that parses back to the same value. */
const char *fmt_duration_exact(char buf[FMT_MAX], uint64_t ns);
const char *fmt_size_exact(char buf[FMT_MAX], uint64_t bytes);
const char *fmt_rate_exact(char buf[FMT_MAX], double per_s);
const char *fmt_share_exact(char buf[FMT_MAX], double fraction);
/* Shortest decimal that reads back as the same double ("0.1", not "0.1000000000000000055"). */
const char *fmt_f64_exact(char buf[FMT_MAX], double v);
