/* Whole trials of a stream over a broker that lives in the worker's own memory and does exactly the
 * wrong that it is told: what it lost, repeated and turned around must be what the trial says. */
#include <errno.h>
#include <string.h>

#include "load/load.h"
#include "load/stream_driver.h"
#include "tap.h"

enum { SUBS_MAX = 16, QUEUE_MAX = 4096 };

typedef struct HubOpts {
    uint32_t drop, twice, swap; /* every nth message; 0: none */
    uint32_t garble;            /* … comes with a byte changed */
    uint32_t refuse;            /* … is not accepted */
    uint32_t cut;               /* the nth delivery cuts its subscriber off */
    bool deny;                  /* nobody may subscribe */
} HubOpts;

typedef struct HubBox { /* of one subscriber */
    VuIo *io;           /* parked there; NULL: it isn't */
    bool open, cut;
    uint32_t topic, group;
    uint32_t first, n;
    char heads[QUEUE_MAX][STREAM_HEAD];
} HubBox;

typedef struct Hub {
    HubBox boxes[SUBS_MAX];
    uint64_t n_published, n_put, turn;
    uint32_t n_subs, groups;
} Hub;

typedef struct HubState {
    HubOpts o;
    StreamSetup setup;
} HubState;

static Hub hub; /* one worker, one trial at a time */

static int hub_prepare(const void *target, const void *opts, const StreamSetup *setup, void *state,
                       Err *err)
{
    (void)target;
    (void)err;
    hub = (Hub){ .n_subs = setup->subscribers, .groups = setup->groups };
    *(HubState *)state = (HubState){ *(const HubOpts *)opts, *setup };
    return 0;
}

static bool every(uint64_t n, uint32_t nth)
{
    return nth && n % nth == 0;
}

static void put(const HubState *s, HubBox *b, const char *head)
{
    hub.n_put++;
    if (!b->open || b->n == QUEUE_MAX || every(hub.n_put, s->o.drop))
        return;
    uint32_t copies = 1 + every(hub.n_put, s->o.twice);
    for (uint32_t i = 0; i < copies && b->n < QUEUE_MAX; i++) {
        char *to = b->heads[(b->first + b->n++) % QUEUE_MAX];
        memcpy(to, head, STREAM_HEAD);
        if (every(hub.n_put, s->o.garble))
            to[40] = '!';
    }
    if (every(hub.n_put, s->o.swap) && b->n >= 2) {
        char tmp[STREAM_HEAD];
        char *last = b->heads[(b->first + b->n - 1) % QUEUE_MAX];
        char *before = b->heads[(b->first + b->n - 2) % QUEUE_MAX];
        memcpy(tmp, last, STREAM_HEAD);
        memcpy(last, before, STREAM_HEAD);
        memcpy(before, tmp, STREAM_HEAD);
    }
    b->cut |= every(hub.n_put, s->o.cut);
}

/* Turned around are two neighbours, which must both be there: whoever listens is woken every
 * second time. */
static void wake(HubBox *b, bool always)
{
    if (b->io && (always || b->n % 2 == 0 || b->cut))
        vu_wake(b->io);
}

static int hub_publish(VuIo *io, void *conn, const void *state, const StreamMessage *m,
                       Outcome *out)
{
    const HubState *s = state;
    (void)conn;
    vu_mark_sent(io, 0);
    hub.n_published++;
    out->failed = every(hub.n_published, s->o.refuse);
    out->fail = FAIL_STATUS;
    for (uint32_t i = 0; i < hub.n_subs && !out->failed; i++) {
        HubBox *b = &hub.boxes[i];
        bool mine =
            !hub.groups || hub.turn / hub.groups % (hub.n_subs / hub.groups) == i / hub.groups;
        if (b->topic == m->topic && mine) {
            put(s, b, m->head.ptr);
            wake(b, !s->o.swap);
        }
    }
    hub.turn += hub.groups ? 1 : 0;
    vu_yield(io);
    return 0;
}

static int hub_subscribe(VuIo *io, void *conn, const void *state, const StreamWho *who)
{
    const HubState *s = state;
    HubBox *b = &hub.boxes[who->number];
    *(HubBox **)conn = b;
    if (s->o.deny) {
        vu_cause(io, "not you");
        return -EACCES;
    }
    b->open = true;
    b->topic = who->topic;
    b->group = who->group;
    return 0;
}

static int hub_receive(VuIo *io, void *conn, const void *state, const StreamWho *who)
{
    HubBox *b = *(HubBox **)conn;
    const HubState *s = state;
    (void)who;
    for (;;) {
        for (; b->n && !b->cut; b->n--, b->first = (b->first + 1) % QUEUE_MAX)
            vu_deliver(io, vu_now(io), (Str){ b->heads[b->first], STREAM_HEAD },
                       (uint64_t)s->setup.size);
        if (b->cut)
            return -ECONNRESET;
        b->io = io;
        int r = vu_park(io);
        b->io = NULL;
        if (r < 0)
            return r;
    }
}

static int hub_open(VuIo *io, const void *target, void *conn)
{
    (void)io;
    (void)target;
    *(HubBox **)conn = NULL;
    return 0;
}

static int hub_call(VuIo *io, void *conn, const void *request, Outcome *out)
{
    (void)io;
    (void)conn;
    (void)request;
    (void)out;
    return -EPROTO;
}

static void hub_close(VuIo *io, void *conn)
{
    HubBox *b = *(HubBox **)conn;
    (void)io;
    if (b)
        *b = (HubBox){ .topic = b->topic, .group = b->group };
}

static const Opt no_rows[] = { { .type = OPT_END } };
static const DriverStream hub_stream = { .opts = no_rows,
                                         .opts_bytes = sizeof(HubOpts),
                                         .state_bytes = sizeof(HubState),
                                         .prepare = hub_prepare,
                                         .publish = hub_publish,
                                         .subscribe = hub_subscribe,
                                         .receive = hub_receive };
static const Driver hub_driver = { .abi = DRIVER_ABI,
                                   .name = "hub",
                                   .summary = "test",
                                   .caps = DRIVER_NO_SOCKET,
                                   .target_opts = no_rows,
                                   .request_opts = no_rows,
                                   .conn_bytes = sizeof(HubBox *),
                                   .open = hub_open,
                                   .call = hub_call,
                                   .close = hub_close,
                                   .stream = &hub_stream };

typedef struct Trying {
    Run *run;
    Trial *trial;
    Err err;
    int result;
} Trying;

static Trying play(HubOpts o, StreamSpec s, double rate)
{
    Arena a = { 0 };
    LoadSpec spec = { 0 };
    Trying t = { 0 };
    opt_defaults(&a, load_opts, &spec);
    s.driver_opts = &o;
    s.size = s.size ? s.size : STREAM_HEAD;
    s.topics = s.topics ? s.topics : 1;
    s.drain = 50 * NS_PER_MS;
    s.prefix = "t";
    spec.workers = 1;
    spec.rate = rate;
    spec.stream = &s;
    LoadPlan plan = { .spec = &spec,
                      .driver = &hub_driver,
                      .warmup_ns = rate > 0 ? 20 * NS_PER_MS : 0,
                      .duration_ns = rate > 0 ? 200 * NS_PER_MS : 10 * NS_PER_S };
    if (run_new(&t.run, "test", 1, 1, &t.err) < 0)
        abort();
    t.trial = case_add_trial(t.run, run_add_case(t.run, "c", "c", KIND_STREAM, SIDE_HEAD));
    t.result = load_run(&plan, t.run, t.trial, &t.err);
    arena_done(&a);
    return t;
}

static long long value(const Trying *t, const char *name)
{
    const Metric *m = trial_find_metric(t->trial, name);
    return m ? (long long)m->value : -1;
}

static void check_counts(Trying *t, const char *what, long long published, long long expected,
                         long long lost, long long duplicated, long long reordered)
{
    CHECK_INT(t->result, 0, "%s: runs %s", what, t->err.msg);
    CHECK_INT(value(t, "published"), published, "%s: published", what);
    CHECK_INT(value(t, "expected"), expected, "%s: expected", what);
    CHECK_INT(value(t, "delivered"), expected - lost, "%s: delivered", what);
    CHECK_INT(value(t, "lost"), lost, "%s: lost", what);
    CHECK_INT(value(t, "duplicated"), duplicated, "%s: duplicated", what);
    CHECK_INT(value(t, "reordered"), reordered, "%s: reordered", what);
    const Metric *m = trial_find_metric(t->trial, "delivery_latency");
    CHECK(m && m->hist->n == (uint64_t)expected && m->hist->n_censored == (uint64_t)lost,
          "%s: each delivery is timed, the lost ones as lower bounds", what);
    m = trial_find_metric(t->trial, "fanout_latency");
    CHECK(m ? m->hist->n == (uint64_t)published : expected <= published,
          "%s: each message has a last place, where there are several", what);
}

static const struct {
    const char *what;
    HubOpts o;
    StreamSpec s;
    long long published, expected, lost, duplicated, reordered;
} cases[] = {
    { "one to one",
      { 0 },
      { .publishers = 1, .subscribers = 1, .messages = 1000 },
      1000,
      1000,
      0,
      0,
      0 },
    { "three to five",
      { 0 },
      { .publishers = 3, .subscribers = 5, .messages = 1000 },
      1000,
      5000,
      0,
      0,
      0 },
    { "four topics",
      { 0 },
      { .publishers = 4, .subscribers = 8, .topics = 4, .messages = 1000 },
      1000,
      2000,
      0,
      0,
      0 },
    { "competing",
      { 0 },
      { .publishers = 2, .subscribers = 6, .groups = 1, .messages = 1200 },
      1200,
      1200,
      0,
      0,
      0 },
    { "dropped",
      { .drop = 10 },
      { .publishers = 2, .subscribers = 2, .messages = 1000 },
      1000,
      2000,
      200,
      0,
      0 },
    { "twice",
      { .twice = 10 },
      { .publishers = 2, .subscribers = 2, .messages = 1000 },
      1000,
      2000,
      0,
      200,
      0 },
    { "turned around",
      { .swap = 2 },
      { .publishers = 1, .subscribers = 1, .messages = 1000 },
      1000,
      1000,
      0,
      0,
      500 },
    { "garbled",
      { .garble = 10 },
      { .publishers = 1, .subscribers = 1, .messages = 1000 },
      1000,
      1000,
      100,
      0,
      0 },
};

static void test_counts(void)
{
    for (ptrdiff_t i = 0; i < ARRAY_LEN(cases); i++) {
        Trying t = play(cases[i].o, cases[i].s, 0);
        check_counts(&t, cases[i].what, cases[i].published, cases[i].expected, cases[i].lost,
                     cases[i].duplicated, cases[i].reordered);
        CHECK_INT(value(&t, "foreign"), cases[i].o.garble ? 100 : 0, "%s: foreign", cases[i].what);
        run_free(t.run);
    }
}

static void test_rate(void)
{
    Trying t = play((HubOpts){ 0 }, (StreamSpec){ .publishers = 3, .subscribers = 4 }, 1000);
    check_counts(&t, "at a rate", 200, 800, 0, 0, 0);
    CHECK_INT(t.trial->outcomes.scheduled, 200, "at a rate: what is due is what is published");
    const Metric *m = trial_find_metric(t.trial, "fanout_latency");
    CHECK(m && m->hist->n == 200, "at a rate: each message has a last subscriber");
    m = trial_find_metric(t.trial, "subscribe_time");
    CHECK(m && m->hist->n == 4, "at a rate: each subscribed once");
    m = trial_find_metric(t.trial, "fairness");
    CHECK(m && m->value > 0.999, "at a rate: all have the same");
    run_free(t.run);
}

static void test_refused(void)
{
    Trying t = play((HubOpts){ .refuse = 4 },
                    (StreamSpec){ .publishers = 1, .subscribers = 3, .messages = 1000 }, 0);
    check_counts(&t, "refused", 750, 2250, 0, 0, 0);
    CHECK_INT(value(&t, "unconfirmed"), 250, "refused: told apart");
    CHECK_INT(t.trial->outcomes.failed[FAIL_STATUS], 250, "refused: and failed as operations");
    run_free(t.run);
}

/* The 500th delivery cuts its subscriber off; what is published until it is back is lost to it. */
static void test_cut(void)
{
    Trying t =
        play((HubOpts){ .cut = 500 }, (StreamSpec){ .publishers = 1, .subscribers = 2 }, 2000);
    CHECK_INT(t.result, 0, "cut off: runs");
    CHECK(value(&t, "resubscribed") >= 1, "cut off: subscribes again");
    CHECK(value(&t, "lost") > 0 && value(&t, "lost") < value(&t, "expected") / 2,
          "cut off: what came meanwhile is lost (%lld)", value(&t, "lost"));
    CHECK_INT(value(&t, "delivered") + value(&t, "lost"), value(&t, "expected"),
              "cut off: nothing is forgotten");
    bool told = false;
    for (ptrdiff_t i = 0; i < t.trial->validity.n; i++)
        told |= strcmp(t.trial->validity.reasons[i].code, "subscriptions-lost") == 0;
    CHECK(told, "cut off: and it is told");
    run_free(t.run);
}

static void test_denied(void)
{
    Trying t =
        play((HubOpts){ .deny = true }, (StreamSpec){ .publishers = 1, .subscribers = 2 }, 100);
    CHECK(t.result == -EACCES && strstr(t.err.msg, "none of 2 subscriptions") &&
              strstr(t.err.msg, "not you"),
          "nobody may subscribe: %s", t.err.msg);
    run_free(t.run);
}

int main(void)
{
    test_counts();
    test_rate();
    test_refused();
    test_cut();
    test_denied();
    return tap_done();
}
