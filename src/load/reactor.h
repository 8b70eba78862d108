/* The event loop under a worker's virtual users: readiness, deadlines, sleepers. One thread.
 *
 * Invariants
 *   1. A user is parked in at most one place: waiting for its descriptor, asleep in the heap,
 *      parked until woken, woken and in line, or idle (its owner knows where). Whoever wakes it
 *      takes it out of that place first.
 *   2. Descriptors are registered once, edge-triggered for both directions. VuFd.readable and
 *      .writable hold what the edges said; they are cleared only by a system call that came back
 *      short, so an edge is never lost.
 *   3. All deadlines are the same length, so they expire in the order they were set: a list will
 *      do.
 *   4. Nothing here allocates after reactor_init.
 *   5. Users never resume each other: vu_wake puts the woken in line, and the loop resumes them in
 *      that order, before it looks at the next event; at most REACTOR_LINE of them in one turn, so
 *      that users who keep each other awake leave the others their time. */
#pragma once

#include <sys/epoll.h>

#include "load/coro.h"
#include "load/driver.h"

enum { REACTOR_EVENTS = 128, REACTOR_LINE = 1024, REACTOR_SCRATCH_BYTES = 64 * 1024 };

typedef enum VuWait {
    VU_WAIT_NONE,
    VU_WAIT_READ,
    VU_WAIT_WRITE,
    VU_WAIT_ANY, /* for whatever happens on the descriptor */
    VU_WAIT_SLEEP,
    VU_WAIT_PARK, /* until woken; its deadline holds */
    VU_WAIT_LINE, /* woken, in the loop's line */
    VU_WAIT_IDLE
} VuWait;

typedef struct Reactor Reactor;

struct VuIo {
    Reactor *loop;
    Coro *coro;
    VuWait wait;
    VuFd *wait_fd;
    int verdict; /* 0, -ETIMEDOUT, -ETIME or -ECANCELED: what every vu_… call returns by now */
    Outcome *outcome;  /* stamped while call() runs, else NULL */
    const char *cause; /* why open() fails; NULL: the errno says it all */
    bool has_deadline;
    uint64_t deadline_ns;
    VuIo *deadline_prev, *deadline_next;
    uint64_t wake_ns;            /* VU_WAIT_SLEEP */
    bool has_alarm;              /* in the heap for vu_alarm, wherever it is parked */
    ptrdiff_t heap_at;           /* VU_WAIT_SLEEP or alarm: place in the heap */
    VuIo *line_prev, *line_next; /* VU_WAIT_LINE */
    Draw *draw;                  /* borrowed */
    void *session;               /* borrowed; what vu_session gives */
    struct Figures *figures;     /* where vu_record adds; NULL: nowhere */
    struct StreamSub *inbox;     /* borrowed; where vu_deliver counts; NULL: no subscriber */
    uint64_t n_parks;
};

struct Reactor {
    int epfd;
    uint64_t now_ns;     /* the last time anybody looked at the clock */
    uint64_t timeout_ns; /* length of every deadline */
    uint64_t lead_ns;    /* wake up this much before a due time and poll for the rest */
    uint64_t lead_max_ns;
    uint64_t polled_ns; /* time spent polling for due times instead of sleeping */
    VuIo *deadline_head, *deadline_tail;
    VuIo **heap; /* [n_heap] sleepers, the earliest first; room for every user */
    ptrdiff_t n_heap, cap_heap;
    VuIo *line_head, *line_tail; /* woken, the first to go on first */
    int line_left;               /* how many more may go on in this turn */
    void *shared;                /* borrowed; what vu_shared gives */
    void *scratch;               /* [REACTOR_SCRATCH_BYTES] owned */
    bool no_pwait2;              /* a kernel before 5.11 */
    int n_events, at_event;
    struct epoll_event events[REACTOR_EVENTS];
};

/* For at most n_users. -EMFILE, -ENOMEM. */
MUST_CHECK int reactor_init(Reactor *l, ptrdiff_t n_users, uint64_t timeout_ns, bool spin,
                            Err *err);
void reactor_done(Reactor *l);

/* Wait for events until the clock shows `until_ns`, or a deadline or sleeper is due, or at once
 * when that is past. `exact` says that being late for until_ns matters. Then expire deadlines, wake
 * sleepers, and leave the events to reactor_next. */
void reactor_wait(Reactor *l, uint64_t until_ns, bool exact);
/* Handle one event of the batch: note readiness, resume the user that waits for it. False when the
 * batch is done. */
bool reactor_next(Reactor *l);
/* The descriptor is about to be closed: what the batch still holds for it is void, also when its
 * memory is used again at once. */
void reactor_forget(Reactor *l, const VuFd *f);

/* The user goes on. It must be parked, and taken out of its place. */
void reactor_resume(VuIo *io);
/* From inside a user: park idle until its owner resumes it. */
void vu_park_idle(VuIo *io);
/* From inside: park until `f` is ready in that direction, or may be. 0, or the user's verdict. */
MUST_CHECK int vu_wait_fd(VuIo *io, VuFd *f, VuWait wait);
/* From inside: something that may take one timeout begins, at `now_ns`, and ends. */
void vu_begin(VuIo *io, uint64_t now_ns);
void vu_end(VuIo *io);
/* From outside: everything this user does returns -ECANCELED from now on; resumes it if parked
 * anywhere but idle. */
void vu_cancel(VuIo *io);
