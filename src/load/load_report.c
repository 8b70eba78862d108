/* From counts to metrics. */
#include <math.h>

#include "load/load_internal.h"

static double window_s(const Load *l)
{
    uint64_t ns = l->win.end_ns - l->win.begin_ns;
    return ns ? (double)ns / (double)NS_PER_S : (double)NAN;
}

uint64_t load_window_replies(const Load *l, uint64_t in, uint64_t carried_in, uint64_t carried_out)
{
    if (l->window.any_closed)
        return in + carried_in;
    bool stopped = l->win.end_ns - l->win.begin_ns < l->wp.duration_ns;
    if (stopped) /* there was no grace for replies to come */
        carried_out += l->total.outcomes.in_flight;
    if (l->window.dues)
        return in + MIN(carried_out, (uint64_t)l->wp.n_users);
    return in + MIN(carried_in, carried_out);
}

/* A distribution; an empty one is missing, not zero. */
static void add_hist(Load *l, const char *name, const char *unit, const char *method, Hist **h)
{
    if ((*h)->n == 0)
        return;
    double p50 = hist_quantile(*h, 0.5);
    trial_add_metric(l->run, l->trial, name, unit, BETTER_LOWER, method, p50, TAKE(*h));
}

static void add_time(Load *l, const char *name, const char *method, Hist **h)
{
    add_hist(l, name, "ns", method, h);
}

static void add_figure(Load *l, const char *name, const char *unit, const char *method, double v)
{
    trial_add_metric(l->run, l->trial, name, unit, BETTER_NONE, method, v, NULL);
}

static void add_times(Load *l)
{
    Tally *t = &l->total;
    add_time(l, "latency", "histogram, from due; unanswered as lower bounds", &t->latency);
    add_time(l, "service_time", "histogram, from sent; unanswered as lower bounds",
             &t->service_time);
    add_time(l, "lateness", "histogram, sent minus due", &t->lateness);
    add_time(l, "first_byte", "histogram, from sent", &t->first_byte);
    add_time(l, "connect_time", "histogram, warm-up included", &t->connect_time);
}

static void add_status(Load *l)
{
    static const char *const names[] = { NULL,         "status_1xx", "status_2xx",
                                         "status_3xx", "status_4xx", "status_5xx" };
    for (ptrdiff_t i = 1; i < ARRAY_LEN(names); i++)
        if (l->total.status[i])
            add_figure(l, names[i], "count", "counted replies", (double)l->total.status[i]);
}

static void add_idle(Load *l)
{
    if (!l->spec.idle)
        return;
    add_figure(l, "idle_connections", "count", "held without operations until the window's end",
               (double)l->total.idle_held);
    add_figure(l, "idle_lost", "count", "idle connections lost within the window",
               (double)l->total.idle_lost);
}

/* What only this driver measures. */
static void add_own(Load *l)
{
    Figures *f = &l->total.figures;
    for (int i = 0; i < f->n; i++) {
        const DriverMetric *m = &f->rows[i];
        if (m->is_count)
            add_figure(l, m->name, m->unit, m->method, (double)f->sums[i]);
        else
            add_hist(l, m->name, m->unit, m->method, &f->hists[i]);
    }
}

/* ---- stages ---- */

static const char *stage_metric(const Load *l, ptrdiff_t i, const char *name)
{
    return arena_printf(&l->run->arena, "%s.%s", l->window.slots[i].stage.name, name);
}

/* What of the stage lies within the window as it came to be. */
static double stage_s(const Load *l, ptrdiff_t i)
{
    double length = (double)(l->win.end_ns - l->win.begin_ns);
    const Slot *at = &l->window.slots[i];
    return (MIN(at->end_ns, length) - at->begin_ns) / 1e9;
}

/* With the direction of the metric that it is a part of. */
static void add_stage_figure(Load *l, ptrdiff_t i, const char *name, const char *method, double v)
{
    const MetricDef *d = metric_find(name);
    assert(d);
    trial_add_metric(l->run, l->trial, stage_metric(l, i, name), d->unit, d->better, method, v,
                     NULL);
}

static void add_stage(Load *l, ptrdiff_t i)
{
    Tally *t = &l->stages[i];
    const Slot *at = &l->window.slots[i];
    double s = stage_s(l, i);
    if (!(s > 0)) /* the trial was stopped before */
        return;
    add_figure(l, stage_metric(l, i, "seconds"), "s", "length of the stage", s);
    if (at->stage.open)
        add_figure(l, stage_metric(l, i, "planned"), "count", "integral of the stage's rate",
                   (double)schedule_planned(&l->window, i));
    else
        add_figure(l, stage_metric(l, i, "users"), "count", "users at the stage's end",
                   stage_value(&at->stage, (double)at->stage.over_ns));
    add_figure(l, stage_metric(l, i, "scheduled"), "count", "operations due within the stage",
               (double)t->outcomes.scheduled);
    add_stage_figure(l, i, "throughput",
                     "operations due within the stage that were answered well, by its length",
                     (double)t->outcomes.ok / s);
    add_stage_figure(l, i, "error_rate", "outcomes of the stage",
                     outcomes_error_rate(&t->outcomes));
    add_time(l, stage_metric(l, i, "latency"), "histogram, from due; of the stage alone",
             &t->latency);
    add_time(l, stage_metric(l, i, "service_time"), "histogram, from sent; of the stage alone",
             &t->service_time);
}

/* One stage alone is the whole, and said already. */
static void add_stages(Load *l)
{
    for (ptrdiff_t i = 0; l->n_stages > 1 && i < l->n_stages; i++)
        add_stage(l, i);
}

/* ---- scenarios ---- */

static const char *metric_of(const Load *l, const char *what, const char *name)
{
    return arena_printf(&l->run->arena, "%s.%s", what, name);
}

static void add_step(Load *l, ptrdiff_t i)
{
    StepTally *t = &l->play.steps[i];
    const char *name = l->scenarios.steps[i];
    add_figure(l, metric_of(l, name, "requests"), "count", "operations due in this step",
               (double)t->outcomes.scheduled);
    if (!t->outcomes.scheduled)
        return;
    trial_add_metric(l->run, l->trial, metric_of(l, name, "error_rate"), "share", BETTER_LOWER,
                     "outcomes of the step", outcomes_error_rate(&t->outcomes), NULL);
    add_time(l, metric_of(l, name, "latency"), "histogram, from due; of the step alone",
             &t->latency);
}

static void add_span(Load *l, ptrdiff_t i)
{
    SpanTally *t = &l->play.spans[i];
    const char *name = l->scenarios.spans[i];
    add_figure(l, metric_of(l, name, "passes"), "count", "begun within the window and completed",
               (double)t->done);
    if (t->failed)
        add_figure(l, metric_of(l, name, "passes_failed"), "count",
                   "ended by a request that failed", (double)t->failed);
    if (t->cut)
        add_figure(l, metric_of(l, name, "passes_cut"), "count", "ended by the end of the window",
                   (double)t->cut);
    add_time(l, metric_of(l, name, "duration"),
             "histogram, from due, pauses left out; of passes completed", &t->duration);
}

static void add_scenarios(Load *l)
{
    for (ptrdiff_t i = 0; i < l->play.n_steps; i++)
        add_step(l, i);
    for (ptrdiff_t i = 0; i < l->play.n_spans; i++)
        add_span(l, i);
}

void load_report(Load *l)
{
    const Tally *t = &l->total;
    double s = window_s(l);
    uint64_t ok = load_window_replies(l, t->ok_in_window, t->ok_carried_in, t->ok_carried_out);
    l->trial->has_outcomes = true;
    l->trial->outcomes = t->outcomes;
    l->trial->duration_ns = l->win.end_ns - l->win.begin_ns;
    if (l->window.dues)
        replay_report(l);
    add_figure(l, "throughput", "1/s", "operations answered well within the window",
               (double)ok / s);
    add_figure(l, "error_rate", "share", "outcomes", outcomes_error_rate(&t->outcomes));
    add_figure(l, "bytes_in", "bytes/s", "payload read", (double)t->bytes_in / s);
    add_figure(l, "bytes_out", "bytes/s", "payload written", (double)t->bytes_out / s);
    add_figure(l, "connects", "count", "connections made",
               (double)(t->connect_time ? t->connect_time->n : 0));
    add_figure(l, "reconnects", "count", "connections made again within the window",
               (double)t->reconnects);
    add_status(l);
    add_times(l);
    add_idle(l);
    add_own(l);
    add_stages(l);
    add_scenarios(l);
    if (l->stream)
        stream_report(l->stream, l->run, l->trial, l->win.begin_ns, l->win.end_ns);
}
