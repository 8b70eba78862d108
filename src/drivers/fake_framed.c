#include "drivers/fake_framed.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNS_MAX = 512 };

typedef struct Framed {
    FramedTake *take;
    FramedGreet *greet; /* NULL: waits to be spoken to */
    void *user;
    FramedConn *conns[CONNS_MAX];
    struct pollfd polls[CONNS_MAX + 1]; /* the listener's first */
    int n;
} Framed;

void framed_send(int fd, const void *from, ptrdiff_t n)
{
    const char *p = from;
    while (n > 0) {
        struct pollfd out = { .fd = fd, .events = POLLOUT };
        ssize_t sent = send(fd, p, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && (poll(&out, 1, 1000) <= 0 || out.revents & (POLLERR | POLLHUP)))
            return;
        n -= MAX(sent, (ssize_t)0);
        p += MAX(sent, (ssize_t)0);
    }
}

bool framed_end(FramedConn *c, FakeEnd end)
{
    struct linger l = { .l_onoff = 1 };
    if (end == FAKE_RESET)
        setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &l, sizeof l);
    c->holding = end == FAKE_HOLD;
    return end == FAKE_KEEP || end == FAKE_HOLD;
}

/* False: close. */
static bool take_bytes(Framed *f, FramedConn *c)
{
    ssize_t n = recv(c->fd, c->in + c->n_in, (size_t)(FRAMED_IN_MAX - c->n_in), MSG_DONTWAIT);
    if (n <= 0)
        return false;
    c->n_in += n;
    ptrdiff_t at = 0, used = 1;
    while (used > 0) {
        used = f->take(f->user, c, c->in + at, c->n_in - at);
        at += MAX(used, (ptrdiff_t)0);
    }
    memmove(c->in, c->in + at, (size_t)(c->n_in - at));
    c->n_in -= at;
    return used == 0;
}

static void accept_one(Framed *f)
{
    int one = 1, fd = accept4(f->polls[0].fd, NULL, NULL, SOCK_CLOEXEC);
    FramedConn *c = fd >= 0 && f->n < CONNS_MAX ? calloc(1, sizeof *c) : NULL;
    if (!c) {
        close(fd);
        return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one); /* frames leave in pieces */
    c->fd = fd;
    f->conns[f->n++] = c;
    f->polls[f->n] = (struct pollfd){ .fd = fd, .events = POLLIN };
    if (f->greet)
        f->greet(f->user, c);
}

__attribute__((noreturn)) static void serve(Framed *f)
{
    for (;;) {
        poll(f->polls, (nfds_t)f->n + 1, -1);
        for (int i = f->n; i > 0; i--) {
            FramedConn *c = f->conns[i - 1];
            if (!f->polls[i].revents || take_bytes(f, c))
                continue;
            close(c->fd);
            free(c);
            f->n--;
            f->conns[i - 1] = f->conns[f->n];
            f->polls[i] = f->polls[f->n + 1];
        }
        if (f->polls[0].revents)
            accept_one(f);
    }
}

FakeServer fake_framed_start(FramedTake *take, void *user)
{
    return fake_framed_greeting(take, NULL, user);
}

FakeServer fake_framed_greeting(FramedTake *take, FramedGreet *greet, void *user)
{
    FakeServer ret;
    int parent = getpid(), listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t n = sizeof a;
    if (bind(listener, (struct sockaddr *)&a, n) < 0 || listen(listener, 1024) < 0 ||
        getsockname(listener, (struct sockaddr *)&a, &n) < 0)
        abort();
    ret.port = ntohs(a.sin_port);
    ret.pid = fork();
    if (ret.pid != 0) {
        close(listener);
        return ret;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(0);
    Framed *f = calloc(1, sizeof *f);
    if (!f)
        abort();
    f->take = take;
    f->greet = greet;
    f->user = user;
    f->polls[0] = (struct pollfd){ .fd = listener, .events = POLLIN };
    serve(f);
}
