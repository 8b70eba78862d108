#include "selftest/fetch.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

static void close_fd(const int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static int send_all(int fd, Str bytes, Err *err)
{
    while (bytes.len) {
        ssize_t n = send(fd, bytes.ptr, (size_t)bytes.len, MSG_NOSIGNAL);
        if (n < 0)
            return err_errno(err, -errno, "send");
        bytes = str_slice(bytes, n, bytes.len);
    }
    return 0;
}

static FetchEnd read_all(int fd, uint64_t quiet_ns, ptrdiff_t max, StrBuf *ret)
{
    char buf[65536];
    while (ret->len < max) {
        struct pollfd p = { .fd = fd, .events = POLLIN };
        if (poll(&p, 1, (int)(quiet_ns / NS_PER_MS)) == 0)
            return FETCH_QUIET;
        ssize_t n = recv(fd, buf, (size_t)MIN((ptrdiff_t)sizeof buf, max - ret->len), 0);
        if (n < 0)
            return FETCH_RESET;
        if (n == 0)
            return FETCH_CLOSED;
        strbuf_add(ret, (Str){ buf, n });
    }
    return FETCH_FULL;
}

int fetch_raw(int port, Str bytes, uint64_t quiet_ns, ptrdiff_t max, StrBuf *ret, FetchEnd *ret_end,
              Err *err)
{
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    CLEANUP(close_fd) int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return err_errno(err, -errno, "socket");
    if (connect(fd, (const struct sockaddr *)&to, sizeof to) < 0)
        return err_errno(err, -errno, "connect to 127.0.0.1:%d", port);
    TRY(send_all(fd, bytes, err));
    *ret_end = read_all(fd, quiet_ns, max, ret);
    return 0;
}

int fetch_json(int port, const char *target, json_t **ret, Err *err)
{
    CLEANUP(strbuf_done) StrBuf request = { 0 };
    CLEANUP(strbuf_done) StrBuf reply = { 0 };
    FetchEnd end = FETCH_QUIET;
    strbuf_addf(&request, "GET %s HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", target);
    TRY(fetch_raw(port, strbuf_str(&request), 10 * NS_PER_S, 64 << 20, &reply, &end, err));
    Str text = strbuf_str(&reply);
    ptrdiff_t body = str_find(text, STR("\r\n\r\n"));
    if (end != FETCH_CLOSED || body < 0 || !str_starts(text, STR("HTTP/1.1 200 ")))
        return err_set(err, -EPROTO, "GET %s: no complete 200 reply", target);
    return json_parse(str_slice(text, body + 4, text.len), target, ret, err);
}
