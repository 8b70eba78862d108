/* How long a thread was on a core, and how long it stood ready without one.
 *
 * Linux, Documentation/scheduler/sched-stats.rst: /proc/PID/task/TID/schedstat. Kernels without
 * CONFIG_SCHED_INFO have no such file, or only zeros. (/proc/PID/schedstat is the first thread's,
 * not the process's.) */
#pragma once

#include "base/str.h"

typedef struct SchedStat {
    uint64_t run_ns, wait_ns; /* since the thread began */
} SchedStat;

/* "135511 58037 2\n". 0, or -EINVAL and *ret stays. */
MUST_CHECK int schedstat_parse(Str text, SchedStat *ret);
/* Read the file at `path`: 0, or a negative errno and *ret stays. About 5 µs. */
MUST_CHECK int schedstat_read(const char *path, SchedStat *ret);

#define SCHEDSTAT_OWN_THREAD "/proc/thread-self/schedstat"
