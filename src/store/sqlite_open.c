/* Opening: what the file is, whether this build knows its schema, and that it can be written.
 *
 * Journal is WAL: readers never block the writer, and a killed writer leaves a log that the next
 * connection recovers. synchronous is NORMAL: see docs/store.md for what a power cut can take. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "store/sqlite.h"

enum {
    APPLICATION_ID = 0x61737379, /* "assy": tells a store from other SQLite files */
    BUSY_TIMEOUT_MS = 10000,
    BUSY_STEP_MS = 5,
};

static void close_db(Sqlite *s)
{
    for (int i = 0; i < SQL_N; i++)
        sqlite3_finalize(s->stmts[i]);
    sqlite3_finalize(s->begin_write);
    sqlite3_finalize(s->begin_read);
    sqlite3_finalize(s->commit);
    s->begin_write = s->begin_read = s->commit = NULL;
    sqlite3_close(s->db);
    memset(s->stmts, 0, sizeof s->stmts);
    s->db = NULL;
}

void sqlite_store_close(Store *base)
{
    Sqlite *s = (Sqlite *)base;
    close_db(s);
    arena_done(&s->sql.arena);
    free(s);
}

static void close_half_open(Sqlite **s)
{
    if (*s)
        sqlite_store_close(&(*s)->sql.base);
}

/* Someone else may hold the lock that changing the journal's mode needs; SQLite doesn't wait for
 * that one by itself. */
static int set_wal(Sqlite *s, Err *err)
{
    int r = SQLITE_OK;
    for (int waited = 0; waited < BUSY_TIMEOUT_MS; waited += BUSY_STEP_MS) {
        r = sqlite3_exec(s->db, "PRAGMA journal_mode=WAL", NULL, NULL, NULL);
        if ((r & 0xff) != SQLITE_BUSY)
            break;
        sqlite3_sleep(BUSY_STEP_MS);
    }
    return r == SQLITE_OK ? 0 : sqlite_fail(s, err);
}

static int read_marks(Sqlite *s, int64_t *ret_app, int64_t *ret_schema, int64_t *ret_tables,
                      Err *err)
{
    TRY(sqlite_ask_int(s, "PRAGMA application_id", ret_app, err));
    TRY(sqlite_ask_int(s, "PRAGMA user_version", ret_schema, err));
    return sqlite_ask_int(s, "SELECT count(*) FROM sqlite_schema", ret_tables, err);
}

/* Schema number of what is there; 0 for an empty file. Other programs' files are refused. Read in
 * one transaction: somebody may just be making it. */
static int read_schema(Sqlite *s, int64_t *ret, Err *err)
{
    int64_t app = 0, tables = 0;
    bool alone = sqlite3_get_autocommit(s->db) != 0;
    if (alone)
        TRY(sqlite_exec_text(s, "BEGIN", err));
    int r = read_marks(s, &app, ret, &tables, err);
    if (alone)
        sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL); /* nothing was written */
    if (r < 0 || app == APPLICATION_ID || (app == 0 && tables == 0 && *ret == 0))
        return r;
    return err_set(err, -EBADMSG,
                   "'%s' is an SQLite database of another program; name a store of its own with "
                   "--store",
                   s->sql.path);
}

/* In one transaction, with the write lock held, so that of several programs one migrates. */
static int migrate(SqlStore *base, void *arg, Err *err)
{
    (void)arg;
    Sqlite *s = (Sqlite *)base;
    int64_t schema;
    TRY(read_schema(s, &schema, err));
    if (schema > STORE_SCHEMA)
        return sq_refuse_newer(&s->sql, schema, err);
    for (int64_t i = schema; i < STORE_SCHEMA; i++)
        TRY(sqlite_exec_text(s, sq_schema_texts[i], err));
    if (schema < STORE_SCHEMA) {
        TRY(sqlite_exec_text(s, arena_printf(&s->sql.arena, "PRAGMA user_version=%d", STORE_SCHEMA),
                             err));
        TRY(sqlite_exec_text(
            s, arena_printf(&s->sql.arena, "PRAGMA application_id=%d", APPLICATION_ID), err));
    }
    return sq_run(base, SQL_PROVE_WRITABLE, SQ_NONE, err);
}

static int open_db(Sqlite *s, const char *name, int flags, Err *err)
{
    flags |= SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_URI;
    if (sqlite3_open_v2(name, &s->db, flags, NULL) != SQLITE_OK)
        return sqlite_fail(s, err);
    sqlite3_busy_timeout(s->db, BUSY_TIMEOUT_MS);
    return sqlite_exec_text(s, "PRAGMA foreign_keys=ON", err);
}

static int make_folder(const Sqlite *s, Err *err)
{
    CLEANUP(arena_done) Arena scratch = { 0 };
    Err why = { 0 };
    int r = fs_mkdirs(fs_dirname(&scratch, s->sql.path), &why);
    if (r == 0)
        return 0;
    return err_set(err, r, "%s; name a store elsewhere with --store or ASSAY_STORE", why.msg);
}

static int open_write(Sqlite *s, const char *uri, Err *err)
{
    int64_t schema;
    TRY(make_folder(s, err));
    TRY(open_db(s, uri, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, err));
    TRY(read_schema(s, &schema, err)); /* before anything is changed in a file of others */
    if (schema > STORE_SCHEMA)
        return sq_refuse_newer(&s->sql, schema, err);
    if (schema == 0)
        TRY(sqlite_exec_text(s, "PRAGMA auto_vacuum=INCREMENTAL",
                             err));                /* only before the first table */
    if (sqlite3_db_readonly(s->db, "main") == 1) { /* SQLite opens what it may not write, to read */
        int os_error = access(s->sql.path, W_OK) < 0 ? errno : EACCES;
        return err_set(err, os_error == EROFS ? -EROFS : -EACCES,
                       "no right to write '%s'; change its rights, or name a store elsewhere with "
                       "--store or ASSAY_STORE",
                       s->sql.path);
    }
    TRY(set_wal(s, err));
    TRY(sqlite_exec_text(s, "PRAGMA synchronous=NORMAL", err));
    TRY(sqlite_exec_text(s, "PRAGMA wal_autocheckpoint=4000",
                         err)); /* 16 MiB: a page is copied once, not often */
    return sq_transact(&s->sql, "open the store", true, migrate, NULL, err);
}

static bool has_log(const Sqlite *s)
{
    CLEANUP(arena_done) Arena scratch = { 0 };
    struct stat st;
    return stat(arena_printf(&scratch, "%s-wal", s->sql.path), &st) == 0 && st.st_size > 0;
}

/* Reading a store with a write-ahead log wants a file beside it for the readers' marks. Where that
 * can't be made and there is no log, nobody can be writing: the file may be read as it is. */
static int read_as_it_is(Sqlite *s, const char *uri, int64_t *ret, Err *err)
{
    if (err->code != -EACCES && err->code != -EROFS && err->code != -ENOENT && err->code != -EIO)
        return err->code;
    if (has_log(s))
        return err_set(err, err->code,
                       "'%s' has a log beside it, and no right to write in its folder, which "
                       "reading both takes: copy both to a folder of your own",
                       s->sql.path);
    close_db(s);
    TRY(open_db(s, arena_printf(&s->sql.arena, "%s?immutable=1", uri), SQLITE_OPEN_READONLY, err));
    return read_schema(s, ret, err);
}

static int open_read(Sqlite *s, const char *uri, StoreMode mode, Err *err)
{
    int64_t schema = 0;
    Err why = { 0 };
    if (access(s->sql.path, F_OK) < 0 && (errno == ENOENT || errno == ENOTDIR))
        return sq_no_results(&s->sql, err);
    if (access(s->sql.path, R_OK) < 0)
        return err_errno(err, -errno, "read the store '%s'", s->sql.path);
    TRY(open_db(s, uri, SQLITE_OPEN_READONLY, err));
    int r = read_schema(s, &schema, &why);
    if (r < 0)
        r = read_as_it_is(s, uri, &schema, &why);
    if (r < 0)
        return err_set(err, r, "%s", why.msg);
    return sq_may_read(&s->sql, schema, mode, err);
}

int sqlite_schema(SqlStore *base, int64_t *ret, Err *err)
{
    return read_schema((Sqlite *)base, ret, err);
}

/* "file:" and the path with what a URI would take otherwise escaped. */
static const char *uri_of(Arena *a, const char *path)
{
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    strbuf_addz(&b, "file:");
    for (const char *p = path; *p; p++) {
        if (*p == '?' || *p == '#' || *p == '%')
            strbuf_addf(&b, "%%%02x", (unsigned)*p);
        else
            strbuf_addc(&b, *p);
    }
    return arena_str(a, strbuf_str(&b));
}

int sqlite_store_open(Store **ret, const char *path, StoreMode mode, Err *err)
{
    if (*path == '\0')
        return err_set(err, -EINVAL, "a store wants a path, such as .assay/assay.db");
    CLEANUP(close_half_open) Sqlite *s = calloc(1, sizeof *s);
    if (!s)
        return err_set(err, -ENOMEM, "no memory for a store");
    s->sql.base.ops = &store_sqlite;
    s->sql.engine = &sqlite_engine;
    s->sql.path = arena_strdup(&s->sql.arena, path);
    s->sql.doing = "open the store";
    const char *uri = uri_of(&s->sql.arena, path);
    Err why = { 0 };
    int r = mode == STORE_WRITE ? open_write(s, uri, &why) : open_read(s, uri, mode, &why);
    if (r < 0)
        return err_set(err, r, "%s", why.msg);
    *ret = &TAKE(s)->sql.base;
    return 0;
}
