/* Plots of one case: runs in order with their distribution, latency distribution and percentiles,
 * outcomes. */
#include "report/html.h"

#include <math.h>
#include <string.h>

#include "report/escape.h"
#include "stats/quantile.h"

enum { PLOT_HEIGHT = 220, DIST_BINS = 90, TAIL_POINTS = 150, STRIP_BINS = 24 };

static Axis2 x_axis(Scale s, const char *unit, int ticks)
{
    s.p0 = 0;
    s.p1 = PLOT_WIDTH;
    return (Axis2){ .scale = s, .unit = unit, .ticks = ticks };
}

static Axis2 y_axis(Scale s, const char *unit, int height)
{
    s.p0 = height;
    s.p1 = 4;
    return (Axis2){ .scale = s, .unit = unit, .ticks = 5 };
}

static const char *metric_unit(const MetricSummary *m)
{
    return words_is_cores(m->name, m->unit) ? "cores" : m->unit;
}

/* Runs by round; those that failed, and the first, are drawn apart. */
typedef struct Strip {
    double *x, *y, *bad_x, *bad_y;
    ptrdiff_t n, n_bad;
} Strip;

static Strip strip_points(Html *h, const CaseResult *c, const MetricSummary *m)
{
    ptrdiff_t n = MAX(m->n_trials, 1);
    Strip s = { ARENA_ARRAY(&h->a, double, n),
                ARENA_ARRAY(&h->a, double, n),
                ARENA_ARRAY(&h->a, double, n),
                ARENA_ARRAY(&h->a, double, n),
                0,
                0 };
    const Trial **by_round = case_by_round(&h->a, c);
    for (ptrdiff_t i = 0; i < m->n_trials; i++) {
        bool bad = i < c->n_trials && (by_round[i]->exit_code != 0 || by_round[i]->signal != 0);
        double *x = bad ? &s.bad_x[s.n_bad] : &s.x[s.n], *y = bad ? &s.bad_y[s.n_bad] : &s.y[s.n];
        *x = (double)i + 1;
        *y = m->trials[i];
        s.n_bad += bad;
        s.n += !bad;
    }
    return s;
}

static void run_strip(Html *h, const CaseResult *c, const MetricSummary *m, Scale values,
                      Interval ci)
{
    Strip s = strip_points(h, c, m);
    Scale order = scale_new(SCALE_LINEAR, 0, (double)m->n_trials + 1, 0, PLOT_WIDTH);
    const char *title =
        arena_printf(&h->a, "%s of every run, in order", words_metric(&h->a, m->name));
    const char *describe = arena_printf(&h->a, "%td runs between %s; median %s", m->n_trials,
                                        words_range(&h->a, m->min, m->max, m->unit),
                                        words_value(&h->a, m->p50, m->name, m->unit));
    Plot p = plot_begin(h->out, &h->a, title, describe, x_axis(order, "run", 8),
                        y_axis(values, metric_unit(m), PLOT_HEIGHT), PLOT_HEIGHT);
    plot_band_y(&p, "ci", ci.low, ci.high);
    plot_mark_y(&p, "median", m->p50);
    plot_dots(&p, "c1", "run", s.x, s.y, s.n);
    if (s.n > 0 && s.x[0] == 1)
        plot_dots(&p, "c2 first", "first run", s.x, s.y, 1);
    plot_dots(&p, "c3", "run that failed", s.bad_x, s.bad_y, s.n_bad);
    plot_end(&p);
}

static void run_distribution(Html *h, const MetricSummary *m, Scale values)
{
    Dist d = dist_of_values(&h->a, m->trials, m->n_trials, values.lo, values.hi, STRIP_BINS);
    Axis2 counts = x_axis(scale_nice(0, d.most, 0, PLOT_WIDTH, true), "", 3);
    Axis2 y = y_axis(values, metric_unit(m), PLOT_HEIGHT);
    y.hidden = true;
    Plot p = plot_begin(h->out, &h->a, "how often", "histogram of the same runs", counts, y,
                        PLOT_HEIGHT);
    plot_bars(&p, "c1", &d, true);
    plot_mark_y(&p, "median", m->p50);
    plot_end(&p);
}

void html_runs(Html *h, const CaseResult *c)
{
    const MetricSummary *m = case_main_metric(c);
    ptrdiff_t n;
    const double *x = m ? values_sorted(&h->a, m, &n) : NULL;
    if (!m || n < 2)
        return;
    Interval ci = quantile_interval(x, n, 0.5, h->r->confidence > 0 ? h->r->confidence : 0.95);
    Scale values = strcmp(m->unit, "bytes") == 0 ? scale_nice_bytes(x[0], x[n - 1], 0, 1, false)
                                                 : scale_nice(x[0], x[n - 1], 0, 1, false);
    strbuf_addz(h->out, "<div class=\"plots strip\">");
    run_strip(h, c, m, values, ci);
    run_distribution(h, m, values);
    strbuf_addz(h->out, "</div>\n<p class=\"key\"><i class=\"k c1\"></i>run <i class=\"k c2\"></i>"
                        "first run <i class=\"k c3\"></i>failed <i class=\"k median\"></i>median, "
                        "with its interval</p>\n");
}

static Scale latency_scale(const MetricSummary *m, const MetricSummary *base)
{
    double lo = MAX((double)m->hist->min, 1), hi = MAX((double)m->hist->max, lo);
    if (base && base->hist && base->hist->n) {
        lo = MIN(lo, MAX((double)base->hist->min, 1));
        hi = MAX(hi, (double)base->hist->max);
    }
    return scale_new(SCALE_LOG, lo, hi, 0, PLOT_WIDTH);
}

/* Counts become shares, so that sides with different counts compare. */
static Dist as_shares(Dist d)
{
    for (ptrdiff_t i = 0; i < d.n && d.total > 0; i++)
        d.bins[i].count /= d.total;
    d.most = d.total > 0 ? d.most / d.total : 0;
    return d;
}

static void latency_distribution(Html *h, const MetricSummary *m, const MetricSummary *base)
{
    Dist d = as_shares(dist_of_hist(&h->a, m->hist, DIST_BINS)), b = { 0 };
    if (base && base->hist && base->hist->n)
        b = as_shares(dist_of_hist(&h->a, base->hist, DIST_BINS));
    Axis2 x = x_axis(latency_scale(m, base), m->unit, 7);
    Axis2 y = y_axis(scale_nice(0, MAX(d.most, b.most), 0, 1, true), "share", PLOT_HEIGHT);
    const char *describe =
        arena_printf(&h->a, "%s samples; median %s, 99th percentile %s, largest %s",
                     words_count(&h->a, m->hist->n), words_quantile(&h->a, m, 0.5, m->p50),
                     words_quantile(&h->a, m, 0.99, m->p99), words_quantile(&h->a, m, 1, m->max));
    Plot p =
        plot_begin(h->out, &h->a, "latency, distribution (log axis)", describe, x, y, PLOT_HEIGHT);
    plot_bars(&p, "c1", &d, false);
    plot_steps(&p, "cb", &b);
    plot_mark_x(&p, "q50", m->p50,
                arena_printf(&h->a, "median %s", words_quantile(&h->a, m, 0.5, m->p50)));
    plot_mark_x(&p, "q95", m->p95,
                arena_printf(&h->a, "p95 %s", words_quantile(&h->a, m, 0.95, m->p95)));
    plot_mark_x(&p, "q99", m->p99,
                arena_printf(&h->a, "p99 %s", words_quantile(&h->a, m, 0.99, m->p99)));
    plot_end(&p);
}

/* Even steps along the tail axis, up to the last quantile that has a sample of its own. */
static void tail_line(Html *h, Plot *p, const char *css, const char *label, const MetricSummary *m)
{
    if (!m || !m->hist || m->hist->n == 0)
        return;
    double *x = ARENA_ARRAY(&h->a, double, TAIL_POINTS),
           *y = ARENA_ARRAY(&h->a, double, TAIL_POINTS);
    double decades = MIN(-log10(1 - p->x.scale.hi), log10((double)m->hist->n));
    ptrdiff_t n = MIN((ptrdiff_t)TAIL_POINTS, MAX(h->points, 40));
    for (ptrdiff_t i = 0; i < n; i++) {
        x[i] = 1 - pow(10, -decades * (double)i / (double)(n - 1));
        y[i] = hist_quantile(m->hist, x[i]);
    }
    plot_line(p, css, label, x, y, n);
}

static void latency_tail(Html *h, const CaseResult *c, const MetricSummary *m,
                         const MetricSummary *base)
{
    const MetricSummary *service = case_find_metric(c, "service_time");
    double samples = (double)m->hist->n;
    double hi = samples >= 1e5 ? 0.99999 : samples >= 1e4 ? 0.9999 : samples >= 1e3 ? 0.999 : 0.99;
    Scale y = latency_scale(m, base);
    if (service && service->hist && service->hist->n)
        y.lo = MIN(y.lo, MAX((double)service->hist->min, 1));
    Axis2 x = x_axis(scale_new(SCALE_TAIL, 0, hi, 0, 1), "quantile", 8);
    const char *describe = arena_printf(
        &h->a, "response time: median %s, p90 %s, p99 %s, p99.9 %s",
        words_quantile(&h->a, m, 0.5, m->p50), words_quantile(&h->a, m, 0.9, m->p90),
        words_quantile(&h->a, m, 0.99, m->p99), words_quantile(&h->a, m, 0.999, m->p999));
    Plot p = plot_begin(h->out, &h->a, "percentiles (log axes)", describe, x,
                        y_axis(y, m->unit, PLOT_HEIGHT), PLOT_HEIGHT);
    tail_line(h, &p, "cb", "base", base);
    tail_line(h, &p, "c4", "service time", service);
    tail_line(h, &p, "c1", "response time", m);
    plot_end(&p);
}

void html_latency(Html *h, const CaseResult *c, const CaseResult *base)
{
    const MetricSummary *m = case_find_metric(c, "latency");
    const MetricSummary *b = base ? case_find_metric(base, "latency") : NULL;
    if (!m || !m->hist || m->hist->n < 2)
        return;
    b = b && b->hist && b->hist->n ? b : NULL;
    strbuf_addz(h->out, "<div class=\"plots two\">");
    latency_distribution(h, m, b);
    latency_tail(h, c, m, b);
    strbuf_addf(h->out,
                "</div>\n<p class=\"key\"><i class=\"k c1\"></i>response time, from when due "
                "<i class=\"k c4\"></i>service time, from when sent%s "
                "<i class=\"k q99\"></i>median, p95, p99</p>\n",
                b ? " <i class=\"k cb\"></i>base side" : "");
}

typedef struct Share {
    const char *name, *css;
    uint64_t n;
} Share;

static ptrdiff_t outcome_shares(const Outcomes *o, Share *s)
{
    ptrdiff_t n = 0;
    s[n++] = (Share){ "ok", "good", o->ok };
    for (int i = 0; i < FAIL_N; i++)
        s[n++] = (Share){ fail_class_name((FailClass)i), "bad", o->failed[i] };
    s[n++] = (Share){ "timed out", "late", o->timed_out };
    s[n++] = (Share){ "shed", "warn", o->shed };
    s[n++] = (Share){ "dropped", "warn", o->dropped };
    s[n++] = (Share){ "in flight at the end", "mute", o->in_flight };
    return n;
}

/* A bar of shares would hide what is rare: every class that occurred keeps three pixels. */
void html_outcomes(Html *h, const CaseResult *c)
{
    const Outcomes *o = &c->outcomes;
    if (!c->has_outcomes || o->scheduled == 0)
        return;
    Share s[FAIL_N + 5];
    ptrdiff_t n = outcome_shares(o, s);
    strbuf_addz(h->out, "<h4>Outcomes</h4>\n<div class=\"bar\" aria-hidden=\"true\">");
    for (ptrdiff_t i = 0; i < n; i++)
        if (s[i].n)
            strbuf_addf(h->out, "<i class=\"%s\" style=\"flex-grow:%.6g\"></i>", s[i].css,
                        (double)s[i].n / (double)o->scheduled);
    strbuf_addz(h->out, "</div>\n<ul class=\"outcomes\">");
    strbuf_addf(h->out, "<li><b>%s</b> scheduled %s</li>", words_count(&h->a, o->scheduled),
                outcomes_conserved(o) ? "=" : "\xe2\x89\xa0");
    for (ptrdiff_t i = 0; i < n; i++)
        if (s[i].n || i == 0)
            strbuf_addf(h->out, "<li><i class=\"k %s\"></i><b>%s</b> %s <small>%s</small></li>",
                        s[i].css, words_count(&h->a, s[i].n), s[i].name,
                        words_round(&h->a, (double)s[i].n / (double)o->scheduled, "share"));
    strbuf_addz(h->out, "</ul>\n");
    if (!outcomes_conserved(o))
        strbuf_addz(h->out,
                    "<p class=\"bad\">Operations are unaccounted for: the sum does not hold."
                    "</p>\n");
}
