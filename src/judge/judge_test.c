#include "judge/judge.h"

#include <math.h>

#include "base/rng.h"
#include "model/exit_code.h"
#include "tap.h"

static const JudgeOpts defaults = { .confidence = 0.95, .min_effect = 0.01, .fresh_pairs = true };

/* A run of one command case; trial i lasts ms[i]. */
static Run *new_run(const char *name, const double *ms, int n)
{
    Run *r = NULL;
    Err err = { 0 };
    if (run_new(&r, "test", 1, 1000, &err) < 0)
        abort();
    CaseResult *c = run_add_case(r, name, "b", KIND_COMMAND, SIDE_HEAD);
    for (int i = 0; i < n; i++) {
        Trial *t = case_add_trial(r, c);
        t->round = (uint32_t)i;
        trial_add_metric(r, t, "wall", "ns", BETTER_LOWER, "test", ms[i] * 1e6, NULL);
    }
    return r;
}

static void add_side(Run *r, const char *name, const double *ms, int n, Side side,
                     const char *reference)
{
    CaseResult *c = run_add_case(r, name, "b", KIND_COMMAND, side);
    c->reference = reference;
    for (int i = 0; i < n; i++) {
        Trial *t = case_add_trial(r, c);
        t->round = (uint32_t)i;
        trial_add_metric(r, t, "wall", "ns", BETTER_LOWER, "test", ms[i] * 1e6, NULL);
    }
}

static void summarise_or_die(Run *r)
{
    Err err = { 0 };
    if (run_summarise(r, &err) < 0)
        abort();
}

/* Drift hits both sides of a round alike: pairs see through it. */
static void fill(double *a, double *b, int n, double factor, double noise, Rng *rng)
{
    for (int i = 0; i < n; i++) {
        double drift = 10 * exp(0.3 * sin(i / 5.0));
        a[i] = drift * exp(noise * rng_normal(rng));
        b[i] = drift * factor * exp(noise * rng_normal(rng));
    }
}

static Comparison *contest(Run *r)
{
    Comparison *c = NULL;
    Err err = { 0 };
    summarise_or_die(r);
    CHECK(judge_competitors(r, &defaults, &c, &err) == 0 && c, "judged %s", err.msg);
    return c;
}

static void test_competitors(void)
{
    Rng rng = rng_new(5, "judge", 0);
    double a[30], b[30];
    static const struct {
        double factor;
        Verdict want;
        const char *why;
    } t[] = {
        { 1.05, VERDICT_REGRESSED, "5 % more under drift of 30 %" },
        { 0.90, VERDICT_IMPROVED, "10 % less" },
        { 1.00, VERDICT_UNCHANGED, "the same, noise far below the smallest effect" },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(t); i++) {
        fill(a, b, 30, t[i].factor, 0.004, &rng);
        Run *r = new_run("A", a, 30);
        add_side(r, "B", b, 30, SIDE_HEAD, "A");
        Comparison *c = contest(r);
        CHECK_STR(verdict_name(c->rows[0].verdict), verdict_name(t[i].want), "%s", t[i].why);
        CHECK(c->rows[0].ratio_low <= t[i].factor && c->rows[0].ratio_high >= t[i].factor,
              "the interval %.4f … %.4f holds the truth", c->rows[0].ratio_low,
              c->rows[0].ratio_high);
        CHECK(c->exit_code == ASSAY_OK && c->rows[0].action == ACTION_NONE,
              "a contest blocks nothing");
        run_free(r);
    }
}

static void test_few_rounds(void)
{
    double a[5] = { 10, 10, 10, 10, 10 }, b[5] = { 20, 20, 20, 20, 20 };
    Run *r = new_run("A", a, 5);
    add_side(r, "B", b, 5, SIDE_HEAD, "A");
    Comparison *c = contest(r);
    CHECK_STR(verdict_name(c->rows[0].verdict), "inconclusive", "five rounds can't reach 95 %%");
    CHECK(c->rows[0].rounds_more >= 1, "and say how many more");
    run_free(r);
}

/* False alarms of the whole procedure on identical sides: at most 5 % of comparisons, here with a
 * noise that makes 1 % a small effect. 400 seeded comparisons; binomial(400, 0.05) exceeds 35 with
 * probability below 0.001. */
static void test_false_alarms(void)
{
    Rng rng = rng_new(9, "alarms", 0);
    int alarms = 0;
    for (int k = 0; k < 400; k++) {
        double a[20], b[20];
        fill(a, b, 20, 1.0, 0.1, &rng);
        Run *r = new_run("A", a, 20);
        add_side(r, "B", b, 20, SIDE_HEAD, "A");
        summarise_or_die(r);
        Comparison *c = NULL;
        Err err = { 0 };
        if (judge_competitors(r, &defaults, &c, &err) < 0)
            abort();
        alarms += c->rows[0].verdict == VERDICT_REGRESSED || c->rows[0].verdict == VERDICT_IMPROVED;
        run_free(r);
    }
    CHECK(alarms <= 35, "%d of 400 identical pairs called different", alarms);
}

/* Two stored runs of a suite of `n` benchmarks, ten trials a side with a spread of 2 %; the first
 * is slower by `factor`. */
static Comparison *suite_pair(Run **ra, Run **rb, int n, double factor, Rng *rng)
{
    enum { TRIALS = 10 };
    Comparison *c = NULL;
    Err err = { 0 };
    for (int k = 0; k < n; k++) {
        double a[TRIALS], b[TRIALS];
        char name[16];
        snprintf(name, sizeof name, "case-%d", k);
        for (int i = 0; i < TRIALS; i++) {
            a[i] = 10 * (1 + 0.02 * rng_normal(rng));
            b[i] = 10 * (1 + 0.02 * rng_normal(rng)) * (k == 0 ? factor : 1);
        }
        if (k == 0) {
            *ra = new_run(name, a, TRIALS);
            *rb = new_run(name, b, TRIALS);
            continue;
        }
        add_side(*ra, name, a, TRIALS, SIDE_HEAD, NULL);
        add_side(*rb, name, b, TRIALS, SIDE_HEAD, NULL);
    }
    summarise_or_die(*ra);
    summarise_or_die(*rb);
    CHECK(judge_runs(*ra, *rb, &defaults, &c, &err) == 0, "judged %s", err.msg);
    return c;
}

/* Share of suites in which some benchmark, or (only_first) the first, is called regressed. */
static int count_regressed(int suites, int n, double factor, const char *stream)
{
    Rng rng = rng_new(11, stream, 0);
    int found = 0;
    for (int s = 0; s < suites; s++) {
        Run *ra, *rb;
        Comparison *c = suite_pair(&ra, &rb, n, factor, &rng);
        bool any = false;
        for (ptrdiff_t i = 0; i < c->n; i++)
            any |= c->rows[i].verdict == VERDICT_REGRESSED && (factor <= 1 || i == 0);
        found += any;
        run_free(ra), run_free(rb);
    }
    return found;
}

/* A suite of 100 benchmarks that did not change fails in at most one of twenty runs. And what grew
 * by 5 % is found by ten trials a side, where the benchmark stands alone; within a suite of 100 the
 * correction takes some of that. */
static void test_whole_suites(void)
{
    int wrong = count_regressed(40, 100, 1, "same");
    CHECK(wrong <= 2, "%d of 40 suites of 100 unchanged benchmarks failed", wrong);
    int right = count_regressed(200, 1, 1.05, "slower");
    CHECK(right >= 180, "+5 %% with ten trials a side found in %d of 200", right);
}

static void test_sides_and_rules(void)
{
    Rng rng = rng_new(6, "judge", 0);
    double base[20], head[20];
    fill(base, head, 20, 1.15, 0.004, &rng);
    Run *r = new_run("case", head, 20);
    r->against = "main";
    add_side(r, "case", base, 20, SIDE_BASE, NULL);
    summarise_or_die(r);
    Comparison *c = NULL;
    Err err = { 0 };
    CHECK(judge_sides(r, &defaults, &c, &err) == 0, "sides judged");
    r->comparison = c;
    CHECK_STR(verdict_name(c->rows[0].verdict), "regressed", "head is 15 %% slower");
    CHECK_STR(action_name(c->rows[0].action), "block", "the default rules block above 10 %%");
    CHECK_INT(judge_exit_code(r, &defaults), ASSAY_REGRESSED, "exit code 4");

    Rule mild = { SEVERITY_NOTICE, ACTION_LOG, "wall", 0.05 };
    RuleSet rules = { &mild, 1, 1 };
    JudgeOpts o = defaults;
    o.rules = &rules;
    CHECK(judge_sides(r, &o, &c, &err) == 0 && c->rows[0].severity == SEVERITY_NOTICE, "own rules");
    r->comparison = c;
    CHECK_INT(judge_exit_code(r, &o), ASSAY_OK, "a notice blocks nothing");
    run_free(r);
}

static Comparison *two_runs(Run **ra, Run **rb, const double *a, int na, const double *b, int nb)
{
    JudgeOpts o = defaults;
    o.fresh_pairs = false;
    *ra = new_run("case", a, na);
    *rb = new_run("case", b, nb);
    summarise_or_die(*ra);
    summarise_or_die(*rb);
    Comparison *c = NULL;
    Err err = { 0 };
    if (judge_runs(*ra, *rb, &o, &c, &err) < 0)
        abort();
    return c;
}

static void test_runs(void)
{
    double a[10], b[10], same[10], one[1] = { 10 };
    for (int i = 0; i < 10; i++) {
        a[i] = 10 + 0.01 * i;
        b[i] = 13 + 0.01 * i;
        same[i] = 10.005 + 0.01 * i;
    }
    Run *ra, *rb;
    Comparison *c = two_runs(&ra, &rb, a, 10, b, 10);
    CHECK_STR(verdict_name(c->rows[0].verdict), "regressed", "30 %% slower");
    CHECK_NEAR(c->rows[0].ratio, 1.3, 0.01, "ratio");
    CHECK_INT(c->exit_code, ASSAY_REGRESSED, "ranges apart: a stored baseline may block");
    run_free(ra), run_free(rb);

    c = two_runs(&ra, &rb, a, 10, same, 10);
    CHECK_STR(verdict_name(c->rows[0].verdict), "unchanged",
              "0.05 %% is within the smallest effect");
    run_free(ra), run_free(rb);

    c = two_runs(&ra, &rb, one, 1, one, 1);
    CHECK(c->rows[0].verdict == VERDICT_INCONCLUSIVE && c->rows[0].note,
          "one trial a side can't tell: %s, %s, n %td", verdict_name(c->rows[0].verdict),
          c->rows[0].note ? c->rows[0].note : "no note", c->rows[0].n);
    run_free(ra), run_free(rb);

    b[0] = 10; /* one fast trial reaches into the other's range */
    c = two_runs(&ra, &rb, a, 10, b, 10);
    CHECK(c->rows[0].verdict == VERDICT_REGRESSED && c->rows[0].action == ACTION_REVIEW &&
              c->rows[0].note,
          "overlapping stored wall-clock times are for review, not for blocking");
    run_free(ra), run_free(rb);
}

static void test_missing_and_testbed(void)
{
    double v[10] = { 10, 10.1, 10.2, 10, 10.1, 10.2, 10, 10.1, 10.2, 10 }, slow[10];
    for (int i = 0; i < 10; i++)
        slow[i] = 2 * v[i];
    Run *a = new_run("old", v, 10), *b = new_run("new", slow, 10);
    add_side(a, "both", v, 10, SIDE_HEAD, NULL);
    add_side(b, "both", slow, 10, SIDE_HEAD, NULL);
    a->testbed.fingerprint = "aaaa";
    b->testbed.fingerprint = "bbbb";
    summarise_or_die(a);
    summarise_or_die(b);
    Comparison *c = NULL;
    Err err = { 0 };
    CHECK(judge_runs(a, b, &defaults, &c, &err) == 0 && c->n == 3,
          "a row for each case of either side");
    CHECK_INT(c->exit_code, ASSAY_OK, "different testbeds block nothing");
    run_free(a);
    run_free(b);
}

/* Rules on a statistic speak: on the row of that statistic, or on the metric's own. */
static void test_statistic_rules(void)
{
    static const char *const metrics[] = { "wall", "wall.p95", "wall.median", "*" };
    double base[20], head[20];
    for (int i = 0; i < 20; i++) {
        base[i] = 10 + 0.01 * i;
        head[i] = 15 + 0.01 * i;
    }
    for (ptrdiff_t i = 0; i < ARRAY_LEN(metrics); i++) {
        Run *r = new_run("case", head, 20);
        r->against = "main";
        add_side(r, "case", base, 20, SIDE_BASE, NULL);
        summarise_or_die(r);
        Rule rule = { SEVERITY_CRITICAL, ACTION_BLOCK, metrics[i], 0.2 };
        RuleSet rules = { &rule, 1, 1 };
        JudgeOpts o = defaults;
        o.rules = &rules;
        Comparison *c = NULL;
        Err err = { 0 };
        CHECK(judge_sides(r, &o, &c, &err) == 0 && c->exit_code == ASSAY_REGRESSED,
              "a rule on %s blocks +50 %%", metrics[i]);
        rule.metric = "cpu.p95";
        CHECK(judge_sides(r, &o, &c, &err) == 0 && c->exit_code == ASSAY_OK,
              "one on another metric does not");
        run_free(r);
    }
}

/* One load case of 10 trials a side; the tail of the head side grows to `tail` ms. */
static void add_load(Run *r, Side side, double tail)
{
    CaseResult *c = run_add_case(r, "get", "get", KIND_LOAD, side);
    for (int i = 0; i < 10; i++) {
        Trial *t = case_add_trial(r, c);
        t->round = (uint32_t)i;
        Hist *h = NULL;
        Err err = { 0 };
        if (hist_new(&h, &err) < 0)
            abort();
        for (int k = 0; k < 1000; k++)
            hist_record(h, (uint64_t)((k < 900 ? 1 + 1e-5 * i : tail + 0.01 * i) * 1e6));
        trial_add_metric(r, t, "latency", "ns", BETTER_LOWER, "test", (double)NAN, h);
        trial_add_metric(r, t, "service_time", "ns", BETTER_LOWER, "test", tail * 1e6 + i, NULL);
    }
}

static void test_tail_rules(void)
{
    static const struct {
        const char *metric;
        int exit_code;
        ptrdiff_t rows;
        const char *why;
    } t[] = {
        { "latency.p95", ASSAY_REGRESSED, 3, "p95 gets a row when a rule names it" },
        { "latency.p99", ASSAY_REGRESSED, 2, "p99 always has one" },
        { "latency", ASSAY_REGRESSED, 2, "a rule on the metric covers its tail" },
        { "latency.p50", ASSAY_OK, 2, "the median did not move" },
        { "latency.p999", ASSAY_OK, 2, "not known per trial: the median is no stand-in" },
        { "service_time", ASSAY_REGRESSED, 3, "another metric is judged when a rule names it" },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(t); i++) {
        Run *r = new_run("other", NULL, 0);
        r->against = "main";
        add_load(r, SIDE_HEAD, 20);
        add_load(r, SIDE_BASE, 10);
        summarise_or_die(r);
        Rule rule = { SEVERITY_CRITICAL, ACTION_BLOCK, t[i].metric, 0.2 };
        RuleSet rules = { &rule, 1, 1 };
        JudgeOpts o = defaults;
        o.rules = &rules;
        Comparison *c = NULL;
        Err err = { 0 };
        CHECK(judge_sides(r, &o, &c, &err) == 0, "judged");
        CHECK_INT(c->exit_code, t[i].exit_code, "%s", t[i].why);
        CHECK_INT(c->n, t[i].rows, "  rows");
        run_free(r);
    }
}

/* Three cases, seven rounds: enough for one row, too few for three under Holm. */
static void test_least_rounds(void)
{
    double a[7], b[7];
    for (int i = 0; i < 7; i++) {
        a[i] = 10 + 0.01 * i;
        b[i] = 20 + 0.02 * i;
    }
    Run *r = new_run("A", a, 7);
    for (int k = 0; k < 4; k++)
        add_side(r, (const char *[]){ "B", "C", "D", "E" }[k], b, 7, SIDE_HEAD, "A");
    Comparison *c = contest(r);
    CHECK_STR(verdict_name(c->rows[0].verdict), "inconclusive",
              "7 rounds can't reach 1 - 0.05 / 4");
    CHECK_INT((int)c->rows[0].rounds_more, 1, "and exactly one more could");
    CHECK(c->rows[0].note && strstr(c->rows[0].note, "at least 8 are needed"), "says: %s",
          c->rows[0].note ? c->rows[0].note : "nothing");
    run_free(r);

    Run *ra, *rb;
    double many[30];
    for (int i = 0; i < 30; i++)
        many[i] = 30 + 0.01 * i;
    c = two_runs(&ra, &rb, a, 3, many, 30);
    CHECK_STR(verdict_name(c->rows[0].verdict), "regressed", "3 against 30 trials are enough");
    run_free(ra), run_free(rb);
}

/* In most rounds B takes 20 % more, but the rounds in which A is slow make its median the larger.
 */
static void test_drift_note(void)
{
    static const double a[9] = { 10, 10, 10, 10, 20, 20, 20, 20, 20 };
    static const double b[9] = { 12, 12, 12, 12, 24, 16, 16, 24, 16 };
    Run *r = new_run("A", a, 9);
    add_side(r, "B", b, 9, SIDE_HEAD, "A");
    Comparison *c = contest(r);
    const CompareRow *row = &c->rows[0];
    CHECK(row->ratio > 1 && row->value_b < row->value_a, "%.0f to %.0f, and yet a ratio of %.2f",
          row->value_a, row->value_b, row->ratio);
    CHECK(row->note && strstr(row->note, "too few") == NULL && strstr(row->note, "drifted"),
          "is explained");
    run_free(r);

    r = new_run("A", a, 9);
    double more[9];
    for (int i = 0; i < 9; i++)
        more[i] = 1.5 * a[i];
    add_side(r, "B", more, 9, SIDE_HEAD, "A");
    CHECK(!contest(r)->rows[0].note, "what agrees needs no word");
    run_free(r);
}

static void test_constant(void)
{
    double v[4] = { 7, 7, 7, 7 };
    Run *ra, *rb;
    Comparison *c = two_runs(&ra, &rb, v, 4, v, 4);
    CHECK_STR(verdict_name(c->rows[0].verdict), "unchanged", "always the same on both sides");
    CHECK(isnan(c->rows[0].p_adjusted), "and no part of the correction");
    run_free(ra), run_free(rb);
}

static void test_invalid(void)
{
    double v[10] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 };
    Run *r = new_run("A", v, 10);
    add_side(r, "B", v, 10, SIDE_HEAD, "A");
    validity_add(&r->cases[1]->validity, &r->arena, GRADE_INVALID, "test", "made up");
    summarise_or_die(r);
    Comparison *c = NULL;
    Err err = { 0 };
    CHECK(judge_competitors(r, &defaults, &c, &err) == 0, "judged");
    r->comparison = c;
    CHECK_STR(verdict_name(c->rows[0].verdict), "invalid", "an invalid side gives no verdict");
    CHECK_INT(judge_exit_code(r, &defaults), ASSAY_INVALID, "exit code 5");
    run_free(r);
}

/* 20 % slower: what the rules make of it. */
static void test_rule_conditions(void)
{
    static const struct {
        Rule rule;
        Action want;
        const char *why;
    } t[] = {
        { { SEVERITY_CRITICAL, ACTION_BLOCK, "wall", 0.1 }, ACTION_BLOCK, "no condition" },
        { { SEVERITY_CRITICAL, ACTION_BLOCK, "wall", 0.1, NULL, 1e6 },
          ACTION_BLOCK,
          "2 ms are more than 1" },
        { { SEVERITY_CRITICAL, ACTION_BLOCK, "wall", 0.1, NULL, 4e6 },
          ACTION_NONE,
          "and less than 4" },
        { { SEVERITY_CRITICAL, ACTION_BLOCK, "wall", 0.1, NULL, 0, 20 },
          ACTION_BLOCK,
          "20 pairs are enough" },
        { { SEVERITY_CRITICAL, ACTION_BLOCK, "wall", 0.1, NULL, 0, 21 },
          ACTION_NONE,
          "but not 21" },
        { { SEVERITY_CRITICAL, ACTION_BLOCK, "wall", 0.1, "case" }, ACTION_BLOCK, "its own" },
        { { SEVERITY_CRITICAL, ACTION_BLOCK, "wall", 0.3, "case" },
          ACTION_NONE,
          "its own is wider, and the built-in ones are silent" },
        { { .metric = "*", .cases = "*", .reason = "moved" }, ACTION_NONE, "excused" },
        { { .metric = "*", .cases = "*", .reason = "moved", .until_wall_ns = 999 },
          ACTION_BLOCK,
          "no longer excused: the built-in rules" },
    };
    Rng rng = rng_new(6, "conditions", 0);
    double base[20], head[20];
    for (int i = 0; i < 20; i++) {
        base[i] = 10 * exp(0.004 * rng_normal(&rng));
        head[i] = 12 * exp(0.004 * rng_normal(&rng));
    }
    Run *r = new_run("case", head, 20); /* started at 1000 */
    r->against = "main";
    add_side(r, "case", base, 20, SIDE_BASE, NULL);
    summarise_or_die(r);
    for (ptrdiff_t i = 0; i < ARRAY_LEN(t); i++) {
        Rule rule = t[i].rule;
        RuleSet rules = { &rule, 1, 1 };
        JudgeOpts o = defaults;
        Comparison *c = NULL;
        Err err = { 0 };
        o.rules = &rules;
        CHECK(judge_sides(r, &o, &c, &err) == 0, "judged");
        CHECK_STR(action_name(c->rows[0].action), action_name(t[i].want), "%s", t[i].why);
        CHECK((c->rows[0].note != NULL) == (rule.reason && t[i].want == ACTION_NONE),
              "  and says why where it is excused");
    }
    run_free(r);
}

int main(void)
{
    test_competitors();
    test_few_rounds();
    test_false_alarms();
    test_whole_suites();
    test_sides_and_rules();
    test_runs();
    test_missing_and_testbed();
    test_statistic_rules();
    test_tail_rules();
    test_least_rounds();
    test_drift_note();
    test_constant();
    test_invalid();
    test_rule_conditions();
    return tap_done();
}
