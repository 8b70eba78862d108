/* A HAR file as a starting suite. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "model/history.h"
#include "model/recording_read.h"
#include "model/scenario.h"
#include "model/start.h"
#include "model/start_text.h"

enum { REQUESTS_MAX = SCENARIO_STEPS_MAX / 2 }; /* each may have a pause before it */
#define PAUSE_LEAST_S 0.05                      /* less is the browser's own work */
#define PAUSE_MOST_S 60.0

/* One request that is kept. */
typedef struct Entry {
    const json_t *request;
    double begin_s, end_s;
    ptrdiff_t host; /* index into Har.origins */
    int status;
    bool cookies_set; /* a reply of its host before it set some */
} Entry;

typedef struct Har {
    Arena *a;
    StrList *notes;
    StrMap cookies; /* origins whose replies have set some */
    StrMap secrets; /* "name=value" to the name of its variable */
    StrList origins, targets;
    Entry *v; /* [n], in the arena */
    ptrdiff_t n, n_assets, n_odd, n_cut;
} Har;

static Str text_of(const json_t *obj, const char *key)
{
    return str(json_get_text(obj, key));
}

/* ---- what is kept ---- */

static bool is_asset(const json_t *entry, const json_t *response)
{
    static const char *const kinds[] = { "image", "stylesheet", "script",
                                         "font",  "media",      "manifest" };
    static const char *const types[] = { "image/",
                                         "font/",
                                         "audio/",
                                         "video/",
                                         "text/css",
                                         "text/javascript",
                                         "application/javascript",
                                         "application/x-javascript",
                                         "application/font" };
    Str kind = text_of(entry, "_resourceType");
    Str type = text_of(json_object_get(response, "content"), "mimeType");
    for (ptrdiff_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (str_eqz(kind, kinds[i]))
            return true;
    for (ptrdiff_t i = 0; i < ARRAY_LEN(types); i++)
        if (str_starts_nocase(type, str(types[i])))
            return true;
    return false;
}

/* "https://host:port" of a URL, what logs in left out; empty when it isn't HTTP's. */
static Str origin_of(Har *h, Str url)
{
    ptrdiff_t from = str_find(url, STR("://")) + 3, end = from;
    if (!str_starts_nocase(url, STR("http://")) && !str_starts_nocase(url, STR("https://")))
        return (Str){ 0 };
    while (end < url.len && !strchr("/?#", url.ptr[end]))
        end++;
    Str host = str_slice(url, from, end);
    for (ptrdiff_t at; (at = str_find_char(host, '@')) >= 0;)
        host = str_slice(host, at + 1, host.len);
    if (!host.len)
        return host;
    return str(
        arena_printf(h->a, STR_FMT STR_FMT, STR_ARG(str_slice(url, 0, from)), STR_ARG(host)));
}

static ptrdiff_t host_of(Har *h, Str origin)
{
    for (ptrdiff_t i = 0; i < h->origins.n; i++)
        if (str_eqz(origin, h->origins.v[i]))
            return i;
    strlist_add(h->a, &h->origins, arena_str(h->a, origin));
    Str host = str_slice(origin, str_find(origin, STR("://")) + 3, origin.len);
    start_name(h->a, &h->targets, STR("GET"), host);
    return h->origins.n - 1;
}

/* By time, those of the same moment as they stand in the file. */
static void insert(Har *h, const Entry *e)
{
    ptrdiff_t i = h->n++;
    for (; i > 0 && h->v[i - 1].begin_s > e->begin_s; i--)
        h->v[i] = h->v[i - 1];
    h->v[i] = *e;
}

static void keep(Har *h, const json_t *entry, bool assets)
{
    const json_t *request = json_object_get(entry, "request");
    const json_t *response = json_object_get(entry, "response");
    Entry e = { .request = request };
    double took_ms = json_get_num(entry, "time"), status = json_get_num(response, "status");
    Str origin = origin_of(h, text_of(request, "url"));
    bool timed = history_parse_time(text_of(entry, "startedDateTime"), &e.begin_s) == 0;
    bool answered = status >= 200 && status <= 999;
    if (!timed || !origin.len || !answered || !recording_method_ok(text_of(request, "method"))) {
        h->n_odd++;
    } else if (!assets && is_asset(entry, response)) {
        h->n_assets++;
    } else if (h->n == REQUESTS_MAX) {
        h->n_cut++;
    } else {
        e.end_s = e.begin_s + (took_ms > 0 ? took_ms / 1e3 : 0);
        e.status = (int)status;
        e.cookies_set = strmap_get(&h->cookies, arena_str(h->a, origin)) != NULL;
        e.host = host_of(h, origin);
        insert(h, &e);
    }
}

static bool sets_cookies(const json_t *response)
{
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(response, "headers"), i,
                       one) if (str_eq_nocase(text_of(one, "name"), STR("set-cookie"))) return true;
    return false;
}

static void note_left_out(Har *h)
{
    if (h->n_assets)
        start_note(h->a, h->notes,
                   arena_printf(h->a,
                                "left out %td images, styles, scripts and the like; --assets "
                                "keeps them",
                                h->n_assets));
    if (h->n_odd)
        start_note(h->a, h->notes,
                   arena_printf(h->a,
                                "left out %td entries that have no answer, no time or no http URL",
                                h->n_odd));
    if (h->n_cut)
        start_note(h->a, h->notes,
                   arena_printf(h->a, "left out what follows %d requests: %td more", REQUESTS_MAX,
                                h->n_cut));
    if (h->origins.n > 1)
        start_note(h->a, h->notes,
                   arena_printf(h->a, "requests went to %td hosts: each has a benchmark of its own",
                                h->origins.n));
}

static void keep_all(Har *h, const json_t *entries, bool assets)
{
    size_t i;
    json_t *entry;
    h->v = ARENA_ARRAY(h->a, Entry, REQUESTS_MAX);
    json_array_foreach(entries, i, entry)
    {
        json_t *response = json_object_get(entry, "response");
        keep(h, entry, assets);
        Str origin = origin_of(h, text_of(json_object_get(entry, "request"), "url"));
        if (origin.len && sets_cookies(response))
            strmap_set(h->a, &h->cookies, arena_str(h->a, origin), "set");
    }
    note_left_out(h);
}

/* ---- steps ---- */

/* What browsers add by themselves, and what would ask for "not modified". */
static bool is_noise(Str name)
{
    static const char *const noise[] = { "user-agent",
                                         "accept-encoding",
                                         "accept-language",
                                         "referer",
                                         "cache-control",
                                         "pragma",
                                         "dnt",
                                         "if-modified-since",
                                         "if-none-match",
                                         "priority",
                                         "upgrade-insecure-requests" };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(noise); i++)
        if (str_eq_nocase(name, str(noise[i])))
            return true;
    return recording_is_hop(name) || str_starts_nocase(name, STR("sec-"));
}

/* The variable of this value: a second value of the same name has one of its own. */
static Str secret_name(Har *h, Str name, Str value)
{
    const char *key = arena_printf(h->a, STR_FMT "=" STR_FMT, STR_ARG(name), STR_ARG(value));
    const char *known = strmap_get(&h->secrets, key);
    int others = 0;
    if (known)
        return str(known);
    for (ptrdiff_t i = 0; i < h->secrets.n; i++)
        others += str_starts_nocase(str(h->secrets.v[i].key), name) &&
                  h->secrets.v[i].key[name.len] == '=';
    known = others ? arena_printf(h->a, STR_FMT "_%d", STR_ARG(name), others + 1)
                   : arena_str(h->a, name);
    strmap_set(h->a, &h->secrets, key, known);
    return str(known);
}

/* "name: value" in quotes, or a reference in place of the value. */
static void put_value(Har *h, StrBuf *out, Str name, Str value)
{
    CLEANUP(strbuf_done) StrBuf line = { 0 };
    Err ignored = { 0 };
    if (is_noise(name) || recording_header(&line, name, value, &ignored) < 0)
        return;
    strbuf_addz(out, "              - ");
    if (start_is_secret(name)) {
        strbuf_addf(out, "\"" STR_FMT ": ", STR_ARG(name));
        start_env(h->a, out, secret_name(h, name, value), h->notes);
        strbuf_addc(out, '"');
    } else {
        start_quote(out, str_slice(strbuf_str(&line), 0, line.len - 2));
    }
    strbuf_addc(out, '\n');
}

/* A cookie header of the step's own, which those that replies set would stand beside. */
static void put_cookie(Har *h, const Entry *e, StrBuf *out, Str value)
{
    if (e->cookies_set)
        return;
    strbuf_addz(out, "            headers: { Cookie: \"");
    start_env(h->a, out, secret_name(h, STR("Cookie"), value), h->notes);
    strbuf_addz(out, "\" }\n");
}

static void put_headers(Har *h, const Entry *e, StrBuf *out)
{
    CLEANUP(strbuf_done) StrBuf lines = { 0 };
    size_t i;
    json_t *one;
    bool cookie = false;
    json_array_foreach(json_object_get(e->request, "headers"), i, one)
    {
        Str name = text_of(one, "name"), value = text_of(one, "value");
        bool is_cookie = str_eq_nocase(name, STR("cookie"));
        if (is_cookie && !cookie)
            put_cookie(h, e, out, value);
        else if (!is_cookie)
            put_value(h, &lines, name, value);
        cookie |= is_cookie;
    }
    if (lines.len)
        strbuf_addf(out, "            header:\n%s", strbuf_z(&lines));
}

static void put_body(Har *h, const Entry *e, StrBuf *out, const char *name)
{
    const json_t *data = json_object_get(e->request, "postData");
    Str text = text_of(data, "text");
    if (text.len) {
        strbuf_addz(out, "            body: ");
        start_quote_masked(h->a, out, text, h->notes);
        strbuf_addc(out, '\n');
    } else if (json_array_size(json_object_get(data, "params"))) {
        start_note(h->a, h->notes,
                   arena_printf(h->a, "step '%s' had a form that the file has no text of", name));
    }
}

static void put_pause(double s, StrBuf *out)
{
    if (s >= PAUSE_LEAST_S) /* two digits say enough about a pause */
        strbuf_addf(out, "          - think: %.2gs\n", fmin(s, PAUSE_MOST_S));
}

static int put_step(Har *h, const Entry *e, StrList *taken, StrBuf *out, Err *err)
{
    CLEANUP(strbuf_done) StrBuf path = { 0 };
    TRY(recording_target(&path, text_of(e->request, "url"), err));
    Str method = text_of(e->request, "method");
    const char *name = start_name(h->a, taken, method, strbuf_str(&path));
    strbuf_addf(out, "          - name: \"%s\"\n            method: ", name);
    start_quote(out, method);
    strbuf_addz(out, "\n            path: ");
    start_quote_masked(h->a, out, strbuf_str(&path), h->notes);
    strbuf_addc(out, '\n');
    put_headers(h, e, out);
    put_body(h, e, out, name);
    strbuf_addf(out, "            expect_status: [%s]\n",
                e->status == 304 ? "200, 304" : arena_printf(h->a, "%d", e->status));
    return 0;
}

static int put_benchmark(Har *h, ptrdiff_t host, StrBuf *out, Err *err)
{
    StrList taken = { 0 };
    double end_s = (double)INFINITY;
    strbuf_addf(out,
                "  \"%s\":\n    target: \"%s\"\n    load: { users: 10 }\n    scenarios:\n"
                "      recorded:\n        steps:\n",
                h->targets.v[host], h->targets.v[host]);
    for (ptrdiff_t i = 0; i < h->n; i++) {
        const Entry *e = &h->v[i];
        if (e->host != host)
            continue;
        put_pause(e->begin_s - end_s, out);
        TRY(put_step(h, e, &taken, out, err));
        end_s = isinf(end_s) ? e->end_s : fmax(end_s, e->end_s);
    }
    return 0;
}

static int put_suite(Har *h, StrBuf *suite, Err *err)
{
    CLEANUP(strbuf_done) StrBuf out = { 0 };
    strbuf_addz(&out, "targets:\n");
    for (ptrdiff_t i = 0; i < h->origins.n; i++) {
        strbuf_addf(&out, "  \"%s\": { url: ", h->targets.v[i]);
        start_quote(&out, str(h->origins.v[i]));
        strbuf_addz(&out, " }\n");
    }
    strbuf_addz(&out, "benchmarks:\n");
    for (ptrdiff_t i = 0; i < h->origins.n; i++)
        TRY(put_benchmark(h, i, &out, err));
    start_head(suite, "a HAR file", h->notes);
    strbuf_add(suite, strbuf_str(&out));
    return 0;
}

int start_har(Arena *a, Str text, const char *name, bool assets, StrBuf *suite, StrList *notes,
              Err *err)
{
    CLEANUP(json_free) json_t *root = NULL;
    Har h = { .a = a, .notes = notes };
    if (str_starts(text, STR("\xef\xbb\xbf")))
        text = str_slice(text, 3, text.len);
    TRY(json_parse(text, name, &root, err));
    const json_t *entries = json_object_get(json_object_get(root, "log"), "entries");
    if (!json_is_array(entries))
        return err_set(err, -EINVAL, "%s: is no HAR: it has no log.entries", name);
    keep_all(&h, entries, assets);
    if (!h.n)
        return err_set(err, -EINVAL, "%s: no request is left to make a suite of%s", name,
                       h.n_assets ? "; --assets keeps images, styles and scripts" : "");
    return put_suite(&h, suite, err);
}
