/* The target's process tree: who belongs to it, and what all of them used.
 *
 * Belongs: the root, and whoever was started by one that belongs. Members stay members when their
 * parent ends first and another takes them over. A process is known by pid and start time, so that
 * a pid which is given out again is never counted.
 *
 * Sums that stay right while processes come and go: the kernel books what a child used (CPU time,
 * faults) to its parent when the parent waits for it. For each member P
 *
 *     used(P) = own(P) + waited0(P) + max(waited(P) - waited0(P), gone(P))
 *
 * where waited is what the kernel booked so far, waited0 that at first sight, and gone(P) the
 * used() of P's children when last seen, for those that were seen and have ended. Both terms of the
 * maximum are lower bounds that only grow: the kernel's also holds children that lived and died
 * between two looks, ours also those that P never waits for (SIGCHLD ignored). The used() of a
 * member that ends goes to its parent's gone, or, when that is not of the tree, to the tree's
 * departed.
 *
 * Not seen: children that ended between two looks and that nobody of the tree waited for; and a
 * process that left (its parent ended) before the first look at it.
 *
 * One thread at a time. */
#pragma once

#include <time.h>

#include "probe/figure.h"
#include "probe/proc_text.h"
#include "probe/procfile.h"

enum { TREE_PROCS_MAX = 1024 };

/* What a parent is booked for when it waits for a child. */
typedef enum Booked {
    BOOKED_CPU,    /* ns; own: exact to the ns, waited: to two ticks */
    BOOKED_USER,   /* ns, by ticks */
    BOOKED_SYSTEM, /* ns, by ticks */
    BOOKED_MINOR,
    BOOKED_MAJOR,
    BOOKED_N
} Booked;

typedef enum ProcFileName {
    PROC_STAT,
    PROC_STATM,
    PROC_IO,
    PROC_CHILDREN,
    PROC_FILES
} ProcFileName;

typedef struct Proc {
    int pid, ppid;
    uint64_t start_ticks;
    bool alive; /* neither gone nor a zombie */
    bool ended; /* gone: settled and removed at the end of a look */
    clockid_t cpu_clock;
    bool has_clock;
    bool kept;          /* fd[] are open for as long as it lives */
    int fd[PROC_FILES]; /* -1: opened for each reading */
    uint64_t n_threads, rss_bytes;
    uint64_t own[BOOKED_N], waited[BOOKED_N], waited0[BOOKED_N], gone[BOOKED_N];
    ProcIo io;                   /* with the children it waited for */
    uint64_t peak, peak_at_mark; /* VmHWM in bytes */
} Proc;

typedef struct Tree {
    Proc *procs; /* [n], owned, room for TREE_PROCS_MAX; parents stand before their children */
    int n;
    int root_pid;
    int n_kept, keep_max; /* processes whose files are kept open */
    bool scan_all;        /* this kernel lists no children: look through all processes */
    bool too_many;        /* more than TREE_PROCS_MAX: figures are missing from then on */
    bool io_denied, fds_denied;
    uint64_t departed[BOOKED_N];
    ProcIo io_departed, io_last;
    uint64_t tick_ns, page_bytes;
} Tree;

/* Begin with the root and all its descendants. -ESRCH when there is no such process, -ENOMEM.
 * `scan_all` as in Tree, for tests of that way. */
MUST_CHECK int tree_init(Tree *t, int root_pid, bool scan_all, ProcBuf *buf, Err *err);
void tree_done(Tree *t);
/* Look at all members.
 *
 *   news   something may have been started since the last look: search for new members
 *   full   read what is read once a second, too: descriptors, peaks, children of processes with
 *          many threads
 *   ret    the FIG_TARGET_ figures but those of threads.h are written
 *
 * Cost: about 9 µs per process, 2 more with news, 30 more when full. Never allocates. */
void tree_look(Tree *t, bool news, bool full, ProcBuf *buf, Sample *ret);
/* A process of the tree is alive. */
bool tree_alive(const Tree *t);
/* The measured part begins: peaks count from here. Call after a full look. */
void tree_mark(Tree *t);
/* Highest memory that one process reached after the mark, by the kernel's own high-water mark; 0
 * when none rose above what it had reached before. Of use after a full look. */
uint64_t tree_peak(const Tree *t);
