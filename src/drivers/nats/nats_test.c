/* The driver against servers that answer well and badly, and that pass messages on well and badly.
 */
#include "drivers/nats/nats.h"

#include <errno.h>

#include "drivers/nats/nats_fake.h"
#include "drivers/stream_trial.h"
#include "tap.h"

#include "drivers/trial_test_util.h"

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
    CHECK_VERDICTS(begin, fake_nats_start, cases);
}

static void test_greetings(void)
{
    static const struct {
        FakeNats s;
        Refused r;
    } rows[] = {
        { { .greeting = STR("-ERR 'Maximum Connections Exceeded'\r\n") },
          { .word = "Maximum Connections" } },
        { { .greeting = STR("HTTP/1.1 400 Bad Request\r\n") }, { .word = "NATS doesn't have" } },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++)
        check_no_trial(begin, fake_nats_start(&rows[i].s), &rows[i].r);
}

static const Refused refused[] = {
    { { "url", "http://h/" }, "nats://host" },
    { { "url", "tls://h/" }, "no TLS" },
    { { "url", "nats://u:p@127.0.0.1:1/" }, "NATS_PASSWORD" },
    { { "subject", "" }, "empty" },
    { { "subject", "a b" }, "blank" },
    { { "subject", "a.>" }, "wildcard" },
    { { "payload", "x" }, "subject" },
    { { "reply", "true" }, "subject" },
};

static void test_refused(void)
{
    check_refused(begin, refused, ARRAY_LEN(refused));
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
    check_freeze(begin, fake_nats_start(&(FakeNats){ 0 }));
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
