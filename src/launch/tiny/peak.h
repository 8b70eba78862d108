/* Peak memory of one run.
 *
 * ru_maxrss is not exact on today's kernels: a process's counters are kept per CPU and folded in
 * batches (percpu_counter, since Linux 6.2), so the figure misses up to some dozens of pages per
 * CPU that the process ran on. /proc/PID/status sums all parts and is exact, but gone when the
 * process is. Hence three sources:
 *
 *   1. For a process that is alone and lives longer than PEAK_FIRST_NS: attach with PTRACE_SEIZE,
 *      ask for a stop on exit only, and read VmHWM there. It costs one stop (about 40 us, of which
 *      the part that the process stands still is taken off the wall time). At the first signal for
 *      the process we let go of it for good, so that no program is slowed twice, and a shell with
 *      children is never held at all. Pages freed before the exit are known by the kernel's
 *      estimate and by source 3 only.
 *   2. For shorter ones, and where tracing is not allowed: ru_maxrss.
 *   3. For several processes alive at once: the sum of their resident sizes, sampled at 1 to 20 ms,
 *      faster while it moves, never at more than 1 % of a core. */
#pragma once

#include "launch/tiny/tree.h"
#include "launch/wire.h"

enum { PEAK_FIRST_NS = 2000000 };

typedef struct Peak {
    int pid;
    uint32_t page_bytes;
    bool no_trace, traced, several;
    int status_fd;       /* of the traced process, else -1 */
    int learn_fd;        /* executable to be searched once the run is over, else -1 */
    uint64_t exit_bytes; /* VmHWM on exit, 0 while unknown */
    uint64_t sampled_bytes, last_pages;
    uint64_t next_ns, gap_ns; /* when to look again */
    uint64_t held_ns;         /* how long the process stood still on our account */
} Peak;

void peak_begin(Peak *p, int pid, uint32_t page_bytes, bool no_trace, uint64_t now_ns);
/* Reap orphans that ended (not p->pid, not those in `skip`) and add their bill to *orphans. */
void peak_reap_orphans(Peak *p, const Tree *skip, struct rusage *orphans);
/* Look at the tree; attach when it is time; reap orphans. */
void peak_tick(Peak *p, const Tree *skip, struct rusage *orphans);
/* The process stopped (wait status). False when that was not ours to handle. */
bool peak_stopped(Peak *p, int status);
/* The process is gone: fill in the figure and how it was got. */
void peak_end(Peak *p, const struct rusage *ru, LaunchReply *ret);
/* Add the times and counts of b to a. */
void rusage_add(struct rusage *a, const struct rusage *b);
