/* Options that stand for a header, a body or both, so that the usual ones need no spelling out. */
#include <errno.h>

#include "base/base64.h"
#include "base/json.h"
#include "drivers/http/http.h"
#include "drivers/http/http_url.h"

/* Basic (RFC 7617): the name ends at the first colon, so it can hold none; the password may. */
static int basic(Arena *a, const char *user, const char **ret, Err *err)
{
    if (str_find_char(str(user), ':') < 0)
        return err_set(err, -EINVAL, "user: wants NAME:PASSWORD; there is no colon");
    if (!http_value_ok(str(user)))
        return err_set(err, -EINVAL, "user: holds control characters");
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    strbuf_addz(&b, "Basic ");
    base64_encode(str(user), &b);
    *ret = arena_strdup(a, strbuf_z(&b));
    return 0;
}

static int bearer(Arena *a, const char *token, const char **ret, Err *err)
{
    if (!token[0] || str_find_char(str(token), ' ') >= 0 || !http_value_ok(str(token)))
        return err_set(err, -EINVAL,
                       "bearer: a token has neither blanks nor control characters, and isn't empty "
                       "(the word 'Bearer' is put before it)");
    *ret = arena_printf(a, "Bearer %s", token);
    return 0;
}

static int cookies(Arena *a, const StrList *list, const char **ret, Err *err)
{
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    for (ptrdiff_t i = 0; i < list->n; i++) {
        Str one = str_trim(str(list->v[i]));
        if (str_find_char(one, '=') <= 0 || !http_value_ok(one))
            return err_set(err, -EINVAL, "cookie %td: wants NAME=VALUE, without control characters",
                           i + 1);
        strbuf_addf(&b, "%s" STR_FMT, i ? "; " : "", STR_ARG(one));
    }
    *ret = arena_strdup(a, strbuf_z(&b));
    return 0;
}

/* Said twice, one of the two would be lost without a word. */
static int add_once(Arena *a, StrMap *own, const char *option, const char *name, const char *value,
                    Err *err)
{
    if (http_has_header(own, str(name)))
        return err_set(err, -EINVAL, "%s: the header '%s' is there already; leave one out", option,
                       name);
    StrPair pair = { name, value };
    ARENA_PUSH(a, own->v, own->n, own->cap, pair);
    return 0;
}

int http_short_headers(Arena *a, const HttpRequestOpts *o, const char *type, const StrMap *common,
                       StrMap *own, Err *err)
{
    const char *value = NULL;
    if (o->user) {
        TRY(basic(a, o->user, &value, err));
        TRY(add_once(a, own, "user", "Authorization", value, err));
    }
    if (o->bearer) {
        TRY(bearer(a, o->bearer, &value, err));
        TRY(add_once(a, own, "bearer", "Authorization", value, err));
    }
    if (o->cookie.n) {
        TRY(cookies(a, &o->cookie, &value, err));
        TRY(add_once(a, own, "cookie", "Cookie", value, err));
    }
    bool typed =
        http_has_header(own, STR("Content-Type")) || http_has_header(common, STR("Content-Type"));
    type = o->json_body ? "application/json" : type;
    return type && !typed ? add_once(a, own, "body", "Content-Type", type, err) : 0;
}

const char *http_method(const HttpRequestOpts *o)
{
    if (o->method)
        return o->method;
    return o->json_body || o->form.n || o->multipart.n ? "POST" : "GET";
}

int http_json_check(const char *text, Err *err)
{
    CLEANUP(json_free) json_t *j = NULL;
    return json_parse(str(text), "json_body", &j, err);
}
