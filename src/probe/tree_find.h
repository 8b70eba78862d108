/* Searching the new members of a process tree, and what the search needs of tree.c. */
#pragma once

#include "probe/tree.h"

/* Add whoever was started by a member. `full`: also by the other threads of processes that have
 * many (else only by their first thread). */
void tree_find_new(Tree *t, bool full, ProcBuf *buf);

/* Take pid in as a child of ppid (0: whoever its parent is). 0; -ESRCH when it is gone or another's
 * child; -E2BIG. None of them is an error while searching: who is gone was booked to its parent. */
int tree_add(Tree *t, int pid, int ppid, ProcBuf *buf);
/* The member of that pid, or NULL. */
Proc *tree_proc(Tree *t, int pid);
/* One of its files, kept open or opened for this. 0 or negative errno. */
MUST_CHECK int proc_read(const Proc *p, ProcFileName f, ProcBuf *buf, Str *ret);
