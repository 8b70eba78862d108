#include "drivers/endpoint.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "drivers/http/http_url.h"
#include "load/template.h"

enum { PROBE_MS = 1000 };

/* ---- addresses ---- */

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

static int resolve(Endpoint *e, const char *host, const char *port, Err *err)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV };
    struct addrinfo *list = NULL;
    int r = getaddrinfo(host, port, &hints, &list);
    if (r)
        return err_set(err, -EHOSTUNREACH, "host '%s' is not known: %s", host, gai_strerror(r));
    const struct addrinfo *ai = choose(list);
    memcpy(&e->addr, ai->ai_addr, ai->ai_addrlen);
    e->addr_bytes = ai->ai_addrlen;
    freeaddrinfo(list);
    return 0;
}

static int use_unix(Endpoint *e, Str path, Err *err)
{
    struct sockaddr_un to = { .sun_family = AF_UNIX };
    if (path.len == 0 || path.len >= (ptrdiff_t)sizeof to.sun_path)
        return err_set(err, -EINVAL, "connect_to 'unix:" STR_FMT "': a path has 1 to %zu bytes",
                       STR_ARG(path), sizeof to.sun_path - 1);
    memcpy(to.sun_path, path.ptr, (size_t)path.len);
    memcpy(&e->addr, &to, sizeof to);
    e->addr_bytes = sizeof to;
    return 0;
}

/* Port 0 and all else zero: the kernel chooses the port. */
static int parse_source(const char *text, const Endpoint *e, struct sockaddr_storage *ret, Err *err)
{
    int family = e->addr.ss_family;
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

static int check_source(const char *text, const Endpoint *e, const struct sockaddr_storage *a,
                        Err *err)
{
    int fd = socket(a->ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int r = fd < 0 || bind(fd, (const struct sockaddr *)a, e->addr_bytes) < 0 ? -errno : 0;
    if (fd >= 0)
        close(fd);
    return r == -EADDRNOTAVAIL
               ? err_set(err, -EINVAL, "source '%s' is no address of this host", text)
               : 0; /* anything else will be told by the load */
}

static int find_target(Endpoint *e, Arena *a, const char *host, const char *port,
                       const char *connect_to, Err *err)
{
    Str by = str(connect_to);
    HttpUrl to = { .host = host, .port = port };
    if (str_starts(by, STR("unix:")))
        return use_unix(e, str_slice(by, 5, by.len), err);
    if (connect_to)
        TRY(http_authority_parse(a, by, port, &to, err));
    return resolve(e, to.host, to.port, err);
}

int endpoint_prepare(Endpoint *e, Arena *a, const char *host, const char *port,
                     const char *connect_to, const StrList *source, Err *err)
{
    TRY(find_target(e, a, host, port, connect_to, err));
    e->n_source = source->n;
    e->source = ARENA_ARRAY(a, struct sockaddr_storage, e->n_source);
    for (ptrdiff_t i = 0; i < e->n_source; i++) {
        TRY(parse_source(source->v[i], e, &e->source[i], err));
        TRY(check_source(source->v[i], e, &e->source[i], err));
    }
    return 0;
}

int endpoint_secure(Endpoint *e, const TlsOpts *o, const char *host, const char *protocols,
                    bool *ret_h2, Err *err)
{
    TRY(tls_client_new(o, host, protocols, &e->tls, err));
    return tls_probe(e->tls, (const struct sockaddr *)&e->addr, e->addr_bytes, ret_h2, err);
}

void endpoint_release(Endpoint *e)
{
    tls_client_free(e->tls);
    e->tls = NULL;
}

/* ---- connections ---- */

static int start_tls(VuIo *io, const Endpoint *e, VuFd *f, int tls_metric)
{
    uint64_t from = vu_now(io);
    TRY(tls_start(io, f, e->tls));
    vu_record(io, tls_metric, vu_now(io) - from);
    vu_record(io, tls_metric + 1, tls_is_resumed(f));
    return 0;
}

int endpoint_connect(VuIo *io, const Endpoint *e, VuFd *f, int tls_metric)
{
    const struct sockaddr_storage *from =
        e->n_source ? &e->source[vu_draw(io)->user % e->n_source] : NULL;
    TRY(vu_connect_from(io, f, (const struct sockaddr *)from, e->addr_bytes,
                        (const struct sockaddr *)&e->addr, e->addr_bytes));
    int one = 1;
    setsockopt(f->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one); /* best effort */
    int r = e->tls ? start_tls(io, e, f, tls_metric) : 0;
    if (r < 0)
        vu_close(f);
    return r;
}

int endpoint_hold(VuIo *io, VuFd *f)
{
    while (vu_is_clean(f))
        TRY(vu_wait_any(io, f));
    return -ECONNRESET;
}
