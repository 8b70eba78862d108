#include "judge/severity.h"

/* RULE_ANY covers the metrics whose bad direction is the sign of its change. */
static bool covers(const Rule *rule, const CompareRow *row)
{
    Str rule_metric = str(rule->metric), metric = str(row->metric);
    if (str_eqz(rule_metric, RULE_ANY))
        return (rule->change >= 0) == (row->better == BETTER_LOWER);
    if (str_eq(rule_metric, metric))
        return true;
    ptrdiff_t dot = str_find_char(metric, '.');
    return dot > 0 && str_eq(rule_metric, str_slice(metric, 0, dot));
}

/* "+20 %" is broken by growth, "-15 %" by loss. */
static bool is_broken(const Rule *rule, const CompareRow *row)
{
    double change = row->ratio - 1;
    return rule->change >= 0 ? change >= rule->change : change <= rule->change;
}

void severity_decide(const RuleSet *rules, CompareRow *row)
{
    if (row->verdict != VERDICT_REGRESSED)
        return;
    for (ptrdiff_t i = 0; i < rules->n; i++) {
        const Rule *rule = &rules->v[i];
        if (!covers(rule, row) || !is_broken(rule, row) || rule->severity <= row->severity)
            continue;
        row->severity = rule->severity;
        row->action = rule->action;
    }
}
