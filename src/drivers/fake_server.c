#include "drivers/fake_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/rng.h"

enum { CONNS_MAX = 4096, PIECE_MAX = 64 * 1024 };

typedef struct FakeConn {
    bool open, answering;
    int tail_match; /* bytes of "\r\n\r\n" seen at the end of what came */
    ptrdiff_t reply_at, reply_end;
    uint64_t filler_left;
    FakeEnd end;
    uint32_t n_answered;
    uint64_t next_drip_ns;
} FakeConn;

typedef struct Fake {
    const FakeScript *s;
    Rng rng;
    int listener, epfd;
    FakeConn conns[CONNS_MAX]; /* by descriptor */
    char piece[PIECE_MAX];     /* the filler, repeated */
    ptrdiff_t piece_bytes;
} Fake;

static int listen_somewhere(int *ret_port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t n = sizeof a;
    if (fd < 0 || bind(fd, (struct sockaddr *)&a, n) < 0 || listen(fd, 4096) < 0 ||
        getsockname(fd, (struct sockaddr *)&a, &n) < 0)
        abort();
    *ret_port = ntohs(a.sin_port);
    return fd;
}

static void close_conn(Fake *f, int fd, bool reset)
{
    struct linger l = { .l_onoff = 1 };
    if (reset)
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof l);
    close(fd);
    f->conns[fd].open = false;
}

static void begin_answer(Fake *f, FakeConn *c)
{
    const FakeScript *s = f->s;
    c->answering = true;
    c->reply_at = 0;
    c->reply_end = s->reply.len;
    c->filler_left = s->filler_bytes;
    c->end = s->end;
    if (!s->wild)
        return;
    uint64_t roll = rng_below(&f->rng, 20);
    c->end = roll < 14 ? FAKE_KEEP : (FakeEnd)(roll % 4);
    if (roll >= 14)
        c->reply_end = (ptrdiff_t)rng_below(&f->rng, (uint64_t)s->reply.len + 1);
}

static void end_answer(Fake *f, int fd, FakeConn *c)
{
    c->answering = c->end == FAKE_HOLD;
    c->n_answered++;
    bool enough = f->s->requests_max && c->n_answered >= f->s->requests_max;
    if (c->end == FAKE_CLOSE || c->end == FAKE_RESET || (c->end == FAKE_KEEP && enough))
        close_conn(f, fd, c->end == FAKE_RESET);
}

/* True when all of the piece went out. */
static bool send_piece(const char *from, uint64_t n, int fd, uint64_t *ret_sent)
{
    ssize_t sent = send(fd, from, n, MSG_NOSIGNAL);
    *ret_sent = sent > 0 ? (uint64_t)sent : 0;
    return *ret_sent == n;
}

static void go_on_answering(Fake *f, int fd, FakeConn *c)
{
    uint64_t sent;
    bool room = true;
    uint64_t left = (uint64_t)(c->reply_end - c->reply_at);
    if (left) {
        room = send_piece(f->s->reply.ptr + c->reply_at, left, fd, &sent);
        c->reply_at += (ptrdiff_t)sent;
    }
    while (room && c->filler_left) {
        uint64_t n = MIN(c->filler_left, (uint64_t)f->piece_bytes);
        if (f->s->drip_ms) {
            uint64_t now = clock_mono_ns();
            if (now < c->next_drip_ns)
                return;
            c->next_drip_ns = now + f->s->drip_ms * NS_PER_MS;
            n = 1;
        }
        room = send_piece(f->piece, n, fd, &sent);
        c->filler_left -= sent;
    }
    if (room)
        end_answer(f, fd, c);
}

static void read_request(Fake *f, int fd, FakeConn *c)
{
    static const char tail[] = "\r\n\r\n";
    char buf[16384];
    ssize_t n = recv(fd, buf, sizeof buf, 0);
    if (n == 0 || (n < 0 && errno != EAGAIN)) {
        close_conn(f, fd, false);
        return;
    }
    for (ssize_t i = 0; i < n; i++) {
        c->tail_match = buf[i] == tail[c->tail_match] ? c->tail_match + 1 : buf[i] == '\r';
        if (c->tail_match == 4 && !c->answering) {
            c->tail_match = 0;
            begin_answer(f, c);
        }
    }
}

static void handle(Fake *f, int fd, uint32_t events)
{
    FakeConn *c = &f->conns[fd];
    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
        read_request(f, fd, c);
    if (c->open && c->answering)
        go_on_answering(f, fd, c);
}

static void accept_all(Fake *f)
{
    for (;;) {
        int fd = accept4(f->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            return;
        if (fd >= CONNS_MAX)
            abort();
        f->conns[fd] = (FakeConn){ .open = true };
        struct epoll_event e = { .events = EPOLLIN | EPOLLOUT | EPOLLET, .data.fd = fd };
        epoll_ctl(f->epfd, EPOLL_CTL_ADD, fd, &e);
    }
}

static void drip_all(Fake *f)
{
    for (int fd = 0; fd < CONNS_MAX && f->s->drip_ms; fd++)
        if (f->conns[fd].open && f->conns[fd].answering)
            go_on_answering(f, fd, &f->conns[fd]);
}

__attribute__((noreturn)) static void serve(Fake *f)
{
    struct epoll_event e = { .events = EPOLLIN, .data.fd = f->listener }, events[64];
    f->epfd = epoll_create1(EPOLL_CLOEXEC);
    epoll_ctl(f->epfd, EPOLL_CTL_ADD, f->listener, &e);
    for (;;) {
        int n = epoll_wait(f->epfd, events, 64, f->s->drip_ms ? (int)f->s->drip_ms : -1);
        for (int i = 0; i < n; i++) {
            if (events[i].data.fd == f->listener)
                accept_all(f);
            else
                handle(f, events[i].data.fd, events[i].events);
        }
        drip_all(f);
    }
}

FakeServer fake_start(const FakeScript *s)
{
    FakeServer ret;
    int listener = listen_somewhere(&ret.port);
    int parent = getpid();
    ret.pid = fork();
    if (ret.pid < 0)
        abort();
    if (ret.pid > 0) {
        close(listener);
        return ret;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(0);
    Fake *f = calloc(1, sizeof *f);
    if (!f)
        abort();
    f->s = s;
    f->listener = listener;
    f->rng = rng_new(s->seed, "fake", 0);
    Str filler = s->filler.len ? s->filler : STR("x");
    f->piece_bytes = PIECE_MAX / filler.len * filler.len;
    for (ptrdiff_t i = 0; i < f->piece_bytes; i++)
        f->piece[i] = filler.ptr[i % filler.len];
    serve(f);
}

void fake_stop(FakeServer *f)
{
    if (f->pid > 0) {
        kill(f->pid, SIGKILL);
        waitpid(f->pid, NULL, 0);
    }
    f->pid = 0;
}

const char *fake_url(char buf[FAKE_URL_MAX], const FakeServer *f)
{
    snprintf(buf, FAKE_URL_MAX, "http://127.0.0.1:%d/", f->port);
    return buf;
}

FakeServer fake_nobody(void)
{
    FakeServer ret = { 0 };
    int fd = listen_somewhere(&ret.port);
    close(fd);
    return ret;
}
