/* pyperf's JSON, plain or gzip. Facts (name, unit) may stand on the file, the benchmark or the run:
 * the inner one wins. Values are per iteration; runs without values calibrated only. Releases of
 * the format up to 5 say `samples` and `common_metadata`. */
#include <math.h>

#include "harness/formats.h"
#include "harness/harvest.h"
#include "harness/lenient.h"

static const json_t *first_benchmark(const json_t *root)
{
    const json_t *list = json_object_get(root, "benchmarks");
    return list ? json_array_get(list, 0) : root;
}

static int recognise(const HarnessInput *in)
{
    const json_t *run = json_array_get(json_object_get(first_benchmark(in->json), "runs"), 0);
    if (!json_is_object(run))
        return 0;
    return json_object_get(run, "values") || json_object_get(run, "warmups") ||
                   json_object_get(run, "samples")
               ? 95
               : 0;
}

typedef struct Levels {
    const json_t *root, *benchmark, *run; /* metadata of each */
} Levels;

static const json_t *metadata(const json_t *o)
{
    const json_t *m = json_object_get(o, "metadata");
    return m ? m : json_object_get(o, "common_metadata");
}

static Str fact(const Levels *l, const char *key)
{
    const json_t *from[] = { l->run, l->benchmark, l->root };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(from); i++)
        if (json_is_string(json_object_get(from[i], key)))
            return lenient_text(from[i], key);
    return (Str){ 0 };
}

static Unit unit_of(const Levels *l, const char **name)
{
    Str unit = fact(l, "unit");
    *name = str_eqz(unit, "byte") ? "size" : str_eqz(unit, "integer") ? "value" : "time";
    if (str_eqz(unit, "byte"))
        return UNIT_BYTES;
    return str_eqz(unit, "integer") ? UNIT_COUNT : UNIT_S;
}

static void read_run(Harvest *h, CaseResult *c, const json_t *run, Levels l)
{
    const json_t *values = json_object_get(run, "values");
    const char *name;
    Unit unit;
    if (!values)
        values = json_object_get(run, "samples");
    l.run = metadata(run);
    unit = unit_of(&l, &name);
    if (!h->run->started_wall_ns)
        harvest_date(h, fact(&l, "date"));
    for (size_t i = 0; i < json_array_size(values) && c->n_trials < HARVEST_TRIALS_MAX; i++) {
        Trial *t = harvest_trial(h, c);
        harvest_value(h, t, name, unit, NULL, lenient_num(json_array_get(values, i)));
        if (i == 0)
            harvest_value(h, t, "rss_peak", UNIT_BYTES, "mem_max_rss of the process",
                          lenient_get(l.run, "mem_max_rss"));
    }
}

static void read_host(Harvest *h, const Levels *l)
{
    Testbed *t = &h->run->testbed;
    const json_t *count = json_object_get(l->root, "cpu_count");
    double cpus = lenient_num(count ? count : json_object_get(l->benchmark, "cpu_count"));
    Str version = fact(l, "pyperf_version");
    t->host = harvest_text(h, fact(l, "hostname"));
    t->cpu = harvest_text(h, fact(l, "cpu_model_name"));
    t->os = harvest_text(h, fact(l, "platform"));
    t->cpus = cpus >= 1 && cpus < 1e6 ? (uint32_t)cpus : 0;
    harvest_tag(h, "producer_version", version.len ? version : fact(l, "perf_version"));
    harvest_tag(h, "python", fact(l, "python_version"));
    harvest_tag(h, "python_implementation", fact(l, "python_implementation"));
}

/* The name may stand on any level, also on the runs alone. */
static Str name_of(const Levels *l, const json_t *runs)
{
    Levels with_run = { l->root, l->benchmark, metadata(json_array_get(runs, 0)) };
    return fact(&with_run, "name");
}

static void read_benchmark(Harvest *h, const json_t *root, const json_t *o)
{
    const json_t *runs = json_object_get(o, "runs");
    Levels l = { metadata(root), metadata(o), NULL };
    CaseResult *c = harvest_case(h, name_of(&l, runs));
    read_host(h, &l);
    for (size_t i = 0; i < json_array_size(runs); i++)
        read_run(h, c, json_array_get(runs, i), l);
}

static int read_json(const HarnessInput *in, Harvest *h, Err *err)
{
    (void)err;
    const json_t *list = json_object_get(in->json, "benchmarks");
    for (size_t i = 0; i < json_array_size(list); i++)
        if (json_is_object(json_array_get(list, i)))
            read_benchmark(h, in->json, json_array_get(list, i));
    if (!list && json_is_object(in->json))
        read_benchmark(h, in->json, in->json);
    return 0;
}

const HarnessFormat harness_pyperf = {
    .name = "pyperf",
    .producer = "pyperf",
    .summary = "pyperf's JSON, also gzip",
    .recognise = recognise,
    .read = read_json,
};
