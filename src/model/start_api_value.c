#include "model/start_api_value.h"

#include <string.h>

enum { SCHEMAS_MAX = 2000, LENGTH_MAX = 100 };

/* ---- references ---- */

/* "~1" and "%7B" of one step of a pointer. */
static void unescape(StrBuf *b, Str s)
{
    static const char hex[] = "0123456789abcdef";
    for (ptrdiff_t i = 0; i < s.len; i++) {
        const char *high = NULL, *low = NULL;
        if (s.ptr[i] == '%' && i + 2 < s.len && s.ptr[i + 1] && s.ptr[i + 2]) {
            high = strchr(hex, s.ptr[i + 1] | 0x20);
            low = strchr(hex, s.ptr[i + 2] | 0x20);
        }
        if (high && low && (high != hex || low != hex)) {
            strbuf_addc(b, (char)((high - hex) * 16 + (low - hex)));
            i += 2;
        } else if (s.ptr[i] == '~' && i + 1 < s.len) {
            strbuf_addc(b, s.ptr[++i] == '1' ? '/' : '~');
        } else {
            strbuf_addc(b, s.ptr[i]);
        }
    }
}

static json_t *step_into(json_t *at, const char *key)
{
    uint64_t i;
    if (json_is_array(at))
        return str_to_u64(str(key), &i) == 0 ? json_array_get(at, (size_t)i) : NULL;
    return json_object_get(at, key);
}

static json_t *follow(const ApiDoc *d, Str ref)
{
    json_t *at = d->root;
    Str step;
    if (!str_starts(ref, STR("#/")))
        return NULL; /* other documents are not fetched */
    ref = str_slice(ref, 2, ref.len);
    while (at && str_cut(&ref, '/', &step)) {
        CLEANUP(strbuf_done) StrBuf key = { 0 };
        unescape(&key, step);
        at = step_into(at, strbuf_z(&key));
    }
    return at;
}

json_t *api_resolve(const ApiDoc *d, json_t *v)
{
    for (int depth = 0; v && depth < START_DEPTH_MAX; depth++) {
        const char *ref = json_get_text(v, "$ref");
        if (!ref)
            return v;
        v = follow(d, str(ref));
    }
    return NULL;
}

/* ---- values ---- */

static json_t *sample(ApiDoc *d, json_t *schema);

/* The first of a list, or of an object's `value`s: `examples` is either. Borrowed. */
static json_t *first_example(const ApiDoc *d, json_t *examples)
{
    if (json_is_array(examples))
        return json_array_get(examples, 0);
    void *at = json_object_iter(examples);
    return at ? json_object_get(api_resolve(d, json_object_iter_value(at)), "value") : NULL;
}

/* What stands in the schema or parameter itself. Borrowed; NULL: nothing. */
static json_t *said(const ApiDoc *d, json_t *v)
{
    json_t *found = json_object_get(v, "example");
    found = found ? found : json_object_get(v, "x-example");
    found = found ? found : first_example(d, json_object_get(v, "examples"));
    return found ? found : json_object_get(v, "default");
}

static const char *type_of(json_t *schema)
{
    json_t *type = json_object_get(schema, "type");
    const char *name = json_string_value(json_is_array(type) ? json_array_get(type, 0) : type);
    if (name && strcmp(name, "null") == 0 && json_is_array(type))
        name = json_string_value(json_array_get(type, 1));
    if (!name && json_object_get(schema, "properties"))
        return "object";
    return name ? name : "";
}

static json_t *text_sample(json_t *schema)
{
    static const char *const formats[][2] = {
        { "date-time", "2026-01-31T12:00:00Z" },
        { "date", "2026-01-31" },
        { "time", "12:00:00Z" },
        { "uuid", "00000000-0000-4000-8000-000000000000" },
        { "email", "user@example.com" },
        { "uri", "http://example.com/" },
        { "url", "http://example.com/" },
        { "hostname", "example.com" },
        { "ipv4", "192.0.2.1" },
        { "ipv6", "2001:db8::1" },
        { "byte", "dGV4dA==" },
    };
    const char *format = json_get_text(schema, "format");
    for (ptrdiff_t i = 0; format && i < ARRAY_LEN(formats); i++)
        if (strcmp(format, formats[i][0]) == 0)
            return json_string(formats[i][1]);
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    double least = json_get_num(schema, "minLength"), most = json_get_num(schema, "maxLength");
    strbuf_addz(&b, most < 4 ? "a" : "text");
    while ((double)b.len < least && b.len < LENGTH_MAX)
        strbuf_addc(&b, 'a');
    return json_string(strbuf_z(&b));
}

static json_t *number_sample(json_t *schema, bool whole)
{
    double least = json_get_num(schema, "minimum");
    double v = least > 1 && least < 1e15 ? least : 1;
    return whole ? json_integer((json_int_t)v) : json_num(v);
}

/* Would it stand within itself? */
static bool is_open(const ApiDoc *d, json_t *schema)
{
    for (int i = 0; i < d->n_open; i++)
        if (d->open[i] == schema)
            return true;
    return d->n_open == START_DEPTH_MAX || d->budget <= 0;
}

static void add_properties(ApiDoc *d, json_t *schema, json_t *into)
{
    const char *key;
    json_t *one;
    json_object_foreach(json_object_get(schema, "properties"), key, one)
    {
        json_t *real = api_resolve(d, one);
        if (real && !json_is_true(json_object_get(real, "readOnly")) && !is_open(d, real))
            json_object_set_new(into, key, sample(d, one));
    }
}

/* All parts of an allOf, one over the other. */
static json_t *joined(ApiDoc *d, json_t *parts, json_t *schema)
{
    size_t i;
    json_t *one, *all = json_object();
    json_array_foreach(parts, i, one)
    {
        json_t *part = sample(d, one);
        if (json_is_object(part))
            json_object_update(all, part);
        json_decref(part);
    }
    add_properties(d, schema, all);
    return all;
}

static json_t *by_type(ApiDoc *d, json_t *schema)
{
    Str type = str(type_of(schema));
    json_t *v;
    if (str_eqz(type, "object")) {
        v = json_object();
        add_properties(d, schema, v);
        return v;
    }
    if (str_eqz(type, "array")) {
        v = json_array();
        json_t *items = api_resolve(d, json_object_get(schema, "items"));
        if (items && !is_open(d, items))
            json_array_append_new(v, sample(d, items));
        return v;
    }
    if (str_eqz(type, "integer") || str_eqz(type, "number"))
        return number_sample(schema, str_eqz(type, "integer"));
    if (str_eqz(type, "boolean"))
        return json_true();
    return str_eqz(type, "string") ? text_sample(schema) : json_null();
}

static json_t *sample(ApiDoc *d, json_t *schema)
{
    schema = api_resolve(d, schema);
    if (!schema || is_open(d, schema))
        return json_null();
    d->budget--;
    json_t *v = said(d, schema);
    v = v ? v : json_object_get(schema, "const");
    v = v ? v : json_array_get(json_object_get(schema, "enum"), 0);
    if (v)
        return json_deep_copy(v);
    json_t *all = json_object_get(schema, "allOf"), *any = json_object_get(schema, "oneOf");
    any = any ? any : json_object_get(schema, "anyOf");
    d->open[d->n_open++] = schema;
    v = json_array_size(all)   ? joined(d, all, schema)
        : json_array_size(any) ? sample(d, json_array_get(any, 0))
                               : by_type(d, schema);
    d->n_open--;
    return v;
}

json_t *api_sample(ApiDoc *d, json_t *schema)
{
    d->budget = SCHEMAS_MAX;
    d->n_open = 0;
    return sample(d, schema);
}

json_t *api_example(ApiDoc *d, json_t *holder)
{
    json_t *schema = json_object_get(holder, "schema"), *v = said(d, holder);
    return v ? json_deep_copy(v) : api_sample(d, schema ? schema : holder);
}

bool api_has_example(const ApiDoc *d, json_t *holder)
{
    json_t *schema = api_resolve(d, json_object_get(holder, "schema"));
    return said(d, holder) || said(d, schema);
}
