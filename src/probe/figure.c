#include "probe/figure.h"

#define COUNT "count"
#define BYTES "bytes"
#define BYTES_PER_S "bytes/s"
#define PER_S "1/s"
#define SHARE "share"

#define TREE "process tree: "
#define CPU_CLOCK TREE "CPU clocks of processes, waited-for children by ticks"
#define PID_STAT TREE "/proc/PID/stat, by ticks"
#define PID_FAULTS TREE "/proc/PID/stat"
#define PID_STATM TREE "/proc/PID/statm, shared pages counted in each process"
#define PID_IO TREE "/proc/PID/io, storage only"
#define TASK_STATUS TREE "/proc/PID/task/TID/status"
#define TASK_SCHED TREE "/proc/PID/task/TID/schedstat"
#define STAT "/proc/stat, all cores"
#define NET_DEV "/proc/net/dev, all interfaces of the network namespace but loopback"
#define NET_LO "/proc/net/dev, loopback of the network namespace"
#define DISKS "/proc/diskstats, devices with hardware behind them"
#define NS_TO_S 1e-9
#define US_TO_S 1e-6

/* clang-format off */
const FigRow fig_rows[FIG_N] = {
    [FIG_TARGET_CPU] = { "target", "cpu", COUNT, FIG_RATE, NS_TO_S, FIG_SUM_DIFFERENCE, "target.cpu", CPU_CLOCK },
    [FIG_TARGET_USER] = { "target", "cpu_user", COUNT, FIG_RATE, NS_TO_S, FIG_SUM_DIFFERENCE, "target.cpu_user", PID_STAT },
    [FIG_TARGET_SYSTEM] = { "target", "cpu_system", COUNT, FIG_RATE, NS_TO_S, FIG_SUM_DIFFERENCE, "target.cpu_system", PID_STAT },
    [FIG_TARGET_RSS] = { "target", "rss", BYTES, FIG_LEVEL, 1, FIG_SUM_LAST, "target.rss", PID_STATM },
    [FIG_TARGET_PROCESSES] = { "target", "processes", COUNT, FIG_LEVEL, 1, FIG_SUM_NONE, NULL, "process tree" },
    [FIG_TARGET_THREADS] = { "target", "threads", COUNT, FIG_LEVEL, 1, FIG_SUM_MAX, "target.threads", PID_FAULTS },
    [FIG_TARGET_FDS] = { "target", "fds", COUNT, FIG_LEVEL, 1, FIG_SUM_MAX, "target.fds", TREE "/proc/PID/fd" },
    [FIG_TARGET_SWITCHES] = { "target", "switches", PER_S, FIG_RATE, 1, FIG_SUM_DIFFERENCE, "target.switches", TASK_STATUS },
    [FIG_TARGET_SWITCHES_FORCED] = { "target", "switches_involuntary", PER_S, FIG_RATE, 1, FIG_SUM_DIFFERENCE, "target.switches_involuntary", TASK_STATUS },
    [FIG_TARGET_RUN_WAIT] = { "target", "run_wait", COUNT, FIG_RATE, NS_TO_S, FIG_SUM_DIFFERENCE, "target.run_wait", TASK_SCHED },
    [FIG_TARGET_FAULTS_MINOR] = { "target", "faults_minor", PER_S, FIG_RATE, 1, FIG_SUM_DIFFERENCE, "target.faults_minor", PID_FAULTS },
    [FIG_TARGET_FAULTS_MAJOR] = { "target", "faults_major", PER_S, FIG_RATE, 1, FIG_SUM_DIFFERENCE, "target.faults_major", PID_FAULTS },
    [FIG_TARGET_IO_READ] = { "target", "io_read", BYTES_PER_S, FIG_RATE, 1, FIG_SUM_DIFFERENCE, "target.io_read", PID_IO },
    [FIG_TARGET_IO_WRITE] = { "target", "io_write", BYTES_PER_S, FIG_RATE, 1, FIG_SUM_DIFFERENCE, "target.io_write", PID_IO },

    [FIG_SELF_CPU] = { "generator", "cpu", COUNT, FIG_RATE, NS_TO_S, FIG_SUM_DIFFERENCE, "generator.cpu", "CLOCK_PROCESS_CPUTIME_ID" },
    [FIG_SELF_USER] = { "generator", "cpu_user", COUNT, FIG_RATE, NS_TO_S, FIG_SUM_NONE, NULL, "getrusage" },
    [FIG_SELF_SYSTEM] = { "generator", "cpu_system", COUNT, FIG_RATE, NS_TO_S, FIG_SUM_NONE, NULL, "getrusage" },
    [FIG_SELF_RSS] = { "generator", "rss", BYTES, FIG_LEVEL, 1, FIG_SUM_NONE, NULL, "/proc/self/statm" },
    [FIG_SELF_SWITCHES] = { "generator", "switches", PER_S, FIG_RATE, 1, FIG_SUM_DIFFERENCE, "generator.switches", "getrusage" },
    [FIG_SELF_SAMPLER] = { "generator", "sampler_cpu", SHARE, FIG_RATE, NS_TO_S, FIG_SUM_DIFFERENCE, "generator.sampler_cpu", "CLOCK_THREAD_CPUTIME_ID of the sampling thread" },

    [FIG_HOST_TICKS] = { "host", NULL, COUNT, FIG_RATE, 1, FIG_SUM_NONE, NULL, STAT },
    [FIG_HOST_BUSY] = { "host", "cpu", SHARE, FIG_PART, 1, FIG_SUM_DIFFERENCE, "host.cpu", STAT },
    [FIG_HOST_USER] = { "host", "cpu_user", SHARE, FIG_PART, 1, FIG_SUM_NONE, NULL, STAT },
    [FIG_HOST_SYSTEM] = { "host", "cpu_system", SHARE, FIG_PART, 1, FIG_SUM_NONE, NULL, STAT },
    [FIG_HOST_IRQ] = { "host", "cpu_irq", SHARE, FIG_PART, 1, FIG_SUM_NONE, NULL, STAT },
    [FIG_HOST_IOWAIT] = { "host", "iowait", SHARE, FIG_PART, 1, FIG_SUM_DIFFERENCE, "host.iowait", STAT },
    [FIG_HOST_STEAL] = { "host", "steal", SHARE, FIG_PART, 1, FIG_SUM_DIFFERENCE, "host.steal", STAT },
    [FIG_HOST_RUNNABLE] = { "host", "runnable", COUNT, FIG_LEVEL, 1, FIG_SUM_NONE, NULL, "/proc/loadavg" },
    [FIG_HOST_NET_IN] = { "host", "net_in", BYTES_PER_S, FIG_RATE, 1, FIG_SUM_DIFFERENCE, "host.net_in", NET_DEV },
    [FIG_HOST_NET_OUT] = { "host", "net_out", BYTES_PER_S, FIG_RATE, 1, FIG_SUM_DIFFERENCE, "host.net_out", NET_DEV },
    [FIG_HOST_NET_LO] = { "host", "net_lo", BYTES_PER_S, FIG_RATE, 1, FIG_SUM_DIFFERENCE, "host.net_lo", NET_LO },
    [FIG_HOST_PACKETS_IN] = { "host", "packets_in", PER_S, FIG_RATE, 1, FIG_SUM_NONE, NULL, NET_DEV },
    [FIG_HOST_PACKETS_OUT] = { "host", "packets_out", PER_S, FIG_RATE, 1, FIG_SUM_NONE, NULL, NET_DEV },
    [FIG_HOST_PACKETS_LO] = { "host", "packets_lo", PER_S, FIG_RATE, 1, FIG_SUM_NONE, NULL, NET_LO },
    [FIG_HOST_RETRANSMITS] = { "host", "retransmits", PER_S, FIG_RATE, 1, FIG_SUM_DIFFERENCE, "host.retransmits", "/proc/net/snmp, TCP of the network namespace" },
    [FIG_HOST_PRESSURE_CPU] = { "host", "pressure_cpu", SHARE, FIG_RATE, US_TO_S, FIG_SUM_DIFFERENCE, "host.pressure_cpu", "/proc/pressure/cpu, some" },
    [FIG_HOST_PRESSURE_MEMORY] = { "host", "pressure_memory", SHARE, FIG_RATE, US_TO_S, FIG_SUM_DIFFERENCE, "host.pressure_memory", "/proc/pressure/memory, some" },
    [FIG_HOST_PRESSURE_IO] = { "host", "pressure_io", SHARE, FIG_RATE, US_TO_S, FIG_SUM_DIFFERENCE, "host.pressure_io", "/proc/pressure/io, some" },
    [FIG_HOST_DISK_READ] = { "host", "disk_read", BYTES_PER_S, FIG_RATE, 1, FIG_SUM_DIFFERENCE, "host.disk_read", DISKS },
    [FIG_HOST_DISK_WRITE] = { "host", "disk_write", BYTES_PER_S, FIG_RATE, 1, FIG_SUM_DIFFERENCE, "host.disk_write", DISKS },
};
/* clang-format on */

void sample_clear(Sample *s, uint64_t at_ns)
{
    *s = (Sample){ .at_ns = at_ns };
    for (int i = 0; i < FIG_N; i++)
        s->v[i] = (double)NAN;
}

double sample_growth(const Sample *a, const Sample *b, Fig f)
{
    const FigRow *row = &fig_rows[f];
    assert(row->kind != FIG_LEVEL);
    double grown = (b->v[f] - a->v[f]) * row->scale;
    double over = row->kind == FIG_PART ? b->v[FIG_HOST_TICKS] - a->v[FIG_HOST_TICKS]
                                        : ((double)b->at_ns - (double)a->at_ns) * NS_TO_S;
    if (!(grown >= 0) || !(over > 0))
        return (double)NAN;
    return grown / over;
}
