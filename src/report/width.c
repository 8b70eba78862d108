#include "report/width.h"

typedef struct Range {
    uint32_t lo, hi;
} Range;

static const Range wide[] = {
    { 0x1100, 0x115f },   { 0x231a, 0x231b },   { 0x2329, 0x232a },   { 0x23e9, 0x23ec },
    { 0x23f0, 0x23f0 },   { 0x23f3, 0x23f3 },   { 0x25fd, 0x25fe },   { 0x2614, 0x2615 },
    { 0x2648, 0x2653 },   { 0x267f, 0x267f },   { 0x2693, 0x2693 },   { 0x26a1, 0x26a1 },
    { 0x26aa, 0x26ab },   { 0x26bd, 0x26be },   { 0x26c4, 0x26c5 },   { 0x26ce, 0x26ce },
    { 0x26d4, 0x26d4 },   { 0x26ea, 0x26ea },   { 0x26f2, 0x26f3 },   { 0x26f5, 0x26f5 },
    { 0x26fa, 0x26fa },   { 0x26fd, 0x26fd },   { 0x2705, 0x2705 },   { 0x270a, 0x270b },
    { 0x2728, 0x2728 },   { 0x274c, 0x274c },   { 0x274e, 0x274e },   { 0x2753, 0x2755 },
    { 0x2757, 0x2757 },   { 0x2795, 0x2797 },   { 0x27b0, 0x27b0 },   { 0x27bf, 0x27bf },
    { 0x2b1b, 0x2b1c },   { 0x2b50, 0x2b50 },   { 0x2b55, 0x2b55 },   { 0x2e80, 0x303e },
    { 0x3041, 0x33ff },   { 0x3400, 0x4dbf },   { 0x4e00, 0xa4cf },   { 0xa960, 0xa97c },
    { 0xac00, 0xd7a3 },   { 0xf900, 0xfaff },   { 0xfe10, 0xfe19 },   { 0xfe30, 0xfe6b },
    { 0xff01, 0xff60 },   { 0xffe0, 0xffe6 },   { 0x16fe0, 0x18aff }, { 0x1b000, 0x1b2fb },
    { 0x1f004, 0x1f004 }, { 0x1f0cf, 0x1f0cf }, { 0x1f18e, 0x1f18e }, { 0x1f191, 0x1f19a },
    { 0x1f200, 0x1f320 }, { 0x1f32d, 0x1f64f }, { 0x1f680, 0x1f6fc }, { 0x1f7e0, 0x1f7eb },
    { 0x1f90c, 0x1f9ff }, { 0x1fa70, 0x1faff }, { 0x20000, 0x3fffd },
};

static const Range zero[] = {
    { 0x0300, 0x036f }, { 0x0483, 0x0489 }, { 0x0591, 0x05bd }, { 0x0610, 0x061a },
    { 0x064b, 0x065f }, { 0x0900, 0x0902 }, { 0x093c, 0x093c }, { 0x0941, 0x0948 },
    { 0x094d, 0x094d }, { 0x0e31, 0x0e31 }, { 0x0e34, 0x0e3a }, { 0x0e47, 0x0e4e },
    { 0x1ab0, 0x1aff }, { 0x1dc0, 0x1dff }, { 0x200b, 0x200d }, { 0x20d0, 0x20ff },
    { 0xfe00, 0xfe0f }, { 0xfe20, 0xfe2f }, { 0xfeff, 0xfeff }, { 0xe0100, 0xe01ef },
};

static bool in_ranges(const Range *r, ptrdiff_t n, uint32_t c)
{
    ptrdiff_t lo = 0, hi = n;
    while (lo < hi) {
        ptrdiff_t mid = lo + (hi - lo) / 2;
        if (r[mid].hi < c)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < n && r[lo].lo <= c;
}

static int char_columns(uint32_t c)
{
    if (c < 0x300)
        return 1;
    if (in_ranges(zero, ARRAY_LEN(zero), c))
        return 0;
    return in_ranges(wide, ARRAY_LEN(wide), c) ? 2 : 1;
}

uint32_t text_decode(Str s, ptrdiff_t *ret_len)
{
    assert(s.len > 0);
    const unsigned char *p = (const unsigned char *)s.ptr;
    ptrdiff_t n = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    n = MIN(n, s.len);
    uint32_t c = n == 1 ? p[0] : (uint32_t)(p[0] & (0xff >> (n + 1)));
    for (ptrdiff_t i = 1; i < n; i++)
        c = c << 6 | (p[i] & 0x3f);
    *ret_len = n;
    return c;
}

ptrdiff_t text_columns(Str s)
{
    ptrdiff_t n = 0, len;
    for (; s.len > 0; s = str_slice(s, len, s.len))
        n += char_columns(text_decode(s, &len));
    return n;
}

ptrdiff_t text_fit(Str s, ptrdiff_t columns)
{
    ptrdiff_t at = 0, used = 0;
    while (at < s.len) {
        ptrdiff_t len;
        used += char_columns(text_decode(str_slice(s, at, s.len), &len));
        if (used > columns)
            break;
        at += len;
    }
    return at;
}

/* C0, DEL, C1, line and paragraph separators, bidirectional controls. */
static bool is_control(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x200e && c <= 0x200f) ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static const char *ascii_for(uint32_t c)
{
    static const struct {
        uint32_t c;
        const char *ascii;
    } map[] = {
        { 0xa0, " " },    { 0xb0, "deg" },   { 0xb1, "+-" },     { 0xb2, "2" },    { 0xb5, "u" },
        { 0xb7, "|" },    { 0xd7, "x" },     { 0x3bc, "u" },     { 0x3c3, "sd" },  { 0x2009, " " },
        { 0x2013, "-" },  { 0x2014, "-" },   { 0x2018, "'" },    { 0x2019, "'" },  { 0x201c, "\"" },
        { 0x201d, "\"" }, { 0x2022, "*" },   { 0x2026, ".." },   { 0x2190, "<-" }, { 0x2192, "->" },
        { 0x2212, "-" },  { 0x221e, "inf" }, { 0x2248, "~" },    { 0x2260, "!=" }, { 0x2264, "<=" },
        { 0x2265, ">=" }, { 0x2502, "|" },   { 0x2500, "-" },    { 0x25b2, "!" },  { 0x25cf, "*" },
        { 0x25cb, "o" },  { 0x2713, "ok" },  { 0x2717, "FAIL" }, { 0x25b4, "+" },  { 0x25be, "-" },
        { 0x2191, "^" },  { 0x2193, "v" },   { 0x03a3, "sum" },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(map); i++)
        if (map[i].c == c)
            return map[i].ascii;
    return "?";
}

static void clean_valid(StrBuf *out, Str s, bool unicode)
{
    ptrdiff_t len;
    for (; s.len > 0; s = str_slice(s, len, s.len)) {
        uint32_t c = text_decode(s, &len);
        if (is_control(c))
            strbuf_addc(out, ' ');
        else if (c >= 0x80 && !unicode)
            strbuf_addz(out, ascii_for(c));
        else
            strbuf_add(out, str_slice(s, 0, len));
    }
}

void text_clean(StrBuf *out, Str s, bool unicode)
{
    for (ptrdiff_t bad; (bad = utf8_invalid_at(s)) >= 0; s = str_slice(s, bad + 1, s.len)) {
        clean_valid(out, str_slice(s, 0, bad), unicode);
        strbuf_addz(out, unicode ? "\xef\xbf\xbd" : "?");
    }
    clean_valid(out, s, unicode);
}
