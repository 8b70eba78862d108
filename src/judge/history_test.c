#include "judge/history.h"

#include <errno.h>

#include "base/rng.h"
#include "tap.h"

/* n points a day apart around `level`, changing by `per_day`. */
static void put(History *h, Arena *a, Rng *r, int n, double level, double per_day)
{
    for (int i = 0; i < n; i++) {
        double wall_s = 1.7e9 + 86400.0 * (double)h->n;
        history_push(
            h, a, (HistoryPoint){ .value = level + per_day * i + rng_normal(r), .wall_s = wall_s });
    }
}

static HistoryReport analyse(const History *h, HistoryOpts o)
{
    HistoryReport r = { 0 };
    Err err = { 0 };
    if (history_analyse(h, &o, &r, &err) < 0)
        CHECK(false, "%s", err.msg);
    return r;
}

static void test_step_then_trend(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    Rng rng = rng_new(1, "history", 0);
    History h = { .better = BETTER_LOWER };
    put(&h, &a, &rng, 40, 100, 0);
    put(&h, &a, &rng, 60, 150, 0.2);
    HistoryReport r = analyse(&h, (HistoryOpts){ .limit = 200 });
    CHECK(r.changes.n == 1 && r.changes.v[0].index == 40, "the step");
    CHECK(r.since == 40 && r.timed && r.n == 100, "what follows counts from there");
    CHECK_NEAR(r.per_day.slope, r.per_point.slope, 1e-9, "a point a day");
    CHECK(r.drift.drifted && r.drift.change > 0.05, "it drifts: %+.3f", r.drift.change);
    CHECK_NEAR(r.crossing.at, 40 + 250, 30, "and reaches 200 in a few months");
    CHECK(r.crossing.low < r.crossing.at && r.crossing.at < r.crossing.high, "give or take");
    CHECK(r.week.n_before == 7 && r.week.n_now == 7, "a week each");
    CHECK(r.expected.low < 162 && r.expected.high > 162, "the next value is where it is expected");
    CHECK(history_sense(&h, r.changes.v[0].change) == SENSE_WORSE, "to the worse");
    history_report_done(&r);
}

static void test_quiet(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    Rng rng = rng_new(2, "history", 0);
    History h = { .better = BETTER_HIGHER };
    put(&h, &a, &rng, 80, 100, 0);
    h.v[3].value = (double)NAN;
    h.v[5].wall_s = (double)NAN;
    HistoryReport r = analyse(&h, (HistoryOpts){ .limit = 120 });
    CHECK(r.changes.n == 0 && !r.drift.drifted && isnan(r.crossing.at), "nothing to report");
    CHECK(!r.timed && r.n == 79, "a point without a time, one without a value");
    history_report_done(&r);
    CHECK(history_sense(&h, 0.1) == SENSE_BETTER && history_sense(&h, 0) == SENSE_NONE &&
              history_sense(&h, (double)NAN) == SENSE_NONE,
          "senses");
}

static void test_modes(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    Rng rng = rng_new(3, "history", 0);
    History h = { 0 };
    put(&h, &a, &rng, 40, 100, 0);
    put(&h, &a, &rng, 40, 110, 0);
    for (int mode = 0; history_modes[mode]; mode++) {
        HistoryReport r = analyse(&h, (HistoryOpts){ .mode = (HistoryMode)mode, .limit = NAN });
        CHECK(r.changes.n == 1 && labs(r.changes.v[0].index - 40) <= 1, "%s finds 10 spreads",
              history_modes[mode]);
        history_report_done(&r);
    }
    HistoryReport r = { 0 };
    Err err = { 0 };
    CHECK_INT(history_analyse(&h, &(HistoryOpts){ .p = 3 }, &r, &err), -EINVAL, "p of 3");
    h.n = 1;
    r = analyse(&h, (HistoryOpts){ .limit = 5 });
    CHECK(r.changes.n == 0 && r.n == 1 && isinf(r.expected.high), "a single point");
    history_report_done(&r);
}

int main(void)
{
    test_step_then_trend();
    test_quiet();
    test_modes();
    return tap_done();
}
