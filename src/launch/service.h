/* Servers that a run starts, awaits, watches and stops – by pid, also after a crash of assay. */
#pragma once

#include "model/spec.h"

typedef struct Service Service;

/* Start (or attach to spec->pid / pidfile) and wait until ready. `name` labels logs; `url` is the
 * target's (for the ready check, see ready.h), may be NULL; `dir` is the suite's folder, from which
 * relative paths of the spec count (NULL: where assay is). All strings are borrowed for the call.
 *
 * The child gets its own process group and a launcher of its own that ends it and everything that
 * came of it, daemons too, when assay ends, even by kill -9 (then it has 2 s of grace at most).
 * Refused when another process serves the port already. With `start` and `pidfile` the file names
 * the main process once the server is ready. Without start, pid and pidfile only the ready check is
 * made.
 *
 * Negative when it exits early or isn't ready in time (-ECHILD, -ETIMEDOUT; the message ends with
 * the last lines of its log), or -EINTR when *stop became true. Nothing is left running then. */
MUST_CHECK int service_start(Service **ret, const char *name, const ServiceSpec *spec,
                             const char *url, const char *dir, const volatile bool *stop, Err *err);
/* Root of the process tree to watch; 0 when there is none. A server that went into the background
 * has another root afterwards: ask again when the process is gone. */
int service_pid(const Service *s);
/* Did it exit by itself? Then *ret_status is its wait status (0 for a process that assay did not
 * start: nobody tells). Going into the background is no exit. */
bool service_exited(Service *s, int *ret_status);
/* Stop signal to its process groups, wait, KILL to all that is left; reaps them. A process that
 * assay did not start is left alone. Accepts NULL. */
Service *service_stop(Service *s);
void service_stopp(Service **s);
