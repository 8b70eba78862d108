#include "model/rule.h"

#include <math.h>
#include <string.h>

#include "base/fmt.h"
#include "model/expect.h"
#include "model/metric.h"
#include "model/names.h"

static const char *const severity_names[] = { "none", "notice", "warning", "critical" };
static const char *const action_names[] = { "none", "log", "review", "block" };

const RuleSet *rules_default(void)
{
    static Rule rows[] = {
        { SEVERITY_CRITICAL, ACTION_BLOCK, RULE_ANY, +0.10 },
        { SEVERITY_CRITICAL, ACTION_BLOCK, RULE_ANY, -0.10 },
        { SEVERITY_WARNING, ACTION_REVIEW, RULE_ANY, +0.05 },
        { SEVERITY_WARNING, ACTION_REVIEW, RULE_ANY, -0.05 },
    };
    static const RuleSet set = { .v = rows, .n = ARRAY_LEN(rows), .cap = ARRAY_LEN(rows) };
    return &set;
}

/* The well-known metric that the rule names, and the statistic behind it (ptr NULL: none). */
static const MetricDef *def_of(const Rule *r, Str *stat)
{
    Str name = str(r->metric);
    *stat = (Str){ 0 };
    for (const MetricDef *d = metric_defs; d->name; d++) {
        Str head = str(d->name);
        if (str_eq(name, head))
            return d;
    }
    for (const MetricDef *d = metric_defs; d->name; d++) {
        Str head = str(d->name);
        if (!str_starts(name, head) || name.ptr[head.len] != '.')
            continue;
        *stat = str_slice(name, head.len + 1, name.len);
        return d;
    }
    return NULL;
}

static bool is_any(const Rule *r)
{
    return str_eqz(str(r->metric), RULE_ANY);
}

int rule_check_metric(const Rule *r, Err *err)
{
    Str stat;
    if (is_any(r))
        return 0;
    const MetricDef *d = def_of(r, &stat);
    if (!d)
        return expect_refuse_metric(str(r->metric), NULL, err);
    if (stat.ptr)
        TRY(expect_check_stat(stat, err));
    if (d->better == BETTER_NONE)
        return err_set(err, -EINVAL, "%s has no direction, it can't regress", d->name);
    return 0;
}

int rule_check_sign(const Rule *r, Err *err)
{
    Str stat;
    const MetricDef *d = is_any(r) ? NULL : def_of(r, &stat);
    bool lower = d && d->better == BETTER_LOWER;
    if (!d || (r->change > 0) == lower)
        return 0;
    char n[FMT_MAX];
    return err_set(err, -EINVAL, "%s is better when %s: write %c%s", d->name,
                   better_name(d->better), lower ? '+' : '-', fmt_share_exact(n, fabs(r->change)));
}

/* Latencies have many values per trial, of which the median and two tails are kept. */
static bool is_distribution(const MetricDef *d)
{
    return strcmp(d->unit, "ns") == 0 && metric_of_kind(d, KIND_LOAD);
}

bool rule_is_judged(const Rule *r)
{
    static const char *const kept[] = { "median", "p50", "p95", "p99" };
    Str stat;
    const MetricDef *d = is_any(r) ? NULL : def_of(r, &stat);
    if (!d || d->better == BETTER_NONE)
        return is_any(r);
    if (!stat.ptr || !is_distribution(d))
        return !stat.ptr || !str_eqz(stat, "stddev");
    for (ptrdiff_t i = 0; i < ARRAY_LEN(kept); i++)
        if (str_eqz(stat, kept[i]))
            return true;
    return false;
}

const char *severity_name(Severity s)
{
    assert(s <= SEVERITY_CRITICAL);
    return severity_names[s];
}

const char *action_name(Action a)
{
    assert(a <= ACTION_BLOCK);
    return action_names[a];
}

int severity_parse(const char *text, Severity *ret)
{
    int i = name_index(severity_names, ARRAY_LEN(severity_names), text);
    if (i < 0)
        return i;
    *ret = (Severity)i;
    return 0;
}

int action_parse(const char *text, Action *ret)
{
    int i = name_index(action_names, ARRAY_LEN(action_names), text);
    if (i < 0)
        return i;
    *ret = (Action)i;
    return 0;
}
