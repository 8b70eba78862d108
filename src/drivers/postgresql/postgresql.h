/* The PostgreSQL driver: a query, or several in a transaction or a pipeline, by libpq. See
 * postgresql.md. */
#pragma once

#include "drivers/postgresql/pg_sql.h"
#include "load/driver.h"

extern const Driver driver_postgresql;

typedef struct PgTargetOpts {
    const char *url, *user, *password, *database, *sslmode;
} PgTargetOpts;

typedef enum PgProtocol { PG_PREPARED, PG_EXTENDED, PG_SIMPLE } PgProtocol;

typedef struct PgRequestOpts {
    const char *query, *feed, *expect_rows;
    int feed_order; /* FeedOrder */
    int protocol;   /* PgProtocol */
    bool transaction;
    uint32_t pipeline;
} PgRequestOpts;

/* ---- between the driver's files: pg_*.c, or postgresql_none.c where there is no libpq ---- */

enum { PG_STATEMENTS, PG_ROWS, PG_SERIALIZATION_FAILURES, PG_DEADLOCKS }; /* metrics */

typedef struct PgTarget {
    Arena arena;
    const char **keywords, **values; /* for PQconnectStartParams, ended by NULL */
    ptrdiff_t n, cap_keywords, cap_values;
} PgTarget;

typedef struct PgRequest {
    Arena arena;
    SqlScript script;
    Feed *feed; /* NULL: none */
    PgProtocol protocol;
    uint32_t pipeline;
    bool expects;
    uint64_t expect_rows; /* when it expects */
    ptrdiff_t values_max; /* most values of a statement */
    ptrdiff_t bytes_max;  /* … and bytes of them, or of the text, each with its NUL */
} PgRequest;

typedef struct PgConn {
    struct pg_conn *pg;            /* owned */
    VuFd fd;                       /* libpq's */
    const struct PgRequest *ready; /* all whose statements are prepared: the last that was asked */
    uint64_t *prepared;            /* owned; [n_prepared] ids of statements */
    ptrdiff_t n_prepared, cap_prepared;
    bool pipelines;      /* in libpq's pipeline mode */
    char *bytes;         /* owned; room for a statement's values */
    const char **values; /* owned; into bytes */
    ptrdiff_t cap_bytes, cap_values;
} PgConn;

bool pg_built_in(void);
int pg_prepare_target(const void *opts, void *target, Err *err);
int pg_prepare_request(const void *target, const void *opts, void *request, Err *err);
int pg_prepare_step(const void *target, const void *opts, TemplateEnv env, void *request, Err *err);
void pg_release_target(void *target);
void pg_release_request(void *request);
int pg_open(VuIo *io, const void *target, void *conn);
int pg_call(VuIo *io, void *conn, const void *request, Outcome *out);
void pg_close(VuIo *io, void *conn);
int pg_hold(VuIo *io, void *conn);
