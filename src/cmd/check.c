/* assay check: the gate. */
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/gate.h"
#include "cmd/runs.h"
#include "cmd/stores.h"

typedef struct CheckOpts {
    const char *baseline, *suite;
    BaselineLimits limits;
    OutputOpts out;
} CheckOpts;

static const Opt check_opts[] = {
    { .type = OPT_HEAD, .name = "Gate" },
    OPT(CheckOpts, baseline, STR, .arg = "NAME",
        .help =
            "judge against this baseline, or @merge-base[:REF]; else the suite's only one, else "
            "the one called main"),
    OPT(CheckOpts, suite, STR, .arg = "NAME", .help = "latest run of this suite"),
    { .type = OPT_END },
};

static const OptSet *check_sets(Ctx *ctx)
{
    CheckOpts *o = ARENA_NEW(&ctx->arena, CheckOpts);
    OptSet *sets = ARENA_ARRAY(&ctx->arena, OptSet, 4);
    sets[0] = (OptSet){ check_opts, o };
    sets[1] = (OptSet){ baseline_limit_opts, &o->limits };
    sets[2] = (OptSet){ output_opts, &o->out };
    ctx->own = o;
    return sets;
}

/* Which baseline speaks when none is named: the only one of this suite, else "main". NULL: none. */
static int default_baseline(Ctx *ctx, const CheckOpts *o, const Run *r, const char **ret, Err *err)
{
    *ret = NULL;
    const char *place = store_place(ctx, o->out.store, ".");
    CLEANUP(store_closep) Store *store = NULL;
    BaselineInfo *all;
    ptrdiff_t n, of_suite = 0;
    TRY(open_place(ctx, place, STORE_READ, &store, err));
    TRY(store_baseline_list(store, &ctx->arena, &all, &n, err));
    for (ptrdiff_t i = 0; i < n; i++) {
        if (strcmp(all[i].suite, r->suite) != 0)
            continue;
        if (of_suite++ == 0 || strcmp(all[i].name, "main") == 0)
            *ret = all[i].name;
    }
    if (of_suite > 1 && strcmp(*ret, "main") != 0)
        *ret = NULL;
    return 0;
}

/* Hold the run against a baseline, unless it carries fresh pairs: those are the better evidence. */
static int judge_baseline(Ctx *ctx, const CheckOpts *o, Run *r)
{
    Err err = { 0 };
    const char *name = o->baseline;
    if (!name && r->against)
        return ASSAY_OK;
    if (!name && default_baseline(ctx, o, r, &name, &err) < 0)
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    if (!name) {
        log_info(&ctx->log, "no baseline: expectations only");
        return ASSAY_OK;
    }
    CLEANUP(run_freep) Run *base = NULL;
    GateAsk ask = { .store = store_place(ctx, o->out.store, "."),
                    .dir = ".",
                    .name = name,
                    .suite = r->suite,
                    .not_run = r->id,
                    .fingerprint = r->testbed.fingerprint,
                    .limits = &o->limits };
    const char *about = NULL;
    int code = gate_baseline(ctx, &ask, &base, &about);
    if (code != ASSAY_OK)
        return code;
    TriageList said = { 0 };
    gate_triage(ctx, o->out.store, ".", &said);
    JudgeOpts judge = { .triage = &said,
                        .confidence = r->confidence,
                        .min_effect = r->min_effect,
                        .rules = &r->rules,
                        .correction = r->correction,
                        .strict = o->out.strict };
    Comparison *c = NULL;
    if (judge_runs(base, r, &judge, &c, &err) < 0)
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    c->about = about;
    gate_warn_missing(ctx, c);
    judge_keep_contest(r->comparison);
    r->comparison = judge_join(&r->arena, c, r->comparison);
    return ASSAY_OK;
}

static int check_run(Ctx *ctx, const StrList *pos, ptrdiff_t dashdash)
{
    (void)dashdash;
    const CheckOpts *o = ctx->own;
    Err err = { 0 };
    if (pos->n > 1)
        return cmd_usage(ctx, &cmd_check, "wants one run at most");
    int refused = check_outputs(ctx, &cmd_check, &o->out);
    if (refused)
        return refused;
    CLEANUP(run_freep) Run *r = NULL;
    int code = load_run_ref(ctx, o->out.store, pos->n ? pos->v[0] : "latest", o->suite, &r);
    if (code != ASSAY_OK)
        return code;
    if (r->interrupted || !r->finished_wall_ns) {
        err_set(&err, -1, "run %s %s: no gate is evaluated", r->id,
                r->interrupted ? "was interrupted" : "did not end (killed, or still going on)");
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    }
    code = judge_baseline(ctx, o, r);
    if (code != ASSAY_OK)
        return code;
    JudgeOpts judge = { .strict = o->out.strict };
    return finish_run(ctx, &o->out, r, NULL, judge_exit_code(r, &judge));
}

const Cmd cmd_check = {
    .name = "check",
    .args = "[RUN]",
    .summary = "the gate: expectations, rules and baseline, as an exit code",
    .about = "Judges the latest run (or RUN) by its expectations, and by its suite's rules against "
             "a baseline.\n"
             "Exits with 0 when all holds, 3 when an expectation broke, 4 when a rule blocks, 5 "
             "when the\n"
             "measurement is invalid, 6 (--strict) when the evidence does not decide.\n\n"
             "Examples:\n"
             "  assay check\n"
             "  assay check --baseline main --report junit.xml --md comment.md\n",
    .sets = check_sets,
    .run = check_run,
};
