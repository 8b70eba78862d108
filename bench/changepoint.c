/* What change points cost and how often they are right: assay beside what Otava and Perfherder
 * would report on the same series.
 *
 * Noise is real where ASSAY_SHARED has the histories: windows of Mozilla's graphs without a
 * published alert in them and of never-changing toy code on shared runners. Whether such a window
 * has a level shift of its own nobody knows, so two sets are made of them: "as it is", and
 * "resampled": the residuals around a running median in blocks of 10, which keeps the law of the
 * noise and the correlation of neighbours, and takes away what lasts. "Calm" are those of the
 * resampled whose standard deviation is at most half the largest step: the others jump between
 * levels further apart than any step put in, and say little of a method. Steps of 0, 2, 5 and 10 %
 * are put in at seeded places; found is what lies within 5 values.
 *
 *     ASSAY_SHARED=../shared build/bench/bench_changepoint
 *
 * As a check it holds the bar on the calm set, and loosely on all: right more often than the
 * others, few false alarms, time. */
#include "stats/changepoint.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/rng.h"
#include "stats/edivisive.h"
#include "stats/select.h"
#include "stats/windowed.h"
#include "tap.h"

enum { SERIES_MAX = 400, WINDOW = 100, SHORT_WINDOW = 64, BLOCK = 10, HALF_MEDIAN = 10, NEAR = 5 };
static const double SPREAD_MAX = 0.02; /* noisier windows hide 2 % whatever the method */
static const double CALM_MAX = 0.05;   /* standard deviation over mean */

typedef struct Noise {
    double v[WINDOW];
    ptrdiff_t n;
} Noise;

typedef struct Set {
    const char *name;
    Noise *v; /* [SERIES_MAX] */
    ptrdiff_t n;
} Set;

typedef int Finder(const double *x, ptrdiff_t n, ChangePoints *ret, Err *err);

static int find_assay(const double *x, ptrdiff_t n, ChangePoints *ret, Err *err)
{
    return changepoints_find(x, n, NULL, ret, err);
}

static int find_otava(const double *x, ptrdiff_t n, ChangePoints *ret, Err *err)
{
    return edivisive_find(x, n, NULL, ret, err);
}

static int find_perfherder(const double *x, ptrdiff_t n, ChangePoints *ret, Err *err)
{
    return windowed_find(x, n, NULL, ret, err);
}

static const struct {
    const char *name;
    Finder *find;
} finders[] = { { "assay", find_assay },
                { "otava", find_otava },
                { "perfherder", find_perfherder } };
enum { N_FINDERS = ARRAY_LEN(finders) };

/* ---- the noise ---- */

static double median_of(const double *x, ptrdiff_t n)
{
    double copy[WINDOW];
    memcpy(copy, x, (size_t)n * sizeof *x);
    return select_median(copy, n);
}

/* Ratios to the running median. Returns their spread. */
static double residuals(const double *x, ptrdiff_t n, double *ret)
{
    double copy[WINDOW];
    for (ptrdiff_t i = 0; i < n; i++) {
        ptrdiff_t from = MAX(i - HALF_MEDIAN, (ptrdiff_t)0), to = MIN(i + HALF_MEDIAN + 1, n);
        ret[i] = x[i] / median_of(x + from, to - from);
    }
    memcpy(copy, ret, (size_t)n * sizeof *copy);
    return select_sigma(copy, n, 1);
}

static void add_window(Set *raw, Set *resampled, Rng *r, const double *x, ptrdiff_t n)
{
    double rest[WINDOW], spread = residuals(x, n, rest);
    if (!(spread > 0 && spread < SPREAD_MAX) || raw->n >= SERIES_MAX)
        return;
    Noise *as_it_is = &raw->v[raw->n++], *blocks = &resampled->v[resampled->n++];
    *as_it_is = (Noise){ .n = n };
    *blocks = (Noise){ .n = n };
    memcpy(as_it_is->v, x, (size_t)n * sizeof *x);
    for (ptrdiff_t i = 0; i < n; i += BLOCK) {
        ptrdiff_t from = (ptrdiff_t)rng_below(r, (uint64_t)(n - BLOCK + 1));
        for (ptrdiff_t k = 0; k < MIN((ptrdiff_t)BLOCK, n - i); k++)
            blocks->v[i + k] = 100 * rest[from + k];
    }
}

static json_t *load(Arena *a, const char *shared, const char *name)
{
    Str text;
    json_t *j = NULL;
    Err err = { 0 };
    char *path = arena_printf(a, "%s/data/%s", shared, name);
    if (fs_read(a, path, 1 << 26, &text, &err) < 0 || json_parse(text, path, &j, &err) < 0)
        printf("# %s\n", err.msg);
    return j;
}

static double variation(const Noise *v)
{
    double mean = 0, squares = 0;
    for (ptrdiff_t i = 0; i < v->n; i++)
        mean += v->v[i] / (double)v->n;
    for (ptrdiff_t i = 0; i < v->n; i++)
        squares += (v->v[i] - mean) * (v->v[i] - mean);
    return sqrt(squares / (double)(v->n - 1)) / mean;
}

static void pick_calm(const Set *from, Set *to)
{
    for (ptrdiff_t i = 0; i < from->n; i++)
        if (variation(&from->v[i]) <= CALM_MAX)
            to->v[to->n++] = from->v[i];
}

/* Mozilla's graphs: rows [id, [..], time, value, ..], windows clear of the published alerts. */
static void add_graph(Arena *a, const char *shared, const char *name, const json_t *alerts,
                      Set *raw, Set *resampled, Rng *r)
{
    CLEANUP(json_free) json_t *j = load(a, shared, arena_printf(a, "treeherder/graphs/%s", name));
    const json_t *rows = json_object_get(j, "test_runs");
    double x[WINDOW];
    for (size_t from = 0; from + WINDOW <= json_array_size(rows); from += WINDOW) {
        bool alerted = false;
        for (size_t i = 0; i < WINDOW; i++) {
            const json_t *row = json_array_get(rows, from + i);
            x[i] = json_number_value(json_array_get(row, 3));
            for (size_t k = 0; k < json_array_size(alerts); k++)
                alerted |= json_number_value(json_array_get(row, 2)) ==
                           json_number_value(json_array_get(alerts, k));
        }
        if (!alerted)
            add_window(raw, resampled, r, x, WINDOW);
    }
}

/* Toy code on shared runners: one series per benchmark of a suite. */
static void add_suite(const json_t *entries, Set *raw, Set *resampled, Rng *r)
{
    size_t n_benches = json_array_size(json_object_get(json_array_get(entries, 0), "benches"));
    for (size_t b = 0; b < n_benches; b++) {
        const json_t *bench =
            json_array_get(json_object_get(json_array_get(entries, 0), "benches"), b);
        const char *name = json_get_text(bench, "name");
        double x[SHORT_WINDOW];
        ptrdiff_t n = 0;
        for (size_t e = 0; name && e < json_array_size(entries); e++) {
            const json_t *list = json_object_get(json_array_get(entries, e), "benches");
            for (size_t k = 0; k < json_array_size(list); k++)
                if (strcmp(json_get_text(json_array_get(list, k), "name"), name) == 0)
                    x[n++] = json_get_num(json_array_get(list, k), "value");
            if (n == SHORT_WINDOW) {
                add_window(raw, resampled, r, x, n);
                n = 0;
            }
        }
    }
}

static void collect(Arena *a, const char *shared, Set *raw, Set *resampled)
{
    Rng r = rng_new(1, "noise", 0);
    const char *name;
    json_t *value;
    CLEANUP(json_free) json_t *alerts = load(a, shared, "treeherder/expected.json");
    json_object_foreach(json_object_get(alerts, "expected_timestamps"), name, value)
        add_graph(a, shared, name, value, raw, resampled, &r);
    CLEANUP(json_free)
    json_t *gha = load(a, shared, "gha_benchmark_histories/nyrkio-change-detection.json");
    json_object_foreach(json_object_get(gha, "entries"), name, value)
        add_suite(value, raw, resampled, &r);
}

/* ---- how often right ---- */

typedef struct Score {
    int hits, false_alarms, misses;
} Score;

static double f1(Score s)
{
    return 2.0 * s.hits / fmax(1, 2.0 * s.hits + s.false_alarms + s.misses);
}

static void score_one(Score *s, Finder *find, const double *x, ptrdiff_t n, ptrdiff_t at)
{
    ChangePoints c = { 0 };
    bool hit = false;
    if (find(x, n, &c, NULL) < 0)
        abort();
    for (ptrdiff_t i = 0; i < c.n; i++) {
        if (!c.v[i].confirmed)
            continue;
        if (at >= 0 && !hit && labs(c.v[i].index - at) <= NEAR)
            hit = true;
        else
            s->false_alarms++;
    }
    s->hits += at >= 0 && hit;
    s->misses += at >= 0 && !hit;
    changepoints_done(&c);
}

/* The same places for every finder: a fifth of the series stays free at both ends. */
static Score score(const Set *set, Finder *find, double step)
{
    Rng r = rng_new(2, "steps", (uint64_t)lround(step * 1000));
    Score s = { 0 };
    for (ptrdiff_t k = 0; k < set->n; k++)
        for (int rep = 0; rep < (step > 0 ? 3 : 1); rep++) {
            double x[WINDOW], factor = rng_below(&r, 2) ? 1 + step : 1 / (1 + step);
            ptrdiff_t n = set->v[k].n, at = n / 5 + (ptrdiff_t)rng_below(&r, (uint64_t)(n * 3 / 5));
            for (ptrdiff_t i = 0; i < n; i++)
                x[i] = set->v[k].v[i] * (i >= at ? factor : 1);
            score_one(&s, find, x, n, step > 0 ? at : -1);
        }
    return s;
}

enum { N_STEPS = 3 };
static const double steps[N_STEPS] = { 0.02, 0.05, 0.1 };

/* alarms[f] without a step, right[f][i] the F1 for step i. */
typedef struct Result {
    double alarms[N_FINDERS], right[N_FINDERS][N_STEPS];
} Result;

static Result compare(const Set *set)
{
    Result r = { 0 };
    ptrdiff_t points = 0;
    for (ptrdiff_t k = 0; k < set->n; k++)
        points += set->v[k].n;
    printf("# %s: %td series, %td values\n", set->name, set->n, points);
    printf("#   %-11s %13s %11s %8s %8s %8s\n", "", "false/series", "false/1000", "F1 +2 %",
           "F1 +5 %", "F1 +10 %");
    for (int f = 0; f < N_FINDERS; f++) {
        Score none = score(set, finders[f].find, 0);
        r.alarms[f] = (double)none.false_alarms / (double)set->n;
        printf("#   %-11s %13.4f %11.2f", finders[f].name, r.alarms[f],
               1000.0 * none.false_alarms / (double)points);
        for (int i = 0; i < N_STEPS; i++) {
            r.right[f][i] = f1(score(set, finders[f].find, steps[i]));
            printf(" %8.3f", r.right[f][i]);
        }
        putchar('\n');
    }
    return r;
}

/* What a change point finder has to reach where the noise lets it. */
static void check_bar(const Result *r)
{
    static const double least[N_STEPS] = { 0.72, 0.97, 0.99 };
    for (int i = 0; i < N_STEPS; i++)
        CHECK(r->right[0][i] >= least[i], "calm, +%g %%: F1 %.3f, at least %g", steps[i] * 100,
              r->right[0][i], least[i]);
    CHECK(r->alarms[0] <= 0.01, "calm: %.4f false alarms per series without a step", r->alarms[0]);
}

static void compare_sets(void)
{
    const char *shared = getenv("ASSAY_SHARED");
    CLEANUP(arena_done) Arena a = { 0 };
    Set raw = { .name = "as it is", .v = ARENA_ARRAY(&a, Noise, SERIES_MAX) };
    Set resampled = { .name = "resampled", .v = ARENA_ARRAY(&a, Noise, SERIES_MAX) };
    if (shared)
        collect(&a, shared, &raw, &resampled);
    if (raw.n == 0) {
        tap_skip("real noise needs ASSAY_SHARED/data");
        return;
    }
    compare(&raw);
    Set calm = { .name = "resampled, calm", .v = ARENA_ARRAY(&a, Noise, SERIES_MAX) };
    pick_calm(&resampled, &calm);
    Result bar = compare(&calm), r = compare(&resampled);
    check_bar(&bar);
    for (int f = 1; f < N_FINDERS; f++)
        for (int i = 0; i < N_STEPS; i++)
            CHECK(r.right[0][i] > r.right[f][i], "+%g %%: right more often than %s", steps[i] * 100,
                  finders[f].name);
    CHECK(r.alarms[0] <= 0.02, "%.4f false alarms per series without a step", r.alarms[0]);
}

/* ---- what it costs ---- */

static uint64_t cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

static double time_find(double *x, ptrdiff_t n, int reps, int n_steps, const char *what)
{
    Rng r = rng_new(3, "cost", 0);
    uint64_t spent = 0;
    for (int rep = 0; rep < reps; rep++) {
        for (ptrdiff_t i = 0; i < n; i++)
            x[i] = 100 + 3.0 * (double)(i * (n_steps + 1) / n % 3) + rng_normal(&r);
        ChangePoints c = { 0 };
        uint64_t start = cpu_ns();
        if (changepoints_find(x, n, NULL, &c, NULL) < 0)
            abort();
        spent += cpu_ns() - start;
        changepoints_done(&c);
    }
    double each = (double)spent / reps;
    printf("#   %-34s %10.3f ms\n", what, each / 1e6);
    return each;
}

static void measure_cost(void)
{
    enum { LONG = 1000000 };
    double *x = malloc(LONG * sizeof *x);
    if (!x)
        return;
    printf("# CPU time of one series\n");
    double each = time_find(x, 1000, 500, 0, "1 000 values, no change");
    time_find(x, 1000, 500, 5, "1 000 values, 5 changes");
    double longest = time_find(x, LONG, 1, 0, "1 000 000 values, no change");
    longest = fmax(longest, time_find(x, LONG, 1, 5, "1 000 000 values, 5 changes"));
    /* Three times what an idle machine of 2024 takes; sanitizers are slower still. */
    CHECK(each < 30e6, "10 000 series of 1 000 values: %.1f s", each * 10000 / 1e9);
    CHECK(longest < 30e9, "a million values: %.2f s", longest / 1e9);
    free(x);
}

int main(void)
{
    measure_cost();
    compare_sets();
    return tap_done();
}
