#include "base/json.h"

#include <errno.h>
#include <math.h>

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
    for (ptrdiff_t bad; (bad = utf8_invalid_at(text)) >= 0;
         text = str_slice(text, bad + 1, text.len)) {
        strbuf_add(&b, str_slice(text, 0, bad));
        strbuf_addz(&b, "\xef\xbf\xbd");
    }
    strbuf_add(&b, text);
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

static int append(const char *bytes, size_t n, void *out)
{
    strbuf_add(out, (Str){ bytes, (ptrdiff_t)n });
    return 0;
}

int json_print(const json_t *j, StrBuf *out, Err *err)
{
    if (json_dump_callback(j, append, out, JSON_INDENT(2) | JSON_REAL_PRECISION(17)) < 0)
        return err_set(err, -EINVAL, "value cannot be written as JSON");
    strbuf_addc(out, '\n');
    if (out->overflow)
        return err_set(err, -ENOMEM, "JSON text grew too large");
    return 0;
}
