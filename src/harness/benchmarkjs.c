/* Benchmark.js' lines: "NAME x 1,431,759 ops/sec ±0.74% (93 runs sampled)". */
#include <math.h>

#include "harness/formats.h"
#include "harness/harvest.h"
#include "harness/scan.h"

/* The name may hold " x " itself: the last one before the rate counts. */
static bool result_line(Str line, Str *name, double *per_s, double *runs)
{
    ptrdiff_t ops = str_find(line, STR(" ops/sec")), x = -1;
    Str rest;
    for (ptrdiff_t i = 0; i + 3 <= ops; i++)
        if (str_starts(str_slice(line, i, line.len), STR(" x ")))
            x = i;
    if (x < 0)
        return false;
    *per_s = scan_num(str_slice(line, x + 3, ops), &rest);
    *name = str_trim(str_slice(line, 0, x));
    ptrdiff_t open = str_find_char(str_slice(line, ops, line.len), '(');
    *runs = open < 0 ? (double)NAN : scan_num(str_slice(line, ops + open + 1, line.len), &rest);
    return !isnan(*per_s) && name->len > 0;
}

static int recognise(const HarnessInput *in)
{
    Str rest = in->text, line, name;
    double v, n;
    for (int i = 0; i < 100000 && scan_line(&rest, &line); i++)
        if (result_line(line, &name, &v, &n))
            return 90;
    return 0;
}

static int read_text(const HarnessInput *in, Harvest *h, Err *err)
{
    (void)err;
    Str rest = in->text, line, name;
    Figures f = figures_none();
    while (scan_line(&rest, &line))
        if (result_line(line, &name, &f.mean, &f.count)) {
            CaseResult *c = harvest_case(h, name);
            harvest_figures(h, c, harvest_trial(h, c), "throughput", UNIT_PER_S, "mean", f);
        }
    return 0;
}

const HarnessFormat harness_benchmarkjs = {
    .name = "benchmarkjs",
    .producer = "Benchmark.js",
    .summary = "Benchmark.js' lines",
    .recognise = recognise,
    .read = read_text,
};
