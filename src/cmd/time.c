/* assay time: commands, interleaved, paired, judged. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/str_split.h"
#include "cmd/cmd.h"
#include "cmd/params.h"
#include "lab/lab.h"

typedef struct TimeOpts {
    uint32_t runs;
    uint64_t budget;
    uint32_t warmup, min_runs, max_runs;
    double precision, min_effect, confidence;
    bool in_order;
    StrList name, param;
    CommandSpec command;
    uint64_t spend; /* ns; 0: by rounds or time */
    OutputOpts out;
} TimeOpts;

static const Opt time_opts[] = {
    { .type = OPT_HEAD, .name = "Runs" },
    OPT(TimeOpts, runs, U32, .letter = 'n', .arg = "RUNS", .dflt = "0", .min = 0, .max = 1e6,
        .help = "rounds: runs of each command; 0: by --for"),
    { .type = OPT_NS,
      .name = "for",
      .offset = offsetof(TimeOpts, budget),
      .min = 1,
      .max = 1e18,
      .help = "measure each command for about this long; 3s when not given" },
    OPT(TimeOpts, min_runs, U32, .arg = "N", .min = 1, .max = 1e6,
        .help = "at least this many rounds; 10, or --max-runs where that is less"),
    OPT(TimeOpts, max_runs, U32, .arg = "N", .dflt = "1000", .min = 1, .max = 1e6,
        .help = "at most this many rounds"),
    OPT(TimeOpts, precision, SHARE, .dflt = "0", .min = 0, .max = 1,
        .help = "stop when the median's interval is ± this narrow (instead of --for)"),
    OPT(TimeOpts, warmup, U32, .letter = 'w', .arg = "N", .dflt = "1", .max = 1e6,
        .help = "discarded runs of each command before the first round"),
    { .type = OPT_NS,
      .name = "budget",
      .offset = offsetof(TimeOpts, spend),
      .arg = "DUR",
      .help = "rounds in all for so long; a pair that is decided gets no more" },
    OPT(TimeOpts, in_order, BOOL, .help = "run as listed instead of in balanced random order"),
    { .type = OPT_HEAD, .name = "Commands" },
    OPT(TimeOpts, name, LIST, .letter = 'N', .help = "what to call the commands, in order"),
    OPT(TimeOpts, param, LIST, .letter = 'P', .arg = "NAME=a,b,c",
        .help = "run with each value in place of {NAME}; also NAME=1..8 and NAME=1..9:2"),
    { .type = OPT_HEAD, .name = "Verdict" },
    OPT(TimeOpts, min_effect, SHARE, .dflt = "1%", .min = 0, .max = 1,
        .help = "smallest effect of interest"),
    OPT(TimeOpts, confidence, SHARE, .dflt = "95%", .min = 0.5, .max = 0.9999,
        .help = "confidence of the verdicts, over all rows together"),
    { .type = OPT_HEAD, .name = "How each command runs" },
    { .type = OPT_END },
};

static const OptSet *time_sets(Ctx *ctx)
{
    TimeOpts *o = ARENA_NEW(&ctx->arena, TimeOpts);
    OptSet *sets = ARENA_ARRAY(&ctx->arena, OptSet, 4);
    sets[0] = (OptSet){ time_opts, o };
    sets[1] = (OptSet){ command_opts, &o->command };
    sets[2] = (OptSet){ output_opts, &o->out };
    ctx->own = o;
    return sets;
}

/* One command to time: text or argv, with its parameters put in. */
typedef struct Contender {
    const char *name;
    CommandSpec spec;
    StrMap params;
} Contender;

typedef struct Contenders {
    Contender *v;
    ptrdiff_t n, cap;
} Contenders;

static int set_argv(Ctx *ctx, CommandSpec *spec, const char *text, Err *err)
{
    spec->argv = (StrList){ 0 };
    if (spec->shell) {
        strlist_add(&ctx->arena, &spec->argv, text);
        return 0;
    }
    TRY(str_split_words(&ctx->arena, str(text), &spec->argv, err));
    if (spec->argv.n == 0)
        return err_set(err, -EINVAL, "an empty command");
    return 0;
}

static const char *fill(Ctx *ctx, const char *text, const StrMap *params)
{
    return text ? params_fill(&ctx->arena, text, params) : NULL;
}

/* Hooks see the parameters too. */
static void fill_hooks(Ctx *ctx, CommandSpec *spec, const StrMap *params)
{
    spec->setup = fill(ctx, spec->setup, params);
    spec->prepare = fill(ctx, spec->prepare, params);
    spec->conclude = fill(ctx, spec->conclude, params);
    spec->cleanup = fill(ctx, spec->cleanup, params);
}

static int add_text(Ctx *ctx, const TimeOpts *o, const char *text, const char *label,
                    const StrMap *params, Contenders *out, Err *err)
{
    Contender c = { .spec = o->command, .params = *params };
    const char *filled = params_fill(&ctx->arena, text, params);
    c.name =
        label ? params_label(&ctx->arena, params_fill(&ctx->arena, label, params), params) : filled;
    TRY(set_argv(ctx, &c.spec, filled, err));
    fill_hooks(ctx, &c.spec, params);
    ARENA_PUSH(&ctx->arena, out->v, out->n, out->cap, c);
    return 0;
}

static int add_argv(Ctx *ctx, const TimeOpts *o, const StrList *words, const StrMap *params,
                    Contenders *out, Err *err)
{
    Contender c = { .spec = o->command, .params = *params };
    if (o->command.shell)
        return err_set(err, -EINVAL, "--shell takes the command as one quoted text, not behind --");
    CLEANUP(strbuf_done) StrBuf name = { .max = 4096 };
    c.spec.argv = (StrList){ 0 };
    for (ptrdiff_t i = 0; i < words->n; i++) {
        const char *w = params_fill(&ctx->arena, words->v[i], params);
        strlist_add(&ctx->arena, &c.spec.argv, w);
        strbuf_addf(&name, "%s%s", i ? " " : "", w);
    }
    c.name = o->name.n ? params_label(&ctx->arena, o->name.v[0], params)
                       : arena_strdup(&ctx->arena, strbuf_z(&name));
    fill_hooks(ctx, &c.spec, params);
    ARENA_PUSH(&ctx->arena, out->v, out->n, out->cap, c);
    return 0;
}

static int check_names(const TimeOpts *o, ptrdiff_t n_commands, Err *err)
{
    if (o->name.n <= n_commands)
        return 0;
    return err_set(err, -EINVAL, "--name: %td names for %td command%s", o->name.n, n_commands,
                   n_commands == 1 ? "" : "s");
}

/* Such a parameter makes equal cases; a hook may well be the only one to use it. */
static void warn_unused(Ctx *ctx, const CommandSpec *c, const StrList *words, const StrMap *params)
{
    const char *const hooks[] = { c->setup, c->prepare, c->conclude, c->cleanup };
    for (ptrdiff_t k = 0; k < params->n; k++) {
        const char *name = params->v[k].key;
        bool used = false;
        for (ptrdiff_t i = 0; i < words->n; i++)
            used |= params_mentioned(words->v[i], name);
        for (ptrdiff_t i = 0; i < ARRAY_LEN(hooks); i++)
            used |= params_mentioned(hooks[i], name);
        if (!used)
            log_warn(&ctx->log, "parameter '%s' is used in no command", name);
    }
}

/* Every command with every combination of parameters. */
static int list_contenders(Ctx *ctx, const TimeOpts *o, const StrList *pos, ptrdiff_t dashdash,
                           Contenders *out, Err *err)
{
    ParamGrid grid;
    StrMap params = { 0 };
    TRY(check_names(o, dashdash >= 0 ? 1 : pos->n, err));
    TRY(params_collect(&ctx->arena, &o->param, &params, err));
    warn_unused(ctx, &o->command, pos, &params);
    TRY(params_grid(&ctx->arena, &params, &grid, err));
    for (ptrdiff_t g = 0; g < grid.n; g++) {
        if (dashdash >= 0)
            TRY(add_argv(ctx, o, pos, &grid.v[g], out, err));
        for (ptrdiff_t i = 0; dashdash < 0 && i < pos->n; i++)
            TRY(add_text(ctx, o, pos->v[i], i < o->name.n ? o->name.v[i] : NULL, &grid.v[g], out,
                         err));
    }
    return 0;
}

/* Cases are found by name: two equal commands are told apart by a number. */
static const char *distinct_name(Run *r, const char *name)
{
    const char *candidate = arena_strdup(&r->arena, name);
    for (int k = 2; run_find_case(r, candidate, SIDE_HEAD); k++)
        candidate = arena_printf(&r->arena, "%s (%d)", name, k);
    return candidate;
}

static LabCase *plan_cases(Ctx *ctx, Run *r, const Contenders *all, const PaceSpec *pace)
{
    LabCase *cases = ARENA_ARRAY(&ctx->arena, LabCase, all->n);
    for (ptrdiff_t i = 0; i < all->n; i++) {
        Contender *c = &all->v[i];
        CaseResult *res =
            run_add_case(r, distinct_name(r, c->name), "time", KIND_COMMAND, SIDE_HEAD);
        for (ptrdiff_t k = 0; k < c->params.n; k++)
            strmap_set(&r->arena, &res->params, arena_strdup(&r->arena, c->params.v[k].key),
                       arena_strdup(&r->arena, c->params.v[k].value));
        res->reference = i ? r->cases[0]->name : NULL;
        cases[i] = (LabCase){ .result = res, .pace = pace, .command = &c->spec };
    }
    return cases;
}

static PaceSpec pace_of(const TimeOpts *o)
{
    return (PaceSpec){ .trials = o->runs,
                       .duration = o->budget ? o->budget : 3 * NS_PER_S,
                       .warmups = o->warmup,
                       .precision = o->precision,
                       .min_trials = o->min_runs ? o->min_runs : MIN(10u, o->max_runs),
                       .max_trials = o->max_runs,
                       .shuffle = !o->in_order };
}

/* The checks name the keys of a suite; here they are options. */
static int check_specs(const TimeOpts *o, Err *err)
{
    PaceSpec pace = pace_of(o);
    if (pace_spec_check(&pace, err) < 0)
        return err_set(err, -EINVAL, "--max-runs: %u is less than --min-runs, which is %u",
                       o->max_runs, o->min_runs);
    int r = command_spec_check(&o->command, err);
    if (r == 0)
        return 0;
    Str what = str(err->msg), key;
    char flag[OPT_NAME_MAX], msg[ERR_MSG_MAX];
    str_cut(&what, ':', &key);
    snprintf(msg, sizeof msg, "%s:" STR_FMT, opt_flag(flag, opt_find(command_opts, key)),
             STR_ARG(what));
    return err_set(err, r, "%s", msg);
}

static int judge_time(const TimeOpts *o, Run *r, Err *err)
{
    JudgeOpts judge = { .confidence = o->confidence,
                        .min_effect = o->min_effect,
                        .fresh_pairs = true,
                        .strict = o->out.strict };
    TRY(run_summarise(r, err));
    return judge_competitors(r, &judge, &r->comparison, err);
}

typedef struct Look {
    const TimeOpts *o;
    Run *r;
} Look;

static int judge_so_far(void *arg, Err *err)
{
    const Look *x = arg;
    return judge_time(x->o, x->r, err);
}

static int measure(Ctx *ctx, const TimeOpts *o, const Contenders *all, Run *r, Store *store)
{
    Err err = { 0 };
    CLEANUP(launcher_freep) Launcher *launcher = NULL;
    PaceSpec pace = pace_of(o);
    r->stop_rule = lab_stop_rule(&r->arena, KIND_COMMAND, &pace);
    if (o->spend)
        r->stop_rule = lab_adaptive_rule(&r->arena, r->stop_rule, o->spend);
    r->confidence = o->confidence;
    r->min_effect = o->min_effect;
    if (launcher_new(&launcher, &err) < 0 || (store && store_run_begin(store, r, &err) < 0))
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    launcher_on_stop(launcher, ctx->stop);
    Lab lab = {
        .run = r, .store = store, .log = &ctx->log, .launcher = launcher, .stop = ctx->stop
    };
    lab.cases = plan_cases(ctx, r, all, &pace);
    lab.n_cases = all->n;
    Look look = { o, r };
    LabAdaptive adaptive = { .budget_ns = o->spend, .judge = judge_so_far, .arg = &look };
    lab.adaptive = o->spend ? &adaptive : NULL;
    if (lab_run(&lab, &err) < 0 || judge_time(o, r, &err) < 0)
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    int code = decide_exit(ctx, &o->out, r, lab.failed || lab.store_failed);
    return finish_run(ctx, &o->out, r, store, code);
}

static int time_run(Ctx *ctx, const StrList *pos, ptrdiff_t dashdash)
{
    const TimeOpts *o = ctx->own;
    Err err = { 0 };
    Contenders all = { 0 };
    if (o->out.json_stream)
        return cmd_usage(ctx, &cmd_time, "--json-stream follows loads: assay load, assay run");
    if (pos->n == 0)
        return cmd_usage(ctx, &cmd_time, "no command to time");
    if (dashdash > 0)
        return cmd_usage(ctx, &cmd_time, "either quoted commands or one behind --, not both");
    if (list_contenders(ctx, o, pos, dashdash, &all, &err) < 0 || check_specs(o, &err) < 0)
        return cmd_usage(ctx, &cmd_time, "%s", err.msg);
    int refused = check_outputs(ctx, &cmd_time, &o->out);
    if (refused)
        return refused;
    if (o->runs && o->budget)
        log_warn(&ctx->log, "--runs says how many rounds; --for has no effect");
    CLEANUP(store_closep) Store *store = NULL;
    CLEANUP(run_freep) Run *r = NULL;
    if (open_store(ctx, &o->out, ".", &store, &err) < 0 ||
        begin_run(ctx, &o->out, "time", ".", &r, &err) < 0)
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    return measure(ctx, o, &all, r, store);
}

const Cmd cmd_time = {
    .name = "time",
    .args = "'CMD A' ['CMD B' ...] | -- CMD [ARG...]",
    .summary = "time commands: interleaved, paired, with a verdict",
    .about =
        "Each round runs every command once, in balanced random order, so that drift of the "
        "machine hits\n"
        "all alike. Commands run without a shell (--shell brings one, and its cost). Wall time, "
        "CPU time,\n"
        "peak memory of the process tree, faults and switches are recorded for every run; the "
        "verdict\n"
        "rests on the paired log ratios of the rounds.\n\n"
        "Examples:\n"
        "  assay time 'gzip -kc data' 'zstd -c data'     which is faster, by how much, how sure?\n"
        "  assay time -n 50 --json out.json './build/app --version'\n"
        "  assay time --budget 30s 'gzip -kc data' 'pigz -kc data'   ends as soon as it is told\n"
        "  assay time --param level=1..9:4 'zstd -{level} -c data'\n"
        "  assay time --prepare 'sync' --shell 'make -j2 >/dev/null'\n"
        "  assay time -- python3 -c 'print(1)'           arguments as they are\n",
    .sets = time_sets,
    .run = time_run,
};
