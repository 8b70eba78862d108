/* The ground that the formats stand on: lenient JSON, CSV, numbers, units, gzip, byte order marks,
 * dates, and how a format is found. */
#include "tap.h"

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

#include "harness/harness_test_util.h"
#include "harness/harvest.h"
#include "harness/lenient.h"
#include "harness/scan.h"
#include "harness/unit.h"

static void test_clean(void)
{
    static const struct {
        const char *in, *out, *why;
    } rows[] = {
        { "{\"a\": NaN, \"b\": -Infinity}", "{\"a\": null, \"b\": null}",
          "bare words are missing" },
        { "[nan, inf, +INF, -NaN]", "[null, null, null, null]", "all spellings" },
        { "{\"NaN\": \"Infinity, NaN\"}", "{\"NaN\": \"Infinity, NaN\"}", "texts stay" },
        { "[\"\\\"NaN\", NaN]", "[\"\\\"NaN\", null]", "escaped quotes end no text" },
        { "[1e999, -1e999]", "[null, null]", "beyond a double" },
        { "[+5, .5, 007]", "[5, 0.5, 7]", "numbers that JSON has not" },
        { "[1.5e-3, -0, 12345678901234567890123]", "[1.5e-3, -0, 12345678901234567890123]",
          "numbers stay as written" },
        { "[true,false,null]", "[true,false,null]", "words stay" },
        { "\"a\tb\"", "\"a\\u0009b\"", "control characters are escaped" },
        { "\"a\xff\xfe z\xc3\xa4\"", "\"a\xef\xbf\xbd\xef\xbf\xbd z\xc3\xa4\"", "broken UTF-8" },
        { "\"open \\", "\"open \\", "a text cut off" },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++) {
        CLEANUP(strbuf_done) StrBuf b = { 0 };
        lenient_clean(str(rows[i].in), &b);
        CHECK_STR(strbuf_z(&b), rows[i].out, "%s", rows[i].why);
    }
}

static void test_long_number(void)
{
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    CLEANUP(json_free) json_t *j = NULL;
    strbuf_addz(&b, "[0.");
    strbuf_pad(&b, '3', 2000);
    strbuf_addz(&b, ", 1");
    strbuf_pad(&b, '0', 400);
    strbuf_addz(&b, "]");
    CHECK(lenient_parse(strbuf_str(&b), "x", &j, NULL) == 0, "very long numbers parse");
    CHECK_NEAR(lenient_num(json_array_get(j, 0)), 1 / 3., 1e-15, "to their value");
    CHECK(isnan(lenient_num(json_array_get(j, 1))), "or to missing");
}

static void test_numbers(void)
{
    static const char *const missing[] = {
        "\"\"", "\"NaN\"", "\"+INF\"", "\"-INF\"", "null", "{}"
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(missing); i++) {
        CLEANUP(arena_done) Arena a = { 0 };
        CLEANUP(json_free) json_t *j = NULL;
        CHECK(lenient_parse(str(arena_printf(&a, "[%s]", missing[i])), "x", &j, NULL) == 0 &&
                  isnan(lenient_num(json_array_get(j, 0))),
              "%s is missing", missing[i]);
    }
    Str rest;
    CHECK_NEAR(scan_num(STR("18,149 ns/iter"), &rest), 18149, 0, "thousands");
    CHECK(str_eqz(rest, "ns/iter"), "and what follows");
    CHECK_NEAR(scan_num(STR("30.46ms"), &rest), 30.46, 0, "a unit at once behind");
    CHECK_NEAR(scan_num(STR("-1.5e-3x"), &rest), -1.5e-3, 0, "exponents");
    CHECK(isnan(scan_num(STR("x1"), &rest)) && str_eqz(rest, "x1"), "none");
    CHECK_NEAR(scan_decimal(STR("1234,5")), 1234.5, 0, "decimal comma");
    CHECK_NEAR(scan_decimal(STR("1,234.5")), 1234.5, 0, "thousands beside a point");
    CHECK(isnan(scan_decimal(STR("N/A"))) && isnan(scan_decimal(STR(""))), "no number");
}

static void test_csv(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    Csv c = csv_open(&a, STR("a;\"b\nc\";d;e\r\n\r\n1;\"x;\"\"y\"\"\";1,5\r\n2\r\n"));
    CHECK_INT(c.n_head, 4, "columns, by the separator there is");
    CHECK_INT(csv_column(&c, "b\nc"), 1, "a quoted name over two lines");
    CHECK(csv_next(&c) && str_eqz(csv_cell(&c, 1), "x;\"y\""), "quotes within quotes");
    CHECK_NEAR(csv_num(&c, 2), 1.5, 0, "a decimal comma");
    CHECK(csv_next(&c) && csv_cell(&c, 2).len == 0 && csv_cell(&c, -1).len == 0, "short rows");
    CHECK(!csv_next(&c), "the end");
    CHECK(csv_starts(STR("\"a\",b,c\n"), "a,b") && !csv_starts(STR("a\n"), "a,b"), "headers");
}

static void test_units(void)
{
    static const struct {
        const char *text, *unit;
        double factor;
        Better better;
    } rows[] = {
        { "us", "ns", 1e3, BETTER_LOWER },
        { "\xc2\xb5s", "ns", 1e3, BETTER_LOWER },
        { "ns/iter", "ns", 1, BETTER_LOWER },
        { "s/op", "ns", 1e9, BETTER_LOWER },
        { "ops/s", "1/s", 1, BETTER_HIGHER },
        { "ops/ms", "1/s", 1e3, BETTER_HIGHER },
        { "iter/sec", "1/s", 1, BETTER_HIGHER },
        { "MB/s", "bytes/s", 1e6, BETTER_HIGHER },
        { "KiB", "bytes", 1024, BETTER_LOWER },
        { "Megabytes", "bytes", 1e6, BETTER_LOWER },
        { "allocs/op", "count", 1, BETTER_LOWER },
        { "Percent", "share", 0.01, BETTER_NONE },
        { "cycles/iter", "cycles/iter", 1, BETTER_NONE },
        { "widgets", "widgets", 1, BETTER_NONE },
        { "", "", 1, BETTER_NONE },
    };
    CLEANUP(arena_done) Arena a = { 0 };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++) {
        Unit u = unit_find(&a, str(rows[i].text));
        CHECK(str_eqz(str(u.name), rows[i].unit) && fabs(u.factor - rows[i].factor) < 1e-12 &&
                  u.better == rows[i].better,
              "'%s' is %g %s", rows[i].text, u.factor, u.name);
    }
}

static void test_dates(void)
{
    const uint64_t noon = UINT64_C(1575617813) * NS_PER_S;
    static const struct {
        const char *text;
        uint64_t plus_ns;
    } rows[] = {
        { "2019-12-06T07:36:53Z", 0 },
        { "2019-12-06 07:36:53", 0 },
        { "2019-12-06T16:36:53+09:00", 0 },
        { "2019-12-06T00:36:53-0700", 0 },
        { "2019-12-06T07:36:53.25+00:00", 250000000 },
        { "2019-12-06T07:36:53.123456789123Z", 123456789 },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++)
        CHECK(harvest_parse_date(str(rows[i].text)) == noon + rows[i].plus_ns, "%s", rows[i].text);
    CHECK(harvest_parse_date(STR("yesterday, at about noon")) == 0, "no date");
    CHECK(harvest_parse_date(STR("1970-01-01T00:00:00Z")) == 0, "no plausible date");
}

static const char small[] = "{\"results\":[{\"command\":\"x\",\"times\":[1.5]}]}";

static void test_gzip(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    const char *path = arena_printf(&a, "/tmp/assay-input-test-%d.gz", (int)getpid());
    HarnessInput in;
    Err err = { 0 };
    gzFile f = gzopen(path, "wb");
    gzputs(f, "\xef\xbb\xbf");
    gzputs(f, small);
    gzclose(f);
    CHECK(harness_open(&in, path, &err) == 0 && in.json, "gzip and byte order mark: %s", err.msg);
    CHECK(str_eqz(in.text, small), "the text without them");
    CHECK(in.wall_ns > 0, "the file's age is known");
    harness_close(&in);
    CHECK(truncate(path, 30) == 0 && harness_open(&in, path, &err) == -EINVAL, "cut off: %s",
          err.msg);
    harness_close(&in);
    unlink(path);
    CHECK(harness_open(&in, path, &err) == -ENOENT, "absent: %s", err.msg);
    harness_close(&in);
}

static void test_read_twice(void)
{
    HarnessInput in;
    Err err = { 0 };
    CLEANUP(run_freep) Run *a = NULL;
    CLEANUP(run_freep) Run *b = NULL;
    static const char dated[] =
        "{\"context\":{\"date\":\"2019-11-29T21:26:59+00:00\"},\"benchmarks\":[{\"name\":\"x\","
        "\"real_time\":1}]}";
    CHECK(harness_open_text(&in, str(dated), "t", &err) == 0, "opens");
    CHECK(harness_read(&in, NULL, &a, &err) == 0 && harness_read(&in, NULL, &b, &err) == 0,
          "reads");
    CHECK_STR(a ? a->id : "", b ? b->id : "-", "the same text gives the same id");
    CHECK(a && str_starts(str(a->id), STR("20191129-212659-")), "of its own date");
    CHECK_STR(tag_of(a, "producer"), "Google Benchmark", "who made it");
    CHECK_STR(tag_of(a, "source"), "t", "and from where");
    harness_close(&in);
}

static void test_refusals(void)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        { "", "no result" },       { "hello", "no result" },
        { "{\"a\":", "text:1:5" }, { "{\"results\":[]}", "no result" },
        { "[]", "no result" },     { "{}", "no result" },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++) {
        HarnessInput in;
        Err err = { 0 };
        Run *r = NULL;
        bool open = harness_open_text(&in, str(rows[i].text), "text", &err) == 0;
        CHECK(open && harness_read(&in, NULL, &r, &err) == -EINVAL &&
                  str_find(str(err.msg), str(rows[i].says)) >= 0,
              "'%s' is refused: %s", rows[i].text, err.msg);
        harness_close(&in);
    }
}

/* A format may be asked for by name where the content is something else. */
static void test_forced(void)
{
    static const char *const texts[] = { "", "[]", "{}", "[[1]]", "x,y\n1\n", "Benchmark 1 2 3\n" };
    for (const HarnessFormat *const *f = harness_formats; *f; f++) {
        bool sound = true;
        for (ptrdiff_t i = 0; i < ARRAY_LEN(texts); i++) {
            HarnessInput in;
            Err err = { 0 };
            Run *r = NULL;
            int got = harness_open_text(&in, str(texts[i]), "text", &err);
            if (got == 0)
                got = harness_read(&in, *f, &r, &err);
            sound &= (got == 0) == (r != NULL) && (got == 0 || err.msg[0]);
            run_free(r);
            harness_close(&in);
        }
        CHECK(sound, "%s reads strange text or says why not", (*f)->name);
        CHECK(harness_find((*f)->name) == *f, "and is found by name");
    }
}

int main(void)
{
    test_clean();
    test_long_number();
    test_numbers();
    test_csv();
    test_units();
    test_dates();
    test_gzip();
    test_read_twice();
    test_refusals();
    test_forced();
    return tap_done();
}
