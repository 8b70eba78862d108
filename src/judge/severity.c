#include "judge/severity.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"

static Str base_of(Str metric)
{
    ptrdiff_t dot = metric.len - 1;
    while (dot > 0 && metric.ptr[dot] != '.')
        dot--;
    /* "target.cpu" is a name of its own; only what is behind a well-known name is a statistic */
    return dot > 0 && !metric_find(metric.ptr) ? str_slice(metric, 0, dot) : metric;
}

/* RULE_ANY covers the metrics whose bad direction is the sign of its change. A rule on a metric
 * covers all its rows; one on a statistic ("wall.p95") covers the row of that statistic where there
 * is one, else the metric's own row where that says the same: the row holds one value per trial,
 * which is the mean and each quantile of a trial's single value, but only the median of many. */
static bool covers(const Rule *rule, const CompareRow *row, bool has_own_row, bool distribution)
{
    Str rule_metric = str(rule->metric), metric = str(row->metric);
    if (str_eqz(rule_metric, RULE_ANY))
        return (rule->change >= 0) == (row->better == BETTER_LOWER);
    if (str_eq(rule_metric, metric) || str_eq(rule_metric, base_of(metric)))
        return true;
    Str base = base_of(rule_metric);
    if (has_own_row || base.len == rule_metric.len || !str_eq(base, metric))
        return false;
    Str stat = str_slice(rule_metric, base.len + 1, rule_metric.len);
    if (distribution)
        return str_eqz(stat, "median") || str_eqz(stat, "p50");
    return !str_eqz(stat, "stddev"); /* one value has no spread */
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
    if (fabs(row->difference) < rule->min_change || row->n < rule->min_samples)
        return false;
    return rule->change >= 0 ? change >= rule->change : change <= rule->change;
}

static void excuse(const SeverityAsk *ask, const Rule *exception, CompareRow *row)
{
    char iso[CLOCK_ISO_MAX];
    row->severity = SEVERITY_NONE;
    row->action = ACTION_NONE;
    row->note = exception->until_wall_ns
                    ? arena_printf(ask->arena, "ignored until %.10s: %s",
                                   clock_iso(iso, exception->until_wall_ns), exception->reason)
                    : arena_printf(ask->arena, "ignored: %s", exception->reason);
}

void severity_decide(const SeverityAsk *ask, CompareRow *row, bool distribution)
{
    if (row->verdict != VERDICT_REGRESSED)
        return;
    const Rule **rules, *exception;
    ptrdiff_t n = rules_for(ask->rules, row->case_name, ask->arena, &rules);
    for (ptrdiff_t i = 0; i < n; i++) {
        const Rule *rule = rules[i];
        if (!covers(rule, row, has_row(ask->c, row, rule->metric), distribution) ||
            !is_broken(rule, row) || rule->severity <= row->severity)
            continue;
        row->severity = rule->severity;
        row->action = rule->action;
    }
    exception = rules_exception(ask->rules, row->case_name, row->metric, ask->at_wall_ns);
    if (exception && row->severity != SEVERITY_NONE)
        excuse(ask, exception, row);
}
