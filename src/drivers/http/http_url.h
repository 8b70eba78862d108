/* URLs of HTTP targets: RFC 3986, the part that a load needs. Pure. */
#pragma once

#include "base/arena.h"

typedef struct HttpUrl {
    bool tls;          /* https */
    const char *host;  /* name or address, without brackets */
    bool bracketed;    /* host is an IPv6 literal */
    const char *port;  /* "80" */
    bool port_default; /* the scheme's own: not in the Host field */
    const char *path;  /* begins with '/', query included, fragment dropped */
} HttpUrl;

/* Strings in the arena. -EINVAL with what is wrong and what would be right. */
MUST_CHECK int http_url_parse(Arena *a, const char *text, HttpUrl *ret, Err *err);
/* "host:port" or "[::1]:port" or "host", port then being `port_default`. */
MUST_CHECK int http_authority_parse(Arena *a, Str text, const char *port_default, HttpUrl *ret,
                                    Err *err);
/* Characters that may stand in a request target as they are (visible ASCII). */
bool http_target_ok(Str s);
/* RFC 9110 token: method and field names. */
bool http_token_ok(Str s);
/* Field values: no control characters but tab. */
bool http_value_ok(Str s);
