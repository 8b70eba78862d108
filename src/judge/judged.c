#include "judge/judged.h"

#include <math.h>
#include <string.h>

static bool is_headline(const char *name)
{
    const MetricDef *def = metric_find(name);
    return def && def->judged;
}

static bool has_headline(const CaseResult *c)
{
    for (ptrdiff_t i = 0; i < c->n_metrics; i++)
        if (is_headline(c->metrics[i].name))
            return true;
    return false;
}

static Figure figure_from(const MetricSummary *m, const char *name)
{
    const MetricDef *def = metric_find(m->name);
    return (Figure){ .name = name,
                     .metric = m->name,
                     .unit = m->unit,
                     .better = m->better,
                     .exact = def && def->exact,
                     .floor = def ? def->min_floor : 0 };
}

static bool is_ruled(const RuleSet *rules, const char *name)
{
    for (ptrdiff_t i = 0; rules && i < rules->n; i++)
        if (strcmp(rules->v[i].metric, name) == 0)
            return true;
    return false;
}

ptrdiff_t figures_of(const CaseResult *c, const RuleSet *rules, Figure out[FIGURES_MAX])
{
    bool only_headline = has_headline(c);
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < c->n_metrics && n + 2 < FIGURES_MAX; i++) {
        const MetricSummary *m = &c->metrics[i];
        if (m->better == BETTER_NONE || (only_headline && !is_headline(m->name)))
            continue;
        out[n++] = figure_from(m, m->name);
        if (strcmp(m->name, "latency") == 0 && m->trials_p99)
            out[n++] = figure_from(m, "latency.p99");
        if (strcmp(m->name, "latency") == 0 && m->trials_p95 && is_ruled(rules, "latency.p95"))
            out[n++] = figure_from(m, "latency.p95");
    }
    return n;
}

const double *figure_values(const CaseResult *c, const Figure *f, ptrdiff_t *ret_n)
{
    const MetricSummary *m = case_find_metric(c, f->metric);
    if (!m)
        return NULL;
    *ret_n = m->n_trials;
    if (str_ends(str(f->name), STR(".p95")))
        return m->trials_p95;
    return str_ends(str(f->name), STR(".p99")) ? m->trials_p99 : m->trials;
}

double log_offset(const double *a, ptrdiff_t n_a, const double *b, ptrdiff_t n_b, const char *unit)
{
    bool zero = false;
    for (ptrdiff_t i = 0; i < n_a; i++)
        zero |= a[i] <= 0;
    for (ptrdiff_t i = 0; i < n_b; i++)
        zero |= b[i] <= 0;
    if (!zero)
        return 0;
    return strcmp(unit, "share") == 0 ? 1e-4 : 0.5;
}

void log_values(const double *v, ptrdiff_t n, double offset, double *out)
{
    for (ptrdiff_t i = 0; i < n; i++)
        out[i] = isnan(v[i]) ? v[i] : log(MAX(v[i], 0.0) + offset);
}
