#include "model/start_api_call.h"

#include <stdlib.h>
#include <string.h>

#include "model/recording_read.h"

enum { KEY_MAX = 200 };

void api_call_done(ApiCall *c)
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

static void put_path_value(ApiCall *c, Str name, const char *value)
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

static void put_parameter(Api *x, ApiCall *c, json_t *p)
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

static void put_parameters(Api *x, ApiCall *c)
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

static void put_key(Api *x, ApiCall *c, json_t *scheme, const char *env)
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

static void put_scheme(Api *x, ApiCall *c, const char *name)
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
static json_t *requirement(const Api *x, const ApiCall *c)
{
    json_t *own = json_object_get(c->op, "security");
    return json_array_get(own ? own : json_object_get(x->doc.root, "security"), 0);
}

static void put_security(Api *x, ApiCall *c)
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

static void put_form(Api *x, ApiCall *c, json_t *v)
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

static void put_media(Api *x, ApiCall *c, const char *type, json_t *media)
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
static void put_content(Api *x, ApiCall *c)
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
static void put_swagger_body(Api *x, ApiCall *c)
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

void api_call_fill(Api *x, ApiCall *c, bool body)
{
    strbuf_addz(&c->url, c->path);
    put_parameters(x, c);
    put_security(x, c);
    if (body && x->swagger)
        put_swagger_body(x, c);
    else if (body)
        put_content(x, c);
}
