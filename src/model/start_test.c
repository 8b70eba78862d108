/* Starting suites from command lines, recordings and descriptions. */
#include "model/start.h"

#include <string.h>

#include "tap.h"

static void check_curl(const char *command, const char *part, const char *absent)
{
    Arena a = { 0 };
    StrList notes = { 0 };
    Err err = { 0 };
    CLEANUP(strbuf_done) StrBuf out = { 0 };
    CHECK_INT(start_curl(&a, str(command), &out, &notes, &err), 0, "%s %s", command, err.msg);
    CHECK(strstr(strbuf_z(&out), part), "   has %s", part);
    CHECK(!absent || !strstr(strbuf_z(&out), absent), "   hides its secret");
    arena_done(&a);
}

static void check_bad(const char *command, const char *part)
{
    Arena a = { 0 };
    StrList notes = { 0 };
    Err err = { 0 };
    CLEANUP(strbuf_done) StrBuf out = { 0 };
    CHECK(start_curl(&a, str(command), &out, &notes, &err) < 0, "refuses %s", command);
    CHECK(strstr(err.msg, part), "   naming %s: %s", part, err.msg);
    arena_done(&a);
}

/* A HAR of one entry more than the first, so many ms later; `request` and `response` are JSON. */
#define HAR_ENTRY(ms, request, response)                                                           \
    "{\"startedDateTime\":\"2026-01-31T00:00:0" ms "Z\",\"time\":100,\"request\":{" request        \
    "},\"response\":{" response "}}"
#define HAR(entries) "{\"log\":{\"entries\":[" entries "]}}"
#define GET(url) "\"method\":\"GET\",\"url\":\"" url "\""
#define HEADERS(name, value) "\"headers\":[{\"name\":\"" name "\",\"value\":\"" value "\"}]"
#define OK "\"status\":200"
#define POST                                                                                       \
    "\"method\":\"POST\",\"url\":\"http://h/"                                                      \
    "b\",\"postData\":{\"text\":\"{\\\"password\\\":\\\"hush\\\"}\"}"

static const struct {
    const char *text, *part, *absent, *why;
} hars[] = {
    { HAR(HAR_ENTRY("0.0", GET("https://u:hush@h:8/a?b#c"), OK)), "url: \"https://h:8\"", "hush",
      "the host" },
    { HAR(HAR_ENTRY("0.0", GET("http://h/a?b#c"), OK)), "path: \"/a?b\"", "#c", "path and query" },
    { HAR(HAR_ENTRY("0.0", GET("http://h"), OK)), "name: \"home\"", NULL, "no path" },
    { HAR(HAR_ENTRY("0.0", GET("http://h/a/7"), "\"status\":404")), "expect_status: [404]", NULL,
      "the recorded status" },
    { HAR(HAR_ENTRY("0.0", GET("http://h/a/7"), "\"status\":304")), "[200, 304]", NULL,
      "what was cached" },
    { HAR(HAR_ENTRY("2.0", GET("http://h/b"), OK) "," HAR_ENTRY("0.0", GET("http://h/a"), OK)),
      "think: 1.9s\n          - name: \"b\"", NULL, "pauses, in order of time" },
    { HAR(HAR_ENTRY("0.0", GET("http://h/a"), OK) "," HAR_ENTRY("0.1", GET("http://h/a"), OK)),
      "name: \"a-2\"", "think", "no pause; names are told apart" },
    { HAR(HAR_ENTRY("0.0", GET("http://h/a"), OK) "," HAR_ENTRY("0.1", GET("http://i/a"), OK)),
      "target: \"i\"", NULL, "a benchmark for each host" },
    { HAR(HAR_ENTRY("0.0", GET("http://h/a") "," HEADERS("Authorization", "Bearer hush"), OK)),
      "${env.AUTHORIZATION}", "hush", "who asks" },
    { HAR(HAR_ENTRY("0.0", GET("http://h/a") "," HEADERS("Cookie", "sid=hush"), OK)),
      "${env.COOKIE}", "hush", "a cookie from before" },
    { HAR(HAR_ENTRY(
          "0.0", GET("http://h/a"),
          OK "," HEADERS("Set-Cookie", "sid=hush")) "," HAR_ENTRY("0.2",
                                                                  GET("http://h/b") "," HEADERS(
                                                                      "cookie", "sid=hush"),
                                                                  OK)),
      "name: \"b\"", "COOKIE", "a cookie that a reply set" },
    { HAR(HAR_ENTRY("0.0", GET("http://h/a") "," HEADERS("X-A", "${b}"), OK)), "- \"X-A: $${b}\"",
      NULL, "a header" },
    { HAR(HAR_ENTRY("0.0", GET("http://h/a") "," HEADERS("sec-fetch-mode", "x"), OK)),
      "name: \"a\"", "sec-", "what browsers add" },
    { HAR(HAR_ENTRY("0.0", POST, OK)), "body: \"{\\\"password\\\":\\\"${env.PASSWORD}", "hush",
      "a body" },
    { HAR(HAR_ENTRY("0.0", GET("http://h/a"), OK) "," HAR_ENTRY(
          "0.1", GET("http://h/x.png"), OK ",\"content\":{\"mimeType\":\"image/png\"}")),
      "# left out 1 images", "x-png", "assets" },
    { HAR(HAR_ENTRY("0.0", GET("http://h/a"), OK) "," HAR_ENTRY("0.1", GET("data:x"), OK)),
      "left out 1 entries", NULL, "what is no request" },
};

static void check_made(int r, const Err *err, const StrBuf *out, const char *part,
                       const char *absent)
{
    CHECK_INT(r, 0, "   %s", err->msg);
    CHECK(strstr(strbuf_z(out), part), "   has %s", part);
    CHECK(!absent || !strstr(strbuf_z(out), absent), "   and not what it should hide");
}

static void test_har(void)
{
    for (ptrdiff_t i = 0; i < ARRAY_LEN(hars); i++) {
        CLEANUP(arena_done) Arena a = { 0 };
        CLEANUP(strbuf_done) StrBuf out = { 0 };
        StrList notes = { 0 };
        Err err = { 0 };
        Str text = str(hars[i].text);
        CHECK_INT(start_kind(text), START_HAR, "HAR: %s", hars[i].why);
        check_made(start_har(&a, text, "f", false, &out, &notes, &err), &err, &out, hars[i].part,
                   hars[i].absent);
    }
}

#define API(rest) "{\"openapi\":\"3.1.0\",\"servers\":[{\"url\":\"http://h/v1\"}]," rest "}"
#define OPERATION(rest) API("\"paths\":{\"/a/{id}\":{\"get\":{" rest "}}}")
#define PARAMETER(rest) OPERATION("\"parameters\":[{\"name\":\"id\",\"in\":\"path\"," rest "}]")
#define BODY(schema)                                                                               \
    API("\"paths\":{\"/a\":{\"post\":{\"requestBody\":{\"content\":{\"application/"                \
        "json\":{\"schema\":{" schema                                                              \
        "}}}}}}},\"components\":{\"schemas\":{\"A\":{\"type\":\"object\",\"properties\":{\"a\":{"  \
        "\"type\":\"boolean\"},\"b\":{\"$ref\":\"#/components/schemas/A\"}}}}}")

static const struct {
    const char *text, *part, *absent, *why;
} apis[] = {
    { OPERATION(""), "url: \"http://h/v1\"", NULL, "the first server" },
    { "openapi: 3.0.0\npaths: { /a: { get: {} } }\n", "http://127.0.0.1:8080/", NULL,
      "YAML; no server" },
    { "openapi: 3.0.0\nservers: [ { url: 'https://{x}.h', variables: { x: { default: y } } } "
      "]\npaths: { /a: { get: {} } }\n",
      "https://y.h", NULL, "a server's variables" },
    { OPERATION("\"operationId\":\"listItems\""), "\"list-items\":", NULL, "its name" },
    { OPERATION("\"responses\":{\"404\":{},\"2XX\":{}}"), "expect_status: [2xx]", "404",
      "a status that is well" },
    { PARAMETER("\"example\":\"b c\""), "/a/b%20c", NULL, "an example" },
    { PARAMETER("\"schema\":{\"default\":7}"), "/a/7\"", NULL, "a default" },
    { PARAMETER("\"schema\":{\"enum\":[\"x\",\"y\"]}"), "/a/x\"", NULL, "one of an enumeration" },
    { PARAMETER("\"schema\":{\"type\":\"integer\",\"minimum\":5}"), "/a/5\"", NULL, "a number" },
    { PARAMETER("\"schema\":{\"type\":[\"null\",\"string\"],\"format\":\"uuid\"}"),
      "/a/00000000-0000-4000-8000-000000000000", NULL, "a text of a form" },
    { OPERATION(
          "\"parameters\":[{\"name\":\"q\",\"in\":\"query\",\"schema\":{\"type\":\"string\"}}]"),
      "/a/{id}\"", "?q", "what may be left out" },
    { OPERATION("\"parameters\":[{\"name\":\"q\",\"in\":\"query\",\"required\":true,\"schema\":{"
                "\"type\":\"string\"}}]"),
      "/a/{id}?q=text\"", NULL, "what must be there" },
    { OPERATION("\"parameters\":[{\"$ref\":\"#/paths/~1a~1%7Bid%7D/get/"
                "x\"}],\"x\":{\"name\":\"id\",\"in\":\"path\",\"example\":\"z\"}"),
      "/a/z\"", NULL, "a reference" },
    { OPERATION("\"parameters\":[{\"$ref\":\"#/x\"},{\"$ref\":\"other.yaml#/x\"}]"), "/a/{id}\"",
      NULL, "references to nothing" },
    { API("\"x\":{\"$ref\":\"#/x\"},\"paths\":{\"/a\":{\"get\":{\"parameters\":[{\"$ref\":\"#/"
          "x\"}]}}}"),
      "\"/a\"", NULL, "a reference to itself" },
    { API("\"paths\":{\"/a\":{\"delete\":{}}}"), "has no benchmark until", NULL,
      "nothing that only reads" },
    { BODY("\"$ref\":\"#/components/schemas/A\""), "#       json_body: \"{\\\"a\\\":true}\"", NULL,
      "a body, commented; a schema within itself ends" },
    { BODY("\"allOf\":[{\"$ref\":\"#/components/schemas/"
           "A\"},{\"properties\":{\"c\":{\"type\":\"array\",\"items\":{\"type\":\"number\"}}}}]"),
      "{\\\"a\\\":true,\\\"c\\\":[1]}", NULL, "all of several" },
    { API("\"security\":[{\"k\":[]}],\"components\":{\"securitySchemes\":{\"k\":{\"type\":"
          "\"apiKey\",\"in\":\"header\",\"name\":\"X-Key\"}}},\"paths\":{\"/a\":{\"get\":{}}}"),
      "- \"X-Key: ${env.K}\"", NULL, "a key in a header" },
    { "{\"swagger\":\"2.0\",\"host\":\"h:1\",\"basePath\":\"/"
      "v\",\"securityDefinitions\":{\"b\":{\"type\":\"basic\"}},\"security\":[{\"b\":[]}],"
      "\"paths\":{\"/a\":{\"get\":{}}}}",
      "user: \"${env.B}\"", NULL, "Swagger 2.0, a password" },
    { "{\"swagger\":\"2.0\",\"host\":\"h:1\",\"paths\":{\"/"
      "a\":{\"get\":{},\"post\":{\"parameters\":[{\"name\":\"f\",\"in\":\"formData\",\"type\":"
      "\"string\"}]}}}}",
      "#         \"f\": \"text\"", NULL, "a form" },
};

static void test_openapi(void)
{
    for (ptrdiff_t i = 0; i < ARRAY_LEN(apis); i++) {
        CLEANUP(arena_done) Arena a = { 0 };
        CLEANUP(strbuf_done) StrBuf out = { 0 };
        StrList notes = { 0 };
        Err err = { 0 };
        int r = start_openapi(&a, str(apis[i].text), "f", &out, &notes, &err);
        CHECK_INT(start_kind(str(apis[i].text)), START_OPENAPI, "API: %s", apis[i].why);
        check_made(r, &err, &out, apis[i].part, apis[i].absent);
    }
}

/* What can't become a suite says why. */
static void test_refused(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    CLEANUP(strbuf_done) StrBuf out = { 0 };
    StrList notes = { 0 };
    Err err = { 0 };
    CHECK(start_har(&a, STR("{\"log\":1}"), "f", false, &out, &notes, &err) < 0 &&
              strstr(err.msg, "f: is no HAR"),
          "no HAR: %s", err.msg);
    CHECK(start_har(&a, STR("{\"log\""), "f", false, &out, &notes, &err) < 0 &&
              strstr(err.msg, "f:1:"),
          "half a HAR: %s", err.msg);
    CHECK(start_har(&a,
                    str(HAR(HAR_ENTRY("0.0", GET("http://h/x"),
                                      OK ",\"content\":{\"mimeType\":\"font/x\"}"))),
                    "f", false, &out, &notes, &err) < 0 &&
              strstr(err.msg, "--assets"),
          "nothing but assets: %s", err.msg);
    CHECK(start_openapi(&a, STR("openapi: 3.0.0\n"), "f", &out, &notes, &err) < 0 &&
              strstr(err.msg, "no operation"),
          "no paths: %s", err.msg);
    CHECK(start_openapi(&a, STR("openapi: [\n"), "f", &out, &notes, &err) < 0 &&
              strstr(err.msg, "f:"),
          "no YAML: %s", err.msg);
    CHECK_INT(out.len, 0, "nothing is written then");
    CHECK_INT(start_kind(STR("curl http://h/")), START_CURL, "a command line is none of them");
}

int main(void)
{
    test_har();
    test_openapi();
    test_refused();
    check_curl("curl h:8/a?b#c", "url: \"http://h:8\"", "#c");
    check_curl("curl \\\n -X PUT 'http://h/x'", "method: \"PUT\"", NULL);
    check_curl("curl h -d $'it\\'s ${x}'", "body: \"it's $${x}\"", NULL);
    check_curl("curl h -H 'Authorization: Bearer hush'", "${env.AUTHORIZATION}", "hush");
    check_curl("curl h -b sid=hush", "${env.COOKIE}", "hush");
    check_curl("curl -u me:hush h", "${env.USER_PASSWORD}", "hush");
    check_curl("curl http://me:hush@h/", "${env.USER_PASSWORD}", "hush");
    check_curl("curl 'h/?api_key=hush&a=1'", "/?api_key=${env.API_KEY}&a=1", "hush");
    check_curl("curl h --json '{\"password\": \"hush\"}'", "${env.PASSWORD}", "hush");
    check_curl("curl -G h -d a=1 --data-urlencode 'b=x y'", "path: \"/?a=1&b=x%20y\"", NULL);
    check_curl("curl -skLF f=@pic.png h", "\"f\": \"@pic.png\"", NULL);
    check_curl("curl h -F 'f=@p.png;type=image/png'", "\"@p.png\"", ";type");
    check_bad("curl h -F 'f=<x'", "'<'");
    check_bad("curl -u a:b -u c:d h", "twice");
    check_bad("curl --frob h", "--frob");
    check_bad("curl -sZ h", "-Z");
    check_bad("curl -H", "--header");
    check_bad("wget h", "curl");
    check_bad("curl 'h", "closed");
    return tap_done();
}
