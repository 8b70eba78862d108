#include "model/history.h"

#include <errno.h>

#include "tap.h"

static void test_read(void)
{
    static const struct {
        const char *why, *text, *column;
        int n;
        double first, last;
        double wall_s; /* of the first; NAN: unknown */
    } t[] = {
        { "bare numbers", "1\n2\n3\n", NULL, 3, 1, 3, NAN },
        { "without a line end", "1\n2.5e3", NULL, 2, 1, 2500, NAN },
        { "a head", "latency\n1\n2\n", NULL, 2, 1, 2, NAN },
        { "comments, blanks, CRLF", "# x\r\n\r\n 7 \r\n-\r\n9\r\n", NULL, 3, 7, 9, NAN },
        { "time,value", "time,value\n2026-01-31T00:00:00Z,5\n2026-02-01T00:00:00Z,6\n", NULL, 2, 5,
          6, 1769817600 },
        { "two columns, no head", "1769817600,5\n1769817601,6\n", NULL, 2, 5, 6, 1769817600 },
        { "sorted by time", "time,value\n20,2\n10,1\n", NULL, 2, 1, 2, 10 },
        { "milliseconds", "time;value\n1769817600000;5\n", NULL, 1, 5, 5, 1769817600 },
        { "one of several", "time,commit,a,b\n2024.01.01 3:00:00 +0100,aaa0,154023,10.43\n", "b", 1,
          10.43, 10.43, 1704074400 },
        { "the one called value", "a\tvalue\n1\t2\n", NULL, 1, 2, 2, NAN },
        { "the only numeric one", "name,ms\nx,4\ny,5\n", NULL, 2, 4, 5, NAN },
        { "quotes", "\"name, or so\",\"ms\"\n\"x,y\",\"4\"\n", NULL, 1, 4, 4, NAN },
        { "missing values", "value\n1\nNA\n\nnan\n4\n", NULL, 4, 1, 4, NAN },
        { "JSON numbers", " [1, 2.5, null, -3e2]\n", NULL, 4, 1, -300, NAN },
        { "JSON fractions", "[0.5,0]", NULL, 2, 0.5, 0, NAN },
        { "JSON pairs", "[[10,1],[20,2]]", NULL, 2, 1, 2, 10 },
        { "JSON pairs, dated", "[[\"2026-01-31\",1],[\"2026-02-01\",2]]", NULL, 2, 1, 2,
          1769817600 },
        { "JSON objects", "[{\"value\":3,\"time\":10,\"commit\":\"c\"}]", NULL, 1, 3, 3, 10 },
        { "JSON objects, another key", "[{\"ms\":3}]", "ms", 1, 3, 3, NAN },
        { "series", "{\"series\": [1, 2]}", NULL, 2, 1, 2, NAN },
        { "series among others", "{\"a\":1,\"series\":[{\"value\":1}]}", NULL, 1, 1, 1, NAN },
        { "a byte order mark", "\xef\xbb\xbfvalue\n1\n", NULL, 1, 1, 1, NAN },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(t); i++) {
        CLEANUP(arena_done) Arena a = { 0 };
        History h = { 0 };
        Err err = { 0 };
        int r = history_read(&a, str(t[i].text), "f", t[i].column, &h, &err);
        if (!CHECK(r == 0 && h.n == t[i].n, "%s: %d values %s", t[i].why, t[i].n, err.msg))
            continue;
        CHECK(h.v[0].value == t[i].first && h.v[h.n - 1].value == t[i].last, "   they are right");
        CHECK(isnan(t[i].wall_s) ? isnan(h.v[0].wall_s) : h.v[0].wall_s == t[i].wall_s,
              "   and so are their times (%.0f)", h.v[0].wall_s);
    }
}

static void test_refused(void)
{
    static const struct {
        const char *text, *column, *says;
    } t[] = {
        { "", NULL, "f: no values" },
        { "# only a comment\n", NULL, "f: no values" },
        { "value\n", NULL, "f:1: a head and no values" },
        { "value\n1\n2x\n", NULL, "f:3: '2x' is not a number" },
        { "value\n1e999\n", NULL, "f:2: '1e999' is too large" },
        { "a,b\n1,2\n", NULL, "f:2: 2 columns of numbers: a, b" },
        { "a,b\n1,2\n", "c", "f:1: no column 'c'; there are a, b" },
        { "name\nx\n", NULL, "f:2: no column of numbers" },
        { "time,value\nsoon,2\n", NULL, "f:2: time 'soon' is neither" },
        { "name,value\nx,1\ny\n", NULL, "f:3: no column 2 here: 'y'" },
        { "[1, 2", NULL, "f:1:" },
        { "[1, \"2\"]", NULL, "f: element 1 is a text" },
        { "[[1,2,3]]", NULL, "f: element 0 is an array of 3" },
        { "[{\"v\":1}]", NULL, "f: element 0 has no \"value\"" },
        { "[{\"value\":1,\"time\":\"soon\"}]", NULL, "the time of element 0" },
        { "{\"values\": [1]}", NULL, "f: no series here" },
        { "[]", NULL, "f: no values" },
        { "[1,01]", NULL, "f:1:" },
        { "[1,NaN]", NULL, "f:1:" },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(t); i++) {
        CLEANUP(arena_done) Arena a = { 0 };
        History h = { 0 };
        Err err = { 0 };
        int r = history_read(&a, str(t[i].text), "f", t[i].column, &h, &err);
        CHECK(r == -EINVAL && strstr(err.msg, t[i].says), "%s", err.msg);
    }
}

static void test_times(void)
{
    static const struct {
        const char *text;
        double s; /* NAN: refused */
    } t[] = {
        { "0", 0 },
        { "1769817600", 1769817600 },
        { "1769817600.5", 1769817600.5 },
        { "1769817600000", 1769817600 },
        { "1769817600000000000", 1769817600 },
        { "2026-01-31", 1769817600 },
        { "2026-01-31T00:00:00Z", 1769817600 },
        { "2026-01-31 01:00:00+01:00", 1769817600 },
        { "2026-01-30T18:30:00.250-0530", 1769817600.25 },
        { "2026/01/31 00:00 UTC", 1769817600 },
        { "2026-13-01", NAN },
        { "2026-01-31T", NAN },
        { "2026-01-31T25:00:00Z", NAN },
        { "26-01-31", NAN },
        { "2026-01-31 00:00:00 CET", NAN },
        { "", NAN },
        { "soon", NAN },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(t); i++) {
        double s = -1;
        int r = history_parse_time(str(t[i].text), &s);
        CHECK(isnan(t[i].s) ? r == -EINVAL : r == 0 && fabs(s - t[i].s) < 1e-6, "'%s'", t[i].text);
    }
}

static void test_keep(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    History h = { 0 };
    for (int i = 0; i < 10; i++)
        history_push(&h, &a, (HistoryPoint){ .value = i, .wall_s = i % 5 });
    history_sort(&h);
    CHECK(h.v[0].value == 0 && h.v[1].value == 5 && h.v[9].value == 9, "by time, else as it was");
    history_keep(&h, 3);
    CHECK(h.n == 3 && h.v[2].value == 9, "the newest are kept");
    history_push(&h, &a, (HistoryPoint){ .value = 10 });
    CHECK(h.n == 4 && h.v[3].value == 10, "and more can come");
}

int main(void)
{
    test_read();
    test_refused();
    test_times();
    test_keep();
    return tap_done();
}
