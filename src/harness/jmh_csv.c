/* JMH's CSV: a mean and its error a line; decimal commas where the locale had them. Profilers'
 * figures are lines of their own, named "benchmark:metric". */
#include <string.h>

#include "harness/formats.h"
#include "harness/jmh.h"
#include "harness/scan.h"

static int recognise(const HarnessInput *in)
{
    return csv_starts(in->text, "Benchmark,Mode,Threads,Samples,Score") ? 95 : 0;
}

static void read_params(const HarnessInput *in, const Csv *csv, StrMap *params)
{
    Str prefix = STR("Param: ");
    for (ptrdiff_t i = 0; i < csv->n_head; i++)
        if (str_starts(csv->head[i], prefix) && csv_cell(csv, i).len)
            strmap_set(in->arena, params,
                       arena_str(in->arena, str_slice(csv->head[i], prefix.len, csv->head[i].len)),
                       arena_str(in->arena, csv_cell(csv, i)));
}

static Trial *first_trial(Harvest *h, CaseResult *c, bool primary)
{
    return primary || c->n_trials == 0 ? harvest_trial(h, c) : c->trials[c->n_trials - 1];
}

static void read_row(const HarnessInput *in, Harvest *h, const Csv *csv)
{
    StrMap params = { 0 };
    Str name = csv_cell(csv, csv_column(csv, "Benchmark"));
    ptrdiff_t colon = str_find_char(name, ':');
    Str benchmark = colon < 0 ? name : str_slice(name, 0, colon);
    Str metric = colon < 0 ? (Str){ 0 } : str_slice(name, colon + 1, name.len);
    if (str_starts(metric, STR("\xc2\xb7")))
        metric = str_slice(metric, 2, metric.len);
    read_params(in, csv, &params);
    CaseResult *c = jmh_case(h, in->arena, benchmark, &params,
                             arena_str(in->arena, csv_cell(csv, csv_column(csv, "Mode"))));
    Unit unit = jmh_unit(h, csv_cell(csv, csv_column(csv, "Unit")));
    Figures f = figures_none();
    f.count = csv_num(csv, csv_column(csv, "Samples"));
    f.mean = csv_num(csv, csv_column(csv, "Score"));
    harvest_figures(h, c, first_trial(h, c, metric.len == 0),
                    metric.len ? arena_str(&h->run->arena, metric) : jmh_metric(unit), unit, "mean",
                    f);
}

static int read_csv(const HarnessInput *in, Harvest *h, Err *err)
{
    (void)err;
    Csv csv = csv_open(in->arena, in->text);
    while (csv_next(&csv))
        read_row(in, h, &csv);
    return 0;
}

const HarnessFormat harness_jmh_csv = {
    .name = "jmh-csv",
    .producer = "JMH",
    .summary = "JMH -rf csv",
    .recognise = recognise,
    .read = read_csv,
};
