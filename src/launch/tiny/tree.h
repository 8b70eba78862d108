/* The processes below the launcher: found, weighed, ended.
 *
 * The launcher is a subreaper, so whatever a child starts and leaves behind (daemons too) becomes
 * the launcher's own child: the tree is everything below us. Processes that an earlier run left
 * running on purpose are kept apart by the caller (`skip`). A kernel that does not list children
 * (CONFIG_PROC_CHILDREN off) leaves the tree empty: then only a process group can be ended. */
#pragma once

#include "launch/tiny/sys.h"

enum { TREE_MAX = 1024 };

typedef struct Tree {
    int n;
    bool cut; /* there were more than TREE_MAX */
    int pid[TREE_MAX];
} Tree;

/* Our own children, zombies included. False when the kernel does not list children. */
bool tree_children(Tree *t);
bool tree_has(const Tree *t, int pid);
/* Everything below us but `skip` and what is below those. Racy by nature: a process that forks
 * while we look may be missed this time. Cost: about 15 us a process. */
void tree_list(Tree *t, const Tree *skip);
/* Sum of resident memory in pages; those that several processes share count once for each. */
uint64_t tree_rss_pages(const Tree *t);
/* SIGKILL to all, again and again until nothing is left or 5 s passed; reaps all but `keep`, a
 * child that the caller waits for (0 for none). */
void tree_end(const Tree *skip, int keep);
/* Like kill() for the process group of `pid`, but never our own group: then the process alone.
 * SIGCONT follows, so that stopped processes hear it. */
void tree_signal_group(int pid, int sig);
