#include "drivers/http/http_url.h"

#include <errno.h>
#include <string.h>

bool http_target_ok(Str s)
{
    for (ptrdiff_t i = 0; i < s.len; i++)
        if (s.ptr[i] <= ' ' || s.ptr[i] > '~')
            return false;
    return true;
}

bool http_token_ok(Str s)
{
    for (ptrdiff_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool alnum = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!alnum && (c == '\0' || !strchr("!#$%&'*+-.^_`|~", c)))
            return false;
    }
    return s.len > 0;
}

bool http_value_ok(Str s)
{
    for (ptrdiff_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if ((c < ' ' && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

static int parse_port(Arena *a, Str text, const char *given, HttpUrl *ret, Err *err)
{
    uint64_t n;
    if (str_to_u64(text, &n) < 0 || n == 0 || n > 65535)
        return err_set(err, -EINVAL, "'%s': port '" STR_FMT "' is not a number from 1 to 65535",
                       given, STR_ARG(text));
    ret->port = arena_str(a, text);
    return 0;
}

int http_authority_parse(Arena *a, Str text, const char *port_default, HttpUrl *ret, Err *err)
{
    const char *given = arena_str(a, text);
    ret->port = port_default;
    Str host = text, port = { 0 };
    if (text.len && text.ptr[0] == '[') {
        ptrdiff_t end = str_find_char(text, ']');
        if (end < 0)
            return err_set(err, -EINVAL, "'%s': '[' without ']'", given);
        host = str_slice(text, 1, end);
        Str rest = str_slice(text, end + 1, text.len);
        if (rest.len && rest.ptr[0] != ':')
            return err_set(err, -EINVAL, "'%s': expected ':port' after ']'", given);
        port = str_slice(rest, 1, rest.len);
        ret->bracketed = true;
    } else {
        ptrdiff_t colon = str_find_char(text, ':');
        if (colon >= 0) {
            host = str_slice(text, 0, colon);
            port = str_slice(text, colon + 1, text.len);
            if (str_find_char(port, ':') >= 0)
                return err_set(err, -EINVAL, "'%s': an IPv6 address stands in brackets: [%s]",
                               given, given);
        }
    }
    if (host.len == 0 || !http_target_ok(host))
        return err_set(err, -EINVAL, "'%s' names no host", given);
    ret->host = arena_str(a, host);
    if (port.len)
        TRY(parse_port(a, port, given, ret, err));
    ret->port_default = strcmp(ret->port, port_default) == 0;
    return 0;
}

/* Index of the first character of `set`, or the length. */
static ptrdiff_t find_any(Str s, const char *set)
{
    for (ptrdiff_t i = 0; i < s.len; i++)
        if (strchr(set, s.ptr[i]))
            return i;
    return s.len;
}

int http_url_parse(Arena *a, const char *text, HttpUrl *ret, Err *err)
{
    *ret = (HttpUrl){ 0 };
    Str s = str(text);
    ptrdiff_t end = str_find(s, STR("://"));
    Str scheme = str_slice(s, 0, end);
    ret->tls = end > 0 && str_eq_nocase(scheme, STR("https"));
    if (end <= 0 || (!ret->tls && !str_eq_nocase(scheme, STR("http"))))
        return err_set(err, -EINVAL, "'%s' is not a URL like http://host:port/path", text);
    if (!http_target_ok(s))
        return err_set(err, -EINVAL,
                       "'%s' holds blanks, control characters or non-ASCII: percent-encode them",
                       text);
    s = str_slice(s, end + 3, s.len);
    ptrdiff_t slash = find_any(s, "/?#");
    Str authority = str_slice(s, 0, slash), path = str_slice(s, slash, s.len);
    if (str_find_char(authority, '@') >= 0)
        return err_set(err, -EINVAL,
                       "'%s': user and password don't belong in the URL; give an 'authorization' "
                       "header",
                       text);
    TRY(http_authority_parse(a, authority, ret->tls ? "443" : "80", ret, err));
    path = str_slice(path, 0, find_any(path, "#"));
    bool rooted = path.len && path.ptr[0] == '/';
    ret->path = arena_printf(a, "%s" STR_FMT, rooted ? "" : "/", STR_ARG(path));
    return 0;
}
