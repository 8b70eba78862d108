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
/* text_compare.c */
void text_comparison(TextReport *tr, const Comparison *c);
/* text.c: expectations, validity reasons and note of a case, as far as it has any. */
void text_case_foot(TextReport *tr, const CaseResult *c);

Style grade_style(Grade g);
Style verdict_style(Verdict v);
/* "✓", "▲", "✗" with `unicode`, by grade. */
const char *grade_mark(Grade g);
