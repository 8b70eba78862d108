/* From options to an address and the bytes of a request. */
#include <errno.h>
#include <string.h>

#include "base/fs.h"
#include "drivers/http/http.h"
#include "drivers/http/http_url.h"

enum { BODY_FILE_MAX = 1 << 30 };

/* ---- target ---- */

/* What the handshake will offer, and which version it comes to. A target that does not answer is
 * taken for the older one. */
static int prepare_tls(const HttpTargetOpts *o, HttpTarget *t, const char *host, Err *err)
{
    bool h2 = false;
    bool may = t->version != HTTP_1_1 && http2_built_in();
    TRY(endpoint_secure(&t->endpoint, &o->tls, host,
                        t->version == HTTP_2 ? "\x02h2"
                        : may                ? "\x02h2\x08http/1.1"
                                             : "\x08http/1.1",
                        &h2, err));
    if (t->version == HTTP_AUTO)
        t->version = h2 ? HTTP_2 : HTTP_1_1;
    return 0;
}

static int prepare_target(const HttpTargetOpts *o, HttpTarget *t, Err *err)
{
    HttpUrl url;
    if (!o->url)
        return err_set(err, -EINVAL, "the http driver needs a url");
    TRY(http_url_parse(&t->arena, o->url, &url, err));
    TRY(endpoint_prepare(&t->endpoint, &t->arena, url.host, url.port, o->connect_to, &o->source,
                         err));
    t->host_field = arena_printf(&t->arena, "%s%s%s%s%s", url.bracketed ? "[" : "", url.host,
                                 url.bracketed ? "]" : "", url.port_default ? "" : ":",
                                 url.port_default ? "" : url.port);
    t->base_path = url.path;
    t->user_agent = o->user_agent;
    t->common_headers = &o->common_headers;
    t->head_max = o->head_max;
    t->version = (HttpVersion)o->http;
    t->streams = o->streams;
    t->requests_max = o->requests_per_connection;
    t->scheme = url.tls ? "https" : "http";
    if (t->version == HTTP_AUTO && !url.tls) /* nothing to negotiate with */
        t->version = HTTP_1_1;
    if (t->version == HTTP_2 && !http2_built_in())
        return err_set(err, -ENOTSUP, "http: 2: this build has no nghttp2 (libnghttp2-dev)");
    if (url.tls)
        TRY(prepare_tls(o, t, url.host, err));
    if (t->version == HTTP_2 && t->requests_max)
        return err_set(err, -EINVAL, "requests_per_connection is for HTTP/1.1 (http: 1.1)");
    return 0;
}

int http_prepare_target(const void *opts, void *target, Err *err)
{
    int r = prepare_target(opts, target, err);
    if (r < 0)
        http_release_target(target);
    return r;
}

void http_release_target(void *target)
{
    HttpTarget *t = target;
    endpoint_release(&t->endpoint);
    arena_done(&t->arena);
}

/* ---- request ---- */

bool http_has_header(const StrMap *m, Str name)
{
    for (ptrdiff_t i = 0; i < m->n; i++)
        if (str_eq_nocase(str(m->v[i].key), name))
            return true;
    return false;
}

static int check_headers(const StrMap *m, Err *err)
{
    for (ptrdiff_t i = 0; i < m->n; i++) {
        const char *key = m->v[i].key;
        if (!http_token_ok(str(key)))
            return err_set(err, -EINVAL,
                           "header '%s': the name holds a character that no header "
                           "name may have",
                           key);
        if (!http_value_ok(str(m->v[i].value)))
            return err_set(err, -EINVAL, "header '%s': the value holds control characters", key);
        if (str_eq_nocase(str(key), STR("content-length")) ||
            str_eq_nocase(str(key), STR("transfer-encoding")))
            return err_set(err, -EINVAL, "header '%s' is made from the body; leave it out", key);
    }
    return 0;
}

/* A path is put behind the URL's own; without one, the URL's stands as it is. */
int http_make_path(Arena *a, const char *base, const char *path, const char **ret, Err *err)
{
    *ret = base;
    if (!path)
        return 0;
    if (path[0] != '/' || !http_target_ok(str(path)))
        return err_set(err, -EINVAL,
                       "path '%s' must begin with '/' and have blanks and non-ASCII "
                       "percent-encoded",
                       path);
    ptrdiff_t query = str_find_char(str(base), '?');
    Str root = query < 0 ? str(base) : str_slice(str(base), 0, query);
    while (root.len && root.ptr[root.len - 1] == '/')
        root.len--;
    *ret = arena_printf(a, STR_FMT "%s", STR_ARG(root), path);
    return 0;
}

/* "Name: value" lines join the map; they come from the command line, where curl's form is known. */
static int join_headers(Arena *a, const HttpRequestOpts *o, StrMap *ret, Err *err)
{
    ptrdiff_t n = 0;
    StrPair *v = ARENA_ARRAY(a, StrPair, o->headers.n + o->header.n + 1);
    for (ptrdiff_t i = 0; i < o->headers.n; i++)
        v[n++] = o->headers.v[i];
    for (ptrdiff_t i = 0; i < o->header.n; i++) {
        Str line = str(o->header.v[i]);
        ptrdiff_t colon = str_find_char(line, ':');
        if (colon <= 0)
            return err_set(err, -EINVAL, "header '%s' is not of the form 'Name: value'",
                           o->header.v[i]);
        v[n++] = (StrPair){ arena_str(a, str_slice(line, 0, colon)),
                            arena_str(a, str_trim(str_slice(line, colon + 1, line.len))) };
    }
    *ret = (StrMap){ .v = v, .n = n, .cap = n };
    return 0;
}

/* Of "Name: value\r\n" lines the next one; *ret_name lies in it. */
static bool next_line(Str *rest, Str *ret_line, Str *ret_name)
{
    ptrdiff_t end = str_find(*rest, STR("\r\n"));
    if (end < 0)
        return false;
    *ret_line = str_slice(*rest, 0, end + 2);
    *ret_name = str_slice(*rest, 0, str_find_char(*ret_line, ':'));
    *rest = str_slice(*rest, end + 2, rest->len);
    return true;
}

static bool lines_have(Str lines, const char *key)
{
    Str line, name;
    while (next_line(&lines, &line, &name))
        if (str_eq_nocase(name, str(key)))
            return true;
    return false;
}

/* Where the fields of a head come from: a stronger one of the same name stands instead. */
typedef struct Fields {
    const StrMap *own, *common; /* the strongest, the weakest but for the defaults */
    Str recorded;
} Fields;

static void add_default(StrBuf *b, const Fields *f, const char *name, const char *value)
{
    if (!http_has_header(f->own, str(name)) && !http_has_header(f->common, str(name)) &&
        !lines_have(f->recorded, name))
        strbuf_addf(b, "%s: %s\r\n", name, value);
}

static void add_given(StrBuf *b, const Fields *f)
{
    Str rest = f->recorded, line, name;
    for (ptrdiff_t i = 0; i < f->common->n; i++) {
        const StrPair *p = &f->common->v[i];
        if (!http_has_header(f->own, str(p->key)) && !lines_have(f->recorded, p->key))
            strbuf_addf(b, "%s: %s\r\n", p->key, p->value);
    }
    while (next_line(&rest, &line, &name))
        if (!http_has_header(f->own, name))
            strbuf_add(b, line);
    for (ptrdiff_t i = 0; i < f->own->n; i++)
        strbuf_addf(b, "%s: %s\r\n", f->own->v[i].key, f->own->v[i].value);
}

int http_add_fields(const HttpTarget *t, const HttpRequestOpts *o, HttpRequest *r, Str recorded,
                    StrBuf *b, Err *err)
{
    StrMap own;
    TRY(check_headers(t->common_headers, err));
    TRY(join_headers(&r->arena, o, &own, err));
    TRY(http_short_headers(&r->arena, o, r->body_type, t->common_headers, &own, err));
    TRY(check_headers(&own, err));
    if (!http_value_ok(str(t->user_agent)))
        return err_set(err, -EINVAL, "user_agent holds control characters");
    const Fields f = { .own = &own, .common = t->common_headers, .recorded = recorded };
    add_default(b, &f, "Host", t->host_field);
    add_default(b, &f, "User-Agent", t->user_agent);
    add_default(b, &f, "Accept", o->sse ? "text/event-stream" : "*/*");
    if (o->compressed)
        add_default(b, &f, "Accept-Encoding", "gzip, deflate");
    if (r->continue_ns)
        add_default(b, &f, "Expect", "100-continue");
    if (t->requests_max == 1)
        add_default(b, &f, "Connection", "close");
    add_given(b, &f);
    return 0;
}

bool http_wants_length(Str method)
{
    return str_eqz(method, "POST") || str_eqz(method, "PUT") || str_eqz(method, "PATCH");
}

static int make_head(const HttpTarget *t, const HttpRequestOpts *o, TemplateEnv env, HttpRequest *r,
                     Err *err)
{
    const char *path, *method = http_method(o);
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    if (!http_token_ok(str(method)))
        return err_set(err, -EINVAL, "method '%s' is not an HTTP method", method);
    TRY(http_make_path(&r->arena, t->base_path, o->path, &path, err));
    strbuf_addf(&b, "%s %s HTTP/1.1\r\n", method, path);
    TRY(http_add_fields(t, o, r, (Str){ 0 }, &b, err));
    bool has_length = r->body.len || http_wants_length(str(method));
    TRY(http_vary_prepare(o, env, r, strbuf_str(&b), has_length, err));
    if (r->vary)
        return 0;
    if (has_length)
        strbuf_addf(&b, "Content-Length: %td\r\n", r->body.len);
    strbuf_addz(&b, "\r\n");
    r->head = (Str){ arena_str(&r->arena, strbuf_str(&b)), b.len };
    return 0;
}

static int make_body(const HttpRequestOpts *o, TemplateEnv env, HttpRequest *r, Err *err)
{
    bool form = o->form.n, parts = o->multipart.n;
    if (!!o->body + !!o->body_file + !!o->json_body + form + parts > 1)
        return err_set(err, -EINVAL,
                       "body, body_file, json_body, form and multipart exclude each other");
    if (form || parts)
        return http_form_body(&r->arena, o, &r->body, &r->body_type, err);
    if (o->json_body && !template_varies(str(o->json_body), env.vars))
        TRY(http_json_check(o->json_body, err));
    if (o->body_file)
        return fs_read(&r->arena, o->body_file, BODY_FILE_MAX, &r->body, err);
    r->body = str(o->json_body ? o->json_body : o->body);
    return 0;
}

int http_status_range(Str s, StatusRange *ret)
{
    Str low = s, high = s;
    ptrdiff_t dash = str_find_char(s, '-');
    uint64_t a = 0, b = 0;
    bool ok;
    if (s.len == 3 && str_ends(s, STR("xx"))) {
        ok = str_to_u64(str_slice(s, 0, 1), &a) == 0 && a <= 5; /* there are five classes */
        a *= 100;
        b = a + 99;
    } else {
        if (dash >= 0) {
            low = str_slice(s, 0, dash);
            high = str_slice(s, dash + 1, s.len);
        }
        ok = str_to_u64(low, &a) == 0 && str_to_u64(high, &b) == 0;
    }
    if (!ok || a < 100 || b > 999 || a > b)
        return -EINVAL;
    *ret = (StatusRange){ (int)a, (int)b };
    return 0;
}

static int add_status(HttpRequest *r, const char *option, Str text, ptrdiff_t *cap, Err *err)
{
    StatusRange range;
    if (http_status_range(str_trim(text), &range) < 0)
        return err_set(err, -EINVAL, "%s '" STR_FMT "' is none of 200, 2xx, 200-204", option,
                       STR_ARG(text));
    ARENA_PUSH(&r->arena, r->expect, r->n_expect, *cap, range);
    return 0;
}

/* `expect_status`, and `check: { status: 201 }`, which is the same. */
static int make_statuses(const HttpRequestOpts *o, HttpRequest *r, Err *err)
{
    ptrdiff_t cap = 0;
    Str rest = str(strmap_get(&o->check, "status")), one;
    if (rest.len && o->expect_status.n)
        return err_set(err, -EINVAL, "check: status and expect_status say the same; keep one");
    for (ptrdiff_t i = 0; i < o->expect_status.n; i++)
        TRY(add_status(r, "expect_status", str(o->expect_status.v[i]), &cap, err));
    while (rest.len && str_cut(&rest, ',', &one))
        TRY(add_status(r, "check: status", one, &cap, err));
    return 0;
}

static void make_needle(const HttpRequestOpts *o, HttpRequest *r)
{
    r->needle = str(o->expect_body);
    r->fail = ARENA_ARRAY(&r->arena, ptrdiff_t, r->needle.len + 1);
    for (ptrdiff_t i = 1, k = 0; i < r->needle.len; i++) {
        while (k > 0 && r->needle.ptr[i] != r->needle.ptr[k])
            k = r->fail[k - 1];
        k += r->needle.ptr[i] == r->needle.ptr[k];
        r->fail[i] = k;
    }
}

/* Cookies are kept by users of scenarios, unless the request says its own. */
static int make_cookies(const HttpRequestOpts *o, bool in_scenario, HttpRequest *r, Err *err)
{
    bool own = o->cookie.n || http_has_header(&o->headers, STR("Cookie"));
    if (o->cookies == COOKIES_YES && own)
        return err_set(err, -EINVAL, "cookies: the request has a Cookie header of its own");
    if (o->cookies == COOKIES_YES && !in_scenario)
        return err_set(err, -EINVAL, "cookies: are kept by users of scenarios");
    r->cookies = in_scenario && o->cookies != COOKIES_NO && !own;
    return 0;
}

static int make_looks(const HttpRequestOpts *o, TemplateEnv env, HttpRequest *r, Err *err)
{
    TRY(make_statuses(o, r, err));
    make_needle(o, r);
    TRY(make_cookies(o, env.vars != NULL, r, err));
    r->redirects = o->redirects;
    TRY(http_look_prepare(&r->arena, &o->extract, &o->check, o->keep_max, env, &r->look, err));
    if (r->is_head && http_look_at_body(r->look))
        return err_set(err, -EINVAL, "the reply to HEAD has no body to look into");
    return 0;
}

static int make_fields(const HttpTarget *t, HttpRequest *r, Err *err)
{
    Http2Field fields[HTTP2_FIELDS_MAX];
    if (t->version == HTTP_1_1 || r->vary)
        return 0;
    char *head = arena_alloc(&r->arena, r->head.len + 1);
    memcpy(head, r->head.ptr, (size_t)r->head.len);
    r->n_fields = http2_fields(head, r->head.len, t->scheme, fields);
    if (r->n_fields < 0)
        return err_set(err, -EINVAL, "more than %d headers are too many for HTTP/2",
                       HTTP2_FIELDS_MAX);
    r->fields = ARENA_ARRAY(&r->arena, Http2Field, r->n_fields);
    memcpy(r->fields, fields, (size_t)r->n_fields * sizeof *fields);
    return 0;
}

static int make_sse(const HttpRequestOpts *o, HttpRequest *r, Err *err)
{
    bool ends = o->sse_events || o->sse_duration || o->sse_until;
    if (!o->sse && ends)
        return err_set(err, -EINVAL, "sse_events, sse_duration and sse_until belong to sse");
    if (o->sse && o->compressed)
        return err_set(err, -EINVAL, "sse: events come as they are; leave out compressed");
    if (o->sse && (r->look || r->redirects))
        return err_set(err, -EINVAL, "sse: check, extract and redirects are for whole replies");
    if (o->sse && (r->needle.len || r->is_head))
        return err_set(err, -EINVAL, "sse: a stream has no whole body; leave out %s",
                       r->is_head ? "HEAD" : "expect_body, or say sse_until");
    r->sse = (SseWish){ .on = o->sse, .events = o->sse_events, .duration_ns = o->sse_duration };
    needle_prepare(&r->arena, str(o->sse_until), &r->sse.until);
    return 0;
}

static int make_continue(const HttpTarget *t, const HttpRequestOpts *o, HttpRequest *r, Err *err)
{
    if (o->continue_wait && t->version == HTTP_2)
        return err_set(err, -EINVAL, "continue_wait is for HTTP/1.1 (http: 1.1)");
    if (o->continue_wait && !r->body.len)
        return err_set(err, -EINVAL, "continue_wait: the request has no body to wait with");
    r->continue_ns = o->continue_wait;
    return 0;
}

static int prepare_request(const HttpTarget *t, const HttpRequestOpts *o, TemplateEnv env,
                           HttpRequest *r, Err *err)
{
    r->is_head = strcmp(http_method(o), "HEAD") == 0;
    r->head_max = t->head_max;
    r->compressed = o->compressed;
    TRY(make_body(o, env, r, err));
    TRY(make_continue(t, o, r, err));
    TRY(make_head(t, o, env, r, err));
    TRY(make_fields(t, r, err));
    TRY(make_looks(o, env, r, err));
    TRY(make_sse(o, r, err));
    if (r->is_head && r->needle.len)
        return err_set(err, -EINVAL, "the reply to HEAD has no body to check");
    return http_pipeline_prepare(t, o, r, err);
}

int http_prepare_step(const void *target, const void *opts, TemplateEnv env, void *request,
                      Err *err)
{
    int r = prepare_request(target, opts, env, request, err);
    if (r < 0)
        http_release_request(request);
    return r;
}

int http_prepare_request(const void *target, const void *opts, void *request, Err *err)
{
    return http_prepare_step(target, opts, (TemplateEnv){ 0 }, request, err);
}

void http_release_request(void *request)
{
    HttpRequest *r = request;
    http_look_release(r->look);
    arena_done(&r->arena);
}
