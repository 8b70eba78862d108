#include <ctype.h>
#include <errno.h>

#include "drivers/http/http2.h"

/* Fields of one connection only, which HTTP/2 forbids: RFC 9113, 8.2.2. Host becomes :authority. */
static bool is_left_out(Str name)
{
    static const Str names[] = {
        STR("connection"),       STR("host"), STR("keep-alive"),
        STR("proxy-connection"), STR("te"),   STR("transfer-encoding"),
        STR("upgrade"),
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq(name, names[i]))
            return true;
    return false;
}

static bool cut_line(Str *rest, Str *ret)
{
    bool any = str_cut(rest, '\n', ret);
    if (any && ret->len && ret->ptr[ret->len - 1] == '\r')
        ret->len--;
    return any && ret->len > 0;
}

int http2_fields(char *head, ptrdiff_t n, const char *scheme, Http2Field ret[HTTP2_FIELDS_MAX])
{
    Str rest = { head, n }, line, method, target;
    bool whole =
        cut_line(&rest, &line) && str_cut(&line, ' ', &method) && str_cut(&line, ' ', &target);
    assert(whole);
    (void)whole;
    int count = 4;
    ret[0] = (Http2Field){ STR(":method"), method };
    ret[1] = (Http2Field){ STR(":scheme"), str(scheme) };
    ret[2] = (Http2Field){ STR(":authority"), STR("") };
    ret[3] = (Http2Field){ STR(":path"), target };
    while (cut_line(&rest, &line)) {
        ptrdiff_t colon = str_find_char(line, ':');
        assert(colon > 0);
        for (char *c = head + (line.ptr - head); c < line.ptr + colon; c++)
            *c = (char)tolower((unsigned char)*c);
        Str name = str_slice(line, 0, colon);
        Str value = str_trim(str_slice(line, colon + 1, line.len));
        if (str_eq(name, STR("host")))
            ret[2].value = value;
        if (is_left_out(name))
            continue;
        if (count == HTTP2_FIELDS_MAX)
            return -E2BIG;
        ret[count++] = (Http2Field){ name, value };
    }
    return count;
}
