/* BenchmarkDotNet's JSON (full, full-compressed, brief). Statistics are nanoseconds per operation;
 * not-a-number is written as "" (or bare NaN by old releases). */
#include <math.h>
#include <string.h>

#include "harness/formats.h"
#include "harness/harvest.h"
#include "harness/lenient.h"

static int recognise(const HarnessInput *in)
{
    return json_object_get(in->json, "HostEnvironmentInfo") &&
                   json_is_array(json_object_get(in->json, "Benchmarks"))
               ? 95
               : 0;
}

static void read_host(Harvest *h, const json_t *host)
{
    const json_t *cpu = json_object_get(host, "ProcessorName");
    double cpus = lenient_get(host, "LogicalCoreCount");
    Testbed *t = &h->run->testbed;
    /* an object with a Value up to 0.9.9 */
    t->cpu = harvest_text(h, json_is_object(cpu) ? lenient_text(cpu, "Value")
                                                 : lenient_text(host, "ProcessorName"));
    t->os = harvest_text(h, lenient_text(host, "OsVersion"));
    t->cpus = cpus >= 1 && cpus < 1e6 ? (uint32_t)cpus : 0;
    harvest_tag(h, "producer_version", lenient_text(host, "BenchmarkDotNetVersion"));
    harvest_tag(h, "runtime", lenient_text(host, "RuntimeVersion"));
    harvest_tag(h, "configuration", lenient_text(host, "Configuration"));
    if (json_is_true(json_object_get(host, "HasAttachedDebugger")))
        validity_add(&h->run->validity, &h->run->arena, GRADE_SUSPECT, "debugger",
                     "a debugger was attached");
}

/* "Benchmarks.Fib10: Job-X(Runtime=.NET 8.0) [n=1]": what stands between. */
static Str job_of(const json_t *o)
{
    Str info = lenient_text(o, "DisplayInfo");
    ptrdiff_t colon = str_find(info, STR(": ")), params = str_find(info, STR(" ["));
    if (colon < 0)
        return (Str){ 0 };
    return str_trim(str_slice(info, colon + 2, params > colon ? params : info.len));
}

/* The stable name does not tell jobs apart: where another job has it already, the job is added. */
static CaseResult *case_of(Harvest *h, const json_t *o)
{
    Str name = lenient_text(o, "FullName"), job = job_of(o);
    if (!name.len)
        name = lenient_text(o, "DisplayInfo");
    const CaseResult *there = harvest_find(h, name);
    const char *other = there ? strmap_get(&there->params, "job") : NULL;
    CLEANUP(strbuf_done) StrBuf full = { 0 };
    strbuf_add(&full, name);
    if (other && !str_eqz(job, other))
        strbuf_addf(&full, " [" STR_FMT "]", STR_ARG(job));
    CaseResult *c = harvest_case(h, strbuf_str(&full));
    c->component = harvest_text(h, lenient_text(o, "Type"));
    if (job.len)
        harvest_param(h, c, "job", job);
    return c;
}

/* "a=1&b=2" */
static void read_params(const HarnessInput *in, Harvest *h, CaseResult *c, Str params)
{
    Str pair, key;
    if (!params.len)
        return;
    while (str_cut(&params, '&', &pair))
        if (str_cut(&pair, '=', &key) && key.len)
            harvest_param(h, c, arena_str(in->arena, key), pair);
}

static void read_statistics(const HarnessInput *in, Harvest *h, CaseResult *c, const json_t *s)
{
    const json_t *list = json_object_get(s, "OriginalValues");
    ptrdiff_t n = 0, first = c->n_trials;
    double *v = ARENA_ARRAY(in->arena, double, (ptrdiff_t)json_array_size(list));
    for (size_t i = 0; i < json_array_size(list); i++) {
        double x = lenient_num(json_array_get(list, i));
        if (!isnan(x))
            v[n++] = x;
    }
    harvest_samples(h, c, first, "time", UNIT_NS, v, n);
    if (n)
        return;
    Figures f = figures_none();
    f.count = lenient_get(s, "N");
    f.mean = lenient_get(s, "Mean");
    f.stddev = lenient_get(s, "StandardDeviation");
    f.min = lenient_get(s, "Min");
    f.max = lenient_get(s, "Max");
    f.p50 = lenient_get(s, "Median");
    f.p90 = lenient_get(json_object_get(s, "Percentiles"), "P90");
    f.p95 = lenient_get(json_object_get(s, "Percentiles"), "P95");
    harvest_figures(h, c, harvest_trial(h, c), "time", UNIT_NS, NULL, f);
}

static void read_metrics(Harvest *h, Trial *t, const json_t *metrics)
{
    for (size_t i = 0; i < json_array_size(metrics); i++) {
        const json_t *m = json_array_get(metrics, i), *d = json_object_get(m, "Descriptor");
        const char *name = lenient_word(d, "DisplayName");
        Unit unit = unit_find(&h->run->arena, lenient_text(d, "Unit"));
        bool greater = json_is_true(json_object_get(d, "TheGreaterTheBetter"));
        if (name)
            harvest_value(h, t, arena_strdup(&h->run->arena, name),
                          unit_better(unit, greater ? BETTER_HIGHER : BETTER_LOWER), NULL,
                          lenient_get(m, "Value"));
    }
}

static void read_memory(Harvest *h, Trial *t, const json_t *memory)
{
    Unit count = unit_better(UNIT_COUNT, BETTER_LOWER);
    harvest_value(h, t, "alloc_bytes", UNIT_BYTES, "per operation",
                  lenient_get(memory, "BytesAllocatedPerOperation"));
    harvest_value(h, t, "gen0_collections", count, NULL, lenient_get(memory, "Gen0Collections"));
    harvest_value(h, t, "gen1_collections", count, NULL, lenient_get(memory, "Gen1Collections"));
    harvest_value(h, t, "gen2_collections", count, NULL, lenient_get(memory, "Gen2Collections"));
}

static void read_benchmark(const HarnessInput *in, Harvest *h, const json_t *o)
{
    CaseResult *c = case_of(h, o);
    const json_t *statistics = json_object_get(o, "Statistics");
    ptrdiff_t first = c->n_trials;
    read_params(in, h, c, lenient_text(o, "Parameters"));
    if (!json_is_object(statistics))
        validity_add(&c->validity, &h->run->arena, GRADE_INVALID, "harness-error",
                     "the benchmark has no statistics: it failed");
    read_statistics(in, h, c, statistics);
    Trial *t = first < c->n_trials ? c->trials[first] : harvest_trial(h, c);
    read_memory(h, t, json_object_get(o, "Memory"));
    read_metrics(h, t, json_object_get(o, "Metrics"));
}

/* "Sample.Benchmarks-20200529-164431": the date stands at its end, in local time. */
static void read_title(Harvest *h, Str title)
{
    enum { STAMP = 16 };
    char iso[] = "0000-00-00T00:00:00Z";
    if (title.len <= STAMP || title.ptr[title.len - STAMP] != '-')
        return;
    const char *s = title.ptr + title.len - STAMP + 1;
    memcpy(iso, s, 4);
    memcpy(iso + 5, s + 4, 2);
    memcpy(iso + 8, s + 6, 2);
    memcpy(iso + 11, s + 9, 2);
    memcpy(iso + 14, s + 11, 2);
    memcpy(iso + 17, s + 13, 2);
    harvest_date(h, str(iso));
}

static int read_json(const HarnessInput *in, Harvest *h, Err *err)
{
    (void)err;
    const json_t *list = json_object_get(in->json, "Benchmarks");
    read_host(h, json_object_get(in->json, "HostEnvironmentInfo"));
    read_title(h, lenient_text(in->json, "Title"));
    for (size_t i = 0; i < json_array_size(list); i++)
        if (json_is_object(json_array_get(list, i)))
            read_benchmark(in, h, json_array_get(list, i));
    return 0;
}

const HarnessFormat harness_benchmarkdotnet = {
    .name = "benchmarkdotnet",
    .producer = "BenchmarkDotNet",
    .summary = "BenchmarkDotNet's JSON exporters",
    .recognise = recognise,
    .read = read_json,
};
