#include "probe/host.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "probe/proc_text.h"

static const char *const paths[HOST_FILES] = {
    [HOST_STAT] = "/proc/stat",
    [HOST_LOADAVG] = "/proc/loadavg",
    [HOST_NET] = "/proc/self/net/dev",
    [HOST_SNMP] = "/proc/self/net/snmp",
    [HOST_PRESSURE_CPU] = "/proc/pressure/cpu",
    [HOST_PRESSURE_MEMORY] = "/proc/pressure/memory",
    [HOST_PRESSURE_IO] = "/proc/pressure/io",
    [HOST_DISKS] = "/proc/diskstats",
};

/* Partitions, loop devices and device mappers would count the same bytes again: only what has
 * hardware behind it is listed. */
static void list_disks(Host *h)
{
    DIR *d = opendir("/sys/block");
    if (!d)
        return;
    for (struct dirent *e; (e = readdir(d));) {
        char path[sizeof e->d_name + 32];
        ptrdiff_t room = HOST_DISK_NAMES_MAX - h->disks_len;
        snprintf(path, sizeof path, "/sys/block/%s/device", e->d_name);
        if (e->d_name[0] == '.' || (ptrdiff_t)strlen(e->d_name) + 2 > room ||
            access(path, F_OK) < 0)
            continue;
        h->disks_len += snprintf(h->disks + h->disks_len, (size_t)room, "%s ", e->d_name);
    }
    closedir(d);
}

void host_init(Host *h)
{
    *h = (Host){ 0 };
    list_disks(h);
    for (int f = 0; f < HOST_FILES; f++)
        h->fd[f] = MAX(procfile_open(paths[f]), -1);
}

void host_done(Host *h)
{
    for (int f = 0; f < HOST_FILES; f++)
        h->fd[f] = procfile_close(h->fd[f]);
}

static bool has_text(const Host *h, HostFile f, ProcBuf *buf, Str *ret)
{
    return h->fd[f] >= 0 && procfile_pread(h->fd[f], buf, ret) == 0;
}

static void look_at_cpu(const Host *h, ProcBuf *buf, Sample *ret)
{
    Str text;
    HostCpu c;
    if (!has_text(h, HOST_STAT, buf, &text) || host_parse_cpu(text, &c) < 0)
        return;
    double busy = (double)c.user + (double)c.system + (double)c.irq;
    ret->v[FIG_HOST_USER] = (double)c.user;
    ret->v[FIG_HOST_SYSTEM] = (double)c.system;
    ret->v[FIG_HOST_IRQ] = (double)c.irq;
    ret->v[FIG_HOST_BUSY] = busy;
    ret->v[FIG_HOST_IOWAIT] = (double)c.iowait;
    ret->v[FIG_HOST_STEAL] = (double)c.steal;
    ret->v[FIG_HOST_TICKS] = busy + (double)c.idle + (double)c.iowait + (double)c.steal;
}

static void look_at_net(const Host *h, ProcBuf *buf, Sample *ret)
{
    Str text;
    HostNet n;
    uint64_t again;
    if (has_text(h, HOST_NET, buf, &text) && host_parse_net(text, &n) == 0) {
        ret->v[FIG_HOST_NET_IN] = (double)n.in_bytes;
        ret->v[FIG_HOST_NET_OUT] = (double)n.out_bytes;
        ret->v[FIG_HOST_NET_LO] = (double)n.lo_bytes;
        ret->v[FIG_HOST_PACKETS_IN] = (double)n.in_packets;
        ret->v[FIG_HOST_PACKETS_OUT] = (double)n.out_packets;
        ret->v[FIG_HOST_PACKETS_LO] = (double)n.lo_packets;
    }
    if (has_text(h, HOST_SNMP, buf, &text) && host_parse_retransmits(text, &again) == 0)
        ret->v[FIG_HOST_RETRANSMITS] = (double)again;
}

static void look_at_pressure(const Host *h, ProcBuf *buf, Sample *ret)
{
    static const struct {
        HostFile file;
        Fig fig;
    } rows[] = { { HOST_PRESSURE_CPU, FIG_HOST_PRESSURE_CPU },
                 { HOST_PRESSURE_MEMORY, FIG_HOST_PRESSURE_MEMORY },
                 { HOST_PRESSURE_IO, FIG_HOST_PRESSURE_IO } };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++) {
        Str text;
        uint64_t us;
        if (has_text(h, rows[i].file, buf, &text) && host_parse_pressure(text, &us) == 0)
            ret->v[rows[i].fig] = (double)us;
    }
}

static void look_at_disks(const Host *h, ProcBuf *buf, Sample *ret)
{
    Str text, names = { h->disks, h->disks_len };
    HostDisk d;
    if (!has_text(h, HOST_DISKS, buf, &text) || host_parse_disks(text, names, &d) < 0)
        return;
    ret->v[FIG_HOST_DISK_READ] = (double)d.read_bytes;
    ret->v[FIG_HOST_DISK_WRITE] = (double)d.write_bytes;
}

/* Not knowing is as good as news. */
static bool look_at_load(Host *h, ProcBuf *buf, Sample *ret)
{
    Str text;
    HostLoad l;
    if (!has_text(h, HOST_LOADAVG, buf, &text) || host_parse_loadavg(text, &l) < 0)
        return true;
    bool news = l.last_pid != h->last_pid;
    h->last_pid = l.last_pid;
    ret->v[FIG_HOST_RUNNABLE] = (double)l.runnable;
    return news;
}

bool host_look(Host *h, ProcBuf *buf, Sample *ret)
{
    look_at_cpu(h, buf, ret);
    look_at_net(h, buf, ret);
    look_at_pressure(h, buf, ret);
    look_at_disks(h, buf, ret);
    return look_at_load(h, buf, ret);
}
