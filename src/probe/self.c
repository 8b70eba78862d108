#include "probe/self.h"

#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "probe/proc_text.h"

void self_init(Self *s)
{
    *s = (Self){ .fd_statm = MAX(procfile_open("/proc/self/statm"), -1),
                 .page_bytes = (uint64_t)sysconf(_SC_PAGESIZE) };
}

void self_done(Self *s)
{
    s->fd_statm = procfile_close(s->fd_statm);
}

static double cpu_ns(clockid_t clock)
{
    struct timespec ts;
    if (clock_gettime(clock, &ts) < 0)
        return (double)NAN;
    return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static double timeval_ns(struct timeval t)
{
    return (double)t.tv_sec * 1e9 + (double)t.tv_usec * 1e3;
}

static void look_at_peak(Self *s, ProcBuf *buf)
{
    Str text;
    ProcStatus status;
    if (procfile_read("/proc/self/status", buf, &text) == 0 &&
        proc_parse_status(text, &status) == 0 && status.has_peak)
        s->peak = status.rss_peak_bytes;
}

void self_look(Self *s, bool full, ProcBuf *buf, Sample *ret)
{
    struct rusage u;
    Str text;
    uint64_t pages;
    ret->v[FIG_SELF_CPU] = cpu_ns(CLOCK_PROCESS_CPUTIME_ID);
    ret->v[FIG_SELF_SAMPLER] = cpu_ns(CLOCK_THREAD_CPUTIME_ID);
    if (getrusage(RUSAGE_SELF, &u) == 0) {
        ret->v[FIG_SELF_USER] = timeval_ns(u.ru_utime);
        ret->v[FIG_SELF_SYSTEM] = timeval_ns(u.ru_stime);
        ret->v[FIG_SELF_SWITCHES] = (double)u.ru_nvcsw + (double)u.ru_nivcsw;
    }
    if (s->fd_statm >= 0 && procfile_pread(s->fd_statm, buf, &text) == 0 &&
        proc_parse_statm(text, &pages) == 0)
        ret->v[FIG_SELF_RSS] = (double)(pages * s->page_bytes);
    if (full)
        look_at_peak(s, buf);
}

void self_mark(Self *s)
{
    s->peak_at_mark = s->peak;
}

uint64_t self_peak(const Self *s)
{
    return s->peak > s->peak_at_mark ? s->peak : 0;
}
