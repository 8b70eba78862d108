#include "stats/windowed.h"

#include <errno.h>

#include "base/json.h"
#include "tap.h"

static void test_small(void)
{
    double x[48];
    for (int i = 0; i < 48; i++)
        x[i] = (i < 24 ? 10 : 12) + 0.1 * (i % 5);
    ChangePoints c = { 0 };
    Err err = { 0 };
    CHECK_INT(windowed_find(x, 48, NULL, &c, &err), 0, "a step");
    CHECK(c.n == 1 && c.v[0].index == 24 && c.v[0].change > 0.15, "is found");
    changepoints_done(&c);
    CHECK_INT(windowed_find(x, 35, NULL, &c, &err), 0, "11 values after it");
    CHECK_INT(c.n, 0, "are too few");
    changepoints_done(&c);
    CHECK_INT(windowed_find(x, 0, NULL, &c, &err), 0, "no values");
    CHECK_INT(c.n, 0, "no changes");
    changepoints_done(&c);
    CHECK_INT(windowed_find(x, 9, &(WindowedOpts){ .t = -1 }, &c, &err), -EINVAL, "threshold");
    CHECK_INT(windowed_find(x, 9, &(WindowedOpts){ .after = -1 }, &c, &err), -EINVAL, "window");
}

typedef struct Run {
    double time, value;
    ptrdiff_t order;
} Run;

static int by_time(const void *a, const void *b)
{
    const Run *x = a, *y = b;
    int time = (x->time > y->time) - (x->time < y->time);
    return time ? time : (x->order > y->order) - (x->order < y->order);
}

static void check_file(Arena *a, const char *shared, const char *name, const json_t *want)
{
    CLEANUP(json_free) json_t *j = NULL;
    Err err = { 0 };
    Str text;
    char *path = arena_printf(a, "%s/data/treeherder/graphs/%s", shared, name);
    if (fs_read(a, path, 1 << 24, &text, &err) < 0 || json_parse(text, path, &j, &err) < 0) {
        CHECK(false, "%s", err.msg);
        return;
    }
    const json_t *rows = json_object_get(j, "test_runs");
    ptrdiff_t n = (ptrdiff_t)json_array_size(rows);
    Run *runs = ARENA_ARRAY(a, Run, n);
    double *x = ARENA_ARRAY(a, double, n);
    for (ptrdiff_t i = 0; i < n; i++) {
        const json_t *row = json_array_get(rows, (size_t)i);
        runs[i] = (Run){ json_number_value(json_array_get(row, 2)),
                         json_number_value(json_array_get(row, 3)), i };
    }
    qsort(runs, (size_t)n, sizeof *runs, by_time);
    for (ptrdiff_t i = 0; i < n; i++)
        x[i] = runs[i].value;
    ChangePoints c = { 0 };
    bool same = windowed_find(x, n, NULL, &c, &err) == 0;
    same = same && c.n == (ptrdiff_t)json_array_size(want);
    for (ptrdiff_t i = 0; same && i < c.n; i++)
        same = runs[c.v[i].index].time == json_number_value(json_array_get(want, (size_t)i));
    CHECK(same, "%s: the %zu published alerts (got %td)", name, json_array_size(want), c.n);
    changepoints_done(&c);
}

static void test_published(void)
{
    const char *shared = getenv("ASSAY_SHARED"), *name;
    CLEANUP(arena_done) Arena a = { 0 };
    CLEANUP(json_free) json_t *j = NULL;
    Err err = { 0 };
    Str text;
    char *path = arena_printf(&a, "%s/data/treeherder/expected.json", shared ? shared : "");
    if (!shared || fs_read(&a, path, 1 << 24, &text, &err) < 0 ||
        json_parse(text, path, &j, &err) < 0) {
        tap_skip("the published cases need ASSAY_SHARED/data/treeherder");
        return;
    }
    json_t *want;
    json_object_foreach(json_object_get(j, "expected_timestamps"), name, want)
        check_file(&a, shared, name, want);
}

int main(void)
{
    test_small();
    test_published();
    return tap_done();
}
