/* What was said of a regression, in the gate. */
#include "judge/triaged.h"

#include <math.h>
#include <string.h>

#include "judge/history.h"
#include "tap.h"

static void test_rows(void)
{
    static const struct {
        double change, low, high;
        Better better;
        Verdict verdict;
        bool ruleless, covered;
        const char *what;
    } cases[] = {
        { 0.1, 1.05, 1.15, BETTER_LOWER, VERDICT_REGRESSED, false, true,
          "reaches into what is covered" },
        { 0.1, 1.12, 1.20, BETTER_LOWER, VERDICT_REGRESSED, false, false, "all of it beyond" },
        { 0.1, 1.105, 1.20, BETTER_LOWER, VERDICT_REGRESSED, false, true,
          "beyond by less than matters" },
        { -0.1, 0.85, 0.95, BETTER_HIGHER, VERDICT_REGRESSED, false, true, "a loss within" },
        { -0.1, 0.70, 0.80, BETTER_HIGHER, VERDICT_REGRESSED, false, false, "a loss beyond" },
        { (double)NAN, 3, 4, BETTER_LOWER, VERDICT_REGRESSED, false, true, "of any size" },
        { (double)NAN, 1, 4, BETTER_LOWER, VERDICT_INCONCLUSIVE, false, false, "no regression" },
        { (double)NAN, 3, 4, BETTER_LOWER, VERDICT_REGRESSED, true, false, "a contest" },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(arena_done) Arena a = { 0 };
        Triage t = { .kind = TRIAGE_EXPECT,
                     .case_name = "x",
                     .change = cases[i].change,
                     .author = "Ann",
                     .reason = "meant",
                     .from_wall_ns = 100 };
        TriageList l = { &t, 1, 1 };
        JudgeOpts o = { .triage = &l };
        Comparison c = { .min_effect = 0.01 };
        Rows rows = { .arena = &a,
                      .opts = &o,
                      .c = &c,
                      .at_wall_ns = 200,
                      .run_id = "r",
                      .ruleless = cases[i].ruleless };
        CompareRow row = { .case_name = "x",
                           .metric = "wall",
                           .better = cases[i].better,
                           .verdict = cases[i].verdict,
                           .ratio_low = cases[i].low,
                           .ratio_high = cases[i].high,
                           .severity = SEVERITY_CRITICAL,
                           .action = ACTION_BLOCK };
        triage_decide(&rows, &row);
        CHECK(!row.triage == !cases[i].covered &&
                  row.action == (cases[i].covered ? ACTION_NONE : ACTION_BLOCK),
              "%s", cases[i].what);
        CHECK(row.severity == SEVERITY_CRITICAL && row.verdict == cases[i].verdict,
              "   verdict and severity stay");
    }
}

/* Steps at 10 and 20 of 30 days. */
static void test_history(void)
{
    static const struct {
        TriageKind kind;
        double day;
        int of_first, of_second;
        const char *what;
    } cases[] = {
        { TRIAGE_EXPECT, 10, 1, 0, "expected with the first run of the level" },
        { TRIAGE_EXPECT, 15, 0, 0, "expected long after: of neither" },
        { TRIAGE_ACK, 15, 1, 0, "acknowledged long after" },
        { TRIAGE_ACK, 20, 0, 1, "acknowledged at the next" },
        { TRIAGE_ACK, 5, 0, 0, "acknowledged before" },
        { TRIAGE_INVALID, 10, 0, 0, "set aside" },
    };
    HistoryPoint v[30];
    for (int i = 0; i < 30; i++)
        v[i] = (HistoryPoint){ .value = i < 10 ? 1 : i < 20 ? 2 : 4, .wall_s = i * 86400.0 };
    ChangePoint changes[] = { { .index = 10, .first = 10, .last = 10, .change = 1 },
                              { .index = 20, .first = 20, .last = 20, .change = 1 } };
    History h = { .name = "x", .metric = "wall", .better = BETTER_LOWER, .v = v, .n = 30 };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(cases); i++) {
        Triage t = { .kind = cases[i].kind,
                     .case_name = "x",
                     .from_wall_ns = (uint64_t)(cases[i].day * 86400e9) };
        TriageList l = { &t, 1, 1 };
        HistoryReport r = { .h = &h, .triage = &l, .changes = { .v = changes, .n = 2 } };
        CHECK(!!history_triage(&r, 0) == cases[i].of_first &&
                  !!history_triage(&r, 1) == cases[i].of_second,
              "%s", cases[i].what);
    }
}

int main(void)
{
    test_rows();
    test_history();
    return tap_done();
}
