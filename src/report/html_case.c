/* One case: what was promised, the figures, the plots, every trial. */
#include "report/html.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"

static void reasons(Html *h, const Validity *v)
{
    if (v->n == 0)
        return;
    strbuf_addz(h->out, "<ul class=\"reasons\">");
    for (ptrdiff_t i = 0; i < v->n; i++) {
        strbuf_addz(h->out, "<li>");
        html_tag(h, html_grade(v->reasons[i].grade), grade_name(v->reasons[i].grade));
        strbuf_addf(h->out, " <code>%s</code> %s</li>", esc(h, v->reasons[i].code),
                    esc(h, v->reasons[i].text));
    }
    strbuf_addz(h->out, "</ul>\n");
}

static void expectations(Html *h, const CaseResult *c)
{
    if (!c->expectations || c->n_expects == 0)
        return;
    strbuf_addz(h->out, "<ul class=\"reasons\">");
    for (ptrdiff_t i = 0; i < c->n_expects; i++) {
        const ExpectResult *e = &c->expectations[i];
        strbuf_addz(h->out, "<li>");
        html_tag(h, e->held ? "good" : "bad", e->held ? "held" : "broken");
        strbuf_addf(h->out, " <code>%s</code> is %s</li>", esc(h, e->expr),
                    esc(h, words_expected(&h->a, e, c->expects[i].metric)));
    }
    strbuf_addz(h->out, "</ul>\n");
}

static void facts(Html *h, const CaseResult *c)
{
    char *text = arena_printf(&h->a, "%s, %td trial%s", kind_name(c->kind), c->n_trials,
                              c->n_trials == 1 ? "" : "s");
    double offered = case_offered_rate(c);
    const MetricSummary *rate = case_find_metric(c, "throughput");
    if (c->component)
        text = arena_printf(&h->a, "%s, component %s", text, c->component);
    for (ptrdiff_t i = 0; i < c->params.n; i++)
        text = arena_printf(&h->a, "%s, %s = %s", text, c->params.v[i].key, c->params.v[i].value);
    if (rate && offered > 0)
        text = arena_printf(&h->a, "%s, %s achieved of %s scheduled (%s)", text,
                            words_value(&h->a, rate->mean, rate->name, rate->unit),
                            words_value(&h->a, offered, "throughput", "1/s"),
                            words_round(&h->a, rate->mean / offered, "share"));
    strbuf_addf(h->out, "<p class=\"meta\">%s</p>\n", esc(h, text));
    if (c->note)
        strbuf_addf(h->out, "<p class=\"meta\">%s</p>\n", esc(h, c->note));
}

static void quantile_cells(Html *h, const MetricSummary *m)
{
    const struct {
        double q, v;
    } cells[] = { { 0.5, m->p50 },  { 0.9, m->p90 },    { 0.95, m->p95 },
                  { 0.99, m->p99 }, { 0.999, m->p999 }, { 1, m->max } };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(cells); i++)
        strbuf_addf(h->out, "<td class=\"n\">%s</td>",
                    esc(h, words_quantile(&h->a, m, cells[i].q, cells[i].v)));
}

static void figures(Html *h, const CaseResult *c)
{
    strbuf_addz(h->out, "<div class=\"scroll\"><table><thead><tr><th>metric</th>"
                        "<th class=\"n\">median</th><th class=\"n\">p90</th><th class=\"n\">p95"
                        "</th><th class=\"n\">p99</th><th class=\"n\">p99.9</th><th class=\"n\">max"
                        "</th><th class=\"n\">min</th><th class=\"n\">mean \xc2\xb1 \xcf\x83</th>"
                        "<th class=\"n\">n</th><th>how</th></tr></thead><tbody>\n");
    for (ptrdiff_t i = 0; i < c->n_metrics; i++) {
        const MetricSummary *m = &c->metrics[i];
        strbuf_addf(h->out, "<tr><th scope=\"row\">%s</th>", esc(h, words_metric(&h->a, m->name)));
        quantile_cells(h, m);
        strbuf_addf(h->out,
                    "<td class=\"n\">%s</td><td class=\"n\">%s</td><td class=\"n\">%s</td>"
                    "<td>%s</td></tr>\n",
                    esc(h, words_value(&h->a, m->min, m->name, m->unit)),
                    esc(h, words_spread(&h->a, m->mean, m->stddev, m->unit)),
                    words_count(&h->a, (uint64_t)m->count), esc(h, m->method));
    }
    strbuf_addz(h->out, "</tbody></table></div>\n");
}

enum { TRIAL_METRICS = 6 };

static void trial_row(Html *h, const CaseResult *c, const Trial *t, ptrdiff_t n_metrics)
{
    char iso[CLOCK_ISO_MAX];
    const char *started = t->started_wall_ns ? clock_iso(iso, t->started_wall_ns) : "";
    strbuf_addf(h->out, "<tr><td class=\"n\">%u</td><td class=\"n\">%u</td><td>%s</td>",
                t->round + 1, t->seq + 1, started);
    for (ptrdiff_t k = 0; k < n_metrics; k++) {
        const Metric *m = trial_find_metric(t, c->metrics[k].name);
        strbuf_addf(h->out, "<td class=\"n\">%s</td>",
                    m ? esc(h, words_value(&h->a, m->value, m->name, m->unit)) : "-");
    }
    const char *end = t->signal ? arena_printf(&h->a, "signal %d", t->signal)
                                : arena_printf(&h->a, "exit %d", t->exit_code);
    strbuf_addf(h->out, "<td>%s</td><td>%s</td></tr>\n", c->kind == KIND_COMMAND ? end : "",
                grade_name(t->validity.grade));
}

static void trials(Html *h, const CaseResult *c)
{
    ptrdiff_t n_metrics = MIN(c->n_metrics, (ptrdiff_t)TRIAL_METRICS);
    ptrdiff_t shown = MIN(c->n_trials, h->rows);
    if (c->n_trials == 0)
        return;
    strbuf_addf(h->out,
                "<details><summary>All trials (%td)</summary><div class=\"scroll\"><table>"
                "<thead><tr><th class=\"n\">round</th><th class=\"n\">order</th><th>started"
                "</th>",
                c->n_trials);
    for (ptrdiff_t k = 0; k < n_metrics; k++)
        strbuf_addf(h->out, "<th class=\"n\">%s</th>",
                    esc(h, words_metric(&h->a, c->metrics[k].name)));
    strbuf_addz(h->out, "<th>end</th><th>validity</th></tr></thead><tbody>\n");
    for (ptrdiff_t i = 0; i < shown; i++)
        trial_row(h, c, c->trials[i], n_metrics);
    strbuf_addz(h->out, "</tbody></table></div>");
    if (shown < c->n_trials)
        strbuf_addf(h->out,
                    "<p class=\"key\">The first %td of %td; the store and the raw CSV have "
                    "all.</p>",
                    shown, c->n_trials);
    strbuf_addz(h->out, "</details>\n");
}

void html_case(Html *h, const CaseResult *c, ptrdiff_t number, bool open)
{
    const MetricSummary *m = case_main_metric(c);
    const CaseResult *base = run_find_case(h->r, c->name, SIDE_BASE);
    strbuf_addf(h->out, "<details class=\"case\" id=\"case-%td\"%s><summary><h3>%s</h3> ", number,
                open ? " open=\"open\"" : "", esc(h, c->name));
    html_tag(h, html_grade(c->validity.grade), grade_name(c->validity.grade));
    if (m)
        strbuf_addf(h->out, "<span class=\"lead\">%s %s</span>",
                    esc(h, words_metric(&h->a, m->name)),
                    esc(h, words_quantile(&h->a, m, 0.5, m->p50)));
    strbuf_addz(h->out, "</summary>\n");
    facts(h, c);
    reasons(h, &c->validity);
    expectations(h, c);
    if (m && case_is_load(c)) {
        html_latency(h, c, base);
        html_time(h, c);
        html_outcomes(h, c);
    } else if (m) {
        html_runs(h, c);
    } else {
        strbuf_addz(h->out, "<p>Nothing was measured.</p>\n");
    }
    if (m)
        figures(h, c);
    trials(h, c);
    strbuf_addz(h->out, "</details>\n");
}
