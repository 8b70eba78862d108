/* assay run: a suite. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/port.h"
#include "cmd/against.h"
#include "cmd/cmd.h"
#include "cmd/functions.h"
#include "cmd/gate.h"
#include "cmd/live.h"
#include "cmd/runs.h"
#include "cmd/vocab.h"
#include "drivers/drivers.h"
#include "harness/harness.h"
#include "lab/lab.h"
#include "probe/probe.h"

typedef struct RunOpts {
    const char *against, *baseline, *promote;
    uint64_t budget;
    BaselineLimits limits;
    StrMap set;
    bool quick, list, allow_large;
    OutputOpts out;
} RunOpts;

static const Opt run_opts[] = {
    { .type = OPT_HEAD, .name = "Suite" },
    OPT(RunOpts, list, BOOL, .letter = 'l', .help = "list the cases and measure nothing"),
    OPT(RunOpts, set, MAP, .letter = 's', .arg = "KEY=VALUE",
        .help = "a parameter or default instead of the suite's"),
    OPT(RunOpts, quick, BOOL, .help = "few and short trials: a look, not a measurement"),
    OPT(RunOpts, allow_large, BOOL, .help = "more than 10000 cases"),
    { .type = OPT_HEAD, .name = "Judging" },
    OPT(RunOpts, against, STR, .arg = "REF|DIR",
        .help = "build that revision too and run every case paired with it"),
    OPT(RunOpts, baseline, STR, .arg = "NAME",
        .help = "judge against a stored baseline, or by the merge base: @merge-base[:REF], or a "
                "branch's name"),
    OPT(RunOpts, budget, NS,
        .help =
            "rounds of pairs in all for so long, whatever the suite says; a pair that is decided "
            "gets no more"),
    OPT(RunOpts, promote, STR, .arg = "NAME",
        .help = "a green run on the baseline's branch becomes this baseline"),
    { .type = OPT_END },
};

static const OptSet *run_sets(Ctx *ctx)
{
    RunOpts *o = ARENA_NEW(&ctx->arena, RunOpts);
    OptSet *sets = ARENA_ARRAY(&ctx->arena, OptSet, 4);
    sets[0] = (OptSet){ run_opts, o };
    sets[1] = (OptSet){ baseline_limit_opts, &o->limits };
    sets[2] = (OptSet){ output_opts, &o->out };
    ctx->own = o;
    return sets;
}

/* Everything that one run of a suite holds together. */
typedef struct Session {
    Ctx *ctx;
    const RunOpts *o;
    Suite *suite;
    Run *run;
    Run *base_run; /* --baseline, loaded before anything is measured */
    const char *base_about;
    Store *store;
    Launcher *launcher;
    Against against;
    Suite *base_suite;        /* the other side's, where loads are paired; else NULL */
    const SuiteCase **chosen; /* [n_chosen] */
    ptrdiff_t n_chosen;
    LabService *services;
    ptrdiff_t n_services;
    LabCase *cases;
    ptrdiff_t n_cases, cap_cases;
    uint32_t *groups; /* [n_chosen] of commands and loads */
    uint32_t n_groups;
    FunctionPlan functions;
    LabProgram *programs; /* [functions.n_programs] */
} Session;

static void session_done(Session *s)
{
    against_close(&s->against);
    launcher_free(s->launcher);
    store_close(s->store);
    run_free(s->run);
    run_free(s->base_run);
    suite_free(s->base_suite);
    suite_free(s->suite);
}

static bool is_meant(const SuiteCase *c, const StrList *globs)
{
    for (ptrdiff_t i = 1; i < globs->n; i++)
        if (suite_case_matches(c, globs->v[i]))
            return true;
    return globs->n <= 1;
}

/* Without the loads that run beside it a load would be another measurement. */
static bool is_chosen(const Suite *suite, ptrdiff_t i, const StrList *globs)
{
    const SuiteCase *c = &suite->cases[i];
    bool chosen = is_meant(c, globs);
    for (ptrdiff_t k = 0; c->beside >= 0 && !chosen && k < suite->n_cases; k++)
        chosen = suite->cases[k].beside == c->beside && is_meant(&suite->cases[k], globs);
    return chosen;
}

static int choose_cases(Session *s, const StrList *pos, Err *err)
{
    Arena *a = &s->ctx->arena;
    s->chosen = ARENA_ARRAY(a, const SuiteCase *, s->suite->n_cases);
    for (ptrdiff_t i = 0; i < s->suite->n_cases; i++)
        if (is_chosen(s->suite, i, pos))
            s->chosen[s->n_chosen++] = &s->suite->cases[i];
    if (s->n_chosen)
        return 0;
    return err_set(err, -EINVAL, "no case of %s matches '%s' (assay run %s --list shows all)",
                   s->suite->path, pos->v[1], s->suite->path);
}

static void list_cases(const Session *s)
{
    for (ptrdiff_t i = 0; i < s->n_chosen; i++)
        printf("%-8s %s\n", kind_name(s->chosen[i]->kind), s->chosen[i]->name);
}

static bool is_used(const Session *s, const SuiteTarget *target)
{
    for (ptrdiff_t i = 0; i < s->n_chosen; i++)
        if (s->chosen[i]->target == target)
            return true;
    return false;
}

/* One lab service per target that has one and is used, and one on the other side of a load. */
static void plan_services(Session *s)
{
    const Suite *sides[] = { s->suite, s->base_suite };
    s->services = ARENA_ARRAY(&s->ctx->arena, LabService, 2 * s->suite->n_targets);
    for (ptrdiff_t side = 0; side < 2 && sides[side]; side++)
        for (ptrdiff_t t = 0; t < s->suite->n_targets; t++) {
            const SuiteTarget *target = &sides[side]->targets[t];
            bool wanted = target->has_service && is_used(s, &s->suite->targets[t]);
            if (!wanted || (side && !target->service.start))
                continue;
            s->services[s->n_services++] =
                (LabService){ .name = side ? arena_printf(&s->ctx->arena, "%s (%s)", target->name,
                                                          s->against.label)
                                           : target->name,
                              .url = target->url,
                              .dir = sides[side]->dir,
                              .spec = &target->service };
        }
}

static LabService *service_of(Session *s, const SuiteTarget *target)
{
    for (ptrdiff_t i = 0; target && i < s->n_services; i++)
        if (s->services[i].spec == &target->service)
            return &s->services[i];
    return NULL;
}

static CaseResult *add_result(Session *s, const SuiteCase *c, Side side)
{
    CaseResult *r = run_add_case(s->run, c->name, c->benchmark, c->kind, side);
    r->component = c->component;
    r->params = c->params;
    for (ptrdiff_t i = 0; side == SIDE_HEAD && i < c->n_expects; i++)
        ARENA_PUSH(&s->run->arena, r->expects, r->n_expects, r->cap_expects, c->expects[i]);
    if (c->rival_of >= 0 && side == SIDE_HEAD)
        r->reference = s->suite->cases[c->rival_of].name;
    return r;
}

static CommandSpec command_of(const Session *s, const SuiteCase *c)
{
    CommandSpec spec = c->command;
    if (!spec.cwd)
        spec.cwd = s->suite->dir;
    return spec;
}

static bool same_group(const SuiteCase *a, const SuiteCase *b)
{
    return (a->group >= 0 && a->group == b->group) || (a->beside >= 0 && a->beside == b->beside);
}

/* Competitors share a group, as do loads side by side; else each case is a group of its own. */
static uint32_t group_of(Session *s, ptrdiff_t i)
{
    for (ptrdiff_t k = 0; k < i; k++)
        if (same_group(s->chosen[i], s->chosen[k]))
            return s->groups[k];
    return s->n_groups++;
}

static void push_case(Session *s, LabCase c)
{
    ARENA_PUSH(&s->ctx->arena, s->cases, s->n_cases, s->cap_cases, c);
}

static LabCase lab_case(Session *s, const SuiteCase *c, CaseResult *r, uint32_t group)
{
    const Driver *driver = kind_is_load(c->kind) ? driver_find(c->target->driver->name) : NULL;
    return (LabCase){ .result = r,
                      .pace = &c->pace,
                      .group = group,
                      .load = kind_is_load(c->kind) ? &c->load : NULL,
                      .driver = driver,
                      .target_opts = c->target_opts,
                      .request_opts = c->request_opts,
                      .service = service_of(s, c->target) };
}

/* A sign test of ten rounds can tell with the figures of a load corrected for each other. */
enum { PAIRED_LOAD_TRIALS = 10 };

static const PaceSpec *paired_pace(Session *s, const PaceSpec *pace)
{
    PaceSpec *p = ARENA_NEW(&s->ctx->arena, PaceSpec);
    *p = *pace;
    p->trials = p->trials ? p->trials : PAIRED_LOAD_TRIALS;
    return p;
}

static void push_load(Session *s, const SuiteCase *c, const Suite *of, uint32_t group, Side side)
{
    LabCase lab = lab_case(s, c, add_result(s, c, side), group);
    lab.beside = c->beside >= 0 ? &of->cases[c->beside] : NULL;
    if (s->base_suite)
        lab.pace = paired_pace(s, &c->pace);
    push_case(s, lab);
}

static void plan_load(Session *s, const SuiteCase *c, uint32_t group)
{
    push_load(s, c, s->suite, group, SIDE_HEAD);
    if (!s->against.dir)
        return;
    if (s->base_suite && c->target->service.start && !c->load.find_rate)
        push_load(s, &s->base_suite->cases[c - s->suite->cases], s->base_suite, group, SIDE_BASE);
    else
        log_warn(&s->ctx->log, "%s: %s; measured on this side only", c->name,
                 c->load.find_rate
                     ? "a search for a rate is not paired"
                     : "its target is not started by the suite, so there is no other side");
}

static void plan_command(Session *s, const SuiteCase *c, uint32_t group)
{
    CommandSpec *specs = ARENA_ARRAY(&s->ctx->arena, CommandSpec, 2);
    specs[0] = command_of(s, c);
    LabCase head = lab_case(s, c, add_result(s, c, SIDE_HEAD), group);
    head.command = &specs[0];
    push_case(s, head);
    if (!s->against.dir)
        return;
    specs[1] = against_command(s->ctx, s->suite, &s->against, &specs[0]);
    LabCase base = lab_case(s, c, add_result(s, c, SIDE_BASE), group);
    base.command = &specs[1];
    push_case(s, base);
}

static LabHarness *new_harness(Session *s, const SuiteCase *c, Side side)
{
    LabHarness *h = ARENA_NEW(&s->ctx->arena, LabHarness);
    *h = (LabHarness){ .format = c->harness.format,
                       .result = c->harness.result,
                       .prefix = c->name,
                       .benchmark = c->benchmark,
                       .component = c->component,
                       .params = &c->params,
                       .expects = c->expects,
                       .n_expects = c->n_expects,
                       .side = side };
    for (ptrdiff_t i = 0; c->rival_of >= 0 && i < s->n_cases; i++)
        if (s->cases[i].harness && s->cases[i].harness->side == side &&
            s->cases[i].harness->params == &s->suite->cases[c->rival_of].params)
            h->rival = s->cases[i].harness;
    return h;
}

/* Its results are cases that show when it has run: this one stands for the execution. */
static void push_harness(Session *s, const SuiteCase *c, uint32_t group, Side side,
                         const CommandSpec *spec)
{
    Arena *a = &s->run->arena;
    CaseResult *stand_in = ARENA_NEW(a, CaseResult);
    *stand_in = (CaseResult){ .name = arena_strdup(a, c->name),
                              .benchmark = arena_strdup(a, c->benchmark),
                              .kind = KIND_HARNESS,
                              .side = side };
    LabCase lab = lab_case(s, c, stand_in, group);
    lab.command = spec;
    lab.harness = new_harness(s, c, side);
    push_case(s, lab);
}

static void plan_harness(Session *s, const SuiteCase *c, uint32_t group)
{
    CommandSpec *specs = ARENA_ARRAY(&s->ctx->arena, CommandSpec, 2);
    specs[0] = command_of(s, c);
    push_harness(s, c, group, SIDE_HEAD, &specs[0]);
    if (!s->against.dir)
        return;
    specs[1] = against_command(s->ctx, s->suite, &s->against, &specs[0]);
    push_harness(s, c, group, SIDE_BASE, &specs[1]);
}

/* Which functions there are is asked of the program; competing ones share a scope. */
static int plan_functions(Session *s, const SuiteCase *c, Err *err)
{
    const Suite *suite = s->suite;
    FunctionSource src = { .spec = &c->function,
                           .pace = &c->pace,
                           .cwd = suite->dir,
                           .benchmark = c->benchmark,
                           .prefix = c->name,
                           .scope = c->rival_of >= 0 ? &suite->cases[c->rival_of] : c,
                           .component = c->component,
                           .params = &c->params,
                           .expects = c->expects,
                           .n_expects = c->n_expects };
    int r = functions_plan(s->ctx, s->run, &src, &s->functions, err);
    if (r == 0 && s->against.dir) {
        FunctionSpec *spec = ARENA_NEW(&s->ctx->arena, FunctionSpec);
        *spec = against_function(s->ctx, suite, &s->against, &c->function);
        src.spec = spec;
        src.side = SIDE_BASE;
        r = functions_plan(s->ctx, s->run, &src, &s->functions, err);
    }
    return r < 0 ? err_wrap(err, "%s:%d: benchmarks.%s", suite->path, c->line, c->benchmark) : 0;
}

static int plan_cases(Session *s, Err *err)
{
    s->groups = ARENA_ARRAY(&s->ctx->arena, uint32_t, s->n_chosen);
    for (ptrdiff_t i = 0; i < s->n_chosen; i++) {
        const SuiteCase *c = s->chosen[i];
        if (c->kind == KIND_FUNCTION)
            continue;
        s->groups[i] = group_of(s, i);
        if (c->kind == KIND_COMMAND)
            plan_command(s, c, s->groups[i]);
        else if (c->kind == KIND_HARNESS)
            plan_harness(s, c, s->groups[i]);
        else
            plan_load(s, c, s->groups[i]);
    }
    s->functions.next_group = s->n_groups;
    for (ptrdiff_t i = 0; i < s->n_chosen; i++)
        if (s->chosen[i]->kind == KIND_FUNCTION)
            TRY(plan_functions(s, s->chosen[i], err));
    s->programs = functions_programs(s->ctx, &s->functions);
    for (ptrdiff_t i = 0; i < s->functions.n; i++)
        push_case(s, s->functions.cases[i]);
    return 0;
}

static bool needs_launcher(const Session *s)
{
    for (ptrdiff_t i = 0; i < s->n_chosen; i++)
        if (s->chosen[i]->kind == KIND_COMMAND || s->chosen[i]->kind == KIND_HARNESS ||
            s->chosen[i]->function.meter == METER_SIMULATED)
            return true;
    return false;
}

static uint64_t budget_of(const Session *s)
{
    return s->o->budget ? s->o->budget : s->suite->budget;
}

/* What the run keeps of the suite, so that it can be judged again from the store alone. */
static void describe_run(Session *s)
{
    Run *r = s->run;
    const Suite *suite = s->suite;
    r->suite_path = arena_strdup(&r->arena, suite->path);
    r->rules = suite->rules;
    r->min_effect = suite->min_effect;
    r->confidence = suite->confidence;
    r->correction = (Correction)suite->correction;
    r->against = s->against.label;
    CLEANUP(strbuf_done) StrBuf rules = { .max = 4096 };
    for (ptrdiff_t i = 0; i < s->n_chosen; i++) {
        const char *rule = lab_stop_rule(&r->arena, s->chosen[i]->kind, &s->chosen[i]->pace);
        if (str_find(strbuf_str(&rules), str(rule)) < 0)
            strbuf_addf(&rules, "%s%s", rules.len ? "; " : "", rule);
    }
    r->stop_rule = arena_strdup(&r->arena, strbuf_z(&rules));
    if (budget_of(s))
        r->stop_rule = lab_adaptive_rule(&r->arena, r->stop_rule, budget_of(s));
}

static int check_format(const SuiteCase *c, Err *err)
{
    if (!c->harness.format || harness_find(c->harness.format))
        return 0;
    return err_set(err, -EINVAL, "no format '%s' (assay import --list names them)",
                   c->harness.format);
}

static int check_load(const SuiteCase *c, Err *err)
{
    return driver_check(driver_find(c->target->driver->name), c->target_opts, c->request_opts,
                        &c->load, err);
}

/* What drivers and harnesses say of their options, before any server is started for nothing. */
static int check_cases(Session *s, Err *err)
{
    for (ptrdiff_t i = 0; i < s->n_chosen; i++) {
        const SuiteCase *c = s->chosen[i];
        int r = kind_is_load(c->kind)     ? check_load(c, err)
                : c->kind == KIND_HARNESS ? check_format(c, err)
                                          : 0;
        if (r < 0)
            return err_set(err, r, "%s:%d: benchmarks.%s: %s", s->suite->path, c->line,
                           c->benchmark, arena_strdup(&s->ctx->arena, err->msg));
    }
    return 0;
}

static int load_baseline(Session *s)
{
    if (!s->o->baseline)
        return ASSAY_OK;
    Testbed here = { 0 };
    testbed_read(&s->ctx->arena, &here);
    GateAsk ask = { .store = store_place(s->ctx, s->o->out.store, s->suite->dir),
                    .dir = s->suite->dir,
                    .name = s->o->baseline,
                    .suite = s->suite->name,
                    .fingerprint = here.fingerprint,
                    .limits = &s->o->limits };
    return gate_baseline(s->ctx, &ask, &s->base_run, &s->base_about);
}

static int judge_run(Session *s, Err *err)
{
    Run *r = s->run;
    TriageList said = { 0 };
    if (s->o->against || s->base_run)
        gate_triage(s->ctx, s->o->out.store, s->suite->dir, &said);
    if (s->o->against)
        gate_triage_of_pairs(s->ctx, s->suite->dir, s->against.commit, &said);
    JudgeOpts judge = { .triage = &said,
                        .confidence = r->confidence,
                        .min_effect = r->min_effect,
                        .rules = &r->rules,
                        .correction = r->correction,
                        .fresh_pairs = true,
                        .strict = s->o->out.strict };
    Comparison *gate = NULL, *contest = NULL;
    TRY(run_summarise(r, err));
    TRY(judge_sides(r, &judge, &gate, err));
    TRY(judge_competitors(r, &judge, &contest, err));
    judge.fresh_pairs = false;
    if (!gate && s->base_run) {
        TRY(judge_runs(s->base_run, r, &judge, &gate, err));
        gate->about = s->base_about;
        gate_warn_missing(s->ctx, gate);
    }
    r->comparison = judge_join(&r->arena, gate, contest);
    return 0;
}

static int judge_so_far(void *arg, Err *err)
{
    return judge_run(arg, err);
}

static SuiteFlags suite_flags(const Session *s)
{
    return (SuiteFlags){ .sets = s->o->set,
                         .allow_large = s->o->allow_large,
                         .quick = s->o->quick,
                         .free_port = port_free };
}

/* Loads of servers that the suite starts have another side, too. */
static int pair_loads(Session *s, Err *err)
{
    bool any = false;
    for (ptrdiff_t i = 0; i < s->n_chosen; i++)
        any |= s->chosen[i]->kind == KIND_LOAD && s->chosen[i]->target->service.start;
    if (!any)
        return 0;
    SuiteVocab vocab = drivers_vocab(&s->ctx->arena);
    SuiteFlags flags = suite_flags(s);
    return against_suite(s->ctx, s->suite, &s->against, &vocab, &flags, &s->base_suite, err);
}

/* Everything that can be refused is refused before anything is measured. */
static int prepare(Session *s, Err *err)
{
    if (needs_launcher(s) || s->o->against) {
        TRY(launcher_new(&s->launcher, err));
        launcher_on_stop(s->launcher, s->ctx->stop);
    }
    TRY(open_store(s->ctx, &s->o->out, s->suite->dir, &s->store, err));
    OutputOpts out = s->o->out;
    out.seed = out.seed ? out.seed : s->suite->has_seed ? s->suite->seed : 0;
    TRY(begin_run(s->ctx, &out, s->suite->name, s->suite->dir, &s->run, err));
    if (s->o->against) {
        TRY(against_open(s->ctx, s->suite, s->o->against, &s->against, err));
        TRY(against_build(s->ctx, s->launcher, s->suite, s->suite->dir, err));
        TRY(against_build(s->ctx, s->launcher, s->suite, s->against.dir, err));
        TRY(pair_loads(s, err));
    }
    describe_run(s);
    plan_services(s);
    TRY(plan_cases(s, err));
    return s->store ? store_run_begin(s->store, s->run, err) : 0;
}

static int measure(Session *s)
{
    Err err = { 0 };
    if (prepare(s, &err) < 0)
        return cmd_fail(s->ctx, ASSAY_FAILED, &err);
    Lab lab = { .run = s->run,
                .store = s->store,
                .log = &s->ctx->log,
                .launcher = s->launcher,
                .stop = s->ctx->stop,
                .cases = s->cases,
                .n_cases = s->n_cases,
                .services = s->services,
                .n_services = s->n_services,
                .programs = s->programs,
                .n_programs = s->functions.n_programs };
    LabAdaptive adaptive = { .budget_ns = budget_of(s), .judge = judge_so_far, .arg = s };
    lab.adaptive = adaptive.budget_ns ? &adaptive : NULL;
    if (follow_run(&s->o->out, &lab, &err) < 0)
        return cmd_fail(s->ctx, ASSAY_FAILED, &err);
    LiveShow *show = live_begin(s->ctx, &lab);
    int ran = lab_run(&lab, &err);
    live_end(show);
    follow_end(s->ctx, &lab);
    if (ran < 0 || judge_run(s, &err) < 0)
        return cmd_fail(s->ctx, ASSAY_FAILED, &err);
    functions_note_growth(s->run, &s->functions);
    int code = decide_exit(s->ctx, &s->o->out, s->run, lab.failed || lab.store_failed);
    code = finish_run(s->ctx, &s->o->out, s->run, s->store, code);
    if (!s->store)
        return code;
    const char *place = store_place(s->ctx, s->o->out.store, s->suite->dir);
    int promoted = gate_promote(s->ctx, place, s->o->promote, s->run);
    return code ? code : promoted;
}

static int load_suite(Session *s, const char *path, Err *err)
{
    SuiteVocab vocab = drivers_vocab(&s->ctx->arena);
    SuiteFlags flags = suite_flags(s);
    TRY(suite_load(&s->suite, path, &vocab, &flags, err));
    for (ptrdiff_t i = 0; i < s->suite->warnings.n; i++)
        log_warn(&s->ctx->log, "%s", s->suite->warnings.v[i]);
    return 0;
}

/* SUITE.yaml, or a folder with an assay.yaml, or ./assay.yaml. A first word that is no suite is a
 * CASE-GLOB. */
static StrList suite_and_globs(Ctx *ctx, const StrList *pos)
{
    StrList out = { 0 };
    const char *first = pos->n ? pos->v[0] : NULL;
    bool is_file = first && (str_ends(str(first), STR(".yaml")) ||
                             str_ends(str(first), STR(".yml")) || str_eqz(str(first), "-"));
    bool is_folder = first && !is_file && fs_is_dir(first);
    strlist_add(&ctx->arena, &out,
                is_file     ? first
                : is_folder ? arena_printf(&ctx->arena, "%s/assay.yaml", first)
                            : "assay.yaml");
    for (ptrdiff_t i = is_file || is_folder ? 1 : 0; i < pos->n; i++)
        strlist_add(&ctx->arena, &out, pos->v[i]);
    return out;
}

static int run_run(Ctx *ctx, const StrList *pos, ptrdiff_t dashdash)
{
    (void)dashdash;
    CLEANUP(session_done) Session s = { .ctx = ctx, .o = ctx->own };
    StrList words = suite_and_globs(ctx, pos);
    Err err = { 0 };
    int refused = check_outputs(ctx, &cmd_run, &s.o->out);
    if (refused)
        return refused;
    if (load_suite(&s, words.v[0], &err) < 0 || choose_cases(&s, &words, &err) < 0)
        return cmd_fail(ctx, ASSAY_USAGE, &err);
    if (s.o->list) {
        list_cases(&s);
        return ASSAY_OK;
    }
    int checked = check_cases(&s, &err);
    if (checked < 0)
        return cmd_fail(ctx, checked == -EINVAL ? ASSAY_USAGE : ASSAY_FAILED, &err);
    int code = load_baseline(&s);
    return code != ASSAY_OK ? code : measure(&s);
}

const Cmd cmd_run = {
    .name = "run",
    .args = "[SUITE.yaml] [CASE-GLOB...]",
    .summary = "run a suite: measure, judge, store, report",
    .about = "Runs the cases of a suite (default ./assay.yaml; a folder stands for its "
             "assay.yaml), interleaved\n"
             "in balanced random order, stores every trial, and judges expectations, rules and "
             "contests.\n\n"
             "Examples:\n"
             "  assay run\n"
             "  assay run bench.yaml 'parse*' --set size=1MiB\n"
             "  assay run --against origin/main --report report.html\n"
             "  assay run --against origin/main --budget 10m\n"
             "  assay run --baseline main --report junit.xml\n"
             "  assay run --baseline @merge-base:origin/main\n"
             "  assay run --promote main\n",
    .sets = run_sets,
    .run = run_run,
};
