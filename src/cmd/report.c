/* assay report: any stored run, in any output. */
#include "report/report.h"

#include <stdio.h>

#include "base/clock.h"
#include "cmd/cmd.h"
#include "cmd/runs.h"
#include "cmd/stores.h"

typedef struct ReportCmdOpts {
    const char *store, *suite, *format;
    StrList output;
    bool list;
    uint32_t limit;
} ReportCmdOpts;

static const Opt report_cmd_opts[] = {
    { .type = OPT_HEAD, .name = "Report" },
    OPT(ReportCmdOpts, format, STR, .letter = 'f', .arg = "FORMAT",
        .help = "format for stdout (assay formats names all)", .dflt = "text"),
    OPT(ReportCmdOpts, output, LIST, .letter = 'o', .arg = "FILE",
        .help = "write to FILE instead; the ending chooses the format"),
    OPT(ReportCmdOpts, list, BOOL, .letter = 'l', .help = "list stored runs, newest first"),
    OPT(ReportCmdOpts, limit, U32, .arg = "N", .dflt = "20", .help = "list at most this many"),
    OPT(ReportCmdOpts, suite, STR, .arg = "NAME", .help = "latest run of this suite"),
    OPT(ReportCmdOpts, store, STR, .arg = "PATH", .help = "where runs are kept"),
    { .type = OPT_END },
};

static const OptSet *report_sets(Ctx *ctx)
{
    ReportCmdOpts *o = ARENA_NEW(&ctx->arena, ReportCmdOpts);
    OptSet *sets = ARENA_ARRAY(&ctx->arena, OptSet, 2);
    sets[0] = (OptSet){ report_cmd_opts, o };
    ctx->own = o;
    return sets;
}

static int list_runs(Ctx *ctx, const ReportCmdOpts *o)
{
    Err err = { 0 };
    CLEANUP(store_closep) Store *store = NULL;
    RunInfo *v;
    ptrdiff_t n;
    if (open_place(ctx, store_place(ctx, o->store, "."), STORE_READ, &store, &err) < 0 ||
        store_run_list(store, &ctx->arena, o->limit, &v, &n, &err) < 0)
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    for (ptrdiff_t i = 0; i < n; i++) {
        char iso[CLOCK_ISO_MAX];
        printf("%s  %s  %-12s %3td cases %4td trials  %-7s %s\n", v[i].id,
               clock_iso(iso, v[i].started_wall_ns), v[i].suite, v[i].n_cases, v[i].n_trials,
               v[i].finished ? v[i].grade : "cut off", v[i].commit ? v[i].commit : "");
    }
    return ASSAY_OK;
}

static int report_run(Ctx *ctx, const StrList *pos, ptrdiff_t dashdash)
{
    (void)dashdash;
    const ReportCmdOpts *o = ctx->own;
    Err err = { 0 };
    if (o->list)
        return list_runs(ctx, o);
    if (pos->n > 1)
        return cmd_usage(ctx, &cmd_report, "wants one run at most");
    if (!report_format_for(o->format))
        return cmd_usage(ctx, &cmd_report, "unknown format '%s' (assay formats)", o->format);
    CLEANUP(run_freep) Run *r = NULL;
    int code = load_run_ref(ctx, o->store, pos->n ? pos->v[0] : "latest", o->suite, &r);
    if (code != ASSAY_OK)
        return code;
    for (ptrdiff_t i = 0; i < o->output.n; i++)
        if (report_write_file(r, o->output.v[i], NULL, &err) < 0)
            return cmd_fail(ctx, ASSAY_FAILED, &err);
    if (o->output.n == 0 && print_report(ctx, r, o->format, &err) < 0)
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    return ASSAY_OK;
}

const Cmd cmd_report = {
    .name = "report",
    .args = "[RUN]",
    .summary = "show any stored run: text, HTML, Markdown, JSON, CSV, JUnit",
    .about = "RUN is an id (or its beginning), latest (the default), @BASELINE or FILE.json.\n\n"
             "Examples:\n"
             "  assay report -o report.html           one self-contained page\n"
             "  assay report --list\n"
             "  assay report @main -f markdown\n"
             "  assay report -f go | benchstat -      other tools' shapes: assay formats\n",
    .sets = report_sets,
    .run = report_run,
};
