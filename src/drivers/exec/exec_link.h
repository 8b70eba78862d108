/* A user's place on a worker process, and what both say: lines. Processes are drivers/child's. */
#pragma once

#include "drivers/exec/exec.h"

/* Zeroed: none. */
typedef struct ExecSession {
    ChildSeat seat;         /* first */
    uint32_t pending, good; /* answers still to come; those that were well */
    Outcome *out;           /* of the operation at hand, or NULL */
    bool failed;
    FailClass fail;
} ExecSession;

/* What the users of a thread share. */
typedef struct ExecPool {
    ChildPool pool;
} ExecPool;

extern const ChildSpeech exec_speech;

/* Join a worker that has room, or start one; then the session's own `open`. 0, OPEN_JOINED or
 * negative: no session. */
MUST_CHECK int exec_join(VuIo *io, const ExecTarget *t, ExecSession *s);
/* Close the session; the last to leave ends the worker. */
void exec_leave(VuIo *io, ExecSession *s);
/* n answers are to come. Room for `bytes` of lines follows; NULL: no memory. */
char *exec_begin(ExecSession *s, uint32_t n, ptrdiff_t bytes);
