/* A series out of JSON. A plain array of numbers is scanned; everything else goes through the
 * parser, which is several times slower and holds the document in memory. */
#include <errno.h>
#include <math.h>

#include "base/fmt.h"
#include "base/json.h"
#include "model/history_read.h"

static const HistoryPoint nothing = { .value = NAN, .wall_s = NAN };

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static Str skip_blanks(Str s)
{
    ptrdiff_t i = 0;
    while (i < s.len && is_blank(s.ptr[i]))
        i++;
    return str_slice(s, i, s.len);
}

/* What JSON does not allow (+1, 01, .5) is left to the parser's complaint. */
static bool json_number(Str word, double *ret)
{
    Str digits = str_starts(word, STR("-")) ? str_slice(word, 1, word.len) : word;
    if (digits.len == 0 || digits.ptr[0] < '0' || digits.ptr[0] > '9')
        return false;
    if (digits.len > 1 && digits.ptr[0] == '0' && digits.ptr[1] >= '0' && digits.ptr[1] <= '9')
        return false;
    return str_to_f64(word, ret) == 0;
}

/* The array of numbers and nulls that s begins with, and what follows it; false when it is anything
 * else (h is then as it was). */
static bool scan_numbers(Arena *a, Str s, History *h, Str *rest)
{
    History out = *h;
    s = skip_blanks(s);
    if (s.len == 0 || s.ptr[0] != '[')
        return false;
    s = skip_blanks(str_slice(s, 1, s.len));
    for (;;) {
        ptrdiff_t i = 0;
        while (i < s.len && s.ptr[i] != ',' && s.ptr[i] != ']' && !is_blank(s.ptr[i]))
            i++;
        HistoryPoint p = nothing;
        Str word = str_slice(s, 0, i);
        if (!json_number(word, &p.value) && !str_eqz(word, "null"))
            return false;
        history_push(&out, a, p);
        s = skip_blanks(str_slice(s, i, s.len));
        if (s.len == 0)
            return false;
        bool end = s.ptr[0] == ']';
        if (!end && s.ptr[0] != ',')
            return false;
        s = skip_blanks(str_slice(s, 1, s.len));
        if (end) {
            *h = out;
            *rest = s;
            return true;
        }
    }
}

/* Such an array alone, or as all that an object holds: {"series": [...]}. */
static bool scan_document(Arena *a, Str text, History *h)
{
    Str s = skip_blanks(text), rest;
    bool object = str_starts(s, STR("{"));
    if (object) {
        s = skip_blanks(str_slice(s, 1, s.len));
        if (!str_starts(s, STR("\"series\"")))
            return false;
        s = skip_blanks(str_slice(s, 8, s.len));
        if (!str_starts(s, STR(":")))
            return false;
        s = str_slice(s, 1, s.len);
    }
    if (!scan_numbers(a, s, h, &rest))
        return false;
    if (object && !str_starts(rest, STR("}")))
        return false;
    return skip_blanks(str_slice(rest, object, rest.len)).len == 0;
}

static const char *type_name(const json_t *j)
{
    switch (json_typeof(j)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "an array";
    case JSON_STRING:
        return "a text";
    case JSON_TRUE:
    case JSON_FALSE:
        return "true or false";
    case JSON_INTEGER:
    case JSON_REAL:
        return "a number";
    case JSON_NULL:
        return "null";
    }
    return "nothing";
}

typedef struct Reader {
    Arena *a;
    const char *name, *key;
    size_t i; /* element at hand */
    Err *err;
} Reader;

static int read_number(const Reader *r, const json_t *j, double *ret)
{
    *ret = json_is_number(j) ? json_number_value(j) : (double)NAN;
    if (!j || json_is_number(j) || json_is_null(j))
        return 0;
    return err_set(r->err, -EINVAL, "%s: element %zu is %s; want a number or null", r->name, r->i,
                   type_name(j));
}

static int read_time(const Reader *r, const json_t *j, double *ret)
{
    char buf[FMT_MAX];
    *ret = (double)NAN;
    if (!j || json_is_null(j))
        return 0;
    Str text = json_is_string(j) ? str(json_string_value(j)) : (Str){ NULL, 0 };
    if (json_is_number(j))
        text = str(fmt_f64_exact(buf, json_number_value(j)));
    if (text.ptr && history_parse_time(text, ret) == 0)
        return 0;
    return err_set(r->err, -EINVAL,
                   "%s: the time of element %zu is neither a number nor a date such "
                   "as 2026-01-31T23:59:59Z",
                   r->name, r->i);
}

static const json_t *first_of(const json_t *j, const char *const *keys)
{
    for (; *keys; keys++)
        if (json_object_get(j, *keys))
            return json_object_get(j, *keys);
    return NULL;
}

static int read_object(const Reader *r, const json_t *j, HistoryPoint *p)
{
    static const char *const times[] = { "time", "timestamp", "date", NULL };
    const json_t *value = json_object_get(j, r->key);
    if (!value)
        return err_set(r->err, -EINVAL, "%s: element %zu has no \"%s\"", r->name, r->i, r->key);
    TRY(read_number(r, value, &p->value));
    TRY(read_time(r, first_of(j, times), &p->wall_s));
    p->commit = json_get_text(j, "commit") ? arena_strdup(r->a, json_get_text(j, "commit")) : NULL;
    p->run = json_get_text(j, "run") ? arena_strdup(r->a, json_get_text(j, "run")) : NULL;
    return 0;
}

static int read_element(const Reader *r, const json_t *j, HistoryPoint *p)
{
    if (json_is_object(j))
        return read_object(r, j, p);
    if (!json_is_array(j))
        return read_number(r, j, &p->value);
    if (json_array_size(j) != 2)
        return err_set(r->err, -EINVAL, "%s: element %zu is an array of %zu; want [time, value]",
                       r->name, r->i, json_array_size(j));
    TRY(read_time(r, json_array_get(j, 0), &p->wall_s));
    return read_number(r, json_array_get(j, 1), &p->value);
}

static int read_document(Reader *r, const json_t *j, History *ret)
{
    const json_t *list = json_is_object(j) ? json_object_get(j, "series") : j;
    if (!list && json_is_object(j))
        list = json_object_get(j, "points");
    if (!json_is_array(list))
        return err_set(r->err, -EINVAL,
                       "%s: no series here; want an array of numbers, or "
                       "{\"series\": [...]}",
                       r->name);
    for (; r->i < json_array_size(list); r->i++) {
        HistoryPoint p = nothing;
        TRY(read_element(r, json_array_get(list, r->i), &p));
        history_push(ret, r->a, p);
    }
    return 0;
}

int history_read_json(Arena *a, Str text, const char *name, const char *column, History *ret,
                      Err *err)
{
    CLEANUP(json_free) json_t *j = NULL;
    ret->metric = column ? column : "value";
    if (scan_document(a, text, ret))
        return 0;
    ret->n = 0;
    TRY(json_parse(text, name, &j, err));
    Reader r = { .a = a, .name = name, .key = ret->metric, .err = err };
    return read_document(&r, j, ret);
}

int history_read(Arena *a, Str text, const char *name, const char *column, History *ret, Err *err)
{
    History h = { .source = arena_strdup(a, name), .name = arena_strdup(a, name), .unit = "" };
    Str bare = skip_blanks(text);
    if (str_starts(bare, STR("\xef\xbb\xbf"))) /* byte order mark */
        bare = text = skip_blanks(str_slice(bare, 3, bare.len));
    bool json = bare.len > 0 && (bare.ptr[0] == '[' || bare.ptr[0] == '{');
    TRY(json ? history_read_json(a, text, name, column, &h, err)
             : history_read_csv(a, text, name, column, &h, err));
    if (h.n == 0)
        return err_set(err, -EINVAL, "%s: no values", name);
    history_sort(&h);
    *ret = h;
    return 0;
}
