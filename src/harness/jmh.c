/* JMH's JSON. Higher is better exactly where the unit starts with "ops"; JMH's MB are 1024 * 1024
 * bytes. */
#include <math.h>
#include <string.h>

#include "harness/formats.h"
#include "harness/harvest.h"
#include "harness/jmh.h"
#include "harness/lenient.h"

Unit jmh_unit(Harvest *h, Str text)
{
    Unit u = unit_find(&h->run->arena, text);
    if (str_eqz(text, "MB/sec"))
        u = (Unit){ "bytes/s", 1048576, BETTER_LOWER };
    else if (str_eqz(text, "counts"))
        u = UNIT_COUNT;
    u.better = str_starts(text, STR("ops")) ? BETTER_HIGHER : BETTER_LOWER;
    return u;
}

const char *jmh_metric(Unit unit)
{
    return strcmp(unit.name, "ns") == 0    ? "time"
           : strcmp(unit.name, "1/s") == 0 ? "throughput"
                                           : "score";
}

static int recognise(const HarnessInput *in)
{
    const json_t *first = json_array_get(in->json, 0);
    if (!json_is_object(json_object_get(first, "primaryMetric")))
        return 0;
    return json_object_get(first, "jmhVersion") ? 95 : 85;
}

/* Some iteration of some fork: one value, or (sample mode) pairs of value and count. */
typedef void PerIteration(Harvest *h, CaseResult *c, ptrdiff_t i, const json_t *item, void *user);

static void each_iteration(Harvest *h, CaseResult *c, const json_t *forks, PerIteration *fn,
                           void *user)
{
    ptrdiff_t n = 0;
    for (size_t f = 0; f < json_array_size(forks); f++) {
        const json_t *fork = json_array_get(forks, f);
        for (size_t i = 0; i < json_array_size(fork); i++)
            fn(h, c, n++, json_array_get(fork, i), user);
    }
}

typedef struct Target {
    ptrdiff_t first; /* trial of the first iteration */
    const char *name;
    Unit unit;
    ptrdiff_t n; /* iterations with something in them */
} Target;

static Trial *trial_at(Harvest *h, CaseResult *c, const Target *to, ptrdiff_t i)
{
    while (to->first + i >= c->n_trials)
        harvest_trial(h, c);
    return c->trials[to->first + i];
}

static void take_value(Harvest *h, CaseResult *c, ptrdiff_t i, const json_t *item, void *user)
{
    Target *to = user;
    harvest_value(h, trial_at(h, c, to, i), to->name, to->unit, NULL, lenient_num(item));
    to->n += !isnan(lenient_num(item));
}

static void take_hist(Harvest *h, CaseResult *c, ptrdiff_t i, const json_t *item, void *user)
{
    Target *to = user;
    Hist *hist = NULL;
    Trial *t = trial_at(h, c, to, i);
    if (strcmp(to->unit.name, "ns") != 0 || hist_new(&hist, NULL) < 0)
        return;
    for (size_t k = 0; k < json_array_size(item); k++) {
        const json_t *pair = json_array_get(item, k);
        harvest_record(hist, lenient_num(json_array_get(pair, 0)) * to->unit.factor,
                       lenient_num(json_array_get(pair, 1)));
    }
    to->n += hist->n > 0;
    harvest_hist(h, t, to->name, "sampled", hist);
}

static Figures stated(const json_t *metric)
{
    Figures f = figures_none();
    json_t *list = json_object_get(metric, "scorePercentiles");
    const char *key;
    json_t *v;
    double p;
    f.mean = lenient_get(metric, "score");
    json_object_foreach(list, key, v) if (str_to_f64(str(key), &p) == 0)
        figures_set(&f, p / 100, lenient_num(v));
    return f;
}

static void take_metric(Harvest *h, CaseResult *c, ptrdiff_t first, const char *name,
                        const json_t *metric)
{
    Target to = { first, name, jmh_unit(h, lenient_text(metric, "scoreUnit")), 0 };
    if (!name)
        to.name = jmh_metric(to.unit);
    each_iteration(h, c, json_object_get(metric, "rawDataHistogram"), take_hist, &to);
    if (to.n == 0)
        each_iteration(h, c, json_object_get(metric, "rawData"), take_value, &to);
    if (to.n == 0)
        harvest_figures(h, c, trial_at(h, c, &to, 0), to.name, to.unit, NULL, stated(metric));
}

/* Releases before 1.36 put a middle dot before what profilers add. */
static const char *secondary_name(Harvest *h, const char *key)
{
    Str s = str(key), dot = STR("\xc2\xb7");
    return arena_str(&h->run->arena, str_starts(s, dot) ? str_slice(s, dot.len, s.len) : s);
}

static void read_params(const HarnessInput *in, json_t *o, StrMap *params)
{
    const char *key;
    json_t *v;
    json_object_foreach(json_object_get(o, "params"), key, v) if (json_is_string(v))
        strmap_set(in->arena, params, key, json_string_value(v));
}

/* Benchmark and parameters name the case; the mode only where another mode has taken that name. */
CaseResult *jmh_case(Harvest *h, Arena *scratch, Str benchmark, StrMap *params, const char *mode)
{
    CaseResult *c = harvest_case_with(h, benchmark, params);
    const char *there = strmap_get(&c->params, "mode");
    if (c->n_trials && there && strcmp(there, mode) != 0) {
        strmap_set(scratch, params, "mode", mode);
        c = harvest_case_with(h, benchmark, params);
    }
    harvest_param(h, c, "mode", str(mode));
    return c;
}

static void read_benchmark(const HarnessInput *in, Harvest *h, json_t *o)
{
    StrMap params = { 0 };
    const char *mode = lenient_word(o, "mode"), *key;
    json_t *v;
    read_params(in, o, &params);
    CaseResult *c =
        jmh_case(h, in->arena, lenient_text(o, "benchmark"), &params, mode ? mode : "unknown");
    ptrdiff_t first = c->n_trials;
    take_metric(h, c, first, NULL, json_object_get(o, "primaryMetric"));
    json_object_foreach(json_object_get(o, "secondaryMetrics"), key, v)
        take_metric(h, c, first, secondary_name(h, key), v);
}

static int read_json(const HarnessInput *in, Harvest *h, Err *err)
{
    (void)err;
    json_t *first = json_array_get(in->json, 0);
    harvest_tag(h, "producer_version", lenient_text(first, "jmhVersion"));
    harvest_tag(h, "jdk", lenient_text(first, "jdkVersion"));
    harvest_tag(h, "vm", lenient_text(first, "vmName"));
    for (size_t i = 0; i < json_array_size(in->json); i++)
        if (json_is_object(json_array_get(in->json, i)))
            read_benchmark(in, h, json_array_get(in->json, i));
    return 0;
}

const HarnessFormat harness_jmh = {
    .name = "jmh",
    .producer = "JMH",
    .summary = "JMH -rf json",
    .recognise = recognise,
    .read = read_json,
};
