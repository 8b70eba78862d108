/* The driver against servers that answer well and badly: each fault ends in its own outcome, and
 * nothing is lost. */
#include "drivers/http/http.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "drivers/fake_server.h"
#include "tap.h"

#include "drivers/trial_test_util.h"

#define LONG_PATH                                                                                  \
    "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
    "aaaa"                                                                                         \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
    "aaa"                                                                                          \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
    "aaa"
#define OK_REPLY "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nHello, World!"

static void begin(TestTrial *t, const FakeServer *f)
{
    char url[FAKE_URL_MAX];
    test_trial_init(t, &driver_http);
    test_trial_set(t, "url", fake_url(url, f));
    test_trial_set(t, "users", "2");
    test_trial_set(t, "timeout", "10s"); /* a busy machine must not turn answers into timeouts */
    t->plan.duration_ns = 60 * NS_PER_MS;
}

static const struct {
    FakeScript s;
    const char *opts[6]; /* name, value, … */
    const char *want, *why;
} faults[] = {
    { { .reply = STR(OK_REPLY) }, .want = "ok", .why = "a good server" },
    { { .reply = STR("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"),
        .end = FAKE_CLOSE },
      .want = "ok",
      .why = "one that closes after each reply and says so" },
    { { .reply = STR("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nbody"), .end = FAKE_CLOSE },
      .want = "ok",
      .why = "bodies that end with the connection" },
    { { .reply = STR("HTTP/1.0 200 OK\r\n\r\nbody"), .end = FAKE_CLOSE },
      .want = "ok",
      .why = "HTTP/1.0" },
    { { .reply = STR("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhello") },
      .want = "protocol",
      .why = "a body that is longer than it says" },
    { { .reply =
            STR("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n") },
      .want = "ok",
      .why = "chunks" },
    { { .reply = STR("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n") },
      .want = "status",
      .why = "an error status" },
    { { .reply = STR("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n") },
      { "expect_status", "404" },
      .want = "ok",
      .why = "an error status that is expected" },
    { { .reply = STR(OK_REPLY) },
      { "expect_status", "201", "expect_status", "3xx" },
      .want = "status",
      .why = "a good status that is not" },
    { { .reply = STR(OK_REPLY) },
      { "expect_body", "World" },
      .want = "ok",
      .why = "a body that holds the text" },
    { { .reply = STR(OK_REPLY) },
      { "expect_body", "Moon" },
      .want = "check",
      .why = "a body that doesn't" },
    { { .reply = STR("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\naab\r\n2\r\naa\r\n"
                     "1\r\nc\r\n0\r\n\r\n") },
      { "expect_body", "abaac" },
      .want = "ok",
      .why = "a text that is split over chunks" },
    { { .reply = STR("HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n") },
      { "method", "HEAD" },
      .want = "ok",
      .why = "HEAD" },
    { { .reply = STR("garbage\r\n\r\n"), .end = FAKE_CLOSE },
      .want = "protocol",
      .why = "garbage" },
    { { .reply = STR("\x16\x03\x01"), .end = FAKE_HOLD },
      .want = "protocol",
      .why = "garbage without a line end" },
    { { .reply = STR("HTTP/1.1 200 OK\r\n"),
        .filler = STR("X: y\r\n"),
        .filler_bytes = UINT64_MAX,
        .end = FAKE_HOLD },
      .want = "protocol",
      .why = "a head without end" },
    { { .reply = STR("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf"), .end = FAKE_CLOSE },
      .want = "reset",
      .why = "closed within the body" },
    { { .reply = STR("HTTP/1.1 200"), .end = FAKE_RESET },
      .want = "reset",
      .why = "reset within the head" },
    { { .reply = STR(""), .end = FAKE_CLOSE },
      .want = "reset",
      .why = "closed instead of a reply" },
    { { .reply = STR(""), .end = FAKE_HOLD }, .want = "timed_out", .why = "silence" },
    { { .reply = STR("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf"), .end = FAKE_HOLD },
      .want = "timed_out",
      .why = "half a body, then silence" },
    { { .reply = STR("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"),
        .filler_bytes = 1000000,
        .drip_ms = 5 },
      .want = "timed_out",
      .why = "a body that drips: activity does not extend the timeout" },
};

static void test_faults(void)
{
    CHECK_VERDICTS(begin, fake_start, faults);
}

/* Cut after every byte: only the whole reply is an answer. */
static void test_cut_everywhere(void)
{
    Str whole = STR(OK_REPLY);
    ptrdiff_t bad = 0;
    for (ptrdiff_t n = 0; n <= whole.len; n += n < 20 || n > whole.len - 16 ? 1 : 5) {
        FakeScript s = { .reply = str_slice(whole, 0, n), .end = FAKE_RESET };
        FakeServer f = fake_start(&s);
        TestTrial t;
        begin(&t, &f);
        t.plan.duration_ns = 5 * NS_PER_MS;
        test_trial_run(&t);
        /* behind the last byte the reset hits the next request, or nothing */
        bad += n == whole.len ? t.trial->outcomes.ok == 0
                              : strcmp(test_trial_verdict(&t), "reset") != 0;
        test_trial_done(&t);
        fake_stop(&f);
    }
    CHECK_INT(bad, 0, "reset at every byte: a failure, until the last byte is there");
}

static void test_large_body(void)
{
    FakeScript s = { .reply = STR("HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n"),
                     .filler_bytes = 104857600 };
    FakeServer f = fake_start(&s);
    TestTrial t;
    begin(&t, &f);
    test_trial_set(&t, "users", "1");
    test_trial_set(&t, "timeout", "30s");
    t.plan.duration_ns = NS_PER_MS;
    test_trial_run(&t);
    const Outcomes *o = &t.trial->outcomes;
    CHECK(o->scheduled == 1 && o->ok == 1,
          "a body of 100 MiB arrives, begun in the window's last "
          "millisecond or not (%s)",
          t.err.msg);
    test_trial_done(&t);
    fake_stop(&f);
}

static void test_close_after_n(void)
{
    FakeScript s = { .reply = STR(OK_REPLY), .requests_max = 7 };
    FakeServer f = fake_start(&s);
    TestTrial t;
    begin(&t, &f);
    test_trial_set(&t, "users", "0");
    test_trial_set(&t, "rate", "500/s");
    test_trial_set(&t, "connections", "4");
    t.plan.duration_ns = 400 * NS_PER_MS;
    test_trial_run(&t);
    const Outcomes *o = &t.trial->outcomes;
    CHECK(outcomes_conserved(o) && o->ok + o->failed[FAIL_RESET] == 200,
          "closed while idle: opened again within the operation, or lost in the race: %llu ok, "
          "%llu reset",
          (unsigned long long)o->ok, (unsigned long long)o->failed[FAIL_RESET]);
    CHECK(o->ok >= 150, "most are noticed in time");
    CHECK(test_trial_value(&t, "reconnects") >= 10, "reconnects are counted (%g)",
          test_trial_value(&t, "reconnects"));
    test_trial_done(&t);
    fake_stop(&f);
}

static FakeServer start_wild(uint64_t seed)
{
    return fake_start(&(FakeScript){ .reply = STR(OK_REPLY), .wild = true, .seed = seed });
}

static void test_conservation(void)
{
    check_conservation(begin, start_wild, 3, "20ms");
}

static void test_pipeline(void)
{
    static const struct {
        FakeScript s;
        const char *opts[6], *want, *why;
    } rows[] = {
        { { .reply = STR(OK_REPLY OK_REPLY OK_REPLY) }, { "pipeline", "3" }, "ok", "a pipeline" },
        { { .reply = STR(OK_REPLY OK_REPLY OK_REPLY) },
          { "pipeline", "3", "path", "/${seq()}", "expect_body", "World" },
          "ok",
          "of requests that differ" },
        { { .reply = STR(OK_REPLY "HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n" OK_REPLY) },
          { "pipeline", "3" },
          "status",
          "one of them fails" },
        { { .reply = STR(OK_REPLY "x") }, { "pipeline", "3" }, "protocol", "with bytes between" },
        { { .reply = STR("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"),
            .end = FAKE_CLOSE },
          { "pipeline", "3" },
          "reset",
          "closed behind the first" },
        { { .reply = STR(""), .end = FAKE_HOLD }, { "pipeline", "3" }, "timed_out", "silence" },
    };
    CHECK_VERDICTS(begin, fake_start, rows);
    static const FakeScript seven = {
        .reply = STR(OK_REPLY OK_REPLY OK_REPLY OK_REPLY OK_REPLY OK_REPLY OK_REPLY)
    };
    check_pipeline(begin, fake_start(&seven), "requests");
}

static void test_nobody(void)
{
    FakeServer f = fake_nobody();
    TestTrial t;
    begin(&t, &f);
    test_trial_run(&t);
    CHECK_INT(t.result, -ECONNREFUSED, "nobody listens: %s", t.err.msg);
    CHECK(strstr(t.err.msg, "127.0.0.1") != NULL, "the message names the target");
    CHECK(t.trial->n_metrics == 0, "nothing was measured");
    CHECK(t.trial->outcomes.failed[FAIL_CONNECT] > 0 && outcomes_conserved(&t.trial->outcomes),
          "but what was tried is counted");
    test_trial_done(&t);
}

/* In a child: limits can't be raised again by everybody. */
static int run_with_few_descriptors(const FakeServer *f)
{
    struct rlimit few = { 64, 64 };
    TestTrial t;
    begin(&t, f);
    test_trial_set(&t, "users", "100");
    if (setrlimit(RLIMIT_NOFILE, &few) < 0)
        return 2;
    test_trial_run(&t);
    bool good = t.result == -EMFILE && strstr(t.err.msg, "ulimit");
    test_trial_done(&t);
    return good ? 0 : 1;
}

static void test_few_descriptors(void)
{
    FakeServer f = fake_nobody();
    int status = -1, pid = fork();
    if (pid == 0)
        _exit(run_with_few_descriptors(&f));
    waitpid(pid, &status, 0);
    CHECK_INT(status, 0,
              "more connections than descriptors: refused before the run, with the cure");
}

static void kill_server(void *user, uint64_t begin_ns)
{
    (void)begin_ns;
    fake_stop(user);
}

static void test_killed(void)
{
    for (int open = 0; open < 2; open++) {
        FakeScript s = { .reply = STR(OK_REPLY) };
        FakeServer f = fake_start(&s);
        TestTrial t;
        begin(&t, &f);
        if (open) {
            test_trial_set(&t, "users", "0");
            test_trial_set(&t, "rate", "5000/s");
        }
        t.plan.on_begin = kill_server;
        t.plan.user = &f;
        t.plan.warmup_ns = 30 * NS_PER_MS;
        t.plan.duration_ns = 300 * NS_PER_MS;
        test_trial_run(&t);
        const Outcomes *o = &t.trial->outcomes;
        CHECK(t.result == 0 && outcomes_conserved(o) && o->failed[FAIL_CONNECT] > 0,
              "killed in mid-run: %llu of %llu could not connect",
              (unsigned long long)o->failed[FAIL_CONNECT], (unsigned long long)o->scheduled);
        CHECK(test_trial_reason(&t, "failures") || test_trial_reason(&t, "nothing-succeeded"),
              "and the trial says so");
        CHECK(t.trial->validity.grade != GRADE_VALID, "it does not pass for sound");
        if (open)
            CHECK_INT(o->scheduled, 1500, "the open schedule goes on");
        else
            CHECK(o->failed[FAIL_CONNECT] <= 2 * 8, "closed users back off instead of spinning");
        test_trial_done(&t);
        fake_stop(&f);
    }
}

static const Refused refused[] = {
    { { "url", "nonsense" }, "not a URL", "no URL" },
    { { "url", "http://no.such.host.invalid/" }, "not known", "a name nobody knows" },
    { { "method", "GE T" }, "method", "a method with a blank" },
    { { "path", "item" }, "begin with '/'", "a path without a slash" },
    { { "path", "/a b" }, "percent-encode", "a path with a blank" },
    { { "headers", "a b=c" }, "name holds", "a header name with a blank" },
    { { "headers", "a=b\r\nc: d" }, "control", "a header that smuggles another" },
    { { "headers", "Content-Length=3" }, "leave it out", "a length by hand" },
    { { "header", "no colon" }, "Name: value", "a header line without a colon" },
    { { "header", "a b: c" }, "name holds", "a header line with a blank in its name" },
    { { "expect_status", "abc" }, "none of", "a status that is none" },
    { { "expect_status", "6xx" }, "none of", "a class of statuses that is none" },
    { { "json_body", "{\"a\":}" }, "json_body", "a JSON body that is none" },
    { { "user", "alice" }, "colon", "a user without a password" },
    { { "bearer", "Bearer x" }, "blanks", "a token with its scheme" },
    { { "cookie", "sid" }, "NAME=VALUE", "a cookie without a value" },
    { { "cookie", "a=b\r\nc: d" }, "control", "a cookie that smuggles a header" },
    { { "body_file", "/no/such/file" }, "/no/such/file", "a body that is not there" },
    { { "connect_to", "::1" }, "brackets", "an address without brackets" },
    { { "pipeline", "2", "redirects", "1" }, "leave out", "a pipeline that follows" },
    { { "pipeline", "65536", "path", LONG_PATH }, "MiB", "a pipeline too long" },
};

static void test_refused(void)
{
    check_refused(begin, refused, ARRAY_LEN(refused));
}

/* Two that would write one header, or one body. */
static void test_exclusive(void)
{
    static const char *const pairs[][5] = {
        { "user", "a:b", "bearer", "t", "leave one out" },
        { "bearer", "t", "headers", "authorization=x", "leave one out" },
        { "cookie", "a=b", "header", "cookie: c=d", "leave one out" },
        { "json_body", "{}", "body", "x", "exclude" },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(pairs); i++) {
        TestTrial t;
        test_trial_init(&t, &driver_http);
        test_trial_set(&t, "url", "http://127.0.0.1:1/");
        test_trial_set(&t, pairs[i][0], pairs[i][1]);
        test_trial_set(&t, pairs[i][2], pairs[i][3]);
        test_trial_run(&t);
        CHECK(t.result == -EINVAL && strstr(t.err.msg, pairs[i][4]), "%s with %s: %s", pairs[i][0],
              pairs[i][2], t.err.msg);
        test_trial_done(&t);
    }
}

/* What goes on the wire. */
static void check_head(const char *const set[6], const char *want, const char *why)
{
    TestTrial t;
    test_trial_init(&t, &driver_http);
    test_trial_set(&t, "url", "http://127.0.0.1:81/base?old=1");
    test_trial_set(&t, "user_agent", "ua");
    for (ptrdiff_t i = 0; i < 6 && set[i]; i += 2)
        test_trial_set(&t, set[i], set[i + 1]);
    HttpTarget target = { 0 };
    HttpRequest request = { 0 };
    int r = http_prepare_target(t.target_opts, &target, &t.err);
    CHECK_INT(r, 0, "target: %s", t.err.msg);
    r = http_prepare_request(&target, t.request_opts, &request, &t.err);
    CHECK_INT(r, 0, "request: %s", t.err.msg);
    CHECK_STR(request.head.ptr, want, "%s", why);
    http_release_request(&request);
    http_release_target(&target);
    test_trial_done(&t);
}

static void test_heads(void)
{
    check_head((const char *const[6]){ NULL },
               "GET /base?old=1 HTTP/1.1\r\nHost: 127.0.0.1:81\r\nUser-Agent: ua\r\nAccept: "
               "*/*\r\n\r\n",
               "the URL's own path and the default headers");
    check_head((const char *const[6]){ "path", "/x?y=2", "headers", "host=h", "headers", "A=b" },
               "GET /base/x?y=2 HTTP/1.1\r\nUser-Agent: ua\r\nAccept: */*\r\nhost: h\r\nA: "
               "b\r\n\r\n",
               "a path behind it; headers that replace defaults");
    check_head((const char *const[6]){ "header", "accept: x", "header", "A:b:c", "headers", "D=e" },
               "GET /base?old=1 HTTP/1.1\r\nHost: 127.0.0.1:81\r\nUser-Agent: ua\r\nD: e\r\n"
               "accept: x\r\nA: b:c\r\n\r\n",
               "headers in curl's form");
    check_head(
        (const char *const[6]){ "method", "POST", "body", "hi", "common_headers", "accept=x" },
        "POST /base?old=1 HTTP/1.1\r\nHost: 127.0.0.1:81\r\nUser-Agent: ua\r\naccept: "
        "x\r\nContent-Length: 2\r\n\r\n",
        "a body brings its length");
    check_head((const char *const[6]){ "json_body", "{\"a\":1}", "cookie", "a=b", "cookie", "c=d" },
               "POST /base?old=1 HTTP/1.1\r\nHost: 127.0.0.1:81\r\nUser-Agent: ua\r\nAccept: "
               "*/*\r\nCookie: a=b; c=d\r\nContent-Type: application/json\r\nContent-Length: "
               "7\r\n\r\n",
               "a JSON body is posted and typed; cookies share a header");
    check_head(
        (const char *const[6]){ "json_body", "[]", "method", "PUT", "headers", "content-type=x/y" },
        "PUT /base?old=1 HTTP/1.1\r\nHost: 127.0.0.1:81\r\nUser-Agent: ua\r\nAccept: "
        "*/*\r\ncontent-type: x/y\r\nContent-Length: 2\r\n\r\n",
        "method and type that are said stand");
    check_head((const char *const[6]){ "user", "Aladdin:open sesame" },
               "GET /base?old=1 HTTP/1.1\r\nHost: 127.0.0.1:81\r\nUser-Agent: ua\r\nAccept: "
               "*/*\r\nAuthorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n",
               "the example of RFC 7617");
    check_head((const char *const[6]){ "bearer", "mF_9.B5f-4.1JqM" },
               "GET /base?old=1 HTTP/1.1\r\nHost: 127.0.0.1:81\r\nUser-Agent: ua\r\nAccept: "
               "*/*\r\nAuthorization: Bearer mF_9.B5f-4.1JqM\r\n\r\n",
               "a bearer token");
}

int main(void)
{
    test_heads();
    test_refused();
    test_exclusive();
    test_faults();
    test_cut_everywhere();
    test_large_body();
    test_close_after_n();
    test_conservation();
    test_pipeline();
    test_nobody();
    test_few_descriptors();
    test_killed();
    return tap_done();
}
