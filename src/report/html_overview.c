/* All cases at a glance: commands and functions in one table, loads in another, each with its
 * spread drawn on an axis that the table shares. */
#include "report/html.h"

#include <math.h>
#include <string.h>

enum { SPREAD_HEIGHT = 22 };

/* "-" cells sort last: they carry no value. */
static void number_cell(Html *h, double v, const char *text)
{
    if (isfinite(v))
        strbuf_addf(h->out, "<td class=\"n\" data-v=\"%.9g\">%s</td>", v, esc(h, text));
    else
        strbuf_addz(h->out, "<td class=\"n\">-</td>");
}

static void metric_cell(Html *h, const MetricSummary *m, double q, double v)
{
    number_cell(h, m ? v : (double)NAN, m ? words_quantile(&h->a, m, q, v) : "-");
}

static void value_cell(Html *h, const CaseResult *c, const char *name)
{
    const MetricSummary *m = case_find_metric(c, name);
    number_cell(h, m ? m->p50 : (double)NAN,
                m ? words_value(&h->a, m->p50, m->name, m->unit) : "-");
}

/* Ends of what the table draws: min … max of commands, p50 … p99.9 of loads. */
static void spread_ends(const CaseResult *c, const MetricSummary *m, double *lo, double *hi)
{
    *lo = case_is_load(c) ? m->p50 : m->min;
    *hi = case_is_load(c) ? m->p999 : m->max;
}

/* One axis for all cases of the table that share the first one's unit. */
static Scale table_scale(Html *h, bool loads, const char **ret_unit)
{
    double lo = (double)INFINITY, hi = -(double)INFINITY;
    *ret_unit = NULL;
    for (ptrdiff_t i = 0; i < h->r->n_cases; i++) {
        const CaseResult *c = h->r->cases[i];
        const MetricSummary *m = case_main_metric(c);
        double a, b;
        if (c->side != SIDE_HEAD || case_is_load(c) != loads || !m)
            continue;
        spread_ends(c, m, &a, &b);
        if (!(a > 0) || !(b > 0) || (*ret_unit && strcmp(*ret_unit, m->unit) != 0))
            continue;
        *ret_unit = m->unit;
        lo = MIN(lo, a);
        hi = MAX(hi, b);
    }
    if (!*ret_unit)
        return scale_new(SCALE_LOG, 1, 10, 10, PLOT_WIDTH - 10);
    return scale_new(SCALE_LOG, lo, hi, 10, PLOT_WIDTH - 10);
}

static void spread_cell(Html *h, const CaseResult *c, const MetricSummary *m, const Scale *s,
                        const char *unit)
{
    double lo, hi;
    strbuf_addz(h->out, "<td class=\"spread\">");
    if (m && unit && strcmp(m->unit, unit) == 0) {
        spread_ends(c, m, &lo, &hi);
        double from = case_is_load(c) ? m->p50 : m->min, thick = case_is_load(c) ? m->p99 : m->p90;
        strbuf_addf(h->out,
                    "<svg role=\"img\" viewBox=\"0 0 %d %d\" height=\"%d\" "
                    "preserveAspectRatio=\"none\" aria-label=\"%s\"><path class=\"l thin\" d=\"M",
                    PLOT_WIDTH, SPREAD_HEIGHT, SPREAD_HEIGHT,
                    esc(h, words_range(&h->a, lo, hi, m->unit)));
        svg_number(h->out, scale_at(s, lo));
        strbuf_addf(h->out, " %dH", SPREAD_HEIGHT / 2);
        svg_number(h->out, scale_at(s, hi));
        strbuf_addz(h->out, "\"/><path class=\"l thick\" d=\"M");
        svg_number(h->out, scale_at(s, from));
        strbuf_addf(h->out, " %dH", SPREAD_HEIGHT / 2);
        svg_number(h->out, scale_at(s, thick));
        strbuf_addz(h->out, "\"/><path class=\"d c1\" d=\"M");
        svg_number(h->out, scale_at(s, m->p50));
        strbuf_addf(h->out, " %dh0\"/></svg>", SPREAD_HEIGHT / 2);
    }
    strbuf_addz(h->out, "</td>");
}

static void status_cell(Html *h, const CaseResult *c)
{
    ptrdiff_t broken = 0;
    for (ptrdiff_t i = 0; c->expectations && i < c->n_expects; i++)
        broken += !c->expectations[i].held;
    strbuf_addz(h->out, "<td>");
    html_tag(h, html_grade(c->validity.grade), grade_name(c->validity.grade));
    if (broken)
        html_tag(h, "bad", arena_printf(&h->a, "%td broken", broken));
    strbuf_addz(h->out, "</td></tr>\n");
}

static void begin_row(Html *h, const CaseResult *c, ptrdiff_t number)
{
    strbuf_addf(h->out, "<tr><th scope=\"row\"><a href=\"#case-%td\">%s</a></th>", number,
                esc(h, c->name));
}

static void command_row(Html *h, const CaseResult *c, ptrdiff_t number, const Scale *s,
                        const char *unit)
{
    const MetricSummary *m = case_main_metric(c);
    begin_row(h, c, number);
    strbuf_addf(h->out, "<td>%s</td>", kind_name(c->kind));
    metric_cell(h, m, 0.5, m ? m->p50 : 0);
    spread_cell(h, c, m, s, unit);
    metric_cell(h, m, 0, m ? m->min : 0);
    metric_cell(h, m, 1, m ? m->max : 0);
    value_cell(h, c, "cpu");
    value_cell(h, c, "rss_peak");
    number_cell(h, (double)c->n_trials, arena_printf(&h->a, "%td", c->n_trials));
    status_cell(h, c);
}

static void load_row(Html *h, const CaseResult *c, ptrdiff_t number, const Scale *s,
                     const char *unit)
{
    const MetricSummary *m = case_find_metric(c, "latency");
    double errors = c->has_outcomes ? outcomes_error_rate(&c->outcomes) : (double)NAN;
    begin_row(h, c, number);
    value_cell(h, c, "throughput");
    metric_cell(h, m, 0.5, m ? m->p50 : 0);
    spread_cell(h, c, m, s, unit);
    metric_cell(h, m, 0.95, m ? m->p95 : 0);
    metric_cell(h, m, 0.99, m ? m->p99 : 0);
    metric_cell(h, m, 1, m ? m->max : 0);
    number_cell(h, errors, words_round(&h->a, errors, "share"));
    value_cell(h, c, "target.cpu");
    status_cell(h, c);
}

/* `heads` are the columns between the case and its status. */
static void overview_table(Html *h, const char *title, bool loads, const char *heads)
{
    const char *unit;
    Scale s = table_scale(h, loads, &unit);
    ptrdiff_t rows = 0;
    for (ptrdiff_t i = 0; i < h->r->n_cases; i++) {
        const CaseResult *c = h->r->cases[i];
        if (c->side != SIDE_HEAD || case_is_load(c) != loads)
            continue;
        if (rows++ == 0)
            strbuf_addf(h->out,
                        "<h3>%s</h3>\n<div class=\"scroll\"><table class=\"sortable\"><thead><tr>"
                        "<th>case</th>%s<th>status</th></tr></thead><tbody>\n",
                        title, heads);
        if (loads)
            load_row(h, c, i, &s, unit);
        else
            command_row(h, c, i, &s, unit);
    }
    if (rows)
        strbuf_addz(h->out, "</tbody></table></div>\n");
    if (rows && unit)
        strbuf_addf(h->out, "<p class=\"key\">Spread: %s, on one log axis from %s.</p>\n",
                    loads ? "p50 (dot) to p99 (thick) to p99.9"
                          : "smallest to p90 (thick) to largest, dot at the median",
                    esc(h, words_range(&h->a, s.lo, s.hi, unit)));
}

void html_overview(Html *h)
{
    strbuf_addz(h->out, "<section id=\"overview\"><h2>Cases</h2>\n");
    overview_table(h, "Commands and functions", false,
                   "<th>kind</th><th class=\"n\">median</th><th class=\"spread\">spread</th>"
                   "<th class=\"n\">min</th><th class=\"n\">max</th><th class=\"n\">cpu</th>"
                   "<th class=\"n\">memory</th><th class=\"n\">runs</th>");
    overview_table(h, "Loads", true,
                   "<th class=\"n\">rate</th><th class=\"n\">p50</th><th class=\"spread\">spread"
                   "</th><th class=\"n\">p95</th><th class=\"n\">p99</th><th class=\"n\">max</th>"
                   "<th class=\"n\">errors</th><th class=\"n\">target</th>");
    strbuf_addz(h->out, "</section>\n");
}
