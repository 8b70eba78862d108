/* `rules` and `expect`. */
#include <errno.h>
#include <string.h>

#include "base/fmt.h"
#include "model/history.h"
#include "model/suite_read.h"

/* ---------------------------------------------------------------------------------- rules */

static const Action action_of[] = {
    [SEVERITY_NONE] = ACTION_NONE,
    [SEVERITY_NOTICE] = ACTION_LOG,
    [SEVERITY_WARNING] = ACTION_REVIEW,
    [SEVERITY_CRITICAL] = ACTION_BLOCK,
};

typedef struct RuleReader {
    SuiteReader *r;
    const char *path; /* "rules.critical" */
    Severity severity;
    Action action;
    const char *cases; /* the benchmark they belong to; NULL: the suite */
    double min_change; /* ns */
    uint32_t min_samples;
} RuleReader;

static int want_scalar(SuiteReader *r, const YamlNode *n, const char *path, const char *wanted)
{
    char found[YAML_SHOW_MAX];
    if (n->kind == YAML_SCALAR && !yaml_is_null(n))
        return 0;
    return yaml_refuse(&r->diag, n, path, "wants %s, found %s", wanted, yaml_show(found, n));
}

static int read_action(RuleReader *rr, const YamlNode *n)
{
    const char *path = yaml_path(&rr->r->s->arena, rr->path, STR("action"));
    TRY(want_scalar(rr->r, n, path, "block, review or log"));
    if (action_parse(n->text.ptr, &rr->action) < 0)
        return yaml_refuse(&rr->r->diag, n, path, "'%.40s' is none of block, review, log",
                           n->text.ptr);
    return 0;
}

/* Such a rule names a figure that is shown, but never gets a verdict. */
static void warn_not_judged(RuleReader *rr, const YamlNode *key, const char *path)
{
    Arena *a = &rr->r->s->arena;
    strlist_add(a, &rr->r->s->warnings,
                arena_printf(a,
                             "%s:%d:%d: %s: never fires: of each trial only median, p95 and p99 of "
                             "latencies are kept, and one value of everything else",
                             rr->r->diag.file, key->line, key->column, path));
}

static int read_change(RuleReader *rr, const YamlPair *p)
{
    Arena *a = &rr->r->s->arena;
    const char *path = yaml_path(a, rr->path, p->key->text);
    TRY(want_scalar(rr->r, p->value, path, "a change such as +10%"));
    Str text = p->value->text;
    Err err = { 0 };
    Rule rule = { .severity = rr->severity,
                  .action = rr->action,
                  .metric = arena_str(a, p->key->text),
                  .cases = rr->cases,
                  .min_samples = rr->min_samples };
    if (rule_check_metric(&rule, &err) < 0)
        return yaml_refuse(&rr->r->diag, p->key, path, "%s", err.msg);
    if (fmt_parse_share(text, true, &rule.change, &err) < 0)
        return yaml_refuse(&rr->r->diag, p->value, path,
                           "'%.40s' is not a change such as +10%% or "
                           "-5%%",
                           text.ptr);
    if (text.ptr[0] != '+' && text.ptr[0] != '-')
        return yaml_refuse(&rr->r->diag, p->value, path,
                           "'%.40s' wants a sign: +%.40s is more, -%.40s is less", text.ptr,
                           text.ptr, text.ptr);
    if (rule.change == 0 || rule.change < -1)
        return yaml_refuse(&rr->r->diag, p->value, path,
                           "'%.40s' can't be a rule: a change is not 0, and no more than -100%%",
                           text.ptr);
    if (rule_check_sign(&rule, &err) < 0)
        return yaml_refuse(&rr->r->diag, p->value, path, "%s", err.msg);
    rule.min_change = rule_is_time(&rule) ? rr->min_change : 0;
    if (!rule_is_judged(&rule))
        warn_not_judged(rr, p->key, path);
    RuleSet *set = &rr->r->s->rules;
    ARENA_PUSH(a, set->v, set->n, set->cap, rule);
    return 0;
}

/* Keys of a severity that are no metrics. */
static bool is_setting(Str key)
{
    return str_eqz(key, "action") || str_eqz(key, "min_change") || str_eqz(key, "min_samples");
}

static int read_settings(RuleReader *rr, const YamlNode *map)
{
    Arena *a = &rr->r->s->arena;
    const YamlNode *action = yaml_get(map, "action"), *change = yaml_get(map, "min_change");
    const YamlNode *samples = yaml_get(map, "min_samples");
    uint64_t ns = 0;
    uint64_t n = 0;
    int bad = action ? read_action(rr, action) : 0;
    if (change && (change->kind != YAML_SCALAR || fmt_parse_duration(change->text, &ns, NULL) < 0))
        bad = yaml_refuse(&rr->r->diag, change, yaml_path(a, rr->path, STR("min_change")),
                          "wants a duration such as 50us");
    if (samples &&
        (samples->kind != YAML_SCALAR || str_to_u64(samples->text, &n) < 0 || n > UINT32_MAX))
        bad = yaml_refuse(&rr->r->diag, samples, yaml_path(a, rr->path, STR("min_samples")),
                          "wants a whole number");
    rr->min_change = (double)ns;
    rr->min_samples = (uint32_t)n;
    return bad;
}

static int read_severity(RuleReader *rr, const YamlPair *p, const char *above)
{
    SuiteReader *r = rr->r;
    rr->path = yaml_path(&r->s->arena, above, p->key->text);
    Vars vars = { .r = r, .path = rr->path };
    if (severity_parse(p->key->text.ptr, &rr->severity) < 0 || rr->severity == SEVERITY_NONE)
        return yaml_refuse(&r->diag, p->key, above, "'%.40s' is none of critical, warning, notice",
                           p->key->text.ptr);
    TRY(suite_want_map(r, p->value, rr->path));
    const YamlNode *map = vars_expand(&vars, &r->s->arena, p->value);
    if (!map)
        return -EINVAL;
    rr->action = action_of[rr->severity];
    int bad = read_settings(rr, map);
    ptrdiff_t metrics = 0;
    YAML_EACH (q, map) {
        if (is_setting(q->key->text))
            continue;
        metrics++;
        if (read_change(rr, q) < 0)
            bad = -EINVAL;
    }
    if (metrics == 0)
        bad = yaml_refuse(&r->diag, p->value, rr->path,
                          "no metric is named; add one such as "
                          "'latency: +10%%'");
    return bad;
}

/* A rule set by its name. */
static int use_named(RuleReader *rr, const YamlNode *n, const char *path)
{
    SuiteReader *r = rr->r;
    TRY(want_scalar(r, n, path, "the name of a rule set"));
    const RuleSet *named = rules_named(n->text);
    if (!named)
        return yaml_refuse(&r->diag, n, path,
                           "no rule set '%.40s'; there are tiered, magnitude and per-benchmark",
                           n->text.ptr);
    RuleSet *set = &r->s->rules;
    for (ptrdiff_t i = 0; i < named->n; i++) {
        Rule rule = named->v[i];
        rule.cases = rr->cases;
        ARENA_PUSH(&r->s->arena, set->v, set->n, set->cap, rule);
    }
    return 0;
}

static int use_all(RuleReader *rr, const YamlNode *n, const char *path)
{
    if (n->kind != YAML_SEQ)
        return use_named(rr, n, path);
    int bad = 0;
    for (ptrdiff_t i = 0; i < n->n; i++)
        if (use_named(rr, n->items[i], path) < 0)
            bad = -EINVAL;
    return bad;
}

typedef struct Exception {
    const char *cases, *metric, *reason, *until;
} Exception;

const Opt exception_opts[] = {
    OPT(Exception, cases, STR, .dflt = "*", .arg = "GLOB",
        .help = "cases or benchmarks that are excused"),
    OPT(Exception, metric, STR, .dflt = "*", .help = "metric that is excused, with its statistics"),
    OPT(Exception, reason, STR, .help = "why; must be given"),
    OPT(Exception, until, STR, .arg = "DATE", .help = "when it ends, such as 2026-12-31"),
    { .type = OPT_END },
};

static int read_exception(SuiteReader *r, const YamlNode *n)
{
    Exception e = { 0 };
    Arena *a = &r->s->arena;
    const YamlContext c = { &r->diag, "rules.ignore", NULL };
    const OptSet sets[] = { { exception_opts, &e }, { 0 } };
    static const double LAST_S = 9e9; /* in the year 2255: as ns it still is an int64_t */
    double until_s = 0;
    TRY(suite_want_map(r, n, c.path));
    opt_defaults(a, exception_opts, &e);
    TRY(opt_apply_yaml(a, sets, NULL, n, &c));
    if (!e.reason || !*e.reason)
        return yaml_refuse(&r->diag, n, c.path, "an exception wants a 'reason'");
    if (e.until &&
        (history_parse_time(str(e.until), &until_s) < 0 || !(until_s > 0) || until_s > LAST_S))
        return yaml_refuse(&r->diag, n, c.path, "until: '%.40s' is no date such as 2026-12-31",
                           e.until);
    RuleSet *set = &r->s->rules;
    Rule rule = { .metric = e.metric,
                  .cases = e.cases,
                  .reason = e.reason,
                  .until_wall_ns = (uint64_t)(until_s * 1e9) };
    ARENA_PUSH(a, set->v, set->n, set->cap, rule);
    return 0;
}

static int read_exceptions(SuiteReader *r, const YamlNode *n)
{
    if (n->kind != YAML_SEQ)
        return yaml_refuse(&r->diag, n, "rules.ignore", "wants a list of exceptions");
    int bad = 0;
    for (ptrdiff_t i = 0; i < n->n; i++)
        if (read_exception(r, n->items[i]) < 0)
            bad = -EINVAL;
    return bad;
}

static int read_rules(RuleReader *rr, const YamlNode *n, const char *path)
{
    if (n->kind != YAML_MAP)
        return use_all(rr, n, path);
    int bad = 0;
    YAML_EACH (p, n) {
        Str key = p->key->text;
        int one = str_eqz(key, "use")
                      ? use_all(rr, p->value, yaml_path(&rr->r->s->arena, path, key))
                  : str_eqz(key, "ignore") && !rr->cases ? read_exceptions(rr->r, p->value)
                                                         : read_severity(rr, p, path);
        if (one < 0)
            bad = -EINVAL;
    }
    return bad;
}

int rules_read(SuiteReader *r)
{
    const YamlNode *n = yaml_get(r->root, "rules");
    RuleReader rr = { .r = r };
    return n ? read_rules(&rr, n, "rules") : 0;
}

int rules_read_own(SuiteReader *r, const YamlNode *n, const char *benchmark, const char *path)
{
    RuleReader rr = { .r = r, .cases = benchmark };
    return n ? read_rules(&rr, n, yaml_path(&r->s->arena, path, STR("rules"))) : 0;
}

/* ----------------------------------------------------------------------------- expectations */

typedef struct ExpectPlace {
    SuiteReader *r;
    const char *path, *of;
    SuiteCase *c;
} ExpectPlace;

static int read_expect(const ExpectPlace *e, const YamlNode *key, const YamlNode *n)
{
    Arena *a = &e->r->s->arena;
    TRY(want_scalar(e->r, n, e->path, "a limit such as \"< 20ms\""));
    Expect made = { 0 };
    Err err = { 0 };
    const char *text = arena_printf(a, STR_FMT " " STR_FMT, STR_ARG(key->text), STR_ARG(n->text));
    if (expect_parse(a, str(text), &made, &err) < 0)
        return yaml_refuse(&e->r->diag, n, e->path, "%s%s%s%s", err.msg, n->from ? " (" : "",
                           n->from && e->of ? e->of : "", n->from ? ")" : "");
    if (expect_check(&made, e->c->kind, &err) < 0)
        return yaml_refuse(&e->r->diag, key, e->path, "%s", err.msg);
    ARENA_PUSH(a, e->c->expects, e->c->n_expects, e->c->cap_expects, made);
    return 0;
}

static int read_limits(const ExpectPlace *e, const YamlNode *key, const YamlNode *n)
{
    if (n->kind != YAML_SEQ)
        return read_expect(e, key, n);
    if (n->n == 0)
        return yaml_refuse(&e->r->diag, n, e->path, "an empty list of limits");
    for (ptrdiff_t i = 0; i < n->n; i++)
        TRY(read_expect(e, key, n->items[i]));
    return 0;
}

int expects_read(SuiteReader *r, const YamlNode *map, const char *path, const char *of,
                 SuiteCase *c)
{
    if (!map)
        return 0;
    TRY(suite_want_map(r, map, path));
    int bad = 0;
    YAML_EACH (p, map) {
        const ExpectPlace e = { r, yaml_path(&r->s->arena, path, p->key->text), of, c };
        if (read_limits(&e, p->key, p->value) < 0)
            bad = -EINVAL;
    }
    return bad;
}
