/* The driver against servers that answer well and badly, and that pass messages on well and badly.
 */
#include "drivers/nats/nats.h"

#include <errno.h>

#include "drivers/freeze.h"
#include "drivers/nats/nats_fake.h"
#include "drivers/stream_trial.h"
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

static FakeServer start_broker(const FakeFaults *f)
{
    return fake_nats_start(&(FakeNats){ .faults = *f });
}

static void test_pings(void)
{
    FakeServer f = fake_nats_start(&(FakeNats){ .pings = true });
    TestTrial t;
    begin(&t, &f);
    test_trial_set(&t, "users", "0");
    test_stream_of(&t, NULL, NULL);
    test_trial_run(&t);
    CHECK(t.result == 0 && test_trial_value(&t, "delivered") == 2000,
          "pings between messages are answered, and no messages: %s", t.err.msg);
    test_trial_done(&t);
    fake_stop(&f);
}

static void test_streams(const char *name, const char *value)
{
    char buf[STREAM_TEXT_MAX];
    for (const StreamFault *f = test_stream_faults; f->why; f++)
        CHECK_STR(test_stream(&driver_nats, f, start_broker, name, value, buf), "", "%s", f->why);
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
    test_streams(NULL, NULL);
    test_streams("ack", "no");
    test_pings();
    return tap_done();
}
