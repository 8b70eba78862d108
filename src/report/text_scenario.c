/* Scenarios of a load: their steps, and their passes and groups, one line each. */
#include "report/text_run.h"

static void steps(TextReport *tr, const CaseResult *c)
{
    static const TextCol cols[] = {
        { .head = "step" },
        { .head = "requests", .right = true },
        { .head = "errors", .right = true, .drop = 1 },
        { .head = "p50", .right = true, .drop = 2 },
        { .head = "p95", .right = true },
        { .head = "p99", .right = true },
        { .head = "max", .right = true, .drop = 3 },
    };
    Arena *a = &tr->a;
    TextTable tt = table_new(a, &tr->t, cols, ARRAY_LEN(cols));
    for (ptrdiff_t i = 0; i < c->n_metrics; i++) {
        const char *step = part_of(a, c->metrics[i].name, ".requests");
        if (!step)
            continue;
        table_add(&tt, STYLE_BOLD, "%s", step);
        table_add(&tt, STYLE_PLAIN, "%s", part_count(a, c, step, "requests"));
        table_add(&tt, STYLE_PLAIN, "%s", part_figure(a, c, step, "error_rate"));
        part_quantiles(a, &tt, part_metric(a, c, step, "latency"));
    }
    text_end(&tr->t);
    table_print(&tt, &tr->t, 2);
}

static void passes(TextReport *tr, const CaseResult *c)
{
    static const TextCol cols[] = {
        { .head = "pass" },
        { .head = "complete", .right = true },
        { .head = "failed", .right = true, .drop = 1 },
        { .head = "cut", .right = true, .drop = 4 },
        { .head = "p50", .right = true, .drop = 2 },
        { .head = "p95", .right = true },
        { .head = "p99", .right = true },
        { .head = "max", .right = true, .drop = 3 },
    };
    Arena *a = &tr->a;
    TextTable tt = table_new(a, &tr->t, cols, ARRAY_LEN(cols));
    for (ptrdiff_t i = 0; i < c->n_metrics; i++) {
        const char *span = part_of(a, c->metrics[i].name, ".passes");
        if (!span)
            continue;
        table_add(&tt, STYLE_BOLD, "%s", span);
        table_add(&tt, STYLE_PLAIN, "%s", part_count(a, c, span, "passes"));
        table_add(&tt, STYLE_PLAIN, "%s", part_count(a, c, span, "passes_failed"));
        table_add(&tt, STYLE_DIM, "%s", part_count(a, c, span, "passes_cut"));
        part_quantiles(a, &tt, part_metric(a, c, span, "duration"));
    }
    text_end(&tr->t);
    table_print(&tt, &tr->t, 2);
}

void text_scenarios(TextReport *tr, const CaseResult *c)
{
    bool any = false;
    for (ptrdiff_t i = 0; i < c->n_metrics; i++)
        any |= str_ends(str(c->metrics[i].name), STR(".requests"));
    if (!any)
        return;
    steps(tr, c);
    passes(tr, c);
}
