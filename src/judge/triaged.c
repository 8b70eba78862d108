#include "judge/triaged.h"

#include <math.h>

/* Has the figure gone further than what is covered? Then even the end of the interval that is
 * nearest to no change lies beyond. */
static bool is_beyond(const Rows *rows, const Triage *t, const CompareRow *row)
{
    double covered = 1 + t->change, effect = 1 + rows->c->min_effect;
    if (isnan(t->change))
        return false;
    return row->better == BETTER_LOWER ? row->ratio_low > covered * effect
                                       : row->ratio_high < covered / effect;
}

void triage_decide(const Rows *rows, CompareRow *row)
{
    TriageAsk ask = { .case_name = row->case_name,
                      .metric = row->metric,
                      .run_id = rows->run_id,
                      .at_wall_ns = rows->at_wall_ns,
                      .reference_wall_ns = rows->reference_wall_ns };
    const Triage *t = NULL;
    if (row->verdict == VERDICT_REGRESSED && !rows->ruleless)
        t = triage_find(rows->opts->triage, &ask);
    if (!t)
        return;
    const char *words = triage_words(t, rows->arena);
    if (is_beyond(rows, t, row)) {
        row->note = arena_printf(rows->arena, "goes beyond what was %s", words);
        return;
    }
    row->triage = triage_name(t->kind);
    row->action = ACTION_NONE;
    row->note = words;
}
