#include "base/str.h"

#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

Str str(const char *s)
{
    return (Str){ s, s ? (ptrdiff_t)strlen(s) : 0 };
}

bool str_eq(Str a, Str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, (size_t)a.len) == 0);
}

bool str_eqz(Str a, const char *z)
{
    return str_eq(a, str(z));
}

bool str_starts(Str s, Str prefix)
{
    return s.len >= prefix.len && str_eq(str_slice(s, 0, prefix.len), prefix);
}

bool str_ends(Str s, Str suffix)
{
    return s.len >= suffix.len && str_eq(str_slice(s, s.len - suffix.len, s.len), suffix);
}

ptrdiff_t str_find_char(Str s, char c)
{
    const char *p = s.len ? memchr(s.ptr, c, (size_t)s.len) : NULL;
    return p ? p - s.ptr : -1;
}

ptrdiff_t str_find(Str s, Str needle)
{
    if (needle.len == 0)
        return 0;
    if (s.len < needle.len)
        return -1;
    const char *p = memmem(s.ptr, (size_t)s.len, needle.ptr, (size_t)needle.len);
    return p ? p - s.ptr : -1;
}

Str str_slice(Str s, ptrdiff_t from, ptrdiff_t to)
{
    if (!s.ptr) /* then the length is 0, and NULL + 0 is undefined */
        return (Str){ 0 };
    from = MAX((ptrdiff_t)0, MIN(from, s.len));
    to = MAX(from, MIN(to, s.len));
    return (Str){ s.ptr + from, to - from };
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

Str str_trim(Str s)
{
    while (s.len && is_blank(s.ptr[0]))
        s = str_slice(s, 1, s.len);
    while (s.len && is_blank(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

bool str_starts_nocase(Str s, Str prefix)
{
    if (s.len < prefix.len)
        return false;
    for (ptrdiff_t i = 0; i < prefix.len; i++)
        if (lower(s.ptr[i]) != lower(prefix.ptr[i]))
            return false;
    return true;
}

bool str_eq_nocase(Str a, Str b)
{
    return a.len == b.len && str_starts_nocase(a, b);
}

Str str_last_line(Str s)
{
    s = str_trim(s);
    for (ptrdiff_t i = s.len; i > 0; i--)
        if (s.ptr[i - 1] == '\n')
            return str_slice(s, i, s.len);
    return s;
}

bool str_cut(Str *rest, char sep, Str *piece)
{
    if (!rest->ptr)
        return false;
    ptrdiff_t at = str_find_char(*rest, sep);
    if (at < 0) {
        *piece = *rest;
        *rest = (Str){ NULL, 0 };
        return true;
    }
    *piece = str_slice(*rest, 0, at);
    *rest = str_slice(*rest, at + 1, rest->len);
    return true;
}

bool str_glob(Str pattern, Str name)
{
    ptrdiff_t p = 0, n = 0, star = -1, mark = 0;
    while (n < name.len) {
        if (p < pattern.len && pattern.ptr[p] == '*') {
            star = p++;
            mark = n;
        } else if (p < pattern.len && (pattern.ptr[p] == '?' || pattern.ptr[p] == name.ptr[n])) {
            p++;
            n++;
        } else if (star >= 0) {
            p = star + 1;
            n = ++mark;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.ptr[p] == '*')
        p++;
    return p == pattern.len;
}

enum { DISTANCE_MAX = 64 };

/* Optimal string alignment: Damerau's edits, no substring edited twice. Three rows are enough. */
int str_distance(Str a, Str b)
{
    if (a.len > DISTANCE_MAX || b.len > DISTANCE_MAX)
        return DISTANCE_MAX;
    int rows[3][DISTANCE_MAX + 1];
    for (int j = 0; j <= (int)b.len; j++)
        rows[0][j] = j;
    for (int i = 1; i <= (int)a.len; i++) {
        int *now = rows[i % 3], *before = rows[(i + 2) % 3], *older = rows[(i + 1) % 3];
        now[0] = i;
        for (int j = 1; j <= (int)b.len; j++) {
            int same = a.ptr[i - 1] == b.ptr[j - 1] ? 0 : 1;
            now[j] = MIN(MIN(before[j] + 1, now[j - 1] + 1), before[j - 1] + same);
            if (i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] && a.ptr[i - 2] == b.ptr[j - 1])
                now[j] = MIN(now[j], older[j - 2] + 1);
        }
    }
    return rows[a.len % 3][b.len];
}

const char *str_nearest(Str s, const char *const *candidates, ptrdiff_t n)
{
    const char *best = NULL;
    int limit = (int)MAX(s.len / 3, (ptrdiff_t)1) + 1;
    for (ptrdiff_t i = 0; i < n; i++) {
        int d = str_distance(s, str(candidates[i]));
        if (d < limit) {
            limit = d;
            best = candidates[i];
        }
    }
    return best;
}

int str_to_u64(Str s, uint64_t *ret)
{
    if (s.len == 0)
        return -EINVAL;
    uint64_t v = 0;
    for (ptrdiff_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            return -EINVAL;
        if (__builtin_mul_overflow(v, UINT64_C(10), &v) ||
            __builtin_add_overflow(v, (uint64_t)(s.ptr[i] - '0'), &v))
            return -ERANGE;
    }
    *ret = v;
    return 0;
}

int str_to_i64(Str s, int64_t *ret)
{
    bool neg = s.len && s.ptr[0] == '-';
    uint64_t v;
    TRY(str_to_u64(neg ? str_slice(s, 1, s.len) : s, &v));
    if (v > (uint64_t)INT64_MAX + (neg ? 1 : 0))
        return -ERANGE;
    *ret = neg ? (int64_t)(0 - v) : (int64_t)v;
    return 0;
}

static bool looks_decimal(Str s)
{
    bool digit = false;
    for (ptrdiff_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (c >= '0' && c <= '9')
            digit = true;
        else if (c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E')
            return false;
    }
    return digit;
}

int str_to_f64(Str s, double *ret)
{
    char buf[512];
    if (!looks_decimal(s) || s.len >= (ptrdiff_t)sizeof buf)
        return -EINVAL;
    memcpy(buf, s.ptr, (size_t)s.len);
    buf[s.len] = '\0';
    static locale_t c_locale; /* written once with the same meaning by whoever comes first */
    locale_t loc = __atomic_load_n(&c_locale, __ATOMIC_ACQUIRE);
    if (!loc) {
        loc = newlocale(LC_ALL_MASK, "C", (locale_t)0);
        __atomic_store_n(&c_locale, loc, __ATOMIC_RELEASE);
    }
    char *end;
    errno = 0;
    double v = strtod_l(buf, &end, loc);
    if (*end != '\0')
        return -EINVAL;
    if (errno == ERANGE && (v > 1 || v < -1))
        return -ERANGE;
    *ret = v;
    return 0;
}

void strbuf_done(StrBuf *b)
{
    if (!b)
        return;
    free(b->ptr);
    *b = (StrBuf){ .max = b->max };
}

void strbuf_clear(StrBuf *b)
{
    b->len = 0;
    b->overflow = false;
    if (b->ptr)
        b->ptr[0] = '\0';
}

const char *strbuf_z(const StrBuf *b)
{
    return b->ptr ? b->ptr : "";
}

Str strbuf_str(const StrBuf *b)
{
    return (Str){ b->ptr, b->len };
}
