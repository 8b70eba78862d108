/* The witness and the freezer: evidence and cause of standing still. */
#include "selftest/witness.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "selftest/freezer.h"
#include "selftest/sched.h"
#include "tap.h"

static void test_witness(void)
{
    Err err = { 0 };
    Witness *w;
    CLEANUP(witness_report_done) WitnessReport r = { 0 };
    if (!CHECK(witness_start(&w, 0, &err) == 0, "starts %s", err.msg))
        return;
    for (uint64_t until = clock_mono_ns() + 50 * NS_PER_MS; clock_mono_ns() < until;) {
    }
    witness_finish(w, &r);
    CHECK(r.late->n > 0, "saw %llu instants", (unsigned long long)r.late->n);
    CHECK(r.seconds >= 0.05, "over the time it lived");
    CHECK(isnan(r.steal) || (r.steal >= 0 && r.steal <= 1), "stolen share is a share");
}

/* 100 instants: 99 on time, one 5 ms late. */
static void test_blame(void)
{
    double q, by;
    CLEANUP(witness_report_done) WitnessReport r = { .seconds = 10 };
    CHECK_INT(hist_new(&r.late, NULL), 0, "histogram");
    witness_blame(&r, 0.5, 1, &q, &by);
    CHECK(by == 0, "nothing seen explains nothing");
    hist_record_n(r.late, 1000, 99);
    hist_record(r.late, 5000000);
    witness_blame(&r, 0.5, 2, &q, &by);
    CHECK_NEAR(q, 1 - 0.5 / 3, 1e-12, "tail shared by the time and two waits");
    CHECK_NEAR(by, 2000, 4, "both ordinary");
    witness_blame(&r, 0.99, 1, &q, &by);
    CHECK_NEAR(by, 5e6, 5e3, "one wait in the tail");
    r.waited_own_ns = NS_PER_S / 20;
    witness_blame(&r, 0.9, 1, &q, &by);
    CHECK_NEAR(q, 0.955, 1e-9, "half a per cent without a core moves ranks by as much");
    CHECK_NEAR(by, 1000, 2, "but explains no more than that");
    witness_blame(&r, 0.999, 1, &q, &by);
    CHECK(q == 1 && by >= 50e6, "a rare quantile may lie anywhere within what was waited");
}

static void test_sched(void)
{
    SchedWatch w = { .pid = getpid() };
    sched_look(&w);
    CHECK_INT(sched_waited_ns(&w), 0, "the first look is the zero");
    sched_look(&w);
    CHECK(w.n >= 1, "this thread is seen");
    SchedWatch none = { 0 };
    sched_look(&none);
    CHECK_INT(none.n, 0, "nothing watched, nothing seen");
}

static void test_freezer(void)
{
    Err err = { 0 };
    Freezer *f;
    pid_t child = fork();
    if (child == 0) {
        for (;;)
            pause();
    }
    CHECK_INT(freezer_start(&f, child, 0, 50 * NS_PER_MS, &err), 0, "starts");
    CHECK_INT(freezer_finish(f), 0, "that never began stopped nothing");
    CHECK_INT(freezer_finish(NULL), 0, "nor did none");

    CHECK_INT(freezer_start(&f, child, NS_PER_MS, 50 * NS_PER_MS, &err), 0, "starts again");
    freezer_begin(f, clock_mono_ns());
    int status = 0;
    waitpid(child, &status, WUNTRACED);
    CHECK(WIFSTOPPED(status), "the process stands still");
    CHECK(freezer_finish(f) >= 50 * NS_PER_MS, "for its time");
    waitpid(child, &status, WCONTINUED);
    CHECK(WIFCONTINUED(status), "and goes on");
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
}

int main(void)
{
    test_witness();
    test_blame();
    test_sched();
    test_freezer();
    return tap_done();
}
