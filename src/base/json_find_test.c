/* Pointers: RFC 6901's own examples, and jansson's opinion on values; what is no JSON. */
#include "base/json_find.h"

#include <errno.h>

#include "tap.h"

/* The document of RFC 6901, section 5. */
static const char rfc[] =
    "{ \"foo\": [\"bar\", \"baz\"], \"\": 0, \"a/b\": 1, \"c%d\": 2, \"e^f\": 3, \"g|h\": 4,"
    " \"i\\\\j\": 5, \"k\\\"l\": 6, \" \": 7, \"m~n\": 8 }";

static void test_rfc(void)
{
    static const struct {
        const char *pointer, *value;
    } rows[] = {
        { "", rfc },
        { "/foo", "[\"bar\", \"baz\"]" },
        { "/foo/0", "\"bar\"" },
        { "/", "0" },
        { "/a~1b", "1" },
        { "/c%d", "2" },
        { "/e^f", "3" },
        { "/g|h", "4" },
        { "/i\\j", "5" },
        { "/k\"l", "6" },
        { "/ ", "7" },
        { "/m~0n", "8" },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++) {
        Str got = STR("");
        CHECK(json_find(STR(rfc), str(rows[i].pointer), &got) == 0 && str_eqz(got, rows[i].value),
              "'%s' is %s: " STR_FMT, rows[i].pointer, rows[i].value, STR_ARG(got));
    }
}

static void test_absent(void)
{
    static const struct {
        const char *text, *pointer;
        int result;
    } rows[] = {
        { "{}", "/a", JSON_NOT_THERE },
        { "[]", "/0", JSON_NOT_THERE },
        { "[1,2]", "/2", JSON_NOT_THERE },
        { "[1,2]", "/01", JSON_NOT_THERE },
        { "[1,2]", "/-", JSON_NOT_THERE },
        { "[1,2]", "/x", JSON_NOT_THERE },
        { "{\"a\":1}", "/a/b", JSON_NOT_THERE },
        { "{\"a\":{\"c\":\"}\"}}", "/a/b", JSON_NOT_THERE },
        { "\"a\"", "/a", JSON_NOT_THERE },
        { "", "", -EINVAL },
        { "", "/a", -EINVAL },
        { "{", "/a", -EINVAL },
        { "{\"b\":1", "/a", -EINVAL },
        { "{\"b\" 1}", "/a", -EINVAL },
        { "{\"b\":[1}", "/a", -EINVAL },
        { "{b:1}", "/b", -EINVAL },
        { "[1 2]", "/1", -EINVAL },
        { "[\"a]", "/1", -EINVAL },
        { "\"abc", "", -EINVAL },
        { "[[[[", "/0/0/0/0", -EINVAL },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++) {
        Str got;
        int r = json_find(str(rows[i].text), str(rows[i].pointer), &got);
        CHECK_INT(r, rows[i].result, "'%s' in '%s'", rows[i].pointer, rows[i].text);
    }
}

static void test_values(void)
{
    static const struct {
        const char *text, *pointer, *value;
    } rows[] = {
        { " { \"a\" : { \"b\" : [ 10 , { \"c\" : \"x y\" } ] } , \"d\" : 1 }", "/a/b/1/c", "x y" },
        { "{\"a\":\"q\\\"\\\\\\/\\b\\f\\n\\r\\t\"}", "/a", "q\"\\/\b\f\n\r\t" },
        { "{\"a\":\"\\u00e4\\u20ac\\ud83d\\ude00\"}", "/a",
          "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80" },
        { "{\"a\":\"\\ud83dx\"}", "/a", "\xef\xbf\xbdx" },
        { "{\"\\u0061\":\"z\"}", "/a", "z" },
        { "{\"a\":-1.5e3,\"b\":2}", "/a", "-1.5e3" },
        { "{\"x\":{\"a\":1},\"a\":true}", "/a", "true" },
        { "{\"x\":\"{[\\\"\",\"a\":null}", "/a", "null" },
        { "{\"a\":[]}", "/a", "[]" },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++) {
        char buf[256];
        Str raw = { 0 };
        int r = json_find(str(rows[i].text), str(rows[i].pointer), &raw);
        ptrdiff_t n = r == 0 ? json_unquote(raw, buf) : 0;
        CHECK(r == 0 && n >= 0 && str_eqz((Str){ buf, n }, rows[i].value), "'%s' in %s",
              rows[i].pointer, rows[i].text);
    }
    static const char *const broken[] = { "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"" };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(broken); i++) {
        char buf[64];
        CHECK(json_unquote(str(broken[i]), buf) == -EINVAL, "%s is no string", broken[i]);
    }
}

static void test_pointers(void)
{
    CHECK(json_pointer_ok(STR("")) && json_pointer_ok(STR("/a~0~1/")), "pointers");
    CHECK(!json_pointer_ok(STR("a")) && !json_pointer_ok(STR("/~")) && !json_pointer_ok(STR("/~2")),
          "and none");
}

static void test_members(void)
{
    static const struct {
        const char *text, *seen; /* key=value;… and what stands behind, or how it ends */
    } rows[] = {
        { "{}", "|" },
        { " { } x", "| x" },
        { "{\"a\":1,\"b\\\"\" : [2,{}] } ", "a=1;b\\\"=[2,{}];| " },
        { "{\"a\":{\"b\":\"}\"},\"a\":null}", "a={\"b\":\"}\"};a=null;|" },
        { "[]", "broken" },
        { "", "broken" },
        { "{", "broken" },
        { "{,}", "broken" },
        { "{\"a\"}", "broken" },
        { "{\"a\":1,}", "a=1;broken" },
        { "{\"a\":1{\"b\":2}", "a=1{;broken" },
        { "{\"a\":1 \"b\":2}", "a=1;broken" },
        { "{{\"a\":1}", "broken" },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++) {
        CLEANUP(strbuf_done) StrBuf b = { 0 };
        JsonMembers m = { .rest = str(rows[i].text) };
        Str key, value;
        int r;
        while ((r = json_member(&m, &key, &value)) > 0)
            strbuf_addf(&b, STR_FMT "=" STR_FMT ";", STR_ARG(key), STR_ARG(value));
        if (r == 0)
            strbuf_addf(&b, "|" STR_FMT, STR_ARG(m.rest));
        else
            strbuf_addz(&b, "broken");
        CHECK_STR(strbuf_z(&b), rows[i].seen, "members of %s", rows[i].text);
    }
    char buf[64];
    *json_escape(buf, STR("a\"b\\c\n\x01")) = '\0';
    CHECK_STR(buf, "a\\\"b\\\\c\\u000A\\u0001", "escaped");
}

int main(void)
{
    test_members();
    test_rfc();
    test_absent();
    test_values();
    test_pointers();
    return tap_done();
}
