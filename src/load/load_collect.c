/* While a trial runs: what workers hand over about every 100 ms becomes a point of each series. */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "load/load_internal.h"

static const struct {
    const char *name, *unit;
} load_series[] = {
    { "throughput", "1/s" }, { "latency.p50", "ns" },  { "latency.p99", "ns" },
    { "errors", "1/s" },     { "in_flight", "count" },
};

typedef struct Sum {
    bool any, partial; /* partial: an interval was too short to make a rate */
    double ok_per_s, failed_per_s;
    uint64_t ok, failed, failed_by[FAIL_N + 1];
    uint64_t in_flight, begin_ns, end_ns;
} Sum;

/* Less than half a tick makes no rate: a few replies in a millisecond are no 500/s. Only the last
 * one of a worker can be that short. */
static bool is_sliver(const Load *l, const Interval *i)
{
    return i->end_ns < i->begin_ns + l->wp.tick_ns / 2;
}

static void take_interval(Load *l, Interval *i, Sum *sum)
{
    l->done += i->done;
    l->failed += i->failed;
    sum->partial |= is_sliver(l, i);
    if (i->end_ns > i->begin_ns) {
        double s = (double)(i->end_ns - i->begin_ns) / (double)NS_PER_S;
        sum->any = true;
        sum->ok_per_s += (double)(i->done - i->failed) / s;
        sum->failed_per_s += (double)i->failed / s;
        sum->ok += i->done - i->failed;
        sum->failed += i->failed;
        for (int k = 0; k <= FAIL_N; k++)
            sum->failed_by[k] += i->failed_by[k];
        sum->in_flight += i->in_flight;
        sum->begin_ns = sum->begin_ns ? MIN(sum->begin_ns, i->begin_ns) : i->begin_ns;
        sum->end_ns = MAX(sum->end_ns, i->end_ns);
        hist_add(l->now, i->latency);
    }
    interval_reset(i);
    atomic_store_explicit(&i->full, false, memory_order_release);
}

static Series *series_of(Load *l, const char *name, const char *unit, const char *method)
{
    SeriesList *all = &l->trial->series;
    for (ptrdiff_t i = 0; i < all->n; i++)
        if (strcmp(all->v[i].name, name) == 0 && strcmp(all->v[i].scope, "load") == 0)
            return &all->v[i];
    return series_new(all, &l->run->arena, "load", name, unit, method);
}

static Series *asked_series(Load *l, const char *name, const char *unit)
{
    return series_of(l, name, unit, "schedule");
}

static void push_backlog(Load *l, double t_s)
{
    if (!l->stream)
        return;
    uint64_t n = stream_backlog(l->stream);
    l->stream->backlog_peak = MAX(l->stream->backlog_peak, n);
    series_push(series_of(l, "backlog", "count", "generator, every interval"), &l->run->arena, t_s,
                (double)n);
}

/* What the schedule asks for, beside what came of it; a load of one steady stage needs no curve. */
static void push_asked(Load *l, double t_s)
{
    const Stage *first = &l->window.slots[0].stage;
    bool steady = l->window.n == 1 && !l->window.dues && first->shape == STAGE_RAMP &&
                  first->from == first->to;
    uint64_t offset = t_s > 0 ? (uint64_t)(t_s * 1e9) : 0;
    if (steady)
        return;
    if (l->window.any_open)
        series_push(asked_series(l, "offered", "1/s"), &l->run->arena, t_s,
                    schedule_rate_at(&l->window, offset));
    if (l->window.any_closed)
        series_push(asked_series(l, "users", "count"), &l->run->arena, t_s,
                    schedule_users_at(&l->window, offset));
}

static void push_points(Load *l, const Sum *sum)
{
    const double v[] = { sum->ok_per_s, hist_quantile(l->now, 0.5), hist_quantile(l->now, 0.99),
                         sum->failed_per_s, (double)sum->in_flight };
    static_assert(ARRAY_LEN(v) == ARRAY_LEN(load_series), "a value for each series");
    if (sum->end_ns <=
        l->pointed_ns) /* a worker that was late tells of a time that has its point */
        return;
    l->pointed_ns = sum->end_ns;
    double t_s = ((double)sum->end_ns - (double)l->begin_ns) / (double)NS_PER_S;
    Arena *a = &l->run->arena;
    for (ptrdiff_t i = 0; i < ARRAY_LEN(v); i++) {
        if (l->trial->series.n <= i)
            series_new(&l->trial->series, a, "load", load_series[i].name, load_series[i].unit,
                       "generator, every interval");
        series_push(&l->trial->series.v[i], a, t_s, v[i]);
    }
    push_asked(l, t_s);
    push_backlog(l, t_s);
}

static void tell(const Load *l, const Sum *sum)
{
    if (!l->plan->on_tick)
        return;
    uint64_t now = clock_mono_ns();
    uint64_t from = l->begun ? l->begin_ns : l->gate.start_ns;
    LoadTick k = {
        .warming = !l->begun,
        .elapsed_s = (double)(now - MIN(now, from)) / (double)NS_PER_S,
        .total_s = (double)(l->begun ? l->wp.duration_ns : l->wp.warmup_ns) / (double)NS_PER_S,
        .done = l->done,
        .failed = l->failed,
        .rate_per_s = sum->ok_per_s + sum->failed_per_s,
        .p50_ns = hist_quantile(l->now, 0.5),
        .p99_ns = hist_quantile(l->now, 0.99),
    };
    l->plan->on_tick(l->plan->user, &k);
}

static void tell_interval(Load *l, const Sum *sum)
{
    if (!l->plan->on_interval)
        return;
    uint64_t at = sum->end_ns > l->begin_ns ? sum->end_ns - l->begin_ns : 0;
    ptrdiff_t slot = schedule_slot_at(&l->window, at);
    const Stage *stage = &l->window.slots[slot].stage;
    LoadInterval i = {
        .warming = !l->begun,
        .t_s = ((double)sum->end_ns - (double)l->begin_ns) / (double)NS_PER_S,
        .begin_ns = sum->begin_ns,
        .end_ns = sum->end_ns,
        .ok = sum->ok,
        .failed = sum->failed,
        .failed_by = sum->failed_by,
        .total_s = (double)l->wp.duration_ns / (double)NS_PER_S,
        .in_flight = sum->in_flight,
        .latency = l->now,
        .stage = l->window.n > 1 ? stage->name : NULL,
        .offered_per_s = stage->open ? schedule_rate_at(&l->window, at) : (double)NAN,
        .users = stage->open ? (double)NAN : schedule_users_at(&l->window, at),
    };
    l->plan->on_interval(l->plan->user, &i);
}

void collect_begin(Load *l)
{
    l->begun = true;
    if (l->plan->on_begin)
        l->plan->on_begin(l->plan->user, l->begin_ns);
}

/* Workers still run: only full intervals are ours. */
static bool workers_finished(Load *l)
{
    pthread_mutex_lock(&l->gate.lock);
    bool all = l->gate.n_finished == l->n_made;
    pthread_mutex_unlock(&l->gate.lock);
    return all;
}

/* "stopped after 43.2 s, in stage 2500users: error_rate > 5% (7.3 %)" */
static void halt(Load *l, const Expect *e, double value, uint64_t at_ns)
{
    char after[FMT_MAX], met[FMT_MAX];
    const MetricDef *d = metric_find(e->metric);
    ptrdiff_t slot = schedule_slot_at(&l->window, at_ns);
    const char *where = l->n_stages > 1 ? l->window.slots[slot].stage.name : NULL;
    l->stopped = arena_printf(&l->run->arena, "stopped after %s%s%s: %s (%s)",
                              fmt_duration(after, (double)at_ns), where ? ", in stage " : "",
                              where ? where : "", e->expr, fmt_value(met, value, d ? d->unit : ""));
    __atomic_store_n(&l->halt, true, __ATOMIC_RELAXED);
}

static void watch_stop(Load *l, const Sum *sum)
{
    uint64_t from = MAX(l->fed_ns, l->begin_ns);
    if (!l->begun || l->stopped || sum->end_ns <= from)
        return;
    double value, took_s = (double)(sum->end_ns - from) / 1e9;
    l->fed_ns = sum->end_ns;
    const Expect *e = stop_feed(&l->stop, l->now, sum->ok, sum->failed, took_s, &value);
    if (e)
        halt(l, e, value, sum->end_ns - l->begin_ns);
}

static void point(Load *l, const Sum *sum)
{
    if (sum->any)
        tell_interval(l, sum);
    if (sum->any && !sum->partial) {
        push_points(l, sum);
        tell(l, sum);
        watch_stop(l, sum);
    }
    hist_reset(l->now);
}

/* A worker has at most one full interval. What it was writing when it finished is a point of its
 * own: one sum of both would be twice the rate. */
void collect_tick(Load *l)
{
    Sum sum = { 0 }, rest = { 0 };
    bool last = workers_finished(l);
    for (uint32_t i = 0; i < 2 * l->n_made; i++) {
        Interval *in = &l->workers[i / 2].interval[i % 2];
        if (atomic_load_explicit(&in->full, memory_order_acquire))
            take_interval(l, in, &sum);
    }
    point(l, &sum);
    for (uint32_t i = 0; last && i < l->n_made; i++) {
        Worker *w = &l->workers[i];
        take_interval(l, &w->interval[w->current], &rest);
    }
    point(l, &rest);
}
