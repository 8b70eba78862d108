#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void close_fd(int *fd)
{
    if (*fd > STDERR_FILENO)
        close(*fd);
}

int fs_read(Arena *a, const char *path, ptrdiff_t max, Str *ret, Err *err)
{
    CLEANUP(close_fd)
    int fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_errno(err, -errno, "read '%s'", path);
    CLEANUP(strbuf_done) StrBuf b = { .max = max };
    char chunk[64 * 1024];
    for (;;) {
        ssize_t n = read(fd, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_errno(err, -errno, "read '%s'", path);
        if (n == 0)
            break;
        strbuf_add(&b, (Str){ chunk, n });
        if (b.overflow)
            return err_set(err, -EFBIG, "'%s' is larger than %td bytes", path, max);
    }
    *ret = (Str){ arena_str(a, strbuf_str(&b)), b.len };
    return 0;
}

static int write_all(int fd, Str text)
{
    while (text.len) {
        ssize_t n = write(fd, text.ptr, (size_t)text.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        text = str_slice(text, n, text.len);
    }
    return 0;
}

static int write_beside(const char *tmp, Str text)
{
    int fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return -errno;
    int r = write_all(fd, text);
    if (r == 0 && fsync(fd) < 0 && errno != EINVAL)
        r = -errno;
    if (close(fd) < 0 && r == 0)
        r = -errno;
    return r;
}

/* Devices and pipes (/dev/stdout, /dev/full) are written in place: there is nothing to rename over.
 */
static bool is_special(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

int fs_write(const char *path, Str text, Err *err)
{
    if (strcmp(path, "-") == 0) {
        int r = write_all(STDOUT_FILENO, text);
        return r < 0 ? err_errno(err, r, "write standard output") : 0;
    }
    if (is_special(path)) {
        int r = write_beside(path, text);
        return r < 0 ? err_errno(err, r, "write '%s'", path) : 0;
    }
    CLEANUP(arena_done) Arena a = { 0 };
    const char *tmp = arena_printf(&a, "%s.%d.tmp", path, (int)getpid());
    int r = write_beside(tmp, text);
    if (r == 0 && rename(tmp, path) < 0)
        r = -errno;
    if (r < 0) {
        unlink(tmp);
        return err_errno(err, r, "write '%s'", path);
    }
    return 0;
}

int fs_mkdirs(const char *path, Err *err)
{
    CLEANUP(arena_done) Arena a = { 0 };
    char *p = arena_strdup(&a, path);
    for (char *slash = p + 1; *p && *slash; slash++) {
        if (*slash != '/')
            continue;
        *slash = '\0';
        if (mkdir(p, 0777) < 0 && errno != EEXIST)
            return err_errno(err, -errno, "make folder '%s'", p);
        *slash = '/';
    }
    if (mkdir(p, 0777) < 0 && errno != EEXIST)
        return err_errno(err, -errno, "make folder '%s'", p);
    if (!fs_is_dir(p))
        return err_set(err, -ENOTDIR, "'%s' is in the way: not a folder", p);
    return 0;
}

bool fs_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

bool fs_is_dir(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

int fs_make_temp(Arena *a, const char *prefix, char **ret, Err *err)
{
    const char *tmp = getenv("TMPDIR");
    char *path = arena_printf(a, "%s/%s-XXXXXX", tmp && *tmp ? tmp : "/tmp", prefix);
    if (!mkdtemp(path))
        return err_errno(err, -errno, "make a folder like '%s'", path);
    *ret = path;
    return 0;
}

char *fs_dirname(Arena *a, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return arena_strdup(a, ".");
    if (slash == path)
        return arena_strdup(a, "/");
    return arena_str(a, (Str){ path, slash - path });
}

char *fs_join(Arena *a, const char *base, const char *path)
{
    if (path[0] == '/' || strcmp(base, ".") == 0)
        return arena_strdup(a, path);
    return arena_printf(a, "%s/%s", base, path);
}

char *fs_self(Arena *a)
{
    char buf[4096];
    ssize_t n = readlink("/proc/self/exe", buf, sizeof buf);
    return n > 0 ? arena_str(a, (Str){ buf, n }) : arena_strdup(a, "assay");
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
    (void)st, (void)kind, (void)where;
    return remove(path) < 0 ? -errno : 0;
}

int fs_remove_tree(const char *path, Err *err)
{
    int r = nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return r < 0 ? err_errno(err, r == -1 ? -errno : r, "remove '%s'", path) : 0;
}
