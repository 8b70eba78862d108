/* Texts about the host or a network namespace. */
#include <errno.h>

#include "probe/proc_text.h"
#include "probe/scan.h"

int host_parse_cpu(Str text, HostCpu *ret)
{
    Str line;
    HostCpu c;
    uint64_t nice, soft;
    if (!procscan_line(text, STR("cpu "), &line) || !procscan_u64(&line, &c.user) ||
        !procscan_u64(&line, &nice) || !procscan_u64(&line, &c.system) ||
        !procscan_u64(&line, &c.idle) || !procscan_u64(&line, &c.iowait) ||
        !procscan_u64(&line, &c.irq) || !procscan_u64(&line, &soft) ||
        !procscan_u64(&line, &c.steal))
        return -EINVAL;
    c.user += nice;
    c.irq += soft;
    *ret = c;
    return 0;
}

/* "0.68 0.53 0.36 3/95 14057" */
int host_parse_loadavg(Str text, HostLoad *ret)
{
    Str tasks, runnable;
    HostLoad l;
    if (!procscan_skips(&text, 3) || !procscan_word(&text, &tasks) ||
        !str_cut(&tasks, '/', &runnable) || !tasks.ptr || !procscan_u64(&runnable, &l.runnable) ||
        !procscan_u64(&text, &l.last_pid))
        return -EINVAL;
    *ret = l;
    return 0;
}

/* Behind "name:" stand eight figures of receiving, then those of sending; bytes, packets first. */
static bool add_interface(Str name, Str line, HostNet *n)
{
    uint64_t in_bytes, in_packets, out_bytes, out_packets;
    if (!procscan_u64(&line, &in_bytes) || !procscan_u64(&line, &in_packets) ||
        !procscan_skips(&line, 6) || !procscan_u64(&line, &out_bytes) ||
        !procscan_u64(&line, &out_packets))
        return false;
    if (str_eqz(name, "lo")) {
        n->lo_bytes += out_bytes;
        n->lo_packets += out_packets;
        return true;
    }
    n->in_bytes += in_bytes;
    n->in_packets += in_packets;
    n->out_bytes += out_bytes;
    n->out_packets += out_packets;
    return true;
}

int host_parse_net(Str text, HostNet *ret)
{
    HostNet n = { 0 };
    Str line, name;
    for (int i = 0; i < 2; i++) /* two lines of headings */
        if (!str_cut(&text, '\n', &line) || str_find_char(line, '|') < 0)
            return -EINVAL;
    while (str_cut(&text, '\n', &line)) {
        if (str_trim(line).len == 0)
            continue;
        ptrdiff_t colon = str_find_char(line, ':');
        name = str_trim(str_slice(line, 0, colon));
        if (colon < 0 || !add_interface(name, str_slice(line, colon + 1, line.len), &n))
            return -EINVAL;
    }
    *ret = n;
    return 0;
}

/* A line of names, and a line of values in the same order. */
int host_parse_retransmits(Str text, uint64_t *ret)
{
    Str names, values, name;
    ptrdiff_t at = str_find(text, STR("Tcp: RtoAlgorithm"));
    if (at < 0)
        return -EINVAL;
    text = str_slice(text, at, text.len);
    if (!str_cut(&text, '\n', &names) || !procscan_line(text, STR("Tcp:"), &values) ||
        !procscan_skip(&names))
        return -EINVAL;
    while (procscan_word(&names, &name)) {
        if (str_eqz(name, "RetransSegs"))
            return procscan_u64(&values, ret) ? 0 : -EINVAL;
        if (!procscan_skip(&values))
            return -EINVAL;
    }
    return -EINVAL;
}

int host_parse_pressure(Str text, uint64_t *ret_us)
{
    Str line;
    if (!procscan_line(text, STR("some "), &line))
        return -EINVAL;
    ptrdiff_t at = str_find(line, STR("total="));
    if (at < 0)
        return -EINVAL;
    line = str_slice(line, at + STR("total=").len, line.len);
    return procscan_u64(&line, ret_us) ? 0 : -EINVAL;
}

static bool is_listed(Str name, Str disks)
{
    for (Str one; procscan_word(&disks, &one);)
        if (str_eq(one, name))
            return true;
    return false;
}

/* "major minor name reads merged sectors ms writes merged sectors …"; a sector is 512 bytes here,
 * whatever the device says. */
static bool add_disk(Str line, Str disks, HostDisk *d)
{
    Str name;
    uint64_t read, written;
    if (!procscan_skips(&line, 2) || !procscan_word(&line, &name) || !is_listed(name, disks) ||
        !procscan_skips(&line, 2) || !procscan_u64(&line, &read) || !procscan_skips(&line, 3) ||
        !procscan_u64(&line, &written))
        return false;
    d->read_bytes += read * 512;
    d->write_bytes += written * 512;
    return true;
}

int host_parse_disks(Str text, Str disks, HostDisk *ret)
{
    HostDisk d = { 0 };
    bool any = false;
    for (Str line; str_cut(&text, '\n', &line);)
        any |= add_disk(line, disks, &d);
    if (!any)
        return -EINVAL;
    *ret = d;
    return 0;
}
