/* Streams of events: when they are over, how they fail, and what is measured of them. */
#include <errno.h>
#include <time.h>

#include "drivers/fake_framed.h"
#include "drivers/http/http.h"
#include "drivers/http/http2_fake.h"
#include "tap.h"

#include "drivers/trial_test_util.h"

static void begin(TestTrial *t, const FakeServer *f)
{
    char url[FAKE_URL_MAX];
    test_trial_init(t, &driver_http);
    test_trial_set(t, "url", fake_url(url, f));
    test_trial_set(t, "users", "2");
    test_trial_set(t, "sse", "yes");
    t->plan.duration_ns = 40 * NS_PER_MS;
}

#define HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
#define CHUNKED "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
#define THREE "data: a\n\ndata: b\n\ndata: c\n\n"

static const struct {
    FakeScript s;
    const char *opts[6]; /* name, value, … */
    const char *want, *why;
    double per_stream; /* events; 0: not looked at */
} cases[] = {
    { { .reply = STR(HEAD THREE), .end = FAKE_CLOSE }, .want = "ok", .why = "to the end", 3 },
    { { .reply = STR(CHUNKED "1b\r\n" THREE "\r\n0\r\n\r\n") },
      .want = "ok",
      .why = "in chunks",
      3 },
    { { .reply = STR(HEAD THREE), .end = FAKE_CLOSE },
      { "sse_events", "3" },
      .want = "ok",
      .why = "as many as awaited",
      3 },
    { { .reply = STR(HEAD THREE), .end = FAKE_CLOSE },
      { "sse_events", "4" },
      .want = "check",
      .why = "ended before" },
    { { .reply = STR(HEAD THREE), .end = FAKE_HOLD },
      { "sse_until", "b" },
      .want = "ok",
      .why = "until a text",
      2 },
    { { .reply = STR(HEAD THREE), .end = FAKE_CLOSE },
      { "sse_until", "z" },
      .want = "check",
      .why = "a text that never comes" },
    { { .reply = STR(HEAD),
        .filler = STR("data: x\n\n"),
        .filler_bytes = UINT64_MAX,
        .end = FAKE_HOLD },
      { "sse_events", "100" },
      .want = "ok",
      .why = "endless events",
      100 },
    { { .reply = STR(HEAD "data: x\n\n"), .filler_bytes = UINT64_MAX, .drip_ms = 1 },
      { "sse_duration", "15ms" },
      .want = "ok",
      .why = "for a time",
      1 },
    { { .end = FAKE_HOLD, .reply = STR("HTTP") },
      { "sse_duration", "15ms" },
      .want = "timed_out",
      .why = "a time in which not even a head came" },
    { { .reply = STR(HEAD), .filler = STR(":\n"), .filler_bytes = UINT64_MAX, .drip_ms = 1 },
      { "sse_events", "1", "timeout", "30ms" },
      .want = "timed_out",
      .why = "comments without end" },
    { { .reply = STR(CHUNKED "ff\r\n" THREE), .end = FAKE_CLOSE },
      .want = "reset",
      .why = "cut in mid-stream" },
    { { .reply = STR("HTTP/1.1 404 No\r\nContent-Length: 27\r\n\r\n" THREE) },
      { "sse_events", "1" },
      .want = "status",
      .why = "an error with a page that looks like events" },
};

static void test_cases(void)
{
    for (ptrdiff_t i = 0; i < ARRAY_LEN(cases); i++) {
        FakeServer f = fake_start(&cases[i].s);
        TestTrial t;
        begin(&t, &f);
        test_trial_set_all(&t, cases[i].opts, ARRAY_LEN(cases[i].opts));
        test_trial_run(&t);
        CHECK_STR(t.result ? t.err.msg : test_trial_verdict(&t), cases[i].want, "%s", cases[i].why);
        double got = test_trial_quantile(&t, "events_per_stream", 1);
        if (cases[i].per_stream > 0)
            CHECK_NEAR(got, cases[i].per_stream, 0.5, "%s: events of a stream", cases[i].why);
        test_trial_done(&t);
        fake_stop(&f);
    }
}

static void test_http2(void)
{
    FakeHttp2 s = { { FAKE_HEADERS_200,
                      { .payload = STR("data: a\n\nda") },
                      { .payload = STR("ta: b\n\ndata: c\n\n") } },
                    .end = FAKE_KEEP };
    if (!http2_built_in()) {
        tap_skip("this build has no nghttp2");
        return;
    }
    FakeServer f = fake_http2_start(&s);
    static const char *const ends[][2] = { { "sse_events", "2" },
                                           { "sse_until", "c" },
                                           { "sse_duration", "10ms" } };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(ends); i++) {
        TestTrial t;
        begin(&t, &f);
        test_trial_set(&t, "http", "2");
        test_trial_set(&t, "streams", "2");
        test_trial_set(&t, ends[i][0], ends[i][1]);
        test_trial_run(&t);
        CHECK_STR(t.result ? t.err.msg : test_trial_verdict(&t), "ok", "HTTP/2: %s", ends[i][0]);
        CHECK_INT((int)test_trial_value(&t, "connects"), 1, "the connection stays for the next");
        test_trial_done(&t);
    }
    fake_stop(&f);
}

enum { GAP_MS = 4, SLOW_EVENTS = 5 };

/* Five events, 4 ms apart. */
static ptrdiff_t take_slow(void *user, FramedConn *c, const unsigned char *p, ptrdiff_t n)
{
    static const Str head = STR(CHUNKED), event = STR("9\r\ndata: x\n\n\r\n"),
                     end = STR("0\r\n\r\n");
    (void)user;
    ptrdiff_t at = str_find((Str){ (const char *)p, n }, STR("\r\n\r\n"));
    if (at < 0)
        return 0;
    framed_send(c->fd, head.ptr, head.len);
    for (int i = 0; i < SLOW_EVENTS; i++) {
        struct timespec gap = { .tv_nsec = (long)(GAP_MS * NS_PER_MS) };
        clock_nanosleep(CLOCK_MONOTONIC, 0, &gap, NULL);
        framed_send(c->fd, event.ptr, event.len);
    }
    framed_send(c->fd, end.ptr, end.len);
    return at + 4;
}

static void test_times(void)
{
    FakeServer f = fake_framed_start(take_slow, NULL);
    TestTrial t;
    begin(&t, &f);
    test_trial_set(&t, "users", "1");
    t.plan.duration_ns = 100 * NS_PER_MS;
    test_trial_run(&t);
    uint64_t ok = t.trial->outcomes.ok;
    const Metric *first = trial_find_metric(t.trial, "time_to_first_event");
    const Metric *gap = trial_find_metric(t.trial, "event_gap");
    CHECK(ok > 0 && first && gap && first->hist->n == ok && gap->hist->n == ok * (SLOW_EVENTS - 1),
          "one first event a stream, and a gap between every two");
    double least = GAP_MS * 1e6;
    CHECK(first && gap && (double)first->hist->min >= least &&
              hist_quantile(gap->hist, 0.5) >= 0.9 * least,
          "neither is shorter than what the target did");
    CHECK(first && test_trial_quantile(&t, "service_time", 0) >= SLOW_EVENTS * least,
          "the operation lasts as long as its stream");
    CHECK_NEAR(test_trial_value(&t, "events"), (double)(ok * SLOW_EVENTS), 0.1, "all are counted");
    test_trial_done(&t);
    fake_stop(&f);
}

#define ONE CHUNKED "9\r\ndata: x\n\n\r\n0\r\n\r\n"

static void test_conservation(void)
{
    for (uint64_t seed = 1; seed <= 3; seed++) {
        FakeScript s = { .reply = STR(ONE), .wild = true, .seed = seed };
        FakeServer f = fake_start(&s);
        TestTrial t;
        begin(&t, &f);
        test_trial_set(&t, "users", "0");
        test_trial_set(&t, "rate", "2000/s");
        test_trial_set(&t, "connections", "8");
        test_trial_set(&t, "timeout", "100ms");
        test_trial_set(&t, seed % 2 ? "sse_events" : "sse_duration", seed % 2 ? "1" : "10ms");
        t.plan.duration_ns = 150 * NS_PER_MS;
        test_trial_run(&t);
        const Outcomes *o = &t.trial->outcomes;
        CHECK(t.result == 0 && outcomes_conserved(o) && o->scheduled == 300 && o->ok > 0,
              "wild server, seed %d: %llu ok, %llu failed, %llu timed out", (int)seed,
              (unsigned long long)o->ok, (unsigned long long)outcomes_failed(o),
              (unsigned long long)o->timed_out);
        test_trial_done(&t);
        fake_stop(&f);
    }
}

static void test_refused(void)
{
    static const char *const rows[][5] = {
        { "sse", "no", "sse_events", "1", "belong to sse" },
        { "sse", "yes", "expect_body", "x", "sse_until" },
        { "sse", "yes", "method", "HEAD", "HEAD" },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++) {
        TestTrial t;
        test_trial_init(&t, &driver_http);
        test_trial_set(&t, "url", "http://127.0.0.1:1/");
        test_trial_set(&t, rows[i][0], rows[i][1]);
        test_trial_set(&t, rows[i][2], rows[i][3]);
        test_trial_run(&t);
        CHECK(t.result == -EINVAL && strstr(t.err.msg, rows[i][4]), "refused: %s", t.err.msg);
        test_trial_done(&t);
    }
}

static void begin_event(TestTrial *t, const FakeServer *f)
{
    begin(t, f);
    test_trial_set(t, "sse_events", "1");
}

static void test_freeze(void)
{
    check_freeze(begin_event, fake_start(&(FakeScript){ .reply = STR(ONE) }));
}

int main(void)
{
    test_cases();
    test_http2();
    test_times();
    test_conservation();
    test_refused();
    test_freeze();
    return tap_done();
}
