/* Trials through the null driver: the loop's own laws, without a network. */
#include "drivers/null/null.h"

#include <errno.h>

#include "drivers/trial.h"
#include "tap.h"

static const Outcomes *outcomes(const TestTrial *t)
{
    return &t->trial->outcomes;
}

static void test_open_counts(void)
{
    static const struct {
        const char *rate, *workers;
        uint64_t scheduled;
    } rows[] = {
        { "1000/s", "1", 200 },
        { "997/s", "1", 200 },
        { "997/s", "3", 200 },
        { "33333/s", "2", 6667 },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++) {
        TestTrial t;
        test_trial_init(&t, &driver_null);
        test_trial_set(&t, "rate", rows[i].rate);
        test_trial_set(&t, "workers", rows[i].workers);
        t.plan.warmup_ns = 50 * NS_PER_MS;
        t.plan.duration_ns = 200 * NS_PER_MS;
        test_trial_run(&t);
        CHECK_INT(t.result, 0, "%s on %s workers runs (%s)", rows[i].rate, rows[i].workers,
                  t.err.msg);
        CHECK_INT(outcomes(&t)->scheduled, rows[i].scheduled,
                  "the planned count, warm-up excluded");
        CHECK_INT(outcomes(&t)->ok, rows[i].scheduled, "all of them ended well");
        const Metric *m = trial_find_metric(t.trial, "latency");
        CHECK_INT(m ? (long long)m->hist->n : -1, rows[i].scheduled, "each has a response time");
        test_trial_done(&t);
    }
}

/* Intervals of 100 ms, whatever the trial's length leaves over at its end. */
static void test_series(void)
{
    static const uint64_t ms[] = { 201, 210, 270, 299 };
    for (ptrdiff_t k = 0; k < ARRAY_LEN(ms); k++) {
        TestTrial t;
        test_trial_init(&t, &driver_null);
        test_trial_set(&t, "rate", "1000/s");
        test_trial_set(&t, "workers", "2");
        t.plan.duration_ns = ms[k] * NS_PER_MS;
        test_trial_run(&t);
        const Series *s = series_find(&t.trial->series, "load", "throughput");
        CHECK(s && s->n >= 1, "a trial of %d ms has a series (%s)", (int)ms[k], t.err.msg);
        ptrdiff_t n_close = s && s->n && s->t_s[0] < 0.05;
        for (ptrdiff_t i = 1; s && i < s->n; i++)
            n_close += s->t_s[i] - s->t_s[i - 1] < 0.02;
        CHECK_INT(n_close, 0, "… without a sliver at its end");
        test_trial_done(&t);
    }
}

static void test_closed(void)
{
    TestTrial t;
    test_trial_init(&t, &driver_null);
    test_trial_set(&t, "users", "4");
    test_trial_set(&t, "workers", "2");
    test_trial_set(&t, "delay", "1ms");
    test_trial_set(&t, "fail_every", "5");
    t.plan.duration_ns = 300 * NS_PER_MS;
    test_trial_run(&t);
    CHECK_INT(t.result, 0, "four users run (%s)", t.err.msg);
    const Outcomes *o = outcomes(&t);
    CHECK(outcomes_conserved(o), "every operation ends once");
    CHECK(o->ok > 0 && o->scheduled <= 4 * 301, "at most one per user and millisecond (%llu)",
          (unsigned long long)o->scheduled);
    uint64_t failed = o->failed[FAIL_CHECK];
    CHECK(failed * 5 <= o->scheduled && failed * 5 + 4 * 5 >= o->scheduled,
          "one in five fails (%llu of %llu)", (unsigned long long)failed,
          (unsigned long long)o->scheduled);
    CHECK(test_trial_quantile(&t, "service_time", 0) >= 1e6, "no reply before the delay is over");
    test_trial_done(&t);
}

static void test_think(void)
{
    TestTrial t;
    test_trial_init(&t, &driver_null);
    test_trial_set(&t, "users", "3");
    test_trial_set(&t, "think", "10ms");
    t.plan.duration_ns = 200 * NS_PER_MS;
    test_trial_run(&t);
    CHECK_INT(t.result, 0, "thinking users run");
    CHECK(outcomes(&t)->scheduled <= 3 * 20, "each is due at most every 10 ms (%llu)",
          (unsigned long long)outcomes(&t)->scheduled);
    test_trial_done(&t);
}

/* One connection that takes 10 ms, offered 1000/s: nine in ten have to wait or go. */
static void overloaded(TestTrial *t, const char *policy)
{
    test_trial_init(t, &driver_null);
    test_trial_set(t, "rate", "1000/s");
    test_trial_set(t, "connections", "1");
    test_trial_set(t, "delay", "10ms");
    test_trial_set(t, "timeout", "40ms");
    test_trial_set(t, "overload", policy);
    t->plan.duration_ns = 200 * NS_PER_MS;
    test_trial_run(t);
}

static void test_overload(void)
{
    TestTrial t;
    overloaded(&t, "queue");
    const Outcomes *o = outcomes(&t);
    CHECK_INT(o->scheduled, 200, "queue: all count as scheduled");
    CHECK(outcomes_conserved(o) && o->dropped > 100 && o->shed == 0,
          "what was still queued at the end is dropped (%llu)", (unsigned long long)o->dropped);
    CHECK(test_trial_quantile(&t, "latency", 1) > 100e6, "its wait is in the response times");
    const Metric *m = trial_find_metric(t.trial, "latency");
    CHECK_INT(m ? (long long)m->hist->n_censored : -1, o->dropped + o->in_flight + o->timed_out,
              "as lower bounds");
    CHECK(test_trial_reason(&t, "dropped") && test_trial_reason(&t, "rate-not-met") &&
              test_trial_reason(&t, "late-sends"),
          "and the trial says what is wrong with it");
    CHECK_INT(t.trial->validity.grade, GRADE_INVALID, "invalid when most were dropped");
    test_trial_done(&t);

    overloaded(&t, "shed");
    o = outcomes(&t);
    CHECK(outcomes_conserved(o) && o->shed > 50,
          "shed: what waited longer than the timeout goes "
          "(%llu)",
          (unsigned long long)o->shed);
    test_trial_done(&t);

    overloaded(&t, "drop");
    o = outcomes(&t);
    CHECK(outcomes_conserved(o) && o->dropped > 100 && o->shed == 0,
          "drop: what finds no connection goes at once (%llu)", (unsigned long long)o->dropped);
    CHECK(test_trial_quantile(&t, "lateness", 0.5) < 10e6, "and nothing waits");
    test_trial_done(&t);
}

static void test_timeout(void)
{
    TestTrial t;
    test_trial_init(&t, &driver_null);
    test_trial_set(&t, "users", "2");
    test_trial_set(&t, "delay", "1h");
    test_trial_set(&t, "timeout", "20ms");
    test_trial_run(&t);
    const Outcomes *o = outcomes(&t);
    CHECK(outcomes_conserved(o) && o->timed_out == o->scheduled && o->timed_out >= 2,
          "operations end at the timeout (%llu of %llu)", (unsigned long long)o->timed_out,
          (unsigned long long)o->scheduled);
    CHECK(test_trial_quantile(&t, "latency", 0) >= 20e6, "they took at least that long");
    CHECK(test_trial_reason(&t, "nothing-succeeded"), "a trial without a success is invalid");
    test_trial_done(&t);
}

static void test_in_flight(void)
{
    TestTrial t;
    bool stop = true;
    test_trial_init(&t, &driver_null);
    test_trial_set(&t, "users", "2");
    t.plan.stop = &stop;
    test_trial_run(&t);
    CHECK_INT(t.result, -EINTR, "stopped before it began: nothing was measured");
    test_trial_done(&t);
}

/* Stop in mid-window, from the ticker: what is there is reported. */
static void stop_now(void *user, const LoadTick *k)
{
    if (!k->warming)
        __atomic_store_n((bool *)user, true, __ATOMIC_RELAXED);
}

static void test_stop(void)
{
    for (int open = 0; open < 2; open++) {
        TestTrial t;
        bool stop = false;
        test_trial_init(&t, &driver_null);
        if (open)
            test_trial_set(&t, "rate", "1000/s");
        test_trial_set(&t, "delay", "70ms");
        t.plan.stop = &stop;
        t.plan.on_tick = stop_now;
        t.plan.user = &stop;
        t.plan.duration_ns = 3600 * NS_PER_S;
        test_trial_run(&t);
        const Outcomes *o = outcomes(&t);
        CHECK_INT(t.result, 0, "stopped in mid-window");
        CHECK(outcomes_conserved(o) && o->ok > 0 && o->in_flight > 0,
              "counts are whole: %llu ok, %llu in flight", (unsigned long long)o->ok,
              (unsigned long long)o->in_flight);
        CHECK(t.trial->duration_ns < 60 * NS_PER_S && test_trial_value(&t, "throughput") > 0,
              "rates are over the time that was measured");
        test_trial_done(&t);
    }
}

static void test_refusals(void)
{
    static const struct {
        const char *a, *va, *b, *vb;
    } rows[] = {
        { "users", "3", "rate", "5/s" },
        { "rate", "5/s", "think", "1s" },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++) {
        TestTrial t;
        test_trial_init(&t, &driver_null);
        test_trial_set(&t, rows[i].a, rows[i].va);
        test_trial_set(&t, rows[i].b, rows[i].vb);
        test_trial_run(&t);
        CHECK_INT(t.result, -EINVAL, "%s with %s is refused", rows[i].a, rows[i].b);
        test_trial_done(&t);
    }
}

int main(void)
{
    test_open_counts();
    test_series();
    test_closed();
    test_think();
    test_overload();
    test_timeout();
    test_in_flight();
    test_stop();
    test_refusals();
    return tap_done();
}
