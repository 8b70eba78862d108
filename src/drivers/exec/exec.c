#include "drivers/exec/exec.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "drivers/exec/exec_link.h"

static const Opt exec_target_opts[] = {
    OPT(ExecTargetOpts, command, STR, .required = true,
        .help = "program that is the client, and its arguments, quoted as in a shell"),
    OPT(ExecTargetOpts, processes, U32, .dflt = "0", .max = 256,
        .help = "worker processes of each thread of the load, shared by its users; 0: one for each "
                "user"),
    { .type = OPT_END },
};

static const Opt exec_request_opts[] = {
    OPT(ExecRequestOpts, call, STR,
        .help = "text that the worker gets with each call; ${uniform(1,9)} and its like differ "
                "from one to the next"),
    OPT(ExecRequestOpts, batch, U32, .dflt = "1", .min = 1, .max = 1 << 16,
        .help = "calls sent at once; the operation lasts until the last answer"),
    OPT(ExecRequestOpts, feed, STR, .arg = "FILE",
        .help = "rows (CSV with a line of names, or .jsonl) for ${feed.COLUMN} in the call"),
    OPT(ExecRequestOpts, feed_order, ENUM, .dflt = "circular", .choices = feed_orders,
        .help = "which row a call takes: the next one, any, or one of its user's own"),
    { .type = OPT_END },
};

static const DriverMetric exec_metrics[] = {
    [EXEC_CALLS] = { "calls", "count", "calls answered with ok", true },
    [EXEC_WORKER_TIME] = { "worker_time", "ns", "histogram, as the workers report it", false },
    [EXEC_WORKER_BYTES] = { "worker_bytes", "bytes", "as the workers report it", true },
    [EXEC_START_TIME] = { "start_time", "ns", "histogram, from start to greeting", false },
    [EXEC_RESTARTS] = { "restarts", "count", "workers started again after one was lost", true },
    [EXEC_RESTARTS + 1] = { NULL },
};

static int exec_open(VuIo *io, const void *target, void *conn)
{
    return exec_join(io, target, conn);
}

/* A call's line; its text is rendered behind the room that escaping it may take. */
static ptrdiff_t put_call(char *to, const ExecRequest *r, uint64_t id, Draw *d)
{
    draw_next(d, r->feed);
    char *text = to + snprintf(to, 40, "call %llu ", (unsigned long long)id);
    char *plain = text + template_max(r->text);
    ptrdiff_t n = template_render(r->text, d, plain);
    char *end = text + exec_escape(text, plain, n);
    *end++ = '\n';
    return end - to;
}

static int exec_call(VuIo *io, void *conn, const void *request, Outcome *out)
{
    ExecSession *s = conn;
    const ExecRequest *r = request;
    if (!child_is_up(io, s->seat.link))
        return CALL_STALE;
    char *to = exec_begin(s, r->batch, r->max * r->batch);
    if (!to)
        return -ENOMEM;
    ptrdiff_t n = 0;
    for (uint32_t i = 0; i < r->batch; i++)
        n += put_call(to + n, r, s->seat.id, vu_draw(io));
    s->out = out;
    int e = child_exchange(io, &s->seat, n);
    s->out = NULL;
    vu_record(io, EXEC_CALLS, s->good);
    out->failed = e == 0 && s->failed;
    out->fail = s->fail;
    out->cause = s->seat.cause;
    return e;
}

static void exec_close(VuIo *io, void *conn)
{
    exec_leave(io, conn);
}

static int exec_hold(VuIo *io, void *conn)
{
    return child_keep(io, &((ExecSession *)conn)->seat);
}

static void exec_release_shared(void *shared)
{
    child_pool_release(&((ExecPool *)shared)->pool);
}

static int exec_target_pid(const void *target)
{
    return ((const ExecTarget *)target)->program.minder->pid;
}

const Driver driver_exec = {
    .abi = DRIVER_ABI,
    .name = "exec",
    .summary = "any program that answers lines, a client in any language",
    .request_key = "call",
    .target_opts = exec_target_opts,
    .target_opts_bytes = sizeof(ExecTargetOpts),
    .request_opts = exec_request_opts,
    .request_opts_bytes = sizeof(ExecRequestOpts),
    .target_bytes = sizeof(ExecTarget),
    .request_bytes = sizeof(ExecRequest),
    .conn_bytes = sizeof(ExecSession),
    .prepare_target = exec_prepare_target,
    .prepare_request = exec_prepare_request,
    .prepare_step = exec_prepare_step,
    .open = exec_open,
    .call = exec_call,
    .close = exec_close,
    .release_request = exec_release_request,
    .release_target = exec_release_target,
    .hold = exec_hold,
    .shared_bytes = sizeof(ExecPool),
    .release_shared = exec_release_shared,
    .metrics = exec_metrics,
    .target_key = "command",
    .target_pid = exec_target_pid,
};
