/* A curl command line as a starting suite. */
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/str_split.h"
#include "model/start.h"
#include "model/start_text.h"

typedef enum What {
    IGNORED,
    URL,
    METHOD,
    HEADER,
    DATA,
    RAW,
    BINARY,
    JSON,
    ENCODE,
    PART,
    USER,
    COOKIE,
    AGENT,
    REFERER,
    GET,
    HEAD,
    INSECURE,
    COMPRESSED,
    FOLLOW,
    RESOLVE,
    SOCKET,
    CA,
    CERT,
    KEY,
    HTTP,
    BEARER,
} What;

typedef struct CurlOption {
    const char *name;
    char letter;
    bool value;
    What what;
} CurlOption;

static const CurlOption options[] = {
    { "url", 0, true, URL },
    { "request", 'X', true, METHOD },
    { "header", 'H', true, HEADER },
    { "data", 'd', true, DATA },
    { "data-ascii", 0, true, DATA },
    { "data-raw", 0, true, RAW },
    { "data-binary", 0, true, BINARY },
    { "json", 0, true, JSON },
    { "data-urlencode", 0, true, ENCODE },
    { "form", 'F', true, PART },
    { "user", 'u', true, USER },
    { "cookie", 'b', true, COOKIE },
    { "user-agent", 'A', true, AGENT },
    { "referer", 'e', true, REFERER },
    { "get", 'G', false, GET },
    { "head", 'I', false, HEAD },
    { "insecure", 'k', false, INSECURE },
    { "compressed", 0, false, COMPRESSED },
    { "location", 'L', false, FOLLOW },
    { "resolve", 0, true, RESOLVE },
    { "unix-socket", 0, true, SOCKET },
    { "cacert", 0, true, CA },
    { "cert", 'E', true, CERT },
    { "key", 0, true, KEY },
    { "http1.1", 0, false, HTTP },
    { "http2", 0, false, IGNORED },
    { "http2-prior-knowledge", 0, false, HTTP },
    { "oauth2-bearer", 0, true, BEARER },
    { "silent", 's', false, IGNORED },
    { "show-error", 'S', false, IGNORED },
    { "verbose", 'v', false, IGNORED },
    { "include", 'i', false, IGNORED },
    { "fail", 'f', false, IGNORED },
    { "globoff", 'g', false, IGNORED },
    { "no-buffer", 'N', false, IGNORED },
    { "progress-bar", '#', false, IGNORED },
    { "output", 'o', true, IGNORED },
    { "remote-name", 'O', false, IGNORED },
    { "write-out", 'w', true, IGNORED },
    { "max-time", 'm', true, IGNORED },
    { "connect-timeout", 0, true, IGNORED },
    { "retry", 0, true, IGNORED },
    { "cookie-jar", 'c', true, IGNORED },
    { "dump-header", 'D', true, IGNORED },
};

typedef struct Curl {
    Arena *a;
    StrList *notes;
    const char *url, *method;
    StrBuf target, request, headers, data, parts; /* YAML lines; data is raw */
    const char *data_file;
    bool any_data, get, typed;
    uint64_t seen; /* bit per What that may stand once */
} Curl;

static void curl_done(Curl *c)
{
    strbuf_done(&c->target);
    strbuf_done(&c->request);
    strbuf_done(&c->headers);
    strbuf_done(&c->data);
    strbuf_done(&c->parts);
}

static void line(StrBuf *b, int indent, const char *key, Str value)
{
    strbuf_pad(b, ' ', indent);
    strbuf_addf(b, "%s: ", key);
    start_quote(b, value);
    strbuf_addc(b, '\n');
}

static void secret_line(Curl *c, const char *key, const char *name)
{
    strbuf_addf(&c->request, "      %s: \"", key);
    start_env(c->a, &c->request, str(name), c->notes);
    strbuf_addz(&c->request, "\"\n");
}

static int add_header(Curl *c, Str text, Err *err)
{
    ptrdiff_t colon = str_find_char(text, ':');
    if (colon <= 0)
        return err_set(err, -EINVAL, "-H '" STR_FMT "' is not 'Name: value'", STR_ARG(text));
    for (ptrdiff_t i = 0; i < colon; i++)
        if (!isalnum((unsigned char)text.ptr[i]) && !strchr("!#$%&'*+-.^_`|~", text.ptr[i]))
            return err_set(err, -EINVAL, "-H '" STR_FMT "' has no header name", STR_ARG(text));
    Str name = str_slice(text, 0, colon), value = str_trim(str_slice(text, colon + 1, text.len));
    const char *n = arena_str(c->a, name);
    if (!value.len || !strcasecmp(n, "content-length") || !strcasecmp(n, "connection")) {
        strlist_add(c->a, c->notes, arena_printf(c->a, "the header '%s' is left out", n));
        return 0;
    }
    c->typed |= !strcasecmp(n, "content-type");
    strbuf_addz(&c->headers, "        - ");
    if (start_is_secret(name)) {
        strbuf_addf(&c->headers, "\"%s: ", n);
        start_env(c->a, &c->headers, name, c->notes);
        strbuf_addc(&c->headers, '"');
    } else {
        start_quote(&c->headers, str(arena_printf(c->a, "%s: " STR_FMT, n, STR_ARG(value))));
    }
    strbuf_addc(&c->headers, '\n');
    return 0;
}

/* A cookie's value is a secret; -b FILE has no meaning here. */
static int add_cookie(Curl *c, Str v, Err *err)
{
    if (str_find_char(v, '=') >= 0)
        return add_header(c, STR("Cookie: value"), err);
    strlist_add(c->a, c->notes, "the file of cookies (-b) is left out");
    return 0;
}

static int add_data(Curl *c, What what, Str v, Err *err)
{
    bool file = what != RAW && what != ENCODE && v.len && v.ptr[0] == '@';
    if (c->data_file || (file && c->any_data))
        return err_set(err, -EINVAL,
                       "a body of several pieces with a file among them has no form "
                       "in a suite; put them into one file");
    if (file)
        c->data_file = arena_str(c->a, str_slice(v, 1, v.len));
    else if (c->any_data && what != JSON)
        strbuf_addc(&c->data, '&');
    c->any_data = true;
    if (what != ENCODE) {
        strbuf_add(&c->data, file ? STR("") : v);
        return 0;
    }
    ptrdiff_t eq = str_find_char(v, '=');
    if (eq < 0 && str_find_char(v, '@') >= 0)
        return err_set(err, -EINVAL, "--data-urlencode of a file is not understood");
    if (eq > 0)
        strbuf_add(&c->data, str_slice(v, 0, eq + 1));
    start_encode(&c->data, str_slice(v, eq + 1, v.len));
    return 0;
}

/* What curl says of a file's type and name behind a semicolon has no place in a suite. */
static Str part_value(Curl *c, Str v)
{
    ptrdiff_t semicolon = str_find_char(v, ';');
    if (semicolon < 0 || v.ptr[0] != '@')
        return v;
    strlist_add(c->a, c->notes, "what stands behind ';' in -F is left out");
    return str_slice(v, 0, semicolon);
}

static int add_part(Curl *c, Str v, Err *err)
{
    ptrdiff_t eq = str_find_char(v, '=');
    if (eq <= 0)
        return err_set(err, -EINVAL, "-F '" STR_FMT "' is not 'name=value'", STR_ARG(v));
    if (eq + 1 < v.len && v.ptr[eq + 1] == '<')
        return err_set(err, -EINVAL, "-F with '<' is not understood; write the text itself");
    Str name = str_slice(v, 0, eq);
    strbuf_addz(&c->parts, "        ");
    start_quote(&c->parts, name);
    strbuf_addz(&c->parts, ": ");
    if (start_is_secret(name)) {
        strbuf_addc(&c->parts, '"');
        start_env(c->a, &c->parts, name, c->notes);
        strbuf_addc(&c->parts, '"');
    } else {
        start_quote(&c->parts, part_value(c, str_slice(v, eq + 1, v.len)));
    }
    strbuf_addc(&c->parts, '\n');
    return 0;
}

static int add_resolve(Curl *c, Str v, Err *err)
{
    Str host, port;
    if (!str_cut(&v, ':', &host) || !str_cut(&v, ':', &port) || !v.len)
        return err_set(err, -EINVAL, "--resolve wants HOST:PORT:ADDRESS");
    line(&c->target, 4, "connect_to",
         str(arena_printf(c->a, STR_FMT ":" STR_FMT, STR_ARG(v), STR_ARG(port))));
    return 0;
}

static int add_json(Curl *c, Str v, Err *err)
{
    if (!c->typed)
        TRY(add_header(c, STR("Content-Type: application/json"), err));
    return add_data(c, JSON, v, err);
}

static int add_url(Curl *c, const char *v, Err *err)
{
    if (c->url)
        return err_set(err, -EINVAL, "'%s' is a second URL; one command line is one request", v);
    c->url = v;
    return 0;
}

static int take_request(Curl *c, const CurlOption *o, const char *v, Err *err)
{
    switch ((int)o->what) {
    case URL:
        return add_url(c, v, err);
    case METHOD:
        c->method = v;
        return 0;
    case HEADER:
        return add_header(c, str(v), err);
    case AGENT:
        return add_header(c, str(arena_printf(c->a, "User-Agent: %s", v)), err);
    case REFERER:
        return add_header(c, str(arena_printf(c->a, "Referer: %s", v)), err);
    case COMPRESSED:
        return add_header(c, STR("Accept-Encoding: gzip, deflate"), err);
    case COOKIE:
        return add_cookie(c, str(v), err);
    case JSON:
        return add_json(c, str(v), err);
    case PART:
        return add_part(c, str(v), err);
    case USER:
        secret_line(c, "user", "USER_PASSWORD");
        return 0;
    case BEARER:
        secret_line(c, "bearer", "BEARER_TOKEN");
        return 0;
    case GET:
        c->get = true;
        return 0;
    case HEAD:
        c->method = "HEAD";
        return 0;
    case FOLLOW:
        strbuf_addz(&c->request, "      redirects: 10\n");
        return 0;
    default:
        return add_data(c, o->what, str(v), err);
    }
}

/* 1 when `o` was given before: harmless for a switch, refused for a value. */
static int again(Curl *c, const CurlOption *o, Err *err)
{
    static const uint64_t once = 1u << USER | 1u << FOLLOW | 1u << INSECURE | 1u << RESOLVE |
                                 1u << SOCKET | 1u << CA | 1u << CERT | 1u << KEY | 1u << HTTP |
                                 1u << BEARER;
    uint64_t bit = UINT64_C(1) << o->what & once;
    bool before = c->seen & bit;
    c->seen |= bit;
    if (before && o->value)
        return err_set(err, -EINVAL, "curl's option --%s is given twice", o->name);
    return before;
}

static int take(Curl *c, const CurlOption *o, const char *v, Err *err)
{
    int r = again(c, o, err);
    if (r != 0)
        return r < 0 ? r : 0;
    switch ((int)o->what) {
    case IGNORED:
        strlist_add(c->a, c->notes, arena_printf(c->a, "--%s is left out", o->name));
        return 0;
    case INSECURE:
        strbuf_addz(&c->target, "    tls_verify: no\n");
        return 0;
    case SOCKET:
        line(&c->target, 4, "connect_to", str(arena_printf(c->a, "unix:%s", v)));
        return 0;
    case RESOLVE:
        return add_resolve(c, str(v), err);
    case CA:
        line(&c->target, 4, "tls_ca", str(v));
        return 0;
    case CERT:
        line(&c->target, 4, "tls_cert", str(v));
        return 0;
    case KEY:
        line(&c->target, 4, "tls_key", str(v));
        return 0;
    case HTTP:
        line(&c->target, 4, "http", str(o->name[4] == '1' ? "1.1" : "2"));
        return 0;
    default:
        return take_request(c, o, v, err);
    }
}

static const CurlOption *find(const char *name, char letter)
{
    for (ptrdiff_t i = 0; i < ARRAY_LEN(options); i++)
        if (name ? !strcmp(options[i].name, name) : options[i].letter == letter)
            return &options[i];
    return NULL;
}

static int take_value(Curl *c, const CurlOption *o, const char *near, const StrList *w,
                      ptrdiff_t *i, Err *err)
{
    if (o->value && !near && ++*i == w->n)
        return err_set(err, -EINVAL, "curl's option --%s lacks its value", o->name);
    return take(c, o, !o->value ? NULL : near ? near : w->v[*i], err);
}

static int take_letters(Curl *c, const StrList *w, ptrdiff_t *i, Err *err)
{
    for (const char *l = w->v[*i] + 1; *l; l++) {
        const CurlOption *o = find(NULL, *l);
        if (!o)
            return err_set(err, -EINVAL, "curl's option -%c is not understood", *l);
        TRY(take_value(c, o, l[1] && o->value ? l + 1 : NULL, w, i, err));
        if (o->value)
            return 0;
    }
    return 0;
}

static int take_word(Curl *c, const StrList *w, ptrdiff_t *i, Err *err)
{
    const char *word = w->v[*i];
    if (word[0] != '-' || !word[1])
        return add_url(c, word, err);
    if (word[1] != '-')
        return take_letters(c, w, i, err);
    const CurlOption *o = find(word + 2, 0);
    if (!o)
        return err_set(err, -EINVAL, "curl's option %s is not understood", word);
    return take_value(c, o, NULL, w, i, err);
}

/* Origin and path of the URL; a name and password in it are dropped for a reference. */
static void cut_url(Curl *c, Str *origin, Str *path)
{
    Str url = str(strstr(c->url, "://") ? c->url : arena_printf(c->a, "http://%s", c->url));
    ptrdiff_t from = str_find(url, STR("://")) + 3, end = from, hash;
    while (end < url.len && !strchr("/?#", url.ptr[end]))
        end++;
    *path = str_slice(url, end, url.len);
    if ((hash = str_find_char(*path, '#')) >= 0)
        *path = str_slice(*path, 0, hash);
    Str host = str_slice(url, from, end);
    for (ptrdiff_t at; (at = str_find_char(host, '@')) >= 0;)
        host = str_slice(host, at + 1, host.len);
    if (host.len < end - from && !(c->seen & 1u << USER))
        secret_line(c, "user", "USER_PASSWORD");
    *origin =
        str(arena_printf(c->a, STR_FMT STR_FMT, STR_ARG(str_slice(url, 0, from)), STR_ARG(host)));
    const char *slash = path->len && path->ptr[0] == '/' ? "" : "/";
    bool query = str_find_char(*path, '?') >= 0;
    *path = str(arena_printf(c->a, "%s" STR_FMT "%s%s", slash, STR_ARG(*path),
                             !c->get || !c->data.len ? ""
                             : query                 ? "&"
                                                     : "?",
                             c->get ? strbuf_z(&c->data) : ""));
}

static void put_request(Curl *c, StrBuf *out, Str path)
{
    bool body = c->any_data && !c->get;
    strbuf_addf(out, "    request:\n");
    const char *method = c->method ? c->method : body || c->parts.len ? "POST" : "GET";
    line(out, 6, "method", str(method));
    strbuf_addz(out, "      path: ");
    start_quote_masked(c->a, out, path, c->notes);
    strbuf_addc(out, '\n');
    strbuf_add(out, strbuf_str(&c->request));
    if (c->headers.len)
        strbuf_addf(out, "      header:\n%s", strbuf_z(&c->headers));
    if (c->parts.len)
        strbuf_addf(out, "      multipart:\n%s", strbuf_z(&c->parts));
    if (body && c->data_file) {
        line(out, 6, "body_file", str(c->data_file));
    } else if (body) {
        strbuf_addz(out, "      body: ");
        start_quote_masked(c->a, out, strbuf_str(&c->data), c->notes);
        strbuf_addc(out, '\n');
    }
}

static int put_suite(Curl *c, StrBuf *out, Err *err)
{
    Str origin, path;
    if (!c->url)
        return err_set(err, -EINVAL, "the curl command line has no URL");
    if (c->any_data && !c->get && !c->typed)
        TRY(add_header(c, STR("Content-Type: application/x-www-form-urlencoded"), err));
    cut_url(c, &origin, &path);
    strbuf_addz(out, "assay: 1\ntargets:\n  web:\n");
    line(out, 4, "url", origin);
    strbuf_add(out, strbuf_str(&c->target));
    strbuf_addz(out, "benchmarks:\n  request:\n    target: web\n    load: { users: 10 }\n");
    put_request(c, out, path);
    return 0;
}

int start_curl(Arena *a, Str command, StrBuf *suite, StrList *notes, Err *err)
{
    CLEANUP(strbuf_done) StrBuf plain = { 0 };
    CLEANUP(curl_done) Curl c = { .a = a, .notes = notes };
    StrList words = { 0 };
    TRY(start_plain_quotes(command, &plain, err));
    if (utf8_invalid_at(strbuf_str(&plain)) >= 0)
        return err_set(err, -EINVAL,
                       "the curl command line is not UTF-8; put the body into a file");
    TRY(str_split_words(a, strbuf_str(&plain), &words, err));
    if (words.n == 0 || strcmp(words.v[0], "curl") != 0)
        return err_set(err, -EINVAL, "no curl command line: it begins with 'curl'");
    for (ptrdiff_t i = 1; i < words.n; i++)
        TRY(take_word(&c, &words, &i, err));
    return put_suite(&c, suite, err);
}
