/* assay stream: publishers and subscribers around one broker. */
#include <errno.h>

#include "cmd/load_cmd.h"
#include "drivers/drivers.h"

static const OptSet *stream_sets(Ctx *ctx)
{
    LoadCmdOpts *o = ARENA_NEW(&ctx->arena, LoadCmdOpts);
    const Driver *d = load_cmd_driver(ctx);
    OptSet *sets = ARENA_ARRAY(&ctx->arena, OptSet, 8);
    ptrdiff_t n = 0;
    o->driver = d->stream ? d : driver_find("redis"); /* the one that is refused says so itself */
    o->target = arena_alloc(&ctx->arena, o->driver->target_opts_bytes);
    void *own = arena_alloc(&ctx->arena, o->driver->stream->opts_bytes);
    sets[n++] = (OptSet){ stream_opts, &o->stream };
    sets[n++] = (OptSet){ o->driver->stream->opts, own };
    sets[n++] = (OptSet){ load_cmd_opts, o };
    sets[n++] = (OptSet){ load_opts, &o->load };
    sets[n++] = (OptSet){ target_heading, o };
    sets[n++] = (OptSet){ o->driver->target_opts, o->target };
    sets[n++] = (OptSet){ output_opts, &o->out };
    o->stream.driver_opts = own;
    ctx->own = o;
    return sets;
}

static int settle(Ctx *ctx, LoadCmdOpts *o, Err *err)
{
    if (o->load.users || o->load.connections)
        return err_set(err, -EINVAL, "a stream has --publishers and --subscribers");
    TRY(stream_spec_check(&o->stream, err));
    o->load.connections = o->stream.publishers;
    o->load.stream = &o->stream;
    TRY(load_cmd_settle(ctx, o, err));
    o->load.users = o->load.connections = 0; /* said by the stream */
    return 0;
}

static int stream_run(Ctx *ctx, const StrList *pos, ptrdiff_t dashdash)
{
    (void)dashdash;
    LoadCmdOpts *o = ctx->own;
    Err err = { 0 };
    if (pos->n != 1)
        return cmd_usage(ctx, &cmd_stream, "wants one URL, not %td", pos->n);
    if (load_cmd_driver(ctx) != o->driver)
        return cmd_usage(ctx, &cmd_stream, "%s: driver %s has no streams", pos->v[0],
                         load_cmd_driver(ctx)->name);
    if (settle(ctx, o, &err) < 0)
        return cmd_usage(ctx, &cmd_stream, "%s", err.msg);
    return load_cmd_go(ctx, &cmd_stream, o, pos->v[0]);
}

const Cmd cmd_stream = {
    .name = "stream",
    .args = "URL",
    .summary = "publish messages through a broker, and see who gets them",
    .about =
        "-p publishers send messages to -s subscribers: one after the other, or at a --rate, when "
        "each is due\n"
        "whatever the broker does. Each message says when it was due, so that delivery is timed "
        "from there, by\n"
        "one clock. What was accepted and never came is counted as lost; what came twice or out "
        "of order, too.\n\n"
        "Examples:\n"
        "  assay stream -p 10 -s 100 -d 10s redis://127.0.0.1/\n"
        "  assay stream -p 10 -s 10 -r 5000 --size 1KiB redis://127.0.0.1/\n"
        "  assay stream -p 10 -s 100 -r 5000 nats://127.0.0.1/\n"
        "  assay stream -p 10 -s 100 --qos 0 mqtt://127.0.0.1/\n"
        "  assay stream -p 4 -s 8 --mode log --groups 2 -r 1000 redis://127.0.0.1/\n"
        "  assay stream -s 4 --mode log -r 2000 -d 10s --stall 5s redis://127.0.0.1/    backlog, "
        "and drain\n"
        "  assay stream -r 2000 -e 'lost == 0' -e 'delivery_latency.p99 < 5ms' "
        "redis://127.0.0.1/\n",
    .sets = stream_sets,
    .run = stream_run,
};
