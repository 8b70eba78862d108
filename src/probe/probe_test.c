/* The probe as trials use it: a thread, a mark, an end, and what stands in the trial then. */
#include "probe/probe.h"

#include <errno.h>
#include <unistd.h>

#include "base/clock.h"
#include "probe/probe_internal.h"
#include "probe/test_child.h"
#include "tap.h"

static Trial *new_trial(Run **r)
{
    child_must(run_new(r, "probe", 1, 1, NULL) == 0);
    return case_add_trial(*r, run_add_case(*r, "c", "c", KIND_LOAD, SIDE_HEAD));
}

static double metric(const Trial *t, const char *name)
{
    const Metric *m = trial_find_metric(t, name);
    return m ? m->value : (double)NAN;
}

static const Reason *reason(const Trial *t, const char *code)
{
    for (ptrdiff_t i = 0; i < t->validity.n; i++)
        if (strcmp(t->validity.reasons[i].code, code) == 0)
            return &t->validity.reasons[i];
    return NULL;
}

static Probe *start(int pid)
{
    Probe *p = NULL;
    Err err = { 0 };
    CHECK(probe_start(&p, &(ProbeSpec){ .target_pid = pid, .rate_per_s = 10 }, &err) == 0,
          "start: %s", err.msg);
    return p;
}

/* Units and directions are the well-known ones: no name of a metric is made up on the way. */
static void check_names(const Trial *t)
{
    bool known = true, sound = true;
    for (ptrdiff_t i = 0; i < t->n_metrics; i++) {
        known &= metric_find(t->metrics[i].name) != NULL;
        sound &= isfinite(t->metrics[i].value) && t->metrics[i].value >= 0;
    }
    CHECK(t->n_metrics > 10 && known, "%td metrics, all well known", t->n_metrics);
    CHECK(sound, "metrics are numbers, not negative");
    bool rising = true, numbers = true;
    for (ptrdiff_t i = 0; i < t->series.n; i++) {
        const Series *s = &t->series.v[i];
        for (ptrdiff_t k = 0; k < s->n; k++) {
            rising &= k == 0 || s->t_s[k] > s->t_s[k - 1];
            numbers &= isfinite(s->v[k]) && s->v[k] >= 0;
        }
    }
    CHECK(t->series.n > 10 && rising && numbers, "%td series, time rises, values are numbers",
          t->series.n);
}

static void check_series(const Trial *t, double burnt_s)
{
    const Series *cpu = series_find(&t->series, "target", "cpu");
    CHECK(cpu && cpu->n >= 4, "series of the target's CPU");
    if (!cpu)
        return;
    CHECK(cpu->t_s[0] < 0 && cpu->t_s[cpu->n - 1] > 0, "it begins in the warm-up");
    double sum = 0;
    for (ptrdiff_t i = 1; i < cpu->n; i++)
        sum += cpu->v[i] * (cpu->t_s[i] - cpu->t_s[i - 1]);
    CHECK(sum >= burnt_s * 0.95, "its points add up: %.3f of %.3f s", sum, burnt_s);
    CHECK(strstr(cpu->method, "process tree") && strstr(cpu->method, "Hz"), "method: %s",
          cpu->method);
}

static void test_trial(void)
{
    Run *r;
    Trial *t = new_trial(&r);
    Child c = child_start();
    Probe *p = start(c.pid);
    probe_await(p, 2);
    uint64_t begin = clock_mono_ns();
    probe_mark(p, begin);
    double burnt = (double)child_ask(&c, ORDER_BURN, 400 * NS_PER_MS);
    probe_await(p, 2);
    uint64_t end = clock_mono_ns();
    Err err = { 0 };
    CHECK(probe_finish(p, end, r, t, &err) == 0, "finish %s", err.msg);
    double seconds = (double)(end - begin) / 1e9;
    CHECK_NEAR(metric(t, "target.cpu") * seconds * 1e9, burnt, 0.1 * burnt, "target.cpu");
    CHECK(metric(t, "target.rss") > 100e3, "target.rss");
    CHECK(metric(t, "target.rss_peak") >= metric(t, "target.rss"), "target.rss_peak");
    CHECK(metric(t, "target.threads") >= 1, "target.threads");
    CHECK(metric(t, "target.fds") > 2, "target.fds");
    CHECK(metric(t, "generator.rss_peak") > 100e3, "generator.rss_peak");
    CHECK(metric(t, "host.cpu") > 0 && metric(t, "host.cpu") <= 1, "host.cpu is a share");
    CHECK(metric(t, "host.steal") >= 0, "host.steal is known");
    check_names(t);
    check_series(t, burnt / 1e9);
    CHECK(!reason(t, "target-vanished"), "the target is there");
    child_end(&c);
    run_free(r);
}

/* Without a target, its figures are left out, and nobody is called a stranger. */
static void test_no_target(void)
{
    Run *r;
    Trial *t = new_trial(&r);
    Probe *p = start(0);
    probe_mark(p, clock_mono_ns());
    probe_await(p, 3);
    CHECK(probe_finish(p, clock_mono_ns(), r, t, NULL) == 0, "finish");
    bool any = false;
    for (ptrdiff_t i = 0; i < t->n_metrics; i++)
        any |= strncmp(t->metrics[i].name, "target.", 7) == 0;
    CHECK(!any && !series_find(&t->series, "target", "cpu"), "nothing is said of a target");
    CHECK(isnan(metric(t, "host.foreign_cpu")), "nor of others");
    CHECK(metric(t, "generator.cpu") > 0, "generator.cpu");
    CHECK(series_find(&t->series, "host", "steal"), "series of steal");
    run_free(r);
}

static void test_vanished(void)
{
    Run *r;
    Trial *t = new_trial(&r);
    Child c = child_start();
    Probe *p = start(c.pid);
    probe_mark(p, clock_mono_ns());
    child_ask(&c, ORDER_BURN, 30 * NS_PER_MS);
    child_end(&c);
    probe_await(p, 2);
    CHECK(probe_finish(p, clock_mono_ns(), r, t, NULL) == 0, "finish");
    CHECK(reason(t, "target-vanished"), "a target that ended is told");
    CHECK_INT(t->validity.grade, GRADE_SUSPECT, "the trial is suspect");
    CHECK(isnan(metric(t, "target.rss")), "its memory at the end is missing, not 0");
    run_free(r);
}

static void test_refused(void)
{
    Probe *p = NULL;
    Err err = { 0 };
    Child c = child_start();
    int pid = c.pid;
    child_end(&c);
    CHECK_INT(probe_start(&p, &(ProbeSpec){ .target_pid = pid, .rate_per_s = 10 }, &err), -ESRCH,
              "no such process");
    CHECK_INT(probe_start(&p, &(ProbeSpec){ .rate_per_s = 0 }, &err), -EINVAL, "no rate");
    CHECK(!p, "nothing was started");
    CHECK(probe_free(NULL) == NULL, "nothing is freed");
}

/* An end in the middle: later looks do not count. And a mark that never comes. */
static void test_ends(void)
{
    Run *r;
    Trial *t = new_trial(&r);
    Child c = child_start();
    Probe *p = start(c.pid);
    probe_mark(p, clock_mono_ns());
    probe_await(p, 3);
    uint64_t end = clock_mono_ns();
    probe_await(p, 4);
    CHECK(probe_finish(p, end, r, t, NULL) == 0, "finish");
    const Series *s = series_find(&t->series, "generator", "cpu");
    CHECK(s && s->n >= 2 && s->n <= 4, "points up to the end only");
    CHECK(metric(t, "target.switches") >= 0, "what is read once a second is known all the same");
    child_end(&c);
    run_free(r);

    t = new_trial(&r);
    p = start(0);
    probe_mark(p, clock_mono_ns() + 3600 * NS_PER_S);
    probe_await(p, 2);
    CHECK(probe_finish(p, clock_mono_ns(), r, t, NULL) == 0, "finish before the mark");
    CHECK(metric(t, "generator.cpu") > 0, "counts from the start");
    run_free(r);

    p = start(0);
    probe_mark(p, clock_mono_ns());
    CHECK(probe_free(p) == NULL, "stop and forget");
}

static void test_cost(void)
{
    enum { CHILDREN = 20 };
    Run *r;
    Trial *t = new_trial(&r);
    Child c = child_start();
    uint64_t kids[CHILDREN];
    for (int i = 0; i < CHILDREN; i++)
        kids[i] = child_ask(&c, ORDER_KEEP_CHILD, 0);
    Probe *p = start(c.pid);
    probe_await(p, 1);
    probe_mark(p, clock_mono_ns());
    probe_await(p, 20);
    CHECK(probe_finish(p, clock_mono_ns(), r, t, NULL) == 0, "finish");
    const Series *s = series_find(&t->series, "target", "processes");
    CHECK(s && s->v[s->n - 1] == CHILDREN + 1, "all processes are seen");
    double share = metric(t, "generator.sampler_cpu");
    printf("# sampling %d processes at 10 Hz took %.2f %% of a core\n", CHILDREN + 1, share * 100);
#if !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)
    CHECK(share < 0.03, "sampling is cheap");
#endif
    for (int i = 0; i < CHILDREN; i++)
        child_ask(&c, ORDER_END_CHILD, kids[i]);
    child_end(&c);
    run_free(r);
}

int main(void)
{
    Child first = child_start(); /* what the helper itself keeps open, it has open from here on */
    child_end(&first);
    int fds = count_own_fds();
    test_trial();
    test_no_target();
    test_vanished();
    test_refused();
    test_ends();
    test_cost();
    CHECK_INT(count_own_fds(), fds, "no descriptor is left open");
    return tap_done();
}
