/* fio --output-format=json (or json+). A case a job and direction. `latency` is fio's lat: from the
 * submission to the completion with the time in the queue; `completion_latency` its clat, which has
 * the percentiles. */
#include <math.h>

#include "harness/formats.h"
#include "harness/harvest.h"
#include "harness/lenient.h"

static int recognise(const HarnessInput *in)
{
    const json_t *job = json_array_get(json_object_get(in->json, "jobs"), 0);
    return json_object_get(in->json, "fio version") && json_object_get(job, "jobname") ? 95 : 0;
}

/* Nanoseconds since 3.0, microseconds ("clat") before. */
static const json_t *times_of(const json_t *o, const char *key, const char *old_key, Unit *unit)
{
    const json_t *t = json_object_get(o, key);
    *unit = t ? UNIT_NS : UNIT_US;
    return t ? t : json_object_get(o, old_key);
}

static Figures figures_of(const json_t *t)
{
    Figures f = figures_none();
    const char *key;
    json_t *v;
    double p;
    f.count = lenient_get(t, "N");
    f.mean = lenient_get(t, "mean");
    f.stddev = lenient_get(t, "stddev");
    f.min = lenient_get(t, "min");
    f.max = lenient_get(t, "max");
    json_object_foreach(json_object_get(t, "percentile"), key, v) if (str_to_f64(str(key), &p) == 0)
        figures_set(&f, p / 100, lenient_num(v));
    return f;
}

static void take_times(Harvest *h, CaseResult *c, Trial *t, const json_t *o)
{
    static const struct {
        const char *name, *key, *old_key;
    } rows[] = { { "latency", "lat_ns", "lat" },
                 { "completion_latency", "clat_ns", "clat" },
                 { "submission_latency", "slat_ns", "slat" } };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++) {
        Unit unit;
        Figures f = figures_of(times_of(o, rows[i].key, rows[i].old_key, &unit));
        if (f.mean > 0 || f.max > 0)
            harvest_figures(h, c, t, rows[i].name, unit, rows[i].key, f);
    }
}

static void take_direction(Harvest *h, const json_t *job, const char *direction)
{
    const json_t *o = json_object_get(job, direction);
    double ios = lenient_get(o, "total_ios"), ms = lenient_get(o, "runtime");
    double bytes_per_s = lenient_get(o, "bw_bytes");
    if (!(ios > 0) && !(lenient_get(o, "iops") > 0))
        return;
    if (isnan(bytes_per_s))
        bytes_per_s = lenient_get(o, "bw") * 1024; /* KiB/s */
    CLEANUP(strbuf_done) StrBuf name = { 0 };
    strbuf_addf(&name, STR_FMT "/rw=%s", STR_ARG(lenient_text(job, "jobname")), direction);
    CaseResult *c = harvest_case(h, strbuf_str(&name));
    Trial *t = harvest_trial(h, c);
    harvest_param(h, c, "rw", str(direction));
    take_times(h, c, t, o);
    harvest_value(h, t, "throughput", UNIT_PER_S, "iops", lenient_get(o, "iops"));
    harvest_value(h, t, "bandwidth", UNIT_BYTES_PER_S, NULL, bytes_per_s);
    double user = lenient_get(job, "usr_cpu"), sys = lenient_get(job, "sys_cpu");
    harvest_value(h, t, "user_cpu", UNIT_PERCENT, "of the job", user);
    harvest_value(h, t, "system_cpu", UNIT_PERCENT, "of the job", sys);
    if (ms > 0 && ms < 1e12)
        t->duration_ns = (uint64_t)(ms * 1e6);
    if (lenient_get(job, "error") > 0)
        validity_add(&t->validity, &h->run->arena, GRADE_INVALID, "harness-error",
                     "the job ended with error %.0f", lenient_get(job, "error"));
}

static int read_json(const HarnessInput *in, Harvest *h, Err *err)
{
    (void)err;
    const json_t *jobs = json_object_get(in->json, "jobs");
    Str version = lenient_text(in->json, "fio version");
    harvest_tag(h, "producer_version",
                str_starts(version, STR("fio-")) ? str_slice(version, 4, version.len) : version);
    harvest_epoch(h, lenient_get(in->json, "timestamp"), NS_PER_S);
    harvest_epoch(h, lenient_get(in->json, "timestamp_ms"), NS_PER_MS);
    for (size_t i = 0; i < json_array_size(jobs); i++) {
        const json_t *job = json_array_get(jobs, i);
        take_direction(h, job, "read");
        take_direction(h, job, "write");
        take_direction(h, job, "trim");
    }
    return 0;
}

const HarnessFormat harness_fio = {
    .name = "fio",
    .producer = "fio",
    .summary = "fio --output-format=json",
    .recognise = recognise,
    .read = read_json,
};
