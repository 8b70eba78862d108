/* What the whole host does: cores, network namespace, disks, pressure. */
#pragma once

#include "probe/figure.h"
#include "probe/procfile.h"

typedef enum HostFile {
    HOST_STAT,
    HOST_LOADAVG,
    HOST_NET,
    HOST_SNMP,
    HOST_PRESSURE_CPU,
    HOST_PRESSURE_MEMORY,
    HOST_PRESSURE_IO,
    HOST_DISKS,
    HOST_FILES
} HostFile;

enum { HOST_DISK_NAMES_MAX = 1024 };

typedef struct Host {
    int fd[HOST_FILES];              /* -1: this host does not have it */
    char disks[HOST_DISK_NAMES_MAX]; /* "sda nvme0n1 ": those with a device behind them */
    ptrdiff_t disks_len;
    uint64_t last_pid; /* of the last look, 0 unknown */
} Host;

void host_init(Host *h);
void host_done(Host *h);
/* Writes the FIG_HOST_ figures of what there is. True when processes or threads may have been
 * started since the look before. Cost: 65 µs with two cores. */
bool host_look(Host *h, ProcBuf *buf, Sample *ret);
