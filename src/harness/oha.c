/* oha's JSON. Seconds; percentiles are null where there was no reply. */
#include <math.h>

#include "harness/formats.h"
#include "harness/harvest.h"
#include "harness/lenient.h"

static int recognise(const HarnessInput *in)
{
    const json_t *summary = json_object_get(in->json, "summary");
    bool sure = json_object_get(summary, "requestsPerSec") &&
                json_object_get(in->json, "latencyPercentiles");
    return sure ? 95 : 0;
}

static Figures figures_of(const json_t *root, json_t *percentiles)
{
    const json_t *summary = json_object_get(root, "summary");
    Figures f = figures_none();
    const char *key;
    json_t *v;
    double p;
    f.mean = lenient_get(summary, "average");
    f.min = lenient_get(summary, "fastest");
    f.max = lenient_get(summary, "slowest");
    json_object_foreach(percentiles, key, v) if (key[0] == 'p' && str_to_f64(str(key + 1), &p) == 0)
        figures_set(&f, p / 100, lenient_num(v));
    return f;
}

static void take_outcomes(Harvest *h, Trial *t, const json_t *root)
{
    const char *key;
    json_t *n;
    json_object_foreach(json_object_get(root, "statusCodeDistribution"), key, n)
        harvest_status(t, str(key), lenient_num(n));
    json_object_foreach(json_object_get(root, "errorDistribution"), key, n)
    {
        bool timeout = str_find(str(key), STR("timeout")) >= 0;
        if (str_find(str(key), STR("deadline")) < 0) /* still on their way at the end */
            harvest_outcomes(t, 0, timeout ? 0 : lenient_num(n), FAIL_CONNECT,
                             timeout ? lenient_num(n) : 0);
    }
    harvest_error_rate(h, t);
}

static int read_json(const HarnessInput *in, Harvest *h, Err *err)
{
    (void)err;
    const json_t *summary = json_object_get(in->json, "summary");
    const json_t *details = json_object_get(in->json, "details");
    CaseResult *c = harvest_case(h, STR("oha"));
    Trial *t = harvest_trial(h, c);
    double seconds = lenient_get(summary, "total");
    take_outcomes(h, t, in->json);
    Figures f = figures_of(in->json, json_object_get(in->json, "latencyPercentiles")), connect;
    f.count = t->outcomes.scheduled ? (double)t->outcomes.scheduled : (double)NAN;
    harvest_figures(h, c, t, "latency", UNIT_S, NULL, f);
    connect = figures_none();
    connect.mean = lenient_get(json_object_get(details, "DNSDialup"), "average");
    connect.min = lenient_get(json_object_get(details, "DNSDialup"), "fastest");
    connect.max = lenient_get(json_object_get(details, "DNSDialup"), "slowest");
    harvest_figures(h, c, t, "connect_time", UNIT_S, "with name look-up", connect);
    harvest_value(h, t, "throughput", UNIT_PER_S, NULL, lenient_get(summary, "requestsPerSec"));
    harvest_value(h, t, "bytes_in", UNIT_BYTES_PER_S, NULL, lenient_get(summary, "sizePerSec"));
    if (seconds > 0 && seconds < 1e9)
        t->duration_ns = (uint64_t)(seconds * 1e9);
    return 0;
}

const HarnessFormat harness_oha = {
    .name = "oha",
    .producer = "oha",
    .summary = "oha --output-format json",
    .recognise = recognise,
    .read = read_json,
};
