/* The cookies of one user: RFC 6265, as far as a single host goes. Domains are not looked at: every
 * request of a load goes to one target. */
#pragma once

#include "base/err.h"
#include "base/str.h"

enum { JAR_COOKIES_MAX = 64, JAR_COOKIE_BYTES = 8192 };

typedef struct JarCookie {
    char *text; /* owned: "name=value", then the path */
    ptrdiff_t name_bytes, pair_bytes, path_bytes;
    bool secure;
} JarCookie;

typedef struct HttpJar {
    JarCookie *v; /* [n] owned */
    int n, cap;
    char *line; /* owned; what jar_line gives */
    ptrdiff_t line_cap;
} HttpJar;

/* The value of a Set-Cookie header, in reply to a request for `path` (query and all), at
 * `wall_s` seconds since 1970: kept, replaced, or removed when it has expired. What is ill-formed
 * or too large is ignored, as browsers do; a full jar loses its oldest. -ENOMEM. */
MUST_CHECK int jar_take(HttpJar *j, Str set_cookie, Str path, int64_t wall_s);
/* "a=1; b=2" for a request for `path`: longer paths first; empty when there is none. Lasts until
 * the next call. -ENOMEM. */
MUST_CHECK int jar_line(HttpJar *j, Str path, bool secure, Str *ret);
/* The value of the cookie; ptr NULL when there is none. */
Str jar_find(const HttpJar *j, Str name);
/* Forget all, and free it. */
void jar_clear(HttpJar *j);
