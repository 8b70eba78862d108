/* For tests: a driver with its options filled, and one trial through it, in one call each. */
#pragma once

#include "load/load.h"

typedef struct TestTrial {
    Arena arena;
    const Driver *driver;
    LoadPlan plan;
    LoadSpec spec;
    void *target_opts, *request_opts;
    Run *run;
    Trial *trial;
    Err err;
    int result; /* load_run's */
} TestTrial;

/* Defaults everywhere; 100 ms measured, no warm-up, 10 s timeout, one worker. */
void test_trial_init(TestTrial *t, const Driver *d);
/* Set an option of the load, the target or the request, whichever has it; aborts when refused. */
void test_trial_set(TestTrial *t, const char *name, const char *value);
/* Pairs of name and value, up to opts[n] or a NULL. */
void test_trial_set_all(TestTrial *t, const char *const *opts, ptrdiff_t n);
void test_trial_run(TestTrial *t);
void test_trial_done(TestTrial *t);

/* Which single class all operations ended in: "ok", "timed_out", a failure's name, or "mixed";
 * "nothing" when none ended, "not conserved" when some were lost. */
const char *test_trial_verdict(const TestTrial *t);
/* A metric's value or statistic; NaN when missing. */
double test_trial_value(const TestTrial *t, const char *metric);
double test_trial_quantile(const TestTrial *t, const char *metric, double q);
/* Is there a reason with this code? */
bool test_trial_reason(const TestTrial *t, const char *code);
