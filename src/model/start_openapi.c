/* An API description as a starting suite: OpenAPI 3.0 and 3.1, Swagger 2.0. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/yaml_json.h"
#include "model/recording_read.h"
#include "model/start.h"
#include "model/start_api_call.h"

enum { OPERATIONS_MAX = 1000, DOCUMENT_MAX = 16 << 20 };

/* ---- operations ---- */

static void put_status(ApiCall *c, StrBuf *out)
{
    const char *key;
    json_t *one;
    json_object_foreach(json_object_get(c->op, "responses"), key, one)
    {
        if (key[0] != '2' || strlen(key) != 3)
            continue;
        bool all = (key[1] | 0x20) == 'x' && (key[2] | 0x20) == 'x';
        bool one_code = isdigit((unsigned char)key[1]) && isdigit((unsigned char)key[2]);
        if (all || one_code)
            strbuf_addf(out, "      expect_status: [%s]\n", all ? "2xx" : key);
        if (all || one_code)
            return;
    }
}

static void put_list(StrBuf *out, const char *key, const StrBuf *lines)
{
    if (lines->len)
        strbuf_addf(out, "      %s:\n%s", key, strbuf_z(lines));
}

static int put_call(Api *x, ApiCall *c, StrBuf *out, Err *err)
{
    CLEANUP(strbuf_done) StrBuf target = { 0 };
    const char *id = json_get_text(c->op, "operationId");
    const char *name = id ? start_name(x->a, &x->taken, STR("GET"), str(id))
                          : start_name(x->a, &x->taken, str(c->method), str(c->path));
    strbuf_add(&c->url, strbuf_str(&c->query));
    TRY(recording_target(&target, strbuf_str(&c->url), err));
    strbuf_addf(out, "  \"%s\":\n    target: api\n    load: { users: 10 }\n    request:\n", name);
    strbuf_addf(out, "      method: \"%s\"\n      path: ", c->method);
    start_quote_with(out, strbuf_str(&target), strbuf_str(&c->secrets));
    strbuf_addc(out, '\n');
    put_list(out, "header", &c->headers);
    put_list(out, "cookie", &c->cookies);
    strbuf_add(out, strbuf_str(&c->lines));
    put_status(c, out);
    return 0;
}

static void add_commented(StrBuf *to, Str lines)
{
    Str line;
    while (str_cut(&lines, '\n', &line))
        if (line.len)
            strbuf_addf(to, "# " STR_FMT "\n", STR_ARG(line));
}

static int put_operation(Api *x, const char *path, json_t *item, const char *method, json_t *op,
                         Err *err)
{
    CLEANUP(api_call_done) ApiCall c = { .method = method, .path = path, .item = item, .op = op };
    CLEANUP(strbuf_done) StrBuf own = { 0 };
    bool safe = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
    api_call_fill(x, &c, !safe);
    TRY(put_call(x, &c, safe ? &x->safe : &own, err));
    add_commented(&x->unsafe, strbuf_str(&own));
    *(safe ? &x->n_safe : &x->n_unsafe) += 1;
    return 0;
}

static int put_item(Api *x, const char *path, json_t *item, Err *err)
{
    static const char *const methods[][2] = { { "get", "GET" },        { "head", "HEAD" },
                                              { "post", "POST" },      { "put", "PUT" },
                                              { "patch", "PATCH" },    { "delete", "DELETE" },
                                              { "options", "OPTIONS" } };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(methods); i++) {
        json_t *op = json_object_get(item, methods[i][0]);
        if (!json_is_object(op))
            continue;
        if (x->n_safe + x->n_unsafe == OPERATIONS_MAX) {
            start_note(x->a, x->notes, "left out what follows 1000 operations");
            return 0;
        }
        TRY(put_operation(x, path, item, methods[i][1], op, err));
    }
    return 0;
}

/* ---- the target ---- */

static void fill_variables(json_t *server, StrBuf *b, Str url)
{
    Str before, name;
    while (str_cut(&url, '{', &before)) {
        strbuf_add(b, before);
        if (!url.ptr || !str_cut(&url, '}', &name))
            return;
        CLEANUP(strbuf_done) StrBuf key = { 0 };
        strbuf_add(&key, name);
        json_t *v = json_object_get(json_object_get(server, "variables"), strbuf_z(&key));
        const char *dflt = json_get_text(v, "default");
        strbuf_addz(b, dflt ? dflt : "");
    }
}

static void put_server(const Api *x, StrBuf *b)
{
    json_t *root = x->doc.root, *server = json_array_get(json_object_get(root, "servers"), 0);
    if (!x->swagger) {
        const char *url = json_get_text(server, "url");
        fill_variables(server, b, str(url ? url : "/"));
        return;
    }
    const char *host = json_get_text(root, "host"), *base = json_get_text(root, "basePath");
    const char *scheme = json_string_value(json_array_get(json_object_get(root, "schemes"), 0));
    if (host)
        strbuf_addf(b, "%s://%s", scheme ? scheme : "http", host);
    strbuf_addz(b, base ? base : "/");
}

static void put_target(Api *x, StrBuf *out)
{
    CLEANUP(strbuf_done) StrBuf url = { 0 };
    put_server(x, &url);
    bool whole = str_starts_nocase(strbuf_str(&url), STR("http://")) ||
                 str_starts_nocase(strbuf_str(&url), STR("https://"));
    if (!whole)
        start_note(x->a, x->notes,
                   "the description names no host: 127.0.0.1:8080 stands there instead");
    strbuf_addz(out, "targets:\n  api:\n    url: ");
    const char *slash = url.len && url.ptr[0] == '/' ? "" : "/";
    start_quote(
        out, whole ? strbuf_str(&url)
                   : str(arena_printf(x->a, "http://127.0.0.1:8080%s%s", slash, strbuf_z(&url))));
    strbuf_addc(out, '\n');
}

/* ---- the whole ---- */

static int read_document(Arena *a, Str text, const char *name, json_t **ret, Err *err)
{
    CLEANUP(strbuf_done) StrBuf plain = { 0 };
    const YamlNode *root;
    if (str_starts(text, STR("\xef\xbb\xbf")))
        text = str_slice(text, 3, text.len);
    Str begin = str_trim(text);
    if (begin.len && begin.ptr[0] == '{')
        return json_parse(text, name, ret, err);
    TRY(yaml_parse(a, text, name, DOCUMENT_MAX, &root, err));
    yaml_to_json(root, &plain);
    return json_parse(strbuf_str(&plain), name, ret, err);
}

static int put_paths(Api *x, const char *name, Err *err)
{
    json_t *paths = json_object_get(x->doc.root, "paths");
    const char *path;
    json_t *item;
    json_object_foreach(paths, path, item) if (path[0] == '/')
        TRY(put_item(x, path, api_resolve(&x->doc, item), err));
    if (x->n_safe + x->n_unsafe == 0)
        return err_set(err, -EINVAL, "%s: describes no operation (paths: /…: get: …)", name);
    return 0;
}

static void put_suite(Api *x, StrBuf *suite)
{
    CLEANUP(strbuf_done) StrBuf target = { 0 };
    put_target(x, &target);
    if (x->n_unsafe)
        start_note(x->a, x->notes,
                   arena_printf(x->a,
                                "%d operation%s may change something: at the end, as comments",
                                x->n_unsafe, x->n_unsafe == 1 ? "" : "s"));
    if (!x->n_safe)
        start_note(x->a, x->notes,
                   "none only reads: the suite has no benchmark until one is taken in");
    start_head(suite, "an API description", x->notes);
    strbuf_add(suite, strbuf_str(&target));
    strbuf_addz(suite, "benchmarks:\n");
    strbuf_add(suite, strbuf_str(&x->safe));
    if (x->n_unsafe)
        strbuf_addz(suite, "# What may change something: take the '# ' away from those that may "
                           "be called.\n");
    strbuf_add(suite, strbuf_str(&x->unsafe));
}

int start_openapi(Arena *a, Str text, const char *name, StrBuf *suite, StrList *notes, Err *err)
{
    CLEANUP(json_free) json_t *root = NULL;
    TRY(read_document(a, text, name, &root, err));
    Api x = { .a = a, .notes = notes, .doc = { .root = root } };
    x.swagger = json_object_get(root, "swagger") != NULL;
    if (!x.swagger && !json_object_get(root, "openapi"))
        return err_set(err, -EINVAL, "%s: is neither OpenAPI nor Swagger", name);
    int r = put_paths(&x, name, err);
    if (r == 0)
        put_suite(&x, suite);
    strbuf_done(&x.safe);
    strbuf_done(&x.unsafe);
    return r;
}
