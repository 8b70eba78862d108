/* nanobench's JSON: seconds per iteration; the measurements are its epochs. */
#include <math.h>

#include "harness/formats.h"
#include "harness/harvest.h"
#include "harness/lenient.h"

static int recognise(const HarnessInput *in)
{
    const json_t *first = json_array_get(json_object_get(in->json, "results"), 0);
    return json_object_get(first, "median(elapsed)") && json_object_get(first, "measurements") ? 95
                                                                                               : 0;
}

static const struct {
    const char *key, *name;
} counters[] = {
    { "pagefaults", "page_faults" },           { "cpucycles", "cpu_cycles" },
    { "contextswitches", "context_switches" }, { "instructions", "instructions" },
    { "branchinstructions", "branches" },      { "branchmisses", "branch_misses" },
};

/* Counters that could not be read stand as 0 in all epochs. */
static bool was_counted(const json_t *list, const char *key)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (lenient_get(json_array_get(list, i), key) > 0)
            return true;
    return false;
}

static void read_epochs(Harvest *h, CaseResult *c, const json_t *list)
{
    Unit count = unit_better(UNIT_COUNT, BETTER_LOWER);
    for (size_t i = 0; i < json_array_size(list) && c->n_trials < HARVEST_TRIALS_MAX; i++) {
        const json_t *m = json_array_get(list, i);
        Trial *t = harvest_trial(h, c);
        harvest_value(h, t, "time", UNIT_S, NULL, lenient_get(m, "elapsed"));
        for (ptrdiff_t k = 0; k < ARRAY_LEN(counters); k++)
            if (was_counted(list, counters[k].key))
                harvest_value(h, t, counters[k].name, count, "per iteration",
                              lenient_get(m, counters[k].key));
    }
}

static void read_result(Harvest *h, const json_t *o)
{
    CLEANUP(strbuf_done) StrBuf name = { 0 };
    char buf[FMT_MAX];
    Str title = lenient_text(o, "title");
    const json_t *list = json_object_get(o, "measurements");
    double batch = lenient_get(o, "batch"), n = lenient_get(o, "complexityN");
    if (title.len && !str_eqz(title, "benchmark")) /* nanobench's own default */
        strbuf_addf(&name, STR_FMT "/", STR_ARG(title));
    strbuf_add(&name, lenient_text(o, "name"));
    CaseResult *c = harvest_case(h, strbuf_str(&name));
    c->component = harvest_text(h, title);
    if (batch > 1)
        harvest_param(h, c, "batch", str(fmt_f64_exact(buf, batch)));
    if (n > 0)
        harvest_param(h, c, "complexity_n", str(fmt_f64_exact(buf, n)));
    Figures f = figures_none();
    f.p50 = lenient_get(o, "median(elapsed)");
    f.count = lenient_get(o, "epochs");
    if (json_array_size(list))
        read_epochs(h, c, list);
    else
        harvest_figures(h, c, harvest_trial(h, c), "time", UNIT_S, "median", f);
}

static int read_json(const HarnessInput *in, Harvest *h, Err *err)
{
    (void)err;
    const json_t *list = json_object_get(in->json, "results");
    for (size_t i = 0; i < json_array_size(list); i++)
        if (json_is_object(json_array_get(list, i)))
            read_result(h, json_array_get(list, i));
    return 0;
}

const HarnessFormat harness_nanobench = {
    .name = "nanobench",
    .producer = "nanobench",
    .summary = "nanobench's JSON",
    .recognise = recognise,
    .read = read_json,
};
