/* k6's summaries, in their three shapes:
 *
 *   --summary-export (legacy)   metrics.NAME = flat values; a threshold that is true has FAILED
 *   handleSummary's data        metrics.NAME = { type, contains, values, thresholds: { ok } }
 *   machine-readable (1.0.0)    results.metrics = [ { name, type, contains, values } ]
 *
 * Times are milliseconds. http_req_duration runs from the send: it is service_time here. */
#include "harness/k6.h"

#include <math.h>
#include <string.h>

#include "harness/formats.h"
#include "harness/lenient.h"

const char *k6_metric_name(Harvest *h, Str name)
{
    static const struct {
        const char *k6, *ours;
    } names[] = {
        { "http_req_duration", "service_time" },   { "http_req_waiting", "first_byte" },
        { "http_req_connecting", "connect_time" }, { "http_req_tls_handshaking", "tls_time" },
        { "http_req_failed", "error_rate" },       { "http_reqs", "throughput" }
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eqz(name, names[i].k6))
            return names[i].ours;
    return arena_str(&h->run->arena, name);
}

bool k6_is_time(Str name)
{
    static const char *const times[] = { "http_req_",           "iteration_duration",
                                         "group_duration",      "ws_connecting",
                                         "ws_session_duration", "ws_ping",
                                         "grpc_req_duration" };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(times); i++)
        if (str_starts(name, str(times[i])))
            return true;
    return false;
}

/* --- one metric --- */

typedef struct K6Metric {
    Str name, type, contains;
    json_t *values;
} K6Metric;

static Unit trend_unit(const K6Metric *m)
{
    bool time = m->contains.len ? str_eqz(m->contains, "time") : k6_is_time(m->name);
    if (time)
        return UNIT_MS;
    return str_eqz(m->contains, "data") ? UNIT_BYTES : (Unit){ "", 1, BETTER_NONE };
}

/* avg, min, med, max, count, p(90) … */
static void take_trend(Harvest *h, CaseResult *c, Trial *t, const K6Metric *m)
{
    Figures f = figures_none();
    const char *key;
    json_t *v;
    double p;
    f.mean = lenient_get(m->values, "avg");
    f.min = lenient_get(m->values, "min");
    f.max = lenient_get(m->values, "max");
    f.p50 = lenient_get(m->values, "med");
    f.count = lenient_get(m->values, "count");
    json_object_foreach(m->values, key, v)
    {
        Str s = str(key);
        if (str_starts(s, STR("p(")) && str_to_f64(str_slice(s, 2, s.len - 1), &p) == 0)
            figures_set(&f, p / 100, lenient_num(v));
    }
    harvest_figures(h, c, t, k6_metric_name(h, m->name), trend_unit(m), NULL, f);
}

/* A count, and its rate over the test. */
static void take_counter(Harvest *h, Trial *t, const K6Metric *m)
{
    bool data = str_eqz(m->contains, "data") || str_starts(m->name, STR("data_"));
    const char *name = k6_metric_name(h, m->name);
    double rate = lenient_get(m->values, "rate");
    Better better = data ? BETTER_NONE : BETTER_HIGHER;
    if (str_eqz(m->name, "http_reqs")) {
        harvest_value(h, t, name, UNIT_PER_S, "all requests", rate);
        return;
    }
    harvest_value(h, t, name, unit_better(data ? UNIT_BYTES : UNIT_COUNT, BETTER_NONE), NULL,
                  lenient_get(m->values, "count"));
    harvest_value(h, t, arena_printf(&h->run->arena, "%s.rate", name),
                  unit_better(data ? UNIT_BYTES_PER_S : UNIT_PER_S, better), NULL, rate);
}

/* Share of samples that were true: `value` (legacy), `rate`, or matches of total. */
static void take_rate(Harvest *h, Trial *t, const K6Metric *m)
{
    double share = lenient_get(m->values, "value");
    if (isnan(share))
        share = lenient_get(m->values, "rate");
    if (isnan(share))
        share = lenient_get(m->values, "matches") / lenient_get(m->values, "total");
    Better better = str_eqz(m->name, "checks") ? BETTER_HIGHER : BETTER_NONE;
    harvest_value(h, t, k6_metric_name(h, m->name), unit_better(UNIT_SHARE, better), NULL, share);
}

/* "http_req_failed" counts failures: its `passes` are the requests that failed. */
static void take_requests(Trial *t, const K6Metric *m)
{
    double failed = lenient_get(m->values, "passes"), ok = lenient_get(m->values, "fails");
    double total = lenient_get(m->values, "total");
    if (!isnan(total)) {
        failed = lenient_get(m->values, "matches");
        ok = total - failed;
    }
    if (failed >= 0 && ok >= 0 && failed + ok > 0)
        harvest_outcomes(t, ok, failed, FAIL_STATUS, 0);
}

static const char *guess_type(const json_t *values)
{
    if (json_object_get(values, "avg") || json_object_get(values, "med"))
        return "trend";
    if (json_object_get(values, "passes") || json_object_get(values, "fails"))
        return "rate";
    if (json_object_get(values, "count"))
        return "counter";
    return json_object_get(values, "value") ? "gauge" : "trend";
}

static void take_metric(Harvest *h, CaseResult *c, Trial *t, K6Metric m)
{
    if (!m.type.len)
        m.type = str(guess_type(m.values));
    if (str_eqz(m.name, "http_req_failed"))
        take_requests(t, &m);
    if (str_eqz(m.type, "trend"))
        take_trend(h, c, t, &m);
    else if (str_eqz(m.type, "counter"))
        take_counter(h, t, &m);
    else if (str_eqz(m.type, "rate"))
        take_rate(h, t, &m);
    else
        harvest_value(h, t, k6_metric_name(h, m.name), UNIT_COUNT, NULL,
                      lenient_get(m.values, "value"));
}

/* --- thresholds --- */

/* Legacy: true has failed. Later: { ok: true } has held. */
static bool threshold_held(const json_t *v)
{
    return json_is_object(v) ? json_is_true(json_object_get(v, "ok")) : json_is_false(v);
}

static void take_thresholds(Harvest *h, const char *metric, json_t *thresholds)
{
    const char *expr;
    json_t *v;
    json_object_foreach(thresholds, expr, v)
    {
        const char *key = arena_printf(&h->run->arena, "threshold %s: %s", metric, expr);
        harvest_tag(h, key, threshold_held(v) ? STR("held") : STR("broken"));
    }
}

/* --- the shapes --- */

static json_t *metrics_of(const HarnessInput *in)
{
    return json_object_get(in->json, "metrics");
}

static const json_t *first_metric(const json_t *metrics)
{
    void *at = json_object_iter((json_t *)(uintptr_t)metrics);
    return at ? json_object_iter_value(at) : NULL;
}

static int recognise(const HarnessInput *in)
{
    const json_t *metrics = metrics_of(in);
    const json_t *list = json_object_get(json_object_get(in->json, "results"), "metrics");
    const json_t *meta = json_object_get(in->json, "metadata");
    if (json_is_array(list) && json_object_get(meta, "k6Version"))
        return 95;
    if (!json_is_object(first_metric(metrics)))
        return 0;
    if (json_object_get(metrics, "vus") || json_object_get(metrics, "iterations") ||
        json_object_get(metrics, "http_reqs") || json_object_get(metrics, "data_received"))
        return 90;
    return json_object_get(in->json, "root_group") ? 85 : 0;
}

static void read_mapping(Harvest *h, CaseResult *c, Trial *t, json_t *metrics)
{
    const char *name;
    json_t *m;
    json_object_foreach(metrics, name, m)
    {
        json_t *values = json_object_get(m, "values");
        take_metric(h, c, t,
                    (K6Metric){ str(name), lenient_text(m, "type"), lenient_text(m, "contains"),
                                values ? values : m });
        take_thresholds(h, name, json_object_get(m, "thresholds"));
    }
}

static void read_list(Harvest *h, CaseResult *c, Trial *t, const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *m = json_array_get(list, i);
        take_metric(h, c, t,
                    (K6Metric){ lenient_text(m, "name"), lenient_text(m, "type"),
                                lenient_text(m, "contains"), json_object_get(m, "values") });
    }
}

static void read_frame(const HarnessInput *in, Harvest *h, Trial *t)
{
    const json_t *meta = json_object_get(in->json, "metadata");
    const json_t *config = json_object_get(in->json, "config");
    double ns = lenient_get(json_object_get(in->json, "state"), "testRunDurationMs") * 1e6;
    if (isnan(ns))
        ns = lenient_get(config, "duration") * 1e9;
    if (ns > 0 && ns < 1e18)
        t->duration_ns = (uint64_t)ns;
    harvest_tag(h, "producer_version", lenient_text(meta, "k6Version"));
    harvest_date(h, lenient_text(meta, "generatedAt"));
}

static int read_json(const HarnessInput *in, Harvest *h, Err *err)
{
    (void)err;
    const json_t *results = json_object_get(in->json, "results");
    const char *script = lenient_word(json_object_get(in->json, "config"), "script");
    CaseResult *c = harvest_case(h, script ? str(script) : STR("k6"));
    Trial *t = harvest_trial(h, c);
    read_frame(in, h, t);
    read_mapping(h, c, t, metrics_of(in));
    read_list(h, c, t, json_object_get(results, "metrics"));
    return 0;
}

const HarnessFormat harness_k6 = {
    .name = "k6",
    .producer = "k6",
    .summary = "k6: --summary-export, handleSummary's data, machine-readable summary",
    .recognise = recognise,
    .read = read_json,
};
