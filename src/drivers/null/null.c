#include "drivers/null/null.h"

typedef struct NullTarget {
    uint64_t delay;
} NullTarget;

typedef struct NullRequest {
    uint32_t fail_every;
    uint64_t delay; /* the target's */
} NullRequest;

typedef struct NullConn {
    uint64_t n_calls;
} NullConn;

static const Opt null_target_opts[] = {
    OPT(NullTarget, delay, NS, .dflt = "0", .min = 0, .max = 3.6e12,
        .help = "time each operation pretends to take"),
    { .type = OPT_END },
};

static const Opt null_request_opts[] = {
    OPT(NullRequest, fail_every, U32, .dflt = "0",
        .help = "fail every Nth operation of a connection, 0 for never"),
    { .type = OPT_END },
};

static int null_prepare_target(const void *opts, void *target, Err *err)
{
    (void)err;
    *(NullTarget *)target = *(const NullTarget *)opts;
    return 0;
}

static int null_prepare_request(const void *target, const void *opts, void *request, Err *err)
{
    (void)err;
    NullRequest *r = request;
    *r = *(const NullRequest *)opts;
    r->delay = ((const NullTarget *)target)->delay;
    return 0;
}

static int null_open(VuIo *io, const void *target, void *conn)
{
    (void)io;
    (void)target;
    (void)conn;
    return 0;
}

static int null_call(VuIo *io, void *conn, const void *request, Outcome *out)
{
    const NullRequest *r = request;
    NullConn *c = conn;
    vu_mark_sent(io, 0);
    if (r->delay)
        TRY(vu_sleep_until(io, out->sent_ns + r->delay));
    c->n_calls++;
    if (r->fail_every && c->n_calls % r->fail_every == 0) {
        out->failed = true;
        out->fail = FAIL_CHECK;
    }
    return 0;
}

static void null_close(VuIo *io, void *conn)
{
    (void)io;
    (void)conn;
}

const Driver driver_null = {
    .abi = DRIVER_ABI,
    .name = "null",
    .summary = "does nothing, to measure the harness itself",
    .caps = DRIVER_PIPELINES | DRIVER_NO_SOCKET,
    .target_opts = null_target_opts,
    .target_opts_bytes = sizeof(NullTarget),
    .request_opts = null_request_opts,
    .request_opts_bytes = sizeof(NullRequest),
    .target_bytes = sizeof(NullTarget),
    .request_bytes = sizeof(NullRequest),
    .conn_bytes = sizeof(NullConn),
    .prepare_target = null_prepare_target,
    .prepare_request = null_prepare_request,
    .open = null_open,
    .call = null_call,
    .close = null_close,
};
