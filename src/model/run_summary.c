/* From trials to what is shown: every figure here can be computed again from the stored trials. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/run.h"
#include "stats/summary.h"

static int compare_rounds(const void *pa, const void *pb)
{
    const Trial *a = *(const Trial *const *)pa, *b = *(const Trial *const *)pb;
    if (a->round != b->round)
        return a->round < b->round ? -1 : 1;
    return (a->seq > b->seq) - (a->seq < b->seq);
}

const Trial **case_by_round(Arena *a, const CaseResult *c)
{
    const Trial **v = ARENA_ARRAY(a, const Trial *, c->n_trials);
    for (ptrdiff_t i = 0; i < c->n_trials; i++)
        v[i] = c->trials[i];
    if (c->n_trials > 1)
        qsort(v, (size_t)c->n_trials, sizeof *v, compare_rounds);
    return v;
}

/* A metric is its name and its unit: what was measured in other units is another metric. */
static bool same_metric(const MetricSummary *s, const char *name, const char *unit)
{
    return strcmp(s->name, name) == 0 && strcmp(s->unit, unit) == 0;
}

static MetricSummary *find_summary(CaseResult *c, const char *name, const char *unit)
{
    for (ptrdiff_t i = 0; i < c->n_metrics; i++)
        if (same_metric(&c->metrics[i], name, unit))
            return &c->metrics[i];
    return NULL;
}

static double *missing_values(Arena *a, ptrdiff_t n)
{
    double *v = ARENA_ARRAY(a, double, n);
    for (ptrdiff_t i = 0; i < n; i++)
        v[i] = (double)NAN;
    return v;
}

static MetricSummary summary_empty(Arena *a, const Metric *m, ptrdiff_t n_trials)
{
    return (MetricSummary){ .name = m->name,
                            .unit = m->unit,
                            .method = m->method,
                            .better = m->better,
                            .n_trials = n_trials,
                            .trials = missing_values(a, n_trials) };
}

/* Trials may have got a figure by different means (a counter that came and went): all are named. */
static void join_methods(Arena *a, MetricSummary *s, const char *method)
{
    if (strcmp(s->method, method) == 0)
        return;
    Str rest = str(s->method), piece;
    while (rest.len) {
        ptrdiff_t at = str_find(rest, STR(" + "));
        piece = at < 0 ? rest : str_slice(rest, 0, at);
        if (str_eqz(piece, method))
            return;
        rest = at < 0 ? (Str){ NULL, 0 } : str_slice(rest, at + 3, rest.len);
    }
    s->method = arena_printf(a, "%s + %s", s->method, method);
}

static int merge_hist(Arena *a, MetricSummary *s, ptrdiff_t at, const Hist *h, Err *err)
{
    if (!s->hist) {
        TRY(hist_new_like(&s->hist, h, err));
        s->trials_p95 = missing_values(a, s->n_trials);
        s->trials_p99 = missing_values(a, s->n_trials);
    }
    hist_add(s->hist, h);
    s->trials_p95[at] = hist_quantile(h, 0.95);
    s->trials_p99[at] = hist_quantile(h, 0.99);
    return 0;
}

static int take_metric(Run *r, CaseResult *c, ptrdiff_t at, const Metric *m, Err *err)
{
    MetricSummary *s = find_summary(c, m->name, m->unit);
    if (!s) {
        MetricSummary fresh = summary_empty(&r->arena, m, c->n_trials);
        ARENA_PUSH(&r->arena, c->metrics, c->n_metrics, c->cap_metrics, fresh);
        s = &c->metrics[c->n_metrics - 1];
    }
    join_methods(&r->arena, s, m->method);
    s->trials[at] = m->value;
    return m->hist ? merge_hist(&r->arena, s, at, m->hist, err) : 0;
}

static void describe_hist(MetricSummary *s)
{
    const Hist *h = s->hist;
    bool any = h->n > 0;
    s->count = (ptrdiff_t)h->n;
    s->censored = h->n_censored;
    s->mean = hist_mean(h);
    s->stddev = hist_stddev(h);
    s->min = any ? (double)h->min : (double)NAN;
    s->max = any ? (double)h->max : (double)NAN;
    s->p50 = hist_quantile(h, 0.5);
    s->p90 = hist_quantile(h, 0.9);
    s->p95 = hist_quantile(h, 0.95);
    s->p99 = hist_quantile(h, 0.99);
    s->p999 = hist_quantile(h, 0.999);
}

static int describe_values(MetricSummary *s, Err *err)
{
    Summary x;
    TRY(summarise(s->trials, s->n_trials, &x, err));
    s->count = x.n;
    s->mean = x.mean;
    s->stddev = x.stddev;
    s->min = x.min;
    s->max = x.max;
    s->p50 = x.p50;
    s->p90 = x.p90;
    s->p95 = x.p95;
    s->p99 = x.p99;
    s->p999 = x.p999;
    return 0;
}

static void keep_given(MetricSummary *s, const MetricSummary *given)
{
    MetricSummary now = *s;
    *s = *given;
    s->method = now.method;
    s->n_trials = now.n_trials;
    s->trials = now.trials;
    s->hist = NULL;
    if (given->n_trials != now.n_trials)
        s->trials_p95 = s->trials_p99 = NULL;
}

static bool is_rate(const char *unit)
{
    return strcmp(unit, "1/s") == 0 || strcmp(unit, "bytes/s") == 0;
}

static double own_figure(const CaseResult *c, const MetricSummary *s)
{
    if (strcmp(s->name, "error_rate") == 0)
        return c->has_outcomes ? outcomes_error_rate(&c->outcomes) : s->mean;
    return is_rate(s->unit) ? s->mean : s->p50;
}

static int describe_metric(CaseResult *c, MetricSummary *s, const MetricSummary *given, Err *err)
{
    if (s->hist)
        describe_hist(s);
    else if (given)
        keep_given(s, given);
    else
        TRY(describe_values(s, err));
    s->figure = own_figure(c, s);
    return 0;
}

static void drop_metrics(CaseResult *c)
{
    for (ptrdiff_t i = 0; i < c->n_metrics; i++)
        c->metrics[i].hist = hist_free(c->metrics[i].hist);
    c->n_metrics = 0;
}

/* Copies of the figures that can't be computed again; returns how many. */
static ptrdiff_t copy_given(const CaseResult *c, Arena *scratch, MetricSummary **ret)
{
    *ret = ARENA_ARRAY(scratch, MetricSummary, c->n_metrics);
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < c->n_metrics; i++)
        if (c->metrics[i].given)
            (*ret)[n++] = c->metrics[i];
    return n;
}

static int collect(Run *r, CaseResult *c, const Trial **trials, Err *err)
{
    for (ptrdiff_t i = 0; i < c->n_trials; i++)
        for (ptrdiff_t k = 0; k < trials[i]->n_metrics; k++)
            if (take_metric(r, c, i, &trials[i]->metrics[k], err) < 0)
                return err_wrap(err, "%s: %s", c->name, trials[i]->metrics[k].name);
    return 0;
}

static const MetricSummary *find_given(const MetricSummary *given, ptrdiff_t n,
                                       const MetricSummary *s)
{
    for (ptrdiff_t i = 0; i < n; i++)
        if (same_metric(&given[i], s->name, s->unit))
            return &given[i];
    return NULL;
}

static int summarise_metrics(Run *r, CaseResult *c, Err *err)
{
    CLEANUP(arena_done) Arena scratch = { 0 };
    MetricSummary *given;
    ptrdiff_t n_given = copy_given(c, &scratch, &given);
    drop_metrics(c);
    TRY(collect(r, c, case_by_round(&scratch, c), err));
    for (ptrdiff_t i = 0; i < c->n_metrics; i++)
        TRY(describe_metric(c, &c->metrics[i], find_given(given, n_given, &c->metrics[i]), err));
    for (ptrdiff_t i = 0; i < n_given; i++) {
        if (find_summary(c, given[i].name, given[i].unit))
            continue;
        given[i].figure = own_figure(c, &given[i]);
        ARENA_PUSH(&r->arena, c->metrics, c->n_metrics, c->cap_metrics, given[i]);
    }
    return 0;
}

static void sum_outcomes(CaseResult *c)
{
    c->has_outcomes = false;
    c->outcomes = (Outcomes){ 0 };
    for (ptrdiff_t i = 0; i < c->n_trials; i++) {
        if (!c->trials[i]->has_outcomes)
            continue;
        c->has_outcomes = true;
        outcomes_add(&c->outcomes, &c->trials[i]->outcomes);
    }
}

/* The quantile a statistic is, or -1. */
static double quantile_of(const char *stat)
{
    static const struct {
        const char *name;
        double q;
    } known[] = { { "median", .5 }, { "p50", .5 },    { "p90", .9 }, { "p95", .95 },
                  { "p99", .99 },   { "p999", .999 }, { "max", 1 } };
    for (ptrdiff_t i = 0; stat && i < ARRAY_LEN(known); i++)
        if (strcmp(known[i].name, stat) == 0)
            return known[i].q;
    return stat ? -1 : .5;
}

bool summary_is_bound(const MetricSummary *m, double q)
{
    if (m->hist && m->hist->n)
        return hist_quantile_is_bound(m->hist, q);
    return m->bound_from > 0 ? q >= m->bound_from : m->censored > 0 && q >= 1;
}

/* Is this statistic only a lower bound, since samples are in it that never finished? */
static bool is_bound(const MetricSummary *m, const char *stat)
{
    if ((!m->hist && !(m->bound_from > 0)) || m->censored == 0)
        return false;
    double q = quantile_of(stat);
    return q < 0 ? stat && strcmp(stat, "min") != 0 : summary_is_bound(m, q);
}

static void judge_expectations(Run *r, CaseResult *c)
{
    c->expectations = ARENA_ARRAY(&r->arena, ExpectResult, c->n_expects);
    for (ptrdiff_t i = 0; i < c->n_expects; i++) {
        const Expect *e = &c->expects[i];
        const MetricSummary *m = case_find_metric(c, e->metric);
        const MetricDef *def = metric_find(e->metric);
        double v = m ? summary_stat(m, e->stat) : (double)NAN;
        bool bound = m && is_bound(m, e->stat);
        bool unknowable = bound && (e->op == EXPECT_LT || e->op == EXPECT_LE || e->op == EXPECT_EQ);
        bool trusted = c->validity.grade != GRADE_INVALID && !unknowable;
        c->expectations[i] = (ExpectResult){ .expr = e->expr,
                                             .held = trusted && expect_holds(e, v),
                                             .value = v,
                                             .bound = bound,
                                             .unit = m     ? m->unit
                                                     : def ? def->unit
                                                           : "" };
    }
}

/* What was planned and never measured can't pass for good. */
static void judge_absence(Run *r, CaseResult *c)
{
    if (c->n_trials || c->n_metrics)
        return;
    Validity absent = { 0 };
    validity_add(&absent, &r->arena, GRADE_INVALID, "nothing-measured",
                 "no trial of this case ended");
    validity_merge(&c->validity, &r->arena, &absent);
}

int case_summarise(Run *r, CaseResult *c, Err *err)
{
    sum_outcomes(c);
    validity_drop_derived(&c->validity);
    for (ptrdiff_t i = 0; i < c->n_trials; i++)
        validity_merge(&c->validity, &r->arena, &c->trials[i]->validity);
    int res = summarise_metrics(r, c, err);
    if (res < 0)
        drop_metrics(c);
    judge_absence(r, c);
    judge_expectations(r, c);
    return res;
}

static const char *case_label(Run *r, const CaseResult *c)
{
    return c->side == SIDE_BASE ? arena_printf(&r->arena, "%s (base)", c->name) : c->name;
}

int run_summarise(Run *r, Err *err)
{
    validity_drop_derived(&r->validity);
    for (ptrdiff_t i = 0; i < r->n_cases; i++) {
        CaseResult *c = r->cases[i];
        TRY(case_summarise(r, c, err));
        if (r->n_cases > 1)
            validity_merge_labelled(&r->validity, &r->arena, &c->validity, case_label(r, c));
        else
            validity_merge(&r->validity, &r->arena, &c->validity);
    }
    return 0;
}

const MetricSummary *case_find_metric(const CaseResult *c, const char *name)
{
    for (ptrdiff_t i = 0; i < c->n_metrics; i++)
        if (strcmp(c->metrics[i].name, name) == 0)
            return &c->metrics[i];
    return NULL;
}

double summary_stat(const MetricSummary *m, const char *stat)
{
    const struct {
        const char *name;
        double value;
    } stats[] = { { "mean", m->mean }, { "stddev", m->stddev }, { "min", m->min },
                  { "max", m->max },   { "median", m->p50 },    { "p50", m->p50 },
                  { "p90", m->p90 },   { "p95", m->p95 },       { "p99", m->p99 },
                  { "p999", m->p999 } };
    if (!stat)
        return m->figure;
    for (ptrdiff_t i = 0; i < ARRAY_LEN(stats); i++)
        if (strcmp(stats[i].name, stat) == 0)
            return stats[i].value;
    return (double)NAN;
}
