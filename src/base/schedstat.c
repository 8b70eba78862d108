#include "base/schedstat.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int schedstat_parse(Str text, SchedStat *ret)
{
    Str run, wait;
    SchedStat s;
    if (!str_cut(&text, ' ', &run) || !str_cut(&text, ' ', &wait) ||
        str_to_u64(run, &s.run_ns) < 0 || str_to_u64(wait, &s.wait_ns) < 0)
        return -EINVAL;
    *ret = s;
    return 0;
}

int schedstat_read(const char *path, SchedStat *ret)
{
    char text[128];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    ssize_t n = read(fd, text, sizeof text);
    int code = n < 0 ? -errno : 0;
    close(fd);
    return code ? code : schedstat_parse((Str){ text, n }, ret);
}
