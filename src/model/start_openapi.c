/* An API description as a starting suite: OpenAPI 3.0 and 3.1, Swagger 2.0. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/yaml_json.h"
#include "model/recording_read.h"
#include "model/start.h"
#include "model/start_api_value.h"
#include "model/start_text.h"

enum { OPERATIONS_MAX = 1000, DOCUMENT_MAX = 16 << 20, KEY_MAX = 200 };

typedef struct Api {
    Arena *a;
    StrList *notes, taken;
    ApiDoc doc;
    bool swagger;
    StrBuf safe, unsafe; /* benchmarks */
    int n_safe, n_unsafe;
} Api;

/* One operation as it is put together. */
typedef struct Call {
    const char *method, *path;
    json_t *item, *op;
    StrBuf url, query, headers, cookies, lines;
    StrBuf secrets; /* behind the query: references */
} Call;

static void call_done(Call *c)
{
    strbuf_done(&c->url);
    strbuf_done(&c->query);
    strbuf_done(&c->headers);
    strbuf_done(&c->cookies);
    strbuf_done(&c->lines);
    strbuf_done(&c->secrets);
}

static json_t *get(const Api *x, json_t *obj, const char *key)
{
    return api_resolve(&x->doc, json_object_get(obj, key));
}

/* ---- texts ---- */

/* A value as a parameter's text: a list's first element, an object's JSON. */
static const char *text_of(Api *x, json_t *v)
{
    v = json_is_array(v) && json_array_size(v) ? json_array_get(v, 0) : v;
    if (json_is_string(v))
        return json_string_value(v);
    if (json_is_null(v))
        return "1";
    char *dump = json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT);
    const char *copy = arena_strdup(x->a, dump ? dump : "");
    free(dump);
    return copy;
}

static void put_header(StrBuf *b, Str name, const char *value)
{
    CLEANUP(strbuf_done) StrBuf line = { 0 };
    Err ignored = { 0 };
    if (recording_header(&line, name, str(value), &ignored) < 0 || !line.len)
        return;
    strbuf_addz(b, "        - ");
    start_quote(b, str_slice(strbuf_str(&line), 0, line.len - 2));
    strbuf_addc(b, '\n');
}

static void put_secret(Api *x, StrBuf *b, const char *before, const char *name, const char *after)
{
    strbuf_addz(b, before);
    start_env(x->a, b, str(name), x->notes);
    strbuf_addz(b, after);
}

/* ---- parameters ---- */

static void put_path_value(Call *c, Str name, const char *value)
{
    CLEANUP(strbuf_done) StrBuf made = { 0 };
    Str rest = strbuf_str(&c->url);
    for (ptrdiff_t open; (open = str_find_char(rest, '{')) >= 0;) {
        ptrdiff_t end = str_find_char(str_slice(rest, open, rest.len), '}');
        bool mine = end > 0 && str_eq(str_slice(rest, open + 1, open + end), name);
        strbuf_add(&made, str_slice(rest, 0, mine ? open : open + 1));
        if (mine)
            start_encode(&made, str(value));
        rest = str_slice(rest, mine ? open + end + 1 : open + 1, rest.len);
    }
    strbuf_add(&made, rest);
    strbuf_clear(&c->url);
    strbuf_add(&c->url, strbuf_str(&made));
}

static void put_query(StrBuf *b, Str name, const char *value)
{
    strbuf_addc(b, b->len ? '&' : '?');
    start_encode(b, name);
    strbuf_addc(b, '=');
    start_encode(b, str(value));
}

static void put_parameter(Api *x, Call *c, json_t *p)
{
    const char *name = json_get_text(p, "name"), *in = json_get_text(p, "in");
    Str where = str(in);
    bool needed = json_is_true(json_object_get(p, "required")) || str_eqz(where, "path");
    /* OpenAPI has other words for these three */
    static const char *const ignored[] = { "Accept", "Content-Type", "Authorization" };
    for (ptrdiff_t i = 0; name && i < ARRAY_LEN(ignored); i++)
        if (str_eqz(where, "header") && str_eq_nocase(str(name), str(ignored[i])))
            return;
    if (!name || !in || (!needed && !api_has_example(&x->doc, p)))
        return;
    CLEANUP(json_free) json_t *v = api_example(&x->doc, p);
    const char *text = text_of(x, v);
    if (str_eqz(where, "path"))
        put_path_value(c, str(name), text);
    else if (str_eqz(where, "query"))
        put_query(&c->query, str(name), text);
    else if (str_eqz(where, "header") && !start_is_secret(str(name)))
        put_header(&c->headers, str(name), text);
    else if (str_eqz(where, "header") && recording_method_ok(str(name)))
        put_secret(x, &c->headers, arena_printf(x->a, "        - \"%s: ", name), name, "\"\n");
}

/* Does the operation have a parameter of its own in place of the path's? */
static bool replaced(const Api *x, json_t *op, json_t *p)
{
    size_t i;
    json_t *raw;
    json_array_foreach(json_object_get(op, "parameters"), i, raw)
    {
        json_t *own = api_resolve(&x->doc, raw);
        if (json_equal(json_object_get(own, "name"), json_object_get(p, "name")) &&
            json_equal(json_object_get(own, "in"), json_object_get(p, "in")))
            return true;
    }
    return false;
}

static void put_parameters(Api *x, Call *c)
{
    size_t i;
    json_t *raw;
    json_array_foreach(json_object_get(c->item, "parameters"), i, raw)
    {
        json_t *p = api_resolve(&x->doc, raw);
        if (p && !replaced(x, c->op, p))
            put_parameter(x, c, p);
    }
    json_array_foreach(json_object_get(c->op, "parameters"), i, raw)
    {
        json_t *p = api_resolve(&x->doc, raw);
        if (p)
            put_parameter(x, c, p);
    }
}

/* ---- who asks ---- */

static void put_key(Api *x, Call *c, json_t *scheme, const char *env)
{
    const char *name = json_get_text(scheme, "name");
    Str in = str(json_get_text(scheme, "in"));
    if (!name || !recording_method_ok(str(name)))
        return;
    if (str_eqz(in, "header"))
        put_secret(x, &c->headers, arena_printf(x->a, "        - \"%s: ", name), env, "\"\n");
    else if (str_eqz(in, "query"))
        put_secret(x, &c->secrets,
                   arena_printf(x->a, "%s%s=", c->query.len + c->secrets.len ? "&" : "?", name),
                   env, "");
    else if (str_eqz(in, "cookie"))
        put_secret(x, &c->cookies, arena_printf(x->a, "        - \"%s=", name), env, "\"\n");
}

static void put_scheme(Api *x, Call *c, const char *name)
{
    json_t *all = x->swagger ? get(x, x->doc.root, "securityDefinitions")
                             : get(x, get(x, x->doc.root, "components"), "securitySchemes");
    json_t *scheme = get(x, all, name);
    Str type = str(json_get_text(scheme, "type")), http = str(json_get_text(scheme, "scheme"));
    if (str_eqz(type, "apiKey"))
        put_key(x, c, scheme, name);
    else if (str_eqz(type, "basic") || str_eq_nocase(http, STR("basic")))
        put_secret(x, &c->lines, "      user: \"", name, "\"\n");
    else if (str_eqz(type, "oauth2") || str_eqz(type, "openIdConnect") ||
             str_eq_nocase(http, STR("bearer")))
        put_secret(x, &c->lines, "      bearer: \"", name, "\"\n");
}

/* The schemes of the first requirement. */
static json_t *requirement(const Api *x, const Call *c)
{
    json_t *own = json_object_get(c->op, "security");
    return json_array_get(own ? own : json_object_get(x->doc.root, "security"), 0);
}

static void put_security(Api *x, Call *c)
{
    const char *name;
    json_t *scopes;
    json_object_foreach(requirement(x, c), name, scopes) put_scheme(x, c, name);
}

/* ---- bodies ---- */

static void put_json(StrBuf *b, json_t *v)
{
    char *dump = json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT);
    strbuf_addz(b, "      json_body: ");
    start_quote(b, str(dump));
    strbuf_addc(b, '\n');
    free(dump);
}

static void put_form(Api *x, Call *c, json_t *v)
{
    const char *key;
    json_t *one;
    strbuf_addz(&c->lines, "      form:\n");
    json_object_foreach(v, key, one)
    {
        if (str(key).len > KEY_MAX)
            continue;
        strbuf_addz(&c->lines, "        ");
        start_quote(&c->lines, str(key));
        strbuf_addz(&c->lines, ": ");
        start_quote(&c->lines, str(text_of(x, one)));
        strbuf_addc(&c->lines, '\n');
    }
}

static void put_media(Api *x, Call *c, const char *type, json_t *media)
{
    CLEANUP(json_free) json_t *v = api_example(&x->doc, media);
    if (strstr(type, "json")) {
        put_json(&c->lines, v);
    } else if (strstr(type, "urlencoded") && json_object_size(v)) {
        put_form(x, c, v);
    } else if (json_is_string(v)) {
        put_header(&c->headers, STR("Content-Type"), type);
        strbuf_addz(&c->lines, "      body: ");
        start_quote(&c->lines, str(json_string_value(v)));
        strbuf_addc(&c->lines, '\n');
    } else {
        start_note(x->a, x->notes, "bodies that are neither JSON nor a form are left out");
    }
}

/* JSON, if it may be that; else the first there is. */
static void put_content(Api *x, Call *c)
{
    json_t *content = json_object_get(get(x, c->op, "requestBody"), "content");
    const char *key, *type = NULL;
    json_t *one;
    json_object_foreach(
        content, key, one) if (!type || (!strstr(type, "json") && strstr(key, "json"))) type = key;
    if (type)
        put_media(x, c, type, get(x, content, type));
}

/* Swagger 2.0: a parameter is the body, or many are its fields. */
static void put_swagger_body(Api *x, Call *c)
{
    CLEANUP(json_free) json_t *form = json_object();
    size_t i;
    json_t *raw;
    json_array_foreach(json_object_get(c->op, "parameters"), i, raw)
    {
        json_t *p = api_resolve(&x->doc, raw);
        const char *name = json_get_text(p, "name"), *in = json_get_text(p, "in");
        if (str_eqz(str(in), "body")) {
            CLEANUP(json_free) json_t *v = api_example(&x->doc, p);
            put_json(&c->lines, v);
            return;
        }
        if (name && str_eqz(str(in), "formData"))
            json_object_set_new(form, name, api_example(&x->doc, p));
    }
    if (json_object_size(form))
        put_form(x, c, form);
}

/* ---- operations ---- */

static void put_status(Call *c, StrBuf *out)
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

static int put_call(Api *x, Call *c, StrBuf *out, Err *err)
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
    CLEANUP(call_done) Call c = { .method = method, .path = path, .item = item, .op = op };
    CLEANUP(strbuf_done) StrBuf own = { 0 };
    bool safe = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
    strbuf_addz(&c.url, path);
    put_parameters(x, &c);
    put_security(x, &c);
    if (!safe && x->swagger)
        put_swagger_body(x, &c);
    else if (!safe)
        put_content(x, &c);
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
                                "%d operations may change something: they stand at the end as "
                                "comments",
                                x->n_unsafe));
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
