/* What pairs say about a machine, and tuning a tree of files that stands for one. */
#include "host/host.h"

#include <errno.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/rng.h"
#include "host/host_internal.h"
#include "tap.h"

enum { N = 4000 };
static double x[N];

static HostNoise judge(double sigma, double drift)
{
    Rng rng = rng_new(3, "host-test", 0);
    HostNoise n = { .name = "x", .effect_rounds = 30 };
    Err err = { 0 };
    double level = 0;
    for (ptrdiff_t i = 0; i < N; i++) {
        level = 0.95 * level + drift * rng_normal(&rng);
        x[i] = level + sigma * rng_normal(&rng);
    }
    CHECK_INT(host_judge(x, N, &n, &err), 0, "judged: %s", err.msg);
    return n;
}

static void test_judge(void)
{
    HostNoise n = judge(0.02, 0);
    CHECK_NEAR(n.sigma, 0.02, 0.002, "the spread of independent pairs");
    /* 8 of 10 or more on one side of an interval of ranks 2 and 9: 2 * 11 / 1024 */
    CHECK_NEAR(n.differs, 0.0215, 0.01, "alarms as often as the interval allows");
    CHECK(n.false_alarm_rate <= n.differs, "verdicts beyond 1 %% are fewer");
    CHECK(n.smallest_effect > 0.01 && n.smallest_effect < 0.03, "30 rounds find %g",
          n.smallest_effect);
    HostNoise wide = judge(0.1, 0);
    CHECK(wide.smallest_effect > 4 * n.smallest_effect, "more spread, less to see");
    HostNoise drifting = judge(0.005, 0.01);
    CHECK(drifting.differs > 0.2, "pairs that go along with their neighbours cry wolf: %g",
          drifting.differs);
    Err err = { 0 };
    CHECK_INT(host_judge(x, HOST_WINDOW - 1, &n, &err), -EINVAL, "too few rounds: %s", err.msg);
}

static void test_grades(void)
{
    static const struct {
        double command, function, alarms;
        HostGrade want;
    } cases[] = {
        { 0.005, 0.001, 0, HOST_QUIET },      { 0.03, 0.001, 0, HOST_USABLE },
        { 0.001, 0.03, 0, HOST_USABLE },      { 0.1, 0.01, 0, HOST_NOISY },
        { 0.005, 0.001, 0.1, HOST_NOISY },    { 0.5, 0.01, 0, HOST_UNUSABLE },
        { 0.005, 0.001, 0.3, HOST_UNUSABLE }, { (double)NAN, 0.1, 0, HOST_UNUSABLE },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(cases); i++) {
        HostReport r = { 0 };
        r.noise[0].smallest_effect = cases[i].command;
        r.noise[0].false_alarm_rate = cases[i].alarms;
        r.noise[2].smallest_effect = cases[i].function;
        CHECK_STR(host_grade_name(host_grade(&r)), host_grade_name(cases[i].want), "case %td", i);
    }
}

/* ---- a machine made of files ---- */

static Arena arena;
static char root[] = "/tmp/assay-host-test-XXXXXX";

static void put(const char *path, const char *text)
{
    Err err;
    const char *full = arena_printf(&arena, "%s%s", root, path);
    if (fs_mkdirs(fs_dirname(&arena, full), &err) < 0 || fs_write(full, str(text), &err) < 0)
        abort();
}

static const char *get(const char *path)
{
    return host_line(&arena, root, path);
}

static const HostCheck *check_of(const HostReport *r, const char *name)
{
    for (ptrdiff_t i = 0; i < r->n_checks; i++)
        if (strcmp(r->checks[i].name, name) == 0)
            return &r->checks[i];
    return NULL;
}

static void test_checks(void)
{
    HostReport r = { .testbed = { .cpus = 2, .virtualisation = "none" } };
    put("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n");
    put("/sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "performance\n");
    put("/sys/devices/system/cpu/intel_pstate/no_turbo", "0\n");
    put("/sys/devices/system/cpu/smt/control", "notsupported\n");
    put("/sys/devices/system/clocksource/clocksource0/current_clocksource", "hpet\n");
    put("/proc/loadavg", "1.70 0.5 0.1 1/100 77\n");
    put("/proc/meminfo", "MemTotal: 1000 kB\nMemAvailable: 50 kB\n");
    put("/sys/fs/cgroup/cpu.stat", "usage_usec 5\nnr_throttled 12\n");
    host_check(&r, root, "/");
    static const char *const troubles[] = { "governor", "turbo",       "clock-source",
                                            "load",     "free-memory", "throttled" };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(troubles); i++) {
        const HostCheck *c = check_of(&r, troubles[i]);
        CHECK(c && !c->fine && c->advice && *c->advice, "%s is told, with a cure", troubles[i]);
    }
    const HostCheck *boost = check_of(&r, "boost");
    CHECK(boost && boost->fine && !boost->value, "what the machine does not say is no trouble");
    const HostCheck *bare = check_of(&r, "virtualisation");
    CHECK(bare && bare->fine, "nor is bare metal");
    host_report_done(&r);
}

static void test_tuning(void)
{
    StrBuf out = { 0 };
    Err err = { 0 };
    ptrdiff_t n = 0;
    const char *journal = arena_printf(&arena, "%s/lib/tuned", root);
    CHECK_INT(host_restore(journal, &out, &n, &err), -ENOENT, "nothing to restore: %s", err.msg);
    CHECK_INT(host_tune(root, journal, &out, &n, &err), 0, "tuned: %s", err.msg);
    CHECK_INT(n, 2, "what was not as it should be is set");
    CHECK_STR(get("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"), "performance",
              "governor");
    CHECK_STR(get("/sys/devices/system/cpu/intel_pstate/no_turbo"), "1", "turbo is off");
    CHECK_STR(get("/sys/devices/system/cpu/smt/control"), "notsupported", "the rest is left");
    CHECK_INT(host_tune(root, journal, &out, &n, &err), -EEXIST, "not twice: %s", err.msg);
    CHECK_INT(host_restore(journal, &out, &n, &err), 0, "put back: %s", err.msg);
    CHECK_INT(n, 2, "all of it");
    CHECK_STR(get("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"), "powersave",
              "governor");
    CHECK_STR(get("/sys/devices/system/cpu/cpu1/cpufreq/scaling_governor"), "performance",
              "of each CPU as it was");
    CHECK_STR(get("/sys/devices/system/cpu/intel_pstate/no_turbo"), "0", "turbo");
    CHECK(!fs_exists(journal), "the journal is gone");
    strbuf_done(&out);
}

static void test_memory(void)
{
    HostReport r = { .testbed = { .fingerprint = "0123456789abcdef" }, .grade = HOST_NOISY };
    Err err = { 0 };
    setenv("XDG_STATE_HOME", root, 1);
    CHECK(!host_recall(&arena, &r.testbed), "an unknown testbed says nothing");
    r.noise[0].smallest_effect = 0.041;
    r.noise[2].smallest_effect = 0.012;
    r.noise[3].smallest_effect = 0.09;
    for (int i = 0; i < HOST_NOISES; i++)
        r.noise[i].name = (const char *[]){ "command", "command_cpu", "function", "request" }[i],
        r.noise[i].what = "";
    CHECK_INT(host_remember(&arena, &r, &err), 0, "kept: %s", err.msg);
    CHECK_STR(host_recall(&arena, &r.testbed),
              "noisy; smallest effect: command 4.10 %, function 1.20 %, request 9.00 %",
              "recalled");
    r.testbed.fingerprint = "fedcba9876543210";
    CHECK(!host_recall(&arena, &r.testbed), "for that testbed only");
}

int main(void)
{
    Err err;
    if (!mkdtemp(root))
        return 1;
    test_judge();
    test_grades();
    test_checks();
    test_tuning();
    test_memory();
    CHECK_INT(fs_remove_tree(root, &err), 0, "cleaned up");
    arena_done(&arena);
    return tap_done();
}
