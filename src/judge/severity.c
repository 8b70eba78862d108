#include "judge/severity.h"

#include <string.h>

static Str base_of(Str metric)
{
    ptrdiff_t dot = str_find_char(metric, '.');
    /* "target.cpu" is a name of its own; only what is behind a well-known name is a statistic */
    return dot > 0 && !metric_find(metric.ptr) ? str_slice(metric, 0, dot) : metric;
}

/* RULE_ANY covers the metrics whose bad direction is the sign of its change. A rule on a metric
 * covers all its rows; one on a statistic ("wall.p95") covers the row of that statistic where there
 * is one, else the metric's own row, which holds the trials' values. */
static bool covers(const Rule *rule, const CompareRow *row, bool has_own_row)
{
    Str rule_metric = str(rule->metric), metric = str(row->metric);
    if (str_eqz(rule_metric, RULE_ANY))
        return (rule->change >= 0) == (row->better == BETTER_LOWER);
    if (str_eq(rule_metric, metric) || str_eq(rule_metric, base_of(metric)))
        return true;
    return !has_own_row && str_eq(base_of(rule_metric), metric);
}

static bool has_row(const Comparison *c, const CompareRow *row, const char *metric)
{
    for (ptrdiff_t i = 0; i < c->n; i++)
        if (strcmp(c->rows[i].metric, metric) == 0 &&
            strcmp(c->rows[i].case_name, row->case_name) == 0)
            return true;
    return false;
}

/* "+20 %" is broken by growth, "-15 %" by loss. */
static bool is_broken(const Rule *rule, const CompareRow *row)
{
    double change = row->ratio - 1;
    return rule->change >= 0 ? change >= rule->change : change <= rule->change;
}

void severity_decide(const RuleSet *rules, const Comparison *c, CompareRow *row)
{
    if (row->verdict != VERDICT_REGRESSED)
        return;
    for (ptrdiff_t i = 0; i < rules->n; i++) {
        const Rule *rule = &rules->v[i];
        if (!covers(rule, row, has_row(c, row, rule->metric)) || !is_broken(rule, row) ||
            rule->severity <= row->severity)
            continue;
        row->severity = rule->severity;
        row->action = rule->action;
    }
}
