/* `vitest bench --outputJson`: milliseconds. Samples are there unless the suite turned them off. */
#include <math.h>

#include "harness/formats.h"
#include "harness/harvest.h"
#include "harness/lenient.h"

static const json_t *first_group(const json_t *root)
{
    const json_t *file = json_array_get(json_object_get(root, "files"), 0);
    return json_array_get(json_object_get(file, "groups"), 0);
}

static int recognise(const HarnessInput *in)
{
    return json_is_array(json_object_get(first_group(in->json), "benchmarks")) ? 95 : 0;
}

static Figures stated(const json_t *o)
{
    Figures f = figures_none();
    f.count = lenient_get(o, "sampleCount");
    f.mean = lenient_get(o, "mean");
    f.stddev = lenient_get(o, "sd");
    f.min = lenient_get(o, "min");
    f.max = lenient_get(o, "max");
    f.p50 = lenient_get(o, "median");
    f.p99 = lenient_get(o, "p99");
    f.p999 = lenient_get(o, "p999");
    return f;
}

static void read_benchmark(const HarnessInput *in, Harvest *h, Str group, const json_t *o)
{
    CLEANUP(strbuf_done) StrBuf name = { 0 };
    const json_t *list = json_object_get(o, "samples");
    ptrdiff_t n = (ptrdiff_t)json_array_size(list);
    double *v = ARENA_ARRAY(in->arena, double, n);
    for (ptrdiff_t i = 0; i < n; i++)
        v[i] = lenient_num(json_array_get(list, (size_t)i));
    if (group.len)
        strbuf_addf(&name, STR_FMT " > ", STR_ARG(group));
    strbuf_add(&name, lenient_text(o, "name"));
    CaseResult *c = harvest_case(h, strbuf_str(&name));
    c->component = harvest_text(h, group);
    if (n)
        harvest_samples(h, c, c->n_trials, "time", UNIT_MS, v, n);
    else
        harvest_figures(h, c, harvest_trial(h, c), "time", UNIT_MS, "summary of its samples",
                        stated(o));
}

static void read_group(const HarnessInput *in, Harvest *h, const json_t *group)
{
    const json_t *list = json_object_get(group, "benchmarks");
    for (size_t i = 0; i < json_array_size(list); i++)
        if (json_is_object(json_array_get(list, i)))
            read_benchmark(in, h, lenient_text(group, "fullName"), json_array_get(list, i));
}

static int read_json(const HarnessInput *in, Harvest *h, Err *err)
{
    (void)err;
    const json_t *files = json_object_get(in->json, "files");
    for (size_t i = 0; i < json_array_size(files); i++) {
        const json_t *groups = json_object_get(json_array_get(files, i), "groups");
        for (size_t k = 0; k < json_array_size(groups); k++)
            read_group(in, h, json_array_get(groups, k));
    }
    return 0;
}

const HarnessFormat harness_vitest = {
    .name = "vitest",
    .producer = "Vitest",
    .summary = "vitest bench --outputJson",
    .recognise = recognise,
    .read = read_json,
};
