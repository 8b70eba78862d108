/* k6's streams of single measurements: --out json (a JSON document a line) and --out csv. Times
 * become distributions; tags are not kept apart. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "harness/formats.h"
#include "harness/k6.h"
#include "harness/lenient.h"
#include "harness/scan.h"

enum { METRICS_MAX = 500 };

typedef enum Type { TYPE_TREND, TYPE_COUNTER, TYPE_RATE, TYPE_GAUGE } Type;

typedef struct Gathered {
    const char *name; /* k6's, in the input's arena */
    Type type;
    bool time, data;
    Hist *hist; /* owned; times */
    double n, sum, sum_squares, min, max, last;
} Gathered;

typedef struct Stream {
    Harvest *h;
    Arena *arena;
    Gathered *v; /* [METRICS_MAX] */
    ptrdiff_t n, latest;
    double first_s, last_s;
} Stream;

static Type type_of(Str type, Str name)
{
    if (str_eqz(type, "counter"))
        return TYPE_COUNTER;
    if (str_eqz(type, "rate"))
        return TYPE_RATE;
    if (str_eqz(type, "gauge"))
        return TYPE_GAUGE;
    if (type.len)
        return TYPE_TREND;
    if (str_eqz(name, "http_reqs") || str_eqz(name, "iterations") ||
        str_starts(name, STR("data_")) || str_eqz(name, "dropped_iterations"))
        return TYPE_COUNTER;
    if (str_eqz(name, "http_req_failed") || str_eqz(name, "checks"))
        return TYPE_RATE;
    return str_eqz(name, "vus") || str_eqz(name, "vus_max") ? TYPE_GAUGE : TYPE_TREND;
}

/* The metric of that name, new or known; NULL when there are too many. */
static Gathered *gathered_of(Stream *s, Str name, Str type, Str contains)
{
    if (s->n && str_eqz(name, s->v[s->latest].name))
        return &s->v[s->latest];
    for (s->latest = 0; s->latest < s->n; s->latest++)
        if (str_eqz(name, s->v[s->latest].name))
            return &s->v[s->latest];
    if (s->n == METRICS_MAX)
        return NULL;
    bool time = contains.len ? str_eqz(contains, "time") : k6_is_time(name);
    s->v[s->n] = (Gathered){ .name = arena_str(s->arena, name),
                             .type = type_of(type, name),
                             .time = time,
                             .data = str_eqz(contains, "data") || str_starts(name, STR("data_")),
                             .min = (double)INFINITY,
                             .max = -(double)INFINITY };
    return &s->v[s->n++];
}

static int take_point(Stream *s, Gathered *g, double at_s, double v, Err *err)
{
    if (!isfinite(v))
        return 0;
    if (at_s > 0) {
        s->first_s = s->first_s > 0 ? MIN(s->first_s, at_s) : at_s;
        s->last_s = MAX(s->last_s, at_s);
    }
    g->n++;
    g->sum += v;
    g->sum_squares += v * v;
    g->min = MIN(g->min, v);
    g->max = MAX(g->max, v);
    g->last = v;
    if (g->type != TYPE_TREND || !g->time)
        return 0;
    if (!g->hist)
        TRY(hist_new(&g->hist, err));
    harvest_record(g->hist, v * 1e6, 1);
    return 0;
}

static Figures figures_of(const Gathered *g)
{
    Figures f = figures_none();
    double n = g->n;
    f.count = n;
    f.mean = g->sum / n;
    f.min = g->min;
    f.max = g->max;
    if (n > 1)
        f.stddev = sqrt(MAX(0.0, (g->sum_squares - g->sum * g->sum / n) / (n - 1)));
    return f;
}

static void finish_metric(Stream *s, CaseResult *c, Trial *t, Gathered *g)
{
    Harvest *h = s->h;
    const char *name = k6_metric_name(h, str(g->name));
    double span = s->last_s - s->first_s;
    if (g->hist)
        harvest_hist(h, t, name, NULL, TAKE(g->hist));
    else if (g->type == TYPE_TREND && g->n > 0)
        harvest_figures(h, c, t, name, g->data ? UNIT_BYTES : (Unit){ "", 1, BETTER_NONE }, NULL,
                        figures_of(g));
    else if (g->type == TYPE_RATE && g->n > 0)
        harvest_value(
            h, t, name,
            unit_better(UNIT_SHARE, str_eqz(str(g->name), "checks") ? BETTER_HIGHER : BETTER_NONE),
            NULL, g->sum / g->n);
    else if (g->type == TYPE_GAUGE)
        harvest_value(h, t, name, UNIT_COUNT, "last", g->last);
    else if (g->type == TYPE_COUNTER && str_eqz(str(g->name), "http_reqs"))
        harvest_value(h, t, name, UNIT_PER_S, "first to last point", g->sum / span);
    else
        harvest_value(h, t, name, unit_better(g->data ? UNIT_BYTES : UNIT_COUNT, BETTER_NONE), NULL,
                      g->sum);
    if (str_eqz(str(g->name), "http_req_failed"))
        harvest_outcomes(t, g->n - g->sum, g->sum, FAIL_STATUS, 0);
}

static void finish(Stream *s)
{
    CaseResult *c = harvest_case(s->h, STR("k6"));
    Trial *t = harvest_trial(s->h, c);
    double span = s->last_s - s->first_s;
    harvest_epoch(s->h, s->first_s, NS_PER_S);
    if (span > 0 && span < 1e9)
        t->duration_ns = (uint64_t)(span * 1e9);
    for (ptrdiff_t i = 0; i < s->n; i++)
        finish_metric(s, c, t, &s->v[i]);
}

static void stream_done(Stream *s)
{
    for (ptrdiff_t i = 0; i < s->n; i++)
        hist_free(s->v[i].hist);
}

static Stream stream_open(const HarnessInput *in, Harvest *h)
{
    return (
        Stream){ .h = h, .arena = in->arena, .v = ARENA_ARRAY(in->arena, Gathered, METRICS_MAX) };
}

/* --- a JSON document a line --- */

static int recognise_json(const HarnessInput *in)
{
    Str line = scan_first_line(in->text);
    CLEANUP(json_free) json_t *j = NULL;
    if (!str_starts(line, STR("{")) || lenient_parse(line, "", &j, NULL) < 0)
        return 0;
    Str type = lenient_text(j, "type");
    bool known = str_eqz(type, "Metric") || str_eqz(type, "Point");
    return known && json_object_get(j, "metric") && json_object_get(j, "data") ? 95 : 0;
}

static int take_line(Stream *s, const json_t *j, Err *err)
{
    const json_t *data = json_object_get(j, "data");
    Str name = lenient_text(j, "metric");
    Gathered *g = gathered_of(s, name, lenient_text(data, "type"), lenient_text(data, "contains"));
    if (!g)
        return err_set(err, -E2BIG, "more than %d metrics", METRICS_MAX);
    if (!str_eqz(lenient_text(j, "type"), "Point"))
        return 0;
    double at = (double)harvest_parse_date(lenient_text(data, "time")) / 1e9;
    return take_point(s, g, at, lenient_get(data, "value"), err);
}

static int read_json(const HarnessInput *in, Harvest *h, Err *err)
{
    CLEANUP(stream_done) Stream s = stream_open(in, h);
    Str rest = in->text, line;
    for (int n = 1; scan_line(&rest, &line); n++) {
        CLEANUP(json_free) json_t *j = NULL;
        if (str_trim(line).len == 0)
            continue;
        if (lenient_parse(line, "line", &j, err) < 0)
            return err_set(err, -EINVAL, "line %d is no JSON document", n);
        TRY(take_line(&s, j, err));
    }
    finish(&s);
    return 0;
}

/* --- CSV --- */

static int recognise_csv(const HarnessInput *in)
{
    return csv_starts(in->text, "metric_name,timestamp,metric_value") ? 95 : 0;
}

static int read_csv(const HarnessInput *in, Harvest *h, Err *err)
{
    CLEANUP(stream_done) Stream s = stream_open(in, h);
    Csv csv = csv_open(in->arena, in->text);
    while (csv_next(&csv)) {
        Gathered *g = gathered_of(&s, csv_cell(&csv, 0), (Str){ 0 }, (Str){ 0 });
        if (!g)
            return err_set(err, -E2BIG, "more than %d metrics", METRICS_MAX);
        TRY(take_point(&s, g, csv_num(&csv, 1), csv_num(&csv, 2), err));
    }
    finish(&s);
    return 0;
}

const HarnessFormat harness_k6_json = {
    .name = "k6-json",
    .producer = "k6",
    .summary = "k6 --out json: every point",
    .recognise = recognise_json,
    .read = read_json,
};
const HarnessFormat harness_k6_csv = {
    .name = "k6-csv",
    .producer = "k6",
    .summary = "k6 --out csv: every point",
    .recognise = recognise_csv,
    .read = read_csv,
};
