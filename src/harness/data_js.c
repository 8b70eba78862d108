/* The history that github-action-benchmark keeps: data.js ("window.BENCHMARK_DATA = {…}") or its
 * JSON. Every entry of every suite is a run. */
#include <errno.h>
#include <string.h>

#include "harness/custom.h"
#include "harness/formats.h"
#include "harness/lenient.h"

static int recognise(const HarnessInput *in)
{
    const json_t *entries = json_object_get(in->json, "entries");
    void *first = json_object_iter((json_t *)(uintptr_t)entries);
    const json_t *run = first ? json_array_get(json_object_iter_value(first), 0) : NULL;
    return json_is_array(json_object_get(run, "benches")) ? 95 : 0;
}

typedef struct Entry {
    const char *suite;
    const json_t *o;
    ptrdiff_t at;
} Entry;

static ptrdiff_t count(const HarnessInput *in)
{
    ptrdiff_t n = 0;
    const char *key;
    json_t *list;
    json_object_foreach(json_object_get(in->json, "entries"), key, list) n +=
        (ptrdiff_t)json_array_size(list);
    return n;
}

/* Entry `at`, or of all the newest. */
static Entry find_entry(const HarnessInput *in, ptrdiff_t at)
{
    Entry best = { 0 };
    double newest = -1;
    ptrdiff_t n = 0;
    const char *suite;
    json_t *list;
    json_object_foreach(json_object_get(in->json, "entries"), suite,
                        list) for (size_t i = 0; i < json_array_size(list); i++, n++)
    {
        const json_t *o = json_array_get(list, i);
        double date = lenient_get(o, "date");
        if (at == n || (at == HARVEST_NEWEST && date >= newest)) {
            best = (Entry){ suite, o, n };
            newest = date;
        }
    }
    return best;
}

/* {id, timestamp, …}; condensed histories have the hash alone. */
static void take_commit(Harvest *h, const json_t *o)
{
    const json_t *commit = json_object_get(o, "commit");
    double ms = lenient_get(o, "date");
    Str id = json_is_string(commit) ? str(json_string_value(commit)) : lenient_text(commit, "id");
    h->run->commit = harvest_text(h, id);
    harvest_date(h, lenient_text(commit, "timestamp"));
    harvest_date(h, lenient_text(o, "commit_time"));
    harvest_epoch(h, ms, NS_PER_MS);
}

static Better direction(Str tool)
{
    return str_eqz(tool, "customBiggerIsBetter")    ? BETTER_HIGHER
           : str_eqz(tool, "customSmallerIsBetter") ? BETTER_LOWER
                                                    : BETTER_NONE;
}

static int read_entry(const HarnessInput *in, Harvest *h, Err *err)
{
    Entry e = find_entry(in, h->at);
    if (!e.o)
        return err_set(err, -EINVAL, "holds no run");
    const json_t *benches = json_object_get(e.o, "benches");
    Str tool = lenient_text(e.o, "tool");
    h->at = e.at;
    h->run->suite = arena_strdup(&h->run->arena, *e.suite ? e.suite : "benchmark");
    take_commit(h, e.o);
    harvest_tag(h, "producer", tool);
    harvest_tag(h, "repository", lenient_text(in->json, "repoUrl"));
    if (tool.len)
        h->method = harvest_text(h, tool);
    for (size_t i = 0; i < json_array_size(benches); i++)
        if (json_is_object(json_array_get(benches, i)))
            custom_take(h, json_array_get(benches, i), direction(tool));
    return 0;
}

const HarnessFormat harness_data_js = {
    .name = "data-js",
    .producer = "github-action-benchmark",
    .summary = "github-action-benchmark's data.js: a whole history",
    .recognise = recognise,
    .read = read_entry,
    .count = count,
};
