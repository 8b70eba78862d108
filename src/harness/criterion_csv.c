/* Criterion.rs' raw.csv: one line a sample. Releases before 0.4 say sample_time_nanos, later ones
 * sample_measured_value with a unit. */
#include <math.h>

#include "harness/formats.h"
#include "harness/harvest.h"
#include "harness/scan.h"

static int recognise(const HarnessInput *in)
{
    return csv_starts(in->text, "group,function,value") &&
                   str_find(str_slice(in->text, 0, 256), STR("iteration_count")) > 0
               ? 95
               : 0;
}

static CaseResult *case_of(Harvest *h, const Csv *csv)
{
    CLEANUP(strbuf_done) StrBuf name = { 0 };
    for (ptrdiff_t i = 0; i < 3; i++)
        if (csv_cell(csv, i).len)
            strbuf_addf(&name, "%s" STR_FMT, name.len ? "/" : "", STR_ARG(csv_cell(csv, i)));
    CaseResult *c = harvest_case(h, strbuf_str(&name));
    c->component = harvest_text(h, csv_cell(csv, 0));
    if (csv_cell(csv, 2).len)
        harvest_param(h, c, "value", csv_cell(csv, 2));
    return c;
}

static int read_csv(const HarnessInput *in, Harvest *h, Err *err)
{
    (void)err;
    Csv csv = csv_open(in->arena, in->text);
    ptrdiff_t old = csv_column(&csv, "sample_time_nanos");
    ptrdiff_t value = csv_column(&csv, "sample_measured_value");
    ptrdiff_t unit_at = csv_column(&csv, "unit"), count = csv_column(&csv, "iteration_count");
    while (csv_next(&csv)) {
        CaseResult *c = case_of(h, &csv);
        if (c->n_trials >= HARVEST_TRIALS_MAX)
            continue;
        Unit unit = unit_at >= 0 ? unit_find(&h->run->arena, csv_cell(&csv, unit_at)) : UNIT_NS;
        double n = csv_num(&csv, count), v = csv_num(&csv, old >= 0 ? old : value);
        harvest_value(h, harvest_trial(h, c), "time", unit, NULL, n > 0 ? v / n : (double)NAN);
    }
    return 0;
}

const HarnessFormat harness_criterion_csv = {
    .name = "criterion-csv",
    .producer = "Criterion.rs",
    .summary = "Criterion.rs: raw.csv",
    .recognise = recognise,
    .read = read_csv,
};
