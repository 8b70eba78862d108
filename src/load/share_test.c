/* Users that share state, wake each other, record figures of their own and hold connections: what
 * load promises drivers beyond a descriptor per user. The drivers here have no socket. */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "load/load.h"
#include "tap.h"

enum { GAP, WOKEN };

static const DriverMetric pair_metrics[] = {
    { "event_gap", "ns", "test", false },
    { "messages_in", "count", "test", true },
    { NULL },
};

typedef struct Meeting {
    VuIo *first; /* parked until a second comes */
    uint32_t n_open;
    bool was_used;
} Meeting;

typedef struct PairTarget {
    uint32_t lose; /* each connection is lost so often while it is held */
} PairTarget;

typedef struct PairConn {
    const PairTarget *target;
} PairConn;

static int pair_prepare(const void *opts, void *target, Err *err)
{
    (void)err;
    *(PairTarget *)target = *(const PairTarget *)opts;
    return 0;
}

static int pair_open(VuIo *io, const void *target, void *conn)
{
    Meeting *m = vu_shared(io);
    m->was_used = true;
    ((PairConn *)conn)->target = target;
    return m->n_open++ ? OPEN_JOINED : 0;
}

/* The first to come waits for the second. */
static int pair_call(VuIo *io, void *conn, const void *request, Outcome *out)
{
    Meeting *m = vu_shared(io);
    (void)conn;
    (void)request;
    vu_mark_sent(io, 0);
    if (m->first) {
        vu_wake(m->first);
        vu_wake(m->first); /* twice is once */
        m->first = NULL;
        vu_yield(io);
    } else {
        m->first = io;
        int r = 0;
        while (r == 0 && m->first == io)
            r = vu_park(io);
        if (m->first == io)
            m->first = NULL;
        TRY(r);
        vu_record(io, WOKEN, 1);
    }
    vu_record(io, GAP, vu_now(io) - out->sent_ns);
    return 0;
}

static void pair_close(VuIo *io, void *conn)
{
    Meeting *m = vu_shared(io);
    (void)conn;
    m->n_open--;
}

static int pair_hold(VuIo *io, void *conn)
{
    const PairTarget *t = ((PairConn *)conn)->target;
    TRY(vu_sleep_until(io, vu_now(io) + (t->lose ? 1000000 : 3600 * NS_PER_S)));
    return -ECONNRESET;
}

static int n_released;

static void pair_release(void *shared)
{
    Meeting *m = shared;
    n_released += m->was_used && m->n_open == 0 && !m->first;
}

static const Opt pair_target_opts[] = {
    OPT(PairTarget, lose, U32, .dflt = "0", .help = "lose held connections"),
    { .type = OPT_END },
};
static const Opt no_opts[] = { { .type = OPT_END } };

static const Driver driver_pair = {
    .abi = DRIVER_ABI,
    .name = "pair",
    .summary = "users that meet",
    .caps = DRIVER_NO_SOCKET,
    .target_opts = pair_target_opts,
    .target_opts_bytes = sizeof(PairTarget),
    .request_opts = no_opts,
    .target_bytes = sizeof(PairTarget),
    .conn_bytes = sizeof(PairConn),
    .prepare_target = pair_prepare,
    .open = pair_open,
    .call = pair_call,
    .close = pair_close,
    .hold = pair_hold,
    .shared_bytes = sizeof(Meeting),
    .release_shared = pair_release,
    .metrics = pair_metrics,
};

typedef struct Scene {
    Run *run;
    Trial *trial;
    PairTarget target;
    LoadSpec spec;
    Err err;
    int result;
} Scene;

static void play(Scene *s, const Driver *d)
{
    Arena a = { 0 };
    LoadSpec spec = s->spec;
    opt_defaults(&a, load_opts, &s->spec);
    s->spec.users = spec.users;
    s->spec.workers = spec.workers;
    s->spec.idle = spec.idle;
    s->spec.timeout = spec.timeout;
    LoadPlan plan = {
        .spec = &s->spec, .driver = d, .target_opts = &s->target, .duration_ns = 60 * NS_PER_MS
    };
    if (run_new(&s->run, "test", 1, 1, &s->err) < 0)
        abort();
    CaseResult *c = run_add_case(s->run, "case", "case", KIND_LOAD, SIDE_HEAD);
    s->trial = case_add_trial(s->run, c);
    n_released = 0;
    s->result = load_run(&plan, s->run, s->trial, &s->err);
    arena_done(&a);
}

static double value(const Scene *s, const char *name)
{
    const Metric *m = trial_find_metric(s->trial, name);
    return m ? m->value : -1;
}

static void test_pairs(void)
{
    Scene s = { .spec = { .users = 6, .workers = 1, .timeout = 200 * NS_PER_MS } };
    play(&s, &driver_pair);
    const Outcomes *o = &s.trial->outcomes;
    CHECK(s.result == 0 && o->ok > 100 && outcomes_conserved(o), "users wake each other (%llu ok)",
          (unsigned long long)o->ok);
    CHECK(o->ok + o->timed_out == o->scheduled && o->timed_out <= 1,
          "nobody is left behind but the last one without a partner");
    const Metric *gap = trial_find_metric(s.trial, "event_gap");
    CHECK(gap && gap->hist && gap->hist->n == o->ok, "a figure of the driver's own, each time");
    CHECK(value(&s, "messages_in") >= (double)(o->ok / 2), "… and a count");
    CHECK_INT((int)value(&s, "connects"), 1, "who joins a connection makes none");
    CHECK_INT(n_released, 1, "what is shared is released when all are gone");
    run_free(s.run);
}

/* One user alone: nobody comes. */
static void test_alone(void)
{
    Scene s = { .spec = { .users = 1, .workers = 1, .timeout = 5 * NS_PER_MS } };
    play(&s, &driver_pair);
    const Outcomes *o = &s.trial->outcomes;
    CHECK(o->scheduled > 2 && o->timed_out == o->scheduled && outcomes_conserved(o),
          "parked in vain: timed out (%llu of %llu)", (unsigned long long)o->timed_out,
          (unsigned long long)o->scheduled);
    run_free(s.run);
}

static void test_idle(void)
{
    Scene s = { .spec = { .users = 2, .idle = 5, .workers = 2, .timeout = 200 * NS_PER_MS } };
    play(&s, &driver_pair);
    CHECK_INT(s.result, 0, "idle connections beside active ones: %s", s.err.msg);
    CHECK_INT((int)value(&s, "idle_connections"), 5, "all are held");
    CHECK_INT((int)value(&s, "idle_lost"), 0, "none is lost");
    CHECK_INT(n_released, 2, "a share for each worker");
    run_free(s.run);
    s = (Scene){ .spec = { .users = 2, .idle = 5, .workers = 1, .timeout = 200 * NS_PER_MS },
                 .target = { .lose = 1 } };
    play(&s, &driver_pair);
    CHECK(value(&s, "idle_lost") >= 5, "lost ones are counted and made again (%g)",
          value(&s, "idle_lost"));
    CHECK(s.trial->outcomes.ok > 0 && outcomes_conserved(&s.trial->outcomes),
          "they are no operations");
    run_free(s.run);
    Driver without = driver_pair;
    without.hold = NULL;
    s = (Scene){ .spec = { .users = 2, .idle = 1, .workers = 1, .timeout = 200 * NS_PER_MS } };
    play(&s, &without);
    CHECK(s.result == -EINVAL && strstr(s.err.msg, "idle"), "refused where it can't be: %s",
          s.err.msg);
    run_free(s.run);
}

int main(void)
{
    test_pairs();
    test_alone();
    test_idle();
    return tap_done();
}
