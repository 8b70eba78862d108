/* Recordings: each format, order and times, what is refused and what is left out. */
#include "model/recording.h"

#include <string.h>

#include "tap.h"

#define LOG(second, request) "h - - [10/Oct/2000:13:55:" second " -0700] \"" request "\" 200 5"
#define LINE(fields) "{\"offset\":0," fields "}\n"

/* "0 GET /a | 500 HEAD /b": begin in ms, method, target, then headers and body where there are any.
 */
static const char *listed(const Recording *r, StrBuf *b)
{
    for (ptrdiff_t i = 0; i < r->n; i++) {
        const Record *v = &r->v[i];
        strbuf_addf(b, "%s%llu " STR_FMT " " STR_FMT, i ? " | " : "",
                    (unsigned long long)(v->at_ns / NS_PER_MS), STR_ARG(r->texts[v->method]),
                    STR_ARG(r->texts[v->target]));
        if (v->headers)
            strbuf_addf(b, " (" STR_FMT ")", STR_ARG(r->texts[v->headers]));
        if (v->body)
            strbuf_addf(b, " <" STR_FMT ">", STR_ARG(r->texts[v->body]));
    }
    return strbuf_z(b);
}

static const struct {
    const char *text, *want, *why;
} whole[] = {
    { LOG("36", "GET /a HTTP/1.1"), "0 GET /a", "the common form" },
    { LOG("36", "GET /a HTTP/1.1") " \"http://r/\" \"M (x)\"\r\n", "0 GET /a",
      "the combined form" },
    { LOG("36", "GET /a HTTP/1.1") "\n" LOG("36", "GET /b HTTP/1.1") "\n" LOG("38",
                                                                              "GET /c HTTP/2.0"),
      "0 GET /a | 500 GET /b | 2000 GET /c", "one second's requests are spread over it" },
    { LOG("38", "GET /c HTTP/1.1") "\n" LOG("36", "GET /a HTTP/1.1") "\n\n" LOG("36",
                                                                                "GET /b HTTP/1.1"),
      "0 GET /a | 500 GET /b | 2000 GET /c", "what goes back is sorted, in the file's order" },
    { LOG("36", "GET /a HTTP/1.1") " \"-\" \"M\" 0.250\n" LOG(
          "38", "GET /b HTTP/1.1") " \"-\" \"M\" 1.500",
      "0 GET /a | 750 GET /b", "nginx's request time is taken off" },
    { LOG("36", "GET /a HTTP/1.1") " \"-\" \"M\" rt=\"0.500\"\n" LOG("36",
                                                                     "GET /b HTTP/1.1") " 0.000",
      "0 GET /a | 1000 GET /b", "in quotes, behind its name" },
    { LOG("36", "GET /a HTTP/1.1") " \"-\" \"M\" 250\n" LOG(
          "38", "GET /b HTTP/1.1") " \"-\" \"M\" 1500000",
      "0 GET /a | 2000 GET /b", "Apache's is not: it notes the begin" },
    { "v.example:80 h - a b [29/Feb/2024:23:59:59 +0100] \"GET /a HTTP/1.1\" 200 -\n"
      "h - - [01/Mar/2024:00:00:00 +0100] \"GET /b HTTP/1.1\" 304 0",
      "0 GET /a | 1000 GET /b", "a host in front, a name with a blank, a leap day" },
    { "h - - [10/Oct/2000:13:55:36 -0700] \"GET /a HTTP/1.1\" 200 5\n"
      "h - - [10/Oct/2000:22:55:37 +0200] \"GET /b HTTP/1.1\" 200 5",
      "0 GET /a | 1000 GET /b", "zones" },
    { LOG("36", "GET /a\\x20\\\"\\\\\xc3\xa4 b HTTP/1.1"), "0 GET /a%20%22%5C%C3%A4%20b",
      "escapes and bytes that can't stand in a request" },
    { LOG("36", "GET http://h:1/a?b=c#d HTTP/1.1"), "0 GET /a?b=c", "a whole URL" },
    { LINE("\"method\":\"GET\",\"url\":\"http://h\""), "0 GET /", "a URL without a path" },
    { LINE("\"method\":\"GET\",\"url\":\"https://h?q\""), "0 GET /?q", "with a query alone" },
    { LINE("\"method\":\"PUT\",\"path\":\"/a\",\"body\":\"x\\ny\""), "0 PUT /a <x\ny>", "a body" },
    { LINE("\"method\":\"PUT\",\"path\":\"/a\",\"body\":{\"b\": [1]}"), "0 PUT /a <{\"b\": [1]}>",
      "a body of JSON stands as it is" },
    { LINE("\"method\":\"GET\",\"path\":\"/a\",\"body\":null,\"headers\":null"), "0 GET /a",
      "null is none" },
    { LINE(
          "\"method\":\"GET\",\"path\":\"/a\",\"headers\":{\"Host\":\"h\",\"connection\":\"close\","
          "\":path\":\"/\",\"Content-Length\":\"3\",\"X-A\":\"b\",\"x-n\":7}"),
      "0 GET /a (X-A: b\r\nx-n: 7\r\n)", "headers that are the connection's are left out" },
    { LINE("\"method\":\"GET\",\"path\":\"/\",\"headers\":{\"a\":[\"b\",\"c\"],\"d\":[]}"),
      "0 GET / (a: b\r\na: c\r\n)", "a header of several values" },
    { "\xef\xbb\xbf{\"time\":\"2026-01-31T23:59:59.900Z\",\"method\":\"GET\",\"path\":\"/a\"}\n"
      "{\"time\":\"2026-02-01T01:00:00.150+01:00\",\"method\":\"GET\",\"path\":\"/b\"}",
      "0 GET /a | 250 GET /b", "times" },
    { "{\"time\":1700000000.5,\"method\":\"GET\",\"path\":\"/a\"}\n"
      "{\"time\":1700000001,\"method\":\"GET\",\"path\":\"/b\"}",
      "0 GET /a | 500 GET /b", "seconds since 1970" },
    { "{\"offset\":\"1.5s\",\"method\":\"GET\",\"path\":\"/b\"}\n"
      "{\"offset\":0.5,\"method\":\"GET\",\"path\":\"/a\"}",
      "0 GET /a | 1000 GET /b", "offsets count from the first" },
    { "{\n \"log\": { \"entries\": [ { \"startedDateTime\": \"2026-01-31T00:00:01Z\", \"request\": "
      "{\n"
      "\"method\": \"POST\", \"url\": \"https://h/b\", \"headers\": [{\"name\":\":authority\","
      "\"value\":\"h\"}, {\"name\":\"x-a\",\"value\":\"b\"}], \"postData\": {\"text\":\"z\"} } },\n"
      "{ \"startedDateTime\": \"2026-01-31T00:00:00.250Z\", \"request\": { \"method\": \"GET\", "
      "\"url\": \"http://h/a\" } } ] } }",
      "0 GET /a | 750 POST /b (x-a: b\r\n) <z>", "HAR" },
    { "{\"log\":{\"entries\":[{\"startedDateTime\":\"2026-01-31T00:00:01Z\","
      "\"request\":{\"method\":\"GET\",\"url\":\"http://h/a\"}}]}}",
      "0 GET /a", "HAR in one line" },
};

static void test_whole(void)
{
    for (ptrdiff_t i = 0; i < ARRAY_LEN(whole); i++) {
        CLEANUP(recording_done) Recording r = { 0 };
        CLEANUP(strbuf_done) StrBuf b = { 0 };
        Err err = { 0 };
        int n = recording_parse(&r, str(whole[i].text), "f", false, &err);
        CHECK_STR(n < 0 ? err.msg : listed(&r, &b), whole[i].want, "%s", whole[i].why);
    }
}

static const struct {
    const char *text, *part, *why;
} bad[] = {
    { "", "f: is no recording", "nothing" },
    { "\x1f\x8b\x08", "gunzip", "a packed log" },
    { "hello\n", "neither an access log", "something else" },
    { "{}\n", "f:1: a record needs 'time'", "an object without anything" },
    { "{\"log\":{}}\n", "log.entries", "a HAR without entries" },
    { "{\"log\":{\"entries\":[]}}\n", "holds no request", "a HAR without any" },
    { LOG("36", "GET /a HTTP/1.1") "\nrubbish\n", "f:2: no time in brackets", "a line without" },
    { LOG("36", "GET /a HTTP/1.1") "\n" LOG("37", "\\x16\\x03"), "f:2: '\\x16\\x03' is no request",
      "a handshake on a plain port" },
    { LOG("36", "-"), "replay_lenient", "no request; the cure" },
    { LOG("36", "CONNECT h:443 HTTP/1.1"), "no path", "a tunnel" },
    { LOG("36", "OPTIONS * HTTP/1.1"), "no path", "the server as a whole" },
    { "h - - [10/Oct/2000:13:55:36 -0700] \"GET /a HTTP/1.1", "no request in quotes", "cut short" },
    { "h - - [10/Oct/2000:13:55:36 -0700] \"GET /a HTTP/1.1\"", "no status", "without its status" },
    { LINE("\"method\":\"G T\",\"path\":\"/a\""), "method", "a method with a blank" },
    { LINE("\"method\":\"GET\""), "'url' or 'path'", "no path" },
    { LINE("\"method\":\"GET\",\"path\":\"a\""), "begins with '/'", "a path without its root" },
    { LINE("\"method\":\"GET\",\"path\":\"/\",\"headers\":{\"a b\":\"c\"}"), "no name",
      "a header" },
    { LINE("\"method\":\"GET\",\"path\":\"/\",\"headers\":{\"a\":\"b\\r\\nc: d\"}"), "control",
      "a header with a line end" },
    { LINE("\"method\":\"GET\",\"path\":\"/\",\"headers\":{\"a\":[{}]}"), "'a' has no text",
      "a header that is an object" },
    { LINE("\"method\":\"GET\",\"path\":\"/\",\"headers\":7"), "object of names", "no headers" },
    { LINE("\"method\":\"GET\",\"path\":\"/\"") "{\"time\":1,\"method\":\"GET\",\"path\":\"/\"}",
      "f:2: records have either", "both kinds of time" },
    { "{\"time\":\"soon\",\"method\":\"GET\",\"path\":\"/\"}", "'soon' is no time", "no time" },
    { "{\"offset\":-1,\"method\":\"GET\",\"path\":\"/\"}", "out of range", "before the begin" },
    { LINE("\"method\":\"GET\",\"path\":\"/\"") "{\"offset\":0", "f:2: is not one object",
      "an object without its end" },
};

static void test_bad(void)
{
    for (ptrdiff_t i = 0; i < ARRAY_LEN(bad); i++) {
        CLEANUP(recording_done) Recording r = { 0 };
        Err err = { 0 };
        int n = recording_parse(&r, str(bad[i].text), "f", false, &err);
        CHECK(n < 0 && strstr(err.msg, bad[i].part), "%s: %s", bad[i].why,
              n < 0 ? err.msg : "read");
    }
}

static void test_lenient(void)
{
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    CLEANUP(recording_done) Recording r = { 0 }, more = { 0 };
    Err err = { 0 };
    for (int i = 0; i < 10; i++)
        strbuf_addz(&b, LOG("36", "-") "\n");
    strbuf_addz(&b, LOG("36", "GET /a HTTP/1.1") "\n");
    CHECK_INT(recording_parse(&r, strbuf_str(&b), "f", true, &err), 0, "ten are few: %s", err.msg);
    CHECK_INT(r.n, 1, "   the sound one is there");
    CHECK_INT(r.n_skipped, 10, "   and the others are counted");
    strbuf_addz(&b, LOG("36", "-") "\n");
    int n = recording_parse(&more, strbuf_str(&b), "f", true, &err);
    CHECK(n < 0 && strstr(err.msg, "11 records are damaged and 1 are sound") &&
              strstr(err.msg, "f:1:"),
          "eleven are not: %s", err.msg);
}

/* Many records, few texts: the size of what each takes is known. */
static void test_size(void)
{
    enum { N = 20000, METHODS_AND_PATHS = 2 + 100 };
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    CLEANUP(recording_done) Recording r = { 0 };
    Err err = { 0 };
    for (int i = 0; i < N; i++)
        strbuf_addf(&b, "h - - [10/Oct/2000:13:%02d:%02d -0700] \"%s /item/%d HTTP/1.1\" 200 5\n",
                    i / 1000, i / 17 % 60, i % 2 ? "GET" : "POST", i % 100);
    CHECK_INT(recording_parse(&r, strbuf_str(&b), "f", false, &err), 0, "many: %s", err.msg);
    CHECK_INT(r.n, N, "   all of them");
    CHECK_INT(r.n_texts - 1, METHODS_AND_PATHS, "   each text once");
    ptrdiff_t bytes = r.cap * (ptrdiff_t)sizeof *r.v + r.cap_texts * (ptrdiff_t)sizeof *r.texts;
    CHECK(bytes / r.n <= 200, "   %td bytes each", bytes / r.n);
    bool rises = true;
    for (ptrdiff_t i = 1; i < r.n; i++)
        rises &= r.v[i - 1].at_ns <= r.v[i].at_ns;
    CHECK(rises, "   in order");
}

int main(void)
{
    test_whole();
    test_bad();
    test_lenient();
    test_size();
    return tap_done();
}
