/* A web server with an exact limit: a token bucket. Each request takes a token, or gets 503 at
 * once.
 *
 *     bucket RATE      tokens per second, of which 20 ms are kept at most; prints its port
 *
 * Ends when its standard input does. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONNS = 1024, EVENTS = 64 };

static double tokens, depth, rate;
static double last_s;

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int take_token(void)
{
    double now = now_s();
    tokens += (now - last_s) * rate;
    if (tokens > depth)
        tokens = depth;
    last_s = now;
    if (tokens < 1)
        return 0;
    tokens -= 1;
    return 1;
}

/* Bytes of a request's head that came so far: "\r\n\r\n" ends it. */
static int matched[CONNS];

static int serve(int fd)
{
    static const char ok[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    static const char no[] = "HTTP/1.1 503 Busy\r\nContent-Length: 2\r\n\r\nno";
    static const char end[] = "\r\n\r\n";
    char buf[4096];
    ssize_t n = recv(fd, buf, sizeof buf, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (n <= 0)
        return -1;
    for (ssize_t i = 0; i < n; i++) {
        matched[fd] = buf[i] == end[matched[fd]] ? matched[fd] + 1 : buf[i] == '\r';
        if (matched[fd] < 4)
            continue;
        matched[fd] = 0;
        const char *text = take_token() ? ok : no;
        if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
            return -1;
    }
    return 0;
}

static void watch(int ep, int fd)
{
    struct epoll_event e = { .events = EPOLLIN, .data.fd = fd };
    if (epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e) < 0)
        exit(1);
}

static void welcome(int ep, int listener)
{
    int on = 1, fd = accept(listener, NULL, NULL);
    if (fd < 0)
        return;
    if (fd >= CONNS) {
        close(fd);
        return;
    }
    matched[fd] = 0;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    watch(ep, fd);
}

int main(int argc, char **argv)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof at;
    struct epoll_event events[EVENTS];
    int listener = socket(AF_INET, SOCK_STREAM, 0), ep = epoll_create1(0);
    if (argc < 2 || bind(listener, (void *)&at, size) < 0 || listen(listener, 512) < 0 ||
        getsockname(listener, (void *)&at, &size) < 0)
        return 2;
    for (const char *c = argv[1]; *c >= '0' && *c <= '9'; c++)
        rate = rate * 10 + (*c - '0');
    depth = rate / 50;
    last_s = now_s();
    printf("%d\n", ntohs(at.sin_port));
    fflush(stdout);
    watch(ep, listener);
    watch(ep, 0);
    for (;;) {
        int n = epoll_wait(ep, events, EVENTS, -1);
        for (int i = 0; i < n; i++) {
            int fd = events[i].data.fd;
            if (fd == 0)
                return 0;
            if (fd == listener)
                welcome(ep, listener);
            else if (serve(fd) < 0)
                close(fd);
        }
    }
}
