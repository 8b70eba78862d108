/* Programs that drivers start and speak to over stdin and stdout, each by one user or by several.
 *
 * One of those who wait is the reader (load/waiters.h): it owns the descriptor, reads for all and
 * wakes them. What the bytes say is the driver's (ChildSpeech); starting, sharing, waiting, ending
 * and starting again is done here.
 *
 * A driver's link begins with a ChildLink, its connection with a ChildSeat. One thread's. */
#pragma once

#include "base/str.h"
#include "drivers/child/minder.h"
#include "load/driver.h"
#include "load/waiters.h"

enum { CHILD_USERS_MAX = 1024, CHILD_CAUSES = 32, CHILD_TEXT_MAX = 160 };

typedef enum ChildState {
    CHILD_STARTING, /* until it is ready */
    CHILD_UP,
    CHILD_LEAVING, /* it let a call time out in silence: nobody joins any more */
    CHILD_BROKEN,  /* it closed its output, or wrote what it should not: to be buried */
    CHILD_DEAD,    /* all who waited know */
} ChildState;

typedef struct ChildLink ChildLink;

/* A user's place on a process; zeroed: none. */
typedef struct ChildSeat {
    Waiter wait; /* first, so that a waiter is its seat */
    ChildLink *link;
    uint64_t id;           /* place + CHILD_USERS_MAX × turn */
    uint64_t lines_before; /* of the link, when it sent */
    bool done;
    int result;        /* when done */
    const char *cause; /* … or NULL */
} ChildSeat;

static inline ChildSeat *child_seat_of(Waiter *w)
{
    return (ChildSeat *)(void *)w;
}

/* Causes are told as static text: the same text is the same pointer, and lasts as long as this. */
typedef struct ChildCauses {
    char v[CHILD_CAUSES][CHILD_TEXT_MAX];
    int n;
} ChildCauses;
const char *child_cause(ChildCauses *c, const char *text);

/* What the users of a thread share of one program. Zeroed is ready. */
typedef struct ChildPool {
    ChildLink *links;
    uint32_t n_lost; /* ended unasked, and not started again yet */
    uint64_t backoff_ns, retry_ns;
    ChildCauses causes;
} ChildPool;

/* How a driver speaks to its processes. */
typedef struct ChildSpeech {
    ptrdiff_t link_bytes;
    int start_metric, restarts_metric; /* the driver's: ns until ready; count */
    /* What the process wrote: counts n_lines, ends the seats that are answered (child_end), and
     * breaks the link (child_break) when it is not of the protocol. Must not park. */
    void (*feed)(VuIo *io, ChildLink *l, Str in);
    /* On the user that has started it: until the state is CHILD_UP. 0 or negative. */
    int (*greet)(VuIo *io, ChildSeat *s);
    void (*release)(ChildLink *l); /* free what the driver's part owns; NULL: nothing */
} ChildSpeech;

typedef struct ChildProgram {
    const ChildSpeech *speech;
    Minder *minder;
    int program;        /* which of the minder's */
    uint32_t processes; /* of each thread of the load; 0: one for each user */
} ChildProgram;

struct ChildLink {
    VuFd fd;
    ChildState state;
    int error;         /* when broken */
    const char *cause; /* … or NULL */
    const ChildProgram *program;
    ChildPool *pool;
    ChildLink *prev, *next;
    int slot; /* the minder's; -1: none */
    Waiters waiters;
    uint32_t n_users, most_users;
    uint64_t n_lines, n_answers; /* messages; … that answered an operation */
    bool flush_due;
    char *out; /* owned; what is to be written */
    ptrdiff_t out_at, n_out, cap_out;
    uint64_t turns[CHILD_USERS_MAX]; /* ids that a place has had */
    ChildSeat *seats[CHILD_USERS_MAX];
};

/* Join a process that has room, or start one and greet it. 0, OPEN_JOINED or negative: no seat. */
MUST_CHECK int child_join(VuIo *io, const ChildProgram *p, ChildPool *pool, ChildSeat *s);
/* Give the seat back; the last to leave ends the process, or, when the trial is over, leaves it to
 * child_pool_release: until then its memory can be looked at. */
void child_leave(VuIo *io, ChildSeat *s);
/* Driver.release_shared: end what outlived its users, who left when the trial was over. */
void child_pool_release(ChildPool *pool);
/* A new id for the seat's next call: answers to the one before are late from now on. */
void child_renew(ChildSeat *s);
/* Room for `bytes` to be written next; NULL: no memory. */
char *child_reserve(ChildLink *l, ptrdiff_t bytes);
/* So many were put there, by a seat that awaits nothing; written without waiting. */
void child_post(ChildLink *l, ptrdiff_t bytes);
/* So many were put there: write them, and wait until the seat is done. As Driver.call. */
MUST_CHECK int child_exchange(VuIo *io, ChildSeat *s, ptrdiff_t bytes);
/* One step of waiting: read for all, or park until woken. 0 (look again) or the verdict. */
MUST_CHECK int child_wait(VuIo *io, ChildLink *l);
/* Is the process there still? Takes what has come unasked. */
bool child_is_up(VuIo *io, ChildLink *l);
/* Wait without a call until the process is lost. */
MUST_CHECK int child_keep(VuIo *io, ChildSeat *s);

/* ---- for feed ---- */

/* Whom an id belongs to, or NULL; then *ret_late says that somebody had it before. */
ChildSeat *child_find(const ChildLink *l, uint64_t id, bool *ret_late);
/* The seat's wait is over. `cause` NULL: leaves the one it has. */
void child_end(ChildSeat *s, int result, const char *cause);
void child_break(ChildLink *l, int error, const char *cause);
