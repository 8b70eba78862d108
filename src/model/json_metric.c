/* Metrics of a case. Figures are for readers; what makes them computable again stands beside them:
 * each trial's value and, for distributions, each trial's histogram. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/json_parts.h"
#include "stats/hdr.h"

typedef unsigned __int128 U128;

static const struct {
    const char *name;
    ptrdiff_t offset;
    double q; /* NaN: no quantile */
} figures[] = {
    { "figure", offsetof(MetricSummary, figure), (double)NAN },
    { "mean", offsetof(MetricSummary, mean), (double)NAN },
    { "stddev", offsetof(MetricSummary, stddev), (double)NAN },
    { "min", offsetof(MetricSummary, min), 0 },
    { "max", offsetof(MetricSummary, max), 1 },
    { "p50", offsetof(MetricSummary, p50), 0.5 },
    { "p90", offsetof(MetricSummary, p90), 0.9 },
    { "p95", offsetof(MetricSummary, p95), 0.95 },
    { "p99", offsetof(MetricSummary, p99), 0.99 },
    { "p999", offsetof(MetricSummary, p999), 0.999 },
};

static double *figure_of(MetricSummary *m, ptrdiff_t i)
{
    return (double *)(void *)((char *)m + figures[i].offset);
}

/* --- 128-bit sums as decimal text --- */

enum { U128_MAX = 40 };

static const char *print_u128(char buf[U128_MAX], U128 v)
{
    char *p = buf + U128_MAX - 1;
    *p = '\0';
    do
        *--p = (char)('0' + (int)(v % 10));
    while (v /= 10);
    return p;
}

static int parse_u128(Str s, U128 *ret)
{
    U128 v = 0;
    for (ptrdiff_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9' || v > ((U128)-1 - 9) / 10)
            return -1;
        v = v * 10 + (U128)(s.ptr[i] - '0');
    }
    *ret = v;
    return s.len ? 0 : -1;
}

static void put_u128(json_t *o, const char *key, uint64_t hi, uint64_t lo)
{
    char buf[U128_MAX];
    put_text(o, key, print_u128(buf, (U128)hi << 64 | lo));
}

static int get_u128(const Node *obj, const char *key, uint64_t *ret_hi, uint64_t *ret_lo)
{
    Node n = node_get(obj, key);
    U128 v;
    if (node_missing(&n))
        return 0;
    if (!json_is_string(n.j) || parse_u128(str(json_string_value(n.j)), &v) < 0)
        return node_fail(&n, "not a whole number as text");
    *ret_hi = (uint64_t)(v >> 64);
    *ret_lo = (uint64_t)v;
    return 0;
}

/* --- histograms: HDR V2 and what that format can't carry --- */

static json_t *exact_to_json(const Hist *h)
{
    HistExact x = hist_exact(h);
    json_t *o = json_object();
    put_u64(o, "min", x.min);
    put_u64(o, "max", x.max);
    put_u128(o, "sum", x.sum_hi, x.sum_lo);
    put_u64(o, "over", x.n_over);
    put_u128(o, "over_sum", x.sum_over_hi, x.sum_over_lo);
    put_u64(o, "censored", x.n_censored);
    put_u64(o, "censored_min", x.censored_min);
    return o;
}

static int exact_from_json(const Node *n, Hist *h)
{
    HistExact x = hist_exact(h);
    Err why = { 0 };
    TRY(get_u64(n, "min", &x.min));
    TRY(get_u64(n, "max", &x.max));
    TRY(get_u128(n, "sum", &x.sum_hi, &x.sum_lo));
    TRY(get_u64(n, "over", &x.n_over));
    TRY(get_u128(n, "over_sum", &x.sum_over_hi, &x.sum_over_lo));
    TRY(get_u64(n, "censored", &x.n_censored));
    TRY(get_u64(n, "censored_min", &x.censored_min));
    if (hist_set_exact(h, &x, &why) < 0)
        return node_fail(n, "%s", why.msg);
    return 0;
}

/* Null for a trial without one; NULL when it can't be encoded (counts beyond all measure). */
static json_t *hist_to_json(const Hist *h)
{
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    if (!h)
        return json_null();
    if (hdr_encode_base64(h, &b, NULL) < 0)
        return NULL;
    json_t *o = json_object();
    put_text(o, "v2", strbuf_z(&b));
    put(o, "exact", exact_to_json(h));
    return o;
}

static int hist_from_json(const Node *n, Hist **ret)
{
    if (node_missing(n))
        return 0;
    Node v2 = node_get(n, "v2"), exact = node_get(n, "exact");
    Err why = { 0 };
    CLEANUP(hist_freep) Hist *h = NULL;
    if (!json_is_string(v2.j))
        return node_fail(&v2, "missing");
    if (hdr_decode_base64(str(json_string_value(v2.j)), &h, &why) < 0)
        return node_fail(&v2, "%s", why.msg);
    if (!node_missing(&exact))
        TRY(exact_from_json(&exact, h));
    *ret = TAKE(h);
    return 0;
}

/* --- writing --- */

static const Metric *metric_of_trial(const Trial *t, const MetricSummary *s)
{
    for (ptrdiff_t i = 0; i < t->n_metrics; i++)
        if (strcmp(t->metrics[i].name, s->name) == 0 && strcmp(t->metrics[i].unit, s->unit) == 0)
            return &t->metrics[i];
    return NULL;
}

/* All of them or, as part would be misleading, null. */
static json_t *hists_to_json(const MetricSummary *s, const Trial **trials)
{
    CLEANUP(json_free) json_t *a = json_array();
    for (ptrdiff_t i = 0; i < s->n_trials; i++) {
        const Metric *m = metric_of_trial(trials[i], s);
        json_t *h = hist_to_json(m ? m->hist : NULL);
        if (!h)
            return json_null();
        append(a, h);
    }
    return TAKE(a);
}

/* Which of the quantiles are only lower bounds, because something never finished. */
static json_t *bounds_to_json(const MetricSummary *s)
{
    json_t *a = json_array();
    for (ptrdiff_t i = 0; i < ARRAY_LEN(figures); i++)
        if (!isnan(figures[i].q) && summary_is_bound(s, figures[i].q))
            append(a, json_text(figures[i].name));
    return a;
}

static void distribution_to_json(json_t *o, const MetricSummary *s, const Trial **trials)
{
    put_u64(o, "censored", s->censored);
    if (s->hist || s->bound_from > 0)
        put(o, "lower_bounds", bounds_to_json(s));
    if (s->trials_p95 && s->trials_p99) {
        put(o, "trials_p95", num_array(s->trials_p95, s->n_trials));
        put(o, "trials_p99", num_array(s->trials_p99, s->n_trials));
    }
    if (s->hist)
        put(o, "hdr", hists_to_json(s, trials));
}

static json_t *metric_to_json(const MetricSummary *m, const Trial **trials)
{
    MetricSummary s = *m;
    json_t *o = json_object();
    put_text(o, "name", s.name);
    put_text(o, "unit", s.unit);
    put_text(o, "better", better_name(s.better));
    put_text(o, "method", s.method);
    put(o, "count", s.given && !s.count ? json_null() : json_integer(s.count));
    for (ptrdiff_t i = 0; i < ARRAY_LEN(figures); i++)
        put_num(o, figures[i].name, *figure_of(&s, i));
    put(o, "trials", num_array(s.trials, s.n_trials));
    if (s.given)
        put(o, "given", json_true());
    if (s.hist || s.given)
        distribution_to_json(o, &s, trials);
    return o;
}

json_t *metrics_to_json(const CaseResult *c, const Trial **trials)
{
    json_t *a = json_array();
    for (ptrdiff_t i = 0; i < c->n_metrics; i++)
        append(a, metric_to_json(&c->metrics[i], trials));
    return a;
}

/* --- reading --- */

/* A metric of the file: the summary that stands there, and where its trials' parts are. */
typedef struct Given {
    MetricSummary s;
    bool has_count, stated; /* stated: the document says itself that its figures were given */
    Node node, hdr;
} Given;

static int read_figures(const Node *n, Given *g)
{
    uint64_t count = UINT64_MAX;
    TRY(get_u64(n, "count", &count));
    g->has_count = count != UINT64_MAX;
    g->s.count = g->has_count ? (ptrdiff_t)MIN(count, (uint64_t)PTRDIFF_MAX) : 0;
    TRY(get_u64(n, "censored", &g->s.censored));
    TRY(get_bool(n, "given", &g->stated));
    for (ptrdiff_t i = 0; i < ARRAY_LEN(figures); i++) {
        *figure_of(&g->s, i) = (double)NAN;
        TRY(get_num(n, figures[i].name, figure_of(&g->s, i)));
    }
    return 0;
}

static int read_trial_values(const Node *n, ptrdiff_t n_trials, Given *g)
{
    MetricSummary *s = &g->s;
    ptrdiff_t n95 = 0, n99 = 0;
    TRY(get_nums(n, "trials", &s->trials, &s->n_trials));
    TRY(get_nums(n, "trials_p95", &s->trials_p95, &n95));
    TRY(get_nums(n, "trials_p99", &s->trials_p99, &n99));
    g->hdr = node_get(n, "hdr");
    Node at = node_get(n, "trials");
    if (s->n_trials > n_trials)
        return node_fail(&at, "%td values, but the case has %td trials", s->n_trials, n_trials);
    if (node_len(&g->hdr) > n_trials)
        return node_fail(&g->hdr, "%td histograms, but the case has %td trials", node_len(&g->hdr),
                         n_trials);
    if (n95 != s->n_trials || n99 != s->n_trials)
        s->trials_p95 = s->trials_p99 = NULL;
    return 0;
}

static int read_metric(const Node *n, ptrdiff_t n_trials, Given *g)
{
    *g = (Given){ 0 };
    g->node = *n;
    g->s.method = "not stated";
    g->s.given = true;
    TRY(need_text(n, "name", &g->s.name));
    TRY(need_text(n, "unit", &g->s.unit));
    TRY(get_text(n, "method", &g->s.method));
    const MetricDef *def = metric_find(g->s.name);
    g->s.better = def && strcmp(def->unit, g->s.unit) == 0 ? def->better : BETTER_NONE;
    TRY(GET_WORD(n, "better", better_parse, &g->s.better));
    TRY(read_figures(n, g));
    return read_trial_values(n, n_trials, g);
}

/* What the trials of a file were found to hold. */
typedef struct Found {
    ptrdiff_t n_values; /* trials with a value */
    uint64_t n_samples; /* in histograms */
    bool any_hist;
} Found;

/* The metric's part of one trial. */
static int give_trial(Run *r, Trial *t, const Given *g, ptrdiff_t i, Found *f)
{
    CLEANUP(hist_freep) Hist *h = NULL;
    Node at = node_at(&g->hdr, i);
    double v = i < g->s.n_trials ? g->s.trials[i] : (double)NAN;
    TRY(hist_from_json(&at, &h));
    f->n_values += !isnan(v);
    f->n_samples += h ? h->n : 0;
    f->any_hist |= h != NULL;
    if (trial_find_metric(t, g->s.name)) /* the same name with another unit, in other trials */
        return isnan(v) && !h ? 0
                              : node_fail(&g->node, "'%s' stands twice in trial %td", g->s.name, i);
    Metric *m = trial_add_metric(r, t, g->s.name, g->s.unit, g->s.better, g->s.method, v, TAKE(h));
    m->better = g->s.better;
    return 0;
}

/* Anything but `figure`, which follows from the others. */
static bool has_figures(MetricSummary *s)
{
    for (ptrdiff_t i = 1; i < ARRAY_LEN(figures); i++)
        if (!isnan(*figure_of(s, i)))
            return true;
    return false;
}

static int give_metric(Run *r, CaseResult *c, Trial **trials, Given *g)
{
    Found f = { 0 };
    for (ptrdiff_t i = 0; i < c->n_trials; i++)
        TRY(give_trial(r, trials[i], g, i, &f));
    if (f.any_hist && g->has_count && (uint64_t)g->s.count != f.n_samples)
        return node_fail(&g->hdr, "%llu samples, but count says %td",
                         (unsigned long long)f.n_samples, g->s.count);
    bool complete = !g->stated && f.n_values > 0 && (!g->has_count || g->s.count == f.n_values);
    bool computable = f.any_hist || complete;
    if (!computable && has_figures(&g->s))
        ARENA_PUSH(&r->arena, c->metrics, c->n_metrics, c->cap_metrics, g->s);
    return 0;
}

int metrics_from_json(const Node *n, Run *r, CaseResult *c, Trial **trials)
{
    for (ptrdiff_t i = 0; i < node_len(n); i++) {
        Node at = node_at(n, i);
        Given g;
        TRY(read_metric(&at, c->n_trials, &g));
        TRY(give_metric(r, c, trials, &g));
    }
    return 0;
}
