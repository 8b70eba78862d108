/* One figure over many runs. */
#include <math.h>

#include "store/store_test_util.h"
#include "tap.h"

enum { RUNS = 12 };

/* Runs a day apart, stored newest first: the last but one on another machine, one on another
 * branch, one INVALID. */
static void store_runs(Store *s, Run *runs[RUNS])
{
    Err err = { 0 };
    for (int i = RUNS - 1; i >= 0; i--) {
        Run *r = runs[i] = sample_run((uint64_t)i + 1);
        snprintf(r->id, sizeof r->id, "run-%02d", i);
        r->started_wall_ns += (uint64_t)i * 86400 * NS_PER_S;
        r->testbed.fingerprint = i == RUNS - 2 ? "fedcba9876543210" : "0123456789abcdef";
        r->branch = i == 3 ? "other" : "main";
        if (i == 5)
            validity_add(&r->validity, &r->arena, GRADE_INVALID, "steal", "too much");
        CHECK(store_whole(s, r, &err) == 0, "%s is stored %s", r->id, err.msg);
    }
}

static double median3(double a, double b, double c)
{
    return fmax(fmin(a, b), fmin(fmax(a, b), c));
}

static double value(const CaseResult *c, ptrdiff_t trial, const char *metric)
{
    return trial_find_metric(c->trials[trial], metric)->value;
}

static void check_values(const History *h, Run *runs[RUNS])
{
    bool times = true;
    int wrong = 0;
    for (ptrdiff_t i = 0; i < h->n; i++) {
        const Run *r = runs[i < RUNS - 2 ? i : i + 1];
        const CaseResult *c = r->cases[0];
        double want = median3(value(c, 0, "throughput"), value(c, 1, "throughput"),
                              value(c, 2, "throughput"));
        wrong += i == 5 ? !isnan(h->v[i].value) : h->v[i].value != want;
        wrong += strcmp(h->v[i].run, r->id) != 0 || strcmp(h->v[i].commit, r->commit) != 0;
        times = times && (i == 0 || h->v[i - 1].wall_s < h->v[i].wall_s);
    }
    CHECK_INT(wrong, 0, "medians of the trials, with run and commit; INVALID is missing");
    CHECK(times, "oldest first");
}

static void test_history(Store *s, Run *runs[RUNS])
{
    CLEANUP(arena_done) Arena a = { 0 };
    History h = { 0 };
    Err err = { 0 };
    HistoryQuery q = { .case_name = "get/users=10,size=1KiB", .metric = "throughput" };
    CHECK(store_history(s, &a, &q, &h, &err) == 0, "throughput over runs %s", err.msg);
    CHECK_INT(h.n, RUNS - 1, "all but that of another machine");
    CHECK(h.n_elsewhere == 1 && h.n_invalid == 1, "which is counted, like the INVALID one");
    CHECK_STR(h.unit, runs[0]->cases[0]->metrics[1].unit, "unit");
    check_values(&h, runs);
    q.any_testbed = true;
    CHECK(store_history(s, &a, &q, &h, &err) == 0 && h.n == RUNS, "any testbed: all");
    q.branch = "other";
    CHECK(store_history(s, &a, &q, &h, &err) == 0 && h.n == 1, "a branch: its one");
    q = (HistoryQuery){ .case_name = "build" };
    CHECK(store_history(s, &a, &q, &h, &err) == 0, "no metric named %s", err.msg);
    CHECK_STR(h.metric, "wall", "a command's wall time");
    CHECK(h.better == BETTER_LOWER && h.n == RUNS - 1, "heads only");
    CHECK(h.n_invalid == 1 && h.v[0].value > 1e6, "an INVALID case is not all of its run");
}

static void test_statistics(Store *s, Run *runs[RUNS])
{
    static const char *const stats[] = { "latency.p50",  "latency.p99",    "latency.max",
                                         "latency.mean", "latency.stddev", "throughput.max" };
    CLEANUP(arena_done) Arena a = { 0 };
    Err err = { 0 };
    const MetricSummary *m = &runs[0]->cases[0]->metrics[0];
    const double want[] = { m->p50,  m->p99,    m->max,
                            m->mean, m->stddev, runs[0]->cases[0]->metrics[1].max };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(stats); i++) {
        History h = { 0 };
        HistoryQuery q = { .case_name = "get/users=10,size=1KiB", .metric = stats[i] };
        CHECK(store_history(s, &a, &q, &h, &err) == 0, "%s %s", stats[i], err.msg);
        CHECK_NEAR(h.n ? h.v[0].value : (double)NAN, want[i], 1e-9 * want[i], "   as in the run");
    }
}

static void test_absent(Store *s)
{
    CLEANUP(arena_done) Arena a = { 0 };
    History h = { 0 };
    Err err = { 0 };
    HistoryQuery q = { .case_name = "nobody" };
    CHECK_INT(store_history(s, &a, &q, &h, &err), STORE_NOT_FOUND, "no such case");
    CHECK(strstr(err.msg, "there are build, dead, get/"), "%s", err.msg);
    q = (HistoryQuery){ .case_name = "build", .metric = "latency.p99" };
    CHECK_INT(store_history(s, &a, &q, &h, &err), STORE_NOT_FOUND, "no such metric");
    CHECK(strstr(err.msg, "there are wall, cpu"), "%s", err.msg);
    q = (HistoryQuery){ .case_name = "build", .branch = "none" };
    CHECK_INT(store_history(s, &a, &q, &h, &err), STORE_NOT_FOUND, "no such branch");
    CHECK(strstr(err.msg, "on branch 'none'"), "%s", err.msg);
}

/* Figures that came without samples. */
static void test_given(Store *s)
{
    static const char doc[] = "{\"schema\":\"assay.run/1\",\"run\":{\"id\":\"k6\"},\"cases\":[{"
                              "\"case\":\"api\",\"metrics\":[{\"name\":\"latency\",\"unit\":\"ns\","
                              "\"count\":5000,\"p50\":7,\"p99\":9,\"mean\":7.5,\"trials\":[]}]}]}";
    CLEANUP(arena_done) Arena a = { 0 };
    CLEANUP(json_free) json_t *j = NULL;
    CLEANUP(run_freep) Run *r = NULL;
    History h = { 0 };
    Err err = { 0 };
    CHECK(json_parse(str(doc), "k6", &j, &err) == 0 && run_from_json(j, "k6", &r, &err) == 0 &&
              store_whole(s, r, &err) == 0,
          "an imported summary %s", err.msg);
    HistoryQuery q = { .case_name = "api" };
    CHECK(store_history(s, &a, &q, &h, &err) == 0 && h.n == 1 && h.v[0].value == 7, "its median %s",
          err.msg);
    q.metric = "latency.p99";
    CHECK(store_history(s, &a, &q, &h, &err) == 0 && h.n == 1 && h.v[0].value == 9, "its p99 %s",
          err.msg);
}

int main(void)
{
    CLEANUP(tmp_gone) TmpDir d = tmp_dir();
    CLEANUP(arena_done) Arena a = { 0 };
    Run *runs[RUNS];
    Store *s = NULL;
    Err err = { 0 };
    History h = { 0 };
    HistoryQuery q = { .case_name = "build" };
    if (store_open(&s, d.db, STORE_WRITE, &err) < 0)
        TAP_SKIP_ALL("%s", err.msg);
    CHECK_INT(store_history(s, &a, &q, &h, &err), STORE_NOT_FOUND, "an empty store");
    CHECK(strstr(err.msg, "no results are stored"), "%s", err.msg);
    store_runs(s, runs);
    test_history(s, runs);
    test_statistics(s, runs);
    test_absent(s);
    test_given(s);
    for (int i = 0; i < RUNS; i++)
        run_freep(&runs[i]);
    store_close(s);
    return tap_done();
}
