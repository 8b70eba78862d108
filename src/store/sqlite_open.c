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
#include "store/sqlite_schema.h" /* generated from schema/ */

static_assert(ARRAY_LEN(schema_texts) == STORE_SCHEMA, "one file in schema/ per schema number");

enum {
    APPLICATION_ID = 0x61737379, /* "assy": tells a store from other SQLite files */
    BUSY_TIMEOUT_MS = 10000,
    BUSY_STEP_MS = 5,
};

static void close_db(Sqlite *s)
{
    for (int i = 0; i < SQL_N; i++)
        sqlite3_finalize(s->stmts[i]);
    sqlite3_close(s->db);
    memset(s->stmts, 0, sizeof s->stmts);
    s->db = NULL;
}

void sq_store_close(Store *base)
{
    Sqlite *s = (Sqlite *)base;
    close_db(s);
    arena_done(&s->arena);
    free(s);
}

static void close_half_open(Sqlite **s)
{
    if (*s)
        sq_store_close(&(*s)->base);
}

static int exec(Sqlite *s, const char *sql, Err *err)
{
    int r = sqlite3_exec(s->db, sql, NULL, NULL, NULL);
    return r == SQLITE_OK ? 0 : sq_fail(s, err);
}

static int query_int(Sqlite *s, const char *sql, int64_t *ret, Err *err)
{
    sqlite3_stmt *q = NULL;
    int r = sqlite3_prepare_v2(s->db, sql, -1, &q, NULL);
    if (r == SQLITE_OK)
        r = sqlite3_step(q);
    if (r == SQLITE_ROW)
        *ret = sqlite3_column_int64(q, 0);
    int res = r == SQLITE_ROW ? 0 : sq_fail(s, err);
    sqlite3_finalize(q);
    return res;
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
    return r == SQLITE_OK ? 0 : sq_fail(s, err);
}

static int read_marks(Sqlite *s, int64_t *ret_app, int64_t *ret_schema, int64_t *ret_tables,
                      Err *err)
{
    TRY(query_int(s, "PRAGMA application_id", ret_app, err));
    TRY(query_int(s, "PRAGMA user_version", ret_schema, err));
    return query_int(s, "SELECT count(*) FROM sqlite_schema", ret_tables, err);
}

/* Schema number of what is there; 0 for an empty file. Other programs' files are refused. Read in
 * one transaction: somebody may just be making it. */
static int read_schema(Sqlite *s, int64_t *ret, Err *err)
{
    int64_t app = 0, tables = 0;
    bool alone = sqlite3_get_autocommit(s->db) != 0;
    if (alone)
        TRY(exec(s, "BEGIN", err));
    int r = read_marks(s, &app, ret, &tables, err);
    if (alone)
        sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL); /* nothing was written */
    if (r < 0 || app == APPLICATION_ID || (app == 0 && tables == 0 && *ret == 0))
        return r;
    return err_set(err, -EBADMSG,
                   "'%s' is an SQLite database of another program; name a store of its own with "
                   "--store",
                   s->path);
}

static int refuse_newer(const Sqlite *s, int64_t schema, Err *err)
{
    return err_set(err, -EPROTO,
                   "'%s' was written by a newer assay (schema %lld, this build knows %d): upgrade "
                   "assay or use another --store",
                   s->path, (long long)schema, STORE_SCHEMA);
}

/* In one transaction, with the write lock held, so that of several programs one migrates. */
static int migrate(Sqlite *s, void *arg, Err *err)
{
    (void)arg;
    int64_t schema;
    TRY(read_schema(s, &schema, err));
    if (schema > STORE_SCHEMA)
        return refuse_newer(s, schema, err);
    for (int64_t i = schema; i < STORE_SCHEMA; i++)
        TRY(exec(s, schema_texts[i], err));
    if (schema < STORE_SCHEMA) {
        TRY(exec(s, arena_printf(&s->arena, "PRAGMA user_version=%d", STORE_SCHEMA), err));
        TRY(exec(s, arena_printf(&s->arena, "PRAGMA application_id=%d", APPLICATION_ID), err));
    }
    return sq_run(s, SQL_PROVE_WRITABLE, SQ_NONE, err);
}

static int open_db(Sqlite *s, const char *name, int flags, Err *err)
{
    flags |= SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_URI;
    if (sqlite3_open_v2(name, &s->db, flags, NULL) != SQLITE_OK)
        return sq_fail(s, err);
    sqlite3_busy_timeout(s->db, BUSY_TIMEOUT_MS);
    return exec(s, "PRAGMA foreign_keys=ON", err);
}

static int make_folder(const Sqlite *s, Err *err)
{
    CLEANUP(arena_done) Arena scratch = { 0 };
    Err why = { 0 };
    int r = fs_mkdirs(fs_dirname(&scratch, s->path), &why);
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
        return refuse_newer(s, schema, err);
    if (schema == 0)
        TRY(exec(s, "PRAGMA auto_vacuum=INCREMENTAL", err)); /* only before the first table */
    if (sqlite3_db_readonly(s->db, "main") == 1) { /* SQLite opens what it may not write, to read */
        int os_error = access(s->path, W_OK) < 0 ? errno : EACCES;
        return err_set(err, os_error == EROFS ? -EROFS : -EACCES,
                       "no right to write '%s'; change its rights, or name a store elsewhere with "
                       "--store or ASSAY_STORE",
                       s->path);
    }
    TRY(set_wal(s, err));
    TRY(exec(s, "PRAGMA synchronous=NORMAL", err));
    TRY(exec(s, "PRAGMA wal_autocheckpoint=4000",
             err)); /* 16 MiB: a page is copied once, not often */
    return sq_transact(s, "open the store", true, migrate, NULL, err);
}

static bool has_log(const Sqlite *s)
{
    CLEANUP(arena_done) Arena scratch = { 0 };
    struct stat st;
    return stat(arena_printf(&scratch, "%s-wal", s->path), &st) == 0 && st.st_size > 0;
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
                       s->path);
    close_db(s);
    TRY(open_db(s, arena_printf(&s->arena, "%s?immutable=1", uri), SQLITE_OPEN_READONLY, err));
    return read_schema(s, ret, err);
}

static int open_read(Sqlite *s, const char *uri, bool any_schema, Err *err)
{
    static const char nothing[] =
        "no results are stored in '%s' yet: 'assay run' stores them; name "
        "another store with --store or ASSAY_STORE";
    int64_t schema = 0;
    Err why = { 0 };
    if (access(s->path, F_OK) < 0 && (errno == ENOENT || errno == ENOTDIR))
        return err_set(err, -ENOENT, nothing, s->path);
    if (access(s->path, R_OK) < 0)
        return err_errno(err, -errno, "read the store '%s'", s->path);
    TRY(open_db(s, uri, SQLITE_OPEN_READONLY, err));
    int r = read_schema(s, &schema, &why);
    if (r < 0)
        r = read_as_it_is(s, uri, &schema, &why);
    if (r < 0)
        return err_set(err, r, "%s", why.msg);
    if (schema > STORE_SCHEMA)
        return refuse_newer(s, schema, err);
    if (schema == 0)
        return err_set(err, -ENOENT, nothing, s->path);
    if (schema < STORE_SCHEMA && !any_schema)
        return err_set(err, -EPROTO,
                       "'%s' has schema %lld, this build reads %d: 'assay db migrate', or the next "
                       "run stored in "
                       "it, brings it up to date",
                       s->path, (long long)schema, STORE_SCHEMA);
    return 0;
}

int sq_migration(Store *base, Arena *a, Migration *ret, Err *err)
{
    Sqlite *s = (Sqlite *)base;
    int64_t schema;
    TRY(read_schema(s, &schema, err));
    ret->schema = (int)schema;
    ret->n = STORE_SCHEMA - (int)schema;
    ret->steps = ARENA_ARRAY(a, const char *, ret->n);
    for (int i = 0; i < ret->n; i++)
        ret->steps[i] = schema_names[schema + i];
    return 0;
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

int sq_store_open(Store **ret, const char *path, StoreMode mode, Err *err)
{
    if (*path == '\0')
        return err_set(err, -EINVAL, "a store wants a path, such as .assay/assay.db");
    CLEANUP(close_half_open) Sqlite *s = calloc(1, sizeof *s);
    if (!s)
        return err_set(err, -ENOMEM, "no memory for a store");
    s->base.ops = &store_sqlite;
    s->path = arena_strdup(&s->arena, path);
    s->doing = "open the store";
    const char *uri = uri_of(&s->arena, path);
    Err why = { 0 };
    int r = mode == STORE_WRITE ? open_write(s, uri, &why)
                                : open_read(s, uri, mode == STORE_LOOK, &why);
    if (r < 0)
        return err_set(err, r, "%s", why.msg);
    *ret = &TAKE(s)->base;
    return 0;
}
