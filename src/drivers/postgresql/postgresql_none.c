/* This build has no libpq: the target is refused when it is prepared, so that the rest is never
 * reached. */
#include <errno.h>

#include "drivers/postgresql/postgresql.h"

bool pg_built_in(void)
{
    return false;
}

int pg_prepare_target(const void *opts, void *target, Err *err)
{
    (void)opts;
    (void)target;
    return err_set(err, -ENOTSUP, "this build speaks no PostgreSQL (libpq-dev and libssl-dev)");
}

int pg_prepare_request(const void *target, const void *opts, void *request, Err *err)
{
    (void)target;
    (void)opts;
    (void)request;
    return err_set(err, -ENOTSUP, "no PostgreSQL");
}

int pg_prepare_step(const void *target, const void *opts, TemplateEnv env, void *request, Err *err)
{
    (void)env;
    (void)target;
    (void)opts;
    (void)request;
    return err_set(err, -ENOTSUP, "no PostgreSQL");
}

void pg_release_target(void *target)
{
    (void)target;
}

void pg_release_request(void *request)
{
    (void)request;
}

int pg_open(VuIo *io, const void *target, void *conn)
{
    (void)io;
    (void)target;
    (void)conn;
    return -ENOTSUP;
}

int pg_call(VuIo *io, void *conn, const void *request, Outcome *out)
{
    (void)io;
    (void)conn;
    (void)request;
    (void)out;
    return -ENOTSUP;
}

void pg_close(VuIo *io, void *conn)
{
    (void)io;
    (void)conn;
}

int pg_hold(VuIo *io, void *conn)
{
    (void)io;
    (void)conn;
    return -ENOTSUP;
}
