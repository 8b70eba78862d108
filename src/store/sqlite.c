/* The SQLite engine's table. */
#include "store/sqlite.h"

const StoreOps store_sqlite = {
    .scheme = "sqlite",
    .summary = "a file, made when absent; nothing to install",
    .open = sqlite_store_open,
    .close = sqlite_store_close,
    .shrink = sqlite_shrink,
    .backup = sqlite_backup,
    SQL_STORE_OPS,
};
