/* The report people read in the terminal: what was measured, how far to trust it, what it comes to.
 *
 * Reading order is the order of questions: which run, is it valid, the figures, the verdict, the
 * gate. A few cases are shown in full; many become tables of one line each, with the troubled ones
 * explained below. The last line says what the exit code says. */
#include "report/formats.h"
#include "report/text_run.h"

#include <errno.h>

enum { CASES_IN_FULL = 6 };

Style grade_style(Grade g)
{
    return g == GRADE_VALID ? STYLE_GOOD : g == GRADE_SUSPECT ? STYLE_WARN : STYLE_BAD;
}

const char *grade_mark(Grade g)
{
    return g == GRADE_VALID ? "\xe2\x9c\x93" : g == GRADE_SUSPECT ? "\xe2\x96\xb2" : "\xe2\x9c\x97";
}

static void head_line(TextReport *tr, const char *label, const char *text)
{
    if (!text || !*text)
        return;
    const char *head = arena_printf(&tr->a, "%-9s", label);
    text_wrap(&tr->t, 2, STYLE_DIM, head, STYLE_PLAIN, text);
}

static const char *tags_text(TextReport *tr)
{
    const char *text = "";
    for (ptrdiff_t i = 0; i < tr->r->tags.n; i++)
        text = arena_printf(&tr->a, "%s%s%s=%s", text, *text ? ", " : "", tr->r->tags.v[i].key,
                            tr->r->tags.v[i].value);
    return text;
}

static void text_head(TextReport *tr)
{
    const Run *r = tr->r;
    text_add(&tr->t, STYLE_HEAD, r->suite);
    text_addf(&tr->t, STYLE_DIM, "  %s  %s", r->id, words_time(&tr->a, r->started_wall_ns));
    text_end(&tr->t);
    head_line(tr, "commit", words_commit(&tr->a, r));
    head_line(tr, "against", r->against);
    head_line(tr, "testbed", words_testbed(&tr->a, &r->testbed));
    head_line(tr, "rule",
              arena_printf(&tr->a, "%s%sseed %llu", r->stop_rule ? r->stop_rule : "",
                           r->stop_rule ? " \xc2\xb7 " : "", (unsigned long long)r->seed));
    head_line(tr, "tags", tags_text(tr));
}

static void text_reason(TextReport *tr, const Reason *reason)
{
    const char *first = arena_printf(&tr->a, "%s %s  ", grade_mark(reason->grade), reason->code);
    text_wrap(&tr->t, 2, grade_style(reason->grade), first, STYLE_PLAIN, reason->text);
}

void text_case_foot(TextReport *tr, const CaseResult *c)
{
    static const TextCol cols[] = { { 0 }, { 0 }, { .right = true } };
    if (c->n_expects && c->expectations) {
        TextTable tt = table_new(&tr->a, &tr->t, cols, ARRAY_LEN(cols));
        for (ptrdiff_t i = 0; i < c->n_expects; i++) {
            const ExpectResult *e = &c->expectations[i];
            Style s = e->held ? STYLE_GOOD : STYLE_BAD;
            table_add(&tt, s, "%s", grade_mark(e->held ? GRADE_VALID : GRADE_INVALID));
            table_add(&tt, e->held ? STYLE_PLAIN : STYLE_BAD, "%s", e->expr);
            table_add(&tt, s, "%s", words_expected(&tr->a, e, c->expects[i].metric));
        }
        table_print(&tt, &tr->t, 2);
    }
    for (ptrdiff_t i = 0; i < c->validity.n; i++)
        text_reason(tr, &c->validity.reasons[i]);
    if (c->note)
        text_wrap(&tr->t, 2, STYLE_DIM, "note  ", STYLE_PLAIN, c->note);
}

/* In tables of many cases only trouble is explained. */
static bool needs_foot(const TextReport *tr, const CaseResult *c)
{
    bool broken = false;
    for (ptrdiff_t i = 0; c->expectations && i < c->n_expects; i++)
        broken |= !c->expectations[i].held;
    return broken || c->validity.n > 0 || c->note || (tr->full && c->n_expects > 0);
}

static ptrdiff_t count_cases(const Run *r, Side side)
{
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < r->n_cases; i++)
        n += r->cases[i]->side == side;
    return n;
}

/* Cases of one side: commands together (they share columns and a time axis), loads each. */
static void text_side(TextReport *tr, Side side)
{
    const Run *r = tr->r;
    text_commands(tr, side);
    if (!tr->full)
        text_load_table(tr, side);
    for (ptrdiff_t i = 0; i < r->n_cases; i++) {
        const CaseResult *c = r->cases[i];
        if (c->side != side)
            continue;
        if (case_is_load(c) && tr->full) {
            text_load(tr, c);
        } else if (needs_foot(tr, c)) {
            text_end(&tr->t);
            text_add(&tr->t, STYLE_BOLD, c->name);
            text_end(&tr->t);
            text_case_foot(tr, c);
        }
    }
}

static void text_run_validity(TextReport *tr)
{
    const Validity *v = &tr->r->validity;
    text_add(&tr->t, STYLE_DIM, "Validity  ");
    text_addf(&tr->t, grade_style(v->grade), "%s %s", grade_mark(v->grade), grade_name(v->grade));
    text_end(&tr->t);
    for (ptrdiff_t i = 0; i < v->n; i++)
        if (!reason_in_cases(tr->r, &v->reasons[i]))
            text_reason(tr, &v->reasons[i]);
}

/* "held: 5 of 6 expectations, …" */
static void text_gate(TextReport *tr)
{
    const Run *r = tr->r;
    RunTally n = run_tally(r);
    Grade tone;
    const char *text = run_outcome(r, &tone);
    if (r->exit_code == 0 && !run_has_gates(r))
        return;
    if (n.expects)
        text = arena_printf(&tr->a, "%s (%td of %td expectations held)", text, n.expects - n.broken,
                            n.expects);
    if (r->exit_code)
        text = arena_printf(&tr->a, "%s \xc2\xb7 exit code %d", text, r->exit_code);
    text_wrap(&tr->t, 0, STYLE_DIM, "Gate      ", grade_style(tone),
              arena_printf(&tr->a, "%s %s", grade_mark(tone), text));
}

int report_text(const Run *r, const ReportOpts *o, StrBuf *out, Err *err)
{
    TextReport tr = { .t = text_out(out, o), .r = r, .verbose = o->verbose };
    tr.full = o->verbose || count_cases(r, SIDE_HEAD) <= CASES_IN_FULL;
    text_head(&tr);
    text_side(&tr, SIDE_HEAD);
    if (o->verbose && count_cases(r, SIDE_BASE) > 0) {
        text_end(&tr.t);
        text_addf(&tr.t, STYLE_HEAD, "Base side: %s", r->against ? r->against : "other revision");
        text_end(&tr.t);
        text_side(&tr, SIDE_BASE);
    }
    if (r->comparison)
        text_comparison(&tr, r->comparison);
    text_end(&tr.t);
    text_run_validity(&tr);
    text_gate(&tr);
    arena_done(&tr.a);
    return out->overflow ? err_set(err, -ENOMEM, "report grew too large") : 0;
}

int compare_text(const Comparison *c, const ReportOpts *o, StrBuf *out, Err *err)
{
    TextReport tr = { .t = text_out(out, o), .verbose = o->verbose, .full = o->verbose };
    text_comparison(&tr, c);
    arena_done(&tr.a);
    return out->overflow ? err_set(err, -ENOMEM, "report grew too large") : 0;
}
