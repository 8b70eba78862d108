#include "launch/ready.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"

enum { LOG_MAX = 64 << 20 };

typedef struct Port {
    const char *scheme, *port;
} Port;

static const Port usual_ports[] = {
    { "http", "80" },         { "https", "443" },    { "ws", "80" },     { "wss", "443" },
    { "redis", "6379" },      { "mysql", "3306" },   { "nats", "4222" }, { "postgres", "5432" },
    { "postgresql", "5432" }, { "mariadb", "3306" }, { "mqtt", "1883" }, { "mongodb", "27017" },
    { "kafka", "9092" },      { "amqp", "5672" },    { "smtp", "25" },   { "memcached", "11211" },
};

static const char *usual_port(Str scheme)
{
    for (ptrdiff_t i = 0; i < ARRAY_LEN(usual_ports); i++)
        if (str_eqz(scheme, usual_ports[i].scheme))
            return usual_ports[i].port;
    return NULL;
}

static bool is_port(Str s)
{
    uint64_t v;
    return str_to_u64(s, &v) == 0 && v > 0 && v < 65536;
}

/* "host", "host:port", "[v6]:port"; *port stays as it is when none is given. */
static void split_place(Str place, Str *host, Str *port)
{
    ptrdiff_t end = str_find_char(place, ']');
    if (place.len && place.ptr[0] == '[' && end > 0) {
        *host = str_slice(place, 1, end);
        if (end + 1 < place.len && place.ptr[end + 1] == ':')
            *port = str_slice(place, end + 2, place.len);
        return;
    }
    ptrdiff_t colon = str_find_char(place, ':');
    *host = colon < 0 ? place : str_slice(place, 0, colon);
    if (colon >= 0)
        *port = str_slice(place, colon + 1, place.len);
}

static Str until_any(Str s, const char *stops)
{
    for (ptrdiff_t i = 0; i < s.len; i++)
        if (strchr(stops, s.ptr[i]))
            return str_slice(s, 0, i);
    return s;
}

int url_place(Arena *a, const char *url, const char **ret_host, const char **ret_port, Err *err)
{
    Str rest = str(url), scheme = { 0 };
    ptrdiff_t at = str_find(rest, STR("://"));
    if (at >= 0) {
        scheme = str_slice(rest, 0, at);
        rest = str_slice(rest, at + 3, rest.len);
    }
    Str place = until_any(rest, "/?#");
    for (ptrdiff_t user; (user = str_find_char(place, '@')) >= 0;)
        place = str_slice(place, user + 1, place.len);
    place = until_any(place, ",");
    Str host = { 0 }, port = str(usual_port(scheme));
    split_place(place, &host, &port);
    if (host.len == 0 || !is_port(port))
        return err_set(err, -EINVAL, "no host and port in url '%s'", url);
    *ret_host = arena_str(a, host);
    *ret_port = arena_str(a, port);
    return 0;
}

static int parse_tcp(Arena *a, const char *place, const char *url, Ready *ret, Err *err)
{
    Str host = { 0 }, port = { 0 };
    if (is_port(str(place)))
        port = str(place);
    else
        split_place(str(place), &host, &port);
    if (!is_port(port))
        return err_set(err, -EINVAL, "ready: 'tcp:%s' has no port; write tcp:PORT or tcp:HOST:PORT",
                       place);
    const char *url_port;
    *ret = (Ready){ .kind = READY_TCP, .host = "127.0.0.1" };
    if (host.len)
        ret->host = arena_str(a, host);
    else if (url)
        (void)!url_place(a, url, &ret->host, &url_port, NULL);
    ret->port = arena_str(a, port);
    return 0;
}

int ready_parse(Arena *a, const char *ready, const char *url, Ready *ret, Err *err)
{
    *ret = (Ready){ .kind = READY_NOW };
    if (!ready && !url)
        return 0;
    if (ready && strncmp(ready, "log:", 4) == 0 && ready[4]) {
        *ret = (Ready){ .kind = READY_LOG, .text = arena_strdup(a, ready + 4) };
        return 0;
    }
    if (ready && strncmp(ready, "tcp:", 4) == 0)
        return parse_tcp(a, ready + 4, url, ret, err);
    if (ready && ready[0] != '/')
        return err_set(err, -EINVAL, "ready: '%s' is neither /PATH (HTTP), tcp:PORT nor log:TEXT%s",
                       ready,
                       strncmp(ready, "sleep", 5) == 0 ? "; waiting blindly proves nothing" : "");
    if (!url)
        return err_set(err, -EINVAL, "ready: '%s' needs the target's url", ready);
    TRY(url_place(a, url, &ret->host, &ret->port, err));
    ret->kind = ready && strncmp(url, "https:", 6) != 0 ? READY_HTTP : READY_TCP;
    ret->text = ready ? arena_strdup(a, ready) : NULL;
    return 0;
}

const char *ready_words(char buf[READY_WORDS_MAX], const Ready *r)
{
    switch (r->kind) {
    case READY_NOW:
        snprintf(buf, READY_WORDS_MAX, "nothing");
        break;
    case READY_TCP:
        snprintf(buf, READY_WORDS_MAX, "port %s of %s to accept", r->port, r->host);
        break;
    case READY_HTTP:
        snprintf(buf, READY_WORDS_MAX, "http://%s:%s%s to answer", r->host, r->port, r->text);
        break;
    case READY_LOG:
        snprintf(buf, READY_WORDS_MAX, "'%s' in its log", r->text);
        break;
    }
    return buf;
}

/* One try's connection and patience. */
typedef struct Try {
    int fd, wake_fd;
    uint64_t until_ns;
} Try;

/* 0 when the socket is ready, -ETIMEDOUT when the patience is over or something else woke us. */
static int wait_for(const Try *t, short events)
{
    for (;;) {
        uint64_t now = clock_mono_ns();
        if (now >= t->until_ns)
            return -ETIMEDOUT;
        struct pollfd p[] = { { t->fd, events, 0 }, { t->wake_fd, POLLIN, 0 } };
        int n = poll(p, 2, (int)((t->until_ns - now) / NS_PER_MS) + 1);
        if (n < 0 && errno != EINTR)
            return -errno;
        if (n < 0 || p[1].revents)
            return -ETIMEDOUT;
        if (p[0].revents)
            return 0;
    }
}

static int connect_one(Try *t, const struct addrinfo *ai)
{
    t->fd = socket(ai->ai_family, ai->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (t->fd < 0)
        return -errno;
    int r = connect(t->fd, ai->ai_addr, ai->ai_addrlen) < 0 ? -errno : 0;
    if (r == -EINPROGRESS) {
        int e = 0;
        socklen_t n = sizeof e;
        r = wait_for(t, POLLOUT);
        if (r == 0 && getsockopt(t->fd, SOL_SOCKET, SO_ERROR, &e, &n) == 0)
            r = -e;
    }
    if (r < 0) {
        close(t->fd);
        t->fd = -1;
    }
    return r;
}

/* localhost may be ::1 and 127.0.0.1: whichever listens. */
static int connect_any(Try *t, const Ready *r, Err *why)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list = NULL;
    int e = getaddrinfo(r->host, r->port, &hints, &list);
    if (e)
        return err_set(why, -EAGAIN, "%s: %s", r->host, gai_strerror(e));
    int c = -ECONNREFUSED;
    for (const struct addrinfo *ai = list; ai && c < 0; ai = ai->ai_next)
        c = connect_one(t, ai);
    freeaddrinfo(list);
    return c < 0 ? err_errno(why, c, "connect to port %s of %s", r->port, r->host) : 0;
}

static int send_request(const Try *t, const Ready *r)
{
    CLEANUP(strbuf_done) StrBuf b = { .max = 8192 };
    bool v6 = strchr(r->host, ':');
    strbuf_addf(&b, "GET %s HTTP/1.1\r\nHost: %s%s%s:%s\r\n", r->text, v6 ? "[" : "", r->host,
                v6 ? "]" : "", r->port);
    strbuf_addz(&b, "User-Agent: assay\r\nAccept: */*\r\nConnection: close\r\n\r\n");
    /* A fresh connection takes so few bytes at once. */
    return send(t->fd, b.ptr, (size_t)b.len, MSG_NOSIGNAL) == b.len ? 0 : -EIO;
}

/* The status code of the reply, or negative. */
static int read_status(const Try *t)
{
    char line[64];
    size_t n = 0;
    while (n < 12) { /* "HTTP/1.1 200" */
        int r = wait_for(t, POLLIN);
        if (r < 0)
            return r;
        ssize_t k = recv(t->fd, line + n, sizeof line - 1 - n, 0);
        if (k == 0 || (k < 0 && errno != EAGAIN && errno != EINTR))
            return k == 0 ? -ECONNRESET : -errno;
        n += k > 0 ? (size_t)k : 0;
    }
    uint64_t code;
    Str s = { line, (ptrdiff_t)n };
    if (!str_starts(s, STR("HTTP/1.")) || str_to_u64(str_slice(s, 9, 12), &code) < 0)
        return -EPROTO;
    return (int)code;
}

static int try_http(const Try *t, const Ready *r, Err *why)
{
    int status = send_request(t, r);
    if (status == 0)
        status = read_status(t);
    if (status < 0)
        return err_errno(why, status, "GET %s", r->text);
    if (status < 200 || status >= 400)
        return err_set(why, -EAGAIN, "GET %s answers %d", r->text, status);
    return 1;
}

static int try_network(const Ready *r, int wake_fd, int timeout_ms, Err *why)
{
    Try t = { -1, wake_fd, clock_mono_ns() + (uint64_t)timeout_ms * NS_PER_MS };
    if (connect_any(&t, r, why) < 0)
        return 0;
    int up = r->kind == READY_HTTP ? try_http(&t, r, why) : 1;
    close(t.fd);
    return up > 0;
}

static int try_log(const Ready *r, const char *path, Err *why)
{
    CLEANUP(arena_done) Arena a = { 0 };
    Str text = { 0 };
    int e = fs_read(&a, path, LOG_MAX, &text, why);
    if (e == -EFBIG)
        return e;
    if (e == 0 && str_find(text, str(r->text)) >= 0)
        return 1;
    err_set(why, -EAGAIN, "its log does not say '%s'", r->text);
    return 0;
}

int ready_try(const Ready *r, const char *log_path, int wake_fd, int timeout_ms, Err *why)
{
    switch (r->kind) {
    case READY_TCP:
    case READY_HTTP:
        return try_network(r, wake_fd, timeout_ms, why);
    case READY_LOG:
        return try_log(r, log_path, why);
    case READY_NOW:
        break;
    }
    return 1;
}
