/* assay.history/1: docs/schema/assay.history.1.schema.json says what each field means. */
#include <math.h>

#include "model/json_parts.h"
#include "report/history.h"

/* Whole milliseconds; null when unknown or beyond what a date can say. */
static void put_wall(json_t *o, const char *key, double wall_s)
{
    bool known = wall_s > 0 && wall_s < 1e10;
    put_time(o, key, known ? (uint64_t)llround(wall_s * 1e3) * NS_PER_MS : 0);
}

static json_t *change_to_json(const HistoryReport *r, ptrdiff_t k)
{
    const History *h = r->h;
    const ChangePoint *p = &r->changes.v[k];
    const Triage *said = history_triage(r, k);
    json_t *o = json_object();
    put(o, "index", json_integer(p->index));
    put_text(o, "state", p->confirmed ? "confirmed" : "suspected");
    put(o, "first", json_integer(p->first));
    put(o, "last", json_integer(p->last));
    put_num(o, "before", p->before);
    put_num(o, "after", p->after);
    put_num(o, "change", p->change);
    put_num(o, "p", p->p);
    put(o, "points_needed", json_integer(p->points_needed));
    put_wall(o, "time", h->v[p->index].wall_s);
    put_text(o, "run", h->v[p->index].run);
    put_text(o, "commit", h->v[p->index].commit);
    put_text(o, "triage", said ? triage_name(said->kind) : NULL);
    put_text(o, "triage_id", said ? said->id : NULL);
    put_text(o, "triage_reason", said ? said->reason : NULL);
    return o;
}

static json_t *trend_to_json(const HistoryReport *r)
{
    json_t *o = json_object();
    put_num(o, "slope_per_day", r->timed ? r->per_day.slope : (double)NAN);
    put_num(o, "slope_per_point", r->per_point.slope);
    put_num(o, "low", r->per_point.low);
    put_num(o, "high", r->per_point.high);
    put_num(o, "low_per_day", r->timed ? r->per_day.low : (double)NAN);
    put_num(o, "high_per_day", r->timed ? r->per_day.high : (double)NAN);
    put_num(o, "r2", r->per_point.r2);
    put_num(o, "p", r->per_point.p);
    return o;
}

static json_t *drift_to_json(const HistoryReport *r)
{
    json_t *o = json_object();
    put(o, "since", json_integer(r->since));
    put(o, "n", json_integer(r->drift.n));
    put(o, "drifted", json_boolean(r->drift.drifted));
    put_num(o, "change", r->drift.change);
    put_num(o, "low", r->drift.low);
    put_num(o, "high", r->drift.high);
    put_num(o, "p", r->drift.p);
    return o;
}

static json_t *week_to_json(const HistoryReport *r)
{
    const Period *w = &r->week;
    if (!r->timed || w->n_before == 0 || w->n_now == 0)
        return json_null();
    json_t *o = json_object();
    put_num(o, "before", w->before);
    put_num(o, "now", w->now);
    put_num(o, "change", w->change);
    put_num(o, "p", w->p);
    put(o, "n_before", json_integer(w->n_before));
    put(o, "n_now", json_integer(w->n_now));
    return o;
}

/* A place of the projection as time, where there are times, and as index else. */
static void put_moment(json_t *o, const HistoryReport *r, const char *key, double at)
{
    if (r->timed)
        put_wall(o, key, r->h->v[0].wall_s + at * 86400);
    else
        put_num(o, key, at);
}

static json_t *projection_to_json(const HistoryReport *r, double limit)
{
    if (isnan(limit))
        return json_null();
    json_t *o = json_object();
    put_num(o, "limit", limit);
    put_moment(o, r, "at", r->crossing.at);
    put_moment(o, r, "earliest", r->crossing.low);
    put_moment(o, r, "latest", r->crossing.high);
    return o;
}

static json_t *points_to_json(const History *h)
{
    json_t *list = json_array();
    for (ptrdiff_t i = 0; i < h->n; i++) {
        json_t *o = json_object();
        put_num(o, "value", h->v[i].value);
        put_wall(o, "time", h->v[i].wall_s);
        put_text(o, "run", h->v[i].run);
        put_text(o, "commit", h->v[i].commit);
        append(list, o);
    }
    return list;
}

static json_t *to_json(const HistoryReport *r, double limit, bool points)
{
    const History *h = r->h;
    json_t *o = json_object(), *changes = json_array(), *expected = json_object();
    put_text(o, "schema", "assay.history/1");
    put_text(o, "case", h->name);
    put_text(o, "metric", h->metric);
    put_text(o, "unit", h->unit);
    put_text(o, "better", better_name(h->better));
    put_text(o, "mode", history_modes[r->mode]);
    put(o, "n", json_integer(h->n));
    put(o, "missing", json_integer(h->n - r->n));
    put(o, "elsewhere", json_integer(h->n_elsewhere));
    for (ptrdiff_t i = 0; i < r->changes.n; i++)
        append(changes, change_to_json(r, i));
    put(o, "change_points", changes);
    put(o, "trend", trend_to_json(r));
    put(o, "drift", drift_to_json(r));
    put(o, "week", week_to_json(r));
    put(o, "projection", projection_to_json(r, limit));
    put_num(expected, "low", r->expected.low);
    put_num(expected, "high", r->expected.high);
    put(o, "expected", expected);
    if (points)
        put(o, "points", points_to_json(h));
    return o;
}

int history_json(const HistoryReport *r, double limit, bool points, StrBuf *out, Err *err)
{
    CLEANUP(json_free) json_t *j = to_json(r, limit, points);
    return json_print(j, out, err);
}
