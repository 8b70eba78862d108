/* assay rules: what there is, and what applies to a case and why. */
#include <stdio.h>

#include "base/clock.h"
#include "base/port.h"
#include "cmd/cmd.h"
#include "cmd/vocab.h"

typedef struct RulesOpts {
    const char *suite;
} RulesOpts;

static const Opt rules_opts[] = {
    { .type = OPT_HEAD, .name = "Rules" },
    OPT(RulesOpts, suite, STR, .arg = "FILE", .dflt = "assay.yaml",
        .help = "suite that the case belongs to"),
    { .type = OPT_END },
};

static const OptSet *rules_sets(Ctx *ctx)
{
    RulesOpts *o = ARENA_NEW(&ctx->arena, RulesOpts);
    OptSet *sets = ARENA_ARRAY(&ctx->arena, OptSet, 2);
    sets[0] = (OptSet){ rules_opts, o };
    ctx->own = o;
    return sets;
}

static void print_rule(const Rule *r)
{
    char change[FMT_MAX], least[FMT_MAX];
    printf("  %-9s %-14s %-9s %s", severity_name(r->severity), r->metric,
           fmt_change(change, r->change), action_name(r->action));
    if (r->min_change > 0)
        printf("  from %s on", fmt_duration(least, r->min_change));
    if (r->min_samples)
        printf("  with %u samples", r->min_samples);
    putchar('\n');
}

static void print_set(const RuleSet *set)
{
    for (ptrdiff_t i = 0; i < set->n; i++)
        print_rule(&set->v[i]);
}

static void print_known(void)
{
    puts("Rules that apply where a suite has none:");
    print_set(rules_default());
    for (ptrdiff_t i = 0; rules_names[i]; i++) {
        printf("rules: %s\n", rules_names[i]);
        print_set(rules_named(str(rules_names[i])));
    }
    puts("A rule speaks only when the statistics do: the whole interval lies beyond the smallest "
         "effect.\n"
         "Metrics that are judged, their units and directions:");
    for (const MetricDef *m = metric_defs; m->name; m++)
        printf("  %-22s %-8s %-7s %s\n", m->name, m->unit, better_name(m->better), m->help);
}

static void print_exceptions(const Suite *s, const char *name)
{
    uint64_t now = clock_wall_ns();
    for (ptrdiff_t i = 0; i < s->rules.n; i++) {
        const Rule *r = &s->rules.v[i];
        char iso[CLOCK_ISO_MAX];
        if (!r->reason || !rule_is_about(r, name))
            continue;
        printf("  ignored   %-14s %s", r->metric, r->reason);
        if (r->until_wall_ns)
            printf(" (%s %.10s)", r->until_wall_ns > now ? "until" : "ended",
                   clock_iso(iso, r->until_wall_ns));
        putchar('\n');
    }
}

/* Whose rules they are: the benchmark's, the suite's or the built-in ones. */
static const char *origin(const Rule *first)
{
    const RuleSet *d = rules_default();
    if (first >= d->v && first < d->v + d->n)
        return "the built-in rules: the suite has none";
    return first->cases ? "rules of its benchmark, instead of the suite's" : "rules of the suite";
}

static void print_case(Ctx *ctx, const Suite *s, const SuiteCase *c)
{
    const Rule **rules;
    ptrdiff_t n = rules_for(&s->rules, c->name, &ctx->arena, &rules);
    printf("%s: %s\n", c->name, origin(rules[0]));
    for (ptrdiff_t i = 0; i < n; i++)
        print_rule(rules[i]);
    print_exceptions(s, c->name);
}

static int print_cases(Ctx *ctx, const RulesOpts *o, const char *glob)
{
    Err err = { 0 };
    CLEANUP(suite_freep) Suite *s = NULL;
    SuiteVocab vocab = drivers_vocab(&ctx->arena);
    SuiteFlags flags = { .free_port = port_free };
    if (suite_load(&s, o->suite, &vocab, &flags, &err) < 0)
        return cmd_fail(ctx, ASSAY_USAGE, &err);
    ptrdiff_t found = 0;
    for (ptrdiff_t i = 0; i < s->n_cases; i++)
        if (suite_case_matches(&s->cases[i], glob)) {
            print_case(ctx, s, &s->cases[i]);
            found++;
        }
    if (!found)
        return cmd_usage(ctx, &cmd_rules, "no case of %s matches '%s'", o->suite, glob);
    return ASSAY_OK;
}

static int rules_run(Ctx *ctx, const StrList *pos, ptrdiff_t dashdash)
{
    (void)dashdash;
    if (pos->n > 1)
        return cmd_usage(ctx, &cmd_rules, "wants one case at most");
    if (pos->n)
        return print_cases(ctx, ctx->own, pos->v[0]);
    print_known();
    return ASSAY_OK;
}

const Cmd cmd_rules = {
    .name = "rules",
    .args = "[CASE-GLOB]",
    .summary = "what is judged how: rule sets and metrics, or what applies to a case and why",
    .about = "Without a case: the rules of suites that have none, the rule sets that a suite can "
             "name, and\n"
             "the metrics. With one: the rules that speak of it, whose they are, and its "
             "exceptions.\n\n"
             "Examples:\n"
             "  assay rules\n"
             "  assay rules 'get-item/*' --suite shop.yaml\n",
    .sets = rules_sets,
    .run = rules_run,
};
