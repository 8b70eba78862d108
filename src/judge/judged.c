#include "judge/judged.h"

#include <math.h>
#include <string.h>

#include "stats/quantile.h"

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

static Figure figure_from(const MetricSummary *m, const char *name, const char *stat)
{
    const MetricDef *def = metric_find(m->name);
    return (Figure){ .name = name,
                     .metric = m->name,
                     .stat = stat,
                     .unit = m->unit,
                     .better = m->better,
                     .exact = def && def->exact,
                     .distribution = m->trials_p95 != NULL,
                     .floor = def ? def->min_floor : 0 };
}

/* Is `name` the metric, or the metric, a dot and a statistic? (ptr NULL: neither) */
static Str stat_behind(const char *name, const char *metric)
{
    Str s = str(name), head = str(metric);
    if (!str_starts(s, head) || (s.len > head.len && s.ptr[head.len] != '.'))
        return (Str){ 0 };
    return str_slice(s, MIN(head.len + 1, s.len), s.len);
}

/* The rule that names this statistic of the metric; any of its figures when `stat` is NULL. */
static const Rule *rule_on(const RuleSet *rules, const char *metric, const char *stat)
{
    for (ptrdiff_t i = 0; rules && i < rules->n; i++) {
        Str found = stat_behind(rules->v[i].metric, metric);
        bool other = metric_find(rules->v[i].metric) && strcmp(rules->v[i].metric, metric) != 0;
        if (found.ptr && !other && (!stat || str_eqz(found, stat)))
            return &rules->v[i];
    }
    return NULL;
}

/* Tails of a distribution: p99 of latency always, the others when a rule asks for them. */
static ptrdiff_t tails_of(const MetricSummary *m, const RuleSet *rules, Figure out[2])
{
    ptrdiff_t n = 0;
    const Rule *p99 = rule_on(rules, m->name, "p99"), *p95 = rule_on(rules, m->name, "p95");
    if (m->trials_p99 && strcmp(m->name, "latency") == 0)
        out[n++] = figure_from(m, "latency.p99", "p99");
    else if (m->trials_p99 && p99)
        out[n++] = figure_from(m, p99->metric, "p99");
    if (m->trials_p95 && p95)
        out[n++] = figure_from(m, p95->metric, "p95");
    return n;
}

ptrdiff_t figures_of(const CaseResult *c, const RuleSet *rules, Figure out[FIGURES_MAX])
{
    bool only_headline = has_headline(c);
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < c->n_metrics && n + 3 <= FIGURES_MAX; i++) {
        const MetricSummary *m = &c->metrics[i];
        bool asked = is_headline(m->name) || rule_on(rules, m->name, NULL);
        if (m->better == BETTER_NONE || (only_headline && !asked))
            continue;
        out[n++] = figure_from(m, m->name, NULL);
        n += tails_of(m, rules, out + n);
    }
    return n;
}

const double *figure_values(const CaseResult *c, const Figure *f, ptrdiff_t *ret_n)
{
    const MetricSummary *m = case_find_metric(c, f->metric);
    if (!m)
        return NULL;
    *ret_n = m->n_trials;
    if (!f->stat)
        return m->trials;
    return strcmp(f->stat, "p95") == 0 ? m->trials_p95 : m->trials_p99;
}

double figure_median(Arena *a, const double *v, ptrdiff_t n)
{
    double *sorted = ARENA_ARRAY(a, double, MAX(n, (ptrdiff_t)1));
    if (n > 0)
        memcpy(sorted, v, (size_t)n * sizeof *v);
    sort_doubles(sorted, n);
    return median_sorted(sorted, count_numbers(sorted, n));
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
