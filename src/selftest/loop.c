/* The event loop. Connections are registered once, edge-triggered; timers are a heap; the next due
 * time decides how long epoll may sleep. */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "selftest/loop.h"

enum { EVENTS_MAX = 256 };

SrvRoute *srv_route(SrvLoop *l, Str target, Err *err)
{
    for (ptrdiff_t i = 0; i < l->n_routes; i++) {
        if (str_eqz(target, l->routes[i]->target))
            return l->routes[i];
    }
    if (l->n_routes == SRV_ROUTES_MAX) {
        err_set(err, -ENOSPC, "more than %d routes", SRV_ROUTES_MAX);
        return NULL;
    }
    SrvRoute *r = NULL;
    if (srv_route_parse(&l->arena, target, l->seed, &r, err) < 0)
        return NULL;
    l->routes[l->n_routes++] = r;
    return r;
}

static void accept_all(SrvLoop *l)
{
    int fd;
    while ((fd = accept4(l->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        l->counts.accepted++;
        srv_conn_open(l, fd);
    }
}

static void free_dead(SrvLoop *l)
{
    while (l->dead) {
        SrvConn *c = l->dead;
        l->dead = c->next;
        srv_reply_done(&c->reply);
        close(c->fd);
        free(c);
    }
}

/* Stand still like a stopped process: nothing is read, answered or accepted. */
static void freeze(SrvLoop *l)
{
    uint64_t from = clock_mono_ns(), until = from + l->freeze_for_ns;
    struct timespec ts = { .tv_sec = (time_t)(until / NS_PER_S),
                           .tv_nsec = (long)(until % NS_PER_S) };
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) == EINTR) {
    }
    l->counts.freezes++;
    l->counts.frozen_ns += clock_mono_ns() - from;
}

static void run_due(SrvLoop *l)
{
    Due *d;
    uint64_t now = clock_mono_ns(); /* fixed: what queues itself again waits for the next turn */
    while ((d = due_first(&l->due)) && d->at_ns <= now) {
        due_remove(&l->due, d);
        if (d == &l->freeze)
            freeze(l);
        else
            srv_conn_due(l, (SrvConn *)d);
    }
}

/* Wait for events until just before the next due time. */
static int wait_events(SrvLoop *l, struct epoll_event ev[EVENTS_MAX])
{
    Due *d = due_first(&l->due);
    struct timespec ts = { 0 }, *timeout = NULL;
    if (d || l->busy) {
        uint64_t now = clock_mono_ns(), until = d ? d->at_ns : 0;
        uint64_t sleep_ns = !l->busy && until > now + SRV_SPIN_NS ? until - now - SRV_SPIN_NS : 0;
        ts.tv_sec = (time_t)(sleep_ns / NS_PER_S);
        ts.tv_nsec = (long)(sleep_ns % NS_PER_S);
        timeout = &ts;
    }
    return epoll_pwait2(l->epoll_fd, ev, EVENTS_MAX, timeout, NULL);
}

static void dispatch(SrvLoop *l, const struct epoll_event *ev)
{
    if (ev->data.ptr == &l->listen_fd)
        accept_all(l);
    else if (ev->data.ptr == &l->stop_fd)
        l->stop = true;
    else
        srv_conn_event(l, ev->data.ptr, ev->events);
}

static int watch(SrvLoop *l, int *fd, Err *err)
{
    struct epoll_event ev = { .events = EPOLLIN, .data.ptr = fd };
    if (epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, *fd, &ev) < 0)
        return err_errno(err, -errno, "watch a descriptor");
    return 0;
}

int srv_run(SrvLoop *l, Err *err)
{
    struct epoll_event ev[EVENTS_MAX];
    prctl(PR_SET_TIMERSLACK, 1); /* else every sleep may be 50 µs long */
    TRY(watch(l, &l->listen_fd, err));
    TRY(watch(l, &l->stop_fd, err));
    while (!l->stop) {
        int n = wait_events(l, ev);
        if (n < 0 && errno != EINTR)
            return err_errno(err, -errno, "wait for events");
        for (int i = 0; i < n; i++) {
            dispatch(l, &ev[i]);
            run_due(l); /* a large batch must not hold up what is due */
        }
        run_due(l);
        free_dead(l);
    }
    return 0;
}

void srv_done(SrvLoop *l)
{
    while (l->conns)
        srv_conn_close(l, l->conns, false);
    free_dead(l);
    for (ptrdiff_t i = 0; i < l->n_routes; i++)
        srv_route_done(l->routes[i]);
    due_done(&l->due);
    arena_done(&l->arena);
}
