/* For tests: what the tests of all drivers check alike, each against a fake server that is stopped
 * afterwards. Include tap.h first: the results count in the test that includes this. */
#pragma once

#include "drivers/fake_server.h"
#include "drivers/freeze.h"
#include "drivers/trial.h"

/* A trial with the driver and f's address. */
typedef void TrialBegin(TestTrial *t, const FakeServer *f);

/* The one class in which all ended, or the error, with these options (pairs, up to opts[n] or a
 * NULL). Who wants a timeout has a short one. */
__attribute__((unused)) static void check_verdict(TrialBegin *begin, FakeServer f,
                                                  const char *const *opts, ptrdiff_t n,
                                                  const char *want, const char *why)
{
    TestTrial t;
    begin(&t, &f);
    if (strcmp(want, "timed_out") == 0)
        test_trial_set(&t, "timeout", "60ms");
    test_trial_set_all(&t, opts, n);
    test_trial_run(&t);
    CHECK_STR(t.result ? t.err.msg : test_trial_verdict(&t), want, "%s", why);
    test_trial_done(&t);
    fake_stop(&f);
}

/* Tables of { s: what the fake does, opts, want, why }. */
#define CHECK_VERDICTS(begin, start, rows)                                                         \
    do {                                                                                           \
        for (ptrdiff_t i_ = 0; i_ < ARRAY_LEN(rows); i_++)                                         \
            check_verdict(begin, start(&(rows)[i_].s), (rows)[i_].opts,                            \
                          ARRAY_LEN((rows)[i_].opts), (rows)[i_].want, (rows)[i_].why);            \
    } while (0)

/* What keeps a trial from beginning, and a word of what is said of it. Why: for the reader. */
typedef struct Refused {
    const char *opts[4], *word, *why;
} Refused;

/* The error has the word, and never the secret "s3cret". */
__attribute__((unused)) static void check_no_trial(TrialBegin *begin, FakeServer f,
                                                   const Refused *r)
{
    TestTrial t;
    begin(&t, &f);
    test_trial_set_all(&t, r->opts, ARRAY_LEN(r->opts));
    test_trial_run(&t);
    CHECK(t.result < 0 && strstr(t.err.msg, r->word) && !strstr(t.err.msg, "s3cret"),
          "refused: %s: %s",
          r->why       ? r->why
          : r->opts[0] ? r->opts[0]
                       : r->word,
          t.err.msg);
    test_trial_done(&t);
    fake_stop(&f);
}

/* Options that can't be, with nobody there. */
__attribute__((unused)) static void check_refused(TrialBegin *begin, const Refused *rows,
                                                  ptrdiff_t n)
{
    for (ptrdiff_t i = 0; i < n; i++)
        check_no_trial(begin, fake_nobody(), &rows[i]);
}

/* An option "pipeline" of seven: so many of `metric` an operation. */
__attribute__((unused)) static void check_pipeline(TrialBegin *begin, FakeServer f,
                                                   const char *metric)
{
    TestTrial t;
    begin(&t, &f);
    test_trial_set(&t, "pipeline", "7");
    test_trial_run(&t);
    double ok = (double)t.trial->outcomes.ok;
    CHECK(ok > 0, "pipelines: %s", t.err.msg);
    CHECK_NEAR(test_trial_value(&t, metric), 7.0 * ok, 14, "seven %s an operation", metric);
    test_trial_done(&t);
    fake_stop(&f);
}

/* Whatever a wild server does, every operation ends in one outcome. */
__attribute__((unused)) static void check_wild(TrialBegin *begin, FakeServer f, uint64_t seed,
                                               const char *timeout, const char *const opts[4])
{
    TestTrial t;
    begin(&t, &f);
    test_trial_set(&t, "users", "0");
    test_trial_set(&t, "workers", seed % 2 ? "1" : "2");
    test_trial_set(&t, "timeout", timeout);
    test_trial_set_all(&t, opts, 4);
    t.plan.warmup_ns = 20 * NS_PER_MS;
    t.plan.duration_ns = 150 * NS_PER_MS;
    test_trial_run(&t);
    const Outcomes *o = &t.trial->outcomes;
    bool open = strcmp(opts[0], "rate") == 0;
    CHECK(t.result == 0 && outcomes_conserved(o) && o->ok > 0 && (!open || o->scheduled == 300),
          "wild server, seed %d, %s %s: %llu scheduled, %llu ok, %llu failed, %llu timed out, %llu "
          "shed, %llu dropped, %llu in flight %s",
          (int)seed, open ? "open" : "closed", opts[2] ? opts[3] : "",
          (unsigned long long)o->scheduled, (unsigned long long)o->ok,
          (unsigned long long)outcomes_failed(o), (unsigned long long)o->timed_out,
          (unsigned long long)o->shed, (unsigned long long)o->dropped,
          (unsigned long long)o->in_flight, t.err.msg);
    test_trial_done(&t);
    fake_stop(&f);
}

__attribute__((unused)) static void check_conservation(TrialBegin *begin,
                                                       FakeServer (*start)(uint64_t seed),
                                                       uint64_t seeds, const char *timeout)
{
    static const char *const modes[][4] = {
        { "users", "8", NULL },
        { "rate", "2000/s", "connections", "8" },
        { "rate", "2000/s", "overload", "shed" },
        { "rate", "2000/s", "overload", "drop" },
    };
    for (uint64_t seed = 1; seed <= seeds; seed++)
        for (ptrdiff_t m = 0; m < ARRAY_LEN(modes); m++)
            check_wild(begin, start(seed), seed, timeout, modes[m]);
}

/* Time that the server stands still is told from when each was due. */
__attribute__((unused)) static void check_freeze(TrialBegin *begin, FakeServer f)
{
    TestTrial t;
    char text[FREEZE_TEXT_MAX];
    begin(&t, &f);
    CHECK_STR(test_freeze_law(&t, &f, text), "", "a frozen server shows as the law says");
    test_trial_done(&t);
    fake_stop(&f);
}
