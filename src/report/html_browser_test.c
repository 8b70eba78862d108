/* The page in a browser, as wide as a phone and as a desktop: nothing overflows, nothing is
 * fetched, its script runs. */
#include "report/report.h"

#include <stdlib.h>

#include "base/fs.h"
#include "report/escape.h"
#include "report/fixture.h"
#include "tap.h"

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

/* Two frames, a phone and a desktop, and a script that looks into them: does anything overflow, was
 * anything fetched, did the page's own script run and a tooltip speak? */
static Str frames_page(Arena *a, Str page)
{
    static const char look[] =
        "<script>onload=function(){var t='';[].forEach.call(document.querySelectorAll('iframe'),"
        "function(f){var "
        "w=f.contentWindow,d=f.contentDocument,e=d.documentElement,s=d.querySelector"
        "('.plot svg'),b=s.getBoundingClientRect();s.dispatchEvent(new "
        "w.PointerEvent('pointermove',"
        "{clientX:b.left+b.width/2,clientY:b.top+5}));t+='['+f.width+': '+(e.scrollWidth<="
        "w.innerWidth?'fits':'overflows '+e.scrollWidth)+', fetched "
        "'+w.performance.getEntriesByType"
        "('resource').length+', script '+(d.getElementById('theme').hidden?'idle':'ran')+', tip '+"
        "(d.getElementById('tip').textContent?'speaks':'silent')+']'});document.title=t}</script>";
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    static const int widths[] = { 390, 1280 };
    strbuf_addz(&b, "<!DOCTYPE html><meta charset=utf-8><body>");
    for (ptrdiff_t i = 0; i < ARRAY_LEN(widths); i++) {
        strbuf_addf(&b, "<iframe width=\"%d\" height=\"900\" srcdoc=\"", widths[i]);
        escape_xml(&b, page.ptr);
        strbuf_addz(&b, "\"></iframe>");
    }
    strbuf_addz(&b, look);
    return str(arena_str(a, strbuf_str(&b)));
}

static void check_in_browser(const char *dir, Run *made, const char *what)
{
    CLEANUP(arena_done) Arena a = { 0 };
    Err err = { 0 };
    Str seen;
    const char *path = fs_join(&a, dir, "frames.html"), *out = fs_join(&a, dir, "dom.html");
    CHECK_INT(fs_write(path, frames_page(&a, render(&a, made)), &err), 0, "%s: %s", what, err.msg);
    const char *argv[] = { "timeout",
                           "60",
                           "chromium",
                           "--headless",
                           "--no-sandbox",
                           "--disable-gpu",
                           "--disable-quic",
                           "--no-first-run",
                           "--disable-background-networking",
                           "--disable-component-update",
                           "--disable-sync",
                           arena_printf(&a, "--user-data-dir=%s/profile", dir),
                           "--dump-dom",
                           arena_printf(&a, "file://%s", path),
                           NULL };
    int r = fixture_program(argv, out);
    if (r == 127) {
        tap_skip("%s in a browser: no chromium", what);
        return;
    }
    CHECK_INT(r, 0, "%s: chromium ends", what);
    CHECK_INT(fs_read(&a, out, 64 << 20, &seen, &err), 0, "%s: its page is read %s", what, err.msg);
    static const char want[] = "<title>[390: fits, fetched 0, script ran, tip speaks][1280: fits, "
                               "fetched 0, script ran, tip speaks]</title>";
    ptrdiff_t at = str_find(seen, STR("<title>["));
    Str title = at < 0 ? (Str){ 0 } : str_slice(seen, at, at + (ptrdiff_t)sizeof want + 40);
    CHECK(str_starts(title, str(want)), "%s: rendered without overflow: " STR_FMT, what,
          STR_ARG(title));
}

int main(void)
{
    char dir[] = "/tmp/assay-browser-XXXXXX";
    Err err = { 0 };
    CHECK(mkdtemp(dir) != NULL, "a folder");
    check_in_browser(dir, fixture_suite(), "suite");
    check_in_browser(dir, fixture_commands(), "commands");
    CHECK_INT(fs_remove_tree(dir, &err), 0, "cleaned up %s", err.msg);
    return tap_done();
}
