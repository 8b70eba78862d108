/* Commands and functions: one table for all of them, so that columns and the axis of the little
 * histograms are shared and competitors can be compared by eye. */
#include "report/text_run.h"

#include <math.h>
#include <string.h>

#include "base/fmt.h"
#include "report/plot_text.h"
#include "stats/quantile.h"

enum { PLOT_COLUMNS = 40 };

/* Figures a command always shows; the rest stands in the files and with --verbose. */
static bool is_main_metric(const char *name)
{
    static const char *const names[] = {
        "wall", "cpu", "rss_peak", "time", "instructions", "allocations", "simulated_instructions"
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(names); i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* The axis that competitors share: from the fastest run of all to the slowest that is not far off,
 * unless they are so far apart that one cell would hold a whole command. */
typedef struct Axis {
    double lo, hi;
    bool shared;
} Axis;

static Axis own_axis(Arena *a, const MetricSummary *m)
{
    ptrdiff_t n;
    const double *x = values_sorted(a, m, &n);
    if (n == 0)
        return (Axis){ (double)NAN, (double)NAN, false };
    double q1 = quantile_type7(x, n, 0.25), q3 = quantile_type7(x, n, 0.75);
    return (Axis){ x[0], MIN(x[n - 1], MAX(q3 + 4 * (q3 - q1), x[n / 2])), false };
}

static Axis common_axis(Arena *a, const Run *r, Side side)
{
    Axis x = { (double)INFINITY, -(double)INFINITY, false };
    const char *unit = NULL;
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < r->n_cases; i++) {
        const CaseResult *c = r->cases[i];
        const MetricSummary *m = c->side == side && !case_is_load(c) ? case_main_metric(c) : NULL;
        if (!m || isnan(m->min) || (unit && strcmp(unit, m->unit) != 0))
            continue;
        Axis own = own_axis(a, m);
        unit = m->unit;
        x.lo = MIN(x.lo, own.lo);
        x.hi = MAX(x.hi, own.hi);
        n++;
    }
    x.shared = n > 1 && x.lo > 0 && x.hi < 4 * x.lo;
    return x;
}

static void metric_row(TextReport *tr, TextTable *tt, const MetricSummary *m, bool main,
                       double confidence)
{
    Arena *a = &tr->a;
    ptrdiff_t n;
    const double *x = values_sorted(a, m, &n);
    Interval ci = n > 0 ? quantile_interval(x, n, 0.5, confidence)
                        : (Interval){ -(double)INFINITY, (double)INFINITY, 0 };
    const char *interval =
        isfinite(ci.low) && isfinite(ci.high) ? words_range(a, ci.low, ci.high, m->unit) : "-";
    Style s = main ? STYLE_BOLD : STYLE_PLAIN;
    table_add(tt, STYLE_PLAIN, "  %s", words_metric(a, m->name));
    table_add(tt, s, "%s", words_value(a, m->p50, m->name, m->unit));
    table_add(tt, STYLE_DIM, "%s", interval);
    table_add(tt, STYLE_PLAIN, "%s", words_spread(a, m->mean, m->stddev, m->unit));
    table_add(tt, STYLE_PLAIN, "%s", words_range(a, m->min, m->max, m->unit));
}

/* "▁▂▅█▆▃▁▁  ▁  30 runs, 100 … 107 ms" */
static void plot_row(TextReport *tr, TextTable *tt, const CaseResult *c, const MetricSummary *m,
                     const Axis *common)
{
    Arena *a = &tr->a;
    ptrdiff_t n;
    double *x = values_sorted(a, m, &n);
    if (n == 0)
        return;
    Axis own = own_axis(a, m);
    const Axis *axis = common->shared ? common : &own;
    int columns = MIN((int)PLOT_COLUMNS, tr->t.columns - 30);
    const char *what = c->kind == KIND_FUNCTION ? "samples" : n == 1 ? "run" : "runs";
    if (n < 3 || columns < 10 || !(axis->hi > axis->lo)) {
        table_span(tt, STYLE_DIM, "  %td %s", n, what);
        return;
    }
    Dist d = dist_of_values(a, x, n, axis->lo, axis->hi, columns);
    double *counts = ARENA_ARRAY(a, double, d.n);
    for (ptrdiff_t i = 0; i < d.n; i++)
        counts[i] = d.bins[i].count;
    const char *edge = tr->t.unicode ? "\xe2\x94\x82" : "|";
    ptrdiff_t beyond = 0;
    for (ptrdiff_t i = 0; i < n; i++)
        beyond += x[i] > axis->hi;
    table_span(tt, STYLE_ACCENT, "  %s%s%s %td %s, %s%s", edge,
               plot_spark(a, counts, d.n, d.most, tr->t.unicode), beyond ? ">" : edge, n, what,
               words_range(a, axis->lo, axis->hi, m->unit),
               beyond ? arena_printf(a, ", %td beyond", beyond) : "");
}

/* Things about the runs that the figures alone hide: a slow first run, failures. */
static void run_remarks(TextReport *tr, TextTable *tt, const CaseResult *c, const MetricSummary *m)
{
    Arena *a = &tr->a;
    char buf[FMT_MAX];
    ptrdiff_t n, failed = 0, far = 0;
    const double *x = values_sorted(a, m, &n);
    double q1 = quantile_type7(x, n, 0.25), q3 = quantile_type7(x, n, 0.75);
    double fence = q3 + 3 * (q3 - q1);
    for (ptrdiff_t i = 0; i < n; i++)
        far += x[i] > fence || x[i] < q1 - 3 * (q3 - q1);
    for (ptrdiff_t i = 0; i < c->n_trials; i++)
        failed += c->trials[i]->exit_code != 0 || c->trials[i]->signal != 0;
    double first = m->n_trials > 0 ? m->trials[0] : (double)NAN;
    if (n >= 8 && first > fence)
        table_span(tt, STYLE_WARN, "  first run %s, far above the others: caches were cold",
                   fmt_value(buf, first, m->unit));
    if (n >= 8 && far > 0)
        table_span(tt, STYLE_DIM, "  %td of %td far from the rest (beyond 3 quartile ranges)", far,
                   n);
    if (failed && c->kind == KIND_COMMAND)
        table_span(tt, STYLE_WARN, "  %td of %td runs ended with an error status", failed,
                   c->n_trials);
}

static void command_rows(TextReport *tr, TextTable *tt, const CaseResult *c,
                         const MetricSummary *main, const Axis *axis, double confidence)
{
    table_span(tt, STYLE_BOLD, "%s", c->name);
    for (ptrdiff_t i = 0; i < c->n_metrics; i++) {
        const MetricSummary *m = &c->metrics[i];
        if (m == main || is_main_metric(m->name) || tr->verbose || c->n_metrics <= 3)
            metric_row(tr, tt, m, m == main, confidence);
    }
    plot_row(tr, tt, c, main, axis);
    run_remarks(tr, tt, c, main);
}

/* One line per command, when there are many. */
static void command_line(TextReport *tr, TextTable *tt, const CaseResult *c, const MetricSummary *m,
                         double confidence)
{
    const MetricSummary *cpu = case_find_metric(c, "cpu"), *rss = case_find_metric(c, "rss_peak");
    Arena *a = &tr->a;
    char buf[FMT_MAX];
    ptrdiff_t n;
    const double *x = values_sorted(a, m, &n);
    Interval ci = quantile_interval(x, n, 0.5, confidence);
    double half = (ci.high - ci.low) / 2 / m->p50;
    Grade g = c->validity.grade;
    table_add(tt, g == GRADE_VALID ? STYLE_PLAIN : grade_style(g), "%s", c->name);
    table_add(tt, STYLE_BOLD, "%s", words_value(a, m->p50, m->name, m->unit));
    table_add(tt, STYLE_DIM, isfinite(half) ? "\xc2\xb1 %s" : "%s",
              isfinite(half) ? fmt_share(buf, half) : "-");
    table_add(tt, STYLE_PLAIN, "%s", words_range(a, m->min, m->max, m->unit));
    table_add(tt, STYLE_PLAIN, "%s", cpu ? fmt_value(buf, cpu->p50, cpu->unit) : "");
    table_add(tt, STYLE_PLAIN, "%s", rss ? fmt_value(buf, rss->p50, rss->unit) : "");
    table_add(tt, STYLE_DIM, "%td", n);
}

static ptrdiff_t count_commands(const Run *r, Side side)
{
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < r->n_cases; i++)
        n += r->cases[i]->side == side && !case_is_load(r->cases[i]);
    return n;
}

void text_commands(TextReport *tr, Side side)
{
    const Run *r = tr->r;
    double confidence = r->confidence > 0 && r->confidence < 1 ? r->confidence : 0.95;
    const char *level = words_round(&tr->a, confidence, "share");
    const TextCol full[] = {
        { .head = "" },
        { .head = "median", .right = true },
        { .head = arena_printf(&tr->a, "%s interval", level), .drop = 2 },
        { .head = "mean \xc2\xb1 \xcf\x83", .right = true, .drop = 1 },
        { .head = "min \xe2\x80\xa6 max", .right = true },
    };
    static const TextCol lines[] = {
        { .head = "case", .own_line = true },
        { .head = "median", .right = true },
        { .head = "interval", .right = true, .drop = 2 },
        { .head = "min \xe2\x80\xa6 max", .right = true, .drop = 3 },
        { .head = "cpu", .right = true, .drop = 4 },
        { .head = "memory", .right = true, .drop = 5 },
        { .head = "n", .right = true, .drop = 6 },
    };
    if (count_commands(r, side) == 0)
        return;
    Axis axis = common_axis(&tr->a, r, side);
    TextTable tt = tr->full ? table_new(&tr->a, &tr->t, full, ARRAY_LEN(full))
                            : table_new(&tr->a, &tr->t, lines, ARRAY_LEN(lines));
    for (ptrdiff_t i = 0; i < r->n_cases; i++) {
        const CaseResult *c = r->cases[i];
        if (c->side != side || case_is_load(c))
            continue;
        const MetricSummary *m = case_main_metric(c);
        if (m && tr->full)
            command_rows(tr, &tt, c, m, &axis, confidence);
        else if (m)
            command_line(tr, &tt, c, m, confidence);
        else
            table_span(&tt, grade_style(c->validity.grade), "%s: nothing was measured", c->name);
    }
    text_end(&tr->t);
    table_print(&tt, &tr->t, 0);
}
