/* The driver against brokers that answer well and badly, and that pass messages on well and badly.
 */
#include "drivers/mqtt/mqtt.h"

#include <errno.h>

#include "drivers/mqtt/mqtt_fake.h"
#include "drivers/stream_trial.h"
#include "tap.h"

#include "drivers/trial_test_util.h"

static void begin(TestTrial *t, const FakeServer *f)
{
    char url[FAKE_URL_MAX];
    test_trial_init(t, &driver_mqtt);
    snprintf(url, sizeof url, "mqtt://127.0.0.1:%d/", f->port);
    test_trial_set(t, "url", url);
    test_trial_set(t, "users", "2");
    t->plan.duration_ns = 40 * NS_PER_MS;
}

static const struct {
    FakeMqtt s;
    const char *opts[6]; /* name, value, … */
    const char *want, *why;
} cases[] = {
    { { 0 }, .want = "ok", .why = "pings" },
    { { 0 }, { "topic", "a/b", "payload", "hello" }, "ok", "publications" },
    { { 0 }, { "topic", "a/b", "qos", "0" }, "ok", "publications that nobody acknowledges" },
    { { .mistakes = true }, { "topic", "a" }, "protocol", "another message is acknowledged" },
    { { .says = STR("HTTP/1.1 400 Bad Request\r\n\r\n") },
      .want = "protocol",
      .why = "another protocol" },
    { { .end = FAKE_CLOSE }, .want = "reset", .why = "closed instead of a reply" },
    { { .end = FAKE_RESET }, .want = "reset", .why = "reset instead" },
    { { .end = FAKE_HOLD }, { "timeout", "20ms" }, "timed_out", "silence" },
    { { .end = FAKE_HOLD },
      { "topic", "a", "timeout", "20ms" },
      "timed_out",
      "no acknowledgement" },
};

static void test_cases(void)
{
    CHECK_VERDICTS(begin, fake_mqtt_start, cases);
}

static void test_denied(void)
{
    check_no_trial(begin, fake_mqtt_start(&(FakeMqtt){ .refuses = 4 }),
                   &(Refused){ { "username", "alice", "password", "s3cret" }, "bad user name" });
    TestTrial t;
    FakeServer f = fake_mqtt_start(&(FakeMqtt){ .denies = true });
    begin(&t, &f);
    test_trial_set(&t, "users", "0");
    test_stream_of(&t, NULL, NULL);
    test_trial_run(&t);
    CHECK(t.result < 0 && strstr(t.err.msg, "subscription is refused"), "and subscription: %s",
          t.err.msg);
    test_trial_done(&t);
    fake_stop(&f);
}

static const Refused refused[] = {
    { { "url", "http://h/" }, "mqtt://host" },
    { { "url", "mqtt://u:p@127.0.0.1:1/" }, "MQTT_PASSWORD" },
    { { "password", "x" }, "username" },
    { { "topic", "" }, "empty" },
    { { "topic", "a/+/b" }, "wildcard" },
    { { "topic", "a/#" }, "wildcard" },
    { { "topic", "a/${uniform(1,9)}" }, "differ" },
    { { "payload", "x" }, "topic" },
};

static void test_refused(void)
{
    check_refused(begin, refused, ARRAY_LEN(refused));
}

static FakeServer start_broker(const FakeFaults *f)
{
    return fake_mqtt_start(&(FakeMqtt){ .faults = *f });
}

static void test_streams(const char *name, const char *value)
{
    char buf[STREAM_TEXT_MAX];
    for (const StreamFault *f = test_stream_faults; f->why; f++)
        CHECK_STR(test_stream(&driver_mqtt, f, start_broker, name, value, buf), "", "%s", f->why);
}

static void test_freeze(void)
{
    check_freeze(begin, fake_mqtt_start(&(FakeMqtt){ 0 }));
}

int main(void)
{
    test_freeze();
    test_cases();
    test_denied();
    test_refused();
    test_streams(NULL, NULL);
    test_streams("qos", "0");
    return tap_done();
}
