/* sysbench's report (1.0 and later). Latencies are milliseconds; the percentile is the one asked
 * for. */
#include <math.h>

#include "harness/formats.h"
#include "harness/harvest.h"
#include "harness/scan.h"

static int recognise(const HarnessInput *in)
{
    return str_starts(str_trim(in->text), STR("sysbench ")) &&
                   str_find(in->text, STR("Latency (ms):")) > 0
               ? 95
               : 0;
}

typedef struct Report {
    Figures latency;
    double transactions, per_s, events, seconds, errors, queries_per_s, events_per_s, mib_per_s;
    Str threads, version;
} Report;

/* "transactions:  10  (95.30 per sec.)" */
static bool counted_row(Str line, const char *prefix, double *count, double *per_s)
{
    Str rest;
    if (!scan_after(line, prefix, &rest))
        return false;
    *count = scan_num(rest, &rest);
    ptrdiff_t open = str_find_char(rest, '(');
    *per_s = open < 0 ? (double)NAN : scan_num(str_slice(rest, open + 1, rest.len), &rest);
    return true;
}

static void number_after(Str line, const char *prefix, double *ret)
{
    Str rest;
    if (scan_after(line, prefix, &rest))
        *ret = scan_num(rest, &rest);
}

/* "95th percentile:   15.3" */
static void percentile_row(Str line, Report *r)
{
    Str rest, value;
    double p = scan_num(line, &rest);
    if (!isnan(p) && str_starts(rest, STR("th percentile:"))) {
        value = str_slice(rest, 14, rest.len);
        figures_set(&r->latency, p / 100, scan_num(value, &rest));
    }
}

static void take_line(Report *r, Str line)
{
    Str rest;
    double ignored;
    if (scan_after(line, "Number of threads:", &rest))
        r->threads = rest;
    if (counted_row(line, "transactions:", &r->transactions, &r->per_s) ||
        counted_row(line, "queries:", &ignored, &r->queries_per_s) ||
        counted_row(line, "ignored errors:", &r->errors, &ignored))
        return;
    number_after(line, "total time:", &r->seconds);
    number_after(line, "total number of events:", &r->events);
    number_after(line, "events per second:", &r->events_per_s);
    number_after(line, "events/s (eps):", &r->events_per_s);
    number_after(line, "min:", &r->latency.min);
    number_after(line, "avg:", &r->latency.mean);
    number_after(line, "max:", &r->latency.max);
    percentile_row(line, r);
    ptrdiff_t open = str_find(line, STR("MiB transferred ("));
    if (open > 0)
        r->mib_per_s = scan_num(str_slice(line, open + 17, line.len), &rest);
}

static int read_text(const HarnessInput *in, Harvest *h, Err *err)
{
    (void)err;
    double nan = (double)NAN;
    Report r = { figures_none(), nan, nan, nan, nan, nan, nan, nan, nan, { 0 }, { 0 } };
    Str rest = in->text, line, version = str_trim(in->text), word;
    scan_word(&version, &word);
    if (scan_word(&version, &word))
        harvest_tag(h, "producer_version", word);
    while (scan_line(&rest, &line))
        take_line(&r, line);
    CaseResult *c = harvest_case(h, STR("sysbench"));
    Trial *t = harvest_trial(h, c);
    if (r.threads.len)
        harvest_param(h, c, "threads", r.threads);
    r.latency.count = r.events;
    double per_s = isnan(r.per_s) ? r.events_per_s : r.per_s;
    if (isnan(per_s))
        per_s = r.events / r.seconds;
    harvest_figures(h, c, t, "latency", UNIT_MS, NULL, r.latency);
    harvest_value(h, t, "throughput", UNIT_PER_S, "events", per_s);
    harvest_value(h, t, "queries", UNIT_PER_S, NULL, r.queries_per_s);
    harvest_value(h, t, "transferred", (Unit){ "bytes/s", 1048576, BETTER_HIGHER }, NULL,
                  r.mib_per_s);
    if (r.events > 0) {
        harvest_outcomes(t, r.events, r.errors, FAIL_STATUS, 0);
        harvest_error_rate(h, t);
    }
    if (r.seconds > 0 && r.seconds < 1e9)
        t->duration_ns = (uint64_t)(r.seconds * 1e9);
    return 0;
}

const HarnessFormat harness_sysbench = {
    .name = "sysbench",
    .producer = "sysbench",
    .summary = "sysbench's report",
    .recognise = recognise,
    .read = read_text,
};
