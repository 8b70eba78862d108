/* The driver against servers that answer well and badly: each request ends in one outcome. */
#include "drivers/mcp/mcp.h"

#include <stdio.h>

#include "drivers/mcp/mcp_fake.h"
#include "tap.h"

#include "drivers/trial_test_util.h"

enum { COMMAND_MAX = 2400 };

/* ---- stdio: servers as shell scripts. '~' stands for an escaped quote ---- */

#define ERA_SESSIONS "echo \"$r,~error~:{~code~:-32601,~message~:~what?~}}\""
#define SHAKE "echo \"$r,~result~:{~protocolVersion~:~2025-11-25~,~capabilities~:{}}}\""
#define GOOD "echo \"$r,~result~:{~content~:[{~type~:~text~,~text~:~hi~}]}}\""
#define FAILS "echo \"$r,~result~:{~isError~:true,~content~:[{~text~:~no such file~}]}}\""
#define REFUSES "echo \"$r,~error~:{~code~:-32602,~message~:~Unknown tool~}}\""
/* Ask the client, and look at what it says. */
#define ASKS(id, method, wanted)                                                                   \
    "echo \"{~jsonrpc~:~2.0~,~id~:" id ",~method~:~" method "~}\"; read -r p; case $p in "         \
    "*~id~:" id "," wanted "*) " GOOD ";; *) " REFUSES ";; esac"

static void set_command(TestTrial *t, const char *discover, const char *initialize,
                        const char *body)
{
    char script[COMMAND_MAX], command[COMMAND_MAX];
    snprintf(script, sizeof script,
             "sh -c 'o=; while read -r l; do i=${l#*~id~:}; i=${i%%%%,*}; "
             "r=\"{~jsonrpc~:~2.0~,~id~:$i\"; case $l in *notifications/*) ;; *server/discover*) "
             "%s;; *~initialize~*) %s;; *) %s;; esac; done'",
             discover, initialize, body);
    ptrdiff_t n = 0;
    for (const char *p = script; *p && n < COMMAND_MAX - 2; p++) {
        if (*p == '~')
            command[n++] = '\\';
        command[n++] = *p == '~' ? '"' : *p;
    }
    command[n] = '\0';
    test_trial_set(t, "command", command);
}

static void begin(TestTrial *t)
{
    test_trial_init(t, &driver_mcp);
    test_trial_set(t, "users", "2");
    test_trial_set(t, "call", "echo");
    t->plan.duration_ns = 60 * NS_PER_MS;
}

static const struct {
    const char *body, *opts[6], *want, *why;
} stdio_cases[] = {
    { GOOD, { NULL }, "ok", "a result" },
    { GOOD, { "sessions", "1" }, "ok", "one server for both users" },
    { GOOD, { "list_first", "yes" }, "ok", "tools are listed first" },
    { GOOD, { "arguments", "{\"a\": ${uniform(1,9)}, \"b\": \"${string(3)}\"}" }, "ok", "drawn" },
    { GOOD, { "check", "json /content/0/text=hi" }, "ok", "a check that holds" },
    { GOOD, { "check", "json /content/0/text=ho" }, "check", "a check that does not" },
    { FAILS, { NULL }, "tool", "the tool fails" },
    { FAILS, { "answer", "tool_error" }, "ok", "… as wanted" },
    { GOOD, { "answer", "tool_error" }, "check", "… as wanted, but it does not" },
    { FAILS, { "answer", "error" }, "tool", "… where an error of the protocol is wanted" },
    { REFUSES, { "sessions", "1" }, "status", "an error" },
    { REFUSES, { "answer", "error" }, "ok", "… as wanted" },
    { REFUSES, { "answer", "any" }, "ok", "… as good as any" },
    { "echo \"{~jsonrpc~:~2.0~,~id~:null,~error~:{~code~:-32700,~message~:~x~}}\"",
      { NULL },
      "status",
      "an error of no request is the only one's" },
    { "echo \"$r,~result~:{~resultType~:~input_required~}}\"", { NULL }, "status", "wants input" },
    { "echo \"{~jsonrpc~:~2.0~,~method~:~notifications/message~}\"; " GOOD,
      { NULL },
      "ok",
      "a notification before" },
    { "echo; " GOOD, { NULL }, "ok", "an empty line" },
    { "echo noise >&2; " GOOD, { NULL }, "ok", "chatter on stderr" },
    { ASKS("7", "ping", "~result~:{}"), { NULL }, "ok", "the server pings" },
    { ASKS("~a~", "roots/list", "~error~:{~code~:-32601"), { NULL }, "ok", "it asks for more" },
    { "[ -z \"$o\" ] || echo \"$o\"; o=\"$r,~result~:{}}\"; echo \"$o\"",
      { NULL },
      "ok",
      "the answer before once more is late, not wrong" },
    { GOOD "; " GOOD, { NULL }, "ok", "two answers: the server is replaced" },
    { "x=$(printf %0100000d 0); echo \"$r,~result~:{~x~:~$x~}}\"", { NULL }, "ok", "100 KB" },
    { "x=$(printf %05000d 0); echo \"$r,~result~:{~x~:~$x~}}\"",
      { "message_max", "1KiB" },
      "protocol",
      "larger than message_max" },
    { "echo Hello", { NULL }, "protocol", "garbage" },
    { "echo \"{~a~:1}\"", { NULL }, "protocol", "JSON of another kind" },
    { "echo \"[$r,~result~:{}}]\"", { NULL }, "protocol", "a batch" },
    { "echo \"{~jsonrpc~:~2.0~,~id~:99999999,~result~:{}}\"", { NULL }, "protocol", "no such id" },
    { "echo \"{~jsonrpc~:~2.0~,~id~:~$i~,~result~:{}}\"",
      { NULL },
      "protocol",
      "a text for an id" },
    { "echo \"$r,~result~:{},~error~:{}}\"", { NULL }, "protocol", "result and error" },
    { "exit 3", { NULL }, "reset", "it ends" },
    { "kill -9 $$", { "sessions", "1" }, "reset", "it is killed" },
    { "printf \"$r\"; exit", { NULL }, "reset", "half a message, and ends" },
    { "printf \"$r\"", { "timeout", "400ms" }, "timed_out", "half a message" },
    { ":", { "timeout", "400ms" }, "timed_out", "silence" },
    { ":", { "timeout", "400ms", "sessions", "1" }, "timed_out", "silence for both" },
};

static void run_stdio(const char *discover, const char *initialize, const char *body,
                      const char *const *opts, const char *want, const char *why)
{
    TestTrial t;
    begin(&t);
    set_command(&t, discover, initialize, body);
    test_trial_set_all(&t, opts, 6);
    test_trial_run(&t);
    CHECK_STR(t.result ? t.err.msg : test_trial_verdict(&t), want, "stdio: %s", why);
    test_trial_done(&t);
}

static void test_stdio(void)
{
    for (ptrdiff_t i = 0; i < ARRAY_LEN(stdio_cases); i++)
        run_stdio(ERA_SESSIONS, SHAKE, stdio_cases[i].body, stdio_cases[i].opts,
                  stdio_cases[i].want, stdio_cases[i].why);
    static const char *const none[6], *const one[6] = { "sessions", "1" },
                                             *const said[6] = { "era", "stateless" };
    run_stdio(GOOD, REFUSES, GOOD, none, "ok", "a server of the later era");
    run_stdio(GOOD, REFUSES, GOOD, said, "ok", "… which is known to be one");
    run_stdio(GOOD, REFUSES, FAILS, one, "tool", "… whose tool fails");
    run_stdio(GOOD, REFUSES, "echo \"{~jsonrpc~:~2.0~,~id~:1,~method~:~ping~}\"; " GOOD, none, "ok",
              "… that asks, which it must not: passed over");
}

static const struct {
    const char *command, *opts[2], *told;
} unstarted[] = {
    { "/no/such/program", { NULL }, "cannot run it" },
    { "sh -c 'echo oh no >&2; exit 4'", { NULL }, "(exit code 4): oh no" },
    { "echo hello", { NULL }, "'hello'" },
    { "", { NULL }, "empty" },
    { "sh 'x", { NULL }, "quote" },
    { "http://127.0.0.1:1/mcp", { NULL }, "refused" },
    { "x", { "url", "gopher://h/" }, "http://" },
    { "x", { "connect_to", "h:1" }, "connect_to" },
    { "http://127.0.0.1:1/", { "bearer", "a b" }, "bearer" },
    { "http://127.0.0.1:1/", { "http_headers", "a=b\r\nc: d" }, "control" },
    { "x", { "read", "file:///x" }, "exclude" },
    { "x", { "arguments", "[1]" }, "object" },
    { "x", { "arguments", "{\"a\":" }, "arguments" },
    { "x", { "check", "header a=b" }, "headers" },
    { "x", { "check", "status=200" }, "answer" },
    { "x", { "feed", "/no/such" }, "feed.COLUMN" },
};

static void test_unstarted(void)
{
    for (ptrdiff_t i = 0; i < ARRAY_LEN(unstarted); i++) {
        TestTrial t;
        begin(&t);
        test_trial_set(&t, "command", unstarted[i].command);
        test_trial_set_all(&t, unstarted[i].opts, 2);
        test_trial_run(&t);
        CHECK(t.result < 0 && strstr(t.err.msg, unstarted[i].told), "%s: told: %s",
              unstarted[i].told, t.err.msg);
        test_trial_done(&t);
    }
    static const char *const eras[2] = { "sessions", "stateless" };
    for (int i = 0; i < 2; i++) {
        TestTrial t;
        begin(&t);
        set_command(&t, i ? ERA_SESSIONS : GOOD, i ? SHAKE : REFUSES, GOOD);
        test_trial_set(&t, "era", eras[i]);
        test_trial_run(&t);
        CHECK(t.result < 0 && strstr(t.err.msg, "error -326"), "not of that era: %s", t.err.msg);
        test_trial_done(&t);
    }
}

static void test_figures(void)
{
    TestTrial t;
    begin(&t);
    set_command(&t, ERA_SESSIONS, SHAKE,
                "k=${l#*~progressToken~:}; k=${k%%[!0-9]*}; for n in 1 2 3; do echo "
                "\"{~jsonrpc~:~2.0~,~method~:~notifications/progress~,~params~:{~progressToken~:$k,"
                "~progress~:$n}}\"; done; " GOOD);
    test_trial_set(&t, "progress", "yes");
    test_trial_run(&t);
    const Metric *first = trial_find_metric(t.trial, "time_to_first_event");
    const Metric *start = trial_find_metric(t.trial, "start_time");
    uint64_t ok = t.trial->outcomes.ok;
    CHECK(ok > 0 && first && first->hist->n >= ok && first->hist->n <= ok + 2,
          "the first event of each call is timed: %llu of %llu %s",
          first ? (unsigned long long)first->hist->n : 0, (unsigned long long)ok, t.err.msg);
    CHECK_NEAR(test_trial_value(&t, "events"), 3.0 * (double)ok, 6, "three of each are counted");
    CHECK(start && start->hist->n == 2, "two servers were started: %llu",
          start ? (unsigned long long)start->hist->n : 0);
    CHECK(test_trial_value(&t, "restarts") == 0, "none again: %g",
          test_trial_value(&t, "restarts"));
    test_trial_done(&t);
    begin(&t);
    set_command(&t, ERA_SESSIONS, SHAKE, "exit 1");
    test_trial_run(&t);
    CHECK(test_trial_value(&t, "restarts") > 0, "servers that end are started again");
    test_trial_done(&t);
}

/* Half of the users go to a server that fails: the others do not mind. */
static void test_several(void)
{
    TestTrial t, other;
    begin(&t);
    begin(&other);
    set_command(&other, ERA_SESSIONS, SHAKE, "exit 1");
    set_command(&t, ERA_SESSIONS, SHAKE, GOOD);
    test_trial_set(&t, "users", "4");
    test_trial_set(&t, "also", ((const McpTargetOpts *)other.target_opts)->command);
    test_trial_run(&t);
    const Outcomes *o = &t.trial->outcomes;
    CHECK(o->ok > 20 && o->failed[FAIL_RESET] > 0 && outcomes_conserved(o) &&
              o->ok + o->failed[FAIL_RESET] + o->in_flight == o->scheduled,
          "one of two servers fails: %llu ok, %llu lost %s", (unsigned long long)o->ok,
          (unsigned long long)o->failed[FAIL_RESET], t.err.msg);
    test_trial_done(&t);
    test_trial_done(&other);
}

/* ---- HTTP ---- */

#define EVENT(data) "data: " data "\r\n\r\n"
#define RESULT "{\"jsonrpc\":\"2.0\",\"id\":@,\"result\":{\"content\":[]}}"
#define SSE_TYPE "text/event-stream"

static const struct {
    FakeMcp s;
    const char *opts[4], *want, *why;
} http_cases[] = {
    { { .good = 0 }, { NULL }, "ok", "a result" },
    { { .no_session = true }, { NULL }, "ok", "sessions without an id" },
    { { .stateless = true }, { NULL }, "ok", "a server of the later era" },
    { { .stateless = true }, { "era", "stateless" }, "ok", "… which is known to be one" },
    { { .good = 0 }, { "list_first", "yes" }, "ok", "tools are listed first" },
    { { .good = 0 }, { "sessions", "1" }, "ok", "users share a session" },
    { { .status = 404 }, { "sessions", "1" }, "status", "… which is gone" },
    { { .type = SSE_TYPE, .body = STR("id: 1\r\ndata:\r\n\r\n" EVENT(RESULT)) },
      { NULL },
      "ok",
      "a stream, and an empty event before" },
    { { .type = SSE_TYPE,
        .body = STR(EVENT("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\"}") EVENT(
            "{\"jsonrpc\":\"2.0\",\"id\":\"q\",\"method\":\"ping\"}") EVENT(RESULT)) },
      { NULL },
      "ok",
      "a stream with progress and a ping" },
    { { .raw = STR("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" EVENT(RESULT)),
        .end = FAKE_HOLD },
      { NULL },
      "ok",
      "a stream that stays open behind the result" },
    { { .type = SSE_TYPE, .body = STR(": nothing\n\n") },
      { NULL },
      "reset",
      "a stream of nothing" },
    { { .body = STR("{\"jsonrpc\":\"2.0\",\"id\":@,\"result\":{\"isError\":true}}") },
      { NULL },
      "tool",
      "the tool fails" },
    { { .status = 400, .body = STR("{\"jsonrpc\":\"2.0\",\"id\":@,\"error\":{\"code\":-32602}}") },
      { NULL },
      "status",
      "an error" },
    { { .status = 400, .body = STR("{\"jsonrpc\":\"2.0\",\"id\":@,\"error\":{\"code\":-32602}}") },
      { "answer", "error" },
      "ok",
      "… as wanted" },
    { { .status = 404 }, { NULL }, "status", "the session is gone" },
    { { .status = 500, .type = "text/html", .body = STR("<h1>Oh</h1>") },
      { NULL },
      "status",
      "a page" },
    { { .status = 401 }, { NULL }, "unauthorized", "log in first" },
    { { .status = 403 }, { NULL }, "forbidden", "not for you" },
    { { .type = "text/html", .body = STR("<h1>Hi</h1>") }, { NULL }, "protocol", "a good page" },
    { { .status = 202 }, { NULL }, "protocol", "no answer" },
    { { .body = STR("[" RESULT "]") }, { NULL }, "protocol", "a batch" },
    { { .body = STR("{\"jsonrpc\":\"2.0\",\"id\":@7,\"result\":{}}") },
      { NULL },
      "protocol",
      "an answer to another" },
    { { .raw = STR("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}{}") },
      { NULL },
      "protocol",
      "bytes behind the end" },
    { { .raw = STR("SSH-2.0\r\n") }, { NULL }, "protocol", "another protocol" },
    { { .raw = STR("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"), .end = FAKE_CLOSE },
      { NULL },
      "reset",
      "cut in mid-reply" },
    { { .raw = STR("H"), .end = FAKE_RESET }, { NULL }, "reset", "reset" },
    { { .end = FAKE_HOLD }, { "timeout", "60ms" }, "timed_out", "silence" },
};

static void begin_http(TestTrial *t, const FakeServer *f)
{
    char url[FAKE_URL_MAX];
    begin(t);
    snprintf(url, sizeof url, "http://127.0.0.1:%d/mcp", f->port);
    test_trial_set(t, "url", url);
}

static void test_http(void)
{
    CHECK_VERDICTS(begin_http, fake_mcp_start, http_cases);
}

/* The server refuses to begin: told, and nothing is left of it. */
static void test_no_session(void)
{
    static const struct {
        FakeMcp s;
        const char *sessions, *told;
    } rows[] = {
        { { .greeting = STR("HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n") }, "0", "status 401" },
        { { .greeting = STR("HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\nno") },
          "1",
          "status 500" },
        { { .greeting = STR("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno") }, "0", "JSON" },
        { { .greeting = STR("SSH-2.0\r\n") }, "1", "HTTP" },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++) {
        FakeServer f = fake_mcp_start(&rows[i].s);
        TestTrial t;
        begin_http(&t, &f);
        test_trial_set(&t, "sessions", rows[i].sessions);
        test_trial_run(&t);
        CHECK(t.result < 0 && strstr(t.err.msg, rows[i].told), "told: %s", t.err.msg);
        test_trial_done(&t);
        fake_stop(&f);
    }
}

static FakeServer start_wild(uint64_t seed)
{
    return fake_mcp_start(&(FakeMcp){ .wild = true, .seed = seed });
}

static void test_conservation(void)
{
    check_conservation(begin_http, start_wild, 1, "100ms");
}

static void test_freeze(void)
{
    check_freeze(begin_http, fake_mcp_start(&(FakeMcp){ .good = 0 }));
}

int main(void)
{
    test_stdio();
    test_unstarted();
    test_figures();
    test_several();
    test_http();
    test_no_session();
    test_conservation();
    test_freeze();
    return tap_done();
}
