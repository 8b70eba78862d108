/* Locust's CSV files and its --json. Milliseconds; percentiles are cut to few digits by Locust
 * itself. The JSON holds counts by response time, which makes a distribution. */
#include <errno.h>
#include <math.h>

#include "harness/formats.h"
#include "harness/harvest.h"
#include "harness/lenient.h"
#include "harness/scan.h"

/* "GET /path"; the row over all has no type. */
static CaseResult *case_of(Harvest *h, Str type, Str name)
{
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    if (type.len)
        strbuf_addf(&b, STR_FMT " ", STR_ARG(type));
    strbuf_add(&b, name);
    return harvest_case(h, strbuf_str(&b));
}

static int recognise_stats(const HarnessInput *in)
{
    return csv_starts(in->text, "Type,Name,Request Count,Failure Count") ||
                   csv_starts(in->text, "Type,Name,# requests,# failures")
               ? 95
               : 0;
}

static double column(const Csv *csv, const char *name, const char *old_name)
{
    ptrdiff_t at = csv_column(csv, name);
    return csv_num(csv, at >= 0 ? at : csv_column(csv, old_name));
}

static void take_percentiles(const Csv *csv, Figures *f)
{
    Str rest;
    for (ptrdiff_t i = 0; i < csv->n_head; i++)
        if (str_ends(csv->head[i], STR("%"))) {
            double p = scan_num(csv->head[i], &rest);
            if (p < 100) /* 100 % is the rounded maximum, which stands exact beside it */
                figures_set(f, p / 100, csv_num(csv, i));
        }
}

static void take_counts(Harvest *h, Trial *t, double requests, double failures)
{
    if (!(requests > 0))
        return;
    harvest_outcomes(t, requests - failures, failures, FAIL_STATUS, 0);
    harvest_error_rate(h, t);
}

static void take_row(Harvest *h, const Csv *csv)
{
    CaseResult *c =
        case_of(h, csv_cell(csv, csv_column(csv, "Type")), csv_cell(csv, csv_column(csv, "Name")));
    Trial *t = harvest_trial(h, c);
    double n = column(csv, "Request Count", "# requests");
    Figures f = figures_none();
    take_percentiles(csv, &f);
    f.count = n;
    f.p50 = column(csv, "Median Response Time", "Median response time");
    f.mean = column(csv, "Average Response Time", "Average response time");
    f.min = column(csv, "Min Response Time", "Min response time");
    f.max = column(csv, "Max Response Time", "Max response time");
    if (n > 0)
        harvest_figures(h, c, t, "latency", UNIT_MS, NULL, f);
    take_counts(h, t, n, column(csv, "Failure Count", "# failures"));
    harvest_value(h, t, "throughput", UNIT_PER_S, "all requests",
                  csv_num(csv, csv_column(csv, "Requests/s")));
    harvest_value(h, t, "content_size", unit_better(UNIT_BYTES, BETTER_NONE), "mean",
                  column(csv, "Average Content Size", "Average Content Size"));
}

static int read_stats(const HarnessInput *in, Harvest *h, Err *err)
{
    (void)err;
    Csv csv = csv_open(in->arena, in->text);
    while (csv_next(&csv))
        take_row(h, &csv);
    return 0;
}

/* --- over time --- */

static int recognise_history(const HarnessInput *in)
{
    return csv_starts(in->text, "Timestamp,User Count,Type,Name") ? 95 : 0;
}

static void push(Run *r, Trial *t, const char *name, const char *unit, double at, double v)
{
    Series *s = NULL;
    for (ptrdiff_t i = 0; i < t->series.n; i++)
        if (str_eqz(str(t->series.v[i].name), name))
            s = &t->series.v[i];
    if (!s)
        s = series_new(&t->series, &r->arena, "load", name, unit, "Locust");
    if (s->n == 0 || at > s->t_s[s->n - 1])
        series_push(s, &r->arena, at, v);
}

enum { NAMES_MAX = 500 };

/* What the last row of a name says stands for the whole; the rows before become series. */
typedef struct Total {
    CaseResult *c;
    Trial *t;
    Figures f;
    double failures;
} Total;

static Total *total_of(Harvest *h, Total *totals, ptrdiff_t *n, CaseResult *c)
{
    for (ptrdiff_t i = 0; i < *n; i++)
        if (totals[i].c == c)
            return &totals[i];
    if (*n == NAMES_MAX)
        return NULL;
    totals[*n] = (Total){ .c = c, .t = harvest_trial(h, c), .f = figures_none() };
    return &totals[(*n)++];
}

static void take_totals(Total *total, const Csv *csv)
{
    total->failures = csv_num(csv, csv_column(csv, "Total Failure Count"));
    total->f.count = csv_num(csv, csv_column(csv, "Total Request Count"));
    total->f.p50 = csv_num(csv, csv_column(csv, "Total Median Response Time"));
    total->f.mean = csv_num(csv, csv_column(csv, "Total Average Response Time"));
    total->f.min = csv_num(csv, csv_column(csv, "Total Min Response Time"));
    total->f.max = csv_num(csv, csv_column(csv, "Total Max Response Time"));
}

static void take_moment(Run *r, Trial *t, const Csv *csv, double at)
{
    push(r, t, "users", "count", at, csv_num(csv, csv_column(csv, "User Count")));
    push(r, t, "throughput", "1/s", at, csv_num(csv, csv_column(csv, "Requests/s")));
    push(r, t, "latency.p95", "ns", at, csv_num(csv, csv_column(csv, "95%")) * 1e6);
    if (at > 0 && at < 1e9)
        t->duration_ns = (uint64_t)(at * 1e9);
}

static void finish_total(Harvest *h, Total *total)
{
    Trial *t = total->t;
    double n = total->f.count;
    if (n > 0)
        harvest_figures(h, total->c, t, "latency", UNIT_MS, NULL, total->f);
    take_counts(h, t, n, total->failures);
    if (n > 0 && t->duration_ns)
        harvest_value(h, t, "throughput", UNIT_PER_S, "all requests over the time covered",
                      n * 1e9 / (double)t->duration_ns);
}

static int read_history(const HarnessInput *in, Harvest *h, Err *err)
{
    Csv csv = csv_open(in->arena, in->text);
    Total *totals = ARENA_ARRAY(in->arena, Total, NAMES_MAX);
    ptrdiff_t n = 0;
    double start = (double)NAN;
    while (csv_next(&csv)) {
        double at = csv_num(&csv, csv_column(&csv, "Timestamp"));
        if (isnan(at))
            continue;
        if (isnan(start)) {
            start = at;
            harvest_epoch(h, start, NS_PER_S);
        }
        CaseResult *c = case_of(h, csv_cell(&csv, csv_column(&csv, "Type")),
                                csv_cell(&csv, csv_column(&csv, "Name")));
        Total *total = total_of(h, totals, &n, c);
        if (!total)
            return err_set(err, -E2BIG, "more than %d names of requests", NAMES_MAX);
        take_moment(h->run, total->t, &csv, at - start);
        take_totals(total, &csv);
    }
    for (ptrdiff_t i = 0; i < n; i++)
        finish_total(h, &totals[i]);
    return 0;
}

/* --- failures, exceptions --- */

static int recognise_failures(const HarnessInput *in)
{
    return csv_starts(in->text, "Method,Name,Error,Occurrences") ? 95 : 0;
}

static int read_failures(const HarnessInput *in, Harvest *h, Err *err)
{
    (void)err;
    Csv csv = csv_open(in->arena, in->text);
    Unit unit = unit_better(UNIT_COUNT, BETTER_LOWER);
    while (csv_next(&csv)) {
        CLEANUP(strbuf_done) StrBuf b = { 0 };
        strbuf_addf(&b, STR_FMT ": " STR_FMT, STR_ARG(csv_cell(&csv, 1)),
                    STR_ARG(csv_cell(&csv, 2)));
        CaseResult *c = case_of(h, csv_cell(&csv, 0), strbuf_str(&b));
        harvest_value(h, harvest_trial(h, c), "failures", unit, NULL, csv_num(&csv, 3));
    }
    return 0;
}

/* --- JSON --- */

static int recognise_json(const HarnessInput *in)
{
    const json_t *first = json_array_get(in->json, 0);
    return json_is_object(json_object_get(first, "response_times")) &&
                   json_object_get(first, "num_requests")
               ? 95
               : 0;
}

static int take_times(Harvest *h, Trial *t, json_t *times, Err *err)
{
    Hist *hist = NULL;
    const char *key;
    json_t *n;
    double ms;
    TRY(hist_new(&hist, err));
    json_object_foreach(times, key, n) if (str_to_f64(str(key), &ms) == 0)
        harvest_record(hist, ms * 1e6, lenient_num(n));
    harvest_hist(h, t, "latency", "rounded by Locust above 100 ms", hist);
    return 0;
}

static int take_entry(Harvest *h, json_t *o, Err *err)
{
    CaseResult *c = case_of(h, lenient_text(o, "method"), lenient_text(o, "name"));
    Trial *t = harvest_trial(h, c);
    double start = lenient_get(o, "start_time"), end = lenient_get(o, "last_request_timestamp");
    double n = lenient_get(o, "num_requests"), failed = lenient_get(o, "num_failures");
    harvest_epoch(h, start, NS_PER_S);
    take_counts(h, t, n, failed);
    if (end > start && end - start < 1e9) {
        t->duration_ns = (uint64_t)((end - start) * 1e9);
        harvest_value(h, t, "throughput", UNIT_PER_S, "all requests", n / (end - start));
    }
    return take_times(h, t, json_object_get(o, "response_times"), err);
}

static int read_json(const HarnessInput *in, Harvest *h, Err *err)
{
    for (size_t i = 0; i < json_array_size(in->json); i++)
        if (json_is_object(json_array_get(in->json, i)))
            TRY(take_entry(h, json_array_get(in->json, i), err));
    return 0;
}

const HarnessFormat harness_locust = {
    .name = "locust",
    .producer = "Locust",
    .summary = "Locust: PREFIX_stats.csv",
    .recognise = recognise_stats,
    .read = read_stats,
};
const HarnessFormat harness_locust_history = {
    .name = "locust-history",
    .producer = "Locust",
    .summary = "Locust: PREFIX_stats_history.csv",
    .recognise = recognise_history,
    .read = read_history,
};
const HarnessFormat harness_locust_failures = {
    .name = "locust-failures",
    .producer = "Locust",
    .summary = "Locust: PREFIX_failures.csv",
    .recognise = recognise_failures,
    .read = read_failures,
};
const HarnessFormat harness_locust_json = {
    .name = "locust-json",
    .producer = "Locust",
    .summary = "Locust --json",
    .recognise = recognise_json,
    .read = read_json,
};
