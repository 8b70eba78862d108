/* Two ways: each thread's list of children where the kernel has it, else all processes and their
 * parents. */
#include "probe/tree_find.h"

/* Beyond so many threads, lists of all but the first are read only in full looks. */
enum { THREADS_OFTEN = 16 };

/* The list is copied first: taking a child in uses the buffer. What is over is found next time. */
enum { CHILDREN_AT_ONCE = 512 };

static void add_children(Tree *t, int ppid, Str list, ProcBuf *buf)
{
    int pids[CHILDREN_AT_ONCE], n = 0;
    for (int pid; n < CHILDREN_AT_ONCE && proc_next_pid(&list, &pid);)
        if (!tree_proc(t, pid))
            pids[n++] = pid;
    for (int i = 0; i < n && !t->too_many; i++)
        tree_add(t, pids[i], ppid, buf);
}

static void find_by_threads(Tree *t, int pid, ProcBuf *buf)
{
    char path[PROC_PATH_MAX];
    ProcDir d;
    Str list;
    if (procdir_open(&d, procfile_path(path, pid, "task")) < 0)
        return;
    for (int tid; procdir_next(&d, &tid);)
        if (tid != pid &&
            procfile_read(procfile_task_path(path, pid, tid, "children"), buf, &list) == 0)
            add_children(t, pid, list, buf);
}

static void find_children(Tree *t, bool full, ProcBuf *buf)
{
    for (int i = 0; i < t->n && !t->too_many; i++) { /* n grows */
        int pid = t->procs[i].pid;
        uint64_t n_threads = t->procs[i].n_threads;
        Str list;
        if (proc_read(&t->procs[i], PROC_CHILDREN, buf, &list) == 0)
            add_children(t, pid, list, buf);
        if (n_threads > 1 && (full || n_threads <= THREADS_OFTEN))
            find_by_threads(t, pid, buf);
    }
}

/* One pass over all processes; how many were taken in. */
static int find_in_all(Tree *t, ProcBuf *buf)
{
    char path[PROC_PATH_MAX];
    ProcDir d;
    int n = 0;
    if (procdir_open(&d, "/proc") < 0)
        return 0;
    for (int pid; procdir_next(&d, &pid);) {
        Str text;
        ProcStat s;
        if (t->too_many || tree_proc(t, pid) ||
            procfile_read(procfile_path(path, pid, "stat"), buf, &text) < 0 ||
            proc_parse_stat(text, &s) < 0 || !tree_proc(t, s.ppid))
            continue;
        n += tree_add(t, s.pid, s.ppid, buf) == 0;
    }
    return n;
}

void tree_find_new(Tree *t, bool full, ProcBuf *buf)
{
    if (!t->scan_all) {
        find_children(t, full, buf);
        return;
    }
    while (full && find_in_all(t, buf) > 0) /* parents may stand behind their children */
        ;
}
