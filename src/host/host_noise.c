/* The three workloads against themselves. */
#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/rng.h"
#include "host/host_internal.h"
#include "launch/command.h"
#include "stats/quantile.h"

enum {
    COMMAND_NS = 10000000,
    FUNCTION_NS = 1000,
    EPOCH_NS = 1000000,
    ROUNDTRIPS = 40, /* of one request sample */
    ECHO_MS = 2000,
};

uint64_t host_spin(uint64_t turns)
{
    uint64_t x = turns | 1;
    for (uint64_t i = 0; i < turns; i++) {
        x = x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        __asm__ volatile("" : "+r"(x)); /* nobody computes it ahead */
    }
    return x;
}

/* Turns that take `want_ns`: the fastest of some looks. */
static uint64_t turns_for(uint64_t want_ns)
{
    enum { TURNS = 200000, LOOKS = 5 };
    uint64_t least = UINT64_MAX, sum = 0;
    for (int i = 0; i < LOOKS; i++) {
        uint64_t t0 = clock_mono_ns();
        sum += host_spin(TURNS);
        least = MIN(least, clock_mono_ns() - t0);
    }
    __asm__ volatile("" : : "r"(sum));
    return MAX((uint64_t)TURNS * want_ns / MAX(least, UINT64_C(1)), UINT64_C(1));
}

/* ---- pairs of whatever gives a time ---- */

typedef struct Source {
    int (*take)(void *own, double *ret /* [n_figures] */, Err *err);
    void *own;
    int n_figures; /* 1 or 2 */
} Source;

static int take_pairs(const HostOpts *o, const Source *s, ptrdiff_t rounds, HostPairs *ret,
                      Err *err)
{
    Rng rng = rng_new(o->seed, "host", (uint64_t)rounds);
    for (ptrdiff_t i = 0; i < rounds && !*o->stop; i++) {
        double side[2][2] = { { 0 } };
        int first = (int)rng_below(&rng, 2);
        for (int k = 0; k < 2; k++)
            TRY(s->take(s->own, side[k ? !first : first], err));
        for (int f = 0; f < s->n_figures; f++) {
            ret[f].log_ratio[ret[f].n] = log(side[1][f] / side[0][f]);
            ret[f].value[ret[f].n++] = side[0][f];
        }
        if (o->log)
            log_progress(o->log, "%s: round %td of %td", ret[0].name, i + 1, rounds);
    }
    return 0;
}

/* ---- a command ---- */

typedef struct Commands {
    Launcher *launcher;
    CommandSpec spec;
    const volatile bool *stop;
} Commands;

static int take_command(void *own, double *ret, Err *err)
{
    Commands *c = own;
    CommandRun run;
    TRY(command_run(c->launcher, &c->spec, 0, c->stop, &run, err));
    if (run.exit_code != 0)
        return err_set(err, -ECHILD, "assay itself, run as a command, failed: %s", run.message);
    ret[0] = (double)run.wall_ns;
    ret[1] = (double)MAX(run.user_ns + run.system_ns, UINT64_C(1));
    return 0;
}

int host_take_commands(const HostOpts *o, Arena *a, ptrdiff_t rounds, HostPairs ret[2], Err *err)
{
    CLEANUP(launcher_freep) Launcher *l = NULL;
    TRY(launcher_new(&l, err));
    Commands c = { .launcher = l, .stop = o->stop };
    const char *turns = arena_printf(a, "%llu", (unsigned long long)turns_for(COMMAND_NS));
    const char *const words[] = { o->self, "host", "--spin", turns };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(words); i++)
        strlist_add(a, &c.spec.argv, words[i]);
    Source s = { take_command, &c, 2 };
    int r = take_pairs(o, &s, rounds, ret, err);
    return r == -EINTR ? 0 : r;
}

/* ---- a function ---- */

typedef struct Function {
    uint64_t turns, calls;
} Function;

static int take_function(void *own, double *ret, Err *err)
{
    Function *f = own;
    uint64_t sum = 0, t0 = clock_mono_ns();
    (void)err;
    for (uint64_t i = 0; i < f->calls; i++)
        sum += host_spin(f->turns);
    __asm__ volatile("" : : "r"(sum));
    *ret = (double)(clock_mono_ns() - t0) / (double)f->calls;
    return 0;
}

int host_take_functions(const HostOpts *o, ptrdiff_t rounds, HostPairs *ret, Err *err)
{
    Function f = { .turns = turns_for(FUNCTION_NS), .calls = EPOCH_NS / FUNCTION_NS };
    Source s = { take_function, &f, 1 };
    return take_pairs(o, &s, rounds, ret, err);
}

/* ---- a request ---- */

typedef struct Echo {
    int listener, client;
    pthread_t thread;
    bool started;
} Echo;

/* Answers until the other side hangs up. */
static void *echo_main(void *arg)
{
    const Echo *e = arg;
    char buf[256];
    struct pollfd p = { .fd = e->listener, .events = POLLIN };
    int fd = poll(&p, 1, ECHO_MS) == 1 ? accept4(e->listener, NULL, NULL, SOCK_CLOEXEC) : -1;
    if (fd < 0)
        return NULL;
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    for (ssize_t n; (n = recv(fd, buf, sizeof buf, 0)) > 0;)
        if (send(fd, buf, (size_t)n, MSG_NOSIGNAL) != n)
            break;
    close(fd);
    return NULL;
}

static int echo_open(Echo *e, Err *err)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t n = sizeof at;
    int on = 1;
    *e = (Echo){ .listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0),
                 .client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) };
    if (e->listener < 0 || e->client < 0 || bind(e->listener, (void *)&at, n) < 0 ||
        listen(e->listener, 1) < 0 || getsockname(e->listener, (void *)&at, &n) < 0)
        return err_errno(err, -errno, "listen on loopback");
    int r = pthread_create(&e->thread, NULL, echo_main, e);
    if (r)
        return err_errno(err, -r, "start a thread");
    e->started = true;
    if (connect(e->client, (void *)&at, n) < 0)
        return err_errno(err, -errno, "connect over loopback");
    setsockopt(e->client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return 0;
}

static void echo_close(Echo *e)
{
    if (e->client >= 0)
        close(e->client);
    if (e->started)
        pthread_join(e->thread, NULL);
    if (e->listener >= 0)
        close(e->listener);
}

static int take_request(void *own, double *ret, Err *err)
{
    const Echo *e = own;
    double took[ROUNDTRIPS];
    char buf[100] = "request";
    for (int i = 0; i < ROUNDTRIPS; i++) {
        uint64_t t0 = clock_mono_ns();
        if (send(e->client, buf, sizeof buf, MSG_NOSIGNAL) != sizeof buf ||
            recv(e->client, buf, sizeof buf, MSG_WAITALL) != sizeof buf)
            return err_errno(err, -errno, "a request over loopback");
        took[i] = (double)(clock_mono_ns() - t0);
    }
    sort_doubles(took, ROUNDTRIPS);
    *ret = median_sorted(took, ROUNDTRIPS);
    return 0;
}

int host_take_requests(const HostOpts *o, ptrdiff_t rounds, HostPairs *ret, Err *err)
{
    Echo e;
    Source s = { take_request, &e, 1 };
    int r = echo_open(&e, err);
    if (r == 0)
        r = take_pairs(o, &s, rounds, ret, err);
    echo_close(&e);
    return r;
}
