/* What `cargo bench` prints: libtest's lines ("test NAME ... bench:  18,149 ns/iter (+/- 755)", a
 * median) and Criterion.rs' ("NAME  time: [low estimate high]"). */
#include <math.h>
#include <string.h>

#include "harness/formats.h"
#include "harness/harvest.h"
#include "harness/scan.h"

/* "test NAME ... bench:  N unit (+/- M)" */
static bool libtest_line(Str line, Str *name, Str *value)
{
    ptrdiff_t at = str_find(line, STR("... bench:"));
    if (!str_starts(line, STR("test ")) || at < 0)
        return false;
    *name = str_trim(str_slice(line, 5, at));
    *value = str_trim(str_slice(line, at + 10, line.len));
    Str rest;
    return name->len && !isnan(scan_num(*value, &rest));
}

/* "NAME   KEY:   [low unit estimate unit high unit]", with what stands before KEY in *name. */
static bool criterion_line(Str line, const char *key, Str *name, Str *value)
{
    ptrdiff_t at = str_find(line, str(key)), open = str_find_char(line, '[');
    if (at < 0 || open < at || str_trim(str_slice(line, at + str(key).len, open)).len)
        return false;
    ptrdiff_t close = str_find_char(line, ']');
    *name = str_trim(str_slice(line, 0, at));
    *value = str_slice(line, open + 1, close > open ? close : line.len);
    return str_find_char(*value, '%') < 0; /* a change, not a measurement */
}

static int recognise(const HarnessInput *in)
{
    Str rest = in->text, line, name, value;
    for (int i = 0; i < 100000 && scan_line(&rest, &line); i++)
        if (libtest_line(line, &name, &value) || criterion_line(line, "time:", &name, &value))
            return 85;
    return 0;
}

static const char *metric_name(Unit unit)
{
    if (strcmp(unit.name, "ns") == 0)
        return "time";
    return strcmp(unit.name, "1/s") == 0 || strcmp(unit.name, "bytes/s") == 0 ? "throughput"
                                                                              : "value";
}

/* "18,149 ns/iter (+/- 755) = 21 MB/s" */
static void read_libtest(Harvest *h, Str name, Str value)
{
    Str rest, word = { 0 }, megabytes;
    Figures f = figures_none();
    CaseResult *c = harvest_case(h, name);
    Trial *t = harvest_trial(h, c);
    f.p50 = scan_num(value, &rest);
    scan_word(&rest, &word);
    Unit unit = unit_find(&h->run->arena, word);
    harvest_figures(h, c, t, metric_name(unit), unit, "median", f);
    ptrdiff_t equals = str_find(value, STR("= "));
    if (equals > 0)
        harvest_value(h, t, "throughput", (Unit){ "bytes/s", 1e6, BETTER_HIGHER }, NULL,
                      scan_num(str_slice(value, equals + 2, value.len), &megabytes));
}

/* Elements come as elem/s, Kelem/s, Melem/s, Gelem/s; bytes as KiB/s and so on. */
static Unit throughput_unit(Harvest *h, Str text)
{
    static const struct {
        const char *text;
        double factor;
    } rates[] = { { "elem/s", 1 }, { "Kelem/s", 1e3 }, { "Melem/s", 1e6 }, { "Gelem/s", 1e9 } };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rates); i++)
        if (str_eqz(text, rates[i].text))
            return (Unit){ "1/s", rates[i].factor, BETTER_HIGHER };
    return unit_find(&h->run->arena, text);
}

/* The middle of "low unit estimate unit high unit". */
static double middle(Str value, Str *unit)
{
    Str rest = value, low, low_unit, number, tail;
    if (!scan_word(&rest, &low) || !scan_word(&rest, &low_unit) || !scan_word(&rest, &number) ||
        !scan_word(&rest, unit))
        return (double)NAN;
    return scan_num(number, &tail);
}

static void take_middle(Harvest *h, CaseResult *c, Trial *t, const char *name, Str value)
{
    Str unit = { 0 };
    Figures f = figures_none();
    f.mean = middle(value, &unit);
    if (!isnan(f.mean))
        harvest_figures(h, c, t, name ? name : "throughput", throughput_unit(h, unit), "estimate",
                        f);
}

static int read_text(const HarnessInput *in, Harvest *h, Err *err)
{
    (void)err;
    Str rest = in->text, line, name, value, before = { 0 };
    CaseResult *c = NULL;
    while (scan_line(&rest, &line)) {
        if (libtest_line(line, &name, &value)) {
            read_libtest(h, name, value);
        } else if (criterion_line(line, "time:", &name, &value)) {
            c = harvest_case(h, name.len ? name : before); /* long names have a line of their own */
            take_middle(h, c, harvest_trial(h, c), "time", value);
        } else if (c && criterion_line(line, "thrpt:", &name, &value)) {
            take_middle(h, c, c->trials[c->n_trials - 1], NULL, value);
        }
        if (str_trim(line).len)
            before = str_trim(line);
    }
    return 0;
}

const HarnessFormat harness_cargo_bench = {
    .name = "cargo-bench",
    .producer = "cargo bench",
    .summary = "text of cargo bench: libtest's and Criterion.rs'",
    .recognise = recognise,
    .read = read_text,
};
