/* How long the threads of a process stood ready without a core: run delay from
 * /proc/PID/task/TID/schedstat (Documentation/scheduler/sched-stats.rst, second field). Threads
 * come and go while it is watched; what one waited after the last look before its end is missed.
 * One thread. */
#pragma once

#include "base/macros.h"

enum { SCHED_THREADS_MAX = 128 };

typedef struct SchedThread {
    int tid;
    uint64_t before_ns, waited_ns; /* when first seen (0 if born while watched), and by now */
} SchedThread;

typedef struct SchedWatch {
    int pid;             /* 0: nothing is watched */
    int skip_tid;        /* the watcher's own thread, 0: none */
    bool looked;         /* at least once */
    uint64_t longest_ns; /* most that was waited between two looks, over all threads */
    SchedThread threads[SCHED_THREADS_MAX]; /* more are not counted */
    ptrdiff_t n;
} SchedWatch;

/* Look now; the first look makes what threads waited before not count. Cost: ~10 µs per thread. */
void sched_look(SchedWatch *w);
/* Sum over threads since the first look, ns; 0 where the kernel doesn't say. */
uint64_t sched_waited_ns(const SchedWatch *w);
