/* The driver against servers that answer well and badly: each pipeline ends in one outcome. */
#include "drivers/redis/redis.h"

#include <errno.h>

#include "drivers/redis/redis_fake.h"
#include "drivers/stream_trial.h"
#include "tap.h"

#include "drivers/trial_test_util.h"

static void begin(TestTrial *t, const FakeServer *f)
{
    char url[FAKE_URL_MAX];
    test_trial_init(t, &driver_redis);
    snprintf(url, sizeof url, "redis://127.0.0.1:%d/", f->port);
    test_trial_set(t, "url", url);
    test_trial_set(t, "users", "2");
    t->plan.duration_ns = 40 * NS_PER_MS;
}

static const struct {
    FakeRedis s;
    const char *opts[6]; /* name, value, … */
    const char *want, *why;
} cases[] = {
    { { .reply = STR("+PONG\r\n") }, .want = "ok", .why = "a good server" },
    { { .reply = STR("+PONG\r\n") }, { "pipeline", "50" }, .want = "ok", .why = "a pipeline" },
    { { .reply = STR(">2\r\n+m\r\n+x\r\n$2\r\nok\r\n") },
      .want = "ok",
      .why = "a message before the reply" },
    { { .reply = STR("-WRONGTYPE x\r\n") }, .want = "status", .why = "an error" },
    { { .reply = STR("*2\r\n+a\r\n-ERR x\r\n") }, .want = "status", .why = "an error within" },
    { { .reply = STR("HTTP/1.1 400 Bad Request\r\n\r\n") },
      .want = "protocol",
      .why = "another protocol" },
    { { .reply = STR("+OK\r\n+OK\r\n") }, .want = "protocol", .why = "two replies to one command" },
    { { .reply = STR("$5\r\nhello!!") }, .want = "protocol", .why = "a value longer than it says" },
    { { .reply = STR("$99\r\nhalf"), .end = FAKE_CLOSE },
      .want = "reset",
      .why = "closed within the reply" },
    { { .reply = STR("*3\r\n+a\r\n"), .end = FAKE_RESET },
      .want = "reset",
      .why = "reset within it" },
    { { .end = FAKE_CLOSE }, .want = "reset", .why = "closed instead of a reply" },
    { { .end = FAKE_HOLD }, { "timeout", "20ms" }, .want = "timed_out", .why = "silence" },
    { { .reply = STR("+OK\r\n") },
      { "pipeline", "3", "command", "SET k${uniform(1,9)} '${string(5)} x'" },
      .want = "ok",
      .why = "commands that differ" },
    { { .reply = STR("-NOAUTH x\r\n"), .end = FAKE_KEEP, .good = 1 },
      { "password", "secret", "command", "GET k" },
      .want = "status",
      .why = "an error after the login" },
};

static void test_cases(void)
{
    CHECK_VERDICTS(begin, fake_redis_start, cases);
}

static void test_login(void)
{
    static const FakeRedis refuses = { .reply =
                                           STR("-WRONGPASS invalid username-password pair\r\n") };
    check_no_trial(begin, fake_redis_start(&refuses),
                   &(Refused){ { "password", "s3cret" }, "WRONGPASS", "a login" });
}

static void test_commands(void)
{
    check_pipeline(begin, fake_redis_start(&(FakeRedis){ .reply = STR("+OK\r\n") }), "commands");
}

static const Refused refused[] = {
    { { "url", "http://h/" }, "redis://host" },
    { { "url", "redis://u:p@127.0.0.1:1/" }, "REDIS_PASSWORD" },
    { { "url", "redis://127.0.0.1:1/x" }, "database" },
    { { "command", "" }, "empty" },
    { { "command", "GET 'k" }, "quote" },
    { { "command", "GET ${feed.k}" }, "feed" },
    { { "feed", "/none.csv" }, "no ${feed.COLUMN}" },
};

static void test_refused(void)
{
    check_refused(begin, refused, ARRAY_LEN(refused));
}

static void test_freeze(void)
{
    check_freeze(begin, fake_redis_start(&(FakeRedis){ .reply = STR("+OK\r\n") }));
}

/* What a server without permission for it says to publishers, and to subscribers. */
static void test_streams_refused(void)
{
    static const FakeRedis refuses = { .reply = STR("-NOPERM no channel\r\n") };
    for (uint32_t subscribers = 0; subscribers < 2; subscribers++) {
        FakeServer f = fake_redis_start(&refuses);
        TestTrial t;
        begin(&t, &f);
        test_trial_set(&t, "users", "0");
        test_stream_of(&t, NULL, NULL)->subscribers = subscribers;
        test_trial_run(&t);
        const Outcomes *o = &t.trial->outcomes;
        if (subscribers)
            CHECK(t.result < 0 && strstr(t.err.msg, "NOPERM"), "no subscription: %s", t.err.msg);
        else
            CHECK(t.result == 0 && o->failed[FAIL_STATUS] == 1000 &&
                      test_trial_value(&t, "unconfirmed") == 1000 &&
                      test_trial_value(&t, "published") == 0,
                  "no publication: each is counted (%llu)",
                  (unsigned long long)o->failed[FAIL_STATUS]);
        test_trial_done(&t);
        fake_stop(&f);
    }
}

static void test_groups_refused(void)
{
    FakeServer f = fake_nobody();
    TestTrial t;
    begin(&t, &f);
    test_trial_set(&t, "users", "0");
    test_stream_of(&t, NULL, NULL)->groups = 1;
    test_trial_run(&t);
    CHECK(t.result == -EINVAL && strstr(t.err.msg, "mode: log"), "channels know no groups: %s",
          t.err.msg);
    test_trial_done(&t);
}

int main(void)
{
    test_freeze();
    test_cases();
    test_login();
    test_commands();
    test_refused();
    test_streams_refused();
    test_groups_refused();
    return tap_done();
}
