/* Starting a child from a plan. */
#pragma once

#include "launch/tiny/sys.h"
#include "launch/wire.h"

typedef struct Plan {
    char *map; /* owned mapping of the plan's memfd */
    uint64_t bytes;
    const char *path, *cwd;
    char **argv, **env;
} Plan;

/* Map the plan and point its table at its strings. 0 or a negative errno. */
int plan_open(Plan *p, const LaunchRequest *q, int fd);
void plan_close(Plan *p);

/* Start the child in a process group of its own, with an empty signal mask and default
 * dispositions; it is killed if the launcher dies. Returns after exec: its pid; or a negative errno
 * with *ret_stage. */
int spawn(const Plan *p, const int fds[3], uint32_t *ret_stage);
