/* What a case has several of (stages, steps, passes): metrics whose names begin with the part's. */
#include "report/text_run.h"

#include <math.h>

#include "base/fmt.h"

const char *part_of(Arena *a, const char *metric, const char *tail)
{
    Str name = str(metric), end = str(tail);
    return str_ends(name, end) ? arena_str(a, str_slice(name, 0, name.len - end.len)) : NULL;
}

const MetricSummary *part_metric(Arena *a, const CaseResult *c, const char *part, const char *name)
{
    return case_find_metric(c, arena_printf(a, "%s.%s", part, name));
}

const char *part_count(Arena *a, const CaseResult *c, const char *part, const char *name)
{
    const MetricSummary *m = part_metric(a, c, part, name);
    return m && isfinite(m->figure) ? words_count(a, (uint64_t)llround(m->figure)) : "-";
}

const char *part_figure(Arena *a, const CaseResult *c, const char *part, const char *name)
{
    const MetricSummary *m = part_metric(a, c, part, name);
    return m ? words_value(a, m->figure, name, m->unit) : "-";
}

void part_quantiles(Arena *a, TextTable *tt, const MetricSummary *m)
{
    static const struct {
        double q;
        size_t at;
    } quantiles[] = { { 0.5, offsetof(MetricSummary, p50) },
                      { 0.95, offsetof(MetricSummary, p95) },
                      { 0.99, offsetof(MetricSummary, p99) },
                      { 1, offsetof(MetricSummary, max) } };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(quantiles); i++) {
        const double *v = m ? (const void *)((const char *)m + quantiles[i].at) : NULL;
        table_add(tt, STYLE_PLAIN, "%s", v ? words_quantile(a, m, quantiles[i].q, *v) : "-");
    }
}
