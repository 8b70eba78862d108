/* Counters: what differences come to, and the software ones of a real child. */
#include "launch/perf.h"

#include <sys/wait.h>
#include <unistd.h>

#include "launch/simulate.h"
#include "tap.h"

static void test_values(void)
{
    static const struct {
        uint64_t count, enabled, running;
        bool there, estimated;
        double value;
        const char *why;
    } rows[] = {
        { 1000, 50, 50, true, false, 1000, "it ran all the time" },
        { 1000, 100, 50, true, true, 2000, "half of the time: scaled, and said" },
        { 0, 50, 50, true, false, 0, "a real zero" },
        { 0, 50, 0, false, false, 0, "never scheduled is missing, not zero" },
        { 0, 0, 0, false, false, 0, "nothing happened" },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++) {
        PerfValue v = perf_value("x", rows[i].count, rows[i].enabled, rows[i].running);
        CHECK(v.there == rows[i].there && v.estimated == rows[i].estimated, "%s", rows[i].why);
        CHECK_NEAR(v.value, rows[i].value, 1e-9, "   its value");
        CHECK(v.there || v.why, "   what is missing says why");
    }
}

/* The counters stand before the child does, as with the launcher. */
static void test_child(void)
{
    Err err = { 0 };
    PerfSet *p = NULL;
    PerfValue v[PERF_VALUES];
    CHECK_INT(perf_open(&p, getpid(), &err), 0, "opened: %s", err.msg);
    perf_begin(p);
    pid_t child = fork();
    if (child == 0) {
        volatile int x = 0;
        for (int i = 0; i < 3000000; i++)
            x += i;
        _exit(0);
    }
    waitpid(child, NULL, 0);
    perf_end(p, v);
    ptrdiff_t there = 0;
    for (int i = 0; i < PERF_VALUES; i++) {
        CHECK(v[i].there || (v[i].why && *v[i].why), "%s: %s", v[i].name,
              v[i].there ? "counted" : v[i].why);
        there += v[i].there;
        if (strcmp(v[i].name, "instructions") == 0 && v[i].there)
            CHECK(v[i].value > 3e6, "the child's instructions are in it: %g", v[i].value);
    }
    CHECK(perf_any(p) || !v[0].there, "hardware is there, or instructions are not");
    perf_close(p);
}

static void test_summary(void)
{
    static const struct {
        const char *text;
        double want; /* < 0: refused */
    } rows[] = {
        { "desc: x\ncmd: true\nevents: Ir\nfn=a\n1 5\nsummary: 127497\n", 127497 },
        { "events: Ir Dr\nsummary: 12 7 5", 12 },
        { "summary:\n", -1 },
        { "", -1 },
        { "summary: x\n", -1 },
        { "fn=summary: 5\n", -1 },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++) {
        double n = -1;
        Err err = { 0 };
        int r = simulate_read(str(rows[i].text), &n, &err);
        CHECK((r == 0) == (rows[i].want >= 0), "output %td %s", i, err.msg);
        CHECK(r < 0 || (n >= rows[i].want && n <= rows[i].want), "   %g", n);
    }
}

int main(void)
{
    test_values();
    test_child();
    test_summary();
    return tap_done();
}
