/* ApacheBench: its report, and the percentiles that -e writes. Its K are 1024. Times in the table
 * are rounded to milliseconds by ab itself. */
#include <math.h>

#include "harness/formats.h"
#include "harness/harvest.h"
#include "harness/scan.h"

static int recognise(const HarnessInput *in)
{
    bool head = str_find(str_slice(in->text, 0, 2000), STR("This is ApacheBench")) >= 0;
    bool body = str_find(in->text, STR("Time per request:")) >= 0;
    return head && body ? 95 : 0;
}

typedef struct Report {
    double per_s, mean_ms, seconds, complete, failed, non_2xx, bytes, concurrency;
    Str host, port, path, version;
    Figures connect, processing, waiting, total;
} Report;

/* "Total:   3   13   6.6   12   37": min, mean, deviation, median, max. */
static bool table_row(Str line, const char *name, Figures *f)
{
    Str rest;
    if (!scan_after(line, name, &rest))
        return false;
    double v[5];
    for (int i = 0; i < 5; i++)
        v[i] = scan_num(rest, &rest);
    f->min = v[0];
    f->mean = v[1];
    f->stddev = v[2];
    f->p50 = v[3];
    f->max = v[4];
    return true;
}

/* "  95%     27" */
static void percentile_row(Str line, Figures *f)
{
    Str rest;
    double p = scan_num(line, &rest);
    if (isnan(p) || !str_starts(rest, STR("%")))
        return;
    figures_set(f, p / 100, scan_num(str_slice(rest, 1, rest.len), &rest));
}

static void number_after(Str line, const char *prefix, double *ret)
{
    Str rest;
    if (scan_after(line, prefix, &rest))
        *ret = scan_num(rest, &rest);
}

static void take_line(Report *r, Str line)
{
    Str rest;
    if (scan_after(line, "This is ApacheBench, Version", &rest))
        scan_word(&rest, &r->version);
    if (scan_after(line, "Server Hostname:", &rest))
        r->host = rest;
    if (scan_after(line, "Server Port:", &rest))
        r->port = rest;
    if (scan_after(line, "Document Path:", &rest))
        r->path = rest;
    if (scan_after(line, "Time per request:", &rest) && isnan(r->mean_ms))
        r->mean_ms = scan_num(rest, &rest);
    number_after(line, "Requests per second:", &r->per_s);
    number_after(line, "Time taken for tests:", &r->seconds);
    number_after(line, "Complete requests:", &r->complete);
    number_after(line, "Failed requests:", &r->failed);
    number_after(line, "Non-2xx responses:", &r->non_2xx);
    number_after(line, "Transfer rate:", &r->bytes);
    number_after(line, "Concurrency Level:", &r->concurrency);
    if (!table_row(line, "Connect:", &r->connect) &&
        !table_row(line, "Processing:", &r->processing) &&
        !table_row(line, "Waiting:", &r->waiting) && !table_row(line, "Total:", &r->total))
        percentile_row(line, &r->total);
}

static CaseResult *case_of(Harvest *h, const Report *r)
{
    CLEANUP(strbuf_done) StrBuf name = { 0 };
    char buf[FMT_MAX];
    strbuf_addf(&name, STR_FMT ":" STR_FMT STR_FMT, STR_ARG(r->host), STR_ARG(r->port),
                STR_ARG(r->path));
    CaseResult *c = harvest_case(h, r->host.len ? strbuf_str(&name) : STR("ab"));
    if (r->concurrency > 0)
        harvest_param(h, c, "concurrency", str(fmt_f64_exact(buf, r->concurrency)));
    return c;
}

/* ab takes replies of other lengths and other states than 2xx for complete; the latter failed. */
static void take_outcomes(Harvest *h, Trial *t, const Report *r)
{
    double bad = (r->failed > 0 ? r->failed : 0) + (r->non_2xx > 0 ? r->non_2xx : 0);
    if (!(r->complete > 0))
        return;
    harvest_outcomes(t, MAX(0.0, r->complete - bad), MIN(bad, r->complete), FAIL_STATUS, 0);
    harvest_error_rate(h, t);
}

static int read_text(const HarnessInput *in, Harvest *h, Err *err)
{
    (void)err;
    double nan = (double)NAN;
    Figures none = figures_none();
    Report r = { nan, nan, nan, nan, nan, nan, nan, nan };
    Str rest = in->text, line;
    r.connect = r.processing = r.waiting = r.total = none;
    while (scan_line(&rest, &line))
        take_line(&r, line);
    CaseResult *c = case_of(h, &r);
    Trial *t = harvest_trial(h, c);
    harvest_tag(h, "producer_version", r.version);
    r.total.mean = isnan(r.mean_ms) ? r.total.mean : r.mean_ms; /* the same, with more digits */
    r.total.count = r.complete;
    harvest_figures(h, c, t, "latency", UNIT_MS, "connect to end", r.total);
    harvest_figures(h, c, t, "connect_time", UNIT_MS, NULL, r.connect);
    harvest_figures(h, c, t, "service_time", UNIT_MS, "Processing", r.processing);
    harvest_figures(h, c, t, "first_byte", UNIT_MS, "Waiting", r.waiting);
    harvest_value(h, t, "throughput", UNIT_PER_S, "all requests", r.per_s);
    harvest_value(h, t, "bytes_in", (Unit){ "bytes/s", 1024, BETTER_NONE }, NULL, r.bytes);
    take_outcomes(h, t, &r);
    if (r.seconds > 0 && r.seconds < 1e9)
        t->duration_ns = (uint64_t)(r.seconds * 1e9);
    return 0;
}

static int recognise_csv(const HarnessInput *in)
{
    return csv_starts(in->text, "Percentage served,Time in ms") ? 95 : 0;
}

static int read_csv(const HarnessInput *in, Harvest *h, Err *err)
{
    (void)err;
    Figures f = figures_none();
    Csv csv = csv_open(in->arena, in->text);
    while (csv_next(&csv))
        if (csv_num(&csv, 0) < 100) /* 99 is the last; 0 is the fastest */
            figures_set(&f, csv_num(&csv, 0) / 100, csv_num(&csv, 1));
        else
            f.max = csv_num(&csv, 1);
    CaseResult *c = harvest_case(h, STR("ab"));
    harvest_figures(h, c, harvest_trial(h, c), "latency", UNIT_MS, "percentiles", f);
    return 0;
}

const HarnessFormat harness_ab = {
    .name = "ab",
    .producer = "ApacheBench",
    .summary = "ab's report",
    .recognise = recognise,
    .read = read_text,
};
const HarnessFormat harness_ab_csv = {
    .name = "ab-csv",
    .producer = "ApacheBench",
    .summary = "ab -e: percentiles",
    .recognise = recognise_csv,
    .read = read_csv,
};
