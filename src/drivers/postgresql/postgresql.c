#include "drivers/postgresql/postgresql.h"

static const char *const protocols[] = { "prepared", "extended", "simple", NULL };

static const Opt pg_target_opts[] = {
    OPT(PgTargetOpts, url, STR, .required = true,
        .help = "postgresql://user@host:port/database of the target, as libpq takes it"),
    OPT(PgTargetOpts, user, STR, .help = "role to log in as, instead of the URL's"),
    OPT(PgTargetOpts, password, STR, .secret = true,
        .help = "its password; without it the environment's PGPASSWORD, or ~/.pgpass"),
    OPT(PgTargetOpts, database, STR, .help = "database, instead of the URL's"),
    OPT(PgTargetOpts, sslmode, STR,
        .help = "disable, allow, prefer, require, verify-ca or verify-full; libpq prefers TLS"),
    { .type = OPT_END },
};

static const Opt pg_request_opts[] = {
    OPT(PgRequestOpts, query, STR, .dflt = "SELECT 1",
        .help = "SQL, statements separated by ';'; ${uniform(1,9)} and its like are parameters "
                "that differ from one to the next"),
    OPT(PgRequestOpts, protocol, ENUM, .dflt = "prepared", .choices = protocols,
        .help = "how statements go: prepared once a connection, parsed each time, or as text"),
    OPT(PgRequestOpts, transaction, BOOL, .dflt = "no",
        .help = "put BEGIN before the statements and COMMIT behind"),
    OPT(PgRequestOpts, pipeline, U32, .dflt = "1", .min = 1, .max = 1 << 16,
        .help = "queries sent at once, with one Sync; the operation lasts until the last result"),
    OPT(PgRequestOpts, expect_rows, STR, .arg = "N",
        .help = "rows that the query must return or change, else the operation fails its check"),
    OPT(PgRequestOpts, feed, STR, .arg = "FILE",
        .help = "rows (CSV with a line of names, or .jsonl) for ${feed.COLUMN} in the query"),
    OPT(PgRequestOpts, feed_order, ENUM, .dflt = "circular", .choices = feed_orders,
        .help = "which row a query takes: the next one, any, or one of its user's own"),
    { .type = OPT_END },
};

static const DriverMetric pg_metrics[] = {
    { "statements", "count", "statements carried out", true },
    { "rows", "count", "rows that statements returned or changed", true },
    { "serialization_failures", "count", "errors with SQLSTATE 40001", true },
    { "deadlocks", "count", "errors with SQLSTATE 40P01", true },
    { NULL },
};

const Driver driver_postgresql = {
    .abi = DRIVER_ABI,
    .name = "postgresql",
    .summary = "PostgreSQL: queries, transactions and pipelines of them",
    .schemes = "postgresql postgres",
    .request_key = "query",
    .target_opts = pg_target_opts,
    .target_opts_bytes = sizeof(PgTargetOpts),
    .request_opts = pg_request_opts,
    .request_opts_bytes = sizeof(PgRequestOpts),
    .target_bytes = sizeof(PgTarget),
    .request_bytes = sizeof(PgRequest),
    .conn_bytes = sizeof(PgConn),
    .prepare_target = pg_prepare_target,
    .prepare_request = pg_prepare_request,
    .prepare_step = pg_prepare_step,
    .open = pg_open,
    .call = pg_call,
    .close = pg_close,
    .release_request = pg_release_request,
    .release_target = pg_release_target,
    .hold = pg_hold,
    .metrics = pg_metrics,
};
