/* A descriptor that a library owns, under the loop's care. The library here is a socket pair whose
 * near end it replaces while connecting, under the same number. */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "drivers/trial.h"
#include "tap.h"

typedef struct Owned {
    VuFd fd;
    int near, far;
} Owned;

/* Word comes from the far end; the near one waits for it, reads it, and knows that it was all. */
static int hear(VuIo *io, Owned *c)
{
    char byte = 'x';
    if (write(c->far, &byte, 1) != 1)
        return -errno;
    TRY(vu_wait_ready(io, &c->fd, false));
    if (recv(c->near, &byte, 1, MSG_DONTWAIT) != 1)
        return -errno;
    c->fd.readable = false;
    return 0;
}

/* dup2 closes what the number stood for. */
static int replace(Owned *c)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return -errno;
    int r = dup2(pair[0], c->near);
    close(pair[0]);
    close(c->far);
    c->far = pair[1];
    return r < 0 ? -EBADF : 0;
}

static int connect_twice(VuIo *io, Owned *c)
{
    TRY(vu_adopt(io, &c->fd, c->near));
    TRY(vu_wait_ready(io, &c->fd, true));
    TRY(hear(io, c));
    TRY(replace(c));
    TRY(vu_adopt(io, &c->fd, c->near));
    TRY(hear(io, c));
    return vu_adopt(io, &c->fd, c->near); /* the same once more */
}

static void owned_close(VuIo *io, void *conn)
{
    Owned *c = conn;
    (void)io;
    vu_disown(&c->fd);
    close(c->near);
    close(c->far);
}

static int owned_open(VuIo *io, const void *target, void *conn)
{
    Owned *c = conn;
    int pair[2];
    (void)target;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return -errno;
    c->near = pair[0];
    c->far = pair[1];
    int r = connect_twice(io, c);
    if (r < 0)
        owned_close(io, c);
    return r;
}

static int owned_call(VuIo *io, void *conn, const void *request, Outcome *out)
{
    (void)request;
    (void)out;
    return hear(io, conn);
}

static const Opt no_opts[] = { { .type = OPT_END } };

static const Driver driver_owned = {
    .abi = DRIVER_ABI,
    .name = "owned",
    .summary = "a library with a socket",
    .target_opts = no_opts,
    .request_opts = no_opts,
    .conn_bytes = sizeof(Owned),
    .open = owned_open,
    .call = owned_call,
    .close = owned_close,
};

int main(void)
{
    TestTrial t;
    test_trial_init(&t, &driver_owned);
    test_trial_set(&t, "users", "5");
    test_trial_set(&t, "timeout", "2s");
    t.plan.duration_ns = 50 * NS_PER_MS;
    test_trial_run(&t);
    CHECK_STR(t.result ? t.err.msg : test_trial_verdict(&t), "ok",
              "a descriptor that was replaced under its number is heard, and waited for");
    test_trial_done(&t);
    return tap_done();
}
