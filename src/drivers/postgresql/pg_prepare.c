/* From options to what libpq connects with, and to statements with their parameters. */
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "base/libpq.h"
#include "drivers/endpoint.h"
#include "drivers/postgresql/postgresql.h"

enum { QUERY_MAX = 1 << 26 };

bool pg_built_in(void)
{
    return true;
}

static void add_param(PgTarget *t, const char *keyword, const char *value)
{
    ptrdiff_t n = t->n;
    ARENA_PUSH(&t->arena, t->keywords, n, t->cap_keywords, keyword);
    ARENA_PUSH(&t->arena, t->values, t->n, t->cap_values, value);
}

static void add_given(PgTarget *t, const char *keyword, const char *value)
{
    if (value)
        add_param(t, keyword, value);
}

static void free_options(PQconninfoOption **o)
{
    pq.conninfoFree(*o);
}

static const char *value_of(const PQconninfoOption *o, const char *keyword)
{
    for (; o && o->keyword; o++)
        if (strcmp(o->keyword, keyword) == 0)
            return o->val && o->val[0] ? o->val : NULL;
    return NULL;
}

/* Names are resolved here, once: libpq would block the loop, for each connection. A path stays one.
 */
static int resolve_one(PgTarget *t, Str host, Str port, StrBuf *to, Err *err)
{
    Endpoint e = { 0 };
    char text[NI_MAXHOST];
    const StrList no_source = { 0 };
    if (host.len == 0 || host.ptr[0] == '/' || host.ptr[0] == '@')
        return 0;
    TRY(endpoint_prepare(&e, &t->arena, arena_str(&t->arena, host),
                         port.len ? arena_str(&t->arena, port) : "5432", NULL, &no_source, err));
    int r = getnameinfo((const struct sockaddr *)&e.addr, e.addr_bytes, text, sizeof text, NULL, 0,
                        NI_NUMERICHOST);
    if (r)
        return err_set(err, -EHOSTUNREACH, "host '" STR_FMT "': %s", STR_ARG(host),
                       gai_strerror(r));
    strbuf_addz(to, text);
    return 0;
}

/* Several hosts, separated by commas, are tried in turn; one port may stand for all. */
static int resolve(PgTarget *t, const char *hosts, const char *ports, Err *err)
{
    CLEANUP(strbuf_done) StrBuf addrs = { 0 };
    Str rest = str(hosts), rest_ports = str(ports), host, port = { 0 };
    while (str_cut(&rest, ',', &host)) {
        str_cut(&rest_ports, ',', &port);
        TRY(resolve_one(t, host, port, &addrs, err));
        if (rest.ptr)
            strbuf_addc(&addrs, ',');
    }
    if (addrs.len)
        add_param(t, "hostaddr", arena_str(&t->arena, strbuf_str(&addrs)));
    return 0;
}

/* What libpq says of a URL may quote it, with a password. */
static int parse_url(const char *url, PQconninfoOption **ret, Err *err)
{
    if (!url || strstr(url, "://") == NULL)
        return err_set(err, -EINVAL, "the url is not like postgresql://user@host:port/database");
    *ret = pq.conninfoParse(url, NULL);
    if (!*ret)
        return err_set(err, -EINVAL,
                       "the url is not like postgresql://user@host:port/database?sslmode=require");
    if (value_of(*ret, "password") || value_of(*ret, "sslpassword"))
        return err_set(err, -EINVAL,
                       "url: a password there would stand in every result; give it by password or "
                       "the environment's PGPASSWORD");
    return 0;
}

static int use_url(PgTarget *t, const char *url, Err *err)
{
    CLEANUP(free_options) PQconninfoOption *from = NULL;
    CLEANUP(free_options) PQconninfoOption *dflt = pq.conndefaults();
    TRY(parse_url(url, &from, err));
    const char *host = value_of(from, "host"), *port = value_of(from, "port");
    add_param(t, "gssencmode", "disable"); /* looking for credentials would block the loop */
    add_param(t, "fallback_application_name", "assay");
    add_given(t, "user",
              arena_strdup(&t->arena, value_of(dflt, "user") ? value_of(dflt, "user") : ""));
    for (const PQconninfoOption *o = from; o->keyword; o++)
        if (value_of(o, o->keyword))
            add_param(t, arena_strdup(&t->arena, o->keyword), arena_strdup(&t->arena, o->val));
    host = host ? host : value_of(dflt, "host");
    if (host)
        add_param(t, "host", arena_strdup(&t->arena, host));
    if (!host || value_of(from, "hostaddr"))
        return 0;
    return resolve(t, host, port ? port : value_of(dflt, "port"), err);
}

static int check_sslmode(const char *mode, Err *err)
{
    static const char *const modes[] = { "disable", "allow",     "prefer",
                                         "require", "verify-ca", "verify-full" };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(modes); i++)
        if (!mode || strcmp(mode, modes[i]) == 0)
            return 0;
    return err_set(err, -EINVAL,
                   "sslmode '%s' is none of disable, allow, prefer, require, "
                   "verify-ca, verify-full",
                   mode);
}

static int prepare_target(const PgTargetOpts *o, PgTarget *t, Err *err)
{
    TRY(libpq_load(err));
    TRY(check_sslmode(o->sslmode, err));
    TRY(use_url(t, o->url, err));
    add_given(t, "user", o->user);
    add_given(t, "password", o->password);
    add_given(t, "dbname", o->database);
    add_given(t, "sslmode", o->sslmode);
    add_param(t, NULL, NULL);
    return 0;
}

int pg_prepare_target(const void *opts, void *target, Err *err)
{
    int r = prepare_target(opts, target, err);
    if (r < 0)
        pg_release_target(target);
    return r;
}

void pg_release_target(void *target)
{
    arena_done(&((PgTarget *)target)->arena);
}

/* ---- the request ---- */

/* What rendering a statement takes: each value with its NUL, or all of it quoted in its text. */
static int measure(PgRequest *r, Err *err)
{
    for (ptrdiff_t i = 0; i < r->script.n; i++) {
        const SqlStatement *s = &r->script.v[i];
        ptrdiff_t bytes = 1 + (ptrdiff_t)strlen(s->text);
        for (ptrdiff_t k = 0; k < s->n_values; k++)
            bytes += 3 * template_max(s->values[k]) + 4;
        r->bytes_max = MAX(r->bytes_max, bytes);
        r->values_max = MAX(r->values_max, s->n_values);
    }
    return r->bytes_max <= QUERY_MAX
               ? 0
               : err_set(err, -EINVAL, "query: a statement of up to %td bytes is more than 64 MiB",
                         r->bytes_max);
}

static int compile(const PgRequestOpts *o, TemplateEnv env, PgRequest *r, Err *err)
{
    if (o->transaction)
        TRY(sql_compile(&r->arena, STR("BEGIN"), (TemplateEnv){ 0 }, &r->script, err));
    ptrdiff_t before = r->script.n;
    TRY(sql_compile(&r->arena, str(o->query), env, &r->script, err));
    if (r->script.n == before)
        return err_set(err, -EINVAL, "query: is empty");
    if (o->transaction)
        TRY(sql_compile(&r->arena, STR("COMMIT"), (TemplateEnv){ 0 }, &r->script, err));
    return measure(r, err);
}

static int prepare_request(const PgRequestOpts *o, TemplateEnv env, PgRequest *r, Err *err)
{
    r->protocol = (PgProtocol)o->protocol;
    r->pipeline = o->pipeline;
    r->expects = o->expect_rows != NULL;
    if (r->expects && str_to_u64(str(o->expect_rows), &r->expect_rows) < 0)
        return err_set(err, -EINVAL, "expect_rows: '%s' is not a number", o->expect_rows);
    if (r->pipeline > 1 && r->protocol == PG_SIMPLE)
        return err_set(err, -EINVAL, "pipeline: the simple protocol has none; take prepared");
    if (o->feed && !template_varies(str(o->query), env.vars))
        return err_set(err, -EINVAL, "feed: no ${feed.COLUMN} in query");
    TRY(template_feed(&r->arena, o->feed, (FeedOrder)o->feed_order, &env, &r->feed, err));
    return compile(o, env, r, err);
}

int pg_prepare_request(const void *target, const void *opts, void *request, Err *err)
{
    return pg_prepare_step(target, opts, (TemplateEnv){ 0 }, request, err);
}

int pg_prepare_step(const void *target, const void *opts, TemplateEnv env, void *request, Err *err)
{
    (void)target;
    int e = prepare_request(opts, env, request, err);
    if (e < 0)
        pg_release_request(request);
    return e;
}

void pg_release_request(void *request)
{
    arena_done(&((PgRequest *)request)->arena);
}
