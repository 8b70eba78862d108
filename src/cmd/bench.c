/* assay bench: functions of benchmark programs. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/str_split.h"
#include "cmd/functions.h"

typedef struct BenchOpts {
    uint32_t rounds, min_rounds, max_rounds;
    uint64_t budget;
    double precision, min_effect, confidence;
    bool list;
    StrList expect;
    FunctionSpec function;
    OutputOpts out;
} BenchOpts;

static const Opt bench_opts[] = {
    { .type = OPT_HEAD, .name = "Rounds" },
    OPT(BenchOpts, list, BOOL, .letter = 'l', .help = "list the functions and measure nothing"),
    OPT(BenchOpts, rounds, U32, .letter = 'n', .arg = "N", .dflt = "0", .max = 1e6,
        .help = "epochs of each function; 0: until --precision or --for"),
    { .type = OPT_NS,
      .name = "for",
      .offset = offsetof(BenchOpts, budget),
      .dflt = "1s",
      .min = 1,
      .max = 1e18,
      .help = "measure each function for at most about this long" },
    OPT(BenchOpts, precision, SHARE, .dflt = "0.5%", .min = 0, .max = 1,
        .help = "stop when the median's interval is ± this narrow; 0: go on for --for"),
    OPT(BenchOpts, min_rounds, U32, .arg = "N", .dflt = "40", .min = 1, .max = 1e6,
        .help = "at least this many epochs; 8 of them come from one process"),
    OPT(BenchOpts, max_rounds, U32, .arg = "N", .dflt = "1000", .min = 1, .max = 1e6,
        .help = "at most this many epochs"),
    OPT(BenchOpts, expect, LIST, .letter = 'e', .arg = "EXPR",
        .help = "promise to hold, such as 'time.median < 1us'; exit code 3 when it breaks"),
    { .type = OPT_HEAD, .name = "Verdict" },
    OPT(BenchOpts, min_effect, SHARE, .dflt = "1%", .min = 0, .max = 1,
        .help = "smallest effect of interest"),
    OPT(BenchOpts, confidence, SHARE, .dflt = "95%", .min = 0.5, .max = 0.9999,
        .help = "confidence of the verdicts, over all rows together"),
    { .type = OPT_END },
};

static const OptSet *bench_sets(Ctx *ctx)
{
    BenchOpts *o = ARENA_NEW(&ctx->arena, BenchOpts);
    OptSet *sets = ARENA_ARRAY(&ctx->arena, OptSet, 4);
    sets[0] = (OptSet){ bench_opts, o };
    sets[1] = (OptSet){ function_opts, &o->function };
    sets[2] = (OptSet){ output_opts, &o->out };
    ctx->own = o;
    return sets;
}

/* "new" of "build/new 3": what tells apart the cases of several programs. */
static const char *short_name(const char *argv0)
{
    const char *slash = strrchr(argv0, '/');
    return slash && slash[1] ? slash + 1 : argv0;
}

/* The last part of two paths may be the same: "old/bench" and "new/bench". */
static const char *suffix_of(const StrList *words, ptrdiff_t i)
{
    const char *own = short_name(words->v[i]);
    for (ptrdiff_t k = 0; k < words->n; k++)
        if (k != i && strcmp(short_name(words->v[k]), own) == 0)
            return words->v[i];
    return own;
}

static int add_expectations(const BenchOpts *o, Arena *a, Expect **ret, Err *err)
{
    *ret = ARENA_ARRAY(a, Expect, o->expect.n + 1);
    for (ptrdiff_t i = 0; i < o->expect.n; i++) {
        TRY(expect_parse(a, str(o->expect.v[i]), &(*ret)[i], err));
        TRY(expect_check(&(*ret)[i], KIND_FUNCTION, err));
    }
    return 0;
}

static int plan_programs(Ctx *ctx, const BenchOpts *o, const StrList *words, const PaceSpec *pace,
                         Run *r, FunctionPlan *plan, Err *err)
{
    Expect *expects;
    TRY(add_expectations(o, &r->arena, &expects, err));
    for (ptrdiff_t i = 0; i < words->n; i++) {
        FunctionSpec *spec = ARENA_NEW(&ctx->arena, FunctionSpec);
        *spec = o->function;
        spec->argv = (StrList){ 0 };
        TRY(str_split_words(&ctx->arena, str(words->v[i]), &spec->argv, err));
        if (spec->argv.n == 0)
            return err_set(err, -EINVAL, "an empty program name");
        FunctionSource src = { .spec = spec,
                               .pace = pace,
                               .expects = expects,
                               .n_expects = o->expect.n,
                               .suffix = suffix_of(words, i) };
        TRY(functions_plan(ctx, r, &src, plan, err));
    }
    return 0;
}

static PaceSpec pace_of(const BenchOpts *o)
{
    return (PaceSpec){ .trials = o->rounds,
                       .duration = o->budget,
                       .precision = o->precision,
                       .min_trials = MIN(o->min_rounds, o->max_rounds),
                       .max_trials = o->max_rounds,
                       .shuffle = true };
}

static int judge(const BenchOpts *o, Run *r, Err *err)
{
    JudgeOpts how = { .confidence = o->confidence,
                      .min_effect = o->min_effect,
                      .fresh_pairs = true,
                      .strict = o->out.strict };
    TRY(run_summarise(r, err));
    return judge_competitors(r, &how, &r->comparison, err);
}

static int measure(Ctx *ctx, const BenchOpts *o, FunctionPlan *plan, const PaceSpec *pace, Run *r,
                   Store *store)
{
    Err err = { 0 };
    r->stop_rule = lab_stop_rule(&r->arena, KIND_FUNCTION, pace);
    r->confidence = o->confidence;
    r->min_effect = o->min_effect;
    if (store && store_run_begin(store, r, &err) < 0)
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    CLEANUP(launcher_freep) Launcher *launcher = NULL;
    if (o->function.meter == METER_SIMULATED && launcher_new(&launcher, &err) < 0)
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    Lab lab = { .run = r,
                .launcher = launcher,
                .store = store,
                .log = &ctx->log,
                .stop = ctx->stop,
                .programs = functions_programs(ctx, plan),
                .n_programs = plan->n_programs,
                .cases = plan->cases,
                .n_cases = plan->n };
    if (lab_run(&lab, &err) < 0 || judge(o, r, &err) < 0)
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    functions_note_growth(r, plan);
    int code = decide_exit(ctx, &o->out, r, lab.failed || lab.store_failed);
    return finish_run(ctx, &o->out, r, store, code);
}

static int bench_run(Ctx *ctx, const StrList *pos, ptrdiff_t dashdash)
{
    const BenchOpts *o = ctx->own;
    Err err = { 0 };
    FunctionPlan plan = { 0 };
    PaceSpec pace = pace_of(o);
    if (o->out.json_stream)
        return cmd_usage(ctx, &cmd_bench, "--json-stream follows loads: assay load, assay run");
    if (pos->n == 0)
        return cmd_usage(ctx, &cmd_bench, "no benchmark program to run");
    if (dashdash >= 0)
        return cmd_usage(ctx, &cmd_bench, "quote a program with its arguments: 'PROGRAM ARG'");
    int refused = check_outputs(ctx, &cmd_bench, &o->out);
    if (refused)
        return refused;
    CLEANUP(store_closep) Store *store = NULL;
    CLEANUP(run_freep) Run *r = NULL;
    if (begin_run(ctx, &o->out, "bench", ".", &r, &err) < 0)
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    int planned = plan_programs(ctx, o, pos, &pace, r, &plan, &err);
    if (planned < 0)
        return planned == -EINVAL ? cmd_usage(ctx, &cmd_bench, "%s", err.msg)
                                  : cmd_fail(ctx, ASSAY_FAILED, &err);
    for (ptrdiff_t i = 0; o->list && i < plan.n; i++)
        printf("%s\n", plan.cases[i].result->name);
    if (o->list)
        return ASSAY_OK;
    if (open_store(ctx, &o->out, ".", &store, &err) < 0)
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    return measure(ctx, o, &plan, &pace, r, store);
}

const Cmd cmd_bench = {
    .name = "bench",
    .args = "PROGRAM...",
    .summary = "run function benchmarks: programs built with <assay/bench.h>",
    .about =
        "Each program is asked which functions it holds. A round takes one epoch (a millisecond or "
        "more) of\n"
        "each, in balanced random order; every 8 rounds the programs are started anew. Functions "
        "of the same\n"
        "name in several programs compete: same number of iterations, taken in turns, judged in "
        "pairs against\n"
        "the first program. Allocations per iteration are counted in a process of their own.\n\n"
        "Examples:\n"
        "  assay bench build/bench-parse\n"
        "  assay bench old/bench new/bench --for 3s      is the new one faster?\n"
        "  assay bench build/bench --filter 'copy*' --each   percentiles of single calls\n"
        "  assay bench build/bench -e 'time.median < 1us' --json out.json\n",
    .sets = bench_sets,
    .run = bench_run,
};
