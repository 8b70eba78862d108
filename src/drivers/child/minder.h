/* The minder: a process of assay's that starts the worker processes, keeps the end of what they
 * write to stderr, and sees to it that they end.
 *
 * Forked before anything is timed, so that starting a worker again costs the load's threads one
 * message. It has a process group of its own (^C is assay's to answer) and ends when assay does, by
 * whatever: then its end of the socket tells so. Workers have a group each, get the end of their
 * stdin as a sign to end, and are killed a second later; they die with the minder, too. */
#pragma once

#include "base/str.h"

enum { MINDER_SLOTS = 512, MINDER_TAIL = 512 };

/* One worker process, in memory that both share. */
typedef struct MinderSlot {
    int used;               /* atomic; taken by a thread of the load */
    int ended;              /* atomic; all below holds */
    int status;             /* as waitpid tells it */
    int n_tail;             /* bytes of tail */
    char tail[MINDER_TAIL]; /* the end of what it wrote to stderr */
} MinderSlot;

typedef struct Minder {
    int pid, fd;
    MinderSlot *slots; /* [MINDER_SLOTS] shared; owned */
} Minder;

/* Fork it. Each program is its words, ended by NULL; they outlive the minder. */
MUST_CHECK int minder_start(Minder *m, char *const *const *programs, Err *err);
/* End all workers and the minder, and wait for that: a second at most. Nothing when not started. */
void minder_stop(Minder *m);

/* ---- any thread; none of these waits ---- */

/* Start one of the programs, whose stdin and stdout are the other end of *ret_fd, which does not
 * block. Its slot, or -EAGAIN when there are too many, -EPIPE when the minder is gone, or another
 * errno. */
MUST_CHECK int minder_spawn(Minder *m, int program, int *ret_fd);
/* The descriptor is closed, or about to be: let it end by itself within a second, or kill it now.
 * The slot may still be asked until it is given back. */
void minder_end(Minder *m, int slot, bool now);
bool minder_has_ended(const Minder *m, int slot);
/* "it ended with exit code 1: last lines of stderr", once it has ended. */
void minder_why(const Minder *m, int slot, char *buf, ptrdiff_t cap);
/* Asked and told enough. */
void minder_release(Minder *m, int slot);
