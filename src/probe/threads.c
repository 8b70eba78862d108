#include "probe/threads.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

int threads_init(Threads *w, Err *err)
{
    *w = (Threads){ .v = calloc(THREADS_MAX, sizeof *w->v) };
    return w->v ? 0 : err_set(err, -ENOMEM, "no memory to watch threads");
}

void threads_done(Threads *w)
{
    free(w->v);
    *w = (Threads){ 0 };
}

/* Walks meet threads in the order of the walk before, so the next one is mostly it. */
static ThreadSeen *find(Threads *w, int pid, int tid)
{
    for (int k = 0; k < w->n; k++) {
        int i = (w->cursor + k) % w->n;
        if (w->v[i].tid != tid || w->v[i].pid != pid)
            continue;
        w->cursor = i + 1;
        return &w->v[i];
    }
    return NULL;
}

/* Whoever is new to a later walk brings along all it did: it started since the walk before. */
static ThreadSeen *find_or_add(Threads *w, int pid, int tid)
{
    ThreadSeen *s = find(w, pid, tid);
    if (s)
        return s;
    if (w->n == THREADS_MAX) {
        w->too_many = true;
        return NULL;
    }
    s = &w->v[w->n++];
    *s = (ThreadSeen){ .pid = pid, .tid = tid };
    return s;
}

/* A counter below what it was is another thread's, with the same id. */
static uint64_t growth(uint64_t before, uint64_t now)
{
    return now >= before ? now - before : now;
}

static void take_status(Threads *w, ThreadSeen *s, const ProcStatus *now)
{
    uint64_t forced = growth(s->switches_forced, now->switches_forced);
    if (w->walked) {
        w->switches += forced + growth(s->switches_waited, now->switches_waited);
        w->switches_forced += forced;
    }
    s->switches_waited = now->switches_waited;
    s->switches_forced = now->switches_forced;
    snprintf(s->name, sizeof s->name, STR_FMT, STR_ARG(now->name));
}

static void take_sched(Threads *w, ThreadSeen *s, const SchedStat *now)
{
    if (w->walked)
        w->wait_ns += growth(s->sched.wait_ns, now->wait_ns);
    if (now->run_ns < s->sched.run_ns)
        s->sched_at_mark = (SchedStat){ 0 };
    s->sched = *now;
}

static void look_at(Threads *w, int pid, int tid, ProcBuf *buf)
{
    char path[PROC_PATH_MAX];
    Str text;
    ProcStatus status;
    SchedStat sched;
    if (procfile_read(procfile_task_path(path, pid, tid, "status"), buf, &text) < 0 ||
        proc_parse_status(text, &status) < 0)
        return;
    ThreadSeen *s = find_or_add(w, pid, tid);
    if (!s)
        return;
    s->in_walk = true;
    take_status(w, s, &status);
    int r = procfile_read(procfile_task_path(path, pid, tid, "schedstat"), buf, &text);
    if (r == 0 && schedstat_parse(text, &sched) == 0)
        take_sched(w, s, &sched);
    else if (r == -ENOENT && !w->walked)
        w->no_sched = true;
}

static void forget_ended(Threads *w)
{
    int n = 0;
    for (int i = 0; i < w->n; i++) {
        if (!w->v[i].in_walk)
            continue;
        w->v[n] = w->v[i];
        w->v[n++].in_walk = false;
    }
    w->n = n;
}

void threads_walk(Threads *w, const Tree *t, ProcBuf *buf, Sample *ret)
{
    char path[PROC_PATH_MAX];
    w->cursor = 0;
    for (int i = 0; i < t->n; i++) {
        ProcDir d;
        if (procdir_open(&d, procfile_path(path, t->procs[i].pid, "task")) < 0)
            continue;
        for (int tid; procdir_next(&d, &tid);)
            look_at(w, t->procs[i].pid, tid, buf);
    }
    forget_ended(w);
    w->walked = true;
    if (w->too_many)
        return;
    ret->v[FIG_TARGET_SWITCHES] = (double)w->switches;
    ret->v[FIG_TARGET_SWITCHES_FORCED] = (double)w->switches_forced;
    if (!w->no_sched)
        ret->v[FIG_TARGET_RUN_WAIT] = (double)w->wait_ns;
}

void threads_mark(Threads *w)
{
    for (int i = 0; i < w->n; i++)
        w->v[i].sched_at_mark = w->v[i].sched;
}

const ThreadSeen *threads_busiest(const Threads *w, uint64_t *ret_run_ns)
{
    const ThreadSeen *best = NULL;
    uint64_t most = 0;
    for (int i = 0; i < w->n; i++) {
        uint64_t ran = w->v[i].sched.run_ns - w->v[i].sched_at_mark.run_ns;
        if (ran <= most)
            continue;
        most = ran;
        best = &w->v[i];
    }
    *ret_run_ns = most;
    return best;
}
