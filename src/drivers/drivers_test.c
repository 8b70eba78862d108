/* The contract, over every row of the driver table: what load relies on and docs/adding-a-driver
 * promises. A new driver adds a row here: how it is set up to answer, and to hang. */
#include "drivers/drivers.h"

#include <errno.h>

#include "drivers/fake_server.h"
#include "drivers/mqtt/mqtt_fake.h"
#include "drivers/nats/nats_fake.h"
#include "drivers/postgresql/pg_fake.h"
#include "drivers/postgresql/postgresql.h"
#include "drivers/redis/redis_fake.h"
#include "drivers/trial.h"
#include "drivers/ws/ws_fake.h"
#include "load/stream_driver.h"
#include "tap.h"

static const FakeScript http_answers = {
    .reply = { "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 40 }
};
static const FakeScript http_hangs = { .reply = { "HTTP/1.1 200 OK\r\n", 17 }, .end = FAKE_HOLD };

static FakeServer start_http(bool hang)
{
    return fake_start(hang ? &http_hangs : &http_answers);
}

static FakeServer start_ws(bool hang)
{
    static const FakeWs answers = { .echo = true }, hangs = { .end = FAKE_HOLD };
    return fake_ws_start(hang ? &hangs : &answers);
}

static FakeServer start_redis(bool hang)
{
    static const FakeRedis answers = { .reply = { "+OK\r\n", 5 } }, hangs = { .end = FAKE_HOLD };
    return fake_redis_start(hang ? &hangs : &answers);
}

static FakeServer start_mqtt(bool hang)
{
    static const FakeMqtt answers = { 0 }, hangs = { .end = FAKE_HOLD };
    return fake_mqtt_start(hang ? &hangs : &answers);
}

static FakeServer start_nats(bool hang)
{
    static const FakeNats answers = { 0 }, hangs = { .end = FAKE_HOLD };
    return fake_nats_start(hang ? &hangs : &answers);
}

static FakeServer start_postgresql(bool hang)
{
    static const FakePg answers = { .end = FAKE_KEEP }, hangs = { .end = FAKE_HOLD };
    return fake_pg_start(hang ? &hangs : &answers);
}

static const char exec_answers[] =
    "sh -c 'echo assay-exec 1; while read -r v i t; do [ $v = close ] || echo ok $i; done'";
static const char exec_hangs[] =
    "sh -c 'echo assay-exec 1; while read -r v i t; do [ $v = open ] && echo ok $i; done'";

/* It knows of sessions only, and says `answer` to all but what begins them. */
#define MCP_RESULT "echo \"$r,\\\"result\\\":{}}\""
#define MCP_SERVER(answer)                                                                         \
    "sh -c 'while read -r l; do i=${l#*\\\"id\\\":}; i=${i%%,*}; "                                 \
    "r=\"{\\\"jsonrpc\\\":\\\"2.0\\\",\\\"id\\\":$i\"; case $l in *notifications*) ;; "            \
    "*discover*) echo \"$r,\\\"error\\\":{}}\";; *\\\"initialize*) echo "                          \
    "\"$r,\\\"result\\\":{\\\"protocolVersion\\\":\\\"2025-11-25\\\"}}\";; *) :; " answer ";; "    \
    "esac; done'"

typedef struct Fixture {
    const char *driver, *scheme;
    FakeServer (*start)(bool hang); /* where it needs a server; the url option is set */
    const char *hang_opts[2];       /* name, value */
    const char *opts[2];            /* name, value; before those */
} Fixture;

static const Fixture fixtures[] = {
    { "exec", NULL, NULL, { "command", exec_hangs }, { "command", exec_answers } },
    { "http", "http", start_http, { NULL } },
    { "mcp", NULL, NULL, { "command", MCP_SERVER("") }, { "command", MCP_SERVER(MCP_RESULT) } },
    { "mqtt", "mqtt", start_mqtt, { NULL } },
    { "nats", "nats", start_nats, { NULL } },
    { "null", NULL, NULL, { "delay", "1h" } },
    { "postgresql", "postgres", start_postgresql, { NULL } },
    { "redis", "redis", start_redis, { NULL } },
    { "ws", "ws", start_ws, { NULL } },
};

static const Fixture *fixture_of(const Driver *d)
{
    for (ptrdiff_t i = 0; i < ARRAY_LEN(fixtures); i++)
        if (strcmp(fixtures[i].driver, d->name) == 0)
            return &fixtures[i];
    return NULL;
}

static ptrdiff_t undocumented(const Opt *rows)
{
    ptrdiff_t n = 0;
    OPT_EACH (o, rows)
        n += !o->help || !o->help[0] || o->help[strlen(o->help) - 1] == '.';
    return n;
}

static void test_table(const Driver *d)
{
    CHECK_INT(d->abi, DRIVER_ABI, "%s: its abi is this build's", d->name);
    CHECK(d->summary && d->open && d->call && d->close, "%s: what every driver has", d->name);
    CHECK(d->target_opts && d->request_opts, "%s: rows, if only the end", d->name);
    CHECK_INT(undocumented(d->target_opts) + undocumented(d->request_opts), 0,
              "%s: every row says what it is", d->name);
    CHECK(!d->request_key || opt_find(d->request_opts, str(d->request_key)),
          "%s: its request key is a row", d->name);
    Arena a = { 0 };
    opt_defaults(&a, d->target_opts, arena_alloc(&a, d->target_opts_bytes));
    opt_defaults(&a, d->request_opts, arena_alloc(&a, d->request_opts_bytes));
    arena_done(&a);
    CHECK(driver_find(d->name) == d, "%s: found by its name", d->name);
    ptrdiff_t twice = 0;
    OPT_EACH (t, d->target_opts)
        twice += opt_find(d->request_opts, str(t->name)) || opt_find(load_opts, str(t->name));
    OPT_EACH (t, d->request_opts)
        twice += opt_find(load_opts, str(t->name)) != NULL;
    CHECK_INT(twice, 0, "%s: no row shares its name with another of the command line", d->name);
}

typedef struct Scene {
    TestTrial t;
    FakeServer server;
} Scene;

static void stage_init(Scene *s, const Driver *d, const Fixture *f, bool hang)
{
    *s = (Scene){ 0 };
    if (f->start)
        s->server = f->start(hang);
    test_trial_init(&s->t, d);
    char url[FAKE_URL_MAX];
    snprintf(url, sizeof url, "%s://127.0.0.1:%d/", f->scheme ? f->scheme : "", s->server.port);
    if (f->start)
        test_trial_set(&s->t, "url", url);
    if (f->opts[0])
        test_trial_set(&s->t, f->opts[0], f->opts[1]);
    if (hang && f->hang_opts[0])
        test_trial_set(&s->t, f->hang_opts[0], f->hang_opts[1]);
}

static void stage_done(Scene *s)
{
    test_trial_done(&s->t);
    fake_stop(&s->server);
}

static void test_answers(const Driver *d, const Fixture *f)
{
    Scene s;
    stage_init(&s, d, f, false);
    test_trial_set(&s.t, "rate", "500/s");
    test_trial_set(&s.t, "connections", "3");
    test_trial_set(&s.t, "workers", "2");
    s.t.plan.warmup_ns = 20 * NS_PER_MS;
    test_trial_run(&s.t);
    const Outcomes *o = &s.t.trial->outcomes;
    CHECK_INT(s.t.result, 0, "%s: a trial runs (%s)", d->name, s.t.err.msg);
    CHECK(o->scheduled == 50 && o->ok == 50, "%s: all operations end well (%llu of %llu)", d->name,
          (unsigned long long)o->ok, (unsigned long long)o->scheduled);
    const Metric *all = trial_find_metric(s.t.trial, "latency");
    const Metric *service = trial_find_metric(s.t.trial, "service_time");
    CHECK(all && service && all->hist->n == 50 && service->hist->n == 50,
          "%s: each with both clocks", d->name);
    CHECK(all && service && all->hist->max >= service->hist->max,
          "%s: response time holds service time", d->name);
    stage_done(&s);
}

static void test_timeout(const Driver *d, const Fixture *f)
{
    Scene s;
    stage_init(&s, d, f, true);
    test_trial_set(&s.t, "users", "2");
    test_trial_set(&s.t, "timeout", "400ms"); /* a process has to start in it */
    test_trial_run(&s.t);
    const Outcomes *o = &s.t.trial->outcomes;
    CHECK(outcomes_conserved(o) && o->scheduled > 0 && o->timed_out == o->scheduled,
          "%s: the timeout is kept (%llu of %llu)", d->name, (unsigned long long)o->timed_out,
          (unsigned long long)o->scheduled);
    const Metric *m = trial_find_metric(s.t.trial, "latency");
    CHECK(m && m->hist->n_censored == o->timed_out && m->hist->min >= 400 * NS_PER_MS,
          "%s: each is a lower bound of at least the timeout", d->name);
    stage_done(&s);
}

static void stop_now(void *user, const LoadTick *k)
{
    (void)k;
    __atomic_store_n((bool *)user, true, __ATOMIC_RELAXED);
}

static void test_abandoned(const Driver *d, const Fixture *f)
{
    Scene s;
    bool stop = false;
    stage_init(&s, d, f, true);
    test_trial_set(&s.t, "users", "5");
    test_trial_set(&s.t, "timeout", "1h");
    s.t.plan.duration_ns = 3600 * NS_PER_S;
    s.t.plan.stop = &stop;
    s.t.plan.on_tick = stop_now;
    s.t.plan.user = &stop;
    test_trial_run(&s.t);
    const Outcomes *o = &s.t.trial->outcomes;
    CHECK(s.t.result == 0 && outcomes_conserved(o) && o->in_flight == 5,
          "%s: abandoned with operations pending, they are in flight (%llu)", d->name,
          (unsigned long long)o->in_flight);
    stage_done(&s);
}

static void test_idle(const Driver *d, const Fixture *f)
{
    Scene s;
    if (!d->hold)
        return;
    stage_init(&s, d, f, false);
    test_trial_set(&s.t, "users", "2");
    test_trial_set(&s.t, "idle", "3");
    test_trial_run(&s.t);
    const Outcomes *o = &s.t.trial->outcomes;
    CHECK(s.t.result == 0 && o->ok > 0 && o->ok + o->in_flight == o->scheduled,
          "%s: idle connections are no operations %s", d->name, s.t.err.msg);
    CHECK(test_trial_value(&s.t, "idle_connections") == 3 &&
              test_trial_value(&s.t, "idle_lost") == 0,
          "%s: they are held", d->name);
    stage_done(&s);
}

/* ---- streams ---- */

static void begin_stream(Scene *s, const Driver *d, const Fixture *f, StreamSpec *spec)
{
    stage_init(s, d, f, true);
    *spec = (StreamSpec){ 0 };
    opt_defaults(&s->t.arena, stream_opts, spec);
    void *own = arena_alloc(&s->t.arena, d->stream->opts_bytes);
    opt_defaults(&s->t.arena, d->stream->opts, own);
    spec->driver_opts = own;
    spec->drain = 20 * NS_PER_MS;
    s->t.spec.stream = spec;
    s->t.spec.timeout = 30 * NS_PER_MS;
}

/* A broker that says nothing: publications time out, and nothing is measured where nobody could
 * subscribe. */
static void test_stream(const Driver *d, const Fixture *f)
{
    Scene s;
    StreamSpec spec;
    if (!d->stream)
        return;
    CHECK(d->stream->publish && d->stream->subscribe && d->stream->receive && d->stream->prepare,
          "%s: what every stream has", d->name);
    CHECK_INT(undocumented(d->stream->opts), 0, "%s: every row of it says what it is", d->name);
    begin_stream(&s, d, f, &spec);
    spec.subscribers = 0;
    test_trial_run(&s.t);
    const Outcomes *o = &s.t.trial->outcomes;
    CHECK(s.t.result == 0 && o->scheduled > 0 && o->timed_out == o->scheduled,
          "%s: publications keep the timeout (%llu of %llu) %s", d->name,
          (unsigned long long)o->timed_out, (unsigned long long)o->scheduled, s.t.err.msg);
    CHECK_INT((long long)test_trial_value(&s.t, "unconfirmed"), (long long)o->timed_out,
              "%s: and nobody knows of their messages", d->name);
    stage_done(&s);
    begin_stream(&s, d, f, &spec);
    test_trial_run(&s.t);
    CHECK(s.t.result < 0 && strstr(s.t.err.msg, "none of 1 subscriptions"),
          "%s: subscriptions that nobody answers: %s", d->name, s.t.err.msg);
    stage_done(&s);
}

int main(void)
{
    ptrdiff_t n = 0;
    for (const Driver *const *p = drivers; *p; p++, n++) {
        const Fixture *f = fixture_of(*p);
        test_table(*p);
        if (!CHECK(f != NULL, "%s: has a fixture in this test", (*p)->name))
            continue;
        if (*p == &driver_postgresql && !pg_built_in()) {
            tap_skip("postgresql: this build has no libpq (libpq-dev)");
            continue;
        }
        test_answers(*p, f);
        test_timeout(*p, f);
        test_abandoned(*p, f);
        test_idle(*p, f);
        test_stream(*p, f);
    }
    CHECK(n > 0, "there are drivers");
    CHECK(driver_for_url("http://h/") == driver_find("http"), "URLs choose by scheme");
    CHECK(driver_for_url("wss://h/") == driver_find("ws"), "… each its own");
    CHECK(driver_for_url("HTTP://h/") == driver_find("http"), "… in any case");
    CHECK(!driver_for_url("gopher://h/") && !driver_for_url("h"), "unknown schemes choose none");
    return tap_done();
}
