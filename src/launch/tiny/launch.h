/* The launcher's two jobs. Both end the launcher (never return) when assay is gone. */
#pragma once

#include "launch/tiny/spawn.h"

typedef struct Launch {
    int events; /* signalfd: a child changed its state */
} Launch;

/* fds: plan, stdin, stdout, stderr; closed here. */
void launch_run(Launch *l, const LaunchRequest *q, int fds[LAUNCH_N_FDS]);
void launch_serve(Launch *l, const LaunchRequest *q, int fds[LAUNCH_N_FDS]);

/* Receive a request with its descriptors (-1 where none came). Returns 1; 0 when assay is gone, -1
 * when nothing is there yet (only without `wait`). */
int launch_receive(LaunchRequest *ret, int fds[LAUNCH_N_FDS], bool wait);
void launch_reply(const LaunchReply *r);
/* Let changes of children's states be heard through `events` (SIGCHLD must be blocked for that), or
 * not: the default, because a signal that nobody waits for still costs a microsecond. */
void launch_hear_children(bool on);
/* Forget the state changes seen so far. */
void launch_clear_events(Launch *l);
