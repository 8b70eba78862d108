#include "selftest/sched.h"

#include <dirent.h>
#include <stdio.h>

#include "base/schedstat.h"

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
    char path[64];
    SchedStat now;
    SchedThread *t = find(w, tid);
    snprintf(path, sizeof path, "/proc/%d/task/%d/schedstat", w->pid, tid);
    if ((!t && w->n == SCHED_THREADS_MAX) || schedstat_read(path, &now) < 0)
        return;
    uint64_t waited = now.wait_ns;
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
