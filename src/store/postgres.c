/* The PostgreSQL engine's table. */
#include "store/postgres.h"

const StoreOps store_postgresql = {
    .scheme = "postgresql",
    .alias = "postgres",
    .summary = "a database of a server that several machines share",
    .remote = true,
    .open = postgres_store_open,
    .close = postgres_store_close,
    .shrink = postgres_shrink,
    .backup = postgres_backup,
    SQL_STORE_OPS,
};
