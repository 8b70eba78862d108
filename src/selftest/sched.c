#include "selftest/sched.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/str.h"

/* "123456 7890 12": on a core, ready without one, times put on a core. */
static bool read_waited(int pid, int tid, uint64_t *ret)
{
    char path[64], text[128];
    snprintf(path, sizeof path, "/proc/%d/task/%d/schedstat", pid, tid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t n = read(fd, text, sizeof text);
    close(fd);
    Str rest = { text, MAX(n, (ssize_t)0) }, word;
    return str_cut(&rest, ' ', &word) && str_cut(&rest, ' ', &word) && str_to_u64(word, ret) == 0;
}

static SchedThread *find(SchedWatch *w, int tid)
{
    for (ptrdiff_t i = 0; i < w->n; i++) {
        if (w->threads[i].tid == tid)
            return &w->threads[i];
    }
    return NULL;
}

static void look_at(SchedWatch *w, int tid)
{
    uint64_t waited;
    SchedThread *t = find(w, tid);
    if ((!t && w->n == SCHED_THREADS_MAX) || !read_waited(w->pid, tid, &waited))
        return;
    if (!t) {
        t = &w->threads[w->n++];
        *t = (SchedThread){ .tid = tid, .before_ns = w->looked ? 0 : waited };
    }
    t->waited_ns = MAX(t->waited_ns, waited); /* less: the id went to another thread */
}

void sched_look(SchedWatch *w)
{
    char path[64];
    uint64_t before_ns = sched_waited_ns(w);
    if (!w->pid)
        return;
    snprintf(path, sizeof path, "/proc/%d/task", w->pid);
    DIR *d = opendir(path);
    if (!d)
        return;
    for (struct dirent *e; (e = readdir(d));) {
        uint64_t tid;
        if (str_to_u64(str(e->d_name), &tid) == 0 && (int)tid != w->skip_tid)
            look_at(w, (int)tid);
    }
    closedir(d);
    w->looked = true;
    w->longest_ns = MAX(w->longest_ns, sched_waited_ns(w) - before_ns);
}

uint64_t sched_waited_ns(const SchedWatch *w)
{
    uint64_t sum = 0;
    for (ptrdiff_t i = 0; i < w->n; i++)
        sum += w->threads[i].waited_ns - w->threads[i].before_ns;
    return sum;
}
