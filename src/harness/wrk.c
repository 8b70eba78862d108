/* wrk and wrk2. wrk's latency runs from the send of a closed loop; wrk2's recorded latency from
 * when the request was due. Both say MB for 1024 * 1024 bytes. */
#include <math.h>

#include "harness/formats.h"
#include "harness/harvest.h"
#include "harness/scan.h"

static int recognise(const HarnessInput *in)
{
    return str_find(in->text, STR("Thread Stats   Avg")) >= 0 &&
                   str_find(in->text, STR("Requests/sec:")) >= 0
               ? 95
               : 0;
}

/* "30.46ms", "1.05m": minutes here, unlike elsewhere. */
static double time_ns(Str text)
{
    Str unit;
    double v = scan_num(text, &unit), factor;
    ptrdiff_t end = str_find_char(unit, ' ');
    unit = end < 0 ? unit : str_slice(unit, 0, end);
    factor = str_eqz(unit, "m") ? 60e9 : str_eqz(unit, "h") ? 3600e9 : unit_time_ns(unit);
    return factor > 0 ? v * factor : (double)NAN;
}

static double bytes(Str text)
{
    static const struct {
        const char *unit;
        double factor;
    } units[] = {
        { "B", 1 }, { "KB", 0x1p10 }, { "MB", 0x1p20 }, { "GB", 0x1p30 }, { "TB", 0x1p40 }
    };
    Str rest;
    double v = scan_num(text, &rest);
    for (ptrdiff_t i = 0; i < ARRAY_LEN(units); i++)
        if (str_starts(rest, str(units[i].unit)))
            return v * units[i].factor;
    return (double)NAN;
}

typedef struct Report {
    Str url, thread_setup;
    Figures latency; /* ns */
    bool due;        /* wrk2: counted from when it was due */
    bool spectrum;   /* within wrk2's detailed list */
    double per_s, bytes_per_s, requests, seconds, errors, timeouts, non_2xx;
} Report;

/* "    Latency    30.46ms   46.83ms 239.48ms   88.86%" */
static bool latency_row(Str line, Report *r)
{
    Str rest, mean, deviation, max;
    if (!scan_after(line, "Latency", &rest) || !scan_word(&rest, &mean) ||
        !scan_word(&rest, &deviation) || !scan_word(&rest, &max) || isnan(time_ns(mean)))
        return false;
    r->latency.mean = time_ns(mean);
    r->latency.stddev = time_ns(deviation);
    r->latency.max = time_ns(max);
    return true;
}

/* "     99%  215.43ms", " 99.900%   12.30ms" */
static void percentile_row(Str line, Report *r)
{
    Str rest;
    double p = scan_num(line, &rest);
    if (!isnan(p) && str_starts(rest, STR("%")))
        figures_set(&r->latency, p / 100, time_ns(str_slice(rest, 1, rest.len)));
}

/* "#[Mean    =        9.121, StdDeviation   =        1.859]", milliseconds. */
static void spectrum_row(Str line, Report *r)
{
    Str rest;
    ptrdiff_t equals;
    if (scan_after(line, "#[Mean    =", &rest)) {
        r->latency.mean = scan_num(rest, &rest) * 1e6;
        equals = str_find_char(rest, '=');
        r->latency.stddev = scan_num(str_slice(rest, equals + 1, rest.len), &rest) * 1e6;
    } else if (scan_after(line, "#[Max     =", &rest)) {
        r->latency.max = scan_num(rest, &rest) * 1e6;
        equals = str_find_char(rest, '=');
        r->latency.count = scan_num(str_slice(rest, equals + 1, rest.len), &rest);
    }
}

/* "  Socket errors: connect 0, read 1, write 2, timeout 3" */
static void error_row(Str rest, Report *r)
{
    Str part, word, number, tail;
    while (str_cut(&rest, ',', &part)) {
        scan_word(&part, &word);
        scan_word(&part, &number);
        double n = scan_num(number, &tail);
        if (str_eqz(word, "timeout"))
            r->timeouts = n;
        else
            r->errors += n > 0 ? n : 0;
    }
}

/* "  531 requests in 2.08s, 3.37MB read" */
static void total_row(Str line, Report *r)
{
    Str rest;
    double n = scan_num(line, &rest);
    Str prefix = STR("requests in ");
    if (isnan(n) || !str_starts(rest, prefix))
        return;
    rest = str_slice(rest, prefix.len, rest.len);
    ptrdiff_t comma = str_find_char(rest, ',');
    r->requests = n;
    r->seconds = time_ns(str_slice(rest, 0, comma < 0 ? rest.len : comma)) / 1e9;
}

static void take_line(Report *r, Str line)
{
    Str rest;
    if (scan_after(line, "Running ", &rest)) {
        ptrdiff_t at = str_find(rest, STR(" @ "));
        r->url = at < 0 ? (Str){ 0 } : str_trim(str_slice(rest, at + 3, rest.len));
    }
    if (str_find(line, STR("threads and")) > 0 && str_find(line, STR("connections")) > 0)
        r->thread_setup = str_trim(line);
    if (str_find(line, STR("Recorded Latency")) >= 0)
        r->due = true;
    else if (str_find(line, STR("Uncorrected Latency")) >= 0)
        r->spectrum = true; /* a second list, of another quantity: nothing of it is taken */
    if (scan_after(line, "Requests/sec:", &rest))
        r->per_s = scan_num(rest, &rest);
    else if (scan_after(line, "Transfer/sec:", &rest))
        r->bytes_per_s = bytes(rest);
    else if (scan_after(line, "Socket errors:", &rest))
        error_row(rest, r);
    else if (scan_after(line, "Non-2xx or 3xx responses:", &rest))
        r->non_2xx = scan_num(rest, &rest);
    else if (!latency_row(line, r) && !r->spectrum) {
        percentile_row(line, r);
        spectrum_row(line, r);
    }
    total_row(line, r);
}

static void take_outcomes(Harvest *h, Trial *t, const Report *r)
{
    if (!(r->requests > 0))
        return;
    double bad = MIN(r->non_2xx, r->requests);
    harvest_outcomes(t, r->requests - bad, bad, FAIL_STATUS, r->timeouts);
    harvest_outcomes(t, 0, r->errors, FAIL_RESET, 0);
    harvest_error_rate(h, t);
}

static int read_text(const HarnessInput *in, Harvest *h, Err *err)
{
    (void)err;
    double nan = (double)NAN;
    Report r = { .latency = figures_none(), .per_s = nan, .bytes_per_s = nan, .requests = nan };
    Str rest = in->text, line;
    while (scan_line(&rest, &line))
        take_line(&r, line);
    CaseResult *c = harvest_case(h, r.url.len ? r.url : STR("wrk"));
    Trial *t = harvest_trial(h, c);
    if (isnan(r.latency.count))
        r.latency.count = r.requests;
    harvest_tag(h, "producer", r.due ? STR("wrk2") : STR("wrk"));
    harvest_tag(h, "setup", r.thread_setup);
    harvest_figures(h, c, t, "latency", UNIT_NS, r.due ? "from due" : "from send, closed loop",
                    r.latency);
    harvest_value(h, t, "throughput", UNIT_PER_S, "all replies", r.per_s);
    harvest_value(h, t, "bytes_in", UNIT_BYTES_PER_S, NULL, r.bytes_per_s);
    take_outcomes(h, t, &r);
    if (r.seconds > 0 && r.seconds < 1e9)
        t->duration_ns = (uint64_t)(r.seconds * 1e9);
    return 0;
}

const HarnessFormat harness_wrk = {
    .name = "wrk",
    .producer = "wrk",
    .summary = "wrk's and wrk2's report (with --latency for percentiles)",
    .recognise = recognise,
    .read = read_text,
};
