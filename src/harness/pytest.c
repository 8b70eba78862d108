/* pytest-benchmark's JSON and CSV. Everything is seconds per iteration; `data` holds the rounds,
 * divided by their iterations already. */
#include <math.h>

#include "harness/formats.h"
#include "harness/harvest.h"
#include "harness/lenient.h"
#include "harness/scan.h"

static int recognise_json(const HarnessInput *in)
{
    const json_t *first = json_array_get(json_object_get(in->json, "benchmarks"), 0);
    const json_t *stats = json_object_get(first, "stats");
    if (!json_is_object(stats) || !json_object_get(stats, "mean"))
        return 0;
    return json_object_get(in->json, "machine_info") ? 95 : 70;
}

static void read_machine(Harvest *h, const json_t *m)
{
    Testbed *t = &h->run->testbed;
    const json_t *cpu = json_object_get(m, "cpu");
    double n = lenient_get(cpu, "count");
    const char *brand = lenient_word(cpu, "brand_raw");
    t->host = harvest_text(h, lenient_text(m, "node"));
    t->kernel = harvest_text(h, lenient_text(m, "release"));
    t->os = harvest_text(h, lenient_text(m, "system"));
    t->cpu = harvest_text(h, brand ? str(brand) : lenient_text(cpu, "brand"));
    t->cpus = n >= 1 && n < 1e6 ? (uint32_t)n : 0;
    harvest_tag(h, "python", lenient_text(m, "python_version"));
    harvest_tag(h, "python_implementation", lenient_text(m, "python_implementation"));
}

static void read_commit(Harvest *h, const json_t *c)
{
    h->run->commit = harvest_text(h, lenient_text(c, "id"));
    h->run->branch = harvest_text(h, lenient_text(c, "branch"));
    h->run->dirty = json_is_true(json_object_get(c, "dirty"));
    harvest_tag(h, "project", lenient_text(c, "project"));
}

static Figures stated(const json_t *stats)
{
    Figures f = figures_none();
    f.count = lenient_get(stats, "rounds");
    f.mean = lenient_get(stats, "mean");
    f.stddev = lenient_get(stats, "stddev");
    f.min = lenient_get(stats, "min");
    f.max = lenient_get(stats, "max");
    f.p50 = lenient_get(stats, "median");
    return f;
}

/* The numbers of a list, leaving out what is none. */
static double *numbers(Arena *a, const json_t *list, ptrdiff_t *ret_n)
{
    double *v = ARENA_ARRAY(a, double, (ptrdiff_t)json_array_size(list));
    *ret_n = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        double x = lenient_num(json_array_get(list, i));
        if (!isnan(x))
            v[(*ret_n)++] = x;
    }
    return v;
}

static void take_stats(const HarnessInput *in, Harvest *h, CaseResult *c, const json_t *stats)
{
    ptrdiff_t n, first = c->n_trials;
    double *data = numbers(in->arena, json_object_get(stats, "data"), &n);
    Figures f = stated(stats);
    if (n == 0) {
        harvest_figures(h, c, harvest_trial(h, c), "time", UNIT_S, "summary of its rounds", f);
        return;
    }
    harvest_samples(h, c, first, "time", UNIT_S, data, n);
    if (first == 0 && f.count > (double)n && n <= HARVEST_TRIALS_MAX)
        harvest_given(h, c, "time", UNIT_S, h->method, f);
}

/* Numbers that the benchmark's author noted beside it. */
static void take_extra(Harvest *h, Trial *t, json_t *extra)
{
    const char *key;
    json_t *v;
    json_object_foreach(extra, key, v) if (json_is_number(v))
        harvest_value(h, t, arena_strdup(&h->run->arena, key), (Unit){ "", 1, BETTER_NONE },
                      "extra_info", json_number_value(v));
}

static void take_params(Harvest *h, CaseResult *c, json_t *params)
{
    const char *key;
    json_t *v;
    char buf[FMT_MAX];
    json_object_foreach(params, key, v)
    {
        if (json_is_string(v))
            harvest_param(h, c, key, str(json_string_value(v)));
        else if (json_is_number(v))
            harvest_param(h, c, key, str(fmt_f64_exact(buf, json_number_value(v))));
    }
}

static int read_json(const HarnessInput *in, Harvest *h, Err *err)
{
    (void)err;
    const json_t *list = json_object_get(in->json, "benchmarks");
    read_machine(h, json_object_get(in->json, "machine_info"));
    read_commit(h, json_object_get(in->json, "commit_info"));
    harvest_tag(h, "producer_version", lenient_text(in->json, "version"));
    harvest_date(h, lenient_text(in->json, "datetime"));
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *o = json_array_get(list, i);
        const char *full = lenient_word(o, "fullname");
        CaseResult *c = harvest_case(h, full ? str(full) : lenient_text(o, "name"));
        ptrdiff_t first = c->n_trials;
        c->component = harvest_text(h, lenient_text(o, "group"));
        take_params(h, c, json_object_get(o, "params"));
        take_stats(in, h, c, json_object_get(o, "stats"));
        take_extra(h, c->trials[first], json_object_get(o, "extra_info"));
    }
    return 0;
}

/* "name", perhaps "param:x", and any choice of columns. */
static int recognise_csv(const HarnessInput *in)
{
    if (in->json || !csv_starts(in->text, "name"))
        return 0;
    CLEANUP(arena_done) Arena a = { 0 };
    Csv csv = csv_open(&a, scan_first_line(in->text));
    bool rounds = csv_column(&csv, "rounds") >= 0 || csv_column(&csv, "iqr") >= 0;
    bool figures = csv_column(&csv, "mean") >= 0 || csv_column(&csv, "median") >= 0;
    return rounds && figures ? 80 : 0;
}

static int read_csv(const HarnessInput *in, Harvest *h, Err *err)
{
    (void)err;
    Csv csv = csv_open(in->arena, in->text);
    Str prefix = STR("param:");
    while (csv_next(&csv)) {
        CaseResult *c = harvest_case(h, csv_cell(&csv, csv_column(&csv, "name")));
        for (ptrdiff_t i = 0; i < csv.n_head; i++)
            if (str_starts(csv.head[i], prefix))
                harvest_param(
                    h, c, arena_str(in->arena, str_slice(csv.head[i], prefix.len, csv.head[i].len)),
                    csv_cell(&csv, i));
        Figures f = figures_none();
        f.count = csv_num(&csv, csv_column(&csv, "rounds"));
        f.mean = csv_num(&csv, csv_column(&csv, "mean"));
        f.stddev = csv_num(&csv, csv_column(&csv, "stddev"));
        f.min = csv_num(&csv, csv_column(&csv, "min"));
        f.max = csv_num(&csv, csv_column(&csv, "max"));
        f.p50 = csv_num(&csv, csv_column(&csv, "median"));
        harvest_figures(h, c, harvest_trial(h, c), "time", UNIT_S, "summary of its rounds", f);
    }
    return 0;
}

const HarnessFormat harness_pytest = {
    .name = "pytest-benchmark",
    .producer = "pytest-benchmark",
    .summary = "pytest-benchmark --benchmark-json, or a saved run",
    .recognise = recognise_json,
    .read = read_json,
};
const HarnessFormat harness_pytest_csv = {
    .name = "pytest-benchmark-csv",
    .producer = "pytest-benchmark",
    .summary = "pytest-benchmark compare --csv",
    .recognise = recognise_csv,
    .read = read_csv,
};
