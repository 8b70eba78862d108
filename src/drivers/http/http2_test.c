/* HTTP/2 against servers that answer well and badly: each operation ends in one outcome, whoever
 * shares its connection. */
#include <errno.h>

#include "drivers/http/http.h"
#include "drivers/http/http2_fake.h"
#include "tap.h"

#include "drivers/trial_test_util.h"

static void begin(TestTrial *t, const FakeServer *f)
{
    char url[FAKE_URL_MAX];
    test_trial_init(t, &driver_http);
    test_trial_set(t, "url", fake_url(url, f));
    test_trial_set(t, "http", "2");
    test_trial_set(t, "users", "6");
    test_trial_set(t, "streams", "3");
    test_trial_set(t, "timeout", "10s");
    t->plan.duration_ns = 40 * NS_PER_MS;
}

#define GOOD FAKE_HEADERS_200, FAKE_DATA_END("Hello, World!")
#define GOAWAY(last, code)                                                                         \
    {                                                                                              \
        .type = 7, .stream = ON_LINK, .payload = STR(last code)                                    \
    }

static const struct {
    FakeHttp2 s;
    const char *opts[6]; /* name, value, … */
    const char *want, *why;
} cases[] = {
    { { { GOOD } }, .want = "ok", .why = "a good server" },
    { { { GOOD }, .most_streams = 2 }, .want = "ok", .why = "fewer streams allowed than asked" },
    { { { { .type = 1, .flags = 5, .payload = STR("\x88") } } },
      .want = "ok",
      .why = "a reply without a body" },
    { { { { .type = 1,
            .flags = 4,
            .payload = STR("\x08\x03"
                           "100") },
          GOOD } },
      .want = "ok",
      .why = "an interim reply before" },
    { { { FAKE_HEADERS_200,
          { .type = 0, .payload = STR("Hello, ") },
          { .type = 0, .payload = STR("World!") },
          { .type = 1, .flags = 5, .payload = STR("\x40\x01t\x01v") } } },
      { "expect_body", "lo, Wo" },
      .want = "ok",
      .why = "trailers, and a text that is split over frames" },
    { { { FAKE_HEADERS_200, { .type = 0, .flags = 9, .payload = STR("\x02Hello\0\0") } } },
      { "expect_body", "Hello" },
      .want = "ok",
      .why = "padding" },
    { { { GOOD } }, { "expect_body", "Moon" }, .want = "check", .why = "a body without the text" },
    { { { { .type = 1, .flags = 5, .payload = STR("\x8d") } } },
      .want = "status",
      .why = "an error status" },
    { { { { .type = 1, .flags = 5, .payload = STR("\x8d") } } },
      { "expect_status", "404" },
      .want = "ok",
      .why = "… that is expected" },
    { { { GOOD } },
      { "method", "POST", "body", "some bytes" },
      .want = "ok",
      .why = "a body with the request" },
    { { { GOOD, { .type = 6, .stream = ON_LINK, .payload = STR("12345678") } } },
      .want = "ok",
      .why = "pings" },
    { { { { .type = 42, .stream = ON_LINK, .payload = STR("?") }, GOOD } },
      .want = "ok",
      .why = "frames of an unknown type" },
    { { { GOOD, GOAWAY("\0\0\xff\xff", "\0\0\0\0") } },
      .want = "ok",
      .why = "GOAWAY behind each reply" },
    { { { { .type = 3, .payload = STR("\0\0\0\2") } } },
      .want = "reset",
      .why = "RST_STREAM instead of a reply" },
    { { { FAKE_HEADERS_200, { .type = 3, .payload = STR("\0\0\0\7") } } },
      .want = "reset",
      .why = "RST_STREAM in mid-reply" },
    { { { GOAWAY("\0\0\0\0", "\0\0\0\2") }, FAKE_CLOSE },
      .want = "reset",
      .why = "GOAWAY that takes nothing, always" },
    { { { FAKE_HEADERS_200 }, FAKE_CLOSE }, .want = "reset", .why = "closed in mid-reply" },
    { { { { .raw = true, .payload = STR("\0") } }, FAKE_RESET },
      .want = "reset",
      .why = "reset within a frame's head" },
    { { { { .raw = true, .payload = STR("HTTP/1.1 400 Bad Request\r\n\r\n") } }, FAKE_CLOSE },
      .want = "protocol",
      .why = "HTTP/1.1 in mid-connection" },
    { { { { .type = 0, .length = 0xffffff, .payload = STR("x") } }, FAKE_HOLD },
      .want = "protocol",
      .why = "a frame larger than allowed" },
    { { { { .type = 0, .flags = 1, .payload = STR("body") } } },
      .want = "protocol",
      .why = "a body before the head" },
    { { { { .type = 1, .flags = 5, .payload = STR("\x40\x01t\x01v") } } },
      .want = "protocol",
      .why = "a head without a status" },
    { { { { .type = 1, .flags = 5, .payload = STR("\xff\xff\xff\xff\xff\xff\xff") } } },
      .want = "protocol",
      .why = "a head that can't be decompressed" },
    { { { { .type = 0, .flags = 1, .stream = ON_NEXT, .payload = STR("x") } }, FAKE_HOLD },
      .want = "protocol",
      .why = "a stream nobody opened" },
    { { { { .type = 8, .payload = STR("\x7f\xff\xff\xff") },
          { .type = 8, .stream = ON_LINK, .payload = STR("\x7f\xff\xff\xff") } },
        FAKE_HOLD },
      .want = "protocol",
      .why = "a window that overflows" },
    { { { { .type = 5, .flags = 4, .payload = STR("\0\0\0\2\x82") } }, FAKE_HOLD },
      .want = "protocol",
      .why = "a push nobody allowed" },
    { { { { 0 } }, FAKE_HOLD }, .want = "timed_out", .why = "silence" },
    { { { FAKE_HEADERS_200, { .type = 0, .payload = STR("half") } }, FAKE_HOLD },
      .want = "timed_out",
      .why = "half a reply, then silence" },
};

static void test_cases(void)
{
    CHECK_VERDICTS(begin, fake_http2_start, cases);
}

static void test_no_http2(void)
{
    FakeHttp2 s = { .no_settings = true };
    FakeServer f = fake_http2_start(&s);
    TestTrial t;
    begin(&t, &f);
    test_trial_set(&t, "timeout", "50ms");
    test_trial_run(&t);
    CHECK(t.result < 0, "a target that says nothing to the preface: no connection (%s)", t.err.msg);
    CHECK_INT((int)t.trial->outcomes.failed[FAIL_CONNECT], 6, "each user's attempt is counted");
    test_trial_done(&t);
    fake_stop(&f);
    f = fake_nobody();
    begin(&t, &f);
    test_trial_run(&t);
    CHECK_INT(t.result, -ECONNREFUSED, "nobody listens: %s", t.err.msg);
    test_trial_done(&t);
}

static void test_sharing(void)
{
    static const struct {
        const char *users, *streams;
        uint32_t most;
        int want;
    } rows[] = {
        { "6", "1", 0, 6 },   { "6", "3", 0, 2 }, { "7", "3", 0, 3 },
        { "6", "100", 0, 1 }, { "6", "3", 2, 3 }, { "6", "100", 1, 6 },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++) {
        FakeHttp2 s = { { GOOD }, .most_streams = rows[i].most };
        FakeServer f = fake_http2_start(&s);
        TestTrial t;
        begin(&t, &f);
        test_trial_set(&t, "users", rows[i].users);
        test_trial_set(&t, "streams", rows[i].streams);
        test_trial_run(&t);
        CHECK(t.trial->outcomes.ok > 0 &&
                  t.trial->outcomes.ok + t.trial->outcomes.in_flight == t.trial->outcomes.scheduled,
              "%s users, %s to a connection, %u allowed: all answered", rows[i].users,
              rows[i].streams, rows[i].most);
        CHECK_INT((int)test_trial_value(&t, "connects"), rows[i].want,
                  "… on that many connections");
        test_trial_done(&t);
        fake_stop(&f);
    }
}

/* One connection is lost under many operations: each is counted once, and the next go on. */
static void test_lost_in_flight(void)
{
    FakeHttp2 s = { { FAKE_HEADERS_200 }, .end = FAKE_CLOSE, .good = 50 };
    FakeServer f = fake_http2_start(&s);
    TestTrial t;
    begin(&t, &f);
    test_trial_set(&t, "users", "0");
    test_trial_set(&t, "rate", "2000/s");
    test_trial_set(&t, "connections", "8");
    test_trial_set(&t, "streams", "8");
    t.plan.duration_ns = 200 * NS_PER_MS;
    test_trial_run(&t);
    const Outcomes *o = &t.trial->outcomes;
    CHECK(outcomes_conserved(o) && o->ok > 200 && o->failed[FAIL_RESET] >= 4 &&
              o->ok + o->failed[FAIL_RESET] == 400,
          "closed every 51 requests: %llu ok, %llu reset", (unsigned long long)o->ok,
          (unsigned long long)o->failed[FAIL_RESET]);
    test_trial_done(&t);
    fake_stop(&f);
}

static FakeServer start_wild(uint64_t seed)
{
    return fake_http2_start(&(FakeHttp2){ .wild = true, .seed = seed });
}

static void test_conservation(void)
{
    check_conservation(begin, start_wild, 3, "100ms");
}

static void test_idle(void)
{
    FakeHttp2 s = { { GOOD } };
    FakeServer f = fake_http2_start(&s);
    TestTrial t;
    begin(&t, &f);
    test_trial_set(&t, "idle", "20");
    test_trial_run(&t);
    CHECK_STR(t.result ? t.err.msg : test_trial_verdict(&t), "ok", "idle users beside active ones");
    CHECK_INT((int)test_trial_value(&t, "idle_connections"), 20, "all are held");
    CHECK_INT((int)test_trial_value(&t, "idle_lost"), 0, "none is lost");
    test_trial_done(&t);
    fake_stop(&f);
}

static const struct {
    const char *head;
    const char *want; /* "name=value;…" */
} heads[] = {
    { "GET /a?b=c HTTP/1.1\r\nHost: h:1\r\nX-Up: Some Thing\r\n\r\n",
      ":method=GET;:scheme=http;:authority=h:1;:path=/a?b=c;x-up=Some Thing;" },
    { "POST / HTTP/1.1\r\nConnection: close\r\nHost: h\r\nTE: gzip\r\nContent-Length: 3\r\n\r\n",
      ":method=POST;:scheme=http;:authority=h;:path=/;content-length=3;" },
    { "GET / HTTP/1.1\r\nhOST: x\r\nEmpty:\r\nA: b: c\r\n\r\n",
      ":method=GET;:scheme=http;:authority=x;:path=/;empty=;a=b: c;" },
};

static void test_fields(void)
{
    for (ptrdiff_t i = 0; i < ARRAY_LEN(heads); i++) {
        char head[256];
        Http2Field f[HTTP2_FIELDS_MAX];
        CLEANUP(strbuf_done) StrBuf b = { 0 };
        snprintf(head, sizeof head, "%s", heads[i].head);
        int n = http2_fields(head, (ptrdiff_t)strlen(head), "http", f);
        for (int k = 0; k < n; k++)
            strbuf_addf(&b, STR_FMT "=" STR_FMT ";", STR_ARG(f[k].name), STR_ARG(f[k].value));
        CHECK_STR(strbuf_z(&b), heads[i].want, "fields of head %td", i);
    }
    CLEANUP(strbuf_done) StrBuf many = { 0 };
    strbuf_addz(&many, "GET / HTTP/1.1\r\n");
    for (int i = 0; i < HTTP2_FIELDS_MAX; i++)
        strbuf_addf(&many, "x%d: y\r\n", i);
    strbuf_addz(&many, "\r\n");
    Http2Field f[HTTP2_FIELDS_MAX];
    CHECK_INT(http2_fields(many.ptr, many.len, "http", f), -E2BIG, "too many are refused");
}

static void begin_streams(TestTrial *t, const FakeServer *f)
{
    begin(t, f);
    test_trial_set(t, "streams", "4");
}

static void test_freeze(void)
{
    check_freeze(begin_streams, fake_http2_start(&(FakeHttp2){ { GOOD } }));
}

int main(void)
{
    test_fields();
    if (!http2_built_in()) {
        tap_skip("this build has no nghttp2");
        return tap_done();
    }
    test_cases();
    test_no_http2();
    test_sharing();
    test_lost_in_flight();
    test_conservation();
    test_idle();
    test_freeze();
    return tap_done();
}
