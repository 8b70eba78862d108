/* What the kernel tells only thread by thread: context switches, waits for a core, and which thread
 * is the busiest. A walk over all threads of a process tree, once a second.
 *
 * The sums count what each thread was seen to have; what a thread did between the last walk and its
 * end is not seen, so they are lower bounds where threads are short-lived.
 *
 * One thread at a time. */
#pragma once

#include "base/schedstat.h"
#include "probe/tree.h"

enum { THREADS_MAX = 4096, THREAD_NAME_MAX = 32 };

typedef struct ThreadSeen {
    int pid, tid;
    bool in_walk;                   /* seen in the walk under way */
    SchedStat sched, sched_at_mark; /* zeros where the kernel does not tell */
    uint64_t switches_waited, switches_forced;
    char name[THREAD_NAME_MAX]; /* NUL-terminated, cut */
} ThreadSeen;

typedef struct Threads {
    ThreadSeen *v; /* [n], owned, room for THREADS_MAX; nearly in the order of the last walk */
    int n, cursor;
    bool walked;   /* a first walk was made: whoever is new now started since */
    bool too_many; /* more than THREADS_MAX: figures are missing from then on */
    bool no_sched; /* this kernel has no schedstat */
    uint64_t wait_ns, switches, switches_forced; /* since the first walk */
} Threads;

MUST_CHECK int threads_init(Threads *w, Err *err);
void threads_done(Threads *w);
/* Walk; writes FIG_TARGET_SWITCHES, _SWITCHES_FORCED and _RUN_WAIT. Cost: 25 µs per thread. Never
 * allocates. */
void threads_walk(Threads *w, const Tree *t, ProcBuf *buf, Sample *ret);
/* The measured part begins; call after a walk. */
void threads_mark(Threads *w);
/* The living thread that ran longest since the mark; NULL when none did or nobody tells. Borrowed
 * until the next walk. */
const ThreadSeen *threads_busiest(const Threads *w, uint64_t *ret_run_ns);
