/* What the kernel writes of a thread's time, and what it does not write. */
#include "base/schedstat.h"

#include <errno.h>

#include "tap.h"

static void test_parse(void)
{
    static const struct {
        Str text;
        int want;
    } rows[] = {
        { STR("135511 58037 2\n"), 0 }, { STR("135511\n"), -EINVAL },
        { STR(""), -EINVAL },           { STR("a b c"), -EINVAL },
        { STR("1 -2 3"), -EINVAL },     { STR("99999999999999999999 1 1"), -EINVAL },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++) {
        SchedStat s = { 7, 8 };
        CHECK_INT(schedstat_parse(rows[i].text, &s), rows[i].want, "'" STR_FMT "'",
                  STR_ARG(rows[i].text));
        CHECK(rows[i].want ? s.run_ns == 7 && s.wait_ns == 8
                           : s.run_ns == 135511 && s.wait_ns == 58037,
              "   %llu, %llu", (unsigned long long)s.run_ns, (unsigned long long)s.wait_ns);
    }
}

static void test_own(void)
{
    SchedStat a, b;
    if (schedstat_read(SCHEDSTAT_OWN_THREAD, &a) < 0) {
        tap_skip("this kernel tells no schedstat");
        return;
    }
    for (volatile int i = 0; i < 20000000; i++)
        ;
    CHECK_INT(schedstat_read(SCHEDSTAT_OWN_THREAD, &b), 0, "read again");
    CHECK(b.run_ns > a.run_ns && b.wait_ns >= a.wait_ns, "it ran meanwhile");
    CHECK_INT(schedstat_read("/proc/self/no such file", &b), -ENOENT, "what is not there");
}

int main(void)
{
    test_parse();
    test_own();
    return tap_done();
}
