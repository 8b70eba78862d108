/* pgbench's report, and its log of single transactions (-l). With a rate (-R) its latency counts
 * from when the transaction was due; without, its loop is closed, and that is the same. */
#include <errno.h>
#include <math.h>

#include "harness/formats.h"
#include "harness/points.h"
#include "harness/scan.h"

static int recognise(const HarnessInput *in)
{
    return str_find(in->text, STR("transaction type:")) >= 0 &&
                   str_find(in->text, STR("tps = ")) >= 0
               ? 95
               : 0;
}

typedef struct Report {
    Harvest *h;
    CaseResult *c;
    Trial *t;
    Figures latency; /* ms */
    double processed, failed, tps, seconds, lag_ms, connect_ms;
    bool scripts; /* behind the totals: lines of single scripts */
} Report;

static bool number_after(Str line, const char *prefix, double *ret)
{
    Str rest;
    if (!scan_after(line, prefix, &rest))
        return false;
    *ret = scan_num(rest, &rest);
    return true;
}

/* "tps = 85.1 (excluding connections establishing)" stands for "(without initial connection time)";
 * "(including …)" is the other one of old releases. */
static void tps_line(Report *r, Str rest)
{
    if (str_find(rest, STR("including")) < 0 || isnan(r->tps))
        r->tps = scan_num(rest, &rest);
}

static void setting(Report *r, Str line, const char *prefix, const char *key)
{
    Str rest;
    if (scan_after(line, prefix, &rest))
        harvest_param(r->h, r->c, key, rest);
}

static void take_line(Report *r, Str line)
{
    Str rest;
    if (scan_after(line, "SQL script ", &rest))
        r->scripts = true;
    if (r->scripts)
        return;
    setting(r, line, "scaling factor:", "scale");
    setting(r, line, "query mode:", "query_mode");
    setting(r, line, "number of clients:", "clients");
    setting(r, line, "number of threads:", "threads");
    number_after(line, "number of transactions actually processed:", &r->processed);
    number_after(line, "number of failed transactions:", &r->failed);
    number_after(line, "latency average =", &r->latency.mean);
    number_after(line, "latency stddev =", &r->latency.stddev);
    number_after(line, "initial connection time =", &r->connect_ms);
    number_after(line, "rate limit schedule lag: avg", &r->lag_ms);
    if (scan_after(line, "tps =", &rest))
        tps_line(r, rest);
    if (scan_after(line, "duration:", &rest))
        r->seconds = scan_num(rest, &rest);
}

static void finish(Report *r)
{
    Figures lag = figures_none();
    lag.mean = r->lag_ms;
    r->latency.count = r->processed;
    harvest_figures(r->h, r->c, r->t, "latency", UNIT_MS, "mean", r->latency);
    harvest_figures(r->h, r->c, r->t, "lateness", UNIT_MS, "schedule lag", lag);
    harvest_value(r->h, r->t, "throughput", UNIT_PER_S, "tps", r->tps);
    harvest_value(r->h, r->t, "initial_connection_time", UNIT_MS, NULL, r->connect_ms);
    if (r->processed > 0) {
        harvest_outcomes(r->t, r->processed, r->failed, FAIL_STATUS, 0);
        harvest_error_rate(r->h, r->t);
    }
    if (r->seconds > 0 && r->seconds < 1e9)
        r->t->duration_ns = (uint64_t)(r->seconds * 1e9);
}

/* The first line may say "pgbench (15.5 (Debian 15.5-0+deb12u1))". */
static void take_version(Harvest *h, Str text)
{
    Str rest = text, line = { 0 }, version, word;
    if (scan_line(&rest, &line) && scan_after(line, "pgbench (", &version) &&
        scan_word(&version, &word)) {
        ptrdiff_t close = str_find_char(word, ')');
        harvest_tag(h, "producer_version", close < 0 ? word : str_slice(word, 0, close));
    }
}

static Str script_name(Str text)
{
    Str rest = text, line, name;
    while (scan_line(&rest, &line))
        if (scan_after(line, "transaction type:", &name))
            return name;
    return STR("pgbench");
}

static int read_text(const HarnessInput *in, Harvest *h, Err *err)
{
    (void)err;
    double nan = (double)NAN;
    Report r = { .h = h, .latency = figures_none(), .tps = nan, .lag_ms = nan, .connect_ms = nan };
    Str rest = in->text, line;
    r.c = harvest_case(h, script_name(in->text));
    r.t = harvest_trial(h, r.c);
    take_version(h, in->text);
    while (scan_line(&rest, &line))
        take_line(&r, line);
    finish(&r);
    return 0;
}

/* --- log: client, transaction, time in us, script, epoch s, epoch us, [lag in us], … --- */

enum { LOG_FIELDS = 6, LOG_FIELDS_MAX = 8 };

static ptrdiff_t log_fields(Str line, Str *field)
{
    ptrdiff_t n = 0;
    while (n < LOG_FIELDS_MAX && scan_word(&line, &field[n]))
        n++;
    return n;
}

static bool is_log_line(Str line)
{
    Str field[LOG_FIELDS_MAX];
    uint64_t v;
    ptrdiff_t n = log_fields(line, field);
    if (n < LOG_FIELDS)
        return false;
    for (ptrdiff_t i = 0; i < LOG_FIELDS; i++)
        if (str_to_u64(field[i], &v) < 0 && i != 2)
            return false;
    /* seconds since 1970 and a part of a second */
    return str_to_u64(field[4], &v) == 0 && v > 1000000000 && str_to_u64(field[5], &v) == 0 &&
           v < 1000000;
}

static int recognise_log(const HarnessInput *in)
{
    Str rest = in->text, line;
    int n = 0;
    for (; n < 3 && scan_line(&rest, &line); n++)
        if (!is_log_line(line))
            return 0;
    return n ? 75 : 0;
}

static int take_log_line(Points *p, const Str *field, ptrdiff_t n, Err *err)
{
    Str tail;
    CLEANUP(strbuf_done) StrBuf name = { 0 };
    strbuf_addf(&name, "script " STR_FMT, STR_ARG(field[3]));
    PointsCase *pc = points_case(p, strbuf_str(&name), err);
    if (!pc)
        return -E2BIG;
    double took = scan_num(field[2], &tail) * 1e3; /* "failed", "skipped" are no numbers */
    double end = scan_num(field[4], &tail) * 1e9 + scan_num(field[5], &tail) * 1e3;
    double lag = n > LOG_FIELDS ? scan_num(field[6], &tail) * 1e3 : (double)NAN;
    pc->ok += !isnan(took);
    pc->failed += isnan(took);
    points_span(pc, end - took, end);
    TRY(points_time(pc, "latency", took, err));
    return points_time(pc, "lateness", lag, err);
}

static int read_log(const HarnessInput *in, Harvest *h, Err *err)
{
    CLEANUP(points_done) Points p = { .h = h, .what = "first start to last end" };
    Str rest = in->text, line, field[LOG_FIELDS_MAX];
    while (scan_line(&rest, &line))
        if (is_log_line(line))
            TRY(take_log_line(&p, field, log_fields(line, field), err));
    if (p.n)
        harvest_epoch(h, p.cases[0].first_ns / 1e3, NS_PER_US);
    points_finish(&p);
    return 0;
}

const HarnessFormat harness_pgbench = {
    .name = "pgbench",
    .producer = "pgbench",
    .summary = "pgbench's report",
    .recognise = recognise,
    .read = read_text,
};
const HarnessFormat harness_pgbench_log = {
    .name = "pgbench-log",
    .producer = "pgbench",
    .summary = "pgbench -l: every transaction",
    .recognise = recognise_log,
    .read = read_log,
};
