/* Runs, and the summaries that are computed from their trials. */
#include "model/run.h"

#include <string.h>

#include "tap.h"

static const uint64_t WALL = UINT64_C(1769903999123456789); /* 2026-01-31T23:59:59.123456789Z */

static Run *fresh(void)
{
    Err err = { 0 };
    Run *r = NULL;
    if (run_new(&r, "shop", 42, WALL, &err) < 0)
        abort();
    return r;
}

static Trial *add_trial(Run *r, CaseResult *c, uint32_t round, uint32_t seq)
{
    Trial *t = case_add_trial(r, c);
    t->round = round;
    t->seq = seq;
    return t;
}

static Hist *hist_of(uint64_t from, uint64_t to)
{
    Err err = { 0 };
    Hist *h = NULL;
    if (hist_new(&h, &err) < 0)
        abort();
    for (uint64_t v = from; v <= to; v++)
        hist_record(h, v * 1000);
    return h;
}

static void test_new(void)
{
    CLEANUP(run_freep) Run *r = fresh();
    CHECK(strncmp(r->id, "20260131-235959-", 16) == 0 && strlen(r->id) == 22, "id %s", r->id);
    CHECK_STR(r->suite, "shop", "suite");
    CHECK(strncmp(r->tool, "assay ", 6) == 0, "tool %s", r->tool);
    CHECK(r->min_effect == 0.01 && r->confidence == 0.95, "defaults");
    CLEANUP(run_freep) Run *same = fresh();
    CHECK_STR(same->id, r->id, "an id follows from its arguments");
    Run *later = NULL;
    Err err = { 0 };
    CHECK(run_new(&later, "shop", 42, WALL + 1, &err) == 0 && strcmp(later->id, r->id) != 0,
          "one ns later is another id");
    later = run_free(later);
    CHECK(run_free(NULL) == NULL, "freeing nothing");
}

static void test_metrics_of_trial(void)
{
    CLEANUP(run_freep) Run *r = fresh();
    CaseResult *c = run_add_case(r, "a", "a", KIND_COMMAND, SIDE_HEAD);
    Trial *t = add_trial(r, c, 0, 0);
    const Metric *m = trial_add_metric(r, t, "wall", NULL, BETTER_HIGHER, "test", 5, NULL);
    CHECK(m->better == BETTER_LOWER && strcmp(m->unit, "ns") == 0, "well-known rows decide");
    m = trial_add_metric(r, t, "time", "s", BETTER_NONE, "foreign", 5, NULL);
    CHECK(m->better == BETTER_NONE && strcmp(m->unit, "s") == 0, "never relabelled");
    m = trial_add_metric(r, t, "latency", "ns", BETTER_NONE, "hdr", (double)NAN, hist_of(1, 101));
    CHECK_NEAR(m->value, 51000, 51, "a distribution's value is its median");
    CHECK(trial_find_metric(t, "time") && !trial_find_metric(t, "cpu"), "found by name");
    CHECK(run_find_case(r, "a", SIDE_HEAD) == c && !run_find_case(r, "a", SIDE_BASE),
          "cases by name and side");
}

/* Executed in the order of rounds 2, 0, 1; the middle trial lacks the metric. */
static void test_scalars(void)
{
    CLEANUP(run_freep) Run *r = fresh();
    Err err = { 0 };
    CaseResult *c = run_add_case(r, "a", "a", KIND_COMMAND, SIDE_HEAD);
    static const double v[] = { 30, 10, 20, 40 };
    static const uint32_t rounds[] = { 2, 0, 1, 3 };
    for (uint32_t i = 0; i < 4; i++) {
        Trial *t = add_trial(r, c, rounds[i], i);
        if (i != 2)
            trial_add_metric(r, t, "wall", NULL, BETTER_NONE, "wait4", v[i], NULL);
        trial_add_metric(r, t, "throughput", NULL, BETTER_NONE, i ? "b" : "a", v[i], NULL);
    }
    CHECK(case_summarise(r, c, &err) == 0 && c->n_metrics == 2, "two metrics");
    const MetricSummary *m = case_find_metric(c, "wall");
    CHECK_INT(m->count, 3, "missing is not counted");
    CHECK(m->trials[0] == 10 && isnan(m->trials[1]) && m->trials[2] == 30 && m->trials[3] == 40,
          "trials in order of round, NaN where one lacks it");
    CHECK_NEAR(m->mean, 80.0 / 3, 1e-12, "mean");
    CHECK_NEAR(m->stddev, 15.275252316519467, 1e-12, "standard deviation with n - 1");
    CHECK(m->min == 10 && m->max == 40 && m->p50 == 30, "order statistics");
    CHECK_NEAR(m->p90, 38, 1e-12, "type 7");
    CHECK(m->figure == 30 && !m->hist && !m->trials_p95, "a time's own figure is its median");
    m = case_find_metric(c, "throughput");
    CHECK(m->figure == 25 && m->figure == m->mean, "a rate's own figure is its mean");
    CHECK_STR(m->method, "b + a", "both methods are named");
    CHECK(isnan(summary_stat(m, "p75")) && summary_stat(m, "median") == m->p50, "by name");
}

static void test_single_and_none(void)
{
    CLEANUP(run_freep) Run *r = fresh();
    Err err = { 0 };
    CaseResult *c = run_add_case(r, "a", "a", KIND_COMMAND, SIDE_HEAD);
    CHECK(case_summarise(r, c, &err) == 0 && c->n_metrics == 0, "no trials, no metrics");
    trial_add_metric(r, add_trial(r, c, 0, 0), "wall", NULL, BETTER_NONE, "wait4", (double)NAN,
                     NULL);
    CHECK(case_summarise(r, c, &err) == 0 && c->n_metrics == 1, "a metric without a value");
    const MetricSummary *m = &c->metrics[0];
    CHECK(m->count == 0 && isnan(m->mean) && isnan(m->p50) && isnan(m->max) && isnan(m->figure),
          "is missing, not 0");
    trial_add_metric(r, add_trial(r, c, 1, 1), "wall", NULL, BETTER_NONE, "wait4", 7, NULL);
    CHECK(case_summarise(r, c, &err) == 0, "summed up again");
    m = &c->metrics[0];
    CHECK(m->count == 1 && m->mean == 7 && isnan(m->stddev) && m->p999 == 7,
          "one value has no spread");
}

/* 1 … 100 µs in one trial and 901 … 1000 µs in the other: the merged p50 is 100 µs, where an
 * average of the two medians would say 500. */
static void test_distributions(void)
{
    CLEANUP(run_freep) Run *r = fresh();
    Err err = { 0 };
    CaseResult *c = run_add_case(r, "a", "a", KIND_LOAD, SIDE_HEAD);
    trial_add_metric(r, add_trial(r, c, 0, 0), "latency", NULL, BETTER_NONE, "hdr", (double)NAN,
                     hist_of(1, 100));
    Hist *second = hist_of(901, 999);
    hist_record_censored(second, 1000 * 1000);
    trial_add_metric(r, add_trial(r, c, 1, 1), "latency", NULL, BETTER_NONE, "hdr", (double)NAN,
                     second);
    for (int i = 0; i < 2; i++)
        CHECK(case_summarise(r, c, &err) == 0, "summarise (%d)", i + 1);
    const MetricSummary *m = case_find_metric(c, "latency");
    CHECK_INT(m->count, 200, "count is operations, not trials, also the second time");
    CHECK_NEAR(m->p50, 100e3, 100, "merged median");
    CHECK_NEAR(m->p99, 998e3, 1000, "merged p99");
    CHECK(m->p50 <= m->p90 && m->p90 <= m->p99 && m->p999 <= m->max && m->max == 1e6, "ordered");
    CHECK_NEAR(m->mean, 500.5e3, 1e-6, "exact mean");
    CHECK(m->n_trials == 2 && m->trials[0] < 51e3 && m->trials[1] > 940e3, "medians per trial");
    CHECK_NEAR(m->trials_p95[0], 95e3, 95, "p95 per trial");
    CHECK_NEAR(m->trials_p99[1], 999e3, 999, "p99 per trial");
    CHECK(m->censored == 1 && m->hist && m->hist->n == 200, "censored are counted");
    CHECK(m->figure == m->p50, "own figure: merged median");
}

static void test_error_rate(void)
{
    CLEANUP(run_freep) Run *r = fresh();
    Err err = { 0 };
    CaseResult *c = run_add_case(r, "a", "a", KIND_LOAD, SIDE_HEAD);
    for (uint32_t i = 0; i < 2; i++) {
        Trial *t = add_trial(r, c, i, i);
        uint64_t n = i ? 1000 : 10;
        t->has_outcomes = true;
        t->outcomes = (Outcomes){ .scheduled = n, .ok = n - 5 };
        t->outcomes.failed[FAIL_STATUS] = 5;
        trial_add_metric(r, t, "error_rate", NULL, BETTER_NONE, "counted", 5.0 / (double)n, NULL);
    }
    CHECK(case_summarise(r, c, &err) == 0, "summarise");
    const MetricSummary *m = case_find_metric(c, "error_rate");
    CHECK_NEAR(m->figure, 10.0 / 1010, 1e-15, "all that failed over all that was scheduled");
    CHECK_NEAR(m->mean, 0.2525, 1e-15, "mean of the trials is another figure");
    CHECK(c->has_outcomes && c->outcomes.scheduled == 1010 && outcomes_conserved(&c->outcomes),
          "outcomes are summed");
}

static void expect(Run *r, CaseResult *c, const char *text)
{
    Err err = { 0 };
    Expect e;
    if (expect_parse(&r->arena, str(text), &e, &err) < 0)
        abort();
    ARENA_PUSH(&r->arena, c->expects, c->n_expects, c->cap_expects, e);
}

static void test_expectations(void)
{
    CLEANUP(run_freep) Run *r = fresh();
    Err err = { 0 };
    CaseResult *c = run_add_case(r, "a", "a", KIND_COMMAND, SIDE_HEAD);
    Trial *t = add_trial(r, c, 0, 0);
    trial_add_metric(r, t, "wall", NULL, BETTER_NONE, "wait4", 10e6, NULL);
    expect(r, c, "wall.median < 20ms");
    expect(r, c, "wall.p99 < 5ms");
    expect(r, c, "error_rate < 1%");
    CHECK(run_summarise(r, &err) == 0, "summarise");
    CHECK(c->expectations[0].held && c->expectations[0].value == 10e6, "held, with its value");
    CHECK(!c->expectations[1].held, "broken");
    CHECK(!c->expectations[2].held && isnan(c->expectations[2].value), "missing does not hold");
    CHECK_STR(c->expectations[2].unit, "share", "with its unit all the same");
    validity_add(&t->validity, &r->arena, GRADE_INVALID, "dead", "the target died");
    CHECK(run_summarise(r, &err) == 0, "summarise again");
    CHECK(!c->expectations[0].held && c->expectations[0].value == 10e6,
          "nothing holds in an INVALID case");
    CHECK(r->validity.grade == GRADE_INVALID, "the run is as bad as its worst case");
    CHECK_STR(r->validity.reasons[0].text, "the target died", "one case: no name in front");
}

static void test_run_validity(void)
{
    CLEANUP(run_freep) Run *r = fresh();
    Err err = { 0 };
    const char *names[] = { "a", "b" };
    for (int i = 0; i < 2; i++) {
        CaseResult *c = run_add_case(r, names[i], "x", KIND_COMMAND, i ? SIDE_BASE : SIDE_HEAD);
        validity_add(&add_trial(r, c, 0, (uint32_t)i)->validity, &r->arena, GRADE_SUSPECT, "steal",
                     "steal 7 %%");
    }
    validity_add(&r->validity, &r->arena, GRADE_SUSPECT, "clock", "stepped");
    for (int i = 0; i < 3; i++)
        CHECK(run_summarise(r, &err) == 0, "summarise");
    CHECK_INT(r->validity.n, 3, "own and the cases', however often");
    CHECK_STR(r->validity.reasons[1].text, "a: steal 7 %", "named");
    CHECK_STR(r->validity.reasons[2].text, "b (base): steal 7 %", "with the side");
}

static void test_given(void)
{
    CLEANUP(run_freep) Run *r = fresh();
    Err err = { 0 };
    CaseResult *c = run_add_case(r, "a", "a", KIND_HARNESS, SIDE_HEAD);
    MetricSummary given = { .name = "time",
                            .unit = "ns",
                            .method = "file",
                            .given = true,
                            .count = 500,
                            .mean = 4,
                            .p50 = 3,
                            .p99 = 9,
                            .figure = 3 };
    ARENA_PUSH(&r->arena, c->metrics, c->n_metrics, c->cap_metrics, given);
    trial_add_metric(r, add_trial(r, c, 0, 0), "time", "ns", BETTER_LOWER, "file", 3, NULL);
    for (int i = 0; i < 2; i++)
        CHECK(run_summarise(r, &err) == 0 && c->n_metrics == 1, "summarise");
    CHECK(c->metrics[0].count == 500 && c->metrics[0].p99 == 9 && c->metrics[0].trials[0] == 3,
          "what can't be computed again is kept");
}

int main(void)
{
    test_new();
    test_metrics_of_trial();
    test_scalars();
    test_single_and_none();
    test_distributions();
    test_error_rate();
    test_expectations();
    test_run_validity();
    test_given();
    return tap_done();
}
