/* The list of {name, unit, value} that github-action-benchmark takes as customBiggerIsBetter and
 * customSmallerIsBetter. The text does not say which: `custom` takes the direction from the unit
 * where that says one; a file called so, or --format, decides. */
#include <string.h>

#include "harness/custom.h"
#include "harness/formats.h"
#include "harness/lenient.h"

const char *custom_metric(Unit unit)
{
    return strcmp(unit.name, "ns") == 0        ? "time"
           : strcmp(unit.name, "1/s") == 0     ? "throughput"
           : strcmp(unit.name, "bytes/s") == 0 ? "bandwidth"
           : strcmp(unit.name, "bytes") == 0   ? "size"
                                               : "value";
}

void custom_take(Harvest *h, const json_t *bench, Better better)
{
    CaseResult *c = harvest_case(h, lenient_text(bench, "name"));
    Unit unit = unit_find(&h->run->arena, lenient_text(bench, "unit"));
    const char *name = custom_metric(unit);
    if (better != BETTER_NONE && unit.better != better) {
        unit.better = better;
        name = "value"; /* a well-known metric would keep its own direction */
    }
    harvest_value(h, harvest_trial(h, c), name, unit, NULL, lenient_get(bench, "value"));
    const char *extra = lenient_word(bench, "extra");
    if (extra && !c->note)
        c->note = arena_strdup(&h->run->arena, extra);
}

static bool looks_right(const HarnessInput *in)
{
    const json_t *first = json_array_get(in->json, 0);
    return json_is_string(json_object_get(first, "name")) && json_object_get(first, "value") &&
           json_is_string(json_object_get(first, "unit"));
}

static bool named(const HarnessInput *in, const char *word)
{
    return str_find(str(in->path), str(word)) >= 0;
}

static int recognise(const HarnessInput *in)
{
    return looks_right(in) ? 70 : 0;
}

static int recognise_bigger(const HarnessInput *in)
{
    return looks_right(in) && (named(in, "igger") || named(in, "higher")) ? 75 : 0;
}

static int recognise_smaller(const HarnessInput *in)
{
    return looks_right(in) && (named(in, "maller") || named(in, "lower")) ? 75 : 0;
}

static int read_list(const HarnessInput *in, Harvest *h, Better better)
{
    for (size_t i = 0; i < json_array_size(in->json); i++)
        if (json_is_object(json_array_get(in->json, i)))
            custom_take(h, json_array_get(in->json, i), better);
    return 0;
}

static int read_by_unit(const HarnessInput *in, Harvest *h, Err *err)
{
    (void)err;
    return read_list(in, h, BETTER_NONE);
}

static int read_bigger(const HarnessInput *in, Harvest *h, Err *err)
{
    (void)err;
    return read_list(in, h, BETTER_HIGHER);
}

static int read_smaller(const HarnessInput *in, Harvest *h, Err *err)
{
    (void)err;
    return read_list(in, h, BETTER_LOWER);
}

const HarnessFormat harness_custom = {
    .name = "custom",
    .producer = "custom JSON",
    .summary = "a list of {name, unit, value}; direction from the unit",
    .recognise = recognise,
    .read = read_by_unit,
};
const HarnessFormat harness_custom_bigger = {
    .name = "custom-bigger-is-better",
    .producer = "custom JSON",
    .summary = "the same, bigger is better",
    .recognise = recognise_bigger,
    .read = read_bigger,
};
const HarnessFormat harness_custom_smaller = {
    .name = "custom-smaller-is-better",
    .producer = "custom JSON",
    .summary = "the same, smaller is better",
    .recognise = recognise_smaller,
    .read = read_smaller,
};
