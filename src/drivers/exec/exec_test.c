/* The driver against workers that answer well and badly: each operation ends in one outcome. */
#include "drivers/exec/exec.h"

#include <stdio.h>

#include "drivers/trial.h"
#include "tap.h"

enum { COMMAND_MAX = 400 };

static void begin(TestTrial *t, const char *body)
{
    char command[COMMAND_MAX];
    test_trial_init(t, &driver_exec);
    snprintf(command, sizeof command,
             "sh -c 'echo assay-exec 1; while read -r v i t; do case $v in close) ;; open) echo ok "
             "$i;; *) %s;; esac; done'",
             body);
    test_trial_set(t, "command", command);
    test_trial_set(t, "users", "2");
    t->plan.duration_ns = 60 * NS_PER_MS;
}

static const struct {
    const char *body, *opts[6], *want, *why;
} cases[] = {
    { "echo ok $i", { NULL }, "ok", "a good worker" },
    { "echo ok $i", { "processes", "1" }, "ok", "one for both users" },
    { "echo ok $i ns=5 bytes=7", { "batch", "20" }, "ok", "calls in batches" },
    { "echo fail $i status no such table", { NULL }, "status", "a failure" },
    { "echo fail $i check not what it was", { "processes", "1" }, "check", "its class" },
    { "echo Hello", { NULL }, "protocol", "garbage" },
    { "echo ok 999999", { NULL }, "protocol", "an id that nobody has" },
    { "echo ok $i; echo ok $i", { NULL }, "ok", "two answers: the worker is replaced" },
    { "exit 3", { NULL }, "reset", "it ends" },
    { "kill -9 $$", { "processes", "1" }, "reset", "it is killed" },
    { "printf ok; exit", { NULL }, "reset", "half a line, and ends" },
    { "printf ok", { "timeout", "400ms" }, "timed_out", "half a line" },
    { "exec >&- <&-; sleep 9", { NULL }, "reset", "it closes its output" },
    { ":", { "timeout", "400ms" }, "timed_out", "silence" },
    { ":", { "timeout", "400ms", "processes", "1" }, "timed_out", "silence for both" },
};

static void test_cases(void)
{
    for (ptrdiff_t i = 0; i < ARRAY_LEN(cases); i++) {
        TestTrial t;
        begin(&t, cases[i].body);
        test_trial_set_all(&t, cases[i].opts, ARRAY_LEN(cases[i].opts));
        test_trial_run(&t);
        const char *got = t.result ? t.err.msg : test_trial_verdict(&t);
        if (strcmp(cases[i].want, "mixed") == 0)
            CHECK(strcmp(got, "protocol") == 0 || strcmp(got, "mixed") == 0, "%s: %s", cases[i].why,
                  got);
        else
            CHECK_STR(got, cases[i].want, "%s", cases[i].why);
        test_trial_done(&t);
    }
}

static const struct {
    const char *command, *told;
} unstarted[] = {
    { "/no/such/program", "cannot run it" },
    { "sh -c 'echo oh no >&2; exit 4'", "(exit code 4): oh no" },
    { "echo hello", "'assay-exec 1'" },
    { "sh -c 'echo assay-exec 1; read v i; echo fail $i connect nobody there; read x'",
      "nobody there" },
    { "", "empty" },
    { "sh 'x", "quote" },
};

static void test_unstarted(void)
{
    for (ptrdiff_t i = 0; i < ARRAY_LEN(unstarted); i++) {
        TestTrial t;
        begin(&t, ":");
        test_trial_set(&t, "command", unstarted[i].command);
        test_trial_run(&t);
        CHECK(t.result < 0 && strstr(t.err.msg, unstarted[i].told), "told: %s", t.err.msg);
        test_trial_done(&t);
    }
}

static void test_figures(void)
{
    TestTrial t;
    begin(&t, "echo ok $i ns=5000 bytes=7");
    test_trial_set(&t, "batch", "3");
    test_trial_run(&t);
    double n = 3.0 * (double)t.trial->outcomes.ok;
    CHECK_NEAR(test_trial_value(&t, "calls"), n, 6, "three calls an operation");
    CHECK_NEAR(test_trial_value(&t, "worker_bytes"), 7 * n, 42, "the worker's bytes");
    CHECK_NEAR(test_trial_quantile(&t, "worker_time", 0.5), 5000, 100, "its own times");
    CHECK(test_trial_value(&t, "restarts") == 0, "nobody was started again");
    test_trial_done(&t);
    begin(&t, "exit 1");
    test_trial_run(&t);
    CHECK(test_trial_value(&t, "restarts") > 0, "workers that end are started again");
    test_trial_done(&t);
}

int main(void)
{
    test_cases();
    test_unstarted();
    test_figures();
    return tap_done();
}
