/* Loads: rate, latencies on two clocks, their distribution, how every operation ended, resources.
 */
#include "report/text_run.h"

#include <math.h>
#include <string.h>

#include "base/fmt.h"
#include "report/plot_text.h"

enum { DIST_ROWS = 10, SPARK_COLUMNS = 48 };

static const char *clock_legend(const char *name)
{
    static const char *const legends[][2] = {
        { "latency", "from due" },
        { "service_time", "from sent" },
        { "lateness", "due to sent" },
        { "delivery_latency", "from due, per delivery" },
        { "transit_time", "from sent, per delivery" },
        { "fanout_latency", "from due, to the last" },
        { "subscriber_latency", "subscribers' medians" },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(legends); i++)
        if (strcmp(legends[i][0], name) == 0)
            return legends[i][1];
    return "";
}

static void quantile_cell(TextReport *tr, TextTable *tt, Style s, const MetricSummary *m, double q,
                          double v)
{
    table_add(tt, s, "%s", words_quantile(&tr->a, m, q, v));
}

static bool has_quantiles(const MetricSummary *m)
{
    return strcmp(m->unit, "ns") == 0 && (m->hist || m->count > m->n_trials);
}

static void latency_table(TextReport *tr, const CaseResult *c)
{
    static const TextCol cols[] = {
        { .head = "" },
        { .head = "p50", .right = true },
        { .head = "p90", .right = true, .drop = 3 },
        { .head = "p95", .right = true },
        { .head = "p99", .right = true },
        { .head = "p99.9", .right = true, .drop = 2 },
        { .head = "max", .right = true },
        { .head = "mean", .right = true, .drop = 4 },
        { .head = "", .drop = 5 },
    };
    TextTable tt = table_new(&tr->a, &tr->t, cols, ARRAY_LEN(cols));
    for (ptrdiff_t i = 0; i < c->n_metrics; i++) {
        const MetricSummary *m = &c->metrics[i];
        if (!has_quantiles(m) || text_is_stage_metric(m->name))
            continue;
        Style s = strcmp(m->name, "latency") == 0 ? STYLE_BOLD : STYLE_PLAIN;
        char buf[FMT_MAX];
        table_add(&tt, STYLE_PLAIN, "%s", words_metric(&tr->a, m->name));
        quantile_cell(tr, &tt, s, m, 0.5, m->p50);
        quantile_cell(tr, &tt, s, m, 0.9, m->p90);
        quantile_cell(tr, &tt, s, m, 0.95, m->p95);
        quantile_cell(tr, &tt, s, m, 0.99, m->p99);
        quantile_cell(tr, &tt, s, m, 0.999, m->p999);
        quantile_cell(tr, &tt, s, m, 1, m->max);
        table_add(&tt, STYLE_DIM, "%s", fmt_value(buf, m->mean, m->unit));
        table_add(&tt, STYLE_DIM, "%s", clock_legend(m->name));
    }
    table_print(&tt, &tr->t, 2);
}

/* Percentiles whose value falls into the bin. */
static const char *marks_in(TextReport *tr, const MetricSummary *m, const DistBin *b, bool first)
{
    static const struct {
        double q;
        const char *name;
    } marks[] = { { 0.5, "p50" }, { 0.9, "p90" }, { 0.99, "p99" }, { 0.999, "p99.9" } };
    const char *text = "";
    for (ptrdiff_t i = 0; i < ARRAY_LEN(marks); i++) {
        double v = hist_quantile(m->hist, marks[i].q);
        if ((v > b->lo || first) && v <= b->hi)
            text = arena_printf(&tr->a, "%s%s%s", text, *text ? " " : "", marks[i].name);
    }
    return text;
}

static void latency_plot(TextReport *tr, const CaseResult *c)
{
    static const TextCol cols[] = {
        { .right = true }, { .head = "" }, { .right = true }, { .right = true, .drop = 1 },
        { .drop = 2 },
    };
    const MetricSummary *m = case_find_metric(c, "latency");
    if (!m || !m->hist || m->hist->n < 20)
        return;
    Dist d = dist_of_hist_round(&tr->a, m->hist, DIST_ROWS);
    int columns = MAX(10, MIN(tr->t.columns - 44, 48));
    TextTable tt = table_new(&tr->a, &tr->t, cols, ARRAY_LEN(cols));
    char buf[FMT_MAX];
    for (ptrdiff_t i = 0; i < d.n; i++) {
        const DistBin *b = &d.bins[i];
        table_add(&tt, STYLE_DIM, "%s%s", "\xe2\x89\xa4 ",
                  words_round(&tr->a, MIN(b->hi, m->max), "ns"));
        const char *bar = plot_bar(&tr->a, b->count / d.most, columns, tr->t.unicode);
        table_add(&tt, STYLE_ACCENT, "%s", bar);
        table_add(&tt, STYLE_PLAIN, "%s", words_count(&tr->a, (uint64_t)b->count));
        table_add(&tt, STYLE_DIM, "%s", b->count > 0 ? fmt_share(buf, b->count / d.total) : "");
        table_add(&tt, STYLE_DIM, "%s", marks_in(tr, m, b, i == 0));
    }
    text_end(&tr->t);
    table_print(&tt, &tr->t, 2);
}

static const char *rate_text(TextReport *tr, const CaseResult *c)
{
    char got[FMT_MAX], due[FMT_MAX], share[FMT_MAX];
    const MetricSummary *m = case_find_metric(c, "throughput");
    double offered = case_offered_rate(c);
    if (!m)
        return "";
    fmt_value(got, m->mean, m->unit);
    if (!(offered > 0) || strcmp(m->unit, "1/s") != 0)
        return arena_strdup(&tr->a, got);
    return arena_printf(&tr->a, "%s achieved of %s scheduled (%s)", got, fmt_rate(due, offered),
                        fmt_share(share, m->mean / offered));
}

static void add_term(TextReport *tr, const char **text, const char *name, uint64_t n)
{
    if (n > 0)
        *text = arena_printf(&tr->a, "%s + %s %s", *text, words_count(&tr->a, n), name);
}

/* "15 000 scheduled = 14 982 ok + 10 status + 3 timed out" */
static void text_outcomes(TextReport *tr, const CaseResult *c)
{
    const Outcomes *o = &c->outcomes;
    if (!c->has_outcomes)
        return;
    bool holds = outcomes_conserved(o);
    const char *text =
        arena_printf(&tr->a, "%s scheduled %s %s ok", words_count(&tr->a, o->scheduled),
                     holds ? "=" : "\xe2\x89\xa0", words_count(&tr->a, o->ok));
    for (int i = 0; i < FAIL_N; i++)
        add_term(tr, &text, fail_class_name((FailClass)i), o->failed[i]);
    add_term(tr, &text, "timed out", o->timed_out);
    add_term(tr, &text, "shed", o->shed);
    add_term(tr, &text, "dropped", o->dropped);
    add_term(tr, &text, "in flight", o->in_flight);
    if (!holds)
        text = arena_printf(&tr->a, "%s: operations are unaccounted for", text);
    text_wrap(&tr->t, 2, STYLE_DIM, "outcomes   ",
              !holds                          ? STYLE_BAD
              : outcomes_error_rate(o) > 0.01 ? STYLE_WARN
                                              : STYLE_PLAIN,
              text);
}

/* "target     cpu 0.93 cores, rss peak 45 MiB" per scope. */
static void text_resources(TextReport *tr, const CaseResult *c)
{
    static const char *const scopes[] = { "target", "generator", "host" };
    for (ptrdiff_t k = 0; k < ARRAY_LEN(scopes); k++) {
        const char *text = "";
        size_t len = strlen(scopes[k]);
        for (ptrdiff_t i = 0; i < c->n_metrics; i++) {
            const MetricSummary *m = &c->metrics[i];
            if (strncmp(m->name, scopes[k], len) != 0 || m->name[len] != '.' || isnan(m->p50))
                continue;
            const char *name = m->name + len + 1;
            text = arena_printf(&tr->a, "%s%s%s %s", text, *text ? " \xc2\xb7 " : "",
                                strcmp(name, "cpu") == 0 ? name : words_metric(&tr->a, name),
                                words_value(&tr->a, m->p50, m->name, m->unit));
        }
        if (*text)
            text_wrap(&tr->t, 2, STYLE_DIM, arena_printf(&tr->a, "%-11s", scopes[k]), STYLE_PLAIN,
                      text);
    }
}

/* All trials' values of one series, one after the other. */
static double *join_series(TextReport *tr, const CaseResult *c, const char *name, ptrdiff_t *ret_n,
                           const char **ret_unit)
{
    ptrdiff_t n = 0, cap = 0;
    double *v = NULL;
    for (ptrdiff_t i = 0; i < c->n_trials; i++) {
        const Series *s = series_find(&c->trials[i]->series, "load", name);
        for (ptrdiff_t k = 0; s && k < s->n; k++)
            if (s->t_s[k] >= 0)
                ARENA_PUSH(&tr->a, v, n, cap, s->v[k]);
        *ret_unit = s ? s->unit : *ret_unit;
    }
    *ret_n = n;
    return v;
}

static void over_time(TextReport *tr, const CaseResult *c, const char *name, const char *label,
                      bool largest)
{
    char top_text[FMT_MAX];
    const char *unit = "";
    ptrdiff_t n;
    const double *v = join_series(tr, c, name, &n, &unit);
    int columns = MIN((int)SPARK_COLUMNS, tr->t.columns - 34);
    if (n < 8 || columns < 10)
        return;
    ptrdiff_t cells = MIN((ptrdiff_t)columns, n);
    double *shown = plot_resample(&tr->a, v, n, cells, largest), top = 0;
    for (ptrdiff_t i = 0; i < cells; i++)
        top = shown[i] > top ? shown[i] : top;
    text_addf(&tr->t, STYLE_DIM, "  %-11s", label);
    text_add(&tr->t, STYLE_ACCENT, plot_spark(&tr->a, shown, cells, top, tr->t.unicode));
    text_addf(&tr->t, STYLE_DIM, "  highest %s", fmt_value(top_text, top, unit));
    text_end(&tr->t);
}

static void load_head(TextReport *tr, const CaseResult *c)
{
    Arena *a = &tr->a;
    Grade g = c->validity.grade;
    double ns = 0;
    for (ptrdiff_t i = 0; i < c->n_trials; i++)
        ns += (double)c->trials[i]->duration_ns;
    const char *trials = arena_printf(a, "%td trial%s, %s measured", c->n_trials,
                                      c->n_trials == 1 ? "" : "s", words_round(a, ns, "ns"));
    text_wrap(&tr->t, 0, STYLE_PLAIN, "", STYLE_BOLD, c->name);
    const char *grade = arena_printf(a, "%s %s  ", grade_mark(g), grade_name(g));
    text_wrap(&tr->t, 2, grade_style(g), grade, STYLE_DIM, trials);
}

void text_load(TextReport *tr, const CaseResult *c)
{
    text_end(&tr->t);
    if (c->n_metrics == 0) {
        text_wrap(&tr->t, 0, STYLE_BOLD, arena_printf(&tr->a, "%s: ", c->name), STYLE_WARN,
                  "nothing was measured");
        text_case_foot(tr, c);
        return;
    }
    load_head(tr, c);
    if (*rate_text(tr, c))
        text_wrap(&tr->t, 2, STYLE_DIM, "throughput ", STYLE_BOLD, rate_text(tr, c));
    text_outcomes(tr, c);
    text_stream(tr, c);
    text_resources(tr, c);
    text_end(&tr->t);
    latency_table(tr, c);
    latency_plot(tr, c);
    text_stages(tr, c);
    text_scenarios(tr, c);
    if (c->trials[0]->series.n)
        text_end(&tr->t);
    over_time(tr, c, "offered", "asked for", false);
    over_time(tr, c, "users", "users", false);
    over_time(tr, c, "throughput", "per second", false);
    over_time(tr, c, "latency.p99", "p99", true);
    over_time(tr, c, "backlog", "backlog", true);
    if (c->n_expects || c->validity.n)
        text_end(&tr->t);
    text_case_foot(tr, c);
}

static void load_line(TextReport *tr, TextTable *tt, const CaseResult *c)
{
    char buf[FMT_MAX];
    Grade g = c->validity.grade;
    const MetricSummary *m = case_find_metric(c, "latency");
    const MetricSummary *rate = case_find_metric(c, "throughput");
    double errors = c->has_outcomes ? outcomes_error_rate(&c->outcomes) : (double)NAN;
    table_add(tt, g == GRADE_VALID ? STYLE_PLAIN : grade_style(g), "%s", c->name);
    table_add(tt, STYLE_PLAIN, "%s", rate ? fmt_value(buf, rate->mean, rate->unit) : "");
    table_add(tt, STYLE_BOLD, "%s", m ? fmt_value(buf, m->p50, m->unit) : "");
    table_add(tt, STYLE_PLAIN, "%s", m ? fmt_value(buf, m->p95, m->unit) : "");
    table_add(tt, STYLE_PLAIN, "%s", m ? fmt_value(buf, m->p99, m->unit) : "");
    if (m)
        quantile_cell(tr, tt, STYLE_PLAIN, m, 1, m->max);
    else
        table_add(tt, STYLE_PLAIN, "%s", "");
    table_add(tt, errors > 0 ? STYLE_WARN : STYLE_DIM, "%s", fmt_share(buf, errors));
    table_add(tt, grade_style(g), "%s", grade_name(g));
}

void text_load_table(TextReport *tr, Side side)
{
    static const TextCol cols[] = {
        { .head = "case", .own_line = true }, { .head = "rate", .right = true },
        { .head = "p50", .right = true },     { .head = "p95", .right = true, .drop = 2 },
        { .head = "p99", .right = true },     { .head = "max", .right = true, .drop = 1 },
        { .head = "errors", .right = true },  { .head = "validity", .drop = 3 },
    };
    TextTable tt = table_new(&tr->a, &tr->t, cols, ARRAY_LEN(cols));
    for (ptrdiff_t i = 0; i < tr->r->n_cases; i++)
        if (tr->r->cases[i]->side == side && case_is_load(tr->r->cases[i]))
            load_line(tr, &tt, tr->r->cases[i]);
    if (tt.n)
        text_end(&tr->t);
    table_print(&tt, &tr->t, 0);
}
