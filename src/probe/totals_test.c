#include "probe/totals.h"

#include "tap.h"

/* A trial that nothing is wrong with. */
static Totals calm(void)
{
    return (Totals){ .looked_s = 10,
                     .rate_per_s = 10,
                     .n_looks = 101,
                     .gap_s = 0.11,
                     .wall_step_ns = 2000,
                     .steal = 0.01,
                     .steal_ticks = 20,
                     .capacity = 2,
                     .idle = 1,
                     .host_cpu = 0.5,
                     .target_cpu = 0.6,
                     .foreign_cpu = 0.1,
                     .thread_cpu = 0.6,
                     .thread_tid = 12,
                     .thread_name = "nginx",
                     .pressure_memory = 0,
                     .pressure_io = 0.01,
                     .ended_s = (double)NAN };
}

static Totals unknown(void)
{
    return (Totals){ .looked_s = 10,
                     .rate_per_s = 10,
                     .n_looks = 100,
                     .wall_step_ns = (double)NAN,
                     .steal = (double)NAN,
                     .steal_ticks = (double)NAN,
                     .capacity = (double)NAN,
                     .idle = (double)NAN,
                     .host_cpu = (double)NAN,
                     .target_cpu = (double)NAN,
                     .foreign_cpu = (double)NAN,
                     .thread_cpu = (double)NAN,
                     .thread_name = "",
                     .pressure_memory = (double)NAN,
                     .pressure_io = (double)NAN,
                     .ended_s = (double)NAN };
}

/* The one reason's code, or "" without one. */
static void check_reason(const Totals *t, const char *code, Grade grade, const char *has,
                         const char *why)
{
    Arena a = { 0 };
    Validity v = { 0 };
    totals_judge(t, &v, &a);
    CHECK_INT(v.n, code[0] ? 1 : 0, "%s: reasons", why);
    CHECK_INT(v.grade, grade, "%s: grade", why);
    CHECK_STR(v.n ? v.reasons[0].code : "", code, "%s: code", why);
    CHECK(v.n == 0 || strstr(v.reasons[0].text, has), "%s: text says '%s'", why, has);
    arena_done(&a);
}

typedef struct Row {
    const char *why;
    ptrdiff_t at; /* offset of a double in Totals */
    double value;
    const char *code;
    Grade grade;
    const char *has;
} Row;

#define AT(field) (ptrdiff_t) offsetof(Totals, field)

static const Row rows[] = {
    { "steal at the limit", AT(steal), 0.05, "", GRADE_VALID, "" },
    { "steal above", AT(steal), 0.0512, "steal", GRADE_SUSPECT, "5.1 %" },
    { "a gap of three periods", AT(gap_s), 0.3, "", GRADE_VALID, "" },
    { "a longer gap", AT(gap_s), 0.42, "sampler-starved", GRADE_SUSPECT, "0.42 s" },
    { "slewing", AT(wall_step_ns), -0.9e6, "", GRADE_VALID, "" },
    { "stepped back", AT(wall_step_ns), -1.1e9, "clock-stepped", GRADE_SUSPECT, "-1.100 s" },
    { "target ended", AT(ended_s), 2.5, "target-vanished", GRADE_SUSPECT, "2.5 s" },
    { "others, but room for all", AT(foreign_cpu), 0.9, "", GRADE_VALID, "" },
    { "no room, but no others", AT(idle), 0.1, "", GRADE_VALID, "" },
    { "target on all cores", AT(target_cpu), 1.9, "bottleneck", GRADE_VALID,
      "cpu of target, 95 % of 2" },
    { "one thread at its end", AT(thread_cpu), 0.98, "bottleneck", GRADE_VALID,
      "thread 12 (nginx) kept its core 98 % busy" },
    { "host full", AT(host_cpu), 0.97, "bottleneck", GRADE_VALID, "cpu of host, 97 %" },
    { "memory short", AT(pressure_memory), 0.2, "bottleneck", GRADE_VALID, "memory of host" },
    { "storage slow", AT(pressure_io), 0.6, "bottleneck", GRADE_VALID, "storage of host" },
};

int main(void)
{
    Totals t = calm();
    check_reason(&t, "", GRADE_VALID, "", "calm");
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++) {
        t = calm();
        *(double *)(void *)((char *)&t + rows[i].at) = rows[i].value;
        check_reason(&t, rows[i].code, rows[i].grade, rows[i].has, rows[i].why);
    }
    t = unknown();
    check_reason(&t, "", GRADE_VALID, "", "what is unknown is no reason");
    t = calm();
    t.steal = 0.06;
    t.steal_ticks = 2;
    check_reason(&t, "", GRADE_VALID, "", "two ticks of steal in a short trial");
    t = calm();
    t.n_looks = 69;
    check_reason(&t, "sampler-starved", GRADE_SUSPECT, "69 of 100", "too few looks");
    t.looked_s = 0.5;
    t.n_looks = 3;
    check_reason(&t, "", GRADE_VALID, "", "few looks in a short trial");
    t = calm();
    t.foreign_cpu = 0.5;
    t.idle = 0.2;
    check_reason(&t, "foreign-load", GRADE_SUSPECT, "0.50 cores", "others took time");
    t = calm();
    t.too_many = true;
    check_reason(&t, "tree-too-large", GRADE_SUSPECT, "1024", "too many processes");
    return tap_done();
}
