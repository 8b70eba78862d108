/* Servers that a run starts, awaits, watches and stops – by pid, also after a crash of assay. */
#pragma once

#include "model/spec.h"

typedef struct Service Service;

/* Start (or attach to spec->pid / pidfile) and wait until ready. `name` labels logs; `url` is the
 * target's (for the ready check), may be NULL; `dir` is the suite's folder. The child gets its own
 * process group and dies with assay (PR_SET_PDEATHSIG through a tiny supervisor), so nothing is
 * left behind even after kill -9 of assay. Negative when it exits early or isn't ready in time; the
 * message ends with the last lines of its log. */
MUST_CHECK int service_start(Service **ret, const char *name, const ServiceSpec *spec,
                             const char *url, const char *dir, const volatile bool *stop, Err *err);
/* Root of the process tree to watch; 0 when there is none. */
int service_pid(const Service *s);
/* Did it exit by itself? Then *ret_status is its wait status. */
bool service_exited(Service *s, int *ret_status);
/* Stop signal, wait, KILL; reaps the group. Accepts NULL. */
Service *service_stop(Service *s);
void service_stopp(Service **s);
