/* Where connections go, and from where they come. */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "drivers/http/http.h"

enum { PROBE_MS = 1000 };

static bool accepts(const struct addrinfo *ai)
{
    int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    int code = 0;
    socklen_t n = sizeof code;
    bool ok = connect(fd, ai->ai_addr, ai->ai_addrlen) == 0;
    struct pollfd p = { .fd = fd, .events = POLLOUT };
    if (!ok && errno == EINPROGRESS && poll(&p, 1, PROBE_MS) == 1)
        ok = getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &n) == 0 && code == 0;
    close(fd);
    return ok;
}

/* A name with several addresses ("localhost" is ::1 and 127.0.0.1): take the first that accepts, so
 * that every connection of the trial goes to the same place. */
static const struct addrinfo *choose(const struct addrinfo *list)
{
    if (list->ai_next)
        for (const struct addrinfo *ai = list; ai; ai = ai->ai_next)
            if (accepts(ai))
                return ai;
    return list;
}

static int resolve(HttpTarget *t, const HttpUrl *to, Err *err)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV };
    struct addrinfo *list = NULL;
    int r = getaddrinfo(to->host, to->port, &hints, &list);
    if (r)
        return err_set(err, -EHOSTUNREACH, "host '%s' is not known: %s", to->host, gai_strerror(r));
    const struct addrinfo *ai = choose(list);
    memcpy(&t->addr, ai->ai_addr, ai->ai_addrlen);
    t->addr_bytes = ai->ai_addrlen;
    freeaddrinfo(list);
    return 0;
}

static int use_unix(HttpTarget *t, Str path, Err *err)
{
    struct sockaddr_un to = { .sun_family = AF_UNIX };
    if (path.len == 0 || path.len >= (ptrdiff_t)sizeof to.sun_path)
        return err_set(err, -EINVAL, "connect_to 'unix:" STR_FMT "': a path has 1 to %zu bytes",
                       STR_ARG(path), sizeof to.sun_path - 1);
    memcpy(to.sun_path, path.ptr, (size_t)path.len);
    memcpy(&t->addr, &to, sizeof to);
    t->addr_bytes = sizeof to;
    return 0;
}

/* Port 0 and all else zero: the kernel chooses the port. */
static int parse_source(const char *text, const HttpTarget *t, struct sockaddr_storage *ret,
                        Err *err)
{
    int family = t->addr.ss_family;
    union {
        struct sockaddr_storage any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } a = { .any.ss_family = (sa_family_t)family };
    if (family == AF_UNIX)
        return err_set(err, -EINVAL, "source '%s': a Unix socket has no addresses", text);
    if (inet_pton(family, text,
                  family == AF_INET ? (void *)&a.v4.sin_addr : (void *)&a.v6.sin6_addr) != 1)
        return err_set(err, -EINVAL, "source '%s' is no address like the target's, which is IPv%d",
                       text, family == AF_INET ? 4 : 6);
    *ret = a.any;
    return 0;
}

static int check_source(const char *text, const HttpTarget *t, const struct sockaddr_storage *a,
                        Err *err)
{
    int fd = socket(a->ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int r = fd < 0 || bind(fd, (const struct sockaddr *)a, t->addr_bytes) < 0 ? -errno : 0;
    if (fd >= 0)
        close(fd);
    return r == -EADDRNOTAVAIL
               ? err_set(err, -EINVAL, "source '%s' is no address of this host", text)
               : 0; /* anything else will be told by the load */
}

int http_prepare_addresses(const HttpTargetOpts *o, const HttpUrl *url, HttpTarget *t, Err *err)
{
    HttpUrl to = *url;
    Str by = str(o->connect_to);
    if (str_starts(by, STR("unix:"))) {
        TRY(use_unix(t, str_slice(by, 5, by.len), err));
    } else {
        if (o->connect_to)
            TRY(http_authority_parse(&t->arena, by, url->port, &to, err));
        TRY(resolve(t, &to, err));
    }
    t->n_source = o->source.n;
    t->source = ARENA_ARRAY(&t->arena, struct sockaddr_storage, t->n_source);
    for (ptrdiff_t i = 0; i < t->n_source; i++) {
        TRY(parse_source(o->source.v[i], t, &t->source[i], err));
        TRY(check_source(o->source.v[i], t, &t->source[i], err));
    }
    return 0;
}
