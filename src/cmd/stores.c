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

static void say_waiting(Ctx *ctx, const char *place, const char *folder, const Err *why)
{
    ptrdiff_t n = spool_count(place, folder);
    if (n)
        log_warn(&ctx->log, "%td run%s in %s%s%s", n, n == 1 ? " waits" : "s wait", folder,
                 why ? ": " : "", why ? why->msg : "");
}

/* Trouble with it is told, and keeps nobody from what was asked for. */
static void drain_into(Ctx *ctx, Store *to, const char *place, const char *folder)
{
    DrainOpts opts = { .limit_ns = DRAIN_NS, .stop = ctx->stop };
    DrainResult done = { 0 };
    Err err = { 0 };
    int r = spool_drain(to, place, folder, &opts, &ctx->arena, &done, &err);
    say_drained(ctx, &done, place);
    if (r < 0)
        say_waiting(ctx, place, folder, &err);
}

/* Readers have no right to drain by what they open, so that is opened for itself. 0 also when it
 * can't be written. */
static int drain_for_reader(Ctx *ctx, const char *place, const char *folder, Err *err)
{
    CLEANUP(store_closep) Store *to = NULL;
    int r = store_open(&to, place, STORE_WRITE, err);
    if (r == 0)
        drain_into(ctx, to, place, folder);
    else
        say_waiting(ctx, place, folder, NULL);
    return r == -EHOSTUNREACH ? r : 0;
}

int open_place(Ctx *ctx, const char *place, StoreMode mode, Store **ret, Err *err)
{
    const char *folder = spool_place(ctx, ".");
    warn_of_password(ctx, place);
    bool waits = spool_count(place, folder) > 0;
    if (waits && mode != STORE_WRITE)
        TRY(drain_for_reader(ctx, place, folder, err));
    TRY(store_open(ret, place, mode, err));
    if (waits && mode == STORE_WRITE)
        drain_into(ctx, *ret, place, folder);
    return 0;
}

int open_to_store(Ctx *ctx, const char *place, const char *dir, Store **ret, Err *err)
{
    const char *folder = spool_place(ctx, dir);
    warn_of_password(ctx, place);
    int r = spool_open(ret, place, folder, err);
    if (r < 0)
        return r;
    if (r == STORE_SPOOLED)
        log_warn(&ctx->log, "%s. Results go into %s until it can", err->msg, folder);
    else if (spool_count(place, folder) > 0)
        drain_into(ctx, spool_server(*ret), place, folder);
    return 0;
}
