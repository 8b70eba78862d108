/* The stages of a load, one line each: what was planned and what came of it. */
#include "report/text_run.h"

#include <math.h>
#include <string.h>

#include "base/fmt.h"

/* "up" of "up.scheduled", which every stage has; NULL else. */
static const char *stage_of(Arena *a, const char *metric)
{
    Str name = str(metric), tail = STR(".scheduled");
    return str_ends(name, tail) ? arena_str(a, str_slice(name, 0, name.len - tail.len)) : NULL;
}

static const MetricSummary *part(Arena *a, const CaseResult *c, const char *stage, const char *name)
{
    return case_find_metric(c, arena_printf(a, "%s.%s", stage, name));
}

static const char *count_text(Arena *a, const MetricSummary *m)
{
    return m && isfinite(m->figure) ? words_count(a, (uint64_t)llround(m->figure)) : "-";
}

static const char *figure_text(Arena *a, const MetricSummary *m, const char *name)
{
    return m ? words_value(a, m->figure, name, m->unit) : "-";
}

/* What was asked for: operations of an open stage, users of a closed one. */
static const char *asked_text(Arena *a, const CaseResult *c, const char *stage)
{
    const MetricSummary *planned = part(a, c, stage, "planned"),
                        *users = part(a, c, stage, "users");
    if (planned)
        return count_text(a, planned);
    return users ? arena_printf(a, "%s users", count_text(a, users)) : "-";
}

static void stage_row(TextReport *tr, TextTable *tt, const CaseResult *c, const char *stage)
{
    static const struct {
        double q;
        size_t at;
    } quantiles[] = { { 0.5, offsetof(MetricSummary, p50) },
                      { 0.95, offsetof(MetricSummary, p95) },
                      { 0.99, offsetof(MetricSummary, p99) },
                      { 1, offsetof(MetricSummary, max) } };
    Arena *a = &tr->a;
    const MetricSummary *latency = part(a, c, stage, "latency");
    table_add(tt, STYLE_BOLD, "%s", stage);
    table_add(tt, STYLE_DIM, "%s", asked_text(a, c, stage));
    table_add(tt, STYLE_PLAIN, "%s", count_text(a, part(a, c, stage, "scheduled")));
    table_add(tt, STYLE_PLAIN, "%s", figure_text(a, part(a, c, stage, "throughput"), "throughput"));
    table_add(tt, STYLE_PLAIN, "%s", figure_text(a, part(a, c, stage, "error_rate"), "error_rate"));
    for (ptrdiff_t i = 0; i < ARRAY_LEN(quantiles); i++) {
        const double *v = latency ? (const void *)((const char *)latency + quantiles[i].at) : NULL;
        table_add(tt, STYLE_PLAIN, "%s", v ? words_quantile(a, latency, quantiles[i].q, *v) : "-");
    }
}

bool text_is_stage_metric(const char *name)
{
    return metric_find_of_stage(name) != NULL;
}

void text_stages(TextReport *tr, const CaseResult *c)
{
    static const TextCol cols[] = {
        { .head = "stage" },
        { .head = "planned", .right = true, .drop = 4 },
        { .head = "due", .right = true, .drop = 3 },
        { .head = "answered", .right = true },
        { .head = "errors", .right = true, .drop = 1 },
        { .head = "p50", .right = true, .drop = 2 },
        { .head = "p95", .right = true },
        { .head = "p99", .right = true },
        { .head = "max", .right = true, .drop = 5 },
    };
    TextTable tt = table_new(&tr->a, &tr->t, cols, ARRAY_LEN(cols));
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < c->n_metrics; i++) {
        const char *stage = stage_of(&tr->a, c->metrics[i].name);
        if (stage)
            stage_row(tr, &tt, c, stage);
        n += stage != NULL;
    }
    if (n == 0)
        return;
    text_end(&tr->t);
    table_print(&tt, &tr->t, 2);
}
