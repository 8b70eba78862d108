#include "launch/tiny/peak.h"

#include <linux/ptrace.h>

#include "launch/tiny/exe.h"
#include "launch/tiny/proc.h"

enum {
    GAP_MIN_NS = 1000000,
    GAP_MAX_NS = 20000000,
    GAP_BUSY_NS = 200000000,   /* … when looking is expensive: thousands of threads */
    COST_SHARE = 100,          /* the gap is at least this many times what a look costs */
    STILL_PAGES = 2,           /* moves up to this count as standing still */
    OTHER_IMAGE = 1024 * 1024, /* ru_maxrss this far above VmHWM is another process's or image's */
};

void peak_begin(Peak *p, int pid, uint32_t page_bytes, bool no_trace, uint64_t now_ns)
{
    *p = (Peak){ .pid = pid,
                 .page_bytes = page_bytes,
                 .no_trace = no_trace,
                 .status_fd = -1,
                 .learn_fd = -1,
                 .next_ns = now_ns + PEAK_FIRST_NS,
                 .gap_ns = GAP_MIN_NS };
}

/* May we attach to what the process is now? Unknown programs are looked at after the run. */
static bool may_trace(Peak *p)
{
    char path[PROC_PATH_MAX];
    proc_path(path, p->pid, "exe");
    ExeKind kind = exe_kind(path);
    if (kind == EXE_UNKNOWN && p->learn_fd < 0)
        p->learn_fd = sys_open(path, O_RDONLY);
    return kind == EXE_PLAIN;
}

static void attach(Peak *p)
{
    char path[PROC_PATH_MAX];
    p->no_trace = true; /* one try */
    if (!may_trace(p))
        return;
    p->status_fd = sys_open(proc_path(path, p->pid, "status"), O_RDONLY);
    if (p->status_fd < 0)
        return;
    long options = PTRACE_O_TRACEEXIT | PTRACE_O_TRACEEXEC;
    p->traced = SYS4(SYS_ptrace, PTRACE_SEIZE, p->pid, 0, options) == 0;
}

void rusage_add(struct rusage *a, const struct rusage *b)
{
    a->ru_utime.tv_sec += b->ru_utime.tv_sec;
    a->ru_utime.tv_usec += b->ru_utime.tv_usec;
    a->ru_stime.tv_sec += b->ru_stime.tv_sec;
    a->ru_stime.tv_usec += b->ru_stime.tv_usec;
    a->ru_minflt += b->ru_minflt;
    a->ru_majflt += b->ru_majflt;
    a->ru_inblock += b->ru_inblock;
    a->ru_oublock += b->ru_oublock;
    a->ru_nvcsw += b->ru_nvcsw;
    a->ru_nivcsw += b->ru_nivcsw;
    a->ru_maxrss = a->ru_maxrss > b->ru_maxrss ? a->ru_maxrss : b->ru_maxrss;
}

void peak_reap_orphans(Peak *p, const Tree *skip, struct rusage *orphans)
{
    static Tree own;
    tree_children(&own);
    for (int i = 0; i < own.n; i++) {
        int status;
        struct rusage ru;
        if (own.pid[i] == p->pid || tree_has(skip, own.pid[i]))
            continue;
        if (sys_wait(own.pid[i], &status, WNOHANG, &ru) == own.pid[i])
            rusage_add(orphans, &ru);
    }
}

void peak_tick(Peak *p, const Tree *skip, struct rusage *orphans)
{
    static Tree t;
    uint64_t begun = sys_cpu_time();
    peak_reap_orphans(p, skip, orphans);
    tree_list(&t, skip);
    uint64_t pages = tree_rss_pages(&t);
    uint64_t moved = pages > p->last_pages ? pages - p->last_pages : p->last_pages - pages;
    p->last_pages = pages;
    if (t.n > 1)
        p->several = true;
    if (pages * p->page_bytes > p->sampled_bytes)
        p->sampled_bytes = pages * p->page_bytes;
    if (!p->no_trace && t.n <= 1)
        attach(p);
    uint64_t now = sys_now(), least = (sys_cpu_time() - begun) * COST_SHARE;
    least = least > GAP_BUSY_NS ? GAP_BUSY_NS : least;
    p->gap_ns = moved > STILL_PAGES ? GAP_MIN_NS : p->gap_ns * 2;
    p->gap_ns = p->gap_ns > GAP_MAX_NS ? GAP_MAX_NS : p->gap_ns;
    p->next_ns = now + (p->gap_ns > least ? p->gap_ns : least);
}

static void let_go(Peak *p, int sig)
{
    SYS4(SYS_ptrace, PTRACE_DETACH, p->pid, 0, sig);
    p->traced = false;
}

static void read_exit(Peak *p)
{
    char text[2048];
    long n = SYS4(SYS_pread64, p->status_fd, text, sizeof text - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    p->exit_bytes = proc_field_kib(text, "VmHWM:");
}

bool peak_stopped(Peak *p, int status)
{
    if (!p->traced)
        return false;
    uint64_t begun = sys_now();
    int sig = WSTOPSIG(status), event = status >> 16;
    if (event == PTRACE_EVENT_EXIT) {
        read_exit(p);
        SYS4(SYS_ptrace, PTRACE_CONT, p->pid, 0, 0);
    } else if (event == PTRACE_EVENT_EXEC && may_trace(p)) {
        SYS4(SYS_ptrace, PTRACE_CONT, p->pid, 0, 0);
    } else {
        let_go(p, event ? 0 : sig);
    }
    p->held_ns += sys_now() - begun;
    return true;
}

void peak_end(Peak *p, const struct rusage *ru, LaunchReply *ret)
{
    sys_close(p->status_fd);
    if (p->learn_fd >= 0)
        exe_learn(p->learn_fd);
    uint64_t waited = (uint64_t)ru->ru_maxrss * 1024, single = waited;
    ret->rss_how = LAUNCH_RSS_WAIT4;
    if (p->exit_bytes && waited <= p->exit_bytes + OTHER_IMAGE) {
        single = p->exit_bytes;
        ret->rss_how = LAUNCH_RSS_EXIT;
    }
    if (p->sampled_bytes > single)
        ret->rss_how = LAUNCH_RSS_SAMPLED;
    ret->rss_peak_bytes = p->sampled_bytes > single ? p->sampled_bytes : single;
}
