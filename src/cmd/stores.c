/* Opening the store that a command is about: what waits in the spool for it goes there first. */
#include "cmd/stores.h"

#include <errno.h>

#include "store/spool.h"

static const uint64_t DRAIN_NS = 20 * NS_PER_S; /* a command is not kept much longer than that */

const char *spool_place(Ctx *ctx, const char *dir)
{
    return fs_join(&ctx->arena, dir, ".assay/spool");
}

/* Other users of the machine see the arguments of programs, and histories of shells keep them. */
static void warn_of_password(Ctx *ctx, const char *place)
{
    if (store_is_remote(place) && !str_eqz(str(place), store_shown(&ctx->arena, place)) &&
        !ctx->warned_of_password)
        log_warn(&ctx->log,
                 "the store's URL holds a password, which others may see: PGPASSWORD or ~/.pgpass "
                 "keep it out of sight");
    ctx->warned_of_password = true;
}

void say_drained(Ctx *ctx, const DrainResult *d, const char *place)
{
    for (ptrdiff_t i = 0; i < d->n_bad; i++)
        log_warn(&ctx->log, "set aside in the spool, because it can't be read: %s", d->bad[i]);
    if (d->brought + d->there)
        log_note(&ctx->log, "%td run%s from the spool brought to %s", d->brought + d->there,
                 d->brought + d->there == 1 ? "" : "s", store_shown(&ctx->arena, place));
}

/* Trouble with it is told, and keeps nobody from what was asked for. */
static void drain_first(Ctx *ctx, const char *place, const char *dir)
{
    CLEANUP(store_closep) Store *to = NULL;
    DrainOpts opts = { .limit_ns = DRAIN_NS, .stop = ctx->stop };
    DrainResult done = { 0 };
    const char *folder = spool_place(ctx, dir);
    Err err = { 0 };
    if (spool_count(place, folder) == 0)
        return;
    int r = store_open(&to, place, STORE_WRITE, &err);
    if (r == 0)
        r = spool_drain(to, place, folder, &opts, &ctx->arena, &done, &err);
    say_drained(ctx, &done, place);
    if (r < 0)
        log_warn(&ctx->log, "%td runs wait in %s: %s", spool_count(place, folder), folder, err.msg);
}

int open_place(Ctx *ctx, const char *place, StoreMode mode, Store **ret, Err *err)
{
    warn_of_password(ctx, place);
    drain_first(ctx, place, ".");
    return store_open(ret, place, mode, err);
}

int open_to_store(Ctx *ctx, const char *place, const char *dir, Store **ret, Err *err)
{
    warn_of_password(ctx, place);
    drain_first(ctx, place, dir);
    int r = spool_open(ret, place, spool_place(ctx, dir), err);
    if (r == STORE_SPOOLED)
        log_warn(&ctx->log, "%s. Results go into %s until it can", err->msg, spool_place(ctx, dir));
    return MIN(r, 0);
}
