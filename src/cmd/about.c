/* assay drivers, formats: what this build knows. */
#include <stdio.h>
#include <unistd.h>

#include "base/term.h"
#include "cmd/cmd.h"
#include "drivers/drivers.h"
#include "harness/harness.h"
#include "load/stream_driver.h"
#include "report/report.h"

static void print_rows(const char *title, const Opt *rows)
{
    if (rows->type == OPT_END)
        return;
    printf("\n  %s:\n", title);
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    OptSet sets[] = { { rows, NULL }, { 0 } };
    opt_help(&b, sets, term_columns(STDOUT_FILENO));
    fputs(strbuf_z(&b), stdout);
}

static int drivers_run(Ctx *ctx, const StrList *pos, ptrdiff_t dashdash)
{
    (void)dashdash;
    if (pos->n == 0) {
        for (ptrdiff_t i = 0; drivers[i]; i++)
            printf("%-12s %-16s %s\n", drivers[i]->name,
                   drivers[i]->schemes ? drivers[i]->schemes : "-", drivers[i]->summary);
        return ASSAY_OK;
    }
    const Driver *d = driver_find(pos->v[0]);
    if (!d)
        return cmd_usage(ctx, &cmd_drivers, "no driver '%s' in this build", pos->v[0]);
    printf("%s: %s\n", d->name, d->summary);
    print_rows("Target (suites: below targets.NAME)", d->target_opts);
    print_rows("Request (suites: below benchmarks.NAME.request)", d->request_opts);
    if (d->stream)
        print_rows("Stream (suites: below benchmarks.NAME.stream)", d->stream->opts);
    return ASSAY_OK;
}

static int formats_run(Ctx *ctx, const StrList *pos, ptrdiff_t dashdash)
{
    (void)ctx, (void)pos, (void)dashdash;
    puts("Reports (assay report -f NAME, or by the file's ending):");
    for (const ReportFormat *f = report_formats; f->name; f++) {
        CLEANUP(strbuf_done) StrBuf ext = { 0 };
        for (ptrdiff_t i = 0; f->extensions[i]; i++)
            strbuf_addf(&ext, "%s%s", i ? " " : "", f->extensions[i]);
        printf("  %-10s %-16s %s\n", f->name, strbuf_z(&ext), f->summary);
    }
    puts("Other harnesses' results (assay import; found by content):");
    for (const HarnessFormat *const *f = harness_formats; *f; f++)
        printf("  %-26s %s\n", (*f)->name, (*f)->summary);
    return ASSAY_OK;
}

const Cmd cmd_drivers = {
    .name = "drivers",
    .args = "[NAME]",
    .summary = "what this build can speak to, with options",
    .about = "Without NAME a list; with one, its option rows.\n",
    .run = drivers_run,
};
const Cmd cmd_formats = {
    .name = "formats",
    .args = "",
    .summary = "outputs this build can write, and results it can read",
    .about = "Each is chosen by name or by a file's ending.\n",
    .run = formats_run,
};
