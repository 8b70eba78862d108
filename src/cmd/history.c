/* assay history: one figure over all runs, or any series from a file. */
#include "judge/history.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/stores.h"
#include "report/history.h"

enum { SERIES_BYTES_MAX = 1 << 29 };

typedef struct HistoryCmdOpts {
    const char *metric, *from, *store, *branch, *crossing, *json, *csv, *svg;
    bool any_testbed, points;
    int mode, better;
    uint32_t limit, window;
    double p, magnitude;
} HistoryCmdOpts;

static const char *const better_choices[] = { "none", "lower", "higher", NULL };

static const Opt history_cmd_opts[] = {
    { .type = OPT_HEAD, .name = "Series" },
    OPT(HistoryCmdOpts, metric, STR, .letter = 'm', .arg = "NAME",
        .help = "metric, with a statistic if wanted (latency.p95); with --from the column"),
    OPT(HistoryCmdOpts, from, STR, .arg = "FILE",
        .help = "any series instead: CSV or JSON; - is stdin"),
    OPT(HistoryCmdOpts, limit, U32, .letter = 'n', .arg = "N", .dflt = "0",
        .help = "the newest N points only; 0 takes all"),
    OPT(HistoryCmdOpts, branch, STR, .arg = "NAME", .help = "runs on this branch only"),
    OPT(HistoryCmdOpts, any_testbed, BOOL,
        .help = "mix testbeds; else only that of the newest run counts"),
    OPT(HistoryCmdOpts, better, ENUM, .arg = "DIRECTION", .dflt = "none", .choices = better_choices,
        .help = "with --from: lower, higher or none is better"),
    OPT(HistoryCmdOpts, store, STR, .arg = "PATH", .help = "where runs are kept"),
    { .type = OPT_HEAD, .name = "Change points" },
    OPT(HistoryCmdOpts, mode, ENUM, .arg = "MODE", .dflt = "assay", .choices = history_modes,
        .help = "assay, or what other tools would report: otava, perfherder"),
    OPT(HistoryCmdOpts, p, F64, .arg = "P", .dflt = "0", .min = 0, .max = 0.999,
        .help = "level of significance; 0 is the mode's own (assay 0.0001, otava 0.001)"),
    OPT(HistoryCmdOpts, window, U32, .arg = "N", .dflt = "0", .help = "otava: window; 0 is 50"),
    OPT(HistoryCmdOpts, magnitude, SHARE, .dflt = "0%", .help = "otava: smallest change"),
    { .type = OPT_HEAD, .name = "Results" },
    OPT(HistoryCmdOpts, crossing, STR, .arg = "VALUE",
        .help = "say when the trend will reach VALUE, in the metric's base unit (ns, bytes, 1/s)"),
    OPT(HistoryCmdOpts, json, STR, .arg = "FILE", .help = "write assay.history/1; - is stdout"),
    OPT(HistoryCmdOpts, points, BOOL, .help = "put the points into the JSON too"),
    OPT(HistoryCmdOpts, csv, STR, .arg = "FILE", .help = "write points, levels and changes"),
    OPT(HistoryCmdOpts, svg, STR, .arg = "FILE", .help = "write a picture"),
    { .type = OPT_END },
};

static const OptSet *history_sets(Ctx *ctx)
{
    HistoryCmdOpts *o = ARENA_NEW(&ctx->arena, HistoryCmdOpts);
    OptSet *sets = ARENA_ARRAY(&ctx->arena, OptSet, 2);
    sets[0] = (OptSet){ history_cmd_opts, o };
    ctx->own = o;
    return sets;
}

static int read_file(Ctx *ctx, const HistoryCmdOpts *o, History *ret)
{
    static const Better betters[] = { BETTER_NONE, BETTER_LOWER, BETTER_HIGHER };
    CLEANUP(arena_done) Arena text_arena = { 0 };
    Err err = { 0 };
    Str text;
    if (fs_read(&text_arena, o->from, SERIES_BYTES_MAX, &text, &err) < 0)
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    const char *name = str_eqz(str(o->from), "-") ? "stdin" : o->from;
    if (history_read(&ctx->arena, text, name, o->metric, ret, &err) < 0)
        return cmd_fail(ctx, ASSAY_USAGE, &err);
    ret->better = betters[o->better];
    return ASSAY_OK;
}

static int read_store(Ctx *ctx, const HistoryCmdOpts *o, const char *name, History *ret,
                      TriageList *said)
{
    CLEANUP(store_closep) Store *store = NULL;
    Err err = { 0 };
    HistoryQuery q = {
        .case_name = name, .metric = o->metric, .branch = o->branch, .any_testbed = o->any_testbed
    };
    if (open_place(ctx, store_place(ctx, o->store, "."), STORE_READ, &store, &err) < 0 ||
        store_history(store, &ctx->arena, &q, ret, &err) != 0 ||
        store_triage_list(store, &ctx->arena, said, &err) < 0)
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    return ASSAY_OK;
}

static int tell_terminal(Ctx *ctx, const HistoryReport *r)
{
    CLEANUP(strbuf_done) StrBuf out = { 0 };
    ReportOpts term = report_opts_for(STDOUT_FILENO);
    term.colour = term.colour && !ctx->common.no_color;
    history_text(r, &term, &out);
    fputs(strbuf_z(&out), stdout);
    return 0;
}

/* All that was asked for is tried; the first failure decides. */
static int tell(Ctx *ctx, const HistoryCmdOpts *o, double limit, const HistoryReport *r)
{
    CLEANUP(strbuf_done) StrBuf json = { 0 };
    CLEANUP(strbuf_done) StrBuf csv = { 0 };
    CLEANUP(strbuf_done) StrBuf svg = { 0 };
    Err err = { 0 };
    int failed = 0;
    const char *paths[] = { o->json, o->csv, o->svg };
    bool taken = false;
    for (ptrdiff_t i = 0; i < ARRAY_LEN(paths); i++)
        taken = taken || (paths[i] && str_eqz(str(paths[i]), "-"));
    if (!taken)
        failed = tell_terminal(ctx, r);
    if (o->json && (history_json(r, limit, o->points, &json, &err) < 0 ||
                    fs_write(o->json, strbuf_str(&json), &err) < 0))
        failed = cmd_fail(ctx, ASSAY_FAILED, &err);
    if (o->csv)
        history_csv(r, &csv);
    if (o->csv && fs_write(o->csv, strbuf_str(&csv), &err) < 0)
        failed = cmd_fail(ctx, ASSAY_FAILED, &err);
    if (o->svg)
        history_svg(r, &svg);
    if (o->svg && fs_write(o->svg, strbuf_str(&svg), &err) < 0)
        failed = cmd_fail(ctx, ASSAY_FAILED, &err);
    return failed;
}

static int history_run(Ctx *ctx, const StrList *pos, ptrdiff_t dashdash)
{
    (void)dashdash;
    const HistoryCmdOpts *o = ctx->own;
    double limit = (double)NAN;
    if (o->from ? pos->n > 0 : pos->n != 1)
        return cmd_usage(ctx, &cmd_history,
                         o->from ? "takes no case with --from" : "wants one case, or --from FILE");
    if (o->crossing && fmt_parse_number(str(o->crossing), &limit, NULL) < 0)
        return cmd_usage(ctx, &cmd_history, "--crossing: '%s' is not a number", o->crossing);
    if (o->window == 1)
        return cmd_usage(ctx, &cmd_history, "--window: want at least 2");
    History h = { 0 };
    TriageList said = { 0 };
    int code = o->from ? read_file(ctx, o, &h) : read_store(ctx, o, pos->v[0], &h, &said);
    if (code != ASSAY_OK)
        return code;
    history_keep(&h, o->limit);
    HistoryOpts opts = { .mode = (HistoryMode)o->mode,
                         .p = o->p,
                         .window = o->window,
                         .magnitude = o->magnitude,
                         .limit = limit,
                         .triage = &said };
    HistoryReport r = { 0 };
    Err err = { 0 };
    if (history_analyse(&h, &opts, &r, &err) < 0)
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    code = tell(ctx, o, limit, &r);
    history_report_done(&r);
    return code;
}

const Cmd cmd_history = {
    .name = "history",
    .args = "CASE | --from FILE",
    .summary = "one figure over all runs: where it changed, where it is heading",
    .about =
        "Reads the values of one metric of CASE over the stored runs, oldest first, or any series "
        "from FILE\n"
        "(a CSV with a column of numbers, or time,value; a JSON array, or {\"series\": [...]}). A "
        "change is\n"
        "confirmed when a rank test stands behind it; while the newest values are too few for one "
        "it is\n"
        "suspected, with the number that it still needs. It says as well whether the figure "
        "drifts, "
        "this week\n"
        "against the one before, and what to expect next. Nothing here gates: `assay check` "
        "does.\n\n"
        "Examples:\n"
        "  assay history get-item/users=10 --metric latency.p95\n"
        "  assay history --from times.csv --better lower --svg history.svg\n"
        "  assay history --from series.json --mode otava --json -\n",
    .sets = history_sets,
    .run = history_run,
};
