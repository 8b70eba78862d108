#include "launch/tiny/tree.h"

#include "launch/tiny/proc.h"

enum { KILL_ROUNDS = 2500, KILL_WAIT_NS = 2000000 };

static void tree_add(Tree *t, int pid)
{
    if (t->n < TREE_MAX)
        t->pid[t->n++] = pid;
    else
        t->cut = true;
}

bool tree_has(const Tree *t, int pid)
{
    for (int i = 0; i < t->n; i++)
        if (t->pid[i] == pid)
            return true;
    return false;
}

/* A list of pids may be longer than the buffer: numbers are put together across the reads. */
static bool add_children(Tree *t, const char *path, const Tree *skip)
{
    char buf[1024];
    int fd = sys_open(path, O_RDONLY);
    if (fd < 0)
        return false;
    int pid = 0;
    for (long n; (n = sys_read(fd, buf, sizeof buf)) > 0;) {
        for (long i = 0; i < n; i++) {
            if (buf[i] >= '0' && buf[i] <= '9') {
                pid = pid * 10 + (buf[i] - '0');
            } else if (pid) {
                if (!skip || !tree_has(skip, pid))
                    tree_add(t, pid);
                pid = 0;
            }
        }
    }
    sys_close(fd);
    return true;
}

bool tree_children(Tree *t)
{
    t->n = 0;
    t->cut = false;
    return add_children(t, "/proc/thread-self/children", NULL);
}

typedef struct Dirent64 {
    uint64_t ino, off;
    uint16_t reclen;
    uint8_t type;
    char name[];
} Dirent64;

/* Children hang on the thread that forked them. */
static void add_below(Tree *t, int pid)
{
    char path[PROC_PATH_MAX];
    _Alignas(Dirent64) char buf[1024];
    int fd = sys_open(proc_path(path, pid, "task"), O_RDONLY | O_DIRECTORY);
    if (fd < 0)
        return;
    for (long n; (n = SYS3(SYS_getdents64, fd, buf, sizeof buf)) > 0;) {
        for (long at = 0; at < n;) {
            const Dirent64 *e = (const Dirent64 *)(buf + at);
            const char *name = e->name;
            at += e->reclen;
            if (name[0] == '.')
                continue;
            int tid = (int)proc_number(&name);
            add_children(t, proc_children_path(path, pid, tid), NULL);
        }
    }
    sys_close(fd);
}

void tree_list(Tree *t, const Tree *skip)
{
    t->n = 0;
    t->cut = false;
    add_children(t, "/proc/thread-self/children", skip);
    for (int i = 0; i < t->n; i++)
        add_below(t, t->pid[i]);
}

uint64_t tree_rss_pages(const Tree *t)
{
    uint64_t pages = 0;
    for (int i = 0; i < t->n; i++) {
        char path[PROC_PATH_MAX], text[128];
        if (proc_read(proc_path(path, t->pid[i], "statm"), text, sizeof text) <= 0)
            continue;
        const char *p = text;
        proc_number(&p);
        pages += proc_number(&p);
    }
    return pages;
}

void tree_end(const Tree *skip, int keep)
{
    static Tree t;
    for (int round = 0; round < KILL_ROUNDS; round++) {
        tree_list(&t, skip);
        int alive = 0;
        for (int i = 0; i < t.n; i++) {
            if (t.pid[i] == keep) {
                sys_kill(keep, SIGKILL);
                continue;
            }
            int status;
            if (sys_wait(t.pid[i], &status, WNOHANG, NULL) == t.pid[i])
                continue;
            sys_kill(t.pid[i], SIGKILL);
            alive++;
        }
        if (alive == 0)
            return;
        struct timespec nap = { .tv_nsec = KILL_WAIT_NS };
        SYS2(SYS_nanosleep, &nap, NULL);
    }
}

void tree_signal_group(int pid, int sig)
{
    int group = (int)SYS1(SYS_getpgid, pid);
    bool own = group <= 1 || group == (int)SYS1(SYS_getpgid, 0);
    sys_kill(own ? pid : -group, sig);
    sys_kill(own ? pid : -group, SIGCONT);
}
