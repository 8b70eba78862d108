/* The PostgreSQL engine's inside. Only for postgres*.c.
 *
 * The connection is in libpq's pipeline mode: statements without rows are sent and their results
 * read when the next statement with rows, or the commit, wants an answer, so that a trial costs a
 * few round trips instead of a few dozen. Values travel binary: integers of 64 bits, doubles, text,
 * bytes; the columns have just these types.
 *
 * No answer within the patience, or a broken connection, is -EHOSTUNREACH; the connection is given
 * up then, and what was in the air is in the database whole or not at all. */
#pragma once

#include "base/libpq.h"
#include "store/sql.h"

enum { POSTGRES_KEYS = 64 };

typedef struct Postgres {
    SqlStore sql; /* first: a SqlStore * is a Postgres * */
    const char *url;
    PGconn *pg;
    bool prepared[SQL_N];
    bool forget;                 /* what was prepared is unknown after an error */
    bool dropped;                /* the connection is given up */
    bool reading;                /* not in a transaction that writes */
    int queued;                  /* statements whose results were not read yet */
    int cursors;                 /* opened, for their names */
    int64_t keys[POSTGRES_KEYS]; /* of trials to come; the sequence never gives them again */
    int n_keys;
    uint64_t patience_ns;
} Postgres;

/* "assy" in ASCII, and what for. */
#define POSTGRES_LOCK "SELECT pg_advisory_xact_lock(1634957689, 1)"

extern const SqlEngine postgres_engine;

/* postgres_link.c. Connect as the URL and the environment say; -EHOSTUNREACH, or what a person has
 * to mend: -EACCES, -ENXIO (no such database), -EINVAL. */
MUST_CHECK int postgres_connect(Postgres *p, Err *err);
void postgres_disconnect(Postgres *p);
/* Send without waiting. */
MUST_CHECK int postgres_send(Postgres *p, Sql sql, const Val *v, int n, Err *err);
MUST_CHECK int postgres_send_text(Postgres *p, const char *text, Err *err);
/* Wait for everything that was sent. *ret (may be NULL): the last statement's result, owned. */
MUST_CHECK int postgres_settle(Postgres *p, PGresult **ret, Err *err);
/* Several statements in one text, the answers thrown away. Nothing may be queued. */
MUST_CHECK int postgres_exec(Postgres *p, const char *text, Err *err);

/* postgres_error.c. */
int postgres_fail(const Postgres *p, const PGresult *r, Err *err);
int postgres_refused(const Postgres *p, Err *err);
int postgres_gone(const Postgres *p, const char *why, Err *err);

/* postgres_engine.c. Settle, and rows of the last statement. */
MUST_CHECK int postgres_rows(Postgres *p, SqRow *ret, Err *err);

int postgres_store_open(Store **ret, const char *url, StoreMode mode, Err *err);
void postgres_store_close(Store *base);
int postgres_schema(SqlStore *base, int64_t *ret, Err *err);
int postgres_sizes(SqlStore *base, Arena *a, StoreInfo *i, Err *err); /* postgres_sizes.c */
int postgres_shrink(Store *base, Err *err);
int postgres_backup(Store *base, const char *to, bool force, Err *err);
