#include "store/spool_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/sha1.h"
#include "store/postgres_url.h"

enum { HASH_CHARS = 12 };

static const char *hash_of(Arena *a, Str text)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char sum[SHA1_BYTES];
    char *hex = ARENA_ARRAY(a, char, HASH_CHARS + 1);
    sha1(text, sum);
    for (int i = 0; i < HASH_CHARS; i++)
        hex[i] = digits[i % 2 ? sum[i / 2] & 15 : sum[i / 2] >> 4];
    return hex;
}

const char *spool_folder(Arena *a, const char *folder, const char *url)
{
    const char *database = postgres_database_url(a, postgres_shown_url(a, url));
    return arena_printf(a, "%s/%s", folder, hash_of(a, str(database)));
}

int spool_make_folder(const char *folder, const char *url, Err *err)
{
    CLEANUP(arena_done) Arena a = { 0 };
    CLEANUP(strbuf_done) StrBuf text = { 0 };
    const char *target = arena_printf(&a, "%s/target", folder);
    TRY(fs_mkdirs(folder, err));
    if (fs_exists(target))
        return 0;
    strbuf_addf(&text, "%s\n", postgres_shown_url(&a, url));
    return fs_write(target, strbuf_str(&text), err);
}

/* Ids may come from other programs' files: what is no plain letter gives way, and a hash tells
 * apart what looks alike then. */
SpoolFile spool_file_of_run(Arena *a, const char *folder, const char *id)
{
    CLEANUP(strbuf_done) StrBuf name = { 0 };
    for (const char *c = id; *c; c++) {
        bool plain = (*c >= '0' && *c <= '9') || (*c >= 'a' && *c <= 'z') ||
                     (*c >= 'A' && *c <= 'Z') || *c == '-' || *c == '_';
        strbuf_addc(&name, plain ? *c : '_');
    }
    strbuf_addf(&name, "-%s.db", hash_of(a, str(id)));
    return spool_file_named(a, folder, strbuf_z(&name));
}

SpoolFile spool_file_named(Arena *a, const char *folder, const char *name)
{
    const char *db = arena_printf(a, "%s/%s", folder, name);
    return (SpoolFile){ db, arena_printf(a, "%s.live", db), -1 };
}

static int compare_names(const void *x, const void *y)
{
    return strcmp(*(const char *const *)x, *(const char *const *)y);
}

const char **spool_list(Arena *a, const char *folder, ptrdiff_t *ret_n)
{
    const char **v = NULL;
    ptrdiff_t n = 0, cap = 0;
    DIR *d = opendir(folder);
    for (struct dirent *e; d && (e = readdir(d)) != NULL;)
        if (str_ends(str(e->d_name), STR(".db"))) {
            const char *name = arena_strdup(a, e->d_name);
            ARENA_PUSH(a, v, n, cap, name);
        }
    if (d)
        closedir(d);
    if (n > 1)
        qsort(v, (size_t)n, sizeof *v, compare_names);
    *ret_n = n;
    return v;
}

/* A lock of the process: benchmarks that it starts don't inherit it. */
int spool_lock(const char *path, int *ret_fd, Err *err)
{
    struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0)
        return err_errno(err, -errno, "lock '%s'", path);
    if (fcntl(fd, F_SETLK, &whole) < 0) {
        int r = errno == EACCES || errno == EAGAIN ? -EBUSY : -errno;
        close(fd);
        return err_errno(err, r, "lock '%s'", path);
    }
    *ret_fd = fd;
    return 0;
}

void spool_unlock(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* The file first: without it the rest means nothing. */
void spool_remove(Arena *a, SpoolFile *f)
{
    unlink(f->db);
    unlink(arena_printf(a, "%s-wal", f->db));
    unlink(arena_printf(a, "%s-shm", f->db));
    unlink(f->live);
    spool_unlock(&f->lock_fd);
}

const char *spool_set_aside(Arena *a, const char *folder, const char *name, SpoolFile *f)
{
    const char *bad = arena_printf(a, "%s/bad", folder);
    const char *to = arena_printf(a, "%s/%s", bad, name);
    for (int i = 2; fs_exists(to); i++)
        to = arena_printf(a, "%s/%s.%d", bad, name, i);
    if (fs_mkdirs(bad, NULL) < 0 || rename(f->db, to) < 0)
        return f->db;
    rename(arena_printf(a, "%s-wal", f->db), arena_printf(a, "%s-wal", to));
    unlink(arena_printf(a, "%s-shm", f->db));
    unlink(f->live);
    spool_unlock(&f->lock_fd);
    return to;
}
