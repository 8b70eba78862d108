/* In place of the PostgreSQL engine where libpq's headers were missing: says so. */
#include <errno.h>

#include "store/store_ops.h"

static int open_none(Store **ret, const char *url, StoreMode mode, Err *err)
{
    (void)ret;
    (void)url;
    (void)mode;
    return err_set(err, -EPROTONOSUPPORT,
                   "this build has no PostgreSQL store: libpq-dev was missing when it was made");
}

const StoreOps store_postgresql = {
    .scheme = "postgresql",
    .alias = "postgres",
    .summary = "not in this build: libpq-dev was missing",
    .remote = true,
    .open = open_none,
};
