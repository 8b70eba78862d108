/* Google Benchmark's CSV, also with the console's preamble in front of it. */
#include "harness/formats.h"
#include "harness/harvest.h"
#include "harness/scan.h"

/* From the header on; empty when there is none. */
static Str table_of(Str text)
{
    Str rest = text, line;
    for (int i = 0; i < 64 && scan_line(&rest, &line); i++)
        if (csv_starts(line, "name,iterations,real_time,cpu_time,time_unit"))
            return (Str){ line.ptr, text.ptr + text.len - line.ptr };
    return (Str){ 0 };
}

static int recognise(const HarnessInput *in)
{
    return table_of(in->text).len ? 95 : 0;
}

static bool is_aggregate(Str name)
{
    return str_ends(name, STR("_mean")) || str_ends(name, STR("_median")) ||
           str_ends(name, STR("_stddev")) || str_ends(name, STR("_cv")) ||
           str_ends(name, STR("_BigO")) || str_ends(name, STR("_RMS"));
}

static void read_row(Harvest *h, const Csv *csv, Str name)
{
    enum { FIRST_COUNTER = 10 };
    CaseResult *c = harvest_case(h, name);
    Trial *t = harvest_trial(h, c);
    if (str_eqz(csv_cell(csv, csv_column(csv, "error_occurred")), "true")) {
        Str why = csv_cell(csv, csv_column(csv, "error_message"));
        validity_add(&t->validity, &h->run->arena, GRADE_INVALID, "harness-error",
                     "the benchmark reported an error: " STR_FMT, STR_ARG(why));
        return;
    }
    Unit unit = unit_find(&h->run->arena, csv_cell(csv, csv_column(csv, "time_unit")));
    harvest_value(h, t, "time", unit, "mean of its iterations",
                  csv_num(csv, csv_column(csv, "real_time")));
    harvest_value(h, t, "cpu_time", unit, "mean of its iterations",
                  csv_num(csv, csv_column(csv, "cpu_time")));
    harvest_value(h, t, "bytes_per_second", UNIT_BYTES_PER_S, NULL,
                  csv_num(csv, csv_column(csv, "bytes_per_second")));
    harvest_value(h, t, "items_per_second", UNIT_PER_S, NULL,
                  csv_num(csv, csv_column(csv, "items_per_second")));
    for (ptrdiff_t i = FIRST_COUNTER; i < csv->n_head; i++)
        harvest_value(h, t, arena_str(&h->run->arena, csv->head[i]), (Unit){ "", 1, BETTER_NONE },
                      NULL, csv_num(csv, i));
}

static int read_csv(const HarnessInput *in, Harvest *h, Err *err)
{
    (void)err;
    Csv csv = csv_open(in->arena, table_of(in->text));
    while (csv_next(&csv)) {
        Str name = csv_cell(&csv, csv_column(&csv, "name"));
        if (name.len && !is_aggregate(name))
            read_row(h, &csv, name);
    }
    return 0;
}

const HarnessFormat harness_google_benchmark_csv = {
    .name = "google-benchmark-csv",
    .producer = "Google Benchmark",
    .summary = "Google Benchmark --benchmark_format=csv",
    .recognise = recognise,
    .read = read_csv,
};
