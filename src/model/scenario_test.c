/* Names, conditions, and what a scenario must not be. */
#include "model/scenario.h"

#include <errno.h>

#include "tap.h"

static void test_names(void)
{
    static const char *const good[] = { "a", "get_item-2", "9" };
    static const char *const bad[] = { "", "a.b", "a b", "ä", "a/b" };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(good); i++)
        CHECK(scenario_name_ok(str(good[i])), "'%s' is a name", good[i]);
    for (ptrdiff_t i = 0; i < ARRAY_LEN(bad); i++)
        CHECK(!scenario_name_ok(str(bad[i])), "'%s' is none", bad[i]);
}

static void test_conditions(void)
{
    static const struct {
        const char *text, *variable, *other; /* variable NULL: refused */
        bool compares, negated;
    } rows[] = {
        { "token", "token", "", false, false },
        { " token == a b ", "token", "a b", true, false },
        { "t!=", "t", "", true, true },
        { "t == a != b", "t", "a != b", true, false },
        { "t != a == b", "t", "a == b", true, true },
        { "", NULL, NULL, false, false },
        { "== x", NULL, NULL, false, false },
        { "a b", NULL, NULL, false, false },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++) {
        StepCondition c;
        Err err = { 0 };
        int r = step_condition_parse(rows[i].text, &c, &err);
        if (!rows[i].variable) {
            CHECK(r == -EINVAL, "'%s' is no condition", rows[i].text);
            continue;
        }
        CHECK(r == 0 && str_eqz(c.variable, rows[i].variable) && str_eqz(c.text, rows[i].other) &&
                  c.compares == rows[i].compares && c.negated == rows[i].negated,
              "'%s' is read", rows[i].text);
    }
}

static StepSpec of(StepKind kind, StepSpec *inner, ptrdiff_t n)
{
    return (
        StepSpec){ .kind = kind, .times = 1, .condition = "v", .steps = { .v = inner, .n = n } };
}

static int check(StepSpec *steps, ptrdiff_t n)
{
    const char *names[] = { "v" };
    ScenarioSpec s = { .name = "s", .weight = 1, .steps = { .v = steps, .n = n } };
    ScenarioList l = { .v = &s, .n = 1, .vars = { .v = names, .n = 1 } };
    Err err = { 0 };
    return scenarios_check(&l, &err);
}

static void test_checks(void)
{
    StepSpec ask = { .kind = STEP_REQUEST, .name = "r" };
    StepSpec loop = of(STEP_LOOP, &ask, 1), group = of(STEP_GROUP, &loop, 1);
    StepSpec once = of(STEP_ONCE, &ask, 1), either = of(STEP_IF, &ask, 1), both = either;
    both.otherwise = (StepList){ .v = &ask, .n = 1 };
    CHECK(check(&ask, 1) == 0 && check(&group, 1) == 0 && check(&both, 1) == 0,
          "a request that every pass makes");
    CHECK(check(&once, 1) == -EINVAL && check(&either, 1) == -EINVAL && check(NULL, 0) == -EINVAL,
          "none that every pass makes");
    StepSpec two[2] = { ask, ask }, mixed[2] = { ask, loop };
    StepSpec parallel = of(STEP_PARALLEL, two, 2), alone = of(STEP_PARALLEL, two, 1);
    StepSpec nested = of(STEP_PARALLEL, mixed, 2);
    CHECK(check(&parallel, 1) == 0, "two at once");
    CHECK(check(&alone, 1) == -EINVAL && check(&nested, 1) == -EINVAL,
          "one, and more than requests");
    StepSpec deep[SCENARIO_DEPTH_MAX + 2];
    deep[0] = ask;
    for (int i = 1; i < ARRAY_LEN(deep); i++)
        deep[i] = of(STEP_LOOP, &deep[i - 1], 1);
    CHECK(check(&deep[SCENARIO_DEPTH_MAX], 1) == 0, "as deep as allowed");
    CHECK(check(&deep[SCENARIO_DEPTH_MAX + 1], 1) == -EINVAL, "and one more");
    StepSpec many[SCENARIO_ONCES_MAX + 2];
    for (int i = 0; i < ARRAY_LEN(many); i++)
        many[i] = i ? once : ask;
    CHECK(check(many, SCENARIO_ONCES_MAX + 1) == 0 &&
              check(many, SCENARIO_ONCES_MAX + 2) == -EINVAL,
          "as many of once as there are bits");
    both.condition = "nobody";
    CHECK(check(&both, 1) == -EINVAL, "a variable that nothing is extracted into");
}

int main(void)
{
    test_names();
    test_conditions();
    test_checks();
    return tap_done();
}
