/* From options to an address, the greeting and what is asked. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "drivers/http/http_url.h"
#include "drivers/nats/nats.h"

enum { HEAD_MAX = 64, PAYLOAD_MAX = 1 << 26 };

/* nats://[user@]host[:port] */
static int parse_url(const char *url, Str *ret_user, Str *ret_authority, Err *err)
{
    Str rest = str(url);
    if (str_starts(rest, STR("tls://")))
        return err_set(err, -EINVAL, "url: this driver has no TLS; it speaks nats://");
    if (!str_starts(rest, STR("nats://")))
        return err_set(err, -EINVAL, "the url is not like nats://host:port");
    rest = str_slice(rest, 7, rest.len);
    if (str_ends(rest, STR("/")))
        rest = str_slice(rest, 0, rest.len - 1);
    ptrdiff_t at = str_find_char(rest, '@');
    *ret_user = at < 0 ? (Str){ 0 } : str_slice(rest, 0, at);
    *ret_authority = str_slice(rest, at + 1, rest.len);
    if (str_find_char(*ret_user, ':') >= 0)
        return err_set(err, -EINVAL,
                       "url: a password there would stand in every result; give it by password or "
                       "the environment's NATS_PASSWORD");
    return 0;
}

static void set(json_t *obj, const char *key, const char *value)
{
    if (value && *value)
        json_object_set_new(obj, key, json_text(value));
}

static int make_hello(NatsTarget *t, const NatsTargetOpts *o, Str user, Err *err)
{
    CLEANUP(json_free)
    json_t *hello = json_pack("{s:b,s:b,s:b,s:b,s:b,s:i,s:s,s:s,s:s}", "verbose", 0, "pedantic", 0,
                              "tls_required", 0, "headers", 1, "no_responders", 1, "protocol", 1,
                              "name", "assay", "lang", "c", "version", "1");
    set(hello, "user", o->username ? o->username : arena_str(&t->arena, user));
    set(hello, "pass", o->password ? o->password : getenv("NATS_PASSWORD"));
    set(hello, "auth_token", o->token ? o->token : getenv("NATS_TOKEN"));
    char *text = json_dumps(hello, JSON_COMPACT | JSON_PRESERVE_ORDER);
    if (!text)
        return err_set(err, -ENOMEM, "the greeting");
    t->hello = str(arena_printf(&t->arena, "CONNECT %s\r\n", text));
    free(text);
    return 0;
}

static int prepare_target(const NatsTargetOpts *o, NatsTarget *t, Err *err)
{
    Str user, authority;
    HttpUrl at = { 0 };
    if (!o->url)
        return err_set(err, -EINVAL, "the nats driver needs a url");
    TRY(parse_url(o->url, &user, &authority, err));
    TRY(http_authority_parse(&t->arena, authority, "4222", &at, err));
    TRY(endpoint_prepare(&t->endpoint, &t->arena, at.host, at.port, o->connect_to, &o->source,
                         err));
    return make_hello(t, o, user, err);
}

int nats_prepare_target(const void *opts, void *target, Err *err)
{
    int r = prepare_target(opts, target, err);
    if (r < 0)
        nats_release_target(target);
    return r;
}

void nats_release_target(void *target)
{
    NatsTarget *t = target;
    endpoint_release(&t->endpoint);
    arena_done(&t->arena);
}

/* Subjects are words between points; a publisher names one, without wildcards. */
static int check_subject(const char *subject, Err *err)
{
    for (const char *p = subject; *p; p++)
        if (*p <= ' ' || *p == '*' || *p == '>')
            return err_set(err, -EINVAL, "subject: '%.60s' has a blank or a wildcard in it",
                           subject);
    return *subject ? 0 : err_set(err, -EINVAL, "subject: is empty");
}

static int prepare_request(const NatsRequestOpts *o, TemplateEnv env, NatsRequest *r, Err *err)
{
    r->reply = o->reply;
    if (!o->subject) {
        if (o->payload || o->reply)
            return err_set(err, -EINVAL, "%s: wants a subject to go to",
                           o->payload ? "payload" : "reply");
        return 0;
    }
    if (!template_varies(str(o->subject), env.vars))
        TRY(check_subject(o->subject, err));
    TRY(template_compile(&r->arena, str(o->subject), QUOTE_NONE, env, &r->subject, err));
    TRY(template_compile(&r->arena, str(o->payload ? o->payload : ""), QUOTE_NONE, env, &r->payload,
                         err));
    r->max = template_max(r->subject) + template_max(r->payload) + HEAD_MAX + NATS_INBOX_MAX;
    return r->max <= PAYLOAD_MAX ? 0 : err_set(err, -EINVAL, "payload: more than 64 MiB");
}

int nats_prepare_step(const void *target, const void *opts, TemplateEnv env, void *request,
                      Err *err)
{
    (void)target;
    int e = prepare_request(opts, env, request, err);
    if (e < 0)
        nats_release_request(request);
    return e;
}

int nats_prepare_request(const void *target, const void *opts, void *request, Err *err)
{
    return nats_prepare_step(target, opts, (TemplateEnv){ 0 }, request, err);
}

void nats_release_request(void *request)
{
    arena_done(&((NatsRequest *)request)->arena);
}
