/* Results in the shapes that other tools' readers know: hyperfine's, Google Benchmark's and
 * Bencher's JSON. Only what the run holds is written; a figure that is missing is left out. */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "report/formats.h"
#include "report/words.h"

static int print(json_t *j, StrBuf *out, Err *err)
{
    int r = json_print(j, out, err);
    json_decref(j);
    return r;
}

static void set_num(json_t *to, const char *key, double v)
{
    if (isfinite(v))
        json_object_set_new(to, key, json_num(v));
}

static double value_of(const Trial *t, const char *name)
{
    const Metric *m = trial_find_metric(t, name);
    return m ? m->value : (double)NAN;
}

/* ---- hyperfine ---- */

static json_t *list_of(const CaseResult *c, const char *name, double scale)
{
    json_t *l = json_array();
    for (ptrdiff_t i = 0; i < c->n_trials; i++) {
        double v = value_of(c->trials[i], name) * scale;
        if (isfinite(v))
            json_array_append_new(l, json_num(v));
    }
    return l;
}

static json_t *hyperfine_result(const CaseResult *c)
{
    const MetricSummary *wall = case_find_metric(c, "wall");
    json_t *r = json_object(), *codes = json_array(), *params = json_object();
    json_object_set_new(r, "command", json_text(c->name));
    set_num(r, "mean", wall->mean / 1e9);
    set_num(r, "stddev", wall->stddev / 1e9);
    set_num(r, "median", wall->p50 / 1e9);
    static const char *const parts[] = { "user", "system" };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(parts); i++) {
        const MetricSummary *m = case_find_metric(c, parts[i]);
        set_num(r, parts[i], m ? m->mean / 1e9 : (double)NAN);
    }
    set_num(r, "min", wall->min / 1e9);
    set_num(r, "max", wall->max / 1e9);
    json_object_set_new(r, "times", list_of(c, "wall", 1e-9));
    if (case_find_metric(c, "rss_peak"))
        json_object_set_new(r, "memory_usage_byte", list_of(c, "rss_peak", 1));
    for (ptrdiff_t i = 0; i < c->n_trials; i++)
        json_array_append_new(codes, json_integer(c->trials[i]->exit_code));
    json_object_set_new(r, "exit_codes", codes);
    for (ptrdiff_t i = 0; i < c->params.n; i++)
        json_object_set_new(params, c->params.v[i].key, json_text(c->params.v[i].value));
    if (c->params.n)
        json_object_set(r, "parameters", params);
    json_decref(params);
    return r;
}

int report_hyperfine(const Run *r, const ReportOpts *o, StrBuf *out, Err *err)
{
    (void)o;
    json_t *results = json_array();
    for (ptrdiff_t i = 0; i < r->n_cases; i++)
        if (r->cases[i]->side == SIDE_HEAD && case_find_metric(r->cases[i], "wall"))
            json_array_append_new(results, hyperfine_result(r->cases[i]));
    return print(json_pack("{s:o}", "results", results), out, err);
}

/* ---- Google Benchmark ---- */

static const char *time_metric(const CaseResult *c)
{
    static const char *const names[] = { "time", "wall", "latency" };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(names); i++)
        if (case_find_metric(c, names[i]))
            return names[i];
    return NULL;
}

static json_t *google_entry(const CaseResult *c, const char *name, ptrdiff_t i)
{
    static const struct {
        const char *theirs, *ours;
    } more[] = {
        { "bytes_per_second", "bytes_per_s" },
        { "items_per_second", "items_per_s" },
        { "allocs_per_iter", "allocations" },
    };
    const Trial *t = c->trials[i];
    double real = value_of(t, name);
    double cpu = value_of(t, strcmp(name, "wall") == 0 ? "cpu" : "cpu_time");
    json_t *e = json_pack("{s:o, s:o, s:s, s:I, s:I}", "name", json_text(c->name), "run_name",
                          json_text(c->name), "run_type", "iteration", "repetitions",
                          (json_int_t)c->n_trials, "repetition_index", (json_int_t)i);
    set_num(e, "iterations", isfinite(value_of(t, "iterations")) ? value_of(t, "iterations") : 1);
    set_num(e, "real_time", real);
    set_num(e, "cpu_time", isfinite(cpu) ? cpu : real);
    json_object_set_new(e, "time_unit", json_string("ns"));
    for (ptrdiff_t k = 0; k < ARRAY_LEN(more); k++)
        set_num(e, more[k].theirs, value_of(t, more[k].ours));
    return e;
}

int report_google_benchmark(const Run *r, const ReportOpts *o, StrBuf *out, Err *err)
{
    (void)o;
    char iso[CLOCK_ISO_MAX];
    json_t *all = json_array();
    for (ptrdiff_t i = 0; i < r->n_cases; i++) {
        const CaseResult *c = r->cases[i];
        const char *name = c->side == SIDE_HEAD ? time_metric(c) : NULL;
        for (ptrdiff_t k = 0; name && k < c->n_trials; k++)
            if (isfinite(value_of(c->trials[k], name)))
                json_array_append_new(all, google_entry(c, name, k));
    }
    json_t *context =
        json_pack("{s:s, s:o, s:o, s:I, s:s}", "date", clock_iso(iso, r->started_wall_ns),
                  "host_name", json_text(r->testbed.host), "executable", json_text(r->suite),
                  "num_cpus", (json_int_t)r->testbed.cpus, "library_build_type", "release");
    return print(json_pack("{s:o, s:o}", "context", context, "benchmarks", all), out, err);
}

/* ---- Bencher ---- */

/* Measures that Bencher knows by name have its units: ns, operations per second. */
static const char *bencher_measure(const char *metric)
{
    static const struct {
        const char *ours, *theirs;
    } names[] = {
        { "time", "latency" },
        { "wall", "latency" },
        { "latency", "latency" },
        { "throughput", "throughput" },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(names); i++)
        if (strcmp(metric, names[i].ours) == 0)
            return names[i].theirs;
    return metric;
}

static json_t *bencher_value(const MetricSummary *m)
{
    json_t *v = json_object();
    set_num(v, "value", m->figure);
    set_num(v, "lower_value", m->min);
    set_num(v, "upper_value", m->max);
    return v;
}

int report_bencher(const Run *r, const ReportOpts *o, StrBuf *out, Err *err)
{
    (void)o;
    json_t *all = json_object();
    for (ptrdiff_t i = 0; i < r->n_cases; i++) {
        const CaseResult *c = r->cases[i];
        if (c->side != SIDE_HEAD)
            continue;
        json_t *measures = json_object();
        for (ptrdiff_t k = 0; k < c->n_metrics; k++)
            if (isfinite(c->metrics[k].figure))
                json_object_set_new(measures, bencher_measure(c->metrics[k].name),
                                    bencher_value(&c->metrics[k]));
        if (json_object_size(measures))
            json_object_set(all, c->name, measures);
        json_decref(measures);
    }
    return print(all, out, err);
}
