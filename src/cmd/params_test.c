#include "cmd/params.h"

#include "tap.h"

int main(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    Err err = { 0 };
    StrMap p = { 0 };
    ParamGrid grid;
    CHECK(params_grid(&a, &p, &grid, &err) == 0 && grid.n == 1 && grid.v[0].n == 0,
          "no parameters");

    strmap_set(&a, &p, "tool", "gzip,zstd");
    strmap_set(&a, &p, "level", "1..9:4");
    CHECK(params_grid(&a, &p, &grid, &err) == 0 && grid.n == 6, "two times three");
    CHECK_STR(params_fill(&a, "{tool} -{level} <${tool}> {x} $", &grid.v[1]),
              "gzip -5 <gzip> {x} $", "known names are replaced, all else stays");
    CHECK_STR(params_label(&a, "c", &grid.v[5]), "c/tool=zstd,level=9", "labels name the values");

    static const char *const bad[] = { "", "1..0", "1..9:0", "a..b", "0..1:1e-9" };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(bad); i++) {
        StrMap one = { 0 };
        strmap_set(&a, &one, "n", bad[i]);
        CHECK(params_grid(&a, &one, &grid, &err) < 0, "'%s' is refused: %s", bad[i], err.msg);
    }
    StrMap big = { 0 };
    strmap_set(&a, &big, "x", "1..1000");
    strmap_set(&a, &big, "y", "1..1000");
    CHECK(params_grid(&a, &big, &grid, &err) < 0, "a million combinations: %s", err.msg);

    const char *given[] = { "x=1", "y=2,3", "x=2" };
    StrMap once = { 0 }, twice = { 0 }, plain = { 0 };
    CHECK(params_collect(&a, &(StrList){ given, 2, 2 }, &once, &err) == 0 && once.n == 2,
          "each name once");
    CHECK_STR(strmap_get(&once, "y"), "2,3", "with its values");
    CHECK(params_collect(&a, &(StrList){ given, 3, 3 }, &twice, &err) < 0, "%s", err.msg);
    const char *no_value[] = { "x" };
    CHECK(params_collect(&a, &(StrList){ no_value, 1, 1 }, &plain, &err) < 0, "%s", err.msg);
    CHECK(params_mentioned("a ${x}", "x") && params_mentioned("{x}", "x"), "both spellings");
    CHECK(!params_mentioned("x {xy}", "x") && !params_mentioned(NULL, "x"), "nothing else");
    return tap_done();
}
