/* From options to an address and to commands as they go on the wire. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str_split.h"
#include "drivers/http/http_url.h"
#include "drivers/redis/redis.h"

enum { HEAD_MAX = 32, COMMAND_MAX = 1 << 26 };

/* redis://[user@]host[:port][/db], and rediss:// through TLS. */
typedef struct RedisUrl {
    Str user, authority, db;
    bool tls;
} RedisUrl;

static int parse_url(const char *url, RedisUrl *ret, Err *err)
{
    Str rest = str(url);
    *ret = (RedisUrl){ .tls = str_starts(rest, STR("rediss://")) };
    if (!ret->tls && !str_starts(rest, STR("redis://")))
        return err_set(err, -EINVAL, "the url is not like redis://host:port/db");
    rest = str_slice(rest, ret->tls ? 9 : 8, rest.len);
    ptrdiff_t at = str_find_char(rest, '@'), slash;
    if (at >= 0) {
        ret->user = str_slice(rest, 0, at);
        if (str_find_char(ret->user, ':') >= 0)
            return err_set(err, -EINVAL,
                           "url: a password there would stand in every result; give it by password "
                           "or the environment's REDIS_PASSWORD");
        rest = str_slice(rest, at + 1, rest.len);
    }
    slash = str_find_char(rest, '/');
    ret->authority = slash < 0 ? rest : str_slice(rest, 0, slash);
    ret->db = slash < 0 ? (Str){ 0 } : str_slice(rest, slash + 1, rest.len);
    uint64_t n;
    if (ret->db.len && str_to_u64(ret->db, &n) < 0)
        return err_set(err, -EINVAL, "url: the database '" STR_FMT "' is not a number",
                       STR_ARG(ret->db));
    return 0;
}

static void put_command(StrBuf *b, const Str *words, int n)
{
    strbuf_addf(b, "*%d\r\n", n);
    for (int i = 0; i < n; i++)
        strbuf_addf(b, "$%td\r\n" STR_FMT "\r\n", words[i].len, STR_ARG(words[i]));
}

/* HELLO, AUTH, SELECT: what there is to say first. */
static void make_hello(RedisTarget *t, const RedisTargetOpts *o, const RedisUrl *url)
{
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    const char *env = getenv("REDIS_PASSWORD");
    Str user = o->username ? str(o->username) : url->user;
    Str password = str(o->password ? o->password : env);
    const Str auth[] = { STR("AUTH"), user, password }, bare[] = { STR("AUTH"), password };
    const Str hello[] = { STR("HELLO"), STR("3"), STR("AUTH"), user.len ? user : STR("default"),
                          password };
    const Str select[] = { STR("SELECT"), url->db };
    if (o->resp)
        put_command(&b, hello, password.len ? 5 : 2);
    else if (password.len)
        put_command(&b, user.len ? auth : bare, user.len ? 3 : 2);
    if (url->db.len)
        put_command(&b, select, 2);
    t->n_hello = (o->resp || password.len) + (url->db.len > 0);
    t->hello = (Str){ arena_str(&t->arena, strbuf_str(&b)), b.len };
}

static int prepare_target(const RedisTargetOpts *o, RedisTarget *t, Err *err)
{
    RedisUrl url;
    HttpUrl at = { 0 };
    bool h2;
    if (!o->url)
        return err_set(err, -EINVAL, "the redis driver needs a url");
    TRY(parse_url(o->url, &url, err));
    TRY(http_authority_parse(&t->arena, url.authority, "6379", &at, err));
    TRY(endpoint_prepare(&t->endpoint, &t->arena, at.host, at.port, o->connect_to, &o->source,
                         err));
    make_hello(t, o, &url);
    return url.tls ? endpoint_secure(&t->endpoint, &o->tls, at.host, "", &h2, err) : 0;
}

int redis_prepare_target(const void *opts, void *target, Err *err)
{
    int r = prepare_target(opts, target, err);
    if (r < 0)
        redis_release_target(target);
    return r;
}

void redis_release_target(void *target)
{
    RedisTarget *t = target;
    endpoint_release(&t->endpoint);
    arena_done(&t->arena);
}

static int compile(const RedisRequestOpts *o, TemplateEnv env, RedisRequest *r, Err *err)
{
    StrList words = { 0 };
    TRY(str_split_words(&r->arena, str(o->command), &words, err));
    if (words.n == 0)
        return err_set(err, -EINVAL, "command: is empty");
    r->n_words = words.n;
    r->words = ARENA_ARRAY(&r->arena, Template *, words.n);
    r->max = HEAD_MAX;
    for (ptrdiff_t i = 0; i < words.n; i++) {
        TRY(template_compile(&r->arena, str(words.v[i]), QUOTE_NONE, env, &r->words[i], err));
        r->max += template_max(r->words[i]) + HEAD_MAX;
    }
    return r->max * r->pipeline <= COMMAND_MAX
               ? 0
               : err_set(err, -EINVAL, "command: %u of up to %td bytes are more than 64 MiB",
                         r->pipeline, r->max);
}

static int prepare_request(const RedisRequestOpts *o, TemplateEnv env, RedisRequest *r, Err *err)
{
    if (!o->command)
        return err_set(err, -EINVAL, "the redis driver needs a command, such as 'GET key'");
    r->pipeline = o->pipeline;
    bool varies = template_varies(str(o->command), env.vars);
    if (o->feed && !varies)
        return err_set(err, -EINVAL, "feed: no ${feed.COLUMN} in command");
    TRY(template_feed(&r->arena, o->feed, (FeedOrder)o->feed_order, &env, &r->feed, err));
    TRY(compile(o, env, r, err));
    if (varies)
        return 0;
    Draw d = { .n_users = 1 };
    char *wire = arena_alloc(&r->arena, r->max * r->pipeline);
    r->wire = (Str){ wire, redis_render(r, &d, wire) };
    return 0;
}

int redis_prepare_step(const void *target, const void *opts, TemplateEnv env, void *request,
                       Err *err)
{
    (void)target;
    int e = prepare_request(opts, env, request, err);
    if (e < 0)
        redis_release_request(request);
    return e;
}

int redis_prepare_request(const void *target, const void *opts, void *request, Err *err)
{
    return redis_prepare_step(target, opts, (TemplateEnv){ 0 }, request, err);
}

void redis_release_request(void *request)
{
    arena_done(&((RedisRequest *)request)->arena);
}

/* A word is written behind room for the longest head, which then moves up to it. */
static char *put_word(char *to, const Template *t, Draw *d)
{
    char head[HEAD_MAX];
    ptrdiff_t n = template_render(t, d, to + HEAD_MAX);
    int n_head = snprintf(head, sizeof head, "$%td\r\n", n);
    memcpy(to, head, (size_t)n_head);
    memmove(to + n_head, to + HEAD_MAX, (size_t)n);
    memcpy(to + n_head + n, "\r\n", 2);
    return to + n_head + n + 2;
}

ptrdiff_t redis_render(const RedisRequest *r, Draw *d, char *buf)
{
    char *to = buf;
    for (uint32_t k = 0; k < r->pipeline; k++) {
        draw_next(d, r->feed);
        to += snprintf(to, HEAD_MAX, "*%td\r\n", r->n_words);
        for (ptrdiff_t i = 0; i < r->n_words; i++)
            to = put_word(to, r->words[i], d);
    }
    return to - buf;
}
