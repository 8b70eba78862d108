/* Outputs of a history, with names that mean harm. */
#include "report/history.h"

#include "base/json.h"
#include "tap.h"

static const char evil[] = "a<b>&\"\x1b[31m\xff\n=1+1";

static History *sample(Arena *a, int n)
{
    History *h = ARENA_NEW(a, History);
    *h = (History){ .name = evil, .metric = "wall", .unit = "ns", .better = BETTER_LOWER };
    for (int i = 0; i < n; i++)
        history_push(h, a,
                     (HistoryPoint){ .value = (i < 30 ? 10e6 : 12e6) + 1e5 * (i * 7 % 11),
                                     .wall_s = 1.7e9 + 86400.0 * i,
                                     .run = evil,
                                     .commit = i % 2 ? evil : NULL });
    return h;
}

typedef struct Outputs {
    StrBuf text, ascii, json, csv, svg;
} Outputs;

static void outputs_done(Outputs *o)
{
    strbuf_done(&o->text);
    strbuf_done(&o->ascii);
    strbuf_done(&o->json);
    strbuf_done(&o->csv);
    strbuf_done(&o->svg);
}

static void write_all(const History *h, Outputs *o)
{
    HistoryReport r = { 0 };
    Err err = { 0 };
    if (history_analyse(h, &(HistoryOpts){ .limit = 15e6 }, &r, &err) < 0)
        CHECK(false, "%s", err.msg);
    history_text(&r, &(ReportOpts){ .unicode = true, .colour = true, .columns = 80 }, &o->text);
    history_text(&r, &(ReportOpts){ .columns = 20 }, &o->ascii);
    CHECK(history_json(&r, 15e6, true, &o->json, &err) == 0, "JSON %s", err.msg);
    history_csv(&r, &o->csv);
    history_svg(&r, &o->svg);
    history_report_done(&r);
}

static void test_harmless(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    CLEANUP(outputs_done) Outputs o = { 0 };
    CLEANUP(json_free) json_t *j = NULL;
    Err err = { 0 };
    write_all(sample(&a, 60), &o);
    CHECK(strstr(strbuf_z(&o.text), "confirmed") && strstr(strbuf_z(&o.text), "12.5"), "text");
    CHECK(!strstr(strbuf_z(&o.text), "\x1b[31m\xff"), "no escape sequences from outside");
    bool ascii = true;
    for (ptrdiff_t i = 0; i < o.ascii.len; i++)
        ascii = ascii && (unsigned char)o.ascii.ptr[i] < 127;
    CHECK(ascii && strstr(strbuf_z(&o.ascii), "*"), "ASCII on a narrow terminal");
    CHECK(utf8_invalid_at(strbuf_str(&o.text)) < 0 && utf8_invalid_at(strbuf_str(&o.svg)) < 0,
          "UTF-8 everywhere");
    CHECK(json_parse(strbuf_str(&o.json), "j", &j, &err) == 0, "JSON reads back %s", err.msg);
    const json_t *c = json_array_get(json_object_get(j, "change_points"), 0);
    CHECK(json_get_num(c, "index") == 30 && json_get_num(j, "n") == 60, "with what it says");
    CHECK(json_array_size(json_object_get(j, "points")) == 60, "and the points");
    CHECK(!strstr(strbuf_z(&o.svg), "a<b>") && strstr(strbuf_z(&o.svg), "a&lt;b&gt;"),
          "SVG escapes");
    CHECK(strstr(strbuf_z(&o.csv), "\"a<b>&\"\"") && strstr(strbuf_z(&o.csv), ",confirmed"),
          "CSV quotes");
}

static void test_little(void)
{
    for (int n = 1; n < 4; n++) {
        CLEANUP(arena_done) Arena a = { 0 };
        CLEANUP(outputs_done) Outputs o = { 0 };
        History *h = sample(&a, n);
        h->v[0].value = (double)NAN;
        h->v[0].wall_s = n == 2 ? (double)NAN : -1e300;
        write_all(h, &o);
        CHECK(!strstr(strbuf_z(&o.svg), "nan") && !strstr(strbuf_z(&o.json), "nan") &&
                  !strstr(strbuf_z(&o.csv), "nan") && o.text.len > 0,
              "%d points", n);
    }
}

int main(void)
{
    test_harmless();
    test_little();
    return tap_done();
}
