/* The driver against servers that answer well and badly: each message ends in one outcome. */
#include "drivers/ws/ws.h"

#include <errno.h>

#include "drivers/ws/ws_fake.h"
#include "tap.h"

#include "drivers/trial_test_util.h"

static void begin(TestTrial *t, const FakeServer *f)
{
    char url[FAKE_URL_MAX];
    test_trial_init(t, &driver_ws);
    snprintf(url, sizeof url, "ws://127.0.0.1:%d/chat", f->port);
    test_trial_set(t, "url", url);
    test_trial_set(t, "users", "2");
    t->plan.duration_ns = 40 * NS_PER_MS;
}

static char long_text[70001];

static const struct {
    FakeWs s;
    const char *opts[6]; /* name, value, … */
    const char *want, *why;
} cases[] = {
    { { .echo = true }, .want = "ok", .why = "an echo" },
    { { .echo = true }, { "reply", "echo" }, .want = "ok", .why = "… that is compared" },
    { { .echo = true }, { "reply", "id" }, .want = "ok", .why = "… that is found by its id" },
    { { .echo = true }, { "binary", "yes", "reply", "echo" }, .want = "ok", .why = "binary" },
    { { .echo = true },
      { "message", long_text, "reply", "echo" },
      .want = "ok",
      .why = "a message of 70000 bytes" },
    { { .echo = true }, { "message", "" }, .want = "ok", .why = "an empty message" },
    { { .reply = STR("\x81\x04news"), .echo = true },
      { "reply", "id" },
      .want = "ok",
      .why = "another message before the reply" },
    { { .greeting = STR("\x81\x02hi"), .echo = true },
      { "reply", "echo" },
      .want = "ok",
      .why = "a message right behind the handshake" },
    { { .reply = STR("\x89\x03you"), .echo = true }, .want = "ok", .why = "pings" },
    { { .reply = STR("\x01\x03Hel\x89\x00\x80\x02lo") },
      { "expect", "Hello" },
      .want = "ok",
      .why = "fragments with a ping between" },
    { { .reply = STR("\x81\x02no") }, { "expect", "yes" }, .want = "check", .why = "another text" },
    { { .end = FAKE_HOLD }, { "reply", "none" }, .want = "ok", .why = "no reply is wanted" },
    { { .extra_head = STR("Sec-WebSocket-Protocol: chat\r\n"), .echo = true },
      { "subprotocol", "chat" },
      .want = "ok",
      .why = "a subprotocol" },
    { { .reply = STR("\x81\x85"
                     "abcdHello") },
      .want = "protocol",
      .why = "masked frames" },
    { { .reply = STR("\xff\xff\xff\xff") }, .want = "protocol", .why = "garbage" },
    { { .reply = STR("\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff"), .end = FAKE_HOLD },
      .want = "protocol",
      .why = "a frame of 2^63 bytes" },
    { { .reply = STR("\x81\x02\xc3\x28") }, .want = "protocol", .why = "text that is no UTF-8" },
    { { .reply = STR("\x88\x00"), .end = FAKE_CLOSE }, .want = "reset", .why = "closed, no code" },
    { { .reply = STR("\x88\x02\x03\xf3"), .end = FAKE_CLOSE }, .want = "reset", .why = "1011" },
    { { .reply = STR("\x81\x05He"), .end = FAKE_CLOSE },
      .want = "reset",
      .why = "cut in mid-frame" },
    { { .end = FAKE_RESET }, .want = "reset", .why = "reset" },
    { { .end = FAKE_HOLD }, .want = "timed_out", .why = "silence" },
    { { .reply = STR("\x81\x02no") }, { "reply", "id" }, .want = "timed_out", .why = "no such id" },
};

static void test_cases(void)
{
    memset(long_text, 'x', sizeof long_text - 1);
    for (ptrdiff_t i = 0; i < ARRAY_LEN(cases); i++) {
        FakeServer f = fake_ws_start(&cases[i].s);
        TestTrial t;
        begin(&t, &f);
        if (strcmp(cases[i].want, "timed_out") == 0)
            test_trial_set(&t, "timeout", "150ms");
        test_trial_set_all(&t, cases[i].opts, ARRAY_LEN(cases[i].opts));
        test_trial_run(&t);
        CHECK_STR(t.result ? t.err.msg : test_trial_verdict(&t), cases[i].want, "%s", cases[i].why);
        if (strstr(cases[i].why, "before the reply"))
            CHECK(test_trial_value(&t, "messages_extra") >= (double)t.trial->outcomes.ok,
                  "… is counted as an extra one");
        test_trial_done(&t);
        fake_stop(&f);
    }
}

static void test_handshake(void)
{
    static const struct {
        FakeWs s;
        int want;
        const char *why;
    } rows[] = {
        { { .handshake = STR("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n") },
          -EPROTO,
          "404 instead of a switch" },
        { { .handshake = STR("HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                             "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n") },
          -EPROTO,
          "another key's accept" },
        { { .handshake = STR("HTT"), .end = FAKE_CLOSE }, -ECONNRESET, "closed in the handshake" },
        { { .greeting = STR("\x88\x02\x03\xf0"), .end = FAKE_CLOSE },
          -ECONNRESET,
          "closed right behind it" },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++) {
        FakeServer f = fake_ws_start(&rows[i].s);
        TestTrial t;
        begin(&t, &f);
        test_trial_run(&t);
        bool open = t.result == 0; /* what comes behind the handshake may be another read's */
        CHECK(open ? t.trial->outcomes.ok == 0 && i == 3 : t.result == rows[i].want, "%s: %s",
              rows[i].why, t.err.msg);
        test_trial_done(&t);
        fake_stop(&f);
    }
}

static void kill_server(void *user, uint64_t begin_ns)
{
    (void)begin_ns;
    fake_stop(user);
}

static void test_idle(void)
{
    FakeWs s = { .greeting = STR("\x89\x00"), .echo = true };
    FakeServer f = fake_ws_start(&s);
    TestTrial t;
    begin(&t, &f);
    test_trial_set(&t, "idle", "50");
    test_trial_run(&t);
    CHECK_STR(t.result ? t.err.msg : test_trial_verdict(&t), "ok",
              "idle connections beside active ones");
    CHECK_INT((int)test_trial_value(&t, "idle_connections"), 50, "all are held");
    CHECK_INT((int)test_trial_value(&t, "idle_lost"), 0, "none is lost");
    test_trial_done(&t);
    fake_stop(&f);
    f = fake_ws_start(&s);
    begin(&t, &f);
    test_trial_set(&t, "idle", "5");
    t.plan.on_begin = kill_server;
    t.plan.user = &f;
    test_trial_run(&t);
    CHECK_INT((int)test_trial_value(&t, "idle_lost"), 5, "the target goes: each loss is counted");
    CHECK_INT((int)test_trial_value(&t, "idle_connections"), 0, "and none is left");
    CHECK(outcomes_conserved(&t.trial->outcomes), "idle connections are no operations");
    test_trial_done(&t);
    fake_stop(&f);
}

static FakeServer start_wild(uint64_t seed)
{
    return fake_ws_start(&(FakeWs){ .wild = true, .seed = seed });
}

static void test_conservation(void)
{
    check_conservation(begin, start_wild, 2, "100ms");
}

static const Refused refused[] = {
    { { "url", "http://h/" }, "ws://", "another scheme" },
    { { "message", "x", "reply", "id" }, "{{id}}", "an id that is nowhere" },
    { { "reply", "none", "expect", "x" }, "expect", "a check of nothing" },
    { { "message", "\xff" }, "UTF-8", "text that is none" },
    { { "subprotocol", "a b" }, "subprotocol", "a subprotocol with a blank" },
    { { "upgrade_headers", "a=b\r\nc: d" }, "control", "a header that smuggles another" },
};

static void test_refused(void)
{
    check_refused(begin, refused, ARRAY_LEN(refused));
}

static void test_freeze(void)
{
    check_freeze(begin, fake_ws_start(&(FakeWs){ .echo = true }));
}

int main(void)
{
    test_cases();
    test_handshake();
    test_idle();
    test_conservation();
    test_refused();
    test_freeze();
    return tap_done();
}
