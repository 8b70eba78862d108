/* Redirects: the request that a reply asks for instead. RFC 9110, 15.4. */
#include <errno.h>
#include <string.h>

#include "base/grow.h"
#include "drivers/http/http.h"
#include "drivers/http/http_url.h"

bool http_is_redirect(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

Str http_own_path(Str head)
{
    Str method, path = { 0 };
    return str_cut(&head, ' ', &method) && str_cut(&head, ' ', &path) ? path : STR("/");
}

/* What follows "http://host:port" or "//host:port", when that is the target; ptr NULL when it is
 * another. */
static Str behind_host(const HttpTarget *t, Str location)
{
    Str scheme = str(t->scheme), host = str(t->host_field);
    if (str_starts_nocase(location, scheme) && location.len > scheme.len &&
        location.ptr[scheme.len] == ':')
        location = str_slice(location, scheme.len + 1, location.len);
    if (!str_starts(location, STR("//")))
        return (Str){ 0 };
    location = str_slice(location, 2, location.len);
    if (!str_starts_nocase(location, host))
        return (Str){ 0 };
    Str rest = str_slice(location, host.len, location.len);
    bool ends = rest.len == 0 || rest.ptr[0] == '/' || rest.ptr[0] == '?';
    return ends ? rest : (Str){ 0 };
}

/* Everything before what a relative location replaces. */
static Str base_of(Str path, Str location)
{
    ptrdiff_t query = str_find_char(path, '?');
    path = str_slice(path, 0, query < 0 ? path.len : query);
    if (str_starts(location, STR("/")))
        return STR("");
    if (str_starts(location, STR("?")))
        return path;
    while (path.len && path.ptr[path.len - 1] != '/')
        path.len--;
    return path;
}

/* Base and rest of the new path; NULL, or what is wrong. */
static const char *resolve(const HttpTarget *t, Str path, Str location, Str *base, Str *rest)
{
    ptrdiff_t fragment = str_find_char(location, '#'), colon = str_find_char(location, ':');
    location = str_slice(location, 0, fragment < 0 ? location.len : fragment);
    bool absolute = str_starts(location, STR("//")) ||
                    (colon > 0 && str_starts(str_slice(location, colon, location.len), STR("://")));
    if (absolute) {
        location = behind_host(t, location);
        if (!location.ptr)
            return "redirected to another host";
        path = STR("/");
        if (!location.len)
            location = STR("/");
    }
    *base = base_of(path, location);
    *rest = location;
    return location.len && http_target_ok(location) ? NULL : "redirected to what is no path";
}

static bool is_of_body(Str line)
{
    return str_starts_nocase(line, STR("content-"));
}

static char *put(char *to, Str s)
{
    if (s.len)
        memcpy(to, s.ptr, (size_t)s.len);
    return to + s.len;
}

/* The header lines of the request before, all of them or those that are not about its body. */
static char *put_lines(char *to, Str lines, bool with_body)
{
    Str line;
    while (lines.len && str_cut(&lines, '\n', &line)) {
        if (line.len <= 1 || (!with_body && is_of_body(line)))
            continue;
        to = put(put(to, line), STR("\n"));
    }
    return put(to, STR("\r\n"));
}

/* 303 is asked for by GET, and by custom what POST got 301 or 302 for. */
static bool keeps_method(int status, Str method)
{
    if (status == 303)
        return str_eq(method, STR("HEAD"));
    return status == 307 || status == 308 || !str_eq(method, STR("POST"));
}

int http_hop(HttpConn *c, HttpRequest *own, const char **wrong)
{
    ptrdiff_t at = 0;
    Str location = seen_field(&c->seen, STR("location"), &at), base, rest;
    Str head = own->head, path = http_own_path(head), method, line;
    *wrong = location.ptr ? resolve(c->target, path, location, &base, &rest)
                          : "redirected to nowhere: no Location";
    if (*wrong)
        return 0;
    HttpBuffer *b = &c->hop[c->hops++ & 1];
    TRY(buf_grow(&b->ptr, &b->cap, head.len + base.len + rest.len + 16));
    str_cut(&head, '\n', &line);
    str_cut(&line, ' ', &method);
    bool same = keeps_method(c->reply.status, method);
    char *to = put(put(b->ptr, same ? method : STR("GET")), STR(" "));
    to = put(put(put(to, base), rest), STR(" HTTP/1.1\r\n"));
    to = put_lines(to, head, same);
    own->head = (Str){ b->ptr, to - b->ptr };
    if (!same)
        own->body = (Str){ 0 };
    own->is_head = own->is_head && same;
    return 0;
}
