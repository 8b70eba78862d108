/* assay compare: two results, unpaired. */
#include <stdio.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/gate.h"
#include "cmd/runs.h"
#include "model/run_json.h"
#include "report/report.h"

typedef struct CompareOpts {
    const char *store, *json, *md;
    StrList report;
    double min_effect, confidence;
    bool strict;
} CompareOpts;

static const Opt compare_opts[] = {
    { .type = OPT_HEAD, .name = "Verdict" },
    OPT(CompareOpts, min_effect, SHARE, .dflt = "1%", .min = 0, .max = 1,
        .help = "smallest effect of interest"),
    OPT(CompareOpts, confidence, SHARE, .dflt = "95%", .min = 0.5, .max = 0.9999,
        .help = "confidence, over all rows together"),
    OPT(CompareOpts, strict, BOOL, .help = "inconclusive exits with 6"),
    { .type = OPT_HEAD, .name = "Results" },
    OPT(CompareOpts, json, STR, .arg = "FILE", .help = "write assay.compare/1; - is stdout"),
    OPT(CompareOpts, md, STR, .arg = "FILE", .help = "write Markdown"),
    OPT(CompareOpts, report, LIST, .arg = "FILE", .help = "write by ending: .md .json .csv .txt"),
    OPT(CompareOpts, store, STR, .arg = "PATH", .help = "where runs are kept"),
    { .type = OPT_END },
};

static const OptSet *compare_sets(Ctx *ctx)
{
    CompareOpts *o = ARENA_NEW(&ctx->arena, CompareOpts);
    OptSet *sets = ARENA_ARRAY(&ctx->arena, OptSet, 2);
    sets[0] = (OptSet){ compare_opts, o };
    ctx->own = o;
    return sets;
}

static int print_to(const Comparison *c, const char *format, const char *path,
                    const ReportOpts *opts, Err *err)
{
    CLEANUP(strbuf_done) StrBuf out = { 0 };
    TRY(report_comparison(c, format, opts, &out, err));
    if (path)
        return fs_write(path, strbuf_str(&out), err);
    fputs(strbuf_z(&out), stdout);
    return 0;
}

static int show(Ctx *ctx, const CompareOpts *o, const Comparison *c)
{
    Err err = { 0 };
    int failed = 0;
    ReportOpts term = report_opts_for(STDOUT_FILENO), file = { .columns = 100, .unicode = true };
    term.colour = term.colour && !ctx->common.no_color;
    bool taken = (o->json && str_eqz(str(o->json), "-")) || (o->md && str_eqz(str(o->md), "-"));
    if (!taken && print_to(c, "text", NULL, &term, &err) < 0)
        failed = cmd_fail(ctx, ASSAY_FAILED, &err);
    if (o->json && print_to(c, "json", o->json, &file, &err) < 0)
        failed = cmd_fail(ctx, ASSAY_FAILED, &err);
    if (o->md && print_to(c, "markdown", o->md, &file, &err) < 0)
        failed = cmd_fail(ctx, ASSAY_FAILED, &err);
    for (ptrdiff_t i = 0; i < o->report.n; i++)
        if (report_comparison_file(c, o->report.v[i], &file, &err) < 0)
            failed = cmd_fail(ctx, ASSAY_FAILED, &err);
    return failed ? failed : c->exit_code;
}

/* A baseline is all that it stands for: its window, or where a branch was left. */
static int load_reference(Ctx *ctx, const CompareOpts *o, const char *ref, const Run *b, Run **ret,
                          const char **ret_about)
{
    static const BaselineLimits any_age = { 0 };
    bool merge_base = str_starts(str(ref), STR("@merge-base"));
    if (ref[0] != '@')
        return load_run_ref(ctx, o->store, ref, NULL, ret);
    GateAsk ask = { .store = store_place(ctx, o->store, "."),
                    .dir = ".",
                    .name = merge_base ? ref : ref + 1,
                    .suite = b->suite,
                    .fingerprint = b->testbed.fingerprint,
                    .not_run = merge_base ? b->id : NULL,
                    .limits = &any_age };
    return gate_baseline(ctx, &ask, ret, ret_about);
}

static int compare_run(Ctx *ctx, const StrList *pos, ptrdiff_t dashdash)
{
    (void)dashdash;
    const CompareOpts *o = ctx->own;
    CLEANUP(run_freep) Run *a = NULL;
    CLEANUP(run_freep) Run *b = NULL;
    if (pos->n != 2)
        return cmd_usage(ctx, &cmd_compare, "wants two results, not %td", pos->n);
    const char *about = NULL;
    int code = load_run_ref(ctx, o->store, pos->v[1], NULL, &b);
    if (code == ASSAY_OK)
        code = load_reference(ctx, o, pos->v[0], b, &a, &about);
    if (code != ASSAY_OK)
        return code;
    TriageList said = { 0 };
    gate_triage(ctx, o->store, ".", &said);
    JudgeOpts judge = { .triage = &said,
                        .confidence = o->confidence,
                        .min_effect = o->min_effect,
                        .rules = &b->rules,
                        .correction = b->correction,
                        .strict = o->strict };
    Comparison *c = NULL;
    Err err = { 0 };
    if (judge_runs(a, b, &judge, &c, &err) < 0)
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    c->about = about;
    return show(ctx, o, c);
}

const Cmd cmd_compare = {
    .name = "compare",
    .args = "A B",
    .summary = "compare two results: was B slower than A?",
    .about =
        "A is the reference. Each is a FILE (ours, or another harness's result: see assay "
        "import),\n"
        "a run's id (or its beginning), latest, or @BASELINE. Cases of the same name are held\n"
        "against each other by Mann-Whitney, with the Hodges-Lehmann interval of the ratio,\n"
        "corrected over all rows (Holm). Stored wall-clock times drift with the machine: fresh\n"
        "pairs (`assay run --against`) see more and alarm less.\n\n"
        "Examples:\n"
        "  assay compare @main latest\n"
        "  assay compare before.json after.json --md comment.md\n",
    .sets = compare_sets,
    .run = compare_run,
};
