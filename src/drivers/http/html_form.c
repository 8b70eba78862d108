#include "drivers/http/html_form.h"

#include <string.h>

#include "base/macros.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static ptrdiff_t pass_blanks(Str s, ptrdiff_t at)
{
    while (at < s.len && is_blank(s.ptr[at]))
        at++;
    return at;
}

/* The next attribute of a tag, from `*at` on; false at its end. */
static bool attribute(Str s, ptrdiff_t *at, Str *name, Str *value)
{
    ptrdiff_t i = *at;
    while (i < s.len && (is_blank(s.ptr[i]) || s.ptr[i] == '/'))
        i++;
    ptrdiff_t from = i;
    while (i < s.len && !is_blank(s.ptr[i]) && s.ptr[i] != '=' && s.ptr[i] != '>' &&
           s.ptr[i] != '/')
        i++;
    *name = str_slice(s, from, i);
    *value = STR("");
    ptrdiff_t eq = pass_blanks(s, i);
    if (eq < s.len && s.ptr[eq] == '=') {
        i = pass_blanks(s, eq + 1);
        char quote = i < s.len && (s.ptr[i] == '"' || s.ptr[i] == '\'') ? s.ptr[i] : 0;
        from = i += quote != 0;
        while (i < s.len && (quote ? s.ptr[i] != quote : !is_blank(s.ptr[i]) && s.ptr[i] != '>'))
            i++;
        *value = str_slice(s, from, i);
        i += quote && i < s.len;
    }
    *at = i;
    return name->len > 0;
}

/* The value of the tag whose attributes begin at `*at`, when it is called `name`. */
static bool tag_value(Str s, ptrdiff_t *at, Str name, const char *key, Str *ret)
{
    Str attr, value;
    bool named = false, has = false;
    while (attribute(s, at, &attr, &value)) {
        named |= str_eq_nocase(attr, STR("name")) && str_eq(value, name);
        if (str_eq_nocase(attr, str(key))) {
            has = true;
            *ret = value;
        }
    }
    return named && has;
}

static const char *key_of(Str tag)
{
    return str_eq_nocase(tag, STR("input")) || str_eq_nocase(tag, STR("button")) ? "value"
           : str_eq_nocase(tag, STR("meta"))                                     ? "content"
                                                                                 : NULL;
}

Str html_form_value(Str page, Str name)
{
    for (ptrdiff_t at = 0; at < page.len;) {
        const char *open = memchr(page.ptr + at, '<', (size_t)(page.len - at));
        if (!open)
            break;
        ptrdiff_t from = at = open - page.ptr + 1;
        while (at < page.len && ((page.ptr[at] | 0x20) >= 'a' && (page.ptr[at] | 0x20) <= 'z'))
            at++;
        const char *key = key_of(str_slice(page, from, at));
        Str value;
        if (key && tag_value(page, &at, name, key, &value))
            return value;
    }
    return (Str){ 0 };
}

/* ---- references ---- */

static const struct {
    const char *text;
    char is;
} entities[] = {
    { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' }, { "&quot;", '"' }, { "&apos;", '\'' },
};

/* "&#39;" or "&#x27;": its length, 0 when it is none. */
static ptrdiff_t numbered(Str s, uint32_t *ret)
{
    bool hex = s.len > 3 && (s.ptr[2] | 0x20) == 'x';
    ptrdiff_t i = hex ? 3 : 2, from = i;
    uint32_t v = 0;
    if (!str_starts(s, STR("&#")))
        return 0;
    for (; i < s.len && v < 0x110000; i++) {
        char c = (char)(s.ptr[i] | 0x20);
        bool digit = s.ptr[i] >= '0' && s.ptr[i] <= '9', letter = hex && c >= 'a' && c <= 'f';
        if (!digit && !letter)
            break;
        v = v * (hex ? 16 : 10) + (uint32_t)(digit ? s.ptr[i] - '0' : c - 'a' + 10);
    }
    *ret = v;
    bool ok = i > from && i < s.len && s.ptr[i] == ';' && v > 0 && v < 0x110000;
    return ok ? i + 1 : 0;
}

ptrdiff_t html_unescape(Str raw, char *buf)
{
    char *to = buf;
    for (ptrdiff_t i = 0; i < raw.len;) {
        Str rest = str_slice(raw, i, raw.len);
        uint32_t c;
        ptrdiff_t n = rest.ptr[0] == '&' ? numbered(rest, &c) : 0;
        if (n) {
            to = utf8_put(to, c);
            i += n;
            continue;
        }
        char one = rest.ptr[0];
        for (ptrdiff_t k = 0; n == 0 && one == '&' && k < ARRAY_LEN(entities); k++)
            if (str_starts(rest, str(entities[k].text))) {
                n = (ptrdiff_t)strlen(entities[k].text);
                one = entities[k].is;
            }
        *to++ = one;
        i += MAX(n, (ptrdiff_t)1);
    }
    return to - buf;
}
