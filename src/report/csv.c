/* Tables for spreadsheets and data frames: one line per case and metric with its summary, or (raw)
 * one line per trial and metric. Numbers are in base units (ns, bytes, per second, fractions) with
 * all their digits; a missing figure is an empty field. */
#include "report/formats.h"

#include <errno.h>
#include <math.h>

#include "base/clock.h"
#include "report/escape.h"

/* Fields of one line; the first has no comma in front. */
typedef struct Line {
    StrBuf *out;
    bool begun;
} Line;

static void sep(Line *l)
{
    if (l->begun)
        strbuf_addc(l->out, ',');
    l->begun = true;
}

static void text_field(Line *l, const char *s)
{
    sep(l);
    csv_text(l->out, s);
}

static void number_field(Line *l, double v)
{
    sep(l);
    csv_number(l->out, v);
}

/* Counts keep every digit, also above 2^53. */
static void count_field(Line *l, uint64_t n)
{
    sep(l);
    strbuf_addf(l->out, "%llu", (unsigned long long)n);
}

static void time_field(Line *l, uint64_t wall_ns)
{
    char iso[CLOCK_ISO_MAX];
    text_field(l, wall_ns ? clock_iso(iso, wall_ns) : NULL);
}

static void params_field(Line *l, const StrMap *params)
{
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    for (ptrdiff_t i = 0; i < params->n; i++)
        strbuf_addf(&b, "%s%s=%s", i ? ";" : "", params->v[i].key, params->v[i].value);
    text_field(l, strbuf_z(&b));
}

static const char *side_name(Side s)
{
    return s == SIDE_BASE ? "base" : "head";
}

/* Which run and case a line belongs to. */
static void case_fields(Line *l, const Run *r, const CaseResult *c)
{
    text_field(l, r->id);
    text_field(l, r->suite);
    text_field(l, r->commit);
    text_field(l, r->branch);
    text_field(l, c->name);
    text_field(l, c->benchmark);
    text_field(l, c->component);
    text_field(l, kind_name(c->kind));
    text_field(l, side_name(c->side));
    params_field(l, &c->params);
}
#define CASE_HEAD "run,suite,commit,branch,case,benchmark,component,kind,side,params"

static void outcome_fields(Line *l, const CaseResult *c)
{
    const Outcomes *o = &c->outcomes;
    const uint64_t n[] = { o->scheduled, o->ok,      outcomes_failed(o), o->timed_out,
                           o->shed,      o->dropped, o->in_flight };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(n); i++) {
        if (c->has_outcomes)
            count_field(l, n[i]);
        else
            text_field(l, NULL);
    }
}

static void summary_line(StrBuf *out, const Run *r, const CaseResult *c, const MetricSummary *m)
{
    Line l = { .out = out };
    case_fields(&l, r, c);
    time_field(&l, r->started_wall_ns);
    text_field(&l, grade_name(c->validity.grade));
    text_field(&l, m->name);
    text_field(&l, m->unit);
    text_field(&l, better_name(m->better));
    text_field(&l, m->method);
    count_field(&l, (uint64_t)m->count);
    count_field(&l, m->censored);
    count_field(&l, (uint64_t)m->n_trials);
    const double v[] = {
        m->mean, m->stddev, m->min, m->max, m->p50, m->p90, m->p95, m->p99, m->p999
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(v); i++)
        number_field(&l, v[i]);
    outcome_fields(&l, c);
    strbuf_addc(out, '\n');
}

static void raw_line(StrBuf *out, const Run *r, const CaseResult *c, const Trial *t,
                     const Metric *m)
{
    Line l = { .out = out };
    case_fields(&l, r, c);
    time_field(&l, t->started_wall_ns);
    count_field(&l, t->round);
    count_field(&l, t->seq);
    count_field(&l, t->duration_ns);
    number_field(&l, t->exit_code);
    number_field(&l, t->signal);
    text_field(&l, grade_name(t->validity.grade));
    text_field(&l, m->name);
    text_field(&l, m->unit);
    text_field(&l, m->method);
    number_field(&l, m->value);
    number_field(&l, m->hist ? (double)m->hist->n : (double)NAN);
    number_field(&l, m->hist ? hist_quantile(m->hist, 0.95) : (double)NAN);
    number_field(&l, m->hist ? hist_quantile(m->hist, 0.99) : (double)NAN);
    strbuf_addc(out, '\n');
}

static void raw_lines(StrBuf *out, const Run *r, const CaseResult *c)
{
    for (ptrdiff_t i = 0; i < c->n_trials; i++)
        for (ptrdiff_t k = 0; k < c->trials[i]->n_metrics; k++)
            raw_line(out, r, c, c->trials[i], &c->trials[i]->metrics[k]);
}

int report_csv(const Run *r, const ReportOpts *o, StrBuf *out, Err *err)
{
    strbuf_addz(out, o->raw ? CASE_HEAD ",started_at,round,seq,duration_ns,exit_code,signal,"
                                        "validity,metric,unit,method,value,samples,p95,p99\n"
                            : CASE_HEAD ",started_at,validity,metric,unit,better,method,count,"
                                        "censored,trials,mean,stddev,min,max,p50,p90,p95,p99,p999,"
                                        "scheduled,ok,failed,timed_out,shed,dropped,in_flight\n");
    for (ptrdiff_t i = 0; i < r->n_cases; i++) {
        const CaseResult *c = r->cases[i];
        if (o->raw)
            raw_lines(out, r, c);
        for (ptrdiff_t k = 0; !o->raw && k < c->n_metrics; k++)
            summary_line(out, r, c, &c->metrics[k]);
    }
    return out->overflow ? err_set(err, -ENOMEM, "report grew too large") : 0;
}

static void compare_line(StrBuf *out, const Comparison *c, const CompareRow *row)
{
    Line l = { .out = out };
    const char *const head[] = {
        c->a,        c->b,      row->case_name,           row->reference,
        row->metric, row->unit, better_name(row->better), verdict_name(row->verdict)
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(head); i++)
        text_field(&l, head[i]);
    const double v[] = { row->value_a,    row->value_b,    row->ratio, row->ratio_low,
                         row->ratio_high, row->difference, row->p,     row->p_adjusted };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(v); i++)
        number_field(&l, v[i]);
    count_field(&l, (uint64_t)row->n);
    number_field(&l, row->mde);
    number_field(&l, row->rounds_more);
    text_field(&l, row->method);
    text_field(&l, severity_name(row->severity));
    text_field(&l, action_name(row->action));
    text_field(&l, row->note);
    strbuf_addc(out, '\n');
}

int compare_csv(const Comparison *c, const ReportOpts *o, StrBuf *out, Err *err)
{
    (void)o;
    strbuf_addz(out, "a,b,case,reference,metric,unit,better,verdict,value_a,value_b,ratio,"
                     "ratio_low,ratio_high,difference,p,p_adjusted,n,mde,rounds_more,method,"
                     "severity,action,note\n");
    for (ptrdiff_t i = 0; i < c->n; i++)
        compare_line(out, c, &c->rows[i]);
    return out->overflow ? err_set(err, -ENOMEM, "report grew too large") : 0;
}
