/* Criterion.rs: the tree that it writes below target/criterion. Names come from benchmark.json,
 * never from folders (which are cut and mangled). Of each benchmark the newest measurement (`new`)
 * is taken, or `base` where there is no other; a folder that is itself a measurement may be named
 * too. Samples are total times over a number of iterations. */
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "harness/formats.h"
#include "harness/harvest.h"
#include "harness/lenient.h"

enum { FILE_MAX = 64 << 20, DEPTH_MAX = 8 };

static bool has_file(const char *folder, const char *name)
{
    CLEANUP(arena_done) Arena a = { 0 };
    return fs_exists(fs_join(&a, folder, name));
}

static bool is_measurement(const char *folder)
{
    return has_file(folder, "benchmark.json") &&
           (has_file(folder, "sample.json") || has_file(folder, "estimates.json"));
}

/* Names of a folder's folders, sorted, without "report" and hidden ones. */
static const char **folders_in(Arena *a, const char *path, ptrdiff_t *ret_n)
{
    struct dirent **list;
    int n = scandir(path, &list, NULL, alphasort);
    const char **names = ARENA_ARRAY(a, const char *, MAX(n, 0));
    *ret_n = 0;
    for (int i = 0; i < n; i++) {
        const char *name = list[i]->d_name;
        const char *full = fs_join(a, path, name);
        if (name[0] != '.' && strcmp(name, "report") != 0 && fs_is_dir(full))
            names[(*ret_n)++] = full;
        free(list[i]);
    }
    if (n >= 0)
        free(list);
    return names;
}

/* Visits each benchmark's measurement below `path`; stops when fn is not 0. */
typedef int Visit(const char *folder, void *user);

static int walk(const char *path, int depth, Visit *fn, void *user)
{
    CLEANUP(arena_done) Arena a = { 0 };
    const char *fresh = fs_join(&a, path, "new"), *base = fs_join(&a, path, "base");
    if (is_measurement(path))
        return fn(path, user);
    if (is_measurement(fresh))
        return fn(fresh, user);
    if (is_measurement(base))
        return fn(base, user);
    ptrdiff_t n;
    const char **names = folders_in(&a, path, &n);
    for (ptrdiff_t i = 0; i < n && depth < DEPTH_MAX; i++) {
        int r = walk(names[i], depth + 1, fn, user);
        if (r)
            return r;
    }
    return 0;
}

static int found(const char *folder, void *user)
{
    (void)folder, (void)user;
    return 1;
}

static int recognise(const HarnessInput *in)
{
    return in->folder && walk(in->path, 0, found, NULL) == 1 ? 90 : 0;
}

static int parse_file(Arena *a, const char *folder, const char *name, json_t **ret, Err *err)
{
    const char *path = fs_join(a, folder, name);
    Str text;
    if (!fs_exists(path)) {
        *ret = NULL;
        return 0;
    }
    TRY(fs_read(a, path, FILE_MAX, &text, err));
    return lenient_parse(text, path, ret, err);
}

/* `full_id` may be missing in old releases: group, function and value make it. */
static Str full_name(Arena *a, const json_t *id)
{
    const char *full = lenient_word(id, "full_id");
    const char *parts[] = { lenient_word(id, "group_id"), lenient_word(id, "function_id"),
                            lenient_word(id, "value_str") };
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    if (full)
        return str(full);
    for (ptrdiff_t i = 0; i < ARRAY_LEN(parts); i++)
        if (parts[i])
            strbuf_addf(&b, "%s%s", b.len ? "/" : "", parts[i]);
    return str(arena_str(a, strbuf_str(&b)));
}

/* {"iters": […], "times": […]} or, before 0.4, [[iters], [times]]; returns time per iteration. */
static double *samples_of(Arena *a, const json_t *sample, ptrdiff_t *ret_n)
{
    const json_t *iters = json_object_get(sample, "iters");
    const json_t *times = json_object_get(sample, "times");
    if (json_is_array(sample)) {
        iters = json_array_get(sample, 0);
        times = json_array_get(sample, 1);
    }
    *ret_n = (ptrdiff_t)MIN(json_array_size(iters), json_array_size(times));
    double *v = ARENA_ARRAY(a, double, *ret_n);
    for (ptrdiff_t i = 0; i < *ret_n; i++) {
        double n = lenient_num(json_array_get(iters, (size_t)i));
        v[i] = n > 0 ? lenient_num(json_array_get(times, (size_t)i)) / n : (double)NAN;
    }
    return v;
}

/* Keys had capitals before 0.4. */
static double estimate(const json_t *estimates, const char *key, const char *old_key)
{
    const json_t *e = json_object_get(estimates, key);
    return lenient_get(e ? e : json_object_get(estimates, old_key), "point_estimate");
}

/* Work of one iteration: per second it is a throughput. */
static double work_of(const json_t *throughput, Unit *unit)
{
    static const struct {
        const char *key;
        double factor;
        bool bytes;
    } kinds[] = { { "Bytes", 1, true },
                  { "BytesDecimal", 1, true },
                  { "Bits", 0.125, true },
                  { "Elements", 1, false } };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(kinds); i++) {
        double n = lenient_get(throughput, kinds[i].key);
        if (n > 0) {
            *unit = kinds[i].bytes ? UNIT_BYTES_PER_S : UNIT_PER_S;
            return n * kinds[i].factor;
        }
    }
    return 0;
}

static void take_throughput(Arena *a, Harvest *h, CaseResult *c, ptrdiff_t first,
                            const json_t *throughput, const double *time_ns, ptrdiff_t n)
{
    Unit unit;
    double work = work_of(throughput, &unit);
    double *v = ARENA_ARRAY(a, double, n);
    for (ptrdiff_t i = 0; i < n; i++)
        v[i] = work * 1e9 / time_ns[i];
    if (work > 0)
        harvest_samples(h, c, first, "throughput", unit, v, n);
}

static void take_estimates(Harvest *h, CaseResult *c, ptrdiff_t first, const json_t *e)
{
    Figures f = figures_none(), slope = figures_none();
    f.mean = estimate(e, "mean", "Mean");
    f.p50 = estimate(e, "median", "Median");
    f.stddev = estimate(e, "std_dev", "StdDev");
    slope.mean = estimate(e, "slope", "Slope");
    Trial *t = first < c->n_trials ? c->trials[first] : harvest_trial(h, c);
    harvest_figures(h, c, t, "time", UNIT_NS, "estimates", f);
    harvest_figures(h, c, t, "slope", UNIT_NS, "line through all samples", slope);
}

typedef struct Visitor {
    const HarnessInput *in;
    Harvest *h;
    Err *err;
} Visitor;

static int read_measurement(const char *folder, void *user)
{
    Visitor *v = user;
    Arena *a = v->in->arena;
    CLEANUP(json_free) json_t *id = NULL, *sample = NULL, *estimates = NULL;
    ptrdiff_t n;
    TRY(parse_file(a, folder, "benchmark.json", &id, v->err));
    TRY(parse_file(a, folder, "sample.json", &sample, v->err));
    TRY(parse_file(a, folder, "estimates.json", &estimates, v->err));
    CaseResult *c = harvest_case(v->h, full_name(a, id));
    ptrdiff_t first = c->n_trials;
    c->component = harvest_text(v->h, lenient_text(id, "group_id"));
    if (lenient_word(id, "value_str"))
        harvest_param(v->h, c, "value", lenient_text(id, "value_str"));
    double *times = samples_of(a, sample, &n);
    harvest_samples(v->h, c, first, "time", UNIT_NS, times, n);
    take_throughput(a, v->h, c, first, json_object_get(id, "throughput"), times, n);
    take_estimates(v->h, c, first, estimates);
    return 0;
}

static int read_tree(const HarnessInput *in, Harvest *h, Err *err)
{
    Visitor v = { in, h, err };
    return walk(in->path, 0, read_measurement, &v);
}

const HarnessFormat harness_criterion = {
    .name = "criterion",
    .producer = "Criterion.rs",
    .summary = "Criterion.rs: the folder target/criterion, or one measurement in it",
    .recognise = recognise,
    .read = read_tree,
};
