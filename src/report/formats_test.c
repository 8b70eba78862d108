/* Every output on every fixture: what it must say, and that names from outside cannot break it. */
#include "report/report.h"

#include <unistd.h>

#include "base/fs.h"
#include "model/run_json.h"
#include "report/escape.h"
#include "report/fixture.h"
#include "tap.h"

typedef Run *Fixture(void);

static const char *render(Arena *a, const char *format, Fixture *make, ReportOpts o)
{
    CLEANUP(run_freep) Run *r = make();
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    Err err = { 0 };
    const ReportFormat *f = report_format_for(format);
    CHECK(f && f->write(r, &o, &b, &err) == 0, "%s is written %s", format, err.msg);
    CHECK(utf8_invalid_at(strbuf_str(&b)) < 0 && !strchr(strbuf_z(&b), '\x1b'),
          "%s is UTF-8 without escapes", format);
    return arena_str(a, strbuf_str(&b));
}

static void check_has(const char *text, const char *piece)
{
    CHECK(strstr(text, piece) != NULL, "says '%s'", piece);
}

static void test_lookup(void)
{
    static const struct {
        const char *ask, *name;
    } rows[] = {
        { "text", "text" }, { "a/b.TXT", "text" },     { "out.md", "markdown" },
        { "x.csv", "csv" }, { "report.xml", "junit" }, { "junit", "junit" },
        { "x.pdf", NULL },  { "html", "html" },        { "a.JSON", "json" },
        { "pdf", NULL },    { "md", "markdown" },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++) {
        const ReportFormat *f = report_format_for(rows[i].ask);
        CHECK_STR(f ? f->name : NULL, rows[i].name, "format of %s", rows[i].ask);
    }
}

static void test_files(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    CLEANUP(run_freep) Run *r = fixture_commands();
    Err err = { 0 };
    char dir[] = "/tmp/assay-report-XXXXXX";
    Str text;
    CHECK(mkdtemp(dir) != NULL, "a folder");
    const char *path = fs_join(&a, dir, "out.md");
    ReportOpts o = { .colour = true };
    CHECK_INT(report_write_file(r, path, &o, &err), 0, "written %s", err.msg);
    CHECK_INT(fs_read(&a, path, 1 << 20, &text, &err), 0, "read back %s", err.msg);
    check_has(text.ptr, "### time");
    CHECK_INT(report_write_file(r, "x.pdf", NULL, &err), -22, "unknown extension");
    check_has(err.msg, ".html");
    CHECK_INT(report_comparison_file(r->comparison, fs_join(&a, dir, "c.csv"), NULL, &err), 0,
              "a comparison %s", err.msg);
    CHECK_INT(fs_remove_tree(dir, &err), 0, "cleaned up %s", err.msg);
}

static void test_escapes(void)
{
    static const struct {
        const char *in, *xml, *md, *code, *csv;
    } rows[] = {
        { "a<b>&\"'", "a&lt;b&gt;&amp;&quot;&#39;", "a&lt;b&gt;&amp;\"'", "`a<b>&\"'`",
          "\"a<b>&\"\"'\"" },
        { "a|b`c`@me #1", "a|b`c`@me #1", "a\\|b\\`c\\`&#64;me \\#1", "`` a\\|b`c`@me #1 ``",
          "a|b`c`@me #1" },
        { "x\ny\x01\xff", "x&#10;y\xef\xbf\xbd\xef\xbf\xbd", "x y \xef\xbf\xbd",
          "`x y \xef\xbf\xbd`", "\"x\ny \xef\xbf\xbd\"" },
        { "=1+1", "=1+1", "=1+1", "`=1+1`", "'=1+1" },
        { "-2,@", "-2,@", "-2,&#64;", "`-2,@`", "\"'-2,@\"" },
        { "", "", "", "`  `", "" },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++) {
        CLEANUP(strbuf_done) StrBuf x = { 0 }, m = { 0 }, k = { 0 }, c = { 0 };
        escape_xml(&x, rows[i].in);
        escape_markdown(&m, rows[i].in);
        markdown_code(&k, rows[i].in);
        csv_text(&c, rows[i].in);
        CHECK_STR(strbuf_z(&x), rows[i].xml, "xml %td", i);
        CHECK_STR(strbuf_z(&m), rows[i].md, "markdown %td", i);
        CHECK_STR(strbuf_z(&k), rows[i].code, "code span %td", i);
        CHECK_STR(strbuf_z(&c), rows[i].csv, "csv %td", i);
    }
}

/* A strict reader: every record has as many fields as the head. Returns the records. */
static ptrdiff_t csv_records(const char *text, ptrdiff_t *ret_bad)
{
    ptrdiff_t records = 0, fields = 1, want = 0;
    bool quoted = false;
    for (const char *p = text; *p; p++) {
        if (*p == '"')
            quoted = !quoted; /* a doubled quote closes and opens again */
        else if (*p == ',' && !quoted)
            fields++;
        else if (*p == '\n' && !quoted) {
            want = want ? want : fields;
            *ret_bad += fields != want;
            records++;
            fields = 1;
        }
    }
    *ret_bad += quoted;
    return records;
}

static void test_csv(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    ptrdiff_t bad = 0;
    const char *t = render(&a, "csv", fixture_suite, (ReportOpts){ 0 });
    CHECK_INT(csv_records(t, &bad), 1 + 6 * 5 + 4 * 8 + 2, "a line per case and metric");
    CHECK_INT(bad, 0, "all records have the head's fields");
    check_has(t, "\"'=HYPERLINK(\"\"http://evil\"\",\"\"x\"\"),1\"");
    check_has(t, ",size=1KiB\"");
    CHECK(!strstr(t, "nan") && !strstr(t, "inf"), "missing is empty");
    t = render(&a, "csv", fixture_suite, (ReportOpts){ .raw = true });
    CHECK_INT(csv_records(t, &bad), 1 + 5 * (30 + 30 + 12 + 8 * 3) + 4 * 3 * 8 + 2 * 20,
              "a line per trial and metric");
    CHECK_INT(bad, 0, "all raw records have the head's fields");
    CLEANUP(run_freep) Run *r = fixture_suite();
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    Err err = { 0 };
    CHECK_INT(report_comparison(r->comparison, "csv", &(ReportOpts){ 0 }, &b, &err), 0, "compare");
    CHECK_INT(csv_records(strbuf_z(&b), &bad), 1 + r->comparison->n, "a line per row");
    CHECK_INT(bad, 0, "all comparison records have the head's fields");
}

static void test_markdown(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    const char *t = render(&a, "markdown", fixture_suite, (ReportOpts){ 0 });
    check_has(t, "### shop: the measurement is INVALID");
    check_has(t, "| **regressed**: critical, blocks |");
    check_has(t, "`<script>alert('x')</script> & \"quotes\" \\| pipes`");
    check_has(t, "<details><summary>All figures</summary>");
    Str rest = str(t), line;
    ptrdiff_t bare = 0, cells = 0, uneven = 0;
    while (str_cut(&rest, '\n', &line)) {
        bare += str_find(line, STR("<script>")) >= 0 && str_find(line, STR("`<script>")) < 0;
        ptrdiff_t n = 0;
        for (ptrdiff_t i = 0; i < line.len; i++)
            n += line.ptr[i] == '|' && (i == 0 || line.ptr[i - 1] != '\\');
        uneven += n && cells && n != cells; /* a table's lines have the same cells */
        cells = n;
    }
    CHECK_INT(bare, 0, "markup from names stands only in code spans");
    CHECK_INT(uneven, 0, "every line of a table has the same cells");
    t = render(&a, "markdown", fixture_commands, (ReportOpts){ .verbose = true });
    check_has(t, "1.52 times as fast");
    check_has(t, "<details open>");
}

/* Well-formedness needs a parser: xmllint's where it is installed. */
static void check_xml(const char *text, const char *what)
{
    CLEANUP(arena_done) Arena a = { 0 };
    char dir[] = "/tmp/assay-junit-XXXXXX";
    Err err = { 0 };
    CHECK(mkdtemp(dir) != NULL, "a folder");
    const char *path = fs_join(&a, dir, "junit.xml");
    CHECK_INT(fs_write(path, str(text), &err), 0, "%s: written %s", what, err.msg);
    const char *argv[] = { "xmllint", "--noout", "--nonet", path, NULL };
    int r = fixture_program(argv, fs_join(&a, dir, "out"));
    if (r == 127)
        tap_skip("%s: no xmllint (package libxml2-utils)", what);
    else
        CHECK_INT(r, 0, "%s is well-formed XML", what);
    CHECK_INT(fs_remove_tree(dir, &err), 0, "cleaned up %s", err.msg);
}

static void test_junit(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    const char *t = render(&a, "junit", fixture_suite, (ReportOpts){ 0 });
    check_xml(t, "junit of the suite");
    check_has(t, "tests=\"21\" failures=\"2\" errors=\"3\" skipped=\"2\"");
    check_has(t, "<failure message=\"critical, blocks: latency of get-item");
    check_has(t, "<property name=\"seed\" value=\"12345\"/>");
    CHECK(!strstr(t, "<script>") && !strstr(t, "<b>"), "no markup from names");
    check_xml(render(&a, "junit", fixture_empty, (ReportOpts){ 0 }), "junit of nothing");
    t = render(&a, "junit", fixture_load, (ReportOpts){ 0 });
    check_has(t, "failures=\"1\" errors=\"0\"");
    check_has(t, "error_rate &lt; 0.1% is broken: the value is 0.24 %");
}

static void test_json(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    CLEANUP(json_free) json_t *j = NULL;
    Err err = { 0 };
    const char *t = render(&a, "json", fixture_suite, (ReportOpts){ 0 });
    CHECK_INT(json_parse(str(t), "report", &j, &err), 0, "parses %s", err.msg);
    CHECK_STR(json_get_text(j, "schema"), "assay.run/1", "the contract's document");
    CLEANUP(run_freep) Run *r = fixture_commands();
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    CHECK_INT(report_comparison(r->comparison, "json", &(ReportOpts){ 0 }, &b, &err), 0, "compare");
    check_has(strbuf_z(&b), "assay.compare/1");
}

/* A run that comes back from its JSON has no trials' distributions in memory of their own: every
 * output still shows it. */
static void test_from_json(void)
{
    CLEANUP(json_free) json_t *j = NULL;
    CLEANUP(run_freep) Run *made = fixture_suite(), *r = NULL;
    Err err = { 0 };
    j = run_to_json(made);
    CHECK_INT(run_from_json(j, "report", &r, &err), 0, "reads back %s", err.msg);
    for (const ReportFormat *f = report_formats; r && f->name; f++) {
        CLEANUP(strbuf_done) StrBuf b = { 0 };
        CHECK_INT(f->write(r, &(ReportOpts){ .unicode = true }, &b, &err), 0, "%s %s", f->name,
                  err.msg);
        CHECK(b.len > 1000, "%s shows something", f->name);
    }
}

int main(void)
{
    test_lookup();
    test_json();
    test_from_json();
    test_files();
    test_escapes();
    test_csv();
    test_markdown();
    test_junit();
    return tap_done();
}
