/* hey's report (oha prints nearly the same), and its CSV of single requests. Seconds. */
#include <errno.h>
#include <math.h>

#include "harness/formats.h"
#include "harness/points.h"
#include "harness/scan.h"

static int recognise(const HarnessInput *in)
{
    bool summary = str_find(str_slice(in->text, 0, 4096), STR("Summary:")) >= 0;
    return summary && str_find(in->text, STR("Slowest:")) >= 0 &&
                   str_find(in->text, STR("Requests/sec:")) >= 0
               ? 90
               : 0;
}

/* "0.0123 secs", "181.57 ms" (ghz, oha) */
static double seconds(Str text)
{
    Str unit, word;
    double v = scan_num(text, &unit);
    if (!scan_word(&unit, &word))
        return v;
    while (word.len && word.ptr[word.len - 1] == ',')
        word.len--;
    double ns = unit_time_ns(word);
    return ns > 0 ? v * ns / 1e9 : (double)NAN;
}

typedef struct Report {
    Figures latency;
    double total, per_s, dialup;
    Trial *t;
    enum { IN_SUMMARY, IN_STATUS, IN_ERRORS } part;
} Report;

/* "  95% in 0.0150 secs" (older: "95%% in") */
static void percentile_row(Str line, Report *r)
{
    Str rest;
    double p = scan_num(line, &rest);
    ptrdiff_t at = str_find(rest, STR("in "));
    if (!isnan(p) && str_starts(rest, STR("%")) && at > 0)
        figures_set(&r->latency, p / 100, seconds(str_slice(rest, at + 3, rest.len)));
}

/* "  [200]	198 responses", "  [3]	Get \"http…\": timeout" */
static void bracket_row(Str line, Report *r)
{
    Str rest, s = str_trim(line);
    ptrdiff_t close = str_find_char(s, ']');
    if (!str_starts(s, STR("[")) || close < 0)
        return;
    Str inside = str_slice(s, 1, close), behind = str_slice(s, close + 1, s.len);
    if (r->part == IN_STATUS) {
        harvest_status(r->t, inside, scan_num(behind, &rest));
    } else if (r->part == IN_ERRORS) {
        bool timeout = str_find(behind, STR("imeout")) >= 0;
        double n = scan_num(inside, &rest);
        harvest_outcomes(r->t, 0, timeout ? 0 : n, FAIL_CONNECT, timeout ? n : 0);
    }
}

static void take_line(Report *r, Str line)
{
    Str rest;
    if (str_find(line, STR("Status code distribution:")) >= 0)
        r->part = IN_STATUS;
    else if (str_find(line, STR("Error distribution:")) >= 0)
        r->part = IN_ERRORS;
    else if (scan_after(line, "Total:", &rest) && isnan(r->total))
        r->total = seconds(rest);
    else if (scan_after(line, "Slowest:", &rest))
        r->latency.max = seconds(rest);
    else if (scan_after(line, "Fastest:", &rest))
        r->latency.min = seconds(rest);
    else if (scan_after(line, "Average:", &rest))
        r->latency.mean = seconds(rest);
    else if (scan_after(line, "Requests/sec:", &rest))
        r->per_s = scan_num(rest, &rest);
    else if (scan_after(line, "DNS+dialup:", &rest))
        r->dialup = seconds(rest);
    else if (r->part != IN_SUMMARY)
        bracket_row(line, r);
    else
        percentile_row(line, r);
}

static int read_text(const HarnessInput *in, Harvest *h, Err *err)
{
    (void)err;
    double nan = (double)NAN;
    CaseResult *c = harvest_case(h, STR("hey"));
    Report r = { figures_none(), nan, nan, nan, harvest_trial(h, c), IN_SUMMARY };
    Str rest = in->text, line;
    while (scan_line(&rest, &line))
        take_line(&r, line);
    if (r.t->has_outcomes)
        r.latency.count = (double)r.t->outcomes.ok + (double)r.t->outcomes.failed[FAIL_STATUS];
    harvest_figures(h, c, r.t, "latency", UNIT_S, "from send", r.latency);
    Figures dialup = figures_none();
    dialup.mean = r.dialup;
    harvest_figures(h, c, r.t, "connect_time", UNIT_S, "with name look-up", dialup);
    harvest_value(h, r.t, "throughput", UNIT_PER_S, "all replies", r.per_s);
    harvest_error_rate(h, r.t);
    if (r.total > 0 && r.total < 1e9)
        r.t->duration_ns = (uint64_t)(r.total * 1e9);
    return 0;
}

static int recognise_csv(const HarnessInput *in)
{
    return csv_starts(in->text, "response-time,DNS+dialup,DNS") ? 95 : 0;
}

static int take_row(PointsCase *pc, const Csv *csv, Err *err)
{
    double took = csv_num(csv, csv_column(csv, "response-time")) * 1e9;
    double offset = csv_num(csv, csv_column(csv, "offset")) * 1e9;
    double status = csv_num(csv, csv_column(csv, "status-code"));
    pc->ok += status < 400;
    pc->failed += !(status < 400);
    points_span(pc, offset, offset + took);
    TRY(points_time(pc, "latency", took, err));
    TRY(points_time(pc, "connect_time", csv_num(csv, csv_column(csv, "DNS+dialup")) * 1e9, err));
    return points_time(pc, "first_byte", csv_num(csv, csv_column(csv, "Response-delay")) * 1e9,
                       err);
}

static int read_csv(const HarnessInput *in, Harvest *h, Err *err)
{
    CLEANUP(points_done) Points p = { .h = h, .what = "first start to last end" };
    Csv csv = csv_open(in->arena, in->text);
    PointsCase *pc = points_case(&p, STR("hey"), err);
    if (!pc)
        return -ENOMEM;
    while (csv_next(&csv))
        TRY(take_row(pc, &csv, err));
    points_finish(&p);
    return 0;
}

const HarnessFormat harness_hey = {
    .name = "hey",
    .producer = "hey",
    .summary = "hey's report",
    .recognise = recognise,
    .read = read_text,
};
const HarnessFormat harness_hey_csv = {
    .name = "hey-csv",
    .producer = "hey",
    .summary = "hey -o csv: every request",
    .recognise = recognise_csv,
    .read = read_csv,
};
