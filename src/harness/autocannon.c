/* autocannon --json. Latencies are milliseconds; requests and throughput (bytes) are per second,
 * over samples of one second. */
#include <math.h>

#include "harness/formats.h"
#include "harness/harvest.h"
#include "harness/lenient.h"

static int recognise(const HarnessInput *in)
{
    const json_t *latency = json_object_get(in->json, "latency");
    bool sure = json_object_get(latency, "p97_5") && json_object_get(in->json, "requests") &&
                json_object_get(in->json, "throughput");
    return sure ? 95 : 0;
}

static Figures figures_of(const json_t *o)
{
    Figures f = figures_none();
    f.mean = lenient_get(o, "average");
    f.stddev = lenient_get(o, "stddev");
    f.min = lenient_get(o, "min");
    f.max = lenient_get(o, "max");
    f.p50 = lenient_get(o, "p50");
    f.p90 = lenient_get(o, "p90");
    f.p99 = lenient_get(o, "p99");
    f.p999 = lenient_get(o, "p99_9");
    return f;
}

static double at_least_0(double v)
{
    return v > 0 ? v : 0;
}

/* `errors` has the timeouts in it; `non2xx` has redirects in it, which are no failures here. */
static void take_outcomes(Harvest *h, Trial *t, const json_t *o)
{
    double timeouts = at_least_0(lenient_get(o, "timeouts"));
    harvest_outcomes(t, at_least_0(lenient_get(o, "2xx")), 0, FAIL_STATUS, timeouts);
    harvest_outcomes(t, at_least_0(lenient_get(o, "3xx")) + at_least_0(lenient_get(o, "1xx")),
                     at_least_0(lenient_get(o, "4xx")) + at_least_0(lenient_get(o, "5xx")),
                     FAIL_STATUS, 0);
    harvest_outcomes(t, 0, at_least_0(lenient_get(o, "errors")) - timeouts, FAIL_RESET, 0);
    harvest_error_rate(h, t);
}

static int read_json(const HarnessInput *in, Harvest *h, Err *err)
{
    (void)err;
    const json_t *o = in->json, *latency = json_object_get(o, "latency");
    const char *title = lenient_word(o, "title");
    CaseResult *c = harvest_case(h, title ? str(title) : lenient_text(o, "url"));
    Trial *t = harvest_trial(h, c);
    Figures f = figures_of(latency);
    double seconds = lenient_get(o, "duration");
    char buf[FMT_MAX];
    f.count = lenient_get(latency, "totalCount");
    harvest_figures(h, c, t, "latency", UNIT_MS, NULL, f);
    harvest_value(h, t, "throughput", UNIT_PER_S, "mean of seconds",
                  lenient_get(json_object_get(o, "requests"), "average"));
    harvest_value(h, t, "bytes_in", UNIT_BYTES_PER_S, "mean of seconds",
                  lenient_get(json_object_get(o, "throughput"), "average"));
    take_outcomes(h, t, o);
    if (lenient_get(o, "connections") > 0)
        harvest_param(h, c, "connections", str(fmt_f64_exact(buf, lenient_get(o, "connections"))));
    if (seconds > 0 && seconds < 1e9)
        t->duration_ns = (uint64_t)(seconds * 1e9);
    harvest_date(h, lenient_text(o, "start"));
    return 0;
}

const HarnessFormat harness_autocannon = {
    .name = "autocannon",
    .producer = "autocannon",
    .summary = "autocannon --json",
    .recognise = recognise,
    .read = read_json,
};
