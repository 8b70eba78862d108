#include "base/json.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

json_t *json_num(double v)
{
    if (!isfinite(v))
        return json_null();
    if (v == floor(v) && fabs(v) < 0x1p53)
        return json_integer((json_int_t)v);
    return json_real(v);
}

json_t *json_text(const char *s)
{
    if (!s)
        return json_null();
    Str text = str(s);
    if (utf8_invalid_at(text) < 0)
        return json_stringn(text.ptr, (size_t)text.len);
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    strbuf_add_utf8(&b, text);
    return json_stringn(strbuf_z(&b), (size_t)b.len);
}

double json_get_num(const json_t *obj, const char *key)
{
    const json_t *v = json_object_get(obj, key);
    return json_is_number(v) ? json_number_value(v) : (double)NAN;
}

const char *json_get_text(const json_t *obj, const char *key)
{
    return json_string_value(json_object_get(obj, key));
}

int json_parse(Str text, const char *name, json_t **ret, Err *err)
{
    json_error_t e;
    json_t *j = json_loadb(text.ptr ? text.ptr : "", (size_t)text.len, JSON_REJECT_DUPLICATES, &e);
    if (!j)
        return err_set(err, -EINVAL, "%s:%d:%d: %s", name, e.line, e.column, e.text);
    *ret = j;
    return 0;
}

/* The shortest text of a double that reads back equal; the whole token stays a real. */
static void add_real(StrBuf *out, double v)
{
    char buf[40];
    for (int digits = 15; digits <= 17; digits++) { /* %g drops the zeros that 15 has too many */
        double back;
        snprintf(buf, sizeof buf, "%.*g", digits, v);
        if (str_to_f64(str(buf), &back) == 0 && back == v)
            break;
    }
    strbuf_addz(out, buf);
    if (!strpbrk(buf, ".e"))
        strbuf_addz(out, ".0");
}

/* Jansson writes each double with as many digits as it was told, 0.95 as 0.94999999999999996.
 * Copies JSON text with every such number in its shortest form; what is in strings stays. */
static void copy_shortened(StrBuf *out, Str text)
{
    static const char number[] = "+-.0123456789eE";
    bool quoted = false;
    ptrdiff_t done = 0;
    for (ptrdiff_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        i += quoted && c == '\\';
        quoted ^= c == '"';
        if (quoted || !(c == '-' || (c >= '0' && c <= '9')))
            continue;
        ptrdiff_t end = i + (ptrdiff_t)strspn(text.ptr + i, number);
        Str token = str_slice(text, i, end);
        double v;
        if (str_find_char(token, '.') >= 0 && str_to_f64(token, &v) == 0) {
            strbuf_add(out, str_slice(text, done, i));
            add_real(out, v);
            done = end;
        }
        i = end - 1;
    }
    strbuf_add(out, str_slice(text, done, text.len));
}

static int append(const char *bytes, size_t n, void *out)
{
    strbuf_add(out, (Str){ bytes, (ptrdiff_t)n });
    return 0;
}

int json_print(const json_t *j, StrBuf *out, Err *err)
{
    CLEANUP(strbuf_done) StrBuf text = { 0 };
    if (json_dump_callback(j, append, &text, JSON_INDENT(2) | JSON_REAL_PRECISION(17)) < 0)
        return err_set(err, -EINVAL, "value cannot be written as JSON");
    copy_shortened(out, str(strbuf_z(&text)));
    strbuf_addc(out, '\n');
    if (out->overflow)
        return err_set(err, -ENOMEM, "JSON text grew too large");
    return 0;
}
