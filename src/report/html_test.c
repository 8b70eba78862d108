/* The page: well-formed, harmless, bounded, and it says what it must. */
#include "report/report.h"

#include <unistd.h>

#include "base/fs.h"
#include "report/fixture.h"
#include "tap.h"

typedef Run *Fixture(void);

/* The report in the arena; checks that it is UTF-8. */
static Str render(Arena *a, Run *made)
{
    CLEANUP(run_freep) Run *r = made;
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    Err err = { 0 };
    CHECK_INT(report_format_for("html")->write(r, &(ReportOpts){ 0 }, &b, &err), 0, "written %s",
              err.msg);
    CHECK(utf8_invalid_at(strbuf_str(&b)) < 0, "valid UTF-8");
    return str(arena_str(a, strbuf_str(&b)));
}

static void check_well_formed(Arena *a, const char *dir, Str page, const char *what)
{
    Err err = { 0 };
    const char *path = fs_join(a, dir, "page.html");
    CHECK_INT(fs_write(path, page, &err), 0, "%s: written %s", what, err.msg);
    const char *argv[] = { "xmllint", "--noout", "--nonet", path, NULL };
    int r = fixture_program(argv, fs_join(a, dir, "xmllint.out"));
    if (r == 127)
        tap_skip("%s: no xmllint (package libxml2-utils)", what);
    else
        CHECK_INT(r, 0, "%s is well-formed", what);
}

/* Every attribute that could fetch points into the page; nothing in style or script fetches. */
static void check_harmless(Str page, const char *what)
{
    static const char *const forbidden[] = {
        " src=",  "url(",        "@import", "srcset",  "<iframe",   "<object", "<script>alert",
        "<b>not", "javascript:", "fetch(",  "XMLHttp", " onclick=", " onload="
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(forbidden); i++)
        CHECK(str_find(page, str(forbidden[i])) < 0, "%s: no '%s'", what, forbidden[i]);
    ptrdiff_t outside = 0;
    Str rest = page;
    for (ptrdiff_t at; (at = str_find(rest, STR(" href=\""))) >= 0;) {
        rest = str_slice(rest, at + 7, rest.len);
        outside += !str_starts(rest, STR("#")) && !str_starts(rest, STR("data:,\""));
    }
    CHECK_INT(outside, 0, "%s: links stay in the page", what);
    CHECK(str_find(page, STR("default-src 'none'")) >= 0, "%s: the policy forbids fetching", what);
}

static void check_has(Str page, const char *piece)
{
    CHECK(str_find(page, str(piece)) >= 0, "says '%s'", piece);
}

static void test_pages(const char *dir)
{
    static const struct {
        const char *name;
        Fixture *make;
    } rows[] = { { "commands", fixture_commands },
                 { "load", fixture_load },
                 { "suite", fixture_suite },
                 { "empty", fixture_empty } };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++) {
        CLEANUP(arena_done) Arena a = { 0 };
        Str page = render(&a, rows[i].make());
        check_well_formed(&a, dir, page, rows[i].name);
        check_harmless(page, rows[i].name);
        CHECK(str_find(page, STR("nan")) < 0 && str_find(page, STR("\"inf")) < 0,
              "%s: missing figures are not drawn", rows[i].name);
    }
}

static void test_content(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    Str page = render(&a, fixture_suite());
    check_has(page, "The measurement is INVALID</b> <span>exit code 5</span>");
    check_has(page, "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;quotes&quot;");
    check_has(page, "<b>critical, blocks</b>");
    check_has(page, "about 34 more rounds would tell");
    check_has(page, "latency, distribution (log axis)");
    check_has(page, "percentiles (log axes)");
    check_has(page, "Over time, trial after trial");
    check_has(page, "data-n=\"base\"");
    check_has(page, "<dt>seed of the order</dt><dd>12345</dd>");
    page = render(&a, fixture_commands());
    check_has(page, "./sort-new words.txt is 1.52 times as fast");
    check_has(page, "data-n=\"first run\"");
    page = render(&a, fixture_load());
    check_has(page, "\xe2\x89\xa5 5.000 s");
    check_has(page, "<li><b>15 000</b> scheduled =</li>");
    page = render(&a, fixture_empty());
    check_has(page, "Nothing was measured.");
}

static void test_size(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    Str one = render(&a, fixture_many(1)), many = render(&a, fixture_many(200));
    CHECK(many.len < 5 << 20, "200 loads with series take %td bytes", many.len);
    CHECK(one.len < 200 << 10, "one takes %td", one.len);
}

static void test_comparison(const char *dir)
{
    CLEANUP(arena_done) Arena a = { 0 };
    CLEANUP(run_freep) Run *r = fixture_suite();
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    Err err = { 0 };
    CHECK_INT(report_comparison(r->comparison, "html", &(ReportOpts){ 0 }, &b, &err), 0,
              "a comparison alone %s", err.msg);
    check_well_formed(&a, dir, strbuf_str(&b), "comparison");
    check_harmless(strbuf_str(&b), "comparison");
}

int main(void)
{
    char dir[] = "/tmp/assay-html-XXXXXX";
    Err err = { 0 };
    CHECK(mkdtemp(dir) != NULL, "a folder");
    test_pages(dir);
    test_content();
    test_size();
    test_comparison(dir);
    CHECK_INT(fs_remove_tree(dir, &err), 0, "cleaned up %s", err.msg);
    return tap_done();
}
