/* NDJSON, an object a line, and HAR: http://www.softwareishard.com/blog/har-12-spec/. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/fmt.h"
#include "base/json.h"
#include "base/json_find.h"
#include "model/history.h"
#include "model/recording_read.h"

enum { HEADER_VALUES_MAX = 32 };

/* ---- times ---- */

static int set_seconds(double s, Record *rec, Err *err)
{
    if (!(s >= 0) || s > 1e10)
        return err_set(err, -EINVAL, "a time out of range");
    rec->at_ns = (uint64_t)llround(s * 1e9);
    return 0;
}

static int set_time(Str text, Record *rec, Err *err)
{
    double s;
    if (history_parse_time(text, &s) < 0)
        return err_set(err, -EINVAL,
                       "'%.*s' is no time (2026-01-31T23:59:59.123Z, or seconds since 1970)",
                       (int)MIN(text.len, (ptrdiff_t)40), text.ptr);
    return set_seconds(s, rec, err);
}

/* Seconds, or with a unit. */
static int set_offset(Str text, Record *rec, Err *err)
{
    double s;
    if (str_to_f64(text, &s) == 0)
        return set_seconds(s, rec, err);
    return fmt_parse_duration(text, &rec->at_ns, err);
}

static int set_origin(RecordingReader *x, char origin, Err *err)
{
    if (x->origin && x->origin != origin)
        return err_set(err, -EINVAL, "records have either 'time' or 'offset', all of them");
    x->origin = origin;
    return 0;
}

/* ---- NDJSON ---- */

/* What the value says: a string's text, anything else as it stands. Lasts until the next call. */
static int plain(RecordingReader *x, Str raw, Str *ret, Err *err)
{
    *ret = raw;
    if (!raw.len || raw.ptr[0] != '"')
        return 0;
    if (raw.len >= 2 && str_find_char(raw, '\\') < 0) { /* most have nothing to unescape */
        *ret = str_slice(raw, 1, raw.len - 1);
        return 0;
    }
    strbuf_clear(&x->text);
    strbuf_pad(&x->text, ' ', raw.len);
    ptrdiff_t n = x->text.len == raw.len ? json_unquote(raw, x->text.ptr) : -1;
    if (n < 0)
        return err_set(err, -EINVAL, "a text that JSON doesn't allow");
    *ret = (Str){ x->text.ptr, n };
    return 0;
}

static int take_header(RecordingReader *x, Str name, Str raw, Err *err)
{
    Str text;
    if (!raw.len || strchr("{[", raw.ptr[0]))
        return err_set(err, -EINVAL, "headers: '" STR_FMT "' has no text for its value",
                       STR_ARG(name));
    TRY(plain(x, raw, &text, err));
    return recording_header(&x->block, name, text, err);
}

/* A list of values is a header for each. */
static int take_header_list(RecordingReader *x, Str name, Str list, Err *err)
{
    char pointer[16];
    Str raw;
    for (int i = 0; i < HEADER_VALUES_MAX; i++) {
        int n = snprintf(pointer, sizeof pointer, "/%d", i);
        if (json_find(list, (Str){ pointer, n }, &raw) != 0)
            return 0;
        TRY(take_header(x, name, raw, err));
    }
    return err_set(err, -EINVAL, "headers: '" STR_FMT "' has more than %d values", STR_ARG(name),
                   HEADER_VALUES_MAX);
}

static int take_headers(RecordingReader *x, Str raw, Record *rec, Err *err)
{
    JsonMembers m = { .rest = raw };
    Str key, value;
    int more;
    strbuf_clear(&x->block);
    while ((more = json_member(&m, &key, &value)) > 0) {
        bool list = value.len && value.ptr[0] == '[';
        TRY(list ? take_header_list(x, key, value, err) : take_header(x, key, value, err));
    }
    if (more < 0)
        return err_set(err, -EINVAL, "headers: wants an object of names and texts");
    return recording_text(x->r, strbuf_str(&x->block), &rec->headers, err);
}

static int take_url(RecordingReader *x, Str text, Record *rec, Err *err)
{
    TRY(recording_target(&x->block, text, err));
    return recording_text(x->r, strbuf_str(&x->block), &rec->target, err);
}

static int take_method(RecordingReader *x, Str text, Record *rec, Err *err)
{
    if (!recording_method_ok(text))
        return err_set(err, -EINVAL, "method: is no method of HTTP");
    return recording_text(x->r, text, &rec->method, err);
}

static int take_member(RecordingReader *x, Str key, Str raw, Record *rec, Err *err)
{
    Str text;
    if (str_eqz(key, "headers"))
        return str_eqz(raw, "null") ? 0 : take_headers(x, raw, rec, err);
    TRY(plain(x, raw, &text, err));
    if (str_eqz(key, "time")) {
        TRY(set_origin(x, 't', err));
        return set_time(text, rec, err);
    }
    if (str_eqz(key, "offset")) {
        TRY(set_origin(x, 'o', err));
        return set_offset(text, rec, err);
    }
    if (str_eqz(key, "method"))
        return take_method(x, text, rec, err);
    if (str_eqz(key, "url") || str_eqz(key, "path"))
        return take_url(x, text, rec, err);
    if (str_eqz(key, "body") && !str_eqz(raw, "null"))
        return recording_text(x->r, text, &rec->body, err);
    return 0;
}

static int take_object(RecordingReader *x, Str line, Record *rec, Err *err)
{
    JsonMembers m = { .rest = line };
    Str key, raw;
    bool timed = false;
    int more;
    while ((more = json_member(&m, &key, &raw)) > 0) {
        timed |= str_eqz(key, "time") || str_eqz(key, "offset");
        TRY(take_member(x, key, raw, rec, err));
    }
    if (more < 0 || str_trim(m.rest).len)
        return err_set(err, -EINVAL, "is not one object of JSON");
    if (!timed || !rec->method || !rec->target)
        return err_set(err, -EINVAL, "a record needs %s",
                       !timed         ? "'time' or 'offset'"
                       : !rec->method ? "'method'"
                                      : "'url' or 'path'");
    return 0;
}

int recording_read_lines(RecordingReader *x, Str text, Err *err)
{
    Str line;
    for (ptrdiff_t at = 1; str_cut(&text, '\n', &line); at++) {
        Record rec = { 0 };
        Err why = { 0 };
        line = str_trim(line);
        if (line.len)
            TRY(recording_take(x, at, &rec, take_object(x, line, &rec, &why), &why, err));
    }
    return 0;
}

/* ---- HAR ---- */

static Str har_text(const json_t *obj, const char *key)
{
    return str(json_get_text(obj, key));
}

static int har_headers(RecordingReader *x, const json_t *request, Record *rec, Err *err)
{
    size_t i;
    json_t *h;
    strbuf_clear(&x->block);
    json_array_foreach(json_object_get(request, "headers"), i, h)
        TRY(recording_header(&x->block, har_text(h, "name"), har_text(h, "value"), err));
    return recording_text(x->r, strbuf_str(&x->block), &rec->headers, err);
}

static int har_entry(RecordingReader *x, const json_t *entry, Record *rec, Err *err)
{
    const json_t *request = json_object_get(entry, "request");
    Str body = har_text(json_object_get(request, "postData"), "text");
    TRY(set_time(har_text(entry, "startedDateTime"), rec, err));
    TRY(take_method(x, har_text(request, "method"), rec, err));
    TRY(take_url(x, har_text(request, "url"), rec, err));
    TRY(har_headers(x, request, rec, err));
    return recording_text(x->r, body, &rec->body, err);
}

int recording_read_har(RecordingReader *x, Str text, Err *err)
{
    CLEANUP(json_free) json_t *root = NULL;
    size_t i;
    json_t *entry;
    TRY(json_parse(text, x->name, &root, err));
    const json_t *entries = json_object_get(json_object_get(root, "log"), "entries");
    if (!json_is_array(entries))
        return err_set(err, -EINVAL, "%s: is no HAR: it has no log.entries", x->name);
    json_array_foreach(entries, i, entry)
    {
        Record rec = { 0 };
        Err why = { 0 };
        int r = har_entry(x, entry, &rec, &why);
        TRY(recording_take(x, (ptrdiff_t)i + 1, &rec, r, &why, err));
    }
    return 0;
}
