#include "load/stop.h"

#include <math.h>
#include <string.h>

int stop_init(Stop *s, Arena *a, const char *text, uint64_t window_ns, Err *err)
{
    *s = (Stop){ .window_s = (double)window_ns / 1e9,
                 .part_s = (double)window_ns / 1e9 / STOP_PARTS };
    if (!text)
        return 0;
    TRY(stop_parse(a, text, s->clauses, &s->n, err));
    TRY(hist_new(&s->all, err));
    for (int i = 0; i < STOP_PARTS; i++)
        TRY(hist_new(&s->parts[i].latency, err));
    return 0;
}

void stop_done(Stop *s)
{
    s->all = hist_free(s->all);
    for (int i = 0; i < STOP_PARTS; i++)
        s->parts[i].latency = hist_free(s->parts[i].latency);
}

static void next_part(Stop *s)
{
    s->at = (s->at + 1) % STOP_PARTS;
    StopPart *p = &s->parts[s->at];
    hist_reset(p->latency);
    p->answered = p->failed = 0;
    p->s = 0;
}

static double value_of(Stop *s, const Expect *e)
{
    uint64_t answered = 0, failed = 0;
    double took = 0;
    hist_reset(s->all);
    for (int i = 0; i < STOP_PARTS; i++) {
        hist_add(s->all, s->parts[i].latency);
        answered += s->parts[i].answered;
        failed += s->parts[i].failed;
        took += s->parts[i].s;
    }
    if (strcmp(e->metric, "error_rate") == 0)
        return answered + failed ? (double)failed / (double)(answered + failed) : (double)NAN;
    if (strcmp(e->metric, "throughput") == 0)
        return took > 0 ? (double)answered / took : (double)NAN;
    MetricSummary m = { .count = (ptrdiff_t)s->all->n,
                        .mean = hist_mean(s->all),
                        .stddev = (double)NAN,
                        .min = (double)s->all->min,
                        .max = (double)s->all->max,
                        .p50 = hist_quantile(s->all, 0.5),
                        .p90 = hist_quantile(s->all, 0.9),
                        .p95 = hist_quantile(s->all, 0.95),
                        .p99 = hist_quantile(s->all, 0.99),
                        .p999 = hist_quantile(s->all, 0.999) };
    m.figure = m.p50;
    return s->all->n ? summary_stat(&m, e->stat) : (double)NAN;
}

const Expect *stop_feed(Stop *s, const Hist *latency, uint64_t answered, uint64_t failed,
                        double took_s, double *ret_value)
{
    if (!s->n)
        return NULL;
    if (s->parts[s->at].s >= s->part_s)
        next_part(s);
    StopPart *p = &s->parts[s->at];
    hist_add(p->latency, latency);
    p->answered += answered;
    p->failed += failed;
    p->s += took_s;
    s->seen_s += took_s;
    for (ptrdiff_t i = 0; s->seen_s >= s->window_s - 1e-6 && i < s->n; i++) {
        *ret_value = value_of(s, &s->clauses[i]);
        if (!isnan(*ret_value) && expect_holds(&s->clauses[i], *ret_value))
            return &s->clauses[i];
    }
    return NULL;
}
