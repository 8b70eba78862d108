/* One connection of the test server: read a request, let its plan say when and how it ends, write
 * the reply. One request at a time; pipelined ones wait in the input buffer. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "selftest/loop.h"

void srv_conn_open(SrvLoop *l, int fd)
{
    SrvConn *c = calloc(1, sizeof *c);
    assert(c); /* a test server without memory has no better answer */
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    c->fd = fd;
    c->next = l->conns;
    if (c->next)
        c->next->prev = c;
    l->conns = c;
    struct epoll_event ev = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = c };
    if (epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, fd, &ev) < 0)
        srv_conn_close(l, c, true);
}

void srv_conn_close(SrvLoop *l, SrvConn *c, bool reset)
{
    if (c->closing)
        return;
    c->closing = true;
    if (c->owes)
        c->route->aborted++;
    due_remove(&l->due, &c->due);
    if (c->prev)
        c->prev->next = c->next;
    else
        l->conns = c->next;
    if (c->next)
        c->next->prev = c->prev;
    struct linger hard = { .l_onoff = 1, .l_linger = 0 };
    if (reset)
        setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    epoll_ctl(l->epoll_fd, EPOLL_CTL_DEL, c->fd, NULL);
    c->next = l->dead;
    l->dead = c;
}

/* ---- output ---- */

static void finish(SrvConn *c)
{
    if (c->owes)
        c->route->finished++;
    c->owes = false;
}

/* All bytes are out. */
static void end_reply(SrvLoop *l, SrvConn *c)
{
    ReplyEnd end = c->reply.end;
    srv_reply_done(&c->reply);
    if (end == REPLY_END_WAIT) {
        c->state = CONN_WAITING;
        return;
    }
    finish(c);
    if (end == REPLY_END_KEEP)
        c->state = CONN_READING;
    else
        srv_conn_close(l, c, end == REPLY_END_RESET);
}

/* Fill the empty output buffer. True when a pause of a dripping body follows these bytes. */
static bool refill(SrvConn *c)
{
    c->out_at = c->out_len = 0;
    while (CONN_OUT_MAX - c->out_len >= REPLY_CAP_MIN) {
        uint64_t body_before = c->reply.body_left;
        ptrdiff_t n = srv_reply_fill(&c->reply, c->out + c->out_len, CONN_OUT_MAX - c->out_len);
        c->out_len += n;
        if (!n)
            return false;
        if (c->reply.piece_gap_ns && c->reply.body_left < body_before)
            return true;
    }
    return false;
}

/* Send what is in the buffer. 1: all out, 0: the socket is full, negative: the client left. */
static int flush(SrvConn *c)
{
    while (c->out_at < c->out_len) {
        ssize_t n = send(c->fd, c->out + c->out_at, (size_t)(c->out_len - c->out_at), MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN)
            return 0;
        if (n < 0 && errno != EINTR)
            return -errno;
        c->out_at += MAX(n, (ssize_t)0);
    }
    return 1;
}

static void pause_reply(SrvLoop *l, SrvConn *c)
{
    c->state = CONN_PAUSED;
    if (due_add(&l->due, &c->due, clock_mono_ns() + c->reply.piece_gap_ns) < 0)
        srv_conn_close(l, c, true);
}

/* One turn writes at most this many buffers, so that an endless reply does not starve the rest. */
enum { BUFFERS_PER_TURN = 16 };

static void write_reply(SrvLoop *l, SrvConn *c)
{
    c->state = CONN_WRITING;
    for (int i = 0; i < BUFFERS_PER_TURN; i++) {
        bool paused = c->out_at == c->out_len && refill(c);
        if (!c->out_len) {
            end_reply(l, c);
            return;
        }
        int r = flush(c);
        if (r < 0)
            srv_conn_close(l, c, false);
        if (r <= 0)
            return;
        if (paused) {
            pause_reply(l, c);
            return;
        }
    }
    if (due_add(&l->due, &c->due, clock_mono_ns() + 1) < 0)
        srv_conn_close(l, c, true);
}

/* ---- input ---- */

/* Newest kernel timestamp of a message, brought to CLOCK_MONOTONIC; `now` when there is none. */
static uint64_t arrival_ns(struct msghdr *m, uint64_t now)
{
    for (struct cmsghdr *h = CMSG_FIRSTHDR(m); h; h = CMSG_NXTHDR(m, h)) {
        if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_TIMESTAMPNS)
            continue;
        struct timespec ts;
        memcpy(&ts, CMSG_DATA(h), sizeof ts);
        uint64_t wall = (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
        uint64_t wall_now = clock_wall_ns();
        uint64_t age = wall_now > wall ? wall_now - wall : 0;
        return age < now ? now - age : now;
    }
    return now;
}

/* Read what is there, as far as it fits. False when the client left. */
static bool read_input(SrvConn *c)
{
    while (c->in_len < CONN_IN_MAX) {
        char control[CMSG_SPACE(sizeof(struct timespec))];
        struct iovec v = { c->in + c->in_len, (size_t)(CONN_IN_MAX - c->in_len) };
        struct msghdr m = {
            .msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control
        };
        ssize_t n = recvmsg(c->fd, &m, 0);
        if (n > 0) {
            c->in_len += n;
            c->received_ns = arrival_ns(&m, clock_mono_ns());
        } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
            return false;
        } else if (errno == EAGAIN) {
            return true;
        }
    }
    return true;
}

static void drop_input(SrvConn *c, ptrdiff_t n)
{
    c->in_len -= n;
    memmove(c->in, c->in + n, (size_t)c->in_len);
}

static void start_text(SrvLoop *l, SrvConn *c, int status, char *text, bool keep)
{
    c->route = NULL;
    c->reply = srv_reply_text(status, text, keep, c->request.head);
    write_reply(l, c);
}

static void start_error(SrvLoop *l, SrvConn *c, int status, const char *text, bool keep)
{
    char *copy = strdup(text);
    assert(copy);
    start_text(l, c, status, copy, keep);
}

/* The plan's time has come. */
static void begin_reply(SrvLoop *l, SrvConn *c)
{
    c->reply = srv_reply_new(&c->route->o, c->plan.kind, c->request.keep_alive, c->request.head);
    if (c->reply.phase != PHASE_DONE)
        srv_route_did(c->route, &c->plan, clock_mono_ns());
    write_reply(l, c);
}

static void start_route(SrvLoop *l, SrvConn *c, SrvRoute *route)
{
    c->route = route;
    c->owes = true;
    c->plan = srv_route_plan(route, c->received_ns);
    c->state = CONN_DELAYING;
    if (c->plan.due_ns <= clock_mono_ns())
        begin_reply(l, c);
    else if (due_add(&l->due, &c->due, c->plan.due_ns) < 0)
        srv_conn_close(l, c, true);
}

/* A whole head stands at the start of the input. */
static void take_request(SrvLoop *l, SrvConn *c)
{
    Err err = { 0 };
    int status;
    char *text;
    Str target = c->request.target;
    if (srv_control(l, target, &status, &text)) {
        drop_input(c, c->request.head_bytes);
        start_text(l, c, status, text, c->request.keep_alive);
        return;
    }
    SrvRoute *route =
        c->route && str_eqz(target, c->route->target) ? c->route : srv_route(l, target, &err);
    drop_input(c, c->request.head_bytes);
    if (route) {
        start_route(l, c, route);
        return;
    }
    l->counts.not_found++;
    start_error(l, c, 404, err.msg, c->request.keep_alive);
}

/* Pass over the body of the request in hand. True when it is all there. */
static bool skip_body(SrvConn *c)
{
    uint64_t have = (uint64_t)(c->in_len - c->request.head_bytes);
    uint64_t take = MIN(have, c->skip_bytes);
    c->skip_bytes -= take;
    ptrdiff_t head = c->request.head_bytes;
    c->in_len -= (ptrdiff_t)take;
    memmove(c->in + head, c->in + head + take, (size_t)(c->in_len - head));
    return c->skip_bytes == 0;
}

/* Serve requests as long as they are whole and nothing is owed. */
static void process(SrvLoop *l, SrvConn *c)
{
    while (!c->closing && c->state == CONN_READING && c->in_len) {
        if (!c->skip_bytes) {
            int r = srv_request_parse((Str){ c->in, c->in_len }, &c->request);
            if (r == REQUEST_MORE && c->in_len < CONN_IN_MAX)
                return;
            if (r != 0 || c->request.head_bytes > CONN_HEAD_MAX) {
                l->counts.bad_requests++;
                c->request = (SrvRequest){ 0 };
                c->in_len = 0;
                start_error(l, c, 400, "bad request\n", false);
                return;
            }
            c->skip_bytes = c->request.body_bytes;
        }
        if (!skip_body(c))
            return;
        take_request(l, c);
    }
}

/* Read and serve until the socket is empty or something is owed. */
static void pump(SrvLoop *l, SrvConn *c)
{
    bool full;
    do {
        full = c->in_len == CONN_IN_MAX;
        bool open = read_input(c);
        full = full || c->in_len == CONN_IN_MAX;
        process(l, c); /* also what a leaving client sent last: it counts as received */
        if (!open)
            srv_conn_close(l, c, false);
    } while (full && !c->closing && c->state == CONN_READING);
}

void srv_conn_event(SrvLoop *l, SrvConn *c, uint32_t events)
{
    if (c->closing)
        return;
    if (c->state == CONN_WRITING && (events & EPOLLOUT) && !c->due.place)
        write_reply(l, c);
    if (c->closing)
        return;
    bool left = events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR);
    if (left && c->state != CONN_READING)
        srv_conn_close(l, c, false); /* its input buffer may be full: reading would not tell */
    else
        pump(l, c);
}

void srv_conn_due(SrvLoop *l, SrvConn *c)
{
    assert(!c->closing);
    if (c->state == CONN_DELAYING)
        begin_reply(l, c);
    else
        write_reply(l, c);
    if (!c->closing && c->state == CONN_READING)
        pump(l, c);
}
