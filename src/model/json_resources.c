/* Resources of a case: a line for each series, and the series themselves, thinned where they are
 * long. The store keeps them whole. */
#include <math.h>
#include <string.h>

#include "model/json_parts.h"

/* Most points of one series of one trial in a document. */
enum { POINTS_MAX = 600 };

/* One series over all trials, in its measured part (t >= 0). */
typedef struct Line {
    const Series *first;
    double sum, max;
    ptrdiff_t n;
} Line;

static void line_add(Line *l, const Series *s)
{
    for (ptrdiff_t i = 0; i < s->n; i++) {
        if (s->t_s[i] < 0 || !isfinite(s->v[i]))
            continue;
        l->sum += s->v[i];
        l->max = l->n ? MAX(l->max, s->v[i]) : s->v[i];
        l->n++;
    }
}

static json_t *line_to_json(const Line *l)
{
    json_t *o = json_object();
    put_text(o, "unit", l->first->unit);
    put_text(o, "method", l->first->method);
    put_u64(o, "count", (uint64_t)l->n);
    put_num(o, "mean", l->n ? l->sum / (double)l->n : (double)NAN);
    put_num(o, "max", l->n ? l->max : (double)NAN);
    return o;
}

static void put_line(json_t *o, const CaseResult *c, const Trial **trials, const Series *s)
{
    CLEANUP(arena_done) Arena scratch = { 0 };
    json_t *clean = json_text(arena_printf(&scratch, "%s.%s", s->scope, s->name));
    const char *key = json_string_value(clean);
    if (!json_object_get(o, key)) {
        Line l = { .first = s };
        for (ptrdiff_t i = 0; i < c->n_trials; i++) {
            const Series *same = series_find(&trials[i]->series, s->scope, s->name);
            if (same)
                line_add(&l, same);
        }
        put(o, key, line_to_json(&l));
    }
    json_decref(clean);
}

static void push_point(json_t *t, json_t *v, const Series *s, ptrdiff_t i)
{
    append(t, json_num(s->t_s[i]));
    append(v, json_num(s->v[i]));
}

/* The lowest and the highest point of s[from, to), in order of time; the first when all are
 * missing. Real points only: nothing is averaged, no peak is lost. */
static void push_extremes(json_t *t, json_t *v, const Series *s, ptrdiff_t from, ptrdiff_t to)
{
    ptrdiff_t lo = from, hi = from;
    for (ptrdiff_t i = from; i < to; i++) {
        if (isnan(s->v[lo]) || s->v[i] < s->v[lo])
            lo = i;
        if (isnan(s->v[hi]) || s->v[i] > s->v[hi])
            hi = i;
    }
    push_point(t, v, s, MIN(lo, hi));
    if (lo != hi)
        push_point(t, v, s, MAX(lo, hi));
}

static json_t *series_to_json(const Series *s, ptrdiff_t trial)
{
    json_t *o = json_object(), *t = json_array(), *v = json_array();
    ptrdiff_t buckets = s->n > POINTS_MAX ? POINTS_MAX / 2 : s->n;
    for (ptrdiff_t b = 0; b < buckets; b++)
        push_extremes(t, v, s, s->n * b / buckets, s->n * (b + 1) / buckets);
    put(o, "trial", json_integer(trial));
    put_text(o, "scope", s->scope);
    put_text(o, "name", s->name);
    put_text(o, "unit", s->unit);
    put_text(o, "method", s->method);
    put(o, "points", json_integer(s->n));
    put(o, "t_s", t);
    put(o, "v", v);
    return o;
}

json_t *resources_to_json(const CaseResult *c, const Trial **trials)
{
    json_t *o = json_object(), *all = json_array();
    for (ptrdiff_t i = 0; i < c->n_trials; i++) {
        const SeriesList *l = &trials[i]->series;
        for (ptrdiff_t k = 0; k < l->n; k++) {
            put_line(o, c, trials, &l->v[k]);
            append(all, series_to_json(&l->v[k], i));
        }
    }
    put(o, "series", all);
    return o;
}

static int read_points(const Node *n, Arena *a, Series *s)
{
    double *t = NULL, *v = NULL;
    ptrdiff_t n_t = 0, n_v = 0;
    TRY(get_nums(n, "t_s", &t, &n_t));
    TRY(get_nums(n, "v", &v, &n_v));
    if (n_t != n_v)
        return node_fail(n, "%td times but %td values", n_t, n_v);
    for (ptrdiff_t i = 0; i < n_t; i++) {
        if (!isfinite(t[i]) || (i && !(t[i] > t[i - 1])))
            return node_fail(n, "t_s[%td] is not later than the point before", i);
        series_push(s, a, t[i], v[i]);
    }
    return 0;
}

static int series_from_json(const Node *n, Run *r, Trial **trials, ptrdiff_t n_trials)
{
    const char *scope = NULL, *name = NULL, *unit = NULL, *method = "not stated";
    uint64_t trial = 0;
    TRY(get_u64(n, "trial", &trial));
    TRY(need_text(n, "scope", &scope));
    TRY(need_text(n, "name", &name));
    TRY(need_text(n, "unit", &unit));
    TRY(get_text(n, "method", &method));
    if (trial >= (uint64_t)n_trials)
        return node_fail(n, "trial %llu of %td", (unsigned long long)trial, n_trials);
    Series *s = series_new(&trials[trial]->series, &r->arena, scope, name, unit, method);
    return read_points(n, &r->arena, s);
}

int resources_from_json(const Node *n, Run *r, Trial **trials, ptrdiff_t n_trials)
{
    Node all = node_get(n, "series");
    for (ptrdiff_t i = 0; i < node_len(&all); i++) {
        Node at = node_at(&all, i);
        TRY(series_from_json(&at, r, trials, n_trials));
    }
    return 0;
}
