#include "load/template.h"

#include <math.h>
#include <string.h>

#include "load/zipf.h"
#include "tap.h"

enum { DRAWS = 100000 };

static const char rows[] = "name,city\nann,\"New\r\nYork\"\nbob,\"a \"\"b\"\"\"\ncy,\xc3\xa4/?\n";

static Draw draw(uint32_t user, uint32_t n_users)
{
    return (Draw){ .rng = rng_new(7, "test", user), .user = user, .n_users = n_users };
}

/* The next rendering; in a static buffer. */
static const char *next(const Template *t, Feed *f, Draw *d)
{
    static char buf[4096];
    draw_next(d, f);
    buf[template_render(t, d, buf)] = '\0';
    return buf;
}

/* The next rendering as a number; 0 when it is none. */
static uint64_t next_number(const Template *t, Draw *d)
{
    uint64_t v;
    return str_to_u64(str(next(t, NULL, d)), &v) < 0 ? 0 : v;
}

static Template *compile(Arena *a, const char *text, TemplateQuote quote, const Feed *f)
{
    Err err = { 0 };
    Template *t = NULL;
    CHECK(template_compile(a, str(text), quote, (TemplateEnv){ .feed = f }, &t, &err) == 0,
          "compiles: %s %s", text, err.msg);
    return t;
}

static void test_texts(void)
{
    static const char *const still[] = { "",    "plain",    "$",   "${",    "${name}",
                                         "${}", "$ {id()}", "${9", "${feed" };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(still); i++) {
        CLEANUP(arena_done) Arena a = { 0 };
        Draw d = draw(0, 1);
        CHECK(!template_varies(str(still[i]), NULL), "nothing varies in '%s'", still[i]);
        Template *t = compile(&a, still[i], QUOTE_URL, NULL);
        CHECK_STR(next(t, NULL, &d), still[i], "   and it stands for itself");
    }
}

static void test_numbers(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    Draw d = draw(3, 8);
    Template *t = compile(&a, "/u${user()}/${seq()}", QUOTE_URL, NULL);
    CHECK_STR(next(t, NULL, &d), "/u3/3", "the user and its first number");
    CHECK_STR(next(t, NULL, &d), "/u3/11", "its next one is nobody else's");
    t = compile(&a, "${uniform(5, 7)}", QUOTE_URL, NULL);
    int seen[3] = { 0 };
    for (int i = 0; i < DRAWS; i++) {
        const char *text = next(t, NULL, &d);
        if (strlen(text) == 1 && text[0] >= '5' && text[0] <= '7')
            seen[text[0] - '5']++;
    }
    double sigma = sqrt(DRAWS * (1.0 / 3) * (2.0 / 3));
    for (int i = 0; i < 3; i++)
        CHECK_NEAR(seen[i], DRAWS / 3.0, 5 * sigma, "uniform: %d as often as the others", i + 5);
    t = compile(&a, "${hotspot(100,10,90)}", QUOTE_URL, NULL);
    int hot = 0;
    for (int i = 0; i < DRAWS; i++)
        hot += next_number(t, &d) <= 10;
    CHECK_NEAR(hot, DRAWS * 0.9, 5 * sqrt(DRAWS * 0.09), "hotspot: the first ten in 90 of 100");
    t = compile(&a, "${uniform(0,18446744073709551614)}", QUOTE_URL, NULL);
    CHECK(strlen(next(t, NULL, &d)) <= (size_t)template_max(t), "the longest number has room");
}

/* Each k as often as the law says, by chi squared over the first 20 and the rest. */
static void test_zipf(void)
{
    static const double exponents[] = { 0, 0.5, 0.99, 1, 2 };
    enum { N = 1000, CELLS = 21 };
    for (ptrdiff_t e = 0; e < ARRAY_LEN(exponents); e++) {
        Zipf z = zipf_new(N, exponents[e]);
        Rng r = rng_new(11, "zipf", (uint64_t)e);
        double p[CELLS] = { 0 }, sum = 0, chi = 0;
        int seen[CELLS] = { 0 };
        bool within = true;
        for (int k = 1; k <= N; k++) {
            p[MIN(k, CELLS) - 1] += pow(k, -exponents[e]);
            sum += pow(k, -exponents[e]);
        }
        for (int i = 0; i < DRAWS; i++) {
            uint64_t k = zipf_draw(&z, &r);
            within &= k >= 1 && k <= N;
            seen[MIN(k, (uint64_t)CELLS) - 1]++;
        }
        for (int i = 0; i < CELLS; i++) {
            double want = DRAWS * p[i] / sum;
            chi += (seen[i] - want) * (seen[i] - want) / want;
        }
        CHECK(within && chi < 45.3,
              "zipf %.2f: chi squared %.1f with 20 degrees (0.1 %% lie above 45.3)", exponents[e],
              chi);
    }
    Rng r = rng_new(1, "one", 0);
    Zipf one = zipf_new(1, 0.99);
    CHECK_INT(zipf_draw(&one, &r), 1, "of one there is one");
}

static bool all_in(const char *text, const char *set)
{
    return strspn(text, set) == strlen(text);
}

static void test_ids(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    Draw d = draw(0, 1);
    const char *id = next(compile(&a, "${id()}", QUOTE_NONE, NULL), NULL, &d);
    CHECK(strlen(id) == 16 && all_in(id, "0123456789abcdef"), "an id: %s", id);
    const char *uuid = next(compile(&a, "${uuid()}", QUOTE_NONE, NULL), NULL, &d);
    CHECK(strlen(uuid) == 36 && uuid[8] == '-' && uuid[13] == '-' && uuid[14] == '4' &&
              strchr("89ab", uuid[19]) && uuid[23] == '-',
          "a UUID of version 4: %s", uuid);
    const char *text = next(compile(&a, "${string(25)}", QUOTE_NONE, NULL), NULL, &d);
    CHECK(strlen(text) == 25, "a string of its length: %s", text);
    const char *picked = next(compile(&a, "${pick(a b|a b)}", QUOTE_URL, NULL), NULL, &d);
    CHECK_STR(picked, "a%20b", "one of the texts, quoted");
    CHECK(next_number(compile(&a, "${now()}", QUOTE_NONE, NULL), &d) > 1600000000000,
          "the time in ms");
    Draw again = draw(0, 1);
    char first[64];
    Template *t = compile(&a, "${id()}${uniform(1,9)}", QUOTE_NONE, NULL);
    Draw once = draw(0, 1);
    snprintf(first, sizeof first, "%s", next(t, NULL, &once));
    CHECK_STR(next(t, NULL, &again), first, "the same seed gives the same");
}

static void test_feed(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    Err err = { 0 };
    Feed *f = NULL;
    CHECK(feed_parse(&a, STR(rows), "u.csv", FEED_CIRCULAR, &f, &err) == 0, "a file of rows: %s",
          err.msg);
    Draw d = draw(0, 1);
    Template *t = compile(&a, "${feed.name}=${feed.city}", QUOTE_URL, f);
    CHECK_STR(next(t, f, &d), "ann=New%0D%0AYork", "a row; what a URL can't hold is encoded");
    CHECK_STR(next(t, f, &d), "bob=a%20%22b%22", "the next");
    CHECK_STR(next(t, f, &d), "cy=%C3%A4%2F%3F", "and the next");
    CHECK_STR(next(t, f, &d), "ann=New%0D%0AYork", "from the top again");
    d.row = 0;
    char buf[256];
    t = compile(&a, "${feed.city}", QUOTE_HEADER, f);
    buf[template_render(t, &d, buf)] = '\0';
    CHECK_STR(buf, "New  York", "in a header no line ends");
    t = compile(&a, "${feed.city}", QUOTE_JSON, f);
    buf[template_render(t, &d, buf)] = '\0';
    CHECK_STR(buf, "New\\u000D\\u000AYork", "in JSON it stays one string");
    CHECK(feed_parse(&a, STR("{\"name\":\"x\",\"n\":{\"a\":[1,2]}}\n\n{\"n\":5,\"name\":null}\n"),
                     "u.jsonl", FEED_CIRCULAR, &f, &err) == 0,
          "JSON Lines: %s", err.msg);
    t = compile(&a, "${feed.name} ${feed.n}", QUOTE_NONE, f);
    CHECK_STR(next(t, f, &d), "x {\"a\":[1,2]}", "texts as they are, the rest as JSON");
    CHECK_STR(next(t, f, &d), "null 5", "keys in any order");
}

/* A large file must not be held twice, nor more than that: RFC 4180's quotes are the common case.
 */
static void test_views(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    Err err = { 0 };
    Feed *f = NULL;
    Str text = STR("a,b\n\"x y\",\"1,\n2\"\n");
    CHECK(feed_parse(&a, text, "x.csv", FEED_CIRCULAR, &f, &err) == 0, "quoted cells: %s", err.msg);
    for (ptrdiff_t i = 0; i < 2; i++) {
        Str v = feed_value(f, 0, i);
        CHECK(v.ptr > text.ptr && v.ptr + v.len < text.ptr + text.len,
              "cell %td is a view of the text", i);
    }
}

static void test_orders(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    Err err = { 0 };
    Feed *f = NULL;
    CHECK(feed_parse(&a, STR("n\n0\n1\n2\n3\n4\n5\n6\n"), "n", FEED_UNIQUE, &f, &err) == 0,
          "seven rows");
    CHECK_INT(feed_rows(f), 7, "are seven");
    char seen[2][16] = { "", "" };
    for (uint32_t u = 0; u < 2; u++) {
        Draw d = draw(u, 2);
        Template *t = compile(&a, "${feed.n}", QUOTE_NONE, f);
        for (int i = 0; i < 5; i++)
            seen[u][i] = next(t, f, &d)[0];
    }
    CHECK_STR(seen[0], "02460", "unique: a user goes round in its own rows");
    CHECK_STR(seen[1], "13513", "   and another in others");
    for (uint32_t u = 0; u < 20; u++) {
        Draw d = draw(u, 20);
        CHECK_INT(feed_next(f, &d), u % 7, "unique: user %u of 20 shares row %u", u, u % 7);
    }
}

static const struct {
    const char *text, *word;
} wrong[] = {
    { "${unifrom(1,2)}", "did you mean 'uniform'" },
    { "${uniform(1)}", "uniform(1,100)" },
    { "${uniform(2,1)}", "uniform(1,100)" },
    { "${uniform(1,2,3)}", "uniform(1,100)" },
    { "${uniform(a,2)}", "uniform(1,100)" },
    { "${zipf(0)}", "zipf(1000)" },
    { "${zipf(5,x)}", "zipf(1000)" },
    { "${hotspot(10,10,5)}", "hotspot(" },
    { "${string(99999999)}", "string(16)" },
    { "${seq(1)}", "seq()" },
    { "${uniform(1,2)", "without its end" },
    { "${feed.x}", "wants a file of rows" },
};

static void test_wrong(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    Err err = { 0 };
    Template *t;
    Feed *f = NULL;
    for (ptrdiff_t i = 0; i < ARRAY_LEN(wrong); i++)
        CHECK(template_compile(&a, str(wrong[i].text), QUOTE_NONE, (TemplateEnv){ 0 }, &t, &err) <
                      0 &&
                  strstr(err.msg, wrong[i].word),
              "%s: %s", wrong[i].text, err.msg);
    CHECK(feed_parse(&a, STR("a,b\n1,2\n3\n"), "x.csv", FEED_RANDOM, &f, &err) < 0 &&
              strstr(err.msg, "x.csv:3"),
          "%s", err.msg);
    CHECK(feed_parse(&a, STR("a,b\n\"1,2\n"), "x.csv", FEED_RANDOM, &f, &err) < 0 &&
              strstr(err.msg, "quote"),
          "%s", err.msg);
    CHECK(feed_parse(&a, STR("a,b\n"), "x.csv", FEED_RANDOM, &f, &err) < 0 &&
              strstr(err.msg, "no rows"),
          "%s", err.msg);
    CHECK(feed_parse(&a, STR("{\"a\":1}\n{\"b\":1}\n"), "x.jsonl", FEED_RANDOM, &f, &err) < 0 &&
              strstr(err.msg, "x.jsonl:2"),
          "%s", err.msg);
    CHECK(feed_parse(&a, STR("a,b\n1,2\n"), "x.csv", FEED_RANDOM, &f, &err) == 0, "two columns");
    CHECK(template_compile(&a, STR("${feed.c}"), QUOTE_NONE, (TemplateEnv){ .feed = f }, &t, &err) <
                  0 &&
              strstr(err.msg, "it has a, b"),
          "%s", err.msg);
}

int main(void)
{
    test_texts();
    test_numbers();
    test_zipf();
    test_ids();
    test_feed();
    test_views();
    test_orders();
    test_wrong();
    return tap_done();
}
