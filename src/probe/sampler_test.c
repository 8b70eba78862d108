/* Process trees that come and go, told what to use; what they say is held against what was seen. */
#include "probe/sampler.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "probe/test_child.h"
#include "tap.h"

#define MS(n) ((n)*NS_PER_MS)
#define MIB (1024.0 * 1024)

static Sampler *start(const Child *c)
{
    static Sampler s;
    Err err = { 0 };
    child_must(sampler_init(&s, c->pid, &err) == 0);
    return &s;
}

/* Growth since begin, in the source's unit. */
static double grown(Sampler *s, Fig f)
{
    sampler_look(s, true);
    return s->samples[s->n - 1].v[f] - s->begin.v[f];
}

static double level(Sampler *s, Fig f)
{
    sampler_look(s, true);
    return s->samples[s->n - 1].v[f];
}

static void test_burner(void)
{
    Child c = child_start();
    child_ask(&c, ORDER_BURN, MS(20));
    Sampler *s = start(&c);
    double burnt = (double)child_ask(&c, ORDER_BURN, MS(300));
    CHECK_NEAR(grown(s, FIG_TARGET_CPU), burnt, 0.05 * burnt, "burner: CPU as it says itself");
    double split = grown(s, FIG_TARGET_USER) + grown(s, FIG_TARGET_SYSTEM);
    CHECK_NEAR(split, burnt, 45e6, "burner: user and system, by ticks, make the whole");
    sampler_done(s);
    child_end(&c);
}

static void test_children_waited_for(void)
{
    Child c = child_start();
    Sampler *s = start(&c);
    double burnt = 0;
    for (int i = 0; i < 5; i++)
        burnt += (double)child_ask(&c, ORDER_RUN_CHILD, MS(30));
    CHECK_NEAR(grown(s, FIG_TARGET_CPU), burnt, 25e6, "children that nobody saw are booked");
    CHECK(grown(s, FIG_TARGET_FAULTS_MINOR) > 5, "their faults, too");
    sampler_done(s);
    child_end(&c);
}

/* Its last look, the kernel's booking when it was waited for: each used nanosecond once. */
static void test_child_seen_then_waited_for(void)
{
    Child c = child_start();
    Sampler *s = start(&c);
    uint64_t kid = child_ask(&c, ORDER_KEEP_CHILD, MS(100));
    double seen = grown(s, FIG_TARGET_CPU);
    CHECK(seen >= 100e6, "a child is seen");
    CHECK_INT(level(s, FIG_TARGET_PROCESSES), 2, "two processes");
    CHECK_INT(child_ask(&c, ORDER_END_CHILD, kid), 1, "it was waited for");
    double after = grown(s, FIG_TARGET_CPU);
    CHECK(after >= seen, "the sum does not fall when it ends");
    CHECK_NEAR(after, seen, 25e6, "and nothing counts twice");
    CHECK_INT(level(s, FIG_TARGET_PROCESSES), 1, "one process");
    sampler_done(s);
    child_end(&c);
}

static void test_child_never_waited_for(void)
{
    Child c = child_start();
    child_ask(&c, ORDER_IGNORE, 0);
    Sampler *s = start(&c);
    uint64_t kid = child_ask(&c, ORDER_KEEP_CHILD, MS(100));
    double seen = grown(s, FIG_TARGET_CPU);
    CHECK_INT(child_ask(&c, ORDER_END_CHILD, kid), 0, "nobody waits for it");
    CHECK(grown(s, FIG_TARGET_CPU) >= seen, "its last look still counts");
    sampler_done(s);
    child_end(&c);
}

/* This process takes orphans over, so it knows when they have ended. */
static void test_orphan(void)
{
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    Child c = child_start();
    Sampler *s = start(&c);
    int kid = (int)child_ask(&c, ORDER_KEEP_CHILD, MS(50));
    double seen = grown(s, FIG_TARGET_CPU);
    child_tell(&c, ORDER_END, 0);
    waitpid(c.pid, NULL, 0);
    CHECK(grown(s, FIG_TARGET_CPU) >= seen, "the parent's part stays when it ends");
    CHECK_INT(level(s, FIG_TARGET_PROCESSES), 1, "an orphan still belongs");
    CHECK(s->ended_ns == 0, "the target has not ended");
    kill(kid, SIGKILL);
    waitpid(kid, NULL, 0);
    CHECK(grown(s, FIG_TARGET_CPU) >= seen, "the orphan's part stays when it ends");
    CHECK(isnan(level(s, FIG_TARGET_RSS)), "nothing is left: no memory, not 0");
    CHECK(s->ended_ns > 0, "the target has ended");
    sampler_done(s);
    close(c.to);
    close(c.from);
}

static void test_tree(void)
{
    Child c = child_start();
    Sampler *s = start(&c);
    double threads = level(s, FIG_TARGET_THREADS); /* a sanitizer has its own, too */
    uint64_t kids[3];
    for (int i = 0; i < 3; i++)
        kids[i] = child_ask(&c, ORDER_KEEP_CHILD, MS(40));
    double cpu = grown(s, FIG_TARGET_CPU);
    CHECK(cpu >= 120e6 && cpu < 200e6, "sum over four processes: %.0f ms", cpu / 1e6);
    CHECK_INT(level(s, FIG_TARGET_PROCESSES), 4, "four processes");
    CHECK_INT(level(s, FIG_TARGET_THREADS), 4 * threads, "all their threads");
    Tree all;
    CHECK(tree_init(&all, c.pid, true, &s->buf, NULL) == 0, "without lists of children");
    CHECK_INT(all.n, 4, "the same four are found");
    tree_done(&all);
    sampler_done(s);
    for (int i = 0; i < 3; i++)
        child_ask(&c, ORDER_END_CHILD, kids[i]);
    child_end(&c);
}

static void test_memory(void)
{
#ifdef __SANITIZE_THREAD__
    tap_skip("each touched byte takes shadow memory, too");
    return;
#endif
    Child c = child_start();
    Sampler *s = start(&c);
    double before = level(s, FIG_TARGET_RSS);
    child_ask(&c, ORDER_MAP, 64 << 20);
    CHECK_NEAR(level(s, FIG_TARGET_RSS) - before, 64 * MIB, MIB, "64 MiB more");
    child_ask(&c, ORDER_UNMAP, 0);
    CHECK_NEAR(level(s, FIG_TARGET_RSS) - before, 0, MIB, "and gone");
    sampler_mark(s, clock_mono_ns());
    CHECK_INT(tree_peak(&s->tree), 0, "peaks of before do not count");
    child_ask(&c, ORDER_MAP, 96 << 20);
    child_ask(&c, ORDER_UNMAP, 0);
    sampler_look(s, true);
    CHECK_NEAR((double)tree_peak(&s->tree) - before, 96 * MIB, MIB,
               "a peak between two looks is known");
    sampler_done(s);
    child_end(&c);
}

static void test_threads(void)
{
    Child c = child_start();
    Sampler *s = start(&c);
    double before = level(s, FIG_TARGET_THREADS);
    uint64_t tid = child_ask(&c, ORDER_THREAD, MS(100)), run_ns;
    CHECK(level(s, FIG_TARGET_THREADS) >= before + 1, "a thread more");
    const ThreadSeen *busiest = threads_busiest(&s->threads, &run_ns);
    CHECK(busiest && busiest->tid == (int)tid, "the busiest thread is known");
    CHECK(run_ns >= MS(100) && run_ns < MS(130), "by its time on a core: %.1f ms",
          (double)run_ns / 1e6);
    CHECK(busiest && busiest->name[0], "and by name");
    before = grown(s, FIG_TARGET_SWITCHES);
    child_ask(&c, ORDER_SWITCH, 200);
    double switches = grown(s, FIG_TARGET_SWITCHES) - before;
    CHECK(switches >= 200, "switches are counted: %.0f", switches);
    CHECK(grown(s, FIG_TARGET_RUN_WAIT) >= 0, "waits for a core are known");
    sampler_done(s);
    child_end(&c);
}

static void test_descriptors(void)
{
    Child c = child_start();
    Sampler *s = start(&c);
    double before = level(s, FIG_TARGET_FDS);
    child_ask(&c, ORDER_OPEN, 37);
    CHECK_NEAR(level(s, FIG_TARGET_FDS) - before, 37, 0, "37 descriptors more");
    sampler_done(s);
    child_end(&c);
}

static void test_io(void)
{
    enum { TMPFS = 0x01021994 };
    struct statfs fs;
    if (statfs("/var/tmp", &fs) < 0 || fs.f_type == TMPFS) {
        tap_skip("/var/tmp is no storage");
        return;
    }
    Child c = child_start();
    Sampler *s = start(&c);
    double written = child_ask(&c, ORDER_WRITE, 1 << 20) ? MIB : 0;
    CHECK(grown(s, FIG_TARGET_IO_WRITE) >= written, "what was written is counted");
    CHECK(grown(s, FIG_TARGET_IO_WRITE) < 2 * MIB, "and not twice");
    sampler_done(s);
    child_end(&c);
}

static void test_vanished(void)
{
    Child c = child_start();
    int pid = c.pid;
    Sampler *s = start(&c);
    double burnt = (double)child_ask(&c, ORDER_BURN, MS(50));
    double seen = grown(s, FIG_TARGET_CPU);
    CHECK(seen >= burnt, "seen");
    kill(c.pid, SIGKILL);
    siginfo_t info;
    waitid(P_PID, (id_t)c.pid, &info, WEXITED | WNOWAIT);
    CHECK(isnan(level(s, FIG_TARGET_RSS)), "a zombie has no memory");
    CHECK(s->ended_ns > 0, "and is no living target");
    child_end(&c);
    CHECK(grown(s, FIG_TARGET_CPU) >= seen, "what it used stays");
    CHECK_INT(s->tree.n, 0, "nothing is left to look at");
    sampler_done(s);

    Err err = { 0 };
    static Sampler none;
    CHECK_INT(sampler_init(&none, pid, &err), -ESRCH, "no such process");
    CHECK(strstr(err.msg, "watch process"), "says which: %s", err.msg);
}

/* Samples are thinned out, yet the first second and the last are there, in order, within bounds. */
static void test_bounded(void)
{
    static Sampler s;
    CHECK(sampler_init(&s, 0, NULL) == 0, "no target");
    for (int i = 0; i < 3 * SAMPLES_MAX; i++)
        sampler_look(&s, false);
    bool ordered = true;
    for (int i = 1; i < s.n; i++)
        ordered &= s.samples[i - 1].at_ns < s.samples[i].at_ns;
    CHECK(s.n <= SAMPLES_MAX && s.n > SAMPLES_MAX / 4, "bounded: %d", s.n);
    CHECK(ordered, "in order");
    CHECK_INT(s.stride, 4, "one of four is kept");
    CHECK(isnan(s.samples[0].v[FIG_TARGET_CPU]), "without a target its figures are missing");
    CHECK(sampler_near(&s, s.last_at_ns + NS_PER_S) == &s.samples[s.n - 1], "nearest: the last");
    CHECK(sampler_near(&s, s.begin.at_ns - NS_PER_S)->at_ns >= s.begin.at_ns,
          "nearest: not before begin");
    sampler_done(&s);
}

int main(void)
{
    Child first = child_start(); /* what the helper itself keeps open, it has open from here on */
    child_end(&first);
    int fds = count_own_fds();
    test_burner();
    test_children_waited_for();
    test_child_seen_then_waited_for();
    test_child_never_waited_for();
    test_orphan();
    test_tree();
    test_memory();
    test_threads();
    test_descriptors();
    test_io();
    test_vanished();
    test_bounded();
    CHECK_INT(count_own_fds(), fds, "no descriptor is left open");
    return tap_done();
}
