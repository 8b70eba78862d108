/* `rules` and `expect`. */
#include <errno.h>
#include <string.h>

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
    Vars vars;
    const char *path; /* "rules.critical" */
    Severity severity;
    Action action;
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
    Rule rule = { rr->severity, rr->action, arena_str(a, p->key->text), 0 };
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
    if (!rule_is_judged(&rule))
        warn_not_judged(rr, p->key, path);
    RuleSet *set = &rr->r->s->rules;
    ARENA_PUSH(a, set->v, set->n, set->cap, rule);
    return 0;
}

static int read_severity(SuiteReader *r, const YamlPair *p)
{
    RuleReader rr = { .r = r, .path = yaml_path(&r->s->arena, "rules", p->key->text) };
    rr.vars = (Vars){ .r = r, .path = rr.path };
    if (severity_parse(p->key->text.ptr, &rr.severity) < 0 || rr.severity == SEVERITY_NONE)
        return yaml_refuse(&r->diag, p->key, "rules",
                           "'%.40s' is none of critical, warning, notice", p->key->text.ptr);
    TRY(suite_want_map(r, p->value, rr.path));
    const YamlNode *map = vars_expand(&rr.vars, &r->s->arena, p->value);
    if (!map)
        return -EINVAL;
    rr.action = action_of[rr.severity];
    const YamlNode *action = yaml_get(map, "action");
    int bad = action ? read_action(&rr, action) : 0;
    YAML_EACH (q, map)
        if (q->value != action && read_change(&rr, q) < 0)
            bad = -EINVAL;
    if (map->n == (action ? 1 : 0))
        bad = yaml_refuse(&r->diag, p->value, rr.path,
                          "no metric is named; add one such as "
                          "'latency: +10%%'");
    return bad;
}

int rules_read(SuiteReader *r)
{
    const YamlNode *map = yaml_get(r->root, "rules");
    if (!map)
        return 0;
    TRY(suite_want_map(r, map, "rules"));
    int bad = 0;
    YAML_EACH (p, map)
        if (read_severity(r, p) < 0)
            bad = -EINVAL;
    return bad;
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
