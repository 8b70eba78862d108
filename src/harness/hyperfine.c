/* hyperfine's --export-json and --export-csv. Times are seconds; a run's user and system time are
 * means only. */
#include <math.h>

#include "harness/formats.h"
#include "harness/harvest.h"
#include "harness/lenient.h"
#include "harness/scan.h"

static int recognise_json(const HarnessInput *in)
{
    const json_t *first = json_array_get(json_object_get(in->json, "results"), 0);
    bool figures = json_object_get(first, "times") || json_object_get(first, "mean");
    return json_is_string(json_object_get(first, "command")) && figures ? 95 : 0;
}

static double *numbers(Arena *a, const json_t *list, ptrdiff_t *ret_n)
{
    *ret_n = (ptrdiff_t)json_array_size(list);
    double *v = ARENA_ARRAY(a, double, *ret_n);
    for (ptrdiff_t i = 0; i < *ret_n; i++)
        v[i] = lenient_num(json_array_get(list, (size_t)i));
    return v;
}

static void take_exit_codes(CaseResult *c, ptrdiff_t first, const json_t *codes)
{
    for (ptrdiff_t i = 0; i < (ptrdiff_t)json_array_size(codes) && first + i < c->n_trials; i++) {
        const json_t *code = json_array_get(codes, (size_t)i);
        double v = lenient_num(code);
        c->trials[first + i]->exit_code = v >= 0 && v <= 255 ? (int)v : -1;
    }
}

static Figures stated(const json_t *o)
{
    Figures f = figures_none();
    f.mean = lenient_get(o, "mean");
    f.stddev = lenient_get(o, "stddev");
    f.p50 = lenient_get(o, "median");
    f.min = lenient_get(o, "min");
    f.max = lenient_get(o, "max");
    return f;
}

static void only_mean(Harvest *h, CaseResult *c, Trial *t, const char *name, double mean)
{
    Figures f = figures_none();
    f.mean = mean;
    harvest_figures(h, c, t, name, UNIT_S, "mean of all runs", f);
}

/* Up to 1.10 one "parameter" as text; later a mapping. */
static void read_parameters(Arena *a, const json_t *o, StrMap *params)
{
    const json_t *map = json_object_get(o, "parameters");
    void *at = json_object_iter((json_t *)(uintptr_t)map);
    for (; at; at = json_object_iter_next((json_t *)(uintptr_t)map, at)) {
        const char *v = json_string_value(json_object_iter_value(at));
        if (v)
            strmap_set(a, params, json_object_iter_key(at), v);
    }
    const char *old = lenient_word(o, "parameter");
    if (!map && old)
        strmap_set(a, params, "parameter", old);
}

/* The command alone names the case; only where another case has the name and other parameters
 * (--command-name) they are part of it. */
static CaseResult *case_of(Harvest *h, Str command, const StrMap *params)
{
    const CaseResult *there = harvest_find(h, command);
    bool other = false;
    for (ptrdiff_t i = 0; there && i < params->n; i++) {
        const char *v = strmap_get(&there->params, params->v[i].key);
        other |= !v || !str_eqz(str(v), params->v[i].value);
    }
    if (other)
        return harvest_case_with(h, command, params);
    CaseResult *c = harvest_case(h, command);
    for (ptrdiff_t i = 0; i < params->n; i++)
        harvest_param(h, c, params->v[i].key, str(params->v[i].value));
    return c;
}

static void read_result(const HarnessInput *in, Harvest *h, const json_t *o)
{
    StrMap params = { 0 };
    ptrdiff_t n, n_memory;
    read_parameters(in->arena, o, &params);
    CaseResult *c = case_of(h, lenient_text(o, "command"), &params);
    ptrdiff_t first = c->n_trials;
    double *times = numbers(in->arena, json_object_get(o, "times"), &n);
    double *memory = numbers(in->arena, json_object_get(o, "memory_usage_byte"), &n_memory);
    harvest_samples(h, c, first, "wall", UNIT_S, times, n);
    harvest_samples(h, c, first, "rss_peak", UNIT_BYTES, memory, MIN(n_memory, n));
    take_exit_codes(c, first, json_object_get(o, "exit_codes"));
    Trial *t = n ? c->trials[first] : harvest_trial(h, c);
    if (!n)
        harvest_figures(h, c, t, "wall", UNIT_S, NULL, stated(o));
    only_mean(h, c, t, "user", lenient_get(o, "user"));
    only_mean(h, c, t, "system", lenient_get(o, "system"));
}

static int read_json(const HarnessInput *in, Harvest *h, Err *err)
{
    (void)err;
    const json_t *results = json_object_get(in->json, "results");
    for (size_t i = 0; i < json_array_size(results); i++)
        read_result(in, h, json_array_get(results, i));
    return 0;
}

static int recognise_csv(const HarnessInput *in)
{
    return csv_starts(in->text, "command,mean,stddev,median,user,system,min,max") ? 95 : 0;
}

/* Columns "parameter_NAME", from the header. */
static void csv_parameters(const HarnessInput *in, const Csv *csv, StrMap *params)
{
    Str prefix = STR("parameter_");
    for (ptrdiff_t i = 0; i < csv->n_head; i++)
        if (str_starts(csv->head[i], prefix) && csv_cell(csv, i).len)
            strmap_set(in->arena, params,
                       arena_str(in->arena, str_slice(csv->head[i], prefix.len, PTRDIFF_MAX)),
                       arena_str(in->arena, csv_cell(csv, i)));
}

static int read_csv(const HarnessInput *in, Harvest *h, Err *err)
{
    (void)err;
    Csv csv = csv_open(in->arena, in->text);
    while (csv_next(&csv)) {
        StrMap params = { 0 };
        csv_parameters(in, &csv, &params);
        CaseResult *c = case_of(h, csv_cell(&csv, csv_column(&csv, "command")), &params);
        Trial *t = harvest_trial(h, c);
        Figures f = figures_none();
        f.mean = csv_num(&csv, csv_column(&csv, "mean"));
        f.stddev = csv_num(&csv, csv_column(&csv, "stddev"));
        f.p50 = csv_num(&csv, csv_column(&csv, "median"));
        f.min = csv_num(&csv, csv_column(&csv, "min"));
        f.max = csv_num(&csv, csv_column(&csv, "max"));
        harvest_figures(h, c, t, "wall", UNIT_S, NULL, f);
        only_mean(h, c, t, "user", csv_num(&csv, csv_column(&csv, "user")));
        only_mean(h, c, t, "system", csv_num(&csv, csv_column(&csv, "system")));
    }
    return 0;
}

const HarnessFormat harness_hyperfine = {
    .name = "hyperfine",
    .producer = "hyperfine",
    .summary = "hyperfine --export-json",
    .recognise = recognise_json,
    .read = read_json,
};
const HarnessFormat harness_hyperfine_csv = {
    .name = "hyperfine-csv",
    .producer = "hyperfine",
    .summary = "hyperfine --export-csv",
    .recognise = recognise_csv,
    .read = read_csv,
};
