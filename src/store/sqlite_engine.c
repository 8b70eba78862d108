/* The SQLite engine: how statements are bound, stepped and read, and what went wrong. */
#include <errno.h>
#include <string.h>
#include <sys/resource.h>

#include "store/sqlite.h"

/* A limit on file sizes (RLIMIT_FSIZE) and quotas reach SQLite as plain write errors, and errno may
 * be another call's by the time it is asked for. */
static bool is_full(int code, int os_error)
{
    struct rlimit l;
    if ((code & 0xff) == SQLITE_FULL)
        return true;
    if ((code & 0xff) != SQLITE_IOERR)
        return false;
    if (os_error == ENOSPC || os_error == EDQUOT || os_error == EFBIG)
        return true;
    return code == SQLITE_IOERR_WRITE && getrlimit(RLIMIT_FSIZE, &l) == 0 &&
           l.rlim_cur != RLIM_INFINITY;
}

static int fail_to_write(const Sqlite *s, int os_error, Err *err)
{
    if (os_error == EROFS)
        return err_set(err, -EROFS,
                       "%s: '%s' lies on a read-only file system; name a store elsewhere with "
                       "--store or ASSAY_STORE",
                       s->sql.doing, s->sql.path);
    return err_set(
        err, -EACCES,
        "%s: no right to write '%s' and its folder; change their rights, or name a store "
        "elsewhere with --store or ASSAY_STORE",
        s->sql.doing, s->sql.path);
}

int sqlite_fail(const Sqlite *s, Err *err)
{
    int code = s->db ? sqlite3_extended_errcode(s->db) : SQLITE_NOMEM;
    int os_error = s->db ? sqlite3_system_errno(s->db) : 0;
    const char *said = s->db ? sqlite3_errmsg(s->db) : "out of memory";
    if (is_full(code, os_error))
        return err_set(
            err, -ENOSPC,
            "%s: no room left for '%s' (disk full, quota or file size limit); nothing of "
            "it was stored. Make room, or name a store elsewhere with --store",
            s->sql.doing, s->sql.path);
    switch (code & 0xff) {
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return fail_to_write(s, os_error, err);
    case SQLITE_CANTOPEN:
        if (os_error == EACCES || os_error == EPERM || os_error == EROFS)
            return fail_to_write(s, os_error, err);
        return err_errno(err, os_error ? -os_error : -EIO, "%s: '%s'", s->sql.doing, s->sql.path);
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
        return err_set(
            err, -EBADMSG,
            "%s: '%s' is no intact store (%s); move it away or name another with --store",
            s->sql.doing, s->sql.path, said);
    case SQLITE_BUSY:
        return err_set(err, -EBUSY, "%s: '%s' is kept busy by another program", s->sql.doing,
                       s->sql.path);
    case SQLITE_NOMEM:
        return err_set(err, -ENOMEM, "%s: no memory", s->sql.doing);
    default:
        return err_set(err, -EIO, "%s: '%s': %s", s->sql.doing, s->sql.path, said);
    }
}

static int bind(sqlite3_stmt *q, int at, const Val *v)
{
    switch (v->type) {
    case VAL_INT:
        return sqlite3_bind_int64(q, at, v->i);
    case VAL_NUM:
        return sqlite3_bind_double(q, at, v->num);
    case VAL_TEXT:
        return sqlite3_bind_text64(q, at, v->s.ptr, (sqlite3_uint64)v->s.len, SQLITE_STATIC,
                                   SQLITE_UTF8);
    case VAL_BLOB:
        return sqlite3_bind_blob64(q, at, v->s.ptr ? v->s.ptr : "", (sqlite3_uint64)v->s.len,
                                   SQLITE_STATIC);
    case VAL_NULL:
        return sqlite3_bind_null(q, at);
    }
    return SQLITE_MISUSE;
}

static int open_stmt(SqlStore *base, Sql sql, const Val *v, int n, SqRow *ret, Err *err)
{
    Sqlite *s = (Sqlite *)base;
    sqlite3_stmt **q = &s->stmts[sql];
    if (!*q && sqlite3_prepare_v3(s->db, sq_texts[sql], -1, SQLITE_PREPARE_PERSISTENT, q, NULL) !=
                   SQLITE_OK)
        return sqlite_fail(s, err);
    assert(sqlite3_bind_parameter_count(*q) == n);
    assert(!sqlite3_stmt_busy(*q));
    for (int i = 0; i < n; i++)
        if (bind(*q, i + 1, &v[i]) != SQLITE_OK)
            return sqlite_fail(s, err);
    *ret = (SqRow){ base, *q, 0, false };
    return 0;
}

static int open_text(SqlStore *base, const char *text, SqRow *ret, Err *err)
{
    Sqlite *s = (Sqlite *)base;
    sqlite3_stmt *q = NULL;
    if (sqlite3_prepare_v2(s->db, text, -1, &q, NULL) != SQLITE_OK)
        return sqlite_fail(s, err);
    *ret = (SqRow){ base, q, 0, true };
    return 0;
}

static int next_row(SqRow *q, Err *err)
{
    switch (sqlite3_step(q->rows)) {
    case SQLITE_ROW:
        return 1;
    case SQLITE_DONE:
        return 0;
    default:
        return sqlite_fail((Sqlite *)q->s, err);
    }
}

static void end_rows(SqRow *q)
{
    if (q->own) {
        sqlite3_finalize(q->rows);
        return;
    }
    sqlite3_reset(q->rows);
    sqlite3_clear_bindings(q->rows);
}

static int run_stmt(SqlStore *s, Sql sql, const Val *v, int n, Err *err)
{
    CLEANUP(sq_done) SqRow q = { 0 };
    TRY(open_stmt(s, sql, v, n, &q, err));
    int r = next_row(&q, err);
    assert(r <= 0);
    return r;
}

static bool is_null(const SqRow *q, int i)
{
    return sqlite3_column_type(q->rows, i) == SQLITE_NULL;
}

static int64_t as_int(const SqRow *q, int i)
{
    return sqlite3_column_int64(q->rows, i);
}

static double as_num(const SqRow *q, int i)
{
    return sqlite3_column_double(q->rows, i);
}

static Str as_bytes(const SqRow *q, int i)
{
    const char *bytes = sqlite3_column_blob(q->rows, i);
    return (Str){ bytes, sqlite3_column_bytes(q->rows, i) };
}

int sqlite_exec_text(Sqlite *s, const char *sql, Err *err)
{
    int r = sqlite3_exec(s->db, sql, NULL, NULL, NULL);
    return r == SQLITE_OK ? 0 : sqlite_fail(s, err);
}

int sqlite_ask_int(Sqlite *s, const char *sql, int64_t *ret, Err *err)
{
    CLEANUP(sq_done) SqRow q = { 0 };
    TRY(open_text(&s->sql, sql, &q, err));
    int r = next_row(&q, err);
    if (r > 0)
        *ret = as_int(&q, 0);
    return MIN(r, 0);
}

/* One of those that come with every trial. */
static int step_often(Sqlite *s, sqlite3_stmt **q, const char *text, Err *err)
{
    if (!*q && sqlite3_prepare_v3(s->db, text, -1, SQLITE_PREPARE_PERSISTENT, q, NULL) != SQLITE_OK)
        return sqlite_fail(s, err);
    int r = sqlite3_step(*q) == SQLITE_DONE ? 0 : sqlite_fail(s, err);
    sqlite3_reset(*q);
    return r;
}

static int begin(SqlStore *base, bool write, Err *err)
{
    Sqlite *s = (Sqlite *)base;
    return write ? step_often(s, &s->begin_write, "BEGIN IMMEDIATE", err)
                 : step_often(s, &s->begin_read, "BEGIN", err);
}

static int commit(SqlStore *base, Err *err)
{
    Sqlite *s = (Sqlite *)base;
    return step_often(s, &s->commit, "COMMIT", err);
}

/* SQLite rolls some failed transactions back by itself (a full disk): then there is none left. What
 * can't be rolled back now is rolled back by whoever opens the store next. */
static void roll_back(SqlStore *base)
{
    Sqlite *s = (Sqlite *)base;
    if (!sqlite3_get_autocommit(s->db))
        (void)!sqlite_exec_text(s, "ROLLBACK", NULL);
}

static int64_t added_key(SqlStore *base)
{
    return sqlite3_last_insert_rowid(((Sqlite *)base)->db);
}

static void say_pages(Verify *v, const SqRow *q)
{
    Str said = as_bytes(q, 0);
    if (!str_eqz(said, "ok"))
        sq_fault(v, "pages: " STR_FMT, STR_ARG(said));
}

static void say_key(Verify *v, const SqRow *q)
{
    Str table = as_bytes(q, 0), row = as_bytes(q, 1), other = as_bytes(q, 2);
    sq_fault(v, STR_FMT ": row " STR_FMT " points at a row of " STR_FMT " that is not there",
             STR_ARG(table), STR_ARG(row), STR_ARG(other));
}

static const SqlCheck checks[] = {
    { 1, "PRAGMA integrity_check", say_pages },
    { 1, "PRAGMA foreign_key_check", say_key },
    { 0 },
};

const SqlEngine sqlite_engine = {
    .open = open_stmt,
    .open_text = open_text,
    .run = run_stmt,
    .next = next_row,
    .done = end_rows,
    .is_null = is_null,
    .as_int = as_int,
    .as_num = as_num,
    .as_bytes = as_bytes,
    .begin = begin,
    .commit = commit,
    .roll_back = roll_back,
    .added_key = added_key,
    .schema = sqlite_schema,
    .sizes = sqlite_sizes,
    .checks = checks,
};
