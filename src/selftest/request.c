#include "selftest/request.h"

#include <errno.h>
#include <strings.h>

/* Cut one line off, without its CR LF or bare LF. False when there is none left. */
static bool cut_line(Str *rest, Str *line)
{
    ptrdiff_t at = str_find_char(*rest, '\n');
    if (at < 0)
        return false;
    *line = str_slice(*rest, 0, at);
    *rest = str_slice(*rest, at + 1, rest->len);
    if (line->len && line->ptr[line->len - 1] == '\r')
        line->len--;
    return true;
}

static bool same_name(Str a, const char *lower)
{
    Str b = str(lower);
    return a.len == b.len && strncasecmp(a.ptr, b.ptr, (size_t)a.len) == 0;
}

/* "GET /path HTTP/1.1" */
static int parse_line(Str line, SrvRequest *r)
{
    Str rest = line, version;
    if (!str_cut(&rest, ' ', &r->method) || !str_cut(&rest, ' ', &r->target))
        return -EINVAL;
    version = rest;
    if (!r->method.len || !str_starts(r->target, STR("/")) || !str_starts(version, STR("HTTP/1.")))
        return -EINVAL;
    r->keep_alive = !str_eqz(version, "HTTP/1.0");
    r->head = str_eqz(r->method, "HEAD");
    return 0;
}

static int parse_field(Str line, SrvRequest *r)
{
    Str rest = line, name;
    if (!str_cut(&rest, ':', &name) || !rest.ptr || !name.len)
        return -EINVAL;
    Str value = str_trim(rest);
    if (same_name(name, "content-length"))
        return str_to_u64(value, &r->body_bytes);
    if (same_name(name, "transfer-encoding"))
        return -EINVAL; /* clients under test have no reason to send one */
    if (same_name(name, "connection"))
        r->keep_alive = same_name(value, "close")        ? false
                        : same_name(value, "keep-alive") ? true
                                                         : r->keep_alive;
    return 0;
}

int srv_request_parse(Str bytes, SrvRequest *ret)
{
    SrvRequest r = { 0 };
    Str rest = bytes, line;
    if (!cut_line(&rest, &line))
        return REQUEST_MORE;
    if (parse_line(line, &r) < 0)
        return -EINVAL;
    for (;;) {
        if (!cut_line(&rest, &line))
            return REQUEST_MORE;
        if (!line.len)
            break;
        if (parse_field(line, &r) < 0)
            return -EINVAL;
    }
    r.head_bytes = bytes.len - rest.len;
    *ret = r;
    return 0;
}
