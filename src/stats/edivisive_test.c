#include "stats/edivisive.h"

#include <errno.h>

#include "base/json.h"
#include "tap.h"

static ChangePoints find(const double *x, ptrdiff_t n, EdivisiveOpts o)
{
    ChangePoints c = { 0 };
    Err err = { 0 };
    if (edivisive_find(x, n, &o, &c, &err) < 0)
        CHECK(false, "%s", err.msg);
    return c;
}

static void test_small(void)
{
    double x[40];
    for (int i = 0; i < 40; i++)
        x[i] = (i < 20 ? 10 : 20) + i % 3;
    ChangePoints c = find(x, 40, (EdivisiveOpts){ 0 });
    CHECK(c.n == 1 && c.v[0].index == 20, "one step");
    CHECK(c.n == 1 && c.v[0].before < c.v[0].after && c.v[0].change > 0.8, "upwards");
    changepoints_done(&c);
    c = find(x, 40, (EdivisiveOpts){ .magnitude = 2 });
    CHECK_INT(c.n, 0, "too small for a doubling");
    changepoints_done(&c);
    x[0] = x[1] = x[30] = (double)NAN;
    c = find(x, 40, (EdivisiveOpts){ 0 });
    CHECK(c.n == 1 && c.v[0].index == 20, "gaps are filled");
    changepoints_done(&c);
    for (int i = 0; i < 40; i++)
        x[i] = 3;
    for (ptrdiff_t n = 0; n <= 40; n += 8) {
        c = find(x, n, (EdivisiveOpts){ 0 });
        CHECK_INT(c.n, 0, "%td equal values", n);
        changepoints_done(&c);
    }
    for (int i = 0; i < 40; i++)
        x[i] = i < 25 ? 3 : 4;
    c = find(x, 40, (EdivisiveOpts){ 0 });
    CHECK(c.n == 1 && c.v[0].index == 25 && c.v[0].p == 0, "a step without noise");
    changepoints_done(&c);
    Err err = { 0 };
    CHECK_INT(edivisive_find(x, 40, &(EdivisiveOpts){ .window = 1 }, &c, &err), -EINVAL, "window");
    CHECK_INT(edivisive_find(x, 40, &(EdivisiveOpts){ .p = 2 }, &c, &err), -EINVAL, "p");
    CHECK_INT(edivisive_find(x, 40, &(EdivisiveOpts){ .magnitude = -1 }, &c, &err), -EINVAL,
              "magnitude");
}

static void check_case(const double *x, ptrdiff_t n, const json_t *j)
{
    const json_t *params = json_object_get(j, "params");
    const json_t *want = json_object_get(j, "expected_change_points");
    EdivisiveOpts o = { .window = (ptrdiff_t)json_get_num(params, "window_len"),
                        .p = json_get_num(params, "max_pvalue"),
                        .magnitude = json_get_num(params, "min_magnitude") };
    ChangePoints c = find(x, n, o);
    bool same = c.n == (ptrdiff_t)json_array_size(want);
    for (ptrdiff_t i = 0; same && i < c.n; i++)
        same = c.v[i].index == json_integer_value(json_array_get(want, (size_t)i));
    CHECK(same, "p %g, magnitude %g: the %zu published points (got %td)", o.p, o.magnitude,
          json_array_size(want), c.n);
    changepoints_done(&c);
}

static void test_published(void)
{
    const char *shared = getenv("ASSAY_SHARED");
    CLEANUP(arena_done) Arena a = { 0 };
    CLEANUP(json_free) json_t *j = NULL;
    Err err = { 0 };
    Str text;
    char *path = arena_printf(&a, "%s/data/otava/tigerbeetle.json", shared ? shared : "");
    if (!shared || fs_read(&a, path, 1 << 24, &text, &err) < 0 ||
        json_parse(text, path, &j, &err) < 0) {
        tap_skip("the published cases need ASSAY_SHARED/data/otava/tigerbeetle.json");
        return;
    }
    const json_t *series = json_object_get(j, "series"), *cases = json_object_get(j, "cases");
    ptrdiff_t n = (ptrdiff_t)json_array_size(series);
    double *x = ARENA_ARRAY(&a, double, n);
    for (ptrdiff_t i = 0; i < n; i++)
        x[i] = json_number_value(json_array_get(series, (size_t)i));
    CHECK(json_array_size(cases) == 10, "ten cases");
    for (size_t i = 0; i < json_array_size(cases); i++)
        check_case(x, n, json_array_get(cases, i));
}

int main(void)
{
    test_small();
    test_published();
    return tap_done();
}
