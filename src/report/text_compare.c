/* A comparison: one line per row with its interval, then in sentences what is worth saying. */
#include "report/text_run.h"

#include <math.h>
#include <string.h>

#include "base/fmt.h"

enum { SENTENCES_MAX = 12 };

Style verdict_style(Verdict v)
{
    switch (v) {
    case VERDICT_IMPROVED:
        return STYLE_GOOD;
    case VERDICT_REGRESSED:
    case VERDICT_INVALID:
        return STYLE_BAD;
    case VERDICT_INCONCLUSIVE:
        return STYLE_WARN;
    case VERDICT_UNCHANGED:
        break;
    }
    return STYLE_PLAIN;
}

/* Do all rows hold a command against the same other one? */
static bool one_reference(const Comparison *c)
{
    for (ptrdiff_t i = 0; i < c->n; i++)
        if (!words_competing(&c->rows[i]) ||
            strcmp(c->rows[i].reference, c->rows[0].reference) != 0)
            return false;
    return c->n > 0;
}

static const char *row_name(TextReport *tr, const Comparison *c, const CompareRow *row)
{
    return words_competing(row) && !one_reference(c)
               ? arena_printf(&tr->a, "%s against %s", row->case_name, row->reference)
               : row->case_name;
}

static void compare_row(TextReport *tr, TextTable *tt, const CompareRow *row, const char *name)
{
    Arena *a = &tr->a;
    Style s = verdict_style(row->verdict);
    table_add(tt, STYLE_PLAIN, "%s", name);
    table_add(tt, STYLE_PLAIN, "%s", words_metric(a, row->metric));
    table_add(tt, STYLE_DIM, "%s", words_value(a, row->value_a, row->metric, row->unit));
    table_add(tt, STYLE_PLAIN, "%s", words_value(a, row->value_b, row->metric, row->unit));
    table_add(tt, s == STYLE_PLAIN ? STYLE_BOLD : s, "%s", words_change(a, row));
    table_add(tt, STYLE_DIM, "%s", words_change_range(a, row));
    table_add(tt, s, "%s", words_outcome(row));
    table_add(tt, row_blocks(row) ? STYLE_BAD : STYLE_WARN, "%s", words_action(a, row));
    table_add(tt, STYLE_DIM, "%td", row->n);
}

static void compare_table(TextReport *tr, const Comparison *c)
{
    bool competing = one_reference(c);
    const TextCol cols[] = {
        { .head = competing ? "command" : "case", .own_line = true },
        { .head = "metric" },
        { .head = competing ? "reference" : "before", .right = true, .drop = 3 },
        { .head = competing ? "this" : "after", .right = true, .drop = 2 },
        { .head = "change", .right = true },
        { .head = "interval", .right = true, .drop = 1 },
        { .head = "verdict" },
        { .head = "rule" },
        { .head = "n", .right = true, .drop = 4 },
    };
    TextTable tt = table_new(&tr->a, &tr->t, cols, ARRAY_LEN(cols));
    const char *above = "";
    for (ptrdiff_t i = 0; i < c->n; i++) {
        const char *name = row_name(tr, c, &c->rows[i]);
        compare_row(tr, &tt, &c->rows[i], strcmp(name, above) == 0 ? "" : name);
        above = name;
    }
    table_print(&tt, &tr->t, 2);
}

/* benchstat's last line, per metric, said in words. */
static void geomeans(TextReport *tr, const Comparison *c)
{
    char buf[FMT_MAX];
    for (ptrdiff_t i = 0; i < c->n; i++) {
        bool seen = false;
        for (ptrdiff_t k = 0; k < i; k++)
            seen |= strcmp(c->rows[k].metric, c->rows[i].metric) == 0;
        ptrdiff_t n;
        double g = seen ? (double)NAN : rows_geomean(c, c->rows[i].metric, &n);
        if (!isnan(g) && !words_competing(&c->rows[i])) {
            text_addf(&tr->t, STYLE_DIM, "  %s, geometric mean over %td cases: %s",
                      words_metric(&tr->a, c->rows[i].metric), n, fmt_change(buf, g - 1));
            text_end(&tr->t);
        }
    }
}

static void sentences(TextReport *tr, const Comparison *c)
{
    ptrdiff_t said = 0, left = 0;
    for (ptrdiff_t i = 0; i < c->n; i++) {
        const CompareRow *row = &c->rows[i];
        bool first = i == 0 || strcmp(c->rows[i - 1].case_name, row->case_name) != 0;
        if (!words_worth_saying(row, first))
            continue;
        if (said >= SENTENCES_MAX && !tr->full) {
            left++;
            continue;
        }
        said++;
        text_wrap(&tr->t, 2, STYLE_DIM, "\xe2\x80\xa2 ", verdict_style(row->verdict),
                  words_verdict(&tr->a, c, row));
        if (row->note && !strstr(words_verdict(&tr->a, c, row), row->note))
            text_wrap(&tr->t, 4, STYLE_DIM, "note  ", STYLE_PLAIN, row->note);
    }
    const char *open = words_inconclusive(&tr->a, c);
    if (open)
        text_wrap(&tr->t, 2, STYLE_DIM, "\xe2\x80\xa2 ", STYLE_WARN, open);
    if (left) {
        text_addf(&tr->t, STYLE_DIM, "  and %td more", left);
        text_end(&tr->t);
    }
}

/* Competing commands: the answer first, then the figures. Everything else: figures, then what they
 * come to. */
void text_comparison(TextReport *tr, const Comparison *c)
{
    Arena *a = &tr->a;
    if (tr->r)
        text_end(&tr->t);
    text_wrap(&tr->t, 0, STYLE_HEAD, "Comparison  ", STYLE_DIM,
              arena_printf(a, "%s against %s", c->b ? c->b : "?", c->a ? c->a : "?"));
    if (c->about)
        text_wrap(&tr->t, 2, STYLE_DIM, "", STYLE_DIM, c->about);
    if (one_reference(c))
        sentences(tr, c);
    compare_table(tr, c);
    if (!one_reference(c)) {
        geomeans(tr, c);
        sentences(tr, c);
    }
    const char *tally = words_tally(a, c);
    text_wrap(&tr->t, 2, STYLE_PLAIN, "", verdict_style(c->verdict),
              *tally ? tally : "nothing to compare");
    text_wrap(&tr->t, 2, STYLE_PLAIN, "", STYLE_DIM,
              arena_printf(a, "%s intervals, smallest effect %s",
                           words_round(a, c->confidence, "share"),
                           words_round(a, c->min_effect, "share")));
}
