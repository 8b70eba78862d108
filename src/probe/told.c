#include "probe/told.h"

/* The point of sample i, NaN when there is none; *last is the sample with the figure's last value.
 */
static double point(const Sampler *s, int i, Fig f, const Sample **last)
{
    const Sample *now = &s->samples[i], *before = *last;
    if (isnan(now->v[f]))
        return (double)NAN;
    *last = now;
    if (fig_rows[f].kind == FIG_LEVEL)
        return now->v[f];
    return before ? sample_growth(before, now, f) : (double)NAN;
}

/* How often there really was a point: sources differ, and long trials are thinned out. */
static const char *with_rate(const Series *series, const char *source, Arena *a)
{
    if (series->n < 2)
        return source;
    double span = series->t_s[series->n - 1] - series->t_s[0];
    return arena_printf(a, "%s, %.2g Hz", source, (double)(series->n - 1) / span);
}

static void add_series(const Sampler *s, const Sample *end, Fig f, Run *r, Trial *t)
{
    const FigRow *row = &fig_rows[f];
    const Sample *last = NULL;
    Series *series = NULL;
    for (int i = 0; i < s->n && s->samples[i].at_ns <= end->at_ns; i++) {
        double v = point(s, i, f, &last);
        if (isnan(v))
            continue;
        if (!series)
            series =
                series_new(&t->series, &r->arena, row->scope, row->series, row->unit, row->method);
        double t_s = ((double)s->samples[i].at_ns - (double)s->zero_ns) / 1e9;
        series_push(series, &r->arena, t_s, v);
    }
    if (series)
        series->method = with_rate(series, row->method, &r->arena);
}

void told_series(const Sampler *s, const Sample *end, Run *r, Trial *t)
{
    for (int f = 0; f < FIG_N; f++)
        if (fig_rows[f].series)
            add_series(s, end, (Fig)f, r, t);
}

/* Full looks are rarer than others, and `end` need not be one: what only they have is taken from
 * the one nearest to the end, if that is no further off than they are apart. */
static const Sample *nearest_with(const Sampler *s, const Sample *end, Fig f)
{
    const Sample *best = end;
    double best_ns = 1.5 * (double)s->full_every_ns;
    if (!isnan(end->v[f]))
        return end;
    for (int i = 0; i < s->n; i++) {
        const Sample *at = &s->samples[i];
        double off = fabs((double)at->at_ns - (double)end->at_ns);
        if (at->at_ns <= s->begin.at_ns || isnan(at->v[f]) || off > best_ns)
            continue;
        best = at;
        best_ns = off;
    }
    return best;
}

static double figure(const Sampler *s, const Sample *end, Fig f)
{
    switch (fig_rows[f].sum) {
    case FIG_SUM_DIFFERENCE:
        return sample_growth(&s->begin, nearest_with(s, end, f), f);
    case FIG_SUM_MAX:
        return s->max[f];
    case FIG_SUM_LAST:
        return end->v[f];
    case FIG_SUM_NONE:
        break;
    }
    return (double)NAN;
}

static void add_metric(Run *r, Trial *t, const char *name, const char *method, double v)
{
    if (!isnan(v))
        trial_add_metric(r, t, name, NULL, BETTER_NONE, method, v, NULL);
}

/* The kernel's own mark knows what lies between two samples; it counts from the program's start, so
 * it speaks only when it rose in the measured part, and for one process, not for a sum. */
static void add_peak(Run *r, Trial *t, const char *name, const char *sampled, double max,
                     uint64_t peak)
{
    if ((double)peak > max)
        add_metric(r, t, name, "VmHWM of /proc/PID/status", (double)peak);
    else
        add_metric(r, t, name, sampled, max);
}

void told_metrics(const Sampler *s, const Sample *end, const Totals *all, Run *r, Trial *t)
{
    for (int f = 0; f < FIG_N; f++)
        if (fig_rows[f].metric)
            add_metric(r, t, fig_rows[f].metric, fig_rows[f].method, figure(s, end, (Fig)f));
    if (s->has_target)
        add_peak(r, t, "target.rss_peak", "process tree: /proc/PID/statm, highest sample",
                 s->max[FIG_TARGET_RSS], tree_peak(&s->tree));
    if (all->leak.known) {
        static const char sen[] = "Theil-Sen over minima of 16 parts of the time (leak.h)";
        add_metric(r, t, "target.rss_slope", sen, all->leak.per_s);
        add_metric(r, t, "target.rss_slope_low", "lower end of its 95 % interval", all->leak.low);
        add_metric(r, t, "target.rss_slope_high", "upper end of its 95 % interval", all->leak.high);
    }
    add_peak(r, t, "generator.rss_peak", "/proc/self/statm, highest sample", s->max[FIG_SELF_RSS],
             self_peak(&s->self));
    add_metric(r, t, "host.foreign_cpu", "/proc/stat, less target and generator", all->foreign_cpu);
}
