#include "report/escape.h"

#include <math.h>
#include <string.h>

#include "base/fmt.h"
#include "report/width.h"

#define REPLACEMENT "\xef\xbf\xbd"

static bool is_forbidden(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xfffe || c == 0xffff ||
           (c >= 0x200e && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) ||
           (c >= 0x2066 && c <= 0x2069);
}

static const char *xml_reference(uint32_t c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    case '\n':
        return "&#10;";
    case '\r':
        return "&#13;";
    case '\t':
        return "&#9;";
    default:
        return is_forbidden(c) ? REPLACEMENT : NULL;
    }
}

static void escape_valid(StrBuf *out, Str s)
{
    ptrdiff_t len;
    for (; s.len > 0; s = str_slice(s, len, s.len)) {
        const char *ref = xml_reference(text_decode(s, &len));
        if (ref)
            strbuf_addz(out, ref);
        else
            strbuf_add(out, str_slice(s, 0, len));
    }
}

void escape_xml(StrBuf *out, const char *text)
{
    Str s = str(text);
    for (ptrdiff_t bad; (bad = utf8_invalid_at(s)) >= 0; s = str_slice(s, bad + 1, s.len)) {
        escape_valid(out, str_slice(s, 0, bad));
        strbuf_addz(out, REPLACEMENT);
    }
    escape_valid(out, s);
}

const char *xml_text(Arena *a, const char *s)
{
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    escape_xml(&b, s);
    return arena_str(a, strbuf_str(&b));
}

void escape_markdown(StrBuf *out, const char *s)
{
    CLEANUP(strbuf_done) StrBuf clean = { 0 };
    text_clean(&clean, str(s), true);
    for (const char *p = strbuf_z(&clean); *p; p++) {
        const char *ref = *p == '&'   ? "&amp;"
                          : *p == '<' ? "&lt;"
                          : *p == '>' ? "&gt;"
                          : *p == '@' ? "&#64;"
                                      : NULL;
        if (ref) {
            strbuf_addz(out, ref);
            continue;
        }
        if (strchr("\\`*_[]|~#", *p))
            strbuf_addc(out, '\\');
        strbuf_addc(out, *p);
    }
}

/* The fence has one backtick more than the longest run inside (CommonMark 0.31, 6.1); a backslash
 * before a pipe is taken away by the table, also within code (GFM 4.10). */
void markdown_code(StrBuf *out, const char *s)
{
    CLEANUP(strbuf_done) StrBuf clean = { 0 };
    text_clean(&clean, str(s), true);
    ptrdiff_t longest = 0, run = 0;
    for (const char *p = strbuf_z(&clean); *p; p++) {
        run = *p == '`' ? run + 1 : 0;
        longest = MAX(longest, run);
    }
    bool pad = longest > 0 || clean.len == 0;
    strbuf_pad(out, '`', longest + 1);
    strbuf_pad(out, ' ', pad);
    for (const char *p = strbuf_z(&clean); *p; p++) {
        if (*p == '|')
            strbuf_addc(out, '\\');
        strbuf_addc(out, *p);
    }
    strbuf_pad(out, ' ', pad);
    strbuf_pad(out, '`', longest + 1);
}

static bool is_formula(Str s)
{
    static const char *const starts[] = {
        "=",           "+", "-", "@", "\t", "\r", "\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d",
        "\xef\xbc\xa0"
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(starts); i++)
        if (str_starts(s, str(starts[i])))
            return true;
    return false;
}

/* Cleaned, but for the line ends and tabs, which a quoted field may hold. */
static void clean_lines(StrBuf *out, Str s)
{
    ptrdiff_t start = 0;
    for (ptrdiff_t i = 0; i <= s.len; i++) {
        bool kept = i < s.len && (s.ptr[i] == '\n' || s.ptr[i] == '\r' || s.ptr[i] == '\t');
        if (!kept && i < s.len)
            continue;
        text_clean(out, str_slice(s, start, i), true);
        if (kept)
            strbuf_addc(out, s.ptr[i]);
        start = i + 1;
    }
}

void csv_text(StrBuf *out, const char *raw)
{
    CLEANUP(strbuf_done) StrBuf clean = { 0 };
    clean_lines(&clean, str(raw));
    Str s = strbuf_str(&clean);
    const char *text = strbuf_z(&clean);
    bool guard = is_formula(s);
    bool quote = s.len > 0 && (strpbrk(text, ",\"\r\n;") || text[0] == ' ' ||
                               text[s.len - 1] == ' ' || text[0] == '\t');
    if (quote)
        strbuf_addc(out, '"');
    if (guard)
        strbuf_addc(out, '\'');
    for (ptrdiff_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '"')
            strbuf_addc(out, '"');
        strbuf_addc(out, s.ptr[i]);
    }
    if (quote)
        strbuf_addc(out, '"');
}

void csv_number(StrBuf *out, double v)
{
    char buf[FMT_MAX];
    if (isfinite(v))
        strbuf_addz(out, fmt_f64_exact(buf, v));
}
