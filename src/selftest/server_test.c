/* The test server seen by a plain client: every law, every fault, every count. */
#include "selftest/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "selftest/fetch.h"
#include "tap.h"

typedef struct WireRow {
    const char *why, *target;
    FetchEnd end;
    const char *starts, *contains; /* NULL: the reply is empty */
    ReplyKind kind;
} WireRow;

#define OK_HEAD "HTTP/1.1 200 OK\r\n"

/* What is held open by the server is seen as quiet. */
static const WireRow wire_rows[] = {
    { "good", "/none?body=3", FETCH_QUIET, OK_HEAD, "content-length: 3\r\n\r\nxxx", REPLY_OK },
    { "empty body", "/none?body=0", FETCH_QUIET, OK_HEAD, "content-length: 0\r\n\r\n", REPLY_OK },
    { "closing", "/none?close=yes", FETCH_CLOSED, OK_HEAD, "connection: close\r\n", REPLY_OK },
    { "chunked", "/none?chunked=yes&body=5", FETCH_QUIET, OK_HEAD, "5\r\nxxxxx\r\n0\r\n\r\n",
      REPLY_OK },
    { "trailers", "/none?chunked=yes&trailers=yes", FETCH_QUIET, OK_HEAD,
      "\r\n0\r\nx-digest: 0\r\nx-end: yes\r\n\r\n", REPLY_OK },
    { "interim replies", "/none?interim=2", FETCH_QUIET, "HTTP/1.1 103 Early Hints\r\n",
      "\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </style.css>; rel=preload\r\n\r\n" OK_HEAD,
      REPLY_OK },
    { "drip", "/none?drip=20ms&body=40", FETCH_QUIET, OK_HEAD,
      "\r\n\r\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", REPLY_OK },
    { "error status", "/none?fail=1", FETCH_QUIET, "HTTP/1.1 500 ", "content-length: 13",
      REPLY_STATUS },
    { "another status", "/none?fail=1&status=404", FETCH_QUIET, "HTTP/1.1 404 ", "content-length",
      REPLY_STATUS },
    { "reset", "/none?reset=1", FETCH_RESET, NULL, NULL, REPLY_RESET },
    { "eof", "/none?eof=1", FETCH_CLOSED, NULL, NULL, REPLY_CLOSE },
    { "garbage", "/none?garbage=1", FETCH_CLOSED, "\x16\x03\x01", "no HTTP", REPLY_GARBAGE },
    { "endless head", "/none?endless=1", FETCH_FULL, OK_HEAD, "x-more: 0123", REPLY_ENDLESS },
    { "truncated", "/none?truncated=1&body=10", FETCH_CLOSED, OK_HEAD,
      "content-length: 10\r\n\r\nxxxxx", REPLY_TRUNCATED },
    { "short", "/none?short=1&body=10", FETCH_QUIET, OK_HEAD, "content-length: 10\r\n\r\nxxxxx",
      REPLY_SHORT },
    { "excess", "/none?excess=1", FETCH_CLOSED, OK_HEAD, "xsurplus bytes", REPLY_EXCESS },
    { "bad length", "/none?bad_length=1", FETCH_CLOSED, OK_HEAD, "content-length: banana",
      REPLY_BAD_LENGTH },
    { "bad chunk", "/none?bad_chunk=1", FETCH_CLOSED, OK_HEAD, "\r\n\r\nbanana\r\n",
      REPLY_BAD_CHUNK },
    { "silence", "/none?silence=1", FETCH_QUIET, NULL, NULL, REPLY_SILENCE },
};

static FetchEnd exchange(const TestServer *s, const char *bytes, uint64_t quiet_ms, StrBuf *ret)
{
    Err err = { 0 };
    FetchEnd end = FETCH_QUIET;
    if (fetch_raw(test_server_port(s), str(bytes), quiet_ms * NS_PER_MS, 1 << 20, ret, &end, &err) <
        0)
        printf("# %s\n", err.msg);
    return end;
}

static FetchEnd get(const TestServer *s, const char *target, uint64_t quiet_ms, StrBuf *ret)
{
    CLEANUP(strbuf_done) StrBuf request = { 0 };
    strbuf_addf(&request, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", target);
    return exchange(s, strbuf_z(&request), quiet_ms, ret);
}

static TestServerStats stats_of(const TestServer *s, const char *target)
{
    Err err = { 0 };
    TestServerStats st = { 0 };
    CHECK_INT(test_server_stats(s, target, &st, &err), 0, "stats of %s %s", target, err.msg);
    return st;
}

static void test_wire(const TestServer *s)
{
    for (ptrdiff_t i = 0; i < ARRAY_LEN(wire_rows); i++) {
        const WireRow *row = &wire_rows[i];
        CLEANUP(strbuf_done) StrBuf reply = { 0 };
        CHECK_INT(get(s, row->target, 100, &reply), row->end, "%s: ends so", row->why);
        if (row->starts) {
            CHECK(str_starts(strbuf_str(&reply), str(row->starts)), "%s: starts so", row->why);
            CHECK(str_find(strbuf_str(&reply), str(row->contains)) > 0, "%s: holds", row->why);
        } else {
            CHECK_INT(reply.len, 0, "%s: says nothing", row->why);
        }
        CLEANUP(test_server_stats_done) TestServerStats st = stats_of(s, row->target);
        CHECK_INT(st.received, 1, "%s: received", row->why);
        CHECK_INT(st.kinds[row->kind], 1, "%s: counted as what it was", row->why);
        bool waits =
            row->kind == REPLY_ENDLESS || row->kind == REPLY_SHORT || row->kind == REPLY_SILENCE;
        CHECK_INT(st.finished, !waits, "%s: finished", row->why);
    }
}

/* How often `needle` stands in what one connection got. */
static int count_in(const StrBuf *b, Str needle)
{
    int n = 0;
    Str rest = strbuf_str(b);
    for (ptrdiff_t at; (at = str_find(rest, needle)) >= 0; n++)
        rest = str_slice(rest, at + needle.len, rest.len);
    return n;
}

static void test_pipelining(const TestServer *s)
{
    CLEANUP(strbuf_done) StrBuf requests = { 0 };
    CLEANUP(strbuf_done) StrBuf reply = { 0 };
    for (int i = 0; i < 400; i++) /* more than the input buffer holds */
        strbuf_addz(&requests,
                    "POST /uniform?a=0&b=20us HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello");
    exchange(s, strbuf_z(&requests), 1000, &reply);
    CHECK_INT(count_in(&reply, STR(OK_HEAD)), 400, "400 requests in one go get 400 replies");
    CLEANUP(test_server_stats_done) TestServerStats st = stats_of(s, "/uniform?a=0&b=20us");
    CHECK_INT(st.finished, 400, "and are counted");
    CHECK_INT(st.did->n, 400, "and timed");
}

static void test_refusals(const TestServer *s)
{
    static const struct {
        const char *why, *bytes, *want;
    } rows[] = {
        { "no HTTP", "hello\r\n\r\n", "HTTP/1.1 400 " },
        { "unknown law", "GET /gauss HTTP/1.1\r\n\r\n", "HTTP/1.1 404 " },
        { "unknown option", "GET /none?x=1 HTTP/1.1\r\n\r\n", "HTTP/1.1 404 " },
        { "shares above 1", "GET /none?reset=0.7&eof=0.7 HTTP/1.1\r\n\r\n", "HTTP/1.1 404 " },
        { "b below a", "GET /uniform?a=2ms&b=1ms HTTP/1.1\r\n\r\n", "HTTP/1.1 404 " },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++) {
        CLEANUP(strbuf_done) StrBuf reply = { 0 };
        exchange(s, rows[i].bytes, 100, &reply);
        CHECK(str_starts(strbuf_str(&reply), str(rows[i].want)), "%s", rows[i].why);
    }
    CLEANUP(strbuf_done) StrBuf huge = { 0 };
    CLEANUP(strbuf_done) StrBuf reply = { 0 };
    strbuf_addz(&huge, "GET /none HTTP/1.1\r\nX: ");
    strbuf_pad(&huge, 'y', 10000);
    exchange(s, strbuf_z(&huge), 100, &reply);
    CHECK(reply.len == 0 || str_starts(strbuf_str(&reply), STR("HTTP/1.1 400 ")), "huge head");
}

/* One request; how long the client waited until the reply was whole. */
static uint64_t timed_get(const TestServer *s, const char *target)
{
    CLEANUP(strbuf_done) StrBuf request = { 0 };
    CLEANUP(strbuf_done) StrBuf reply = { 0 };
    strbuf_addf(&request, "GET %s HTTP/1.1\r\nConnection: close\r\n\r\n", target);
    uint64_t from = clock_mono_ns();
    exchange(s, strbuf_z(&request), 10000, &reply);
    return clock_mono_ns() - from;
}

static void test_delays(const TestServer *s)
{
    static const char *const targets[] = {
        "/constant?a=2ms",       "/uniform?a=1ms&b=3ms", "/mix?a=1ms&b=20ms&share=0.2",
        "/pareto?a=1ms&shape=3", "/exponential?a=1ms",
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(targets); i++) {
        uint64_t seen_min = UINT64_MAX, seen_max = 0;
        for (int k = 0; k < 20; k++) {
            uint64_t ns = timed_get(s, targets[i]);
            seen_min = MIN(seen_min, ns);
            seen_max = MAX(seen_max, ns);
        }
        CLEANUP(test_server_stats_done) TestServerStats st = stats_of(s, targets[i]);
        CHECK_INT(st.did->n, 20, "%s: each reply timed", targets[i]);
        for (double q = 0; q <= 1; q += 0.25)
            CHECK(hist_quantile(st.did, q) * 1.001 >= hist_quantile(st.drawn, q),
                  "%s: never before its time (q=%g)", targets[i], q);
        CHECK((double)seen_min * 1.001 >= (double)st.did->min &&
                  (double)seen_max * 1.001 >= (double)st.did->max,
              "%s: the client waits at least what the server did", targets[i]);
    }
}

static void test_same_seed(void)
{
    static const char target[] = "/none?fail=0.3&close=yes";
    CLEANUP(strbuf_done) StrBuf seen = { 0 };
    ptrdiff_t half = 0;
    for (int k = 0; k < 2; k++) {
        Err err = { 0 };
        CLEANUP(test_server_stopp) TestServer *s = NULL;
        CHECK_INT(test_server_start(&s, &(TestServerOpts){ .seed = 42 }, &err), 0, "server");
        for (int i = 0; i < 50; i++) {
            CLEANUP(strbuf_done) StrBuf reply = { 0 };
            get(s, target, 1000, &reply);
            strbuf_addc(&seen, str_starts(strbuf_str(&reply), STR(OK_HEAD)) ? 'o' : 'f');
        }
        half = k ? half : seen.len;
    }
    Str all = strbuf_str(&seen);
    CHECK(str_eq(str_slice(all, 0, half), str_slice(all, half, all.len)), "same seed, same faults");
    CHECK(str_find_char(all, 'f') >= 0 && str_find_char(all, 'o') >= 0, "of both kinds");
}

static void test_bucket(const TestServer *s)
{
    static const char target[] = "/none?rate=200/s&burst=3";
    CLEANUP(strbuf_done) StrBuf requests = { 0 };
    CLEANUP(strbuf_done) StrBuf reply = { 0 };
    for (int i = 0; i < 12; i++)
        strbuf_addf(&requests, "GET %s HTTP/1.1\r\n%s\r\n", target,
                    i == 11 ? "Connection: close\r\n" : "");
    uint64_t from = clock_mono_ns();
    exchange(s, strbuf_z(&requests), 5000, &reply);
    uint64_t took = clock_mono_ns() - from;
    CHECK_INT(count_in(&reply, STR(OK_HEAD)), 12, "all are answered");
    CHECK(took >= 45 * NS_PER_MS, "12 at 200/s, 3 of them at once, take 45 ms: %.1f",
          (double)took / 1e6);
}

static void test_freeze(const TestServer *s)
{
    Err err = { 0 };
    CLEANUP(json_free) json_t *answer = NULL;
    CHECK_INT(fetch_json(test_server_port(s), "/freeze?in=0&length=150ms", &answer, &err), 0,
              "freeze asked for %s", err.msg);
    timed_get(s, "/none?status=204"); /* a target of its own */
    CLEANUP(json_free) json_t *all = NULL;
    CHECK_INT(fetch_json(test_server_port(s), "/stats", &all, &err), 0, "stats");
    CHECK_INT(json_get_num(all, "freezes"), 1, "frozen once");
    CHECK(json_get_num(all, "frozen_ns") >= 150e6, "for its time");
}

static int dial(int port)
{
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

enum { MANY = 1000 };

static void test_many(const TestServer *s)
{
    static int fds[MANY];
    static const char request[] = "GET /constant?a=50ms&body=7 HTTP/1.1\r\n\r\n";
    struct rlimit lim = { 4096, 4096 };
    getrlimit(RLIMIT_NOFILE, &lim);
    lim.rlim_cur = MIN(lim.rlim_max, (rlim_t)4096);
    if (lim.rlim_cur < 2 * MANY + 100 || setrlimit(RLIMIT_NOFILE, &lim) < 0) {
        tap_skip("only %llu descriptors", (unsigned long long)lim.rlim_cur);
        return;
    }
    int sent = 0, answered = 0;
    for (int i = 0; i < MANY; i++) {
        fds[i] = dial(test_server_port(s));
        sent += fds[i] >= 0 && write(fds[i], request, sizeof request - 1) > 0;
    }
    for (int i = 0; i < MANY; i++) {
        char buf[512];
        answered += fds[i] >= 0 && read(fds[i], buf, sizeof buf) > 0;
        if (fds[i] >= 0)
            close(fds[i]);
    }
    CHECK_INT(sent, MANY, "connections open at the same time");
    CHECK_INT(answered, MANY, "each answered");
}

static void test_process(void)
{
    Err err = { 0 };
    CLEANUP(test_server_stopp) TestServer *s = NULL;
    TestServerOpts o = { .seed = 1, .process = true };
    CHECK_INT(test_server_start(&s, &o, &err), 0, "own process %s", err.msg);
    CHECK(test_server_pid(s) > 0, "with a pid");
    kill(test_server_pid(s), SIGSTOP);
    int status = 0;
    waitpid(test_server_pid(s), &status, WUNTRACED);
    CHECK(WIFSTOPPED(status), "stopped");
    static const char request[] = "GET /none HTTP/1.1\r\n\r\n";
    char reply[512];
    int fd = dial(test_server_port(s));
    CHECK(write(fd, request, sizeof request - 1) > 0, "a request to the stopped server");
    CLEANUP(strbuf_done) StrBuf frozen = { 0 };
    CHECK_INT(get(s, "/none", 50, &frozen), FETCH_QUIET, "accepts, but says nothing");
    CHECK_INT(frozen.len, 0, "not a byte");
    kill(test_server_pid(s), SIGCONT);
    CHECK(read(fd, reply, sizeof reply) > 0, "is answered once it goes on");
    close(fd);
    CLEANUP(test_server_stats_done) TestServerStats st = stats_of(s, "/none");
    CHECK_INT(st.received, 2, "after it, both requests are counted");
    CHECK(st.did->max >= 50 * NS_PER_MS, "and the server knows that it kept one waiting");
    CHECK_INT(test_server_forget(s, &err), 0, "forget");
    CLEANUP(test_server_stats_done) TestServerStats none = stats_of(s, "/none");
    CHECK_INT(none.received, 0, "counts are zero again");
}

static void test_closed_port(void)
{
    Err err = { 0 };
    int port = test_server_closed_port(&err);
    CHECK(port > 0 && dial(port) < 0 && errno == ECONNREFUSED, "a closed port refuses");
}

int main(void)
{
    Err err = { 0 };
    signal(SIGPIPE, SIG_IGN);
    CLEANUP(test_server_stopp) TestServer *s = NULL;
    if (!CHECK(test_server_start(&s, &(TestServerOpts){ .seed = 1 }, &err) == 0, "%s", err.msg))
        return tap_done();
    test_wire(s);
    test_pipelining(s);
    test_refusals(s);
    test_delays(s);
    test_bucket(s);
    test_freeze(s);
    test_many(s);
    test_same_seed();
    test_process();
    test_closed_port();
    return tap_done();
}
