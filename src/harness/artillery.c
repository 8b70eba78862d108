/* Artillery's JSON report: counters, rates and summaries (2.0), or fixed fields (1.x).
 * Milliseconds, from the send, of arrivals at a given rate: service_time here. */
#include <math.h>

#include "harness/formats.h"
#include "harness/harvest.h"
#include "harness/lenient.h"

static int recognise(const HarnessInput *in)
{
    const json_t *a = json_object_get(in->json, "aggregate");
    if (!json_is_object(a) || !json_object_get(in->json, "intermediate"))
        return json_object_get(a, "counters") && json_object_get(a, "summaries") ? 85 : 0;
    return json_object_get(a, "counters") || json_object_get(a, "scenariosCreated") ? 95 : 0;
}

static Figures figures_of(const json_t *o)
{
    Figures f = figures_none();
    f.count = lenient_get(o, "count");
    f.mean = lenient_get(o, "mean");
    f.min = lenient_get(o, "min");
    f.max = lenient_get(o, "max");
    f.p50 = lenient_get(o, "median");
    f.p90 = lenient_get(o, "p90");
    f.p95 = lenient_get(o, "p95");
    f.p99 = lenient_get(o, "p99");
    f.p999 = lenient_get(o, "p999");
    return f;
}

/* Of the many summaries, all are times; the well-known one is what others call latency. */
static void take_summaries(Harvest *h, CaseResult *c, Trial *t, json_t *summaries)
{
    const char *key;
    json_t *v;
    json_object_foreach(summaries, key, v)
    {
        bool main = str_eqz(str(key), "http.response_time");
        harvest_figures(h, c, t, main ? "service_time" : arena_strdup(&h->run->arena, key), UNIT_MS,
                        main ? "http.response_time, from send" : NULL, figures_of(v));
    }
}

static void take_counters(Harvest *h, Trial *t, json_t *counters)
{
    const char *key;
    json_t *v;
    Str codes = STR("http.codes."), errors = STR("errors.");
    json_object_foreach(counters, key, v)
    {
        Str name = str(key);
        if (str_starts(name, codes)) {
            harvest_status(t, str_slice(name, codes.len, name.len), lenient_num(v));
        } else if (str_starts(name, errors)) {
            bool timeout = str_find(name, STR("TIMEDOUT")) >= 0;
            harvest_outcomes(t, 0, timeout ? 0 : lenient_num(v), FAIL_CONNECT,
                             timeout ? lenient_num(v) : 0);
        } else {
            harvest_value(h, t, arena_strdup(&h->run->arena, key), UNIT_COUNT, NULL,
                          lenient_num(v));
        }
    }
}

static void take_old(Harvest *h, CaseResult *c, Trial *t, const json_t *a)
{
    const char *key;
    json_t *n;
    Figures f = figures_of(json_object_get(a, "latency"));
    f.count = lenient_get(a, "requestsCompleted");
    harvest_figures(h, c, t, "service_time", UNIT_MS, "latency, from send", f);
    harvest_figures(h, c, t, "scenario_duration", UNIT_MS, NULL,
                    figures_of(json_object_get(a, "scenarioDuration")));
    harvest_value(h, t, "throughput", UNIT_PER_S, "rps.mean",
                  lenient_get(json_object_get(a, "rps"), "mean"));
    json_object_foreach(json_object_get(a, "codes"), key, n)
        harvest_status(t, str(key), lenient_num(n));
    json_object_foreach(json_object_get(a, "errors"), key, n)
    {
        bool timeout = str_find(str(key), STR("TIMEDOUT")) >= 0;
        harvest_outcomes(t, 0, timeout ? 0 : lenient_num(n), FAIL_CONNECT,
                         timeout ? lenient_num(n) : 0);
    }
    harvest_date(h, lenient_text(a, "timestamp"));
}

static int read_json(const HarnessInput *in, Harvest *h, Err *err)
{
    (void)err;
    const json_t *a = json_object_get(in->json, "aggregate");
    CaseResult *c = harvest_case(h, STR("artillery"));
    Trial *t = harvest_trial(h, c);
    double first = lenient_get(a, "firstMetricAt"), last = lenient_get(a, "lastMetricAt");
    if (isnan(first)) {
        first = lenient_get(a, "firstCounterAt");
        last = lenient_get(a, "lastCounterAt");
    }
    take_summaries(h, c, t, json_object_get(a, "summaries"));
    take_counters(h, t, json_object_get(a, "counters"));
    harvest_value(h, t, "throughput", UNIT_PER_S, "http.request_rate",
                  lenient_get(json_object_get(a, "rates"), "http.request_rate"));
    if (!json_object_get(a, "counters") || json_object_get(a, "scenariosCreated"))
        take_old(h, c, t, a);
    harvest_error_rate(h, t);
    harvest_epoch(h, first, NS_PER_MS);
    if (last > first && last - first < 1e12)
        t->duration_ns = (uint64_t)((last - first) * 1e6);
    return 0;
}

const HarnessFormat harness_artillery = {
    .name = "artillery",
    .producer = "Artillery",
    .summary = "artillery run --output",
    .recognise = recognise,
    .read = read_json,
};
