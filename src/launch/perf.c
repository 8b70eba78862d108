#include "launch/perf.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct {
    const char *name;
    uint32_t type;
    uint64_t config;
} events[PERF_VALUES] = {
    { "instructions", PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS },
    { "cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES },
    { "branches", PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_INSTRUCTIONS },
    { "branch_misses", PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_MISSES },
    { "cache_references", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_REFERENCES },
    { "cache_misses", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES },
    { "migrations", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_MIGRATIONS },
};

typedef struct Reading {
    uint64_t count, enabled, running;
} Reading;

struct PerfSet {
    int fd[PERF_VALUES]; /* -1: not there */
    int error[PERF_VALUES];
    Reading before[PERF_VALUES];
};

static int open_event(int i, int pid)
{
    struct perf_event_attr a = { .type = events[i].type,
                                 .size = sizeof a,
                                 .config = events[i].config,
                                 .inherit = 1,
                                 .exclude_kernel = events[i].type == PERF_TYPE_HARDWARE,
                                 .exclude_hv = 1,
                                 .read_format = PERF_FORMAT_TOTAL_TIME_ENABLED |
                                                PERF_FORMAT_TOTAL_TIME_RUNNING };
    return (int)syscall(SYS_perf_event_open, &a, pid, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

int perf_open(PerfSet **ret, int pid, Err *err)
{
    PerfSet *p = calloc(1, sizeof *p);
    if (!p)
        return err_set(err, -ENOMEM, "counters");
    for (int i = 0; i < PERF_VALUES; i++) {
        p->fd[i] = open_event(i, pid);
        p->error[i] = p->fd[i] < 0 ? errno : 0;
    }
    *ret = p;
    return 0;
}

PerfSet *perf_close(PerfSet *p)
{
    for (int i = 0; p && i < PERF_VALUES; i++)
        if (p->fd[i] >= 0)
            close(p->fd[i]);
    free(p);
    return NULL;
}

bool perf_any(const PerfSet *p)
{
    for (int i = 0; i < PERF_VALUES; i++)
        if (p->fd[i] >= 0 && events[i].type == PERF_TYPE_HARDWARE)
            return true;
    return false;
}

static Reading read_event(int fd)
{
    Reading r = { 0 };
    if (fd < 0 || read(fd, &r, sizeof r) != sizeof r)
        return (Reading){ 0 };
    return r;
}

void perf_begin(PerfSet *p)
{
    for (int i = 0; i < PERF_VALUES; i++)
        p->before[i] = read_event(p->fd[i]);
}

static const char *why_not(int error)
{
    switch (error) {
    case EACCES:
    case EPERM:
        return "this user may not count (kernel.perf_event_paranoid)";
    case EMFILE:
        return "out of descriptors";
    case ENOSYS:
        return "this kernel has no perf events";
    default:
        return "this machine has no such counter (most virtual machines have none)";
    }
}

PerfValue perf_value(const char *name, uint64_t count, uint64_t enabled, uint64_t running)
{
    PerfValue v = { .name = name };
    if (running == 0) {
        v.why = "the counter was never scheduled";
        return v;
    }
    v.there = true;
    v.share = enabled ? (double)running / (double)enabled : 1;
    v.estimated = running < enabled;
    v.value = v.estimated ? (double)count / v.share : (double)count;
    return v;
}

void perf_end(PerfSet *p, PerfValue ret[PERF_VALUES])
{
    for (int i = 0; i < PERF_VALUES; i++) {
        if (p->fd[i] < 0) {
            ret[i] = (PerfValue){ .name = events[i].name, .why = why_not(p->error[i]) };
            continue;
        }
        Reading now = read_event(p->fd[i]), *was = &p->before[i];
        ret[i] = perf_value(events[i].name, now.count - was->count, now.enabled - was->enabled,
                            now.running - was->running);
    }
}
