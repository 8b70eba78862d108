/* Outcomes, validity, series, metrics and rules: what they promise by themselves. */
#include <string.h>

#include "model/metric.h"
#include "model/outcome.h"
#include "model/rule.h"
#include "model/series.h"
#include "model/validity.h"
#include "tap.h"

static void test_outcomes(void)
{
    Outcomes o = { .scheduled = 100, .ok = 80, .timed_out = 4, .shed = 3, .dropped = 2 };
    o.failed[FAIL_STATUS] = 5;
    o.failed[FAIL_RESET] = 1;
    CHECK(!outcomes_conserved(&o), "five operations without an outcome are noticed");
    o.in_flight = 5;
    CHECK(outcomes_conserved(&o), "now each has one");
    CHECK_INT(outcomes_failed(&o), 6, "failures by class, without timeouts");
    CHECK_NEAR(outcomes_error_rate(&o), 0.15, 1e-15, "in flight is neither good nor bad");
    Outcomes sum = o;
    outcomes_add(&sum, &o);
    CHECK(outcomes_conserved(&sum) && sum.scheduled == 200 && sum.failed[FAIL_STATUS] == 10,
          "sums stay conserved");
    CHECK(isnan(outcomes_error_rate(&(Outcomes){ 0 })), "nothing scheduled: no rate, not 0");
}

static void test_validity(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    Validity v = { 0 };
    CHECK_INT(v.grade, GRADE_VALID, "zero is VALID");
    char text[] = "lateness p99 5 ms";
    validity_add(&v, &a, GRADE_SUSPECT, "late-sends", "%s", text);
    text[0] = 'X';
    CHECK_STR(v.reasons[0].text, "lateness p99 5 ms", "texts are copied");
    validity_add(&v, &a, GRADE_SUSPECT, "steal", "steal %d %%", 7);
    CHECK(v.grade == GRADE_SUSPECT && v.n == 2, "two reasons, SUSPECT");
    validity_add(&v, &a, GRADE_SUSPECT, "late-sends", "again");
    CHECK(v.n == 2 && strcmp(v.reasons[0].text, "lateness p99 5 ms") == 0,
          "of equals the first stays");
    validity_add(&v, &a, GRADE_INVALID, "late-sends", "worse");
    CHECK(v.n == 2 && v.grade == GRADE_INVALID, "the graver one replaces");
    CHECK_STR(v.reasons[1].text, "worse", "and stands where it was found");
    validity_add(&v, &a, GRADE_SUSPECT, "late-sends", "milder");
    CHECK_INT(v.reasons[1].grade, GRADE_INVALID, "a milder one changes nothing");
}

static void test_derived(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    Validity trial = { 0 }, own = { 0 }, run = { 0 };
    validity_add(&trial, &a, GRADE_INVALID, "x", "trial");
    validity_add(&own, &a, GRADE_SUSPECT, "y", "own");
    for (int i = 0; i < 3; i++) {
        validity_drop_derived(&own);
        validity_merge(&own, &a, &trial);
    }
    CHECK(own.n == 2 && own.grade == GRADE_INVALID, "summing up again changes nothing");
    CHECK_STR(own.reasons[0].code, "y", "own reasons first");
    validity_merge_labelled(&run, &a, &own, "case-1");
    validity_merge_labelled(&run, &a, &trial, "case-2");
    CHECK_INT(run.n, 3, "a run keeps the same code of several cases");
    CHECK_STR(run.reasons[2].text, "case-2: trial", "with the case's name");
    validity_drop_derived(&own);
    CHECK(own.n == 1 && own.grade == GRADE_SUSPECT, "the grade follows what remains");
}

static void test_series(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    SeriesList l = { 0 };
    for (int i = 0; i < 20; i++) {
        Series *s =
            series_new(&l, &a, i % 2 ? "host" : "target", i < 2 ? "cpu" : "other", "count", "test");
        for (int k = -5; k < 100; k++)
            series_push(s, &a, k * 0.1, i * 1000.0 + k);
    }
    CHECK_INT(l.n, 20, "20 series");
    const Series *s = series_find(&l, "host", "cpu");
    CHECK(s && s->n == 105 && s->t_s[0] < 0 && s->v[104] == 1099, "found by scope and name");
    CHECK(!series_find(&l, "host", "rss"), "absent is NULL");
}

static bool unit_is_known(const char *unit)
{
    static const char *const units[] = { "ns", "bytes", "bytes/s", "1/s", "share", "count" };
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp(unit, units[i]) == 0)
            return true;
    return false;
}

static void test_defs(void)
{
    int n = 0, wrong = 0;
    for (const MetricDef *d = metric_defs; d->name; d++, n++) {
        bool ok = unit_is_known(d->unit) && d->help && *d->help && d->min_floor >= 0 &&
                  metric_find(d->name) == d;
        wrong += !ok;
        if (!ok)
            printf("# %s\n", d->name);
    }
    CHECK_INT(wrong, 0, "%d well-known metrics: unit, help, floor, one row each", n);
    CHECK_INT(metric_find("throughput")->better, BETTER_HIGHER, "throughput: higher is better");
    CHECK(!metric_find("wal"), "no guessing");
    metric_done(NULL);
}

static void test_rules(void)
{
    const RuleSet *d = rules_default();
    CHECK_INT(d->n, 4, "default rules: both directions, two severities");
    for (ptrdiff_t i = 0; i < d->n; i++)
        CHECK((d->v[i].action == ACTION_BLOCK) == (d->v[i].severity == SEVERITY_CRITICAL),
              "only critical blocks");
}

static void test_named_rules(void)
{
    for (ptrdiff_t i = 0; rules_names[i]; i++) {
        const RuleSet *set = rules_named(str(rules_names[i]));
        Err err = { 0 };
        for (ptrdiff_t k = 0; set && k < set->n; k++)
            CHECK(rule_check_metric(&set->v[k], &err) == 0 &&
                      rule_check_sign(&set->v[k], &err) == 0 && rule_is_judged(&set->v[k]),
                  "%s, %s: can fire %s", rules_names[i], set->v[k].metric, err.msg);
    }
    CHECK(!rules_named(STR("tierd")), "no guessing");
}

static void test_which_rules(void)
{
    static Rule rows[] = {
        { SEVERITY_CRITICAL, ACTION_BLOCK, "wall", 0.1 },
        { SEVERITY_WARNING, ACTION_REVIEW, "wall", 0.3, "pack" },
        { .metric = "wall", .cases = "*", .reason = "moved", .until_wall_ns = 1000 },
    };
    static const RuleSet all = { rows, 3, 3 }, own = { rows + 1, 1, 1 };
    static const struct {
        const RuleSet *set;
        const char *name;
        const Rule *first;
        ptrdiff_t n;
        const char *why;
    } t[] = {
        { &all, "list", &rows[0], 1, "the suite's; an exception is no rule" },
        { &all, "pack", &rows[1], 1, "the benchmark's own, alone" },
        { &all, "pack/level=9", &rows[1], 1, "and of all its cases" },
        { &all, "packet", &rows[0], 1, "not by a common beginning" },
        { &own, "pack", &rows[1], 1, "its own, where the suite has none" },
        { &own, "list", NULL, 4, "the built-in ones" },
        { NULL, "list", NULL, 4, "no set at all" },
    };
    CLEANUP(arena_done) Arena a = { 0 };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(t); i++) {
        const Rule **rules;
        CHECK_INT(rules_for(t[i].set, t[i].name, &a, &rules), t[i].n, "%s: %s", t[i].name,
                  t[i].why);
        CHECK(rules[0] == (t[i].first ? t[i].first : rules_default()->v), "  and these");
    }
    CHECK(rules_exception(&all, "list", "wall", 999) == &rows[2], "excused");
    CHECK(rules_exception(&all, "list", "wall.p95", 999) == &rows[2], "with its statistics");
    CHECK(!rules_exception(&all, "list", "wallet", 999), "not by a common beginning");
    CHECK(!rules_exception(&all, "list", "wall", 1000), "until it ends");
    CHECK(!rules_exception(&all, "list", "cpu", 999), "nothing else");
}

static void test_rule_checks(void)
{
    static const struct {
        const char *metric;
        double change;
        const char *says; /* NULL: fine */
        bool judged;
    } rows[] = {
        { "*", -0.1, NULL, true },
        { "wall", +0.1, NULL, true },
        { "latency.p99", +0.1, NULL, true },
        { "latency.p95", +0.1, NULL, true },
        { "latency.median", +0.1, NULL, true },
        { "latency.p999", +0.1, NULL, false },
        { "wall.p999", +0.1, NULL, true },
        { "wall.stddev", +0.1, NULL, false },
        { "throughput", -0.1, NULL, true },
        { "target.cpu.max", +0.1, NULL, true },
        { "wal", +0.1, "no metric 'wal'; did you mean 'wall'?", false },
        { "latency.p96", +0.1, "no statistic 'p96'", false },
        { "latency.", +0.1, "no statistic ''", false },
        { "p99", +0.1, "did you mean 'latency.p99'?", false },
        { "bytes_in", +0.1, "bytes_in has no direction, it can't regress", false },
        { "wall", -0.2, "wall is better when lower: write +20%", true },
        { "throughput", +0.15, "throughput is better when higher: write -15%", true },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++) {
        Rule r = { SEVERITY_CRITICAL, ACTION_BLOCK, rows[i].metric, rows[i].change };
        Err err = { 0 };
        int code = rule_check_metric(&r, &err);
        code = code < 0 ? code : rule_check_sign(&r, &err);
        CHECK(rows[i].says ? code < 0 && strstr(err.msg, rows[i].says) : code == 0, "%s: %s",
              rows[i].metric, code < 0 ? err.msg : "a rule");
        CHECK(rule_is_judged(&r) == rows[i].judged, "  judged or not");
    }
}

int main(void)
{
    test_outcomes();
    test_validity();
    test_derived();
    test_series();
    test_defs();
    test_rules();
    test_named_rules();
    test_which_rules();
    test_rule_checks();
    return tap_done();
}
