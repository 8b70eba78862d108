/* A worker process that one or several users speak to. As with streams on a connection, one of
 * those who wait is the reader: it owns the descriptor, reads for all and wakes them; a reader that
 * leaves names another. */
#pragma once

#include "drivers/exec/exec.h"

enum { EXEC_USERS_MAX = 1024, EXEC_CAUSES = 32 };

typedef enum ExecState {
    EXEC_STARTING, /* until its greeting has come */
    EXEC_UP,
    EXEC_LEAVING, /* it let a call time out in silence: nobody joins any more */
    EXEC_BROKEN,  /* it closed its output, or wrote what it should not: to be buried */
    EXEC_DEAD,    /* all who waited know */
} ExecState;

typedef struct ExecLink ExecLink;

/* A user's place on a worker; zeroed: none. */
typedef struct ExecSession {
    ExecLink *link;
    VuIo *io;
    struct ExecSession *prev, *next; /* among those who wait */
    bool waiting;
    uint64_t id;
    uint32_t pending, good; /* answers still to come; those that were well */
    uint64_t lines_before;  /* of the link, when it sent */
    Outcome *out;           /* of the operation at hand, or NULL */
    bool failed, done;
    FailClass fail;
    const char *cause;
    int result;
} ExecSession;

/* What the users of a thread share. */
typedef struct ExecPool {
    ExecLink *links;
    uint32_t n_lost; /* ended unasked, and not started again yet */
    uint64_t backoff_ns, retry_ns;
    char causes[EXEC_CAUSES][EXEC_TEXT_MAX];
    int n_causes;
} ExecPool;

struct ExecLink {
    VuFd fd;
    ExecState state;
    int error;         /* when broken */
    const char *cause; /* … or NULL */
    const ExecTarget *target;
    ExecPool *pool;
    ExecLink *prev, *next;
    int slot; /* the minder's */
    ExecSession *head, *tail;
    VuIo *reader; /* NULL: nobody waits */
    uint32_t n_users, most_users;
    uint64_t n_lines, n_answers;
    bool flush_due;
    char *out; /* owned; what is to be written */
    ptrdiff_t out_at, n_out, cap_out;
    ExecParser parser;
    uint64_t turns[EXEC_USERS_MAX];        /* sessions that a place has had */
    ExecSession *sessions[EXEC_USERS_MAX]; /* by place; id = place + EXEC_USERS_MAX × turn */
};

/* Join a worker that has room, or start one; then the session's own `open`. 0, OPEN_JOINED or
 * negative: no session. */
MUST_CHECK int exec_join(VuIo *io, const ExecTarget *t, ExecSession *s);
/* Close the session; the last to leave ends the worker. */
void exec_leave(VuIo *io, ExecSession *s);
/* n answers are to come. Room for `bytes` of lines follows; NULL: no memory. */
char *exec_begin(ExecSession *s, uint32_t n, ptrdiff_t bytes);
/* Write what was put there, and wait for the answers. As Driver.call. */
MUST_CHECK int exec_exchange(VuIo *io, ExecSession *s, ptrdiff_t bytes);
/* Is the worker there still? Takes what has come unasked. */
bool exec_is_up(VuIo *io, ExecLink *l);
/* Wait without a call until the worker is lost. */
MUST_CHECK int exec_keep(VuIo *io, ExecSession *s);
