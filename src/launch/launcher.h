/* The launcher process seen from assay; command.c and service.c are built on it.
 *
 * The launcher's program is carried inside assay and executed from a memfd, so that an install
 * stays one file. It lives in a process group of its own: ^C reaches assay only, which decides. */
#pragma once

#include "base/arena.h"
#include "base/opt.h"
#include "launch/command.h"
#include "launch/perf.h"
#include "launch/wire.h"

/* What to start. All borrowed for the call. */
typedef struct LaunchJob {
    const char *path; /* of the program, as execve takes it */
    const char *cwd;  /* NULL: where assay is */
    const char *const *argv;
    ptrdiff_t n_argv;
    const StrMap *env;     /* added to assay's environment; may be NULL */
    uint64_t pad;          /* bytes of ASSAY_PAD; 0: no such variable */
    int fds[3];            /* stdin, stdout, stderr; stay the caller's */
    LaunchRequest request; /* kind, flags, times, stop_signal; the rest is filled in */
} LaunchJob;

/* Send the job. 0 or negative errno. */
MUST_CHECK int launcher_send(Launcher *l, const LaunchJob *job, Err *err);
/* Wait for the next reply, at most until *stop becomes true (NULL: never), then -EINTR; a stop that
 * was true on entry is not looked at. timeout_ms < 0: none; when it passes, -ETIMEDOUT. -EPIPE when
 * the launcher died. */
MUST_CHECK int launcher_wait(Launcher *l, const volatile bool *stop, int timeout_ms,
                             LaunchReply *ret, Err *err);
/* Ask for the end of what runs. */
void launcher_stop(Launcher *l, int sig, uint64_t grace_ns);
/* Readable when a reply waits or the launcher is gone; for poll(). */
int launcher_fd(const Launcher *l);
int launcher_pid(const Launcher *l);
/* Counters of all that it starts, opened at the first question; NULL when there are none. */
PerfSet *launcher_counters(Launcher *l);
/* What launcher_on_stop (command.h) said, or NULL. */
const volatile bool *launcher_stop_flag(const Launcher *l);
/* Words for a reply's error: "cannot change to folder 'x': …", "cannot run 'x': …". */
int launcher_refused(const LaunchReply *reply, const LaunchJob *job, Err *err);
