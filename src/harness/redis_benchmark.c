/* redis-benchmark --csv: with a header since Redis 7, name and rate alone before. Milliseconds. */
#include <math.h>

#include "harness/formats.h"
#include "harness/harvest.h"
#include "harness/scan.h"

static const char header[] = "test,rps,avg_latency_ms,min_latency_ms";

/* Lines of two quoted cells, the second a number. */
static bool is_bare(Str text)
{
    CLEANUP(arena_done) Arena a = { 0 };
    Str rest = text, line;
    int n = 0;
    for (; n < 3 && scan_line(&rest, &line); n++) {
        if (!str_starts(line, STR("\"")))
            return false;
        Csv c = csv_open(&a, line);
        if (c.n_head != 2 || isnan(scan_decimal(c.head[1])))
            return false;
    }
    return n > 0;
}

static int recognise(const HarnessInput *in)
{
    return csv_starts(in->text, header) ? 95 : is_bare(in->text) ? 60 : 0;
}

static void take_test(Harvest *h, Str name, double per_s, Figures f)
{
    CaseResult *c = harvest_case(h, name);
    Trial *t = harvest_trial(h, c);
    harvest_value(h, t, "throughput", UNIT_PER_S, NULL, per_s);
    harvest_figures(h, c, t, "latency", UNIT_MS, NULL, f);
}

static void read_bare(Harvest *h, Arena *a, Str text)
{
    Str line;
    while (scan_line(&text, &line)) {
        Csv c = csv_open(a, line);
        if (c.n_head >= 2)
            take_test(h, c.head[0], scan_decimal(c.head[1]), figures_none());
    }
}

static int read_csv(const HarnessInput *in, Harvest *h, Err *err)
{
    (void)err;
    if (!csv_starts(in->text, header)) {
        read_bare(h, in->arena, in->text);
        return 0;
    }
    Csv csv = csv_open(in->arena, in->text);
    while (csv_next(&csv)) {
        Figures f = figures_none();
        f.mean = csv_num(&csv, csv_column(&csv, "avg_latency_ms"));
        f.min = csv_num(&csv, csv_column(&csv, "min_latency_ms"));
        f.p50 = csv_num(&csv, csv_column(&csv, "p50_latency_ms"));
        f.p95 = csv_num(&csv, csv_column(&csv, "p95_latency_ms"));
        f.p99 = csv_num(&csv, csv_column(&csv, "p99_latency_ms"));
        f.max = csv_num(&csv, csv_column(&csv, "max_latency_ms"));
        take_test(h, csv_cell(&csv, 0), csv_num(&csv, 1), f);
    }
    return 0;
}

const HarnessFormat harness_redis_benchmark = {
    .name = "redis-benchmark",
    .producer = "redis-benchmark",
    .summary = "redis-benchmark --csv",
    .recognise = recognise,
    .read = read_csv,
};
