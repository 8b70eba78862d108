/* Markdown for comments on pull requests: the answer in two lines and a table, everything else
 * folded away. GitHub's dialect; names stand in code spans, so that they cannot mention, link or
 * break the table. */
#include "report/formats.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "report/escape.h"
#include "report/words.h"

typedef struct Md {
    StrBuf *out;
    Arena a;
    const Run *r; /* NULL when a comparison stands alone */
    bool open;    /* details unfolded */
} Md;

/* " text |" with the text escaped. */
static void cell(Md *m, const char *text)
{
    strbuf_addc(m->out, ' ');
    escape_markdown(m->out, text);
    strbuf_addz(m->out, " |");
}

static void code_cell(Md *m, const char *text)
{
    strbuf_addc(m->out, ' ');
    markdown_code(m->out, text);
    strbuf_addz(m->out, " |");
}

static void value_cell(Md *m, double v, const char *metric, const char *unit)
{
    cell(m, words_value(&m->a, v, metric, unit));
}

static void begin_details(Md *m, const char *summary)
{
    strbuf_addf(m->out, "\n<details%s><summary>%s</summary>\n\n", m->open ? " open" : "", summary);
}

static void end_details(Md *m)
{
    strbuf_addz(m->out, "\n</details>\n");
}

static void verdict_cell(Md *m, const CompareRow *row)
{
    bool strong = row->verdict == VERDICT_REGRESSED || row->verdict == VERDICT_INVALID;
    const char *rule = words_action(&m->a, row);
    strbuf_addf(m->out, " %s%s%s%s%s |", strong ? "**" : "", words_outcome(row), strong ? "**" : "",
                *rule ? ": " : "", rule);
}

static void compare_row(Md *m, const CompareRow *row)
{
    strbuf_addz(m->out, "|");
    code_cell(m, row->case_name);
    cell(m, words_metric(&m->a, row->metric));
    value_cell(m, row->value_a, row->metric, row->unit);
    value_cell(m, row->value_b, row->metric, row->unit);
    cell(m, words_change(&m->a, row));
    cell(m, words_change_range(&m->a, row));
    verdict_cell(m, row);
    strbuf_addz(m->out, "\n");
}

static void compare_table(Md *m, const Comparison *c, bool settled)
{
    bool competing = c->n > 0 && words_competing(&c->rows[0]);
    strbuf_addf(m->out, "\n| case | metric | %s | %s | change | %s interval | verdict |\n",
                competing ? "reference" : "before", competing ? "this" : "after",
                words_round(&m->a, c->confidence, "share"));
    strbuf_addz(m->out, "|---|---|---:|---:|---:|---:|---|\n");
    for (ptrdiff_t i = 0; i < c->n; i++)
        if (settled || c->rows[i].verdict != VERDICT_UNCHANGED)
            compare_row(m, &c->rows[i]);
}

static void compare_notes(Md *m, const Comparison *c)
{
    bool first = true; /* a list needs a blank line in front */
    for (ptrdiff_t i = 0; i < c->n; i++) {
        const CompareRow *row = &c->rows[i];
        bool first_of_pair = i == 0 || strcmp(c->rows[i - 1].case_name, row->case_name) != 0;
        if (!words_worth_saying(row, first_of_pair))
            continue;
        const char *says = words_verdict(&m->a, c, row);
        strbuf_addz(m->out, first ? "\n- " : "- ");
        first = false;
        escape_markdown(m->out, says);
        if (row->note && !strstr(says, row->note)) {
            strbuf_addz(m->out, " (");
            escape_markdown(m->out, row->note);
            strbuf_addz(m->out, ")");
        }
        strbuf_addz(m->out, "\n");
    }
    const char *open = words_inconclusive(&m->a, c);
    if (open)
        strbuf_addf(m->out, "%s- %s\n", first ? "\n" : "", open);
}

/* Many unchanged rows are folded: what moved must be seen at once. */
static void comparison(Md *m, const Comparison *c)
{
    enum { ROWS_UNFOLDED = 12 };
    ptrdiff_t unchanged = 0;
    for (ptrdiff_t i = 0; i < c->n; i++)
        unchanged += c->rows[i].verdict == VERDICT_UNCHANGED;
    bool fold = c->n > ROWS_UNFOLDED && unchanged > 0 && unchanged < c->n;
    compare_table(m, c, !fold);
    compare_notes(m, c);
    if (fold) {
        begin_details(m, "All rows");
        compare_table(m, c, true);
        end_details(m);
    }
}

static void reason_lines(Md *m, const Validity *v)
{
    for (ptrdiff_t i = 0; i < v->n; i++) {
        strbuf_addf(m->out, "- **%s** ", grade_name(v->reasons[i].grade));
        markdown_code(m->out, v->reasons[i].code);
        strbuf_addz(m->out, ": ");
        escape_markdown(m->out, v->reasons[i].text);
        strbuf_addz(m->out, "\n");
    }
}

static void expectations(Md *m, const Run *r, RunTally n)
{
    if (n.expects == 0)
        return;
    if (!n.broken)
        begin_details(m, "Expectations");
    strbuf_addz(m->out, n.broken ? "\n" : "");
    strbuf_addz(m->out, "| case | expectation | value | held |\n|---|---|---:|---|\n");
    for (ptrdiff_t i = 0; i < r->n_cases; i++) {
        const CaseResult *c = r->cases[i];
        for (ptrdiff_t k = 0; c->side == SIDE_HEAD && c->expectations && k < c->n_expects; k++) {
            const ExpectResult *e = &c->expectations[k];
            strbuf_addz(m->out, "|");
            code_cell(m, c->name);
            code_cell(m, e->expr);
            cell(m, words_expected(&m->a, e, c->expects[k].metric));
            strbuf_addz(m->out, e->held ? " yes |\n" : " **no** |\n");
        }
    }
    if (!n.broken)
        end_details(m);
}

static void figure_row(Md *m, const CaseResult *c, const MetricSummary *s)
{
    strbuf_addz(m->out, "|");
    code_cell(m, c->name);
    cell(m, words_metric(&m->a, s->name));
    value_cell(m, s->p50, s->name, s->unit);
    cell(m, words_spread(&m->a, s->mean, s->stddev, s->unit));
    cell(m, words_extent(&m->a, s));
    value_cell(m, s->hist ? s->p95 : (double)NAN, s->name, s->unit);
    value_cell(m, s->hist ? s->p99 : (double)NAN, s->name, s->unit);
    cell(m, words_count(&m->a, (uint64_t)s->count));
    strbuf_addz(m->out, "\n");
}

static void figures(Md *m, const Run *r)
{
    begin_details(m, "All figures");
    strbuf_addz(m->out,
                "| case | metric | median | mean \xc2\xb1 \xcf\x83 | min \xe2\x80\xa6 max | "
                "p95 | p99 | n |\n|---|---|---:|---:|---:|---:|---:|---:|\n");
    for (ptrdiff_t i = 0; i < r->n_cases; i++)
        for (ptrdiff_t k = 0; r->cases[i]->side == SIDE_HEAD && k < r->cases[i]->n_metrics; k++)
            figure_row(m, r->cases[i], &r->cases[i]->metrics[k]);
    end_details(m);
}

static void fact(Md *m, const char *label, const char *text)
{
    if (!text)
        return;
    strbuf_addf(m->out, "- %s: ", label);
    escape_markdown(m->out, text);
    strbuf_addz(m->out, "\n");
}

static void reproduction(Md *m, const Run *r)
{
    begin_details(m, "How it was measured");
    fact(m, "run", arena_printf(&m->a, "%s, %s", r->id, words_time(&m->a, r->started_wall_ns)));
    fact(m, "tool", r->tool);
    fact(m, "suite", r->suite_path);
    fact(m, "commit", words_commit(&m->a, r));
    fact(m, "against", r->against);
    fact(m, "testbed", words_testbed(&m->a, &r->testbed));
    fact(m, "stop rule", r->stop_rule);
    fact(m, "seed", arena_printf(&m->a, "%llu", (unsigned long long)r->seed));
    end_details(m);
}

static void headline(Md *m, const Run *r, RunTally n)
{
    strbuf_addz(m->out, "### ");
    escape_markdown(m->out, r->suite);
    Grade tone;
    strbuf_addf(m->out, ": %s\n\n", run_outcome(r, &tone));
    strbuf_addf(m->out, "**%s** \xc2\xb7 %td case%s, %td trials", grade_name(r->validity.grade),
                n.cases, n.cases == 1 ? "" : "s", n.trials);
    if (n.expects)
        strbuf_addf(m->out, " \xc2\xb7 %td of %td expectations held", n.expects - n.broken,
                    n.expects);
    if (r->comparison && r->comparison->n)
        strbuf_addf(m->out, " \xc2\xb7 %s", words_tally(&m->a, r->comparison));
    strbuf_addz(m->out, "\n");
}

int report_markdown(const Run *r, const ReportOpts *o, StrBuf *out, Err *err)
{
    Md m = { .out = out, .r = r, .open = o->verbose };
    RunTally n = run_tally(r);
    headline(&m, r, n);
    if (r->validity.n) {
        strbuf_addz(out, "\n");
        reason_lines(&m, &r->validity);
    }
    if (r->comparison && r->comparison->n)
        comparison(&m, r->comparison);
    expectations(&m, r, n);
    figures(&m, r);
    reproduction(&m, r);
    arena_done(&m.a);
    return out->overflow ? err_set(err, -ENOMEM, "report grew too large") : 0;
}

int compare_markdown(const Comparison *c, const ReportOpts *o, StrBuf *out, Err *err)
{
    Md m = { .out = out, .open = o->verbose };
    strbuf_addz(out, "### ");
    markdown_code(out, c->b ? c->b : "?");
    strbuf_addz(out, " against ");
    markdown_code(out, c->a ? c->a : "?");
    strbuf_addf(out, ": %s\n\n%s\n", verdict_name(c->verdict),
                c->n ? words_tally(&m.a, c) : "nothing to compare");
    comparison(&m, c);
    arena_done(&m.a);
    return out->overflow ? err_set(err, -ENOMEM, "report grew too large") : 0;
}
