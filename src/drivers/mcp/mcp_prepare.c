/* From options to servers that can be started or reached, and to requests that can be rendered. */
#include <errno.h>
#include <string.h>

#include "base/json.h"
#include "base/str_split.h"
#include "drivers/http/http_url.h"
#include "drivers/mcp/mcp.h"

enum { LOOK_MAX = 1 << 30 };

/* ---- servers ---- */

static bool is_url(const char *text)
{
    return str_starts(str(text), STR("http://")) || str_starts(str(text), STR("https://"));
}

static int check_header(const char *name, const char *value, Err *err)
{
    if (http_token_ok(str(name)) && http_value_ok(str(value)))
        return 0;
    return err_set(err, -EINVAL,
                   "http_headers: '%s': a name has letters, digits and '-', a value no control "
                   "characters",
                   name);
}

/* The fields of every message but what differs. */
static int put_fields(StrBuf *b, const McpTargetOpts *o, const HttpUrl *url, Err *err)
{
    const char *open = url->bracketed ? "[" : "", *close = url->bracketed ? "]" : "";
    strbuf_addf(b, "Host: %s%s%s%s%s\r\n", open, url->host, close, url->port_default ? "" : ":",
                url->port_default ? "" : url->port);
    TRY(check_header("User-Agent", o->user_agent, err));
    strbuf_addf(b, "User-Agent: %s\r\n", o->user_agent);
    if (o->bearer) {
        if (!o->bearer[0] || str_find_char(str(o->bearer), ' ') >= 0 ||
            !http_value_ok(str(o->bearer)))
            return err_set(err, -EINVAL,
                           "bearer: a token has neither blanks nor control "
                           "characters, and isn't empty");
        strbuf_addf(b, "Authorization: Bearer %s\r\n", o->bearer);
    }
    for (ptrdiff_t i = 0; i < o->http_headers.n; i++) {
        const StrPair *p = &o->http_headers.v[i];
        TRY(check_header(p->key, p->value, err));
        strbuf_addf(b, "%s: %s\r\n", p->key, p->value);
    }
    return 0;
}

static int make_heads(Arena *a, const McpTargetOpts *o, const HttpUrl *url, McpServer *s, Err *err)
{
    CLEANUP(strbuf_done) StrBuf fields = { 0 };
    TRY(put_fields(&fields, o, url, err));
    s->head = str(arena_printf(a,
                               "POST %s HTTP/1.1\r\n%sContent-Type: application/json\r\n"
                               "Accept: application/json, text/event-stream\r\n",
                               url->path, strbuf_z(&fields)));
    s->bye = str(arena_printf(a, "DELETE %s HTTP/1.1\r\n%s", url->path, strbuf_z(&fields)));
    return 0;
}

static int add_url(McpTarget *t, const McpTargetOpts *o, McpServer *s, Err *err)
{
    static const StrList nowhere = { 0 };
    HttpUrl url;
    bool h2;
    TRY(http_url_parse(&t->arena, s->name, &url, err));
    TRY(make_heads(&t->arena, o, &url, s, err));
    TRY(endpoint_prepare(&s->endpoint, &t->arena, url.host, url.port, o->connect_to, &nowhere,
                         err));
    s->http = true;
    return url.tls ? endpoint_secure(&s->endpoint, &o->tls, url.host, "\x08http/1.1", &h2, err) : 0;
}

static int add_command(McpTarget *t, const McpTargetOpts *o, McpServer *s, char ***programs,
                       int *n_programs, Err *err)
{
    StrList words = { 0 };
    TRY(str_split_words(&t->arena, str(s->name), &words, err));
    if (words.n == 0)
        return err_set(err, -EINVAL, "command: is empty");
    char **argv = ARENA_ARRAY(&t->arena, char *, words.n + 1);
    for (ptrdiff_t i = 0; i < words.n; i++)
        argv[i] = arena_strdup(&t->arena, words.v[i]);
    if (!t->minder)
        t->minder = ARENA_NEW(&t->arena, Minder);
    programs[*n_programs] = argv;
    s->program = (ChildProgram){ .speech = &mcp_speech,
                                 .minder = t->minder,
                                 .program = (*n_programs)++,
                                 .processes = o->sessions };
    return 0;
}

static int name_servers(McpTarget *t, const McpTargetOpts *o, Err *err)
{
    const char *first[] = { o->command, o->url };
    t->servers = ARENA_ARRAY(&t->arena, McpServer, MCP_SERVERS_MAX);
    if (o->also.n > MCP_SERVERS_MAX - 2)
        return err_set(err, -EINVAL, "also: %td servers are more than %d", o->also.n,
                       MCP_SERVERS_MAX - 2);
    for (ptrdiff_t i = 0; i < ARRAY_LEN(first) + o->also.n; i++) {
        const char *name = i < ARRAY_LEN(first) ? first[i] : o->also.v[i - ARRAY_LEN(first)];
        if (name)
            t->servers[t->n++].name = name;
    }
    if (t->n == 0)
        return err_set(err, -EINVAL,
                       "the mcp driver needs a command, such as 'node server.js', or a url");
    if (o->url && !is_url(o->url))
        return err_set(err, -EINVAL, "url: '%s' begins neither with http:// nor https://", o->url);
    return 0;
}

static int prepare_target(const McpTargetOpts *o, McpTarget *t, Err *err)
{
    int n_programs = 0, n_urls = 0;
    t->era = (McpEra)o->era;
    t->message_max = o->message_max;
    t->sessions = o->sessions;
    t->list_first = o->list_first;
    TRY(name_servers(t, o, err));
    char ***programs = ARENA_ARRAY(&t->arena, char **, t->n + 1);
    for (ptrdiff_t i = 0; i < t->n; i++) {
        McpServer *s = &t->servers[i];
        s->index = i;
        n_urls += is_url(s->name);
        TRY(is_url(s->name) ? add_url(t, o, s, err)
                            : add_command(t, o, s, programs, &n_programs, err));
    }
    if (o->connect_to && n_urls != 1)
        return err_set(err, -EINVAL, "connect_to is for one server with a url; there are %d",
                       n_urls);
    return t->minder ? minder_start(t->minder, (char *const *const *)programs, err) : 0;
}

int mcp_prepare_target(const void *opts, void *target, Err *err)
{
    int r = prepare_target(opts, target, err);
    if (r < 0)
        mcp_release_target(target);
    return r;
}

void mcp_release_target(void *target)
{
    McpTarget *t = target;
    if (t->minder && t->minder->pid > 0)
        minder_stop(t->minder);
    for (ptrdiff_t i = 0; i < t->n; i++)
        endpoint_release(&t->servers[i].endpoint);
    arena_done(&t->arena);
}

/* ---- requests ---- */

static const char *const list_methods[] = { "tools/list", "tools/list", "prompts/list",
                                            "resources/list", "resources/templates/list" };

static int choose_method(const McpRequestOpts *o, McpRequest *r, const char **ret_name, Err *err)
{
    int n = !!o->call + !!o->prompt + !!o->read + !!o->method + (o->list != LIST_NONE);
    if (n > 1)
        return err_set(err, -EINVAL, "call, prompt, read, list and method exclude each other");
    *ret_name = o->call ? o->call : o->prompt ? o->prompt : o->read;
    r->name_key = o->read ? STR("\"uri\":\"") : STR("\"name\":\"");
    r->method = str(o->call     ? "tools/call"
                    : o->prompt ? "prompts/get"
                    : o->read   ? "resources/read"
                    : o->method ? o->method
                                : list_methods[o->list]);
    r->pages = n == 0 || o->list != LIST_NONE;
    for (ptrdiff_t i = 0; i < r->method.len; i++)
        if (r->method.ptr[i] <= ' ' || r->method.ptr[i] > '~' || strchr("\"\\", r->method.ptr[i]))
            return err_set(err, -EINVAL,
                           "method: '%s' holds what no method's name has, such as tools/list "
                           "(generators go into call, read, prompt and arguments)",
                           o->method);
    if (o->arguments && !o->call && !o->prompt && !o->method)
        return err_set(err, -EINVAL, "arguments belong to call, prompt or method");
    return 0;
}

/* The arguments are an object also where generators stand in it: look at one rendering. */
static int check_arguments(const Template *t, bool whole, Err *err)
{
    Draw d = { .rng = rng_new(0, "sample", 0), .n = 1, .n_users = 1 };
    CLEANUP(arena_done) Arena a = { 0 };
    CLEANUP(json_free) json_t *j = NULL;
    char *text = arena_alloc(&a, template_max(t) + 1);
    TRY(json_parse((Str){ text, template_render(t, &d, text) }, "arguments", &j, err));
    if (!json_is_object(j))
        return err_set(err, -EINVAL, "arguments: are an object, such as {\"message\": \"hello\"}");
    if (whole && json_object_get(j, "_meta"))
        return err_set(err, -EINVAL, "arguments: _meta is made by the driver; leave it out");
    return 0;
}

/* `arguments` as members of the params: under their name, or, with method, instead of them. */
static int make_params(const McpRequestOpts *o, TemplateEnv env, McpRequest *r, Err *err)
{
    Arena *a = &r->arena;
    Template *sample;
    Str object = str_trim(str(o->arguments ? o->arguments : o->call ? "{}" : ""));
    if (object.len == 0)
        return 0;
    TRY(template_compile(a, object, QUOTE_JSON, env, &sample, err));
    TRY(check_arguments(sample, o->method != NULL, err));
    Str inner = o->method ? str_trim(str_slice(object, 1, object.len - 1))
                          : str(arena_printf(a, "\"arguments\":" STR_FMT, STR_ARG(object)));
    if (memchr(inner.ptr, '\n', (size_t)inner.len)) { /* a message is one line */
        char *flat = arena_str(a, inner);
        for (ptrdiff_t i = 0; i < inner.len; i++)
            flat[i] = flat[i] == '\n' || flat[i] == '\r' ? ' ' : flat[i];
        inner.ptr = flat;
    }
    return template_compile(a, inner, QUOTE_JSON, env, &r->params, err);
}

static int make_look(const McpRequestOpts *o, TemplateEnv env, McpRequest *r, Err *err)
{
    if (strmap_get(&o->check, "status"))
        return err_set(err, -EINVAL, "check: status: MCP has none; see answer");
    TRY(http_look_prepare(&r->arena, &o->extract, &o->check, LOOK_MAX, env, &r->look, err));
    if (http_look_at_head(r->look))
        return err_set(err, -EINVAL,
                       "check, extract: an answer has no headers and no cookies; json /POINTER "
                       "looks into its result");
    return 0;
}

static int prepare_request(const McpRequestOpts *o, TemplateEnv env, McpRequest *r, Err *err)
{
    const char *name = NULL;
    TRY(choose_method(o, r, &name, err));
    if (o->feed && !template_varies(str(name ? name : ""), env.vars) &&
        !template_varies(str(o->arguments ? o->arguments : ""), env.vars))
        return err_set(err, -EINVAL, "feed: no ${feed.COLUMN} in call, prompt, read or arguments");
    TRY(template_feed(&r->arena, o->feed, (FeedOrder)o->feed_order, &env, &r->feed, err));
    if (name)
        TRY(template_compile(&r->arena, str(name), QUOTE_NONE, env, &r->name, err));
    TRY(make_params(o, env, r, err));
    r->progress = o->progress;
    r->wanted = (McpWanted)o->answer;
    return make_look(o, env, r, err);
}

int mcp_prepare_step(const void *target, const void *opts, TemplateEnv env, void *request, Err *err)
{
    (void)target;
    int r = prepare_request(opts, env, request, err);
    if (r < 0)
        mcp_release_request(request);
    return r;
}

int mcp_prepare_request(const void *target, const void *opts, void *request, Err *err)
{
    return mcp_prepare_step(target, opts, (TemplateEnv){ 0 }, request, err);
}

void mcp_release_request(void *request)
{
    McpRequest *r = request;
    http_look_release(r->look);
    arena_done(&r->arena);
}
