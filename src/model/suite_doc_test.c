/* The manual of the suite language: its tables are what the rows say (ASSAY_REGEN=1 writes them),
 * and every example that is a whole suite is read by the parser. */
#include <string.h>

#include "base/fs.h"
#include "base/opt_doc.h"
#include "model/suite_test_vocab.h"
#include "tap.h"

static const struct {
    const char *name;
    const Opt *rows;
} tables[] = {
    { "suite", suite_opts },         { "pace", pace_opts },         { "service", service_opts },
    { "benchmark", benchmark_opts }, { "command", command_opts },   { "load", load_opts },
    { "functions", function_opts },  { "harness", harness_opts },   { "stage", stage_opts },
    { "exception", exception_opts }, { "scenario", scenario_opts }, { "stream", stream_opts },
};

/* The page with the text between `<!-- rows: NAME -->` and `<!-- end -->` made anew. */
static void fill(StrBuf *out, Str page, ptrdiff_t *n_tables)
{
    Str line;
    bool skipping = false;
    while (str_cut(&page, '\n', &line)) {
        if (str_eqz(line, "<!-- end -->"))
            skipping = false;
        if (!skipping) {
            strbuf_add(out, line);
            if (page.ptr)
                strbuf_addc(out, '\n');
        }
        for (ptrdiff_t i = 0; i < ARRAY_LEN(tables); i++) {
            char mark[64];
            snprintf(mark, sizeof mark, "<!-- rows: %s -->", tables[i].name);
            if (!str_eqz(line, mark))
                continue;
            opt_doc(out, tables[i].rows);
            skipping = true;
            ++*n_tables;
        }
    }
}

static void test_examples(Str page)
{
    int n = 0;
    for (ptrdiff_t at; (at = str_find(page, STR("```yaml\n"))) >= 0; n++) {
        page = str_slice(page, at + 8, page.len);
        ptrdiff_t end = str_find(page, STR("```"));
        Suite *s = NULL;
        Err err = { 0 };
        int port = 0;
        SuiteFlags flags = { .env = test_env, .free_port = test_port, .user = &port };
        int r = suite_parse_text(&s, str_slice(page, 0, end), "example.yaml", &test_vocab, &flags,
                                 &err);
        CHECK(r == 0 && s->warnings.n == 0, "example %d is a good suite%s%s", n + 1,
              r < 0 ? ": " : "", err.msg);
        suite_free(s);
        page = str_slice(page, end + 3, page.len);
    }
    CHECK(n >= 6, "%d examples", n);
}

int main(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    CLEANUP(strbuf_done) StrBuf made = { 0 };
    const char *root = getenv("ASSAY_ROOT");
    const char *path = arena_printf(&a, "%s/docs/suite.md", root ? root : ".");
    Str page = { 0 };
    Err err = { 0 };
    ptrdiff_t n_tables = 0;
    if (!CHECK(fs_read(&a, path, 1 << 20, &page, &err) == 0, "docs/suite.md is there"))
        return tap_done();
    fill(&made, page, &n_tables);
    CHECK_INT(n_tables, ARRAY_LEN(tables), "each table has its place");
    if (getenv("ASSAY_REGEN"))
        CHECK(fs_write(path, strbuf_str(&made), &err) == 0, "wrote %s", path);
    else
        CHECK(str_eq(page, strbuf_str(&made)), "its tables are what the rows say");
    test_examples(page);
    return tap_done();
}
