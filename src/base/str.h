/* Text. Parsed text is a `Str`: a borrowed view, not NUL-terminated. Built text is a `StrBuf` with
 * a declared maximum. NUL-terminated strings stand only where libc or the operating system wants
 * them. */
#pragma once

#include "base/err.h"
#include "base/macros.h"

typedef struct Str {
    const char *ptr; /* borrowed; may be NULL when len is 0 */
    ptrdiff_t len;   /* bytes */
} Str;

#define STR(lit) ((Str){ (lit), (ptrdiff_t)sizeof(lit) - 1 })
#define STR_FMT "%.*s"
#define STR_ARG(s) (int)(s).len, (s).ptr

/* View of a NUL-terminated string; NULL gives the empty view. */
Str str(const char *s);
bool str_eq(Str a, Str b);
bool str_eqz(Str a, const char *z);
bool str_starts(Str s, Str prefix);
bool str_ends(Str s, Str suffix);
/* Index of the first `c`, or -1. */
ptrdiff_t str_find_char(Str s, char c);
/* Index of the first occurrence of `needle`, or -1; the empty needle is found at 0. */
ptrdiff_t str_find(Str s, Str needle);
/* Bytes [from, to), clamped to the string. */
Str str_slice(Str s, ptrdiff_t from, ptrdiff_t to);
/* Without ASCII white space at both ends. */
Str str_trim(Str s);
/* The same but for the case of ASCII letters; begins so. */
bool str_eq_nocase(Str a, Str b);
bool str_starts_nocase(Str s, Str prefix);
/* What stands behind the last newline, blanks at the end left out. */
Str str_last_line(Str s);
/* Cut `*rest` at the first `sep`: yields what stands before, leaves what stands after. False when
 * *rest.ptr is NULL (all was consumed). "a,b" gives "a", "b"; "" gives one empty piece. */
bool str_cut(Str *rest, char sep, Str *piece);

/* Shell-style match of the whole name: `*` any run (also across '/'), `?` one byte. Cost: O(len *
 * stars). */
bool str_glob(Str pattern, Str name);

/* Edits between a and b (insert, delete, replace, swap of neighbours), both at most 64 bytes;
 * else 64. */
int str_distance(Str a, Str b);
/* The candidate nearest to `s` within a third of its length (at least 1 edit), or NULL. For "did
 * you mean …". */
const char *str_nearest(Str s, const char *const *candidates, ptrdiff_t n);

/* Strict numbers: the whole text, no blanks. 0, -EINVAL (not a number) or -ERANGE. */
MUST_CHECK int str_to_u64(Str s, uint64_t *ret);
MUST_CHECK int str_to_i64(Str s, int64_t *ret);
/* Decimal floating point in the C locale; refuses inf, nan and hex. */
MUST_CHECK int str_to_f64(Str s, double *ret);

/* First byte that is not valid UTF-8 (RFC 3629: no surrogates, no overlong forms), or -1. */
ptrdiff_t utf8_invalid_at(Str s);
/* Write a code point (up to U+10FFFF): at most 4 bytes. Returns where they end. */
char *utf8_put(char *to, uint32_t c);
/* Columns of text on a terminal, counting code points (wide and combining characters count 1). */
ptrdiff_t utf8_columns(Str s);

typedef struct StrBuf {
    char *ptr;     /* owned, NUL-terminated once anything was appended; may be NULL */
    ptrdiff_t len; /* bytes without the NUL */
    ptrdiff_t cap;
    ptrdiff_t max; /* 0 means 1 GiB; appending past it marks `overflow` and appends nothing */
    bool overflow;
} StrBuf;

void strbuf_done(StrBuf *b);
void strbuf_clear(StrBuf *b);
void strbuf_add(StrBuf *b, Str s);
void strbuf_addz(StrBuf *b, const char *s);
void strbuf_addc(StrBuf *b, char c);
void strbuf_addf(StrBuf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* With U+FFFD in place of each byte that is no UTF-8. */
void strbuf_add_utf8(StrBuf *b, Str s);
/* `n` times the byte `c`. */
void strbuf_pad(StrBuf *b, char c, ptrdiff_t n);
/* The text as a NUL-terminated string; "" when nothing was appended. Borrowed until the next
 * change. */
const char *strbuf_z(const StrBuf *b);
Str strbuf_str(const StrBuf *b);
