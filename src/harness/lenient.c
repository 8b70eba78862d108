#include "harness/lenient.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/fmt.h"

enum { NUMBER_MAX = 400 }; /* bytes of a number that are read; a double has 17 digits */

static bool in_token(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' ||
           c == '-' || c == '.' || c == '_';
}

static ptrdiff_t digits_end(Str s, ptrdiff_t i)
{
    while (i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '9')
        i++;
    return i;
}

/* JSON's own grammar: no leading plus, no leading zero, digits on both sides of the point. */
static bool is_json_number(Str s)
{
    ptrdiff_t i = s.len && s.ptr[0] == '-' ? 1 : 0, start = i;
    i = digits_end(s, i);
    if (i == start || (s.ptr[start] == '0' && i > start + 1))
        return false;
    if (i < s.len && s.ptr[i] == '.') {
        start = ++i;
        i = digits_end(s, i);
        if (i == start)
            return false;
    }
    if (i < s.len && (s.ptr[i] == 'e' || s.ptr[i] == 'E')) {
        i++;
        if (i < s.len && (s.ptr[i] == '+' || s.ptr[i] == '-'))
            i++;
        start = i;
        i = digits_end(s, i);
        if (i == start)
            return false;
    }
    return i == s.len;
}

/* Digits behind the point that no double could hold. */
static Str cut_digits(Str s)
{
    ptrdiff_t point = str_find_char(s, '.');
    bool plain = str_find_char(s, 'e') < 0 && str_find_char(s, 'E') < 0;
    return s.len > NUMBER_MAX && plain && point >= 0 && point < NUMBER_MAX / 2
               ? str_slice(s, 0, NUMBER_MAX)
               : s;
}

static void add_token(Str s, StrBuf *out)
{
    if (str_eqz(s, "true") || str_eqz(s, "false")) {
        strbuf_add(out, s);
        return;
    }
    char buf[FMT_MAX];
    double v;
    s = cut_digits(s);
    if (str_to_f64(s, &v) < 0 || !isfinite(v))
        strbuf_addz(out, "null");
    else if (is_json_number(s))
        strbuf_add(out, s);
    else
        strbuf_addz(out, fmt_f64_exact(buf, v));
}

/* A text with its quotes; returns where it ends. `bad` is the first byte that is not UTF-8, which
 * only the caller's one walk over everything can tell cheaply. */
static ptrdiff_t add_text(Str s, ptrdiff_t i, ptrdiff_t *bad, StrBuf *out)
{
    strbuf_addc(out, s.ptr[i++]);
    for (; i < s.len && s.ptr[i] != '"'; i++) {
        if (i == *bad) {
            strbuf_addz(out, "\xef\xbf\xbd");
            ptrdiff_t next = utf8_invalid_at(str_slice(s, i + 1, s.len));
            *bad = next < 0 ? s.len : i + 1 + next;
        } else if ((unsigned char)s.ptr[i] < 0x20) {
            strbuf_addf(out, "\\u%04x", (unsigned)s.ptr[i]);
        } else {
            strbuf_addc(out, s.ptr[i]);
            if (s.ptr[i] == '\\' && i + 1 < s.len && i + 1 != *bad)
                strbuf_addc(out, s.ptr[++i]);
        }
    }
    if (i < s.len)
        strbuf_addc(out, s.ptr[i++]);
    return i;
}

void lenient_clean(Str s, StrBuf *out)
{
    ptrdiff_t bad = utf8_invalid_at(s);
    if (bad < 0)
        bad = s.len;
    for (ptrdiff_t i = 0; i < s.len;) {
        if (s.ptr[i] == '"') {
            i = add_text(s, i, &bad, out);
            continue;
        }
        ptrdiff_t start = i;
        while (i < s.len && in_token(s.ptr[i]))
            i++;
        if (i > start)
            add_token(str_slice(s, start, i), out);
        else
            strbuf_addc(out, s.ptr[i++]);
    }
}

static json_t *parse(Str s, json_error_t *ret)
{
    return json_loadb(s.ptr, (size_t)s.len, JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL, ret);
}

/* Most documents are JSON as they are; a value with more behind it doesn't get better. */
int lenient_parse(Str text, const char *name, json_t **ret, Err *err)
{
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    json_error_t e;
    json_t *j = parse(text, &e);
    if (!j && json_error_code(&e) != json_error_end_of_input_expected) {
        lenient_clean(text, &b);
        if (b.overflow)
            return err_set(err, -ENOMEM, "%s: too large", name);
        j = parse(strbuf_str(&b), &e);
    }
    if (!j)
        return err_set(err, -EINVAL, "%s:%d:%d: %s", name, e.line, e.column, e.text);
    *ret = j;
    return 0;
}

double lenient_num(const json_t *value)
{
    double v;
    if (json_is_number(value))
        return json_number_value(value);
    return json_is_string(value) && str_to_f64(str_trim(str(json_string_value(value))), &v) == 0
               ? v
               : (double)NAN;
}

double lenient_get(const json_t *object, const char *key)
{
    return lenient_num(json_object_get(object, key));
}

Str lenient_text(const json_t *object, const char *key)
{
    return str(json_string_value(json_object_get(object, key)));
}

const char *lenient_word(const json_t *object, const char *key)
{
    const char *s = json_string_value(json_object_get(object, key));
    return s && *s ? s : NULL;
}
