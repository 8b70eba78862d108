/* Bencher Metric Format: { benchmark: { measure: { value, lower_value, upper_value } } }. The unit
 * belongs to the measure: those that Bencher defines are known. */
#include <math.h>
#include <string.h>

#include "harness/formats.h"
#include "harness/harvest.h"
#include "harness/lenient.h"

static const struct {
    const char *measure, *name;
    Unit unit;
} measures[] = {
    { "latency", "time", { "ns", 1, BETTER_LOWER } },
    { "throughput", "throughput", { "1/s", 1, BETTER_HIGHER } },
    { "build-time", "build_time", { "ns", 1e9, BETTER_LOWER } },
    { "file-size", "file_size", { "bytes", 1, BETTER_LOWER } },
    { "instructions", "instructions", { "count", 1, BETTER_LOWER } },
    { "estimated-cycles", "estimated_cycles", { "count", 1, BETTER_LOWER } },
    { "total-read-write", "total_read_write", { "count", 1, BETTER_LOWER } },
    { "l1-hits", "l1_hits", { "count", 1, BETTER_NONE } },
    { "l2-hits", "l2_hits", { "count", 1, BETTER_NONE } },
    { "ram-hits", "ram_hits", { "count", 1, BETTER_LOWER } },
};

/* Every benchmark of it has measures, and each of these a value. */
static int recognise(const HarnessInput *in)
{
    enum { LOOK = 8 };
    const char *key, *measure;
    json_t *benchmark, *m;
    int n = 0;
    json_object_foreach(in->json, key, benchmark)
    {
        if (!json_is_object(benchmark) || json_object_size(benchmark) == 0)
            return 0;
        json_object_foreach(benchmark, measure,
                            m) if (!json_is_object(m) || !json_object_get(m, "value")) return 0;
        if (++n == LOOK)
            break;
    }
    return n ? 65 : 0;
}

static void take_measure(Harvest *h, Trial *t, const char *measure, double value)
{
    for (ptrdiff_t i = 0; i < ARRAY_LEN(measures); i++)
        if (strcmp(measures[i].measure, measure) == 0) {
            harvest_value(h, t, measures[i].name, measures[i].unit, NULL, value);
            return;
        }
    harvest_value(h, t, arena_strdup(&h->run->arena, measure), (Unit){ "", 1, BETTER_NONE }, NULL,
                  value);
}

static int read_json(const HarnessInput *in, Harvest *h, Err *err)
{
    (void)err;
    const char *name, *measure;
    json_t *benchmark, *m;
    json_object_foreach(in->json, name, benchmark)
    {
        Trial *t = harvest_trial(h, harvest_case(h, str(name)));
        json_object_foreach(benchmark, measure, m)
            take_measure(h, t, measure, lenient_get(m, "value"));
    }
    return 0;
}

const HarnessFormat harness_bencher = {
    .name = "bencher",
    .producer = "Bencher Metric Format",
    .summary = "Bencher Metric Format",
    .recognise = recognise,
    .read = read_json,
};
