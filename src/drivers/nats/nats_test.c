/* The driver against servers that answer well and badly, and that pass messages on well and badly.
 */
#include "drivers/nats/nats.h"

#include <errno.h>

#include "drivers/freeze.h"
#include "drivers/nats/nats_fake.h"
#include "drivers/trial.h"
#include "tap.h"

static void begin(TestTrial *t, const FakeServer *f)
{
    char url[FAKE_URL_MAX];
    test_trial_init(t, &driver_nats);
    snprintf(url, sizeof url, "nats://127.0.0.1:%d/", f->port);
    test_trial_set(t, "url", url);
    test_trial_set(t, "users", "2");
    t->plan.duration_ns = 40 * NS_PER_MS;
}

static const struct {
    FakeNats s;
    const char *opts[6]; /* name, value, … */
    const char *want, *why;
} cases[] = {
    { { 0 }, .want = "ok", .why = "pings" },
    { { 0 }, { "subject", "a.${uniform(1,9)}", "payload", "${string(30)}" }, "ok", "publications" },
    { { .says = STR("-ERR 'Permissions Violation for Publish to \"a\"'\r\n") },
      { "subject", "a" },
      "status",
      "an error" },
    { { .says = STR("HTTP/1.1 400 Bad Request\r\n\r\n") },
      .want = "protocol",
      .why = "another protocol" },
    { { .end = FAKE_CLOSE }, .want = "reset", .why = "closed instead of a reply" },
    { { .end = FAKE_RESET }, .want = "reset", .why = "reset instead" },
    { { .end = FAKE_HOLD }, { "timeout", "20ms" }, "timed_out", "silence" },
    { { 0 },
      { "subject", "a", "reply", "true", "timeout", "20ms" },
      "timed_out",
      "nobody replies" },
};

static void test_cases(void)
{
    for (ptrdiff_t i = 0; i < ARRAY_LEN(cases); i++) {
        FakeServer f = fake_nats_start(&cases[i].s);
        TestTrial t;
        begin(&t, &f);
        test_trial_set_all(&t, cases[i].opts, ARRAY_LEN(cases[i].opts));
        test_trial_run(&t);
        CHECK_STR(t.result ? t.err.msg : test_trial_verdict(&t), cases[i].want, "%s", cases[i].why);
        test_trial_done(&t);
        fake_stop(&f);
    }
}

static void test_greetings(void)
{
    static const struct {
        FakeNats s;
        const char *word;
    } rows[] = {
        { { .greeting = STR("-ERR 'Maximum Connections Exceeded'\r\n") }, "Maximum Connections" },
        { { .greeting = STR("HTTP/1.1 400 Bad Request\r\n") }, "NATS doesn't have" },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++) {
        FakeServer f = fake_nats_start(&rows[i].s);
        TestTrial t;
        begin(&t, &f);
        test_trial_run(&t);
        CHECK(t.result < 0 && strstr(t.err.msg, rows[i].word), "greeted by %s: %s", rows[i].word,
              t.err.msg);
        test_trial_done(&t);
        fake_stop(&f);
    }
}

static const struct {
    const char *name, *value, *word;
} refused[] = {
    { "url", "http://h/", "nats://host" },
    { "url", "tls://h/", "no TLS" },
    { "url", "nats://u:p@127.0.0.1:1/", "NATS_PASSWORD" },
    { "subject", "", "empty" },
    { "subject", "a b", "blank" },
    { "subject", "a.>", "wildcard" },
    { "payload", "x", "subject" },
    { "reply", "true", "subject" },
};

static void test_refused(void)
{
    FakeServer f = fake_nobody();
    for (ptrdiff_t i = 0; i < ARRAY_LEN(refused); i++) {
        TestTrial t;
        begin(&t, &f);
        test_trial_set(&t, refused[i].name, refused[i].value);
        test_trial_run(&t);
        CHECK(t.result < 0 && strstr(t.err.msg, refused[i].word), "refused: %s %s: %s",
              refused[i].name, refused[i].value, t.err.msg);
        test_trial_done(&t);
    }
}

/* ---- streams ---- */

typedef struct OwnOpts {
    char bytes[64];
} OwnOpts;

/* A thousand messages to each of two subscribers, over what `s` does to them. */
static void play(TestTrial *t, StreamSpec *spec, OwnOpts *own, const FakeServer *f, bool ack)
{
    begin(t, f);
    test_trial_set(t, "users", "0");
    opt_defaults(&t->arena, stream_opts, spec);
    opt_defaults(&t->arena, nats_stream.opts, own);
    if (!ack &&
        opt_set(&t->arena, opt_find(nats_stream.opts, STR("ack")), own, STR("no"), &t->err) < 0)
        abort();
    spec->publishers = spec->subscribers = 2;
    spec->messages = 1000;
    spec->drain = 200 * NS_PER_MS;
    spec->driver_opts = own;
    t->spec.stream = spec;
    t->spec.timeout = NS_PER_S;
    t->plan.duration_ns = 10 * NS_PER_S;
    test_trial_run(t);
}

static const struct {
    const char *why;
    FakeNats s;
    long long lost, duplicated, resubscribed; /* -1: some */
} streams[] = {
    { "all well", { 0 }, 0, 0, 0 },
    { "pings in between", { .ping = 3 }, 0, 0, 0 },
    { "every tenth dropped", { .drop = 10 }, 200, 0, 0 },
    { "every tenth twice", { .twice = 10 }, 0, 200, 0 },
    { "noise in mid-stream", { .garbage = 500 }, -1, 0, 1 },
    { "cut off in mid-stream", { .cut = 500 }, -1, 0, 1 },
};

static void check_count(const TestTrial *t, const char *name, long long want, const char *why)
{
    long long got = (long long)test_trial_value(t, name);
    CHECK(want < 0 ? got > 0 : got == want, "%s: %lld %s", why, got, name);
}

static void test_streams(bool ack)
{
    for (ptrdiff_t i = 0; i < ARRAY_LEN(streams); i++) {
        FakeServer f = fake_nats_start(&streams[i].s);
        TestTrial t;
        StreamSpec spec = { 0 };
        OwnOpts own;
        play(&t, &spec, &own, &f, ack);
        CHECK_INT(t.result, 0, "%s: runs %s", streams[i].why, t.err.msg);
        check_count(&t, "published", 1000, streams[i].why);
        check_count(&t, "expected", 2000, streams[i].why);
        check_count(&t, "lost", streams[i].lost, streams[i].why);
        check_count(&t, "duplicated", streams[i].duplicated, streams[i].why);
        check_count(&t, "resubscribed", streams[i].resubscribed, streams[i].why);
        CHECK(test_trial_value(&t, "delivered") + test_trial_value(&t, "lost") == 2000,
              "%s: nothing is forgotten", streams[i].why);
        test_trial_done(&t);
        fake_stop(&f);
    }
}

static void test_freeze(void)
{
    FakeServer f = fake_nats_start(&(FakeNats){ 0 });
    TestTrial t;
    char buf[FREEZE_TEXT_MAX];
    begin(&t, &f);
    CHECK_STR(test_freeze_law(&t, &f, buf), "",
              "a frozen server's time is told from when each was due");
    test_trial_done(&t);
    fake_stop(&f);
}

int main(void)
{
    test_freeze();
    test_cases();
    test_greetings();
    test_refused();
    test_streams(true);
    test_streams(false);
    return tap_done();
}
