/* The stages of a load, one line each: what was planned and what came of it. */
#include "report/text_run.h"

/* What was asked for: operations of an open stage, users of a closed one. */
static const char *asked_text(Arena *a, const CaseResult *c, const char *stage)
{
    if (part_metric(a, c, stage, "planned"))
        return part_count(a, c, stage, "planned");
    return part_metric(a, c, stage, "users")
               ? arena_printf(a, "%s users", part_count(a, c, stage, "users"))
               : "-";
}

static void stage_row(TextReport *tr, TextTable *tt, const CaseResult *c, const char *stage)
{
    Arena *a = &tr->a;
    table_add(tt, STYLE_BOLD, "%s", stage);
    table_add(tt, STYLE_DIM, "%s", asked_text(a, c, stage));
    table_add(tt, STYLE_PLAIN, "%s", part_count(a, c, stage, "scheduled"));
    table_add(tt, STYLE_PLAIN, "%s", part_figure(a, c, stage, "throughput"));
    table_add(tt, STYLE_PLAIN, "%s", part_figure(a, c, stage, "error_rate"));
    part_quantiles(a, tt, part_metric(a, c, stage, "latency"));
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
        const char *stage = part_of(&tr->a, c->metrics[i].name, ".scheduled");
        if (stage)
            stage_row(tr, &tt, c, stage);
        n += stage != NULL;
    }
    if (n == 0)
        return;
    text_end(&tr->t);
    table_print(&tt, &tr->t, 2);
}
