/* A copy of one moment: a read transaction holds it still while others write. The copy is verified
 * and forced to the disk under a name of its own before it takes the one that was asked for. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/fs.h"
#include "store/sqlite.h"

enum { PAGES_A_STEP = 4096 };

static int copy_pages(Sqlite *s, sqlite3 *to, Err *err)
{
    sqlite3_backup *b = sqlite3_backup_init(to, "main", s->db, "main");
    int r = b ? SQLITE_OK : sqlite3_errcode(to);
    while (r == SQLITE_OK)
        r = sqlite3_backup_step(b, PAGES_A_STEP);
    sqlite3_backup_finish(b);
    if (r == SQLITE_DONE)
        return 0;
    return err_set(err, r == SQLITE_FULL ? -ENOSPC : -EIO, "back up '%s': %s", s->sql.path,
                   sqlite3_errstr(r));
}

typedef struct BackupArg {
    const char *part;
} BackupArg;

static int backup_body(SqlStore *base, void *arg, Err *err)
{
    Sqlite *s = (Sqlite *)base;
    const BackupArg *x = arg;
    sqlite3 *to = NULL;
    int64_t runs;
    TRY(sqlite_ask_int(s, "SELECT count(*) FROM runs", &runs, err)); /* the moment begins */
    int r = sqlite3_open_v2(x->part, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    int res = r == SQLITE_OK ? copy_pages(s, to, err)
                             : err_set(err, -EACCES, "make '%s': %s", x->part, sqlite3_errstr(r));
    sqlite3_close(to);
    return res;
}

static int check_copy(const char *part, Err *err)
{
    CLEANUP(store_closep) Store *copy = NULL;
    CLEANUP(arena_done) Arena a = { 0 };
    StoreFaults faults = { 0 };
    TRY(store_open(&copy, part, STORE_LOOK, err));
    TRY(store_verify(copy, &a, &faults, err));
    if (faults.n)
        return err_set(err, -EBADMSG, "the copy is not intact: %s ('assay db verify' says more)",
                       faults.v[0]);
    return 0;
}

static int force_to_disk(const char *path, Err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int r = fd < 0 || fsync(fd) < 0 ? -errno : 0;
    if (fd >= 0)
        close(fd);
    return r < 0 ? err_errno(err, r, "write '%s'", path) : 0;
}

static void remove_part(Arena *a, const char *part)
{
    unlink(part);
    unlink(arena_printf(a, "%s-wal", part));
    unlink(arena_printf(a, "%s-shm", part));
}

static int take_name(Arena *a, const char *part, const char *to, Err *err)
{
    TRY(force_to_disk(part, err));
    if (rename(part, to) < 0)
        return err_errno(err, -errno, "rename '%s' to '%s'", part, to);
    return force_to_disk(fs_dirname(a, to), err);
}

static int make_copy(Sqlite *s, Arena *a, const char *part, const char *to, Err *err)
{
    BackupArg arg = { part };
    TRY(sq_transact(&s->sql, "back up the store", false, backup_body, &arg, err));
    TRY(check_copy(part, err));
    return take_name(a, part, to, err);
}

int sqlite_backup(Store *base, const char *to, bool force, Err *err)
{
    CLEANUP(arena_done) Arena a = { 0 };
    Sqlite *s = (Sqlite *)base;
    const char *part = arena_printf(&a, "%s.part", to);
    if (fs_exists(to) && !force)
        return err_set(err, -EEXIST, "'%s' is there already; --force replaces it", to);
    remove_part(&a, part); /* of one that was killed */
    int r = make_copy(s, &a, part, to, err);
    remove_part(&a, part);
    return r;
}
