/* Which runs make a baseline. */
#include "judge/baseline.h"

#include "model/run_sample.h"
#include "tap.h"

static RunInfo info(const char *id, const char *branch, uint64_t at, int exit_code)
{
    return (RunInfo){ .id = id,
                      .suite = "s",
                      .commit = "c1",
                      .branch = branch,
                      .grade = "VALID",
                      .started_wall_ns = at,
                      .exit_code = exit_code,
                      .finished = true,
                      .fingerprint = "f" };
}

static void test_pick(void)
{
    RunInfo v[] = {
        info("r6", "main", 6, 0), info("r5", "feature", 5, 0), info("r4", "main", 4, 4),
        info("r3", "main", 3, 0), info("r2", "main", 2, 0),    info("r1", "main", 1, 0)
    };
    Triage aside = { .kind = TRIAGE_INVALID, .run_id = "r3" };
    TriageList said = { &aside, 1, 1 };
    BaselineAsk ask = { .suite = "s", .branch = "main", .fingerprint = "f", .green = true };
    ptrdiff_t at[6];
    CHECK_INT(baseline_pick(v, 6, &ask, 6, at), 4, "green runs on main");
    CHECK(at[0] == 0 && at[1] == 3 && at[3] == 5, "newest first");
    CHECK_INT(baseline_pick(v, 6, &ask, 2, at), 2, "no more than asked for");
    ask.triage = &said;
    CHECK_INT(baseline_pick(v, 6, &ask, 6, at), 3, "not what was set aside");
    ask.until_wall_ns = 5;
    CHECK(baseline_pick(v, 6, &ask, 6, at) == 2 && at[0] == 4, "none from later");
    ask.green = false;
    CHECK(baseline_pick(v, 6, &ask, 6, at) == 3 && at[0] == 2, "any that ended");
    ask.not_run = "r4";
    CHECK_INT(baseline_pick(v, 6, &ask, 6, at), 2, "not the judged one");
    v[4].grade = "INVALID";
    v[5].finished = false;
    CHECK_INT(baseline_pick(v, 6, &ask, 6, at), 0, "nor INVALID, nor cut off");
    ask = (BaselineAsk){ .fingerprint = "g" };
    CHECK_INT(baseline_pick(v, 6, &ask, 6, at), 0, "nor of another testbed");
    ask = (BaselineAsk){ .commit = "c2" };
    CHECK_INT(baseline_pick(v, 6, &ask, 6, at), 0, "nor of another commit");
}

static void test_pool(void)
{
    CLEANUP(run_freep) Run *a = sample_run(1), *b = sample_run(2), *pool = NULL;
    Run *runs[] = { a, b };
    Err err = { 0 };
    const CaseResult *of_a = NULL;
    for (ptrdiff_t i = 0; i < a->n_cases && !of_a; i++)
        if (a->cases[i]->side == SIDE_HEAD && a->cases[i]->validity.grade != GRADE_INVALID)
            of_a = a->cases[i];
    CHECK(of_a && baseline_pool(runs, 2, &pool, &err) == 0, "two runs as one %s", err.msg);
    if (!pool || !of_a)
        return;
    const CaseResult *c = run_find_case(pool, of_a->name, SIDE_HEAD);
    const CaseResult *of_b = run_find_case(b, of_a->name, SIDE_HEAD);
    CHECK(c && c->n_trials == 2, "a trial for each run");
    CHECK_STR(pool->id, a->id, "named by the newest");
    int wrong = 0;
    for (ptrdiff_t i = 0; c && i < c->n_metrics; i++) {
        const MetricSummary *m = &c->metrics[i], *ma = case_find_metric(of_a, m->name);
        const MetricSummary *mb = case_find_metric(of_b, m->name);
        for (int k = 0; k < 2; k++) {
            const MetricSummary *from = k ? mb : ma;
            ptrdiff_t below = 0, above = 0, numbers = 0;
            for (ptrdiff_t t = 0; t < from->n_trials; t++) {
                below += from->trials[t] <= m->trials[k];
                above += from->trials[t] >= m->trials[k];
                numbers += from->trials[t] == from->trials[t];
            }
            wrong += below * 2 < numbers || above * 2 < numbers;
        }
        wrong += m->hist && m->hist->n != ma->hist->n + mb->hist->n;
    }
    CHECK_INT(wrong, 0, "figures are the medians, distributions whole");
}

static void test_refuses(void)
{
    static const struct {
        BaselineInfo b;
        bool dirty;
        int exit_code;
        const char *why;
    } cases[] = {
        { { .suite = "s", .branch = "main", .fingerprint = "f" }, false, 0, "" },
        { { .suite = "s", .branch = "x", .follows = "main", .fingerprint = "f" }, false, 0, "" },
        { { .suite = "s", .branch = "main", .fingerprint = "f", .frozen_wall_ns = 1 },
          false,
          0,
          "it is frozen" },
        { { .suite = "s", .branch = "main", .fingerprint = "f" },
          false,
          4,
          "the run is not green" },
        { { .suite = "s", .branch = "main", .fingerprint = "f" },
          true,
          0,
          "the tree has uncommitted changes" },
        { { .suite = "t", .branch = "main", .fingerprint = "f" }, false, 0, "it is of suite t" },
        { { .suite = "s", .branch = "x", .fingerprint = "f" }, false, 0, "it follows branch x" },
        { { .suite = "s", .branch = "main", .fingerprint = "g" },
          false,
          0,
          "it is of another testbed" },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(arena_done) Arena a = { 0 };
        Run r = { .suite = "s",
                  .branch = "main",
                  .dirty = cases[i].dirty,
                  .exit_code = cases[i].exit_code,
                  .testbed.fingerprint = "f" };
        const char *why = baseline_refuses(&cases[i].b, &r, &a);
        CHECK_STR(why ? why : "", cases[i].why, "%s", *cases[i].why ? cases[i].why : "moved");
    }
}

int main(void)
{
    test_pick();
    test_pool();
    test_refuses();
    return tap_done();
}
