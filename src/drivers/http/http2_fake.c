#include "drivers/http/http2_fake.h"

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

#include "base/rng.h"

enum { CONNS_MAX = 512, IN_MAX = 65536, PREFACE_BYTES = 24, FRAME_HEAD = 9 };

typedef struct FakeConn {
    int fd;
    bool greeted, holding;
    uint32_t n_requests;
    ptrdiff_t n_in;
    unsigned char in[IN_MAX];
} FakeConn;

typedef struct Fake {
    const FakeHttp2 *s;
    Rng rng;
    FakeConn *conns[CONNS_MAX];
    struct pollfd polls[CONNS_MAX + 1];
    int n;
} Fake;

static void send_all(int fd, const void *from, ptrdiff_t n)
{
    const char *p = from;
    while (n > 0) {
        struct pollfd out = { .fd = fd, .events = POLLOUT };
        ssize_t sent = send(fd, p, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && poll(&out, 1, 1000) <= 0)
            return;
        if (sent < 0 && out.revents & (POLLERR | POLLHUP))
            return;
        n -= MAX(sent, (ssize_t)0);
        p += MAX(sent, (ssize_t)0);
    }
}

static void send_frame(int fd, const FakeFrame *f, uint32_t id)
{
    uint32_t length = f->length ? f->length : (uint32_t)f->payload.len;
    uint32_t stream = f->stream == ON_REQUEST ? id : f->stream == ON_NEXT ? id + 1000 : 0;
    unsigned char head[FRAME_HEAD] = {
        (unsigned char)(length >> 16),
        (unsigned char)(length >> 8),
        (unsigned char)length,
        f->type,
        f->flags,
        (unsigned char)(stream >> 24),
        (unsigned char)(stream >> 16),
        (unsigned char)(stream >> 8),
        (unsigned char)stream,
    };
    if (!f->raw)
        send_all(fd, head, sizeof head);
    send_all(fd, f->payload.ptr, f->payload.len);
}

static bool is_frame(const FakeFrame *f)
{
    return f->type || f->flags || f->payload.len;
}

/* False: the connection is to be closed. */
static bool end_answer(FakeConn *c, FakeEnd end)
{
    struct linger l = { .l_onoff = 1 };
    if (end == FAKE_RESET)
        setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &l, sizeof l);
    c->holding = end == FAKE_HOLD;
    return end == FAKE_KEEP || end == FAKE_HOLD;
}

static bool answer_well(FakeConn *c, uint32_t id)
{
    static const FakeFrame good[] = { FAKE_HEADERS_200, FAKE_DATA_END("Hello, World!") };
    send_frame(c->fd, &good[0], id);
    send_frame(c->fd, &good[1], id);
    return true;
}

static bool answer_wildly(Fake *f, FakeConn *c, uint32_t id)
{
    static const FakeFrame head = FAKE_HEADERS_200;
    static const FakeFrame faults[] = {
        { .type = 3, .payload = STR("\0\0\0\2") },                              /* RST_STREAM */
        { .type = 7, .stream = ON_LINK, .payload = STR("\0\0\0\0\0\0\0\0") },   /* GOAWAY, none */
        { .type = 0, .flags = 1, .length = 5, .payload = STR("ab"), .raw = 0 }, /* cut short */
        { .type = 1, .flags = 5, .payload = STR("\x8d") },                      /* 404 */
    };
    uint64_t roll = rng_below(&f->rng, 24);
    if (roll < 16)
        return answer_well(c, id);
    if (roll < 18)
        send_frame(c->fd, &head, id);
    if (roll < 22)
        send_frame(c->fd, &faults[roll % 4], id);
    return end_answer(c, roll == 21 ? FAKE_CLOSE : roll == 22 ? FAKE_RESET : FAKE_KEEP);
}

static bool answer(Fake *f, FakeConn *c, uint32_t id)
{
    const FakeHttp2 *s = f->s;
    if (c->holding)
        return true;
    if (c->n_requests++ < s->good)
        return answer_well(c, id);
    if (s->wild)
        return answer_wildly(f, c, id);
    for (int i = 0; i < FAKE_FRAMES && is_frame(&s->frames[i]); i++)
        send_frame(c->fd, &s->frames[i], id);
    return end_answer(c, s->end);
}

static void greet(const Fake *f, FakeConn *c)
{
    unsigned char most[] = { 0, 3, 0, 0, 0, (unsigned char)f->s->most_streams };
    FakeFrame settings = { .type = 4, .stream = ON_LINK };
    if (f->s->most_streams)
        settings.payload = (Str){ (char *)most, sizeof most };
    if (!f->s->no_settings)
        send_frame(c->fd, &settings, 0);
    c->greeted = true;
}

/* Consume one frame. > 0 bytes, 0: not whole yet, < 0: close. */
static ptrdiff_t take_frame(Fake *f, FakeConn *c, const unsigned char *p, ptrdiff_t n)
{
    static const FakeFrame ack = { .type = 4, .flags = 1, .stream = ON_LINK };
    if (!c->greeted) {
        if (n < PREFACE_BYTES)
            return 0;
        greet(f, c);
        return PREFACE_BYTES;
    }
    if (n < FRAME_HEAD)
        return 0;
    ptrdiff_t length = p[0] << 16 | p[1] << 8 | p[2];
    uint32_t id = (uint32_t)p[5] << 24 | (uint32_t)p[6] << 16 | (uint32_t)p[7] << 8 | p[8];
    if (n < FRAME_HEAD + length)
        return 0;
    if (p[3] == 4 && !(p[4] & 1) && !f->s->no_settings)
        send_frame(c->fd, &ack, 0);
    bool whole = (p[3] == 1 || p[3] == 0) && p[4] & 1; /* END_STREAM */
    if (whole && !answer(f, c, id))
        return -1;
    return FRAME_HEAD + length;
}

/* False: close. */
static bool take_bytes(Fake *f, FakeConn *c)
{
    ssize_t n = recv(c->fd, c->in + c->n_in, (size_t)(IN_MAX - c->n_in), MSG_DONTWAIT);
    if (n <= 0)
        return false;
    c->n_in += n;
    ptrdiff_t at = 0, used = 1;
    while (used > 0) {
        used = take_frame(f, c, c->in + at, c->n_in - at);
        at += MAX(used, (ptrdiff_t)0);
    }
    memmove(c->in, c->in + at, (size_t)(c->n_in - at));
    c->n_in -= at;
    return used == 0;
}

static void accept_one(Fake *f)
{
    int fd = accept4(f->polls[0].fd, NULL, NULL, SOCK_CLOEXEC);
    FakeConn *c = fd >= 0 && f->n < CONNS_MAX ? calloc(1, sizeof *c) : NULL;
    if (!c) {
        close(fd);
        return;
    }
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one); /* frames leave in pieces */
    c->fd = fd;
    f->conns[f->n++] = c;
    f->polls[f->n] = (struct pollfd){ .fd = fd, .events = POLLIN };
}

__attribute__((noreturn)) static void serve(Fake *f)
{
    for (;;) {
        poll(f->polls, (nfds_t)f->n + 1, -1);
        for (int i = f->n; i > 0; i--) {
            FakeConn *c = f->conns[i - 1];
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

FakeServer fake_http2_start(const FakeHttp2 *s)
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
    Fake *f = calloc(1, sizeof *f);
    if (!f)
        abort();
    f->s = s;
    f->rng = rng_new(s->seed, "fake", 0);
    f->polls[0] = (struct pollfd){ .fd = listener, .events = POLLIN };
    serve(f);
}
