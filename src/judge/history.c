#include "judge/history.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "stats/edivisive.h"
#include "stats/windowed.h"

static const double LEVEL = 0.95;
/* Drift: one false report in a thousand series, and at least 1 % from end to end. */
static const double DRIFT_LEVEL = 0.001, DRIFT_CHANGE = 0.01;
/* Each side of the interval for the next value. */
static const double EXPECTED_SIDE = 0.995;
static const double DAY_S = 86400, WEEK_DAYS = 7;

const char *const history_modes[] = { "assay", "otava", "perfherder", NULL };

typedef struct Columns {
    double *value, *day; /* owned, [n]; day since the first point, NaN when unknown */
    ptrdiff_t n;
} Columns;

static void columns_done(Columns *c)
{
    free(c->value);
    free(c->day);
}

static int columns_of(const History *h, Columns *c, Err *err)
{
    c->n = h->n;
    c->value = calloc((size_t)h->n, sizeof *c->value);
    c->day = calloc((size_t)h->n, sizeof *c->day);
    if (!c->value || !c->day)
        return err_set(err, -ENOMEM, "out of memory for a history of %td points", h->n);
    for (ptrdiff_t i = 0; i < h->n; i++) {
        c->value[i] = isfinite(h->v[i].value) ? h->v[i].value : (double)NAN;
        c->day[i] = (h->v[i].wall_s - h->v[0].wall_s) / DAY_S;
    }
    return 0;
}

static bool is_timed(const Columns *c)
{
    bool differ = false;
    assert(c->n == 0 || c->day);
    for (ptrdiff_t i = 0; i < c->n; i++) {
        if (isnan(c->day[i]))
            return false;
        differ = differ || c->day[i] > c->day[0] || c->day[i] < c->day[0];
    }
    return differ;
}

static int find_changes(const Columns *c, const HistoryOpts *o, ChangePoints *ret, Err *err)
{
    switch (o->mode) {
    case HISTORY_ASSAY:
        return changepoints_find(c->value, c->n, &(CpOpts){ .p = o->p }, ret, err);
    case HISTORY_OTAVA:
        return edivisive_find(
            c->value, c->n,
            &(EdivisiveOpts){ .window = o->window, .p = o->p, .magnitude = o->magnitude }, ret,
            err);
    case HISTORY_PERFHERDER:
        return windowed_find(c->value, c->n, NULL, ret, err);
    }
    assert(false);
    return -EINVAL;
}

static ptrdiff_t last_confirmed(const ChangePoints *c)
{
    ptrdiff_t at = 0;
    for (ptrdiff_t i = 0; i < c->n; i++)
        if (c->v[i].confirmed)
            at = c->v[i].index;
    return at;
}

/* When the points since the last change, going on as they do, reach the limit. */
static int project(const Columns *c, const HistoryOpts *o, HistoryReport *r, Err *err)
{
    Trend t = { 0 };
    const double *time = r->timed ? c->day + r->since : NULL;
    ptrdiff_t n = c->n - r->since;
    TRY(trend_find(c->value + r->since, time, n, LEVEL, &t, err));
    bool sure = t.p < 1 - LEVEL; /* noise leads nowhere */
    r->crossing = (Crossing){ (double)NAN, (double)NAN, (double)NAN };
    if (sure && !isnan(o->limit))
        r->crossing = trend_crossing(&t, time ? time[n - 1] : (double)(n - 1), o->limit);
    if (!time) { /* places count from the first point of the series */
        r->crossing.at += (double)r->since;
        r->crossing.low += (double)r->since;
        r->crossing.high += (double)r->since;
    }
    return 0;
}

static int analyse(const Columns *c, const HistoryOpts *o, HistoryReport *r, Err *err)
{
    TRY(find_changes(c, o, &r->changes, err));
    r->since = last_confirmed(&r->changes);
    TRY(trend_find(c->value, NULL, c->n, LEVEL, &r->per_point, err));
    r->n = r->per_point.n;
    if (r->timed) {
        TRY(trend_find(c->value, c->day, c->n, LEVEL, &r->per_day, err));
        TRY(trend_period(c->value, c->day, c->n, WEEK_DAYS, &r->week, err));
    }
    TRY(trend_drift(c->value, c->n, r->since, DRIFT_LEVEL, DRIFT_CHANGE, &r->drift, err));
    TRY(project(c, o, r, err));
    Threshold next = { .model = THRESHOLD_T, .low = EXPECTED_SIDE, .high = EXPECTED_SIDE };
    int few =
        threshold_bounds(&next, c->value + r->since, NULL, c->n - r->since, &r->expected, err);
    return few < 0 ? few : 0;
}

int history_analyse(const History *h, const HistoryOpts *opts, HistoryReport *ret, Err *err)
{
    assert(h->n > 0);
    CLEANUP(columns_done) Columns c = { 0 };
    TRY(columns_of(h, &c, err));
    HistoryReport r = { .h = h, .triage = opts->triage, .mode = opts->mode, .timed = is_timed(&c) };
    int result = analyse(&c, opts, &r, err);
    if (result < 0)
        history_report_done(&r);
    else
        *ret = r;
    return result;
}

void history_report_done(HistoryReport *r)
{
    changepoints_done(&r->changes);
}

HistorySense history_sense(const History *h, double change)
{
    if (h->better == BETTER_NONE || !(change < 0 || change > 0))
        return SENSE_NONE;
    return (change > 0) == (h->better == BETTER_HIGHER) ? SENSE_BETTER : SENSE_WORSE;
}

/* The one change that an entry which began then is about: the newest before it, within whose range
 * of places, or behind which, it lies. An expected change lies within. */
static bool is_of(const HistoryReport *r, ptrdiff_t k, const Triage *t)
{
    const ChangePoint *p = &r->changes.v[k];
    const HistoryPoint *v = r->h->v;
    double from = (double)t->from_wall_ns / 1e9;
    if (!(from > v[MAX(p->first - 1, (ptrdiff_t)0)].wall_s))
        return false;
    if (t->kind == TRIAGE_EXPECT)
        return from <= v[MAX(p->last, p->index)].wall_s;
    bool last = k + 1 == r->changes.n || from < v[r->changes.v[k + 1].index].wall_s;
    return last && history_sense(r->h, p->change) == SENSE_WORSE;
}

const Triage *history_triage(const HistoryReport *r, ptrdiff_t k)
{
    for (ptrdiff_t i = r->triage ? r->triage->n : 0; i > 0; i--) {
        const Triage *t = &r->triage->v[i - 1];
        if (t->kind != TRIAGE_INVALID && !t->undone_wall_ns &&
            triage_covers(t, r->h->name, r->h->metric) && is_of(r, k, t))
            return t;
    }
    return NULL;
}
