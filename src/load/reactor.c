#include "load/reactor.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"

enum {
    LEAD_MAX_NS = 25 * 1000,       /* without --spin: what may be burnt per sleep */
    LEAD_SPIN_MAX_NS = 400 * 1000, /* with */
    LEAD_UP_NS = 800,
    LEAD_DOWN_NS = 200,
};

int reactor_init(Reactor *l, ptrdiff_t n_users, uint64_t timeout_ns, bool spin, Err *err)
{
    *l = (Reactor){ .epfd = -1, .timeout_ns = timeout_ns, .cap_heap = n_users };
    l->lead_max_ns = spin ? LEAD_SPIN_MAX_NS : LEAD_MAX_NS;
    l->lead_ns = spin ? LEAD_SPIN_MAX_NS / 4 : 0;
    l->heap = calloc((size_t)MAX(n_users, (ptrdiff_t)1), sizeof(VuIo *));
    l->scratch = malloc(REACTOR_SCRATCH_BYTES);
    if (!l->heap || !l->scratch) {
        reactor_done(l);
        return err_set(err, -ENOMEM, "event loop for %td users", n_users);
    }
    l->epfd = epoll_create1(EPOLL_CLOEXEC);
    if (l->epfd < 0) {
        int r = -errno;
        reactor_done(l);
        return err_errno(err, r, "epoll_create1");
    }
    l->now_ns = clock_mono_ns();
    return 0;
}

void reactor_done(Reactor *l)
{
    if (l->epfd >= 0)
        close(l->epfd);
    free(l->heap);
    free(l->scratch);
    *l = (Reactor){ .epfd = -1 };
}

/* ---- sleepers: a binary heap whose members know their place ---- */

static void heap_put(Reactor *l, ptrdiff_t at, VuIo *io)
{
    l->heap[at] = io;
    io->heap_at = at;
}

static void heap_up(Reactor *l, ptrdiff_t at)
{
    VuIo *io = l->heap[at];
    for (; at > 0; at = (at - 1) / 2) {
        VuIo *above = l->heap[(at - 1) / 2];
        if (above->wake_ns <= io->wake_ns)
            break;
        heap_put(l, at, above);
    }
    heap_put(l, at, io);
}

static void heap_down(Reactor *l, ptrdiff_t at)
{
    VuIo *io = l->heap[at];
    for (;;) {
        ptrdiff_t kid = 2 * at + 1;
        if (kid >= l->n_heap)
            break;
        if (kid + 1 < l->n_heap && l->heap[kid + 1]->wake_ns < l->heap[kid]->wake_ns)
            kid++;
        if (io->wake_ns <= l->heap[kid]->wake_ns)
            break;
        heap_put(l, at, l->heap[kid]);
        at = kid;
    }
    heap_put(l, at, io);
}

static void heap_add(Reactor *l, VuIo *io)
{
    assert(l->n_heap < l->cap_heap);
    heap_put(l, l->n_heap++, io);
    heap_up(l, io->heap_at);
}

static void heap_remove(Reactor *l, VuIo *io)
{
    ptrdiff_t at = io->heap_at;
    assert(l->heap[at] == io);
    VuIo *last = l->heap[--l->n_heap];
    if (last == io)
        return;
    heap_put(l, at, last);
    heap_up(l, at);
    heap_down(l, last->heap_at);
}

/* ---- deadlines: a list in the order they expire ---- */

static void deadline_unlink(VuIo *io)
{
    Reactor *l = io->loop;
    *(io->deadline_prev ? &io->deadline_prev->deadline_next : &l->deadline_head) =
        io->deadline_next;
    *(io->deadline_next ? &io->deadline_next->deadline_prev : &l->deadline_tail) =
        io->deadline_prev;
    io->has_deadline = false;
}

void vu_begin(VuIo *io, uint64_t now_ns)
{
    Reactor *l = io->loop;
    assert(!io->has_deadline);
    io->deadline_ns = now_ns + l->timeout_ns;
    if (l->deadline_tail) /* users' clocks differ by less than a batch: keep the order */
        io->deadline_ns = MAX(io->deadline_ns, l->deadline_tail->deadline_ns);
    io->deadline_prev = l->deadline_tail;
    io->deadline_next = NULL;
    *(l->deadline_tail ? &l->deadline_tail->deadline_next : &l->deadline_head) = io;
    l->deadline_tail = io;
    io->has_deadline = true;
}

void vu_end(VuIo *io)
{
    if (io->has_deadline)
        deadline_unlink(io);
    vu_alarm(io, 0);
    if (io->verdict == -ETIMEDOUT || io->verdict == -ETIME)
        io->verdict = 0;
}

void vu_alarm(VuIo *io, uint64_t mono_ns)
{
    if (io->has_alarm)
        heap_remove(io->loop, io);
    io->has_alarm = mono_ns != 0;
    if (io->verdict == -ETIME)
        io->verdict = 0;
    if (!mono_ns)
        return;
    io->wake_ns = mono_ns;
    heap_add(io->loop, io);
}

/* ---- parking ---- */

void reactor_resume(VuIo *io)
{
    assert(io->wait != VU_WAIT_NONE);
    io->wait = VU_WAIT_NONE;
    coro_resume(io->coro);
}

static void park(VuIo *io, VuWait wait)
{
    assert(io->wait == VU_WAIT_NONE);
    io->wait = wait;
    io->n_parks++;
    coro_yield(io->coro);
    assert(io->wait == VU_WAIT_NONE);
}

void vu_park_idle(VuIo *io)
{
    park(io, VU_WAIT_IDLE);
}

int vu_wait_fd(VuIo *io, VuFd *f, VuWait wait)
{
    io->wait_fd = f;
    park(io, wait);
    io->wait_fd = NULL;
    return io->verdict;
}

int vu_sleep_until(VuIo *io, uint64_t mono_ns)
{
    assert(!io->has_alarm);
    if (io->verdict < 0)
        return io->verdict;
    io->wake_ns = mono_ns;
    heap_add(io->loop, io);
    park(io, VU_WAIT_SLEEP);
    return io->verdict;
}

static void line_add(VuIo *io)
{
    Reactor *l = io->loop;
    io->line_prev = l->line_tail;
    io->line_next = NULL;
    *(l->line_tail ? &l->line_tail->line_next : &l->line_head) = io;
    l->line_tail = io;
}

static void line_remove(VuIo *io)
{
    Reactor *l = io->loop;
    *(io->line_prev ? &io->line_prev->line_next : &l->line_head) = io->line_next;
    *(io->line_next ? &io->line_next->line_prev : &l->line_tail) = io->line_prev;
}

int vu_park(VuIo *io)
{
    if (io->verdict < 0)
        return io->verdict;
    park(io, VU_WAIT_PARK);
    return io->verdict;
}

void vu_wake(VuIo *io)
{
    if (io->wait != VU_WAIT_PARK && io->wait != VU_WAIT_ANY)
        return;
    io->wait = VU_WAIT_LINE;
    line_add(io);
}

void vu_yield(VuIo *io)
{
    if (io->verdict < 0)
        return;
    line_add(io);
    park(io, VU_WAIT_LINE);
}

static void unpark(VuIo *io)
{
    if (io->wait == VU_WAIT_SLEEP)
        heap_remove(io->loop, io);
    if (io->wait == VU_WAIT_LINE)
        line_remove(io);
    reactor_resume(io);
}

void vu_cancel(VuIo *io)
{
    io->verdict = -ECANCELED;
    if (io->wait != VU_WAIT_NONE && io->wait != VU_WAIT_IDLE)
        unpark(io);
}

/* ---- turning ---- */

static int wait_events(Reactor *l, uint64_t ns)
{
    if (!l->no_pwait2) {
        struct timespec ts = { .tv_sec = (time_t)(ns / NS_PER_S),
                               .tv_nsec = (long)(ns % NS_PER_S) };
        int n = epoll_pwait2(l->epfd, l->events, REACTOR_EVENTS, &ts, NULL);
        if (n >= 0 || errno != ENOSYS)
            return n;
        l->no_pwait2 = true;
    }
    /* rounded down: what is left of a millisecond is polled away */
    return epoll_wait(l->epfd, l->events, REACTOR_EVENTS, (int)MIN(ns / NS_PER_MS, UINT64_C(1000)));
}

/* Timers wake up late by what the machine takes to leave its idle state. Aim earlier by what it
 * took recently (a stochastic estimate of its 80th percentile) and poll for what is then left. */
static void learn_lead(Reactor *l, bool late)
{
    if (late)
        l->lead_ns = MIN(l->lead_ns + LEAD_UP_NS, l->lead_max_ns);
    else
        l->lead_ns -= MIN(l->lead_ns, (uint64_t)LEAD_DOWN_NS);
}

/* Sleep, then poll, until target_ns; events end it early. */
static int wait_exactly(Reactor *l, uint64_t target_ns)
{
    int n = 0;
    uint64_t now = clock_mono_ns();
    if (target_ns > now + l->lead_ns) {
        n = wait_events(l, target_ns - l->lead_ns - now);
        now = clock_mono_ns();
        if (n == 0)
            learn_lead(l, now > target_ns);
    }
    uint64_t from = now;
    while (n == 0 && now < target_ns) {
        n = wait_events(l, 0);
        now = clock_mono_ns();
    }
    l->polled_ns += now - from;
    l->now_ns = now;
    return n;
}

static void expire_deadlines(Reactor *l)
{
    while (l->deadline_head && l->deadline_head->deadline_ns <= l->now_ns) {
        VuIo *io = l->deadline_head;
        deadline_unlink(io);
        if (io->verdict == 0)
            io->verdict = -ETIMEDOUT;
        if (io->wait != VU_WAIT_NONE)
            unpark(io);
    }
}

static void wake_sleepers(Reactor *l)
{
    uint64_t now = l->now_ns; /* who goes back to sleep until now waits for the next turn */
    ptrdiff_t n = l->n_heap;
    while (n-- > 0 && l->n_heap && l->heap[0]->wake_ns <= now) {
        VuIo *io = l->heap[0];
        if (io->has_alarm) {
            vu_alarm(io, 0);
            io->verdict = io->verdict ? io->verdict : -ETIME;
        }
        unpark(io);
    }
}

void reactor_wait(Reactor *l, uint64_t until_ns, bool exact)
{
    uint64_t target = l->line_head ? l->now_ns : until_ns;
    if (l->deadline_head)
        target = MIN(target, l->deadline_head->deadline_ns);
    if (l->n_heap && l->heap[0]->wake_ns < target) {
        target = l->heap[0]->wake_ns;
        exact = true;
    }
    int n;
    if (exact && target > l->now_ns) {
        n = wait_exactly(l, target);
    } else {
        n = wait_events(l, target > l->now_ns ? target - l->now_ns : 0);
        l->now_ns = clock_mono_ns();
    }
    assert(n >= 0 || errno == EINTR);
    l->n_events = MAX(n, 0);
    l->at_event = 0;
    l->line_left = REACTOR_LINE;
    expire_deadlines(l);
    wake_sleepers(l);
}

void reactor_forget(Reactor *l, const VuFd *f)
{
    for (int i = l->at_event; i < l->n_events; i++)
        if (l->events[i].data.ptr == f)
            l->events[i].data.ptr = NULL;
}

static bool is_waited_for(const VuFd *f, const VuIo *io)
{
    if (io->wait_fd != f)
        return false;
    return io->wait == VU_WAIT_ANY || (io->wait == VU_WAIT_READ && f->readable) ||
           (io->wait == VU_WAIT_WRITE && f->writable);
}

bool reactor_next(Reactor *l)
{
    if (l->line_head && l->line_left > 0) {
        l->line_left--;
        unpark(l->line_head);
        return true;
    }
    if (l->at_event >= l->n_events)
        return false;
    const struct epoll_event *e = &l->events[l->at_event++];
    VuFd *f = e->data.ptr;
    if (!f) /* closed earlier in this batch */
        return true;
    VuIo *io = f->io;
    bool gone = e->events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR);
    f->hung_up |= gone;
    f->readable |= gone || (e->events & EPOLLIN);
    f->writable |= gone || (e->events & EPOLLOUT);
    if (is_waited_for(f, io))
        reactor_resume(io);
    return true;
}
