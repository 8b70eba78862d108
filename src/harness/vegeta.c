/* vegeta report -type=json. Nanoseconds, counted from the send although the load is open: so it is
 * service_time here. `rate` is what was sent per second, `throughput` what succeeded. */
#include <math.h>

#include "harness/formats.h"
#include "harness/harvest.h"
#include "harness/lenient.h"

static int recognise(const HarnessInput *in)
{
    bool sure = json_object_get(json_object_get(in->json, "latencies"), "99th") &&
                json_object_get(in->json, "status_codes") && json_object_get(in->json, "success");
    return sure ? 95 : 0;
}

static Figures figures_of(const json_t *o)
{
    Figures f = figures_none();
    f.mean = lenient_get(o, "mean");
    f.min = lenient_get(o, "min");
    f.max = lenient_get(o, "max");
    f.p50 = lenient_get(o, "50th");
    f.p90 = lenient_get(o, "90th");
    f.p95 = lenient_get(o, "95th");
    f.p99 = lenient_get(o, "99th");
    return f;
}

static int read_json(const HarnessInput *in, Harvest *h, Err *err)
{
    (void)err;
    const json_t *o = in->json;
    CaseResult *c = harvest_case(h, STR("vegeta"));
    Trial *t = harvest_trial(h, c);
    Figures f = figures_of(json_object_get(o, "latencies"));
    double ns = lenient_get(o, "duration");
    const char *code;
    json_t *n;
    f.count = lenient_get(o, "requests");
    harvest_figures(h, c, t, "service_time", UNIT_NS, "from send", f);
    harvest_value(h, t, "throughput", UNIT_PER_S, "successes", lenient_get(o, "throughput"));
    harvest_value(h, t, "rate", unit_better(UNIT_PER_S, BETTER_NONE), "sent",
                  lenient_get(o, "rate"));
    json_object_foreach(json_object_get(o, "status_codes"), code, n)
        harvest_status(t, str(code), lenient_num(n));
    harvest_value(h, t, "error_rate", UNIT_SHARE, "counted", 1 - lenient_get(o, "success"));
    if (ns > 0 && ns < 1e18)
        t->duration_ns = (uint64_t)ns;
    harvest_date(h, lenient_text(o, "earliest"));
    return 0;
}

const HarnessFormat harness_vegeta = {
    .name = "vegeta",
    .producer = "vegeta",
    .summary = "vegeta report -type=json",
    .recognise = recognise,
    .read = read_json,
};
