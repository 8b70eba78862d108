/* Readers of the kernel's /proc texts. Pure: a text in, figures out; nothing is allocated, nothing
 * is kept but views into the text. Any bytes are safe input (fuzz/proc_fuzz.c).
 *
 * All return 0, or -EINVAL when the text is not of that kind; *ret is written only on 0. Formats:
 * proc(5), and Documentation/filesystems/proc.rst, accounting/psi.rst, admin-guide/iostats.rst of
 * the Linux sources. Ticks are of sysconf(_SC_CLK_TCK). */
#pragma once

#include "base/str.h"

/* /proc/PID/stat: of the whole process, all its threads, those that ended as well. */
typedef struct ProcStat {
    Str name;   /* may hold blanks, parentheses and newlines */
    char state; /* 'R', 'S', … 'Z': ended and not yet waited for */
    int pid, ppid;
    uint64_t minor_faults, waited_minor_faults; /* waited_: of children that were waited for */
    uint64_t major_faults, waited_major_faults;
    uint64_t user_ticks, system_ticks, waited_user_ticks, waited_system_ticks;
    uint64_t n_threads;
    uint64_t start_ticks; /* since boot: with the pid, a process's identity */
} ProcStat;
MUST_CHECK int proc_parse_stat(Str text, ProcStat *ret);

/* /proc/PID/statm: resident pages. */
MUST_CHECK int proc_parse_statm(Str text, uint64_t *ret_pages);

/* /proc/PID/io: what went to and came from storage, of the process and the children it waited for.
 */
typedef struct ProcIo {
    uint64_t read_bytes, write_bytes;
} ProcIo;
MUST_CHECK int proc_parse_io(Str text, ProcIo *ret);

/* /proc/PID/status or /proc/PID/task/TID/status; the switches are of one thread. */
typedef struct ProcStatus {
    Str name;                 /* escaped by the kernel: one line */
    bool has_peak;            /* processes that ended have no memory */
    uint64_t rss_peak_bytes;  /* VmHWM, since the program was started */
    uint64_t switches_waited; /* the thread gave the core up */
    uint64_t switches_forced; /* the core was taken away */
} ProcStatus;
MUST_CHECK int proc_parse_status(Str text, ProcStatus *ret);

/* /proc/PID/task/TID/children: next pid. False at the end, or where no number follows. */
bool proc_next_pid(Str *rest, int *ret);

/* /proc/stat, first line: ticks of all cores since boot. Guests are in user and nice. */
typedef struct HostCpu {
    uint64_t user, system, irq, idle, iowait, steal; /* user with nice; irq: hard and soft */
} HostCpu;
MUST_CHECK int host_parse_cpu(Str text, HostCpu *ret);

/* /proc/loadavg: tasks that run or want to, and the newest pid or thread id of this namespace:
 * while it stays the same, nothing was started. */
typedef struct HostLoad {
    uint64_t runnable, last_pid;
} HostLoad;
MUST_CHECK int host_parse_loadavg(Str text, HostLoad *ret);

/* /proc/net/dev: sums over the loopback interface and over all others, of one network namespace. */
typedef struct HostNet {
    uint64_t in_bytes, in_packets, out_bytes, out_packets; /* all but loopback */
    uint64_t lo_bytes, lo_packets;                         /* sent on loopback = received there */
} HostNet;
MUST_CHECK int host_parse_net(Str text, HostNet *ret);

/* /proc/net/snmp: TCP segments sent again, of one network namespace. */
MUST_CHECK int host_parse_retransmits(Str text, uint64_t *ret);

/* /proc/pressure/X: microseconds in which at least one task was held up ("some"). */
MUST_CHECK int host_parse_pressure(Str text, uint64_t *ret_us);

/* /proc/diskstats: bytes of the named disks together; `disks` are their names, each followed by a
 * blank ("sda vda "). -EINVAL when none of them stands there. */
typedef struct HostDisk {
    uint64_t read_bytes, write_bytes;
} HostDisk;
MUST_CHECK int host_parse_disks(Str text, Str disks, HostDisk *ret);
