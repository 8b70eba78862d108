/* Pieces of the terminal report. Each appends its part, with a blank line in front where it is a
 * paragraph of its own. */
#pragma once

#include "report/text_out.h"
#include "report/words.h"

typedef struct TextReport {
    TextOut t;
    Arena a;      /* scratch of this report */
    const Run *r; /* NULL when a comparison stands alone */
    bool full;    /* every case in full */
    bool verbose; /* every metric */
} TextReport;

/* text_command.c: all commands and functions of one side (the others are skipped). */
void text_commands(TextReport *tr, Side side);
/* text_load.c: a load (or stream) in full. */
void text_load(TextReport *tr, const CaseResult *c);
/* … and many of them as one table of a line each. */
void text_load_table(TextReport *tr, Side side);
/* text_stage.c: the stages of a load, when it has any; their metrics stand nowhere else. */
void text_stages(TextReport *tr, const CaseResult *c);
bool text_is_stage_metric(const char *name);
/* text_scenario.c: steps and passes of its scenarios, when it has any. */
void text_scenarios(TextReport *tr, const CaseResult *c);
/* Deliveries of a stream; nothing when it has none. */
void text_stream(TextReport *tr, const CaseResult *c);
/* text_parts.c: "up" of "up.scheduled" with the tail ".scheduled", else NULL; then the part's
 * metrics, as text "-" when there is none. */
const char *part_of(Arena *a, const char *metric, const char *tail);
const MetricSummary *part_metric(Arena *a, const CaseResult *c, const char *part, const char *name);
const char *part_count(Arena *a, const CaseResult *c, const char *part, const char *name);
const char *part_figure(Arena *a, const CaseResult *c, const char *part, const char *name);
/* Cells of p50, p95, p99 and the largest; `m` may be NULL. */
void part_quantiles(Arena *a, TextTable *tt, const MetricSummary *m);
/* text_compare.c */
void text_comparison(TextReport *tr, const Comparison *c);
/* text.c: expectations, validity reasons and note of a case, as far as it has any. */
void text_case_foot(TextReport *tr, const CaseResult *c);

Style grade_style(Grade g);
Style verdict_style(Verdict v);
/* "✓", "▲", "✗" with `unicode`, by grade. */
const char *grade_mark(Grade g);
