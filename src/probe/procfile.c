#include "probe/procfile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "probe/scan.h"

int procfile_open(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

/* Tables come a page per read, so it takes a read that gives nothing to know the end. */
int procfile_pread(int fd, ProcBuf *buf, Str *ret)
{
    ptrdiff_t n = 0;
    for (;;) {
        if (n == (ptrdiff_t)sizeof buf->text)
            return -EFBIG;
        ssize_t got = pread(fd, buf->text + n, sizeof buf->text - (size_t)n, n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        if (got == 0)
            break;
        n += got;
    }
    *ret = (Str){ buf->text, n };
    return 0;
}

int procfile_read(const char *path, ProcBuf *buf, Str *ret)
{
    int fd = procfile_open(path);
    if (fd < 0)
        return fd;
    int r = procfile_pread(fd, buf, ret);
    close(fd);
    return r;
}

int procfile_close(int fd)
{
    if (fd >= 0)
        close(fd);
    return -1;
}

const char *procfile_path(char buf[PROC_PATH_MAX], int pid, const char *name)
{
    snprintf(buf, PROC_PATH_MAX, "/proc/%d/%s", pid, name);
    return buf;
}

const char *procfile_task_path(char buf[PROC_PATH_MAX], int pid, int tid, const char *name)
{
    snprintf(buf, PROC_PATH_MAX, "/proc/%d/task/%d/%s", pid, tid, name);
    return buf;
}

int procdir_open(ProcDir *d, const char *path)
{
    d->at = d->n = 0;
    d->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return d->fd < 0 ? -errno : 0;
}

void procdir_close(ProcDir *d)
{
    d->fd = procfile_close(d->fd);
}

static bool next_entry(ProcDir *d, const struct dirent64 **ret)
{
    if (d->at >= d->n) {
        d->n = d->fd < 0 ? 0 : getdents64(d->fd, d->entries, sizeof d->entries);
        d->at = 0;
    }
    if (d->n <= 0)
        return false;
    const struct dirent64 *e = (const void *)(d->entries + d->at);
    d->at += e->d_reclen;
    *ret = e;
    return true;
}

bool procdir_next(ProcDir *d, int *ret)
{
    for (const struct dirent64 *e; next_entry(d, &e);) {
        Str name = str(e->d_name);
        if (procscan_pid(&name, ret))
            return true;
    }
    procdir_close(d);
    return false;
}
