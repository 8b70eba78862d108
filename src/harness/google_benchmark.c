/* Google Benchmark's JSON. Repetitions of one benchmark may stand apart from each other (random
 * interleaving), so they are brought together by run_name; aggregates are taken only where the
 * repetitions themselves are missing. */
#include <math.h>
#include <string.h>

#include "harness/formats.h"
#include "harness/harvest.h"
#include "harness/lenient.h"

static const char *const known_keys[] = {
    "name",
    "family_index",
    "per_family_instance_index",
    "run_name",
    "run_type",
    "repetitions",
    "repetition_index",
    "threads",
    "aggregate_name",
    "aggregate_unit",
    "error_occurred",
    "error_message",
    "skipped",
    "skip_message",
    "iterations",
    "real_time",
    "cpu_time",
    "time_unit",
    "cpu_coefficient",
    "real_coefficient",
    "big_o",
    "rms",
    "label",
};

static const struct {
    const char *key;
    Unit unit;
} counters[] = {
    { "bytes_per_second", { "bytes/s", 1, BETTER_HIGHER } },
    { "items_per_second", { "1/s", 1, BETTER_HIGHER } },
    { "allocs_per_iter", { "count", 1, BETTER_LOWER } },
    { "max_bytes_used", { "bytes", 1, BETTER_LOWER } },
    { "total_allocated_bytes", { "bytes", 1, BETTER_LOWER } },
    { "net_heap_growth", { "bytes", 1, BETTER_LOWER } },
};

static int recognise(const HarnessInput *in)
{
    const json_t *list = json_object_get(in->json, "benchmarks"), *first = json_array_get(list, 0);
    if (!json_is_string(json_object_get(first, "name")))
        return 0;
    if (json_object_get(first, "real_time") || json_object_get(first, "run_type") ||
        json_object_get(first, "cpu_coefficient") || json_object_get(first, "error_occurred"))
        return 90;
    return 0;
}

static bool is_known(const char *key)
{
    for (ptrdiff_t i = 0; i < ARRAY_LEN(known_keys); i++)
        if (strcmp(known_keys[i], key) == 0)
            return true;
    return false;
}

static Unit counter_unit(const char *key)
{
    for (ptrdiff_t i = 0; i < ARRAY_LEN(counters); i++)
        if (strcmp(counters[i].key, key) == 0)
            return counters[i].unit;
    return (Unit){ "", 1, BETTER_NONE };
}

/* User counters stand beside the known keys. */
static void take_counters(Harvest *h, Trial *t, json_t *o)
{
    const char *key;
    json_t *v;
    json_object_foreach(o, key, v) if (!is_known(key) && json_is_number(v)) harvest_value(
        h, t, arena_strdup(&h->run->arena, key), counter_unit(key), NULL, json_number_value(v));
}

static Unit time_unit(const json_t *o)
{
    double ns = unit_time_ns(lenient_text(o, "time_unit"));
    return (Unit){ "ns", ns > 0 ? ns : 1, BETTER_LOWER };
}

static Str case_name(const json_t *o)
{
    Str name = lenient_text(o, "run_name");
    return name.len ? name : lenient_text(o, "name");
}

/* Older releases have no run_type: "BM/8_mean" is all there is to see. */
static Str aggregate_of(const json_t *o)
{
    static const char *const suffixes[] = { "mean", "median", "stddev", "cv", "BigO", "RMS" };
    Str name = lenient_text(o, "name"), aggregate = lenient_text(o, "aggregate_name");
    if (aggregate.len || json_object_get(o, "run_type"))
        return aggregate;
    for (ptrdiff_t i = 0; i < ARRAY_LEN(suffixes); i++) {
        ptrdiff_t n = str(suffixes[i]).len;
        if (name.len > n && str_ends(name, str(suffixes[i])) && name.ptr[name.len - n - 1] == '_')
            return str(suffixes[i]);
    }
    return (Str){ 0 };
}

static void take_failure(Harvest *h, Trial *t, const json_t *o)
{
    const char *why = lenient_word(o, "error_message");
    const char *skipped = lenient_word(o, "skip_message");
    if (json_is_true(json_object_get(o, "error_occurred")))
        validity_add(&t->validity, &h->run->arena, GRADE_INVALID, "harness-error",
                     "the benchmark reported an error: %s", why ? why : "no message");
    else if (json_object_get(o, "skipped"))
        validity_add(&t->validity, &h->run->arena, GRADE_INVALID, "harness-skipped",
                     "the benchmark was skipped: %s", skipped ? skipped : "no message");
}

static bool has_failed(const json_t *o)
{
    return json_is_true(json_object_get(o, "error_occurred")) || json_object_get(o, "skipped");
}

static void read_iteration(Harvest *h, json_t *o)
{
    CaseResult *c = harvest_case(h, case_name(o));
    Trial *t = harvest_trial(h, c);
    const char *label = lenient_word(o, "label");
    if (label && !c->note)
        c->note = arena_strdup(&h->run->arena, label);
    take_failure(h, t, o);
    if (has_failed(o))
        return;
    harvest_value(h, t, "time", time_unit(o), "mean of its iterations",
                  lenient_get(o, "real_time"));
    harvest_value(h, t, "cpu_time", time_unit(o), "mean of its iterations",
                  lenient_get(o, "cpu_time"));
    take_counters(h, t, o);
}

/* What the aggregates of one benchmark say. */
typedef struct Aggregates {
    Str name; /* of the benchmark */
    Unit unit;
    Figures time, cpu;
} Aggregates;

static void flush_aggregates(Harvest *h, Aggregates *g)
{
    if (!g->name.len)
        return;
    CaseResult *c = harvest_case(h, g->name);
    Trial *t = harvest_trial(h, c);
    harvest_figures(h, c, t, "time", g->unit, "aggregates only", g->time);
    harvest_figures(h, c, t, "cpu_time", g->unit, "aggregates only", g->cpu);
    g->name = (Str){ 0 };
}

static void take_aggregate(Aggregates *g, const json_t *o, Str aggregate)
{
    double time = lenient_get(o, "real_time"), cpu = lenient_get(o, "cpu_time");
    if (str_eqz(aggregate, "mean"))
        g->time.mean = time, g->cpu.mean = cpu;
    else if (str_eqz(aggregate, "median"))
        g->time.p50 = time, g->cpu.p50 = cpu;
    else if (str_eqz(aggregate, "stddev"))
        g->time.stddev = time, g->cpu.stddev = cpu;
    else if (str_eqz(aggregate, "min"))
        g->time.min = time, g->cpu.min = cpu;
    else if (str_eqz(aggregate, "max"))
        g->time.max = time, g->cpu.max = cpu;
}

/* The benchmark that an aggregate is of: without run_name, what stands before "_mean". */
static Str aggregated_name(const json_t *o, Str aggregate)
{
    Str name = case_name(o);
    bool cut = !lenient_text(o, "run_name").len && str_ends(name, aggregate) &&
               name.len > aggregate.len + 1;
    return cut ? str_slice(name, 0, name.len - aggregate.len - 1) : name;
}

static void read_aggregates(Harvest *h, const json_t *list)
{
    Aggregates g = { 0 };
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *o = json_array_get(list, i);
        Str aggregate = aggregate_of(o);
        Str name = aggregated_name(o, aggregate);
        const CaseResult *c = harvest_find(h, name);
        if (!aggregate.len || !name.len || json_object_get(o, "big_o") ||
            json_object_get(o, "rms") || (c && c->n_trials))
            continue;
        if (!str_eq(name, g.name)) {
            flush_aggregates(h, &g);
            g = (Aggregates){ name, time_unit(o), figures_none(), figures_none() };
            g.time.count = g.cpu.count = lenient_get(o, "repetitions");
        }
        take_aggregate(&g, o, aggregate);
    }
    flush_aggregates(h, &g);
}

static void read_context(Harvest *h, json_t *context)
{
    Run *r = h->run;
    const char *key;
    json_t *v;
    double cpus = lenient_get(context, "num_cpus");
    harvest_date(h, lenient_text(context, "date"));
    r->testbed.host = harvest_text(h, lenient_text(context, "host_name"));
    r->testbed.cpus = cpus >= 1 && cpus < 1e6 ? (uint32_t)cpus : 0;
    harvest_tag(h, "producer_version", lenient_text(context, "library_version"));
    json_object_foreach(context, key, v) if (json_is_string(v) && strcmp(key, "date") != 0 &&
                                             strcmp(key, "host_name") != 0 &&
                                             strcmp(key, "library_version") != 0)
        harvest_tag(h, key, str(json_string_value(v)));
    if (str_eqz(lenient_text(context, "library_build_type"), "debug"))
        validity_add(&r->validity, &r->arena, GRADE_SUSPECT, "debug-build",
                     "the benchmark library was built as debug: timings may be affected");
    if (json_is_true(json_object_get(context, "cpu_scaling_enabled")))
        harvest_tag(h, "cpu_scaling", STR("enabled"));
}

static int read_json(const HarnessInput *in, Harvest *h, Err *err)
{
    (void)err;
    const json_t *list = json_object_get(in->json, "benchmarks");
    read_context(h, json_object_get(in->json, "context"));
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *o = json_array_get(list, i);
        bool figures = !json_object_get(o, "big_o") && !json_object_get(o, "rms");
        if (json_is_object(o) && !aggregate_of(o).len && figures)
            read_iteration(h, o);
    }
    read_aggregates(h, list);
    return 0;
}

const HarnessFormat harness_google_benchmark = {
    .name = "google-benchmark",
    .producer = "Google Benchmark",
    .summary = "Google Benchmark --benchmark_format=json",
    .recognise = recognise,
    .read = read_json,
};
