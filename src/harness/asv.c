/* airspeed velocity: the folder `results` (a folder a machine, a file a commit and environment:
 * each file is a run) or one of its files. Formats 1 and 2. Units follow from the benchmark's
 * prefix, as asv defines them; those of track_… stand in benchmarks.json. */
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "harness/formats.h"
#include "harness/harvest.h"
#include "harness/lenient.h"

enum { FILE_MAX = 256 << 20, COMBINATIONS_MAX = 100000 };

/* --- files --- */

typedef struct Files {
    const char **v; /* [n] in the arena */
    ptrdiff_t n, cap;
} Files;

static void list_folder(Arena *a, const char *folder, bool folders, Files *to)
{
    struct dirent **list;
    int n = scandir(folder, &list, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        const char *name = list[i]->d_name, *path = fs_join(a, folder, name);
        bool result = str_ends(str(name), STR(".json")) && strcmp(name, "machine.json") != 0 &&
                      strcmp(name, "benchmarks.json") != 0;
        if (name[0] != '.' && (folders ? fs_is_dir(path) : result && !fs_is_dir(path)))
            ARENA_PUSH(a, to->v, to->n, to->cap, path);
        free(list[i]);
    }
    if (n >= 0)
        free(list);
}

/* Result files below the machines' folders. */
static Files result_files(Arena *a, const char *root)
{
    Files machines = { 0 }, files = { 0 };
    list_folder(a, root, true, &machines);
    for (ptrdiff_t i = 0; i < machines.n; i++)
        if (fs_exists(fs_join(a, machines.v[i], "machine.json")))
            list_folder(a, machines.v[i], false, &files);
    return files;
}

static bool is_result(const json_t *j)
{
    return json_is_string(json_object_get(j, "commit_hash")) &&
           json_is_object(json_object_get(j, "results"));
}

static int recognise(const HarnessInput *in)
{
    CLEANUP(arena_done) Arena a = { 0 };
    if (!in->folder)
        return is_result(in->json) ? 90 : 0;
    return result_files(&a, in->path).n ? 90 : 0;
}

static ptrdiff_t count(const HarnessInput *in)
{
    CLEANUP(arena_done) Arena a = { 0 };
    return in->folder ? result_files(&a, in->path).n : 1;
}

static int parse_file(Arena *a, const char *path, json_t **ret, Err *err)
{
    Str text;
    TRY(fs_read(a, path, FILE_MAX, &text, err));
    return lenient_parse(text, path, ret, err);
}

/* --- units --- */

/* The part behind the last point: "mod.Class.time_x" is time_x. */
static Str short_name(Str name)
{
    for (ptrdiff_t i = name.len; i > 0; i--)
        if (name.ptr[i - 1] == '.')
            return str_slice(name, i, name.len);
    return name;
}

typedef struct Reader {
    Harvest *h;
    Arena *arena;
    const json_t *columns;    /* format 2: names of a result's parts */
    const json_t *benchmarks; /* benchmarks.json or NULL */
} Reader;

static Unit unit_of(Reader *r, Str name, const char **metric)
{
    Str s = short_name(name);
    *metric = "size";
    if (str_starts(s, STR("mem_")) || str_starts(s, STR("peakmem_")))
        return UNIT_BYTES;
    *metric = "time";
    if (!str_starts(s, STR("track_")))
        return UNIT_S;
    *metric = "value";
    const json_t *b = json_object_get(r->benchmarks, arena_str(r->arena, name));
    Str unit = lenient_text(b, "unit");
    return str_eqz(unit, "unit") ? (Unit){ "", 1, BETTER_NONE }
                                 : unit_find(&r->h->run->arena, unit);
}

/* --- one benchmark --- */

/* A part of a result, by name: an object in format 1, an array by columns in format 2. */
static const json_t *part(const Reader *r, const json_t *result, const char *name)
{
    if (json_is_object(result))
        return json_object_get(result, name);
    for (size_t i = 0; i < json_array_size(r->columns); i++) {
        const char *column = json_string_value(json_array_get(r->columns, i));
        if (column && strcmp(column, name) == 0)
            return json_array_get(result, i);
    }
    return NULL;
}

/* Value of parameter `p` in combination `i`; the last parameter runs fastest. */
static Str param_value(const json_t *params, size_t p, size_t i)
{
    size_t n = json_array_size(params);
    for (size_t k = n; k-- > p + 1;)
        i /= MAX(json_array_size(json_array_get(params, k)), (size_t)1);
    const json_t *values = json_array_get(params, p);
    size_t m = MAX(json_array_size(values), (size_t)1);
    return str(json_string_value(json_array_get(values, i % m)));
}

/* "name(10, 'a')", as asv prints it. */
static CaseResult *case_of(Reader *r, Str name, const json_t *params, size_t i)
{
    CLEANUP(strbuf_done) StrBuf full = { 0 };
    size_t n = json_array_size(params);
    strbuf_add(&full, name);
    for (size_t p = 0; p < n; p++)
        strbuf_addf(&full, "%s" STR_FMT "%s", p ? ", " : "(", STR_ARG(param_value(params, p, i)),
                    p + 1 == n ? ")" : "");
    return harvest_case(r->h, strbuf_str(&full));
}

static void take_combination(Reader *r, Str name, const json_t *result, size_t i, double value)
{
    const json_t *samples = json_array_get(part(r, result, "samples"), i);
    const char *metric;
    Unit unit = unit_of(r, name, &metric);
    CaseResult *c = case_of(r, name, part(r, result, "params"), i);
    ptrdiff_t n = (ptrdiff_t)json_array_size(samples);
    double *v = ARENA_ARRAY(r->arena, double, n);
    Figures f = figures_none();
    for (ptrdiff_t k = 0; k < n; k++)
        v[k] = lenient_num(json_array_get(samples, (size_t)k));
    f.p50 = value;
    if (n)
        harvest_samples(r->h, c, c->n_trials, metric, unit, v, n);
    else if (strcmp(metric, "value") == 0)
        harvest_value(r->h, harvest_trial(r->h, c), metric, unit, NULL, value);
    else
        harvest_figures(r->h, c, harvest_trial(r->h, c), metric, unit, "median of its samples", f);
}

static void take_benchmark(Reader *r, Str name, const json_t *result)
{
    const json_t *values = part(r, result, "result");
    if (!json_is_object(result) && !json_is_array(result)) /* format 1: the value alone */
        take_combination(r, name, result, 0, lenient_num(result));
    else if (json_is_array(values))
        for (size_t i = 0; i < json_array_size(values) && i < COMBINATIONS_MAX; i++)
            take_combination(r, name, result, i, lenient_num(json_array_get(values, i)));
    else if (values && !json_is_null(values))
        take_combination(r, name, result, 0, lenient_num(values));
}

/* --- a file --- */

static void read_head(Harvest *h, const json_t *root)
{
    const json_t *params = json_object_get(root, "params");
    Testbed *t = &h->run->testbed;
    t->host = harvest_text(h, lenient_text(params, "machine"));
    t->cpu = harvest_text(h, lenient_text(params, "cpu"));
    t->os = harvest_text(h, lenient_text(params, "os"));
    h->run->commit = harvest_text(h, lenient_text(root, "commit_hash"));
    harvest_epoch(h, lenient_get(root, "date"), NS_PER_MS); /* the commit's */
    harvest_tag(h, "environment", lenient_text(root, "env_name"));
    harvest_tag(h, "python", lenient_text(root, "python"));
}

static void read_results(Reader *r, const json_t *root)
{
    const char *name;
    json_t *result;
    read_head(r->h, root);
    r->columns = json_object_get(root, "result_columns");
    json_object_foreach(json_object_get(root, "results"), name, result)
        take_benchmark(r, str(name), result);
}

static bool tracks_anything(const json_t *root)
{
    const char *name;
    json_t *result;
    json_object_foreach(json_object_get(root, "results"), name,
                        result) if (str_starts(short_name(str(name)), STR("track_"))) return true;
    return false;
}

static double date_of(const char *path)
{
    CLEANUP(arena_done) Arena a = { 0 };
    CLEANUP(json_free) json_t *j = NULL;
    return parse_file(&a, path, &j, NULL) == 0 ? lenient_get(j, "date") : (double)NAN;
}

/* The newest is the one with the latest commit. */
static ptrdiff_t newest_file(const Files *files)
{
    ptrdiff_t newest = 0;
    double latest = 0;
    for (ptrdiff_t i = 0; i < files->n; i++) {
        double date = date_of(files->v[i]);
        if (date > latest) {
            latest = date;
            newest = i;
        }
    }
    return newest;
}

static int read_folder(const HarnessInput *in, Harvest *h, Err *err)
{
    CLEANUP(arena_done) Arena a = { 0 };
    CLEANUP(json_free) json_t *root = NULL, *benchmarks = NULL;
    Files files = result_files(&a, in->path);
    const char *known = fs_join(&a, in->path, "benchmarks.json");
    if (h->at == HARVEST_NEWEST)
        h->at = newest_file(&files);
    if (h->at >= files.n)
        return err_set(err, -EINVAL, "holds no result");
    TRY(parse_file(&a, files.v[h->at], &root, err));
    if (tracks_anything(root) && fs_exists(known))
        TRY(parse_file(&a, known, &benchmarks, err));
    Reader r = { .h = h, .arena = &a, .benchmarks = benchmarks };
    read_results(&r, root);
    return 0;
}

static int read_any(const HarnessInput *in, Harvest *h, Err *err)
{
    if (in->folder)
        return read_folder(in, h, err);
    Reader r = { .h = h, .arena = in->arena };
    h->at = 0;
    read_results(&r, in->json);
    return 0;
}

const HarnessFormat harness_asv = {
    .name = "asv",
    .producer = "asv",
    .summary = "asv: the folder of results (a history), or one file of it",
    .recognise = recognise,
    .read = read_any,
    .count = count,
};
