/* The SQLite engine's inside. Only for sqlite*.c. */
#pragma once

#include <sqlite3.h>

#include "store/sql.h"

typedef struct Sqlite {
    SqlStore sql; /* first: a SqlStore * is a Sqlite * */
    sqlite3 *db;
    sqlite3_stmt *stmts[SQL_N]; /* NULL until first used */
    sqlite3_stmt *begin_write, *begin_read, *commit;
} Sqlite;

extern const SqlEngine sqlite_engine;

/* What SQLite said, with what was being done, the path and the cure. */
int sqlite_fail(const Sqlite *s, Err *err);
/* A statement in passing, without rows; its first column. */
MUST_CHECK int sqlite_exec_text(Sqlite *s, const char *sql, Err *err);
MUST_CHECK int sqlite_ask_int(Sqlite *s, const char *sql, int64_t *ret, Err *err);

int sqlite_store_open(Store **ret, const char *path, StoreMode mode, Err *err); /* sqlite_open.c */
void sqlite_store_close(Store *base);
int sqlite_schema(SqlStore *base, int64_t *ret, Err *err);
int sqlite_shrink(Store *base, Err *err); /* sqlite_sizes.c */
int sqlite_sizes(SqlStore *base, Arena *a, StoreInfo *i, Err *err);
int sqlite_backup(Store *base, const char *to, bool force, Err *err); /* sqlite_backup.c */
