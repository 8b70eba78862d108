#include "model/expect.h"

#include <errno.h>
#include <string.h>

#include "tap.h"

static const struct {
    const char *text, *metric, *stat;
    ExpectOp op;
    double limit;
    const char *expr;
} good[] = {
    { "latency.p95 < 100ms", "latency", "p95", EXPECT_LT, 100e6, "latency.p95 < 100ms" },
    { "  latency.p95<100 ms ", "latency", "p95", EXPECT_LT, 100e6, "latency.p95 < 100 ms" },
    { "error_rate <= 1%", "error_rate", NULL, EXPECT_LE, 0.01, "error_rate <= 1%" },
    { "error_rate < 0.05", "error_rate", NULL, EXPECT_LT, 0.05, "error_rate < 0.05" },
    { "wall.median \xe2\x89\xa4 20ms", "wall", "median", EXPECT_LE, 20e6, "wall.median <= 20ms" },
    { "throughput >= 10k/s", "throughput", NULL, EXPECT_GE, 10e3, "throughput >= 10k/s" },
    { "throughput \xe2\x89\xa5 500", "throughput", NULL, EXPECT_GE, 500, "throughput >= 500" },
    { "rss_peak.max < 64MiB", "rss_peak", "max", EXPECT_LT, 64.0 * 1048576,
      "rss_peak.max < 64MiB" },
    { "target.cpu < 2", "target.cpu", NULL, EXPECT_LT, 2, "target.cpu < 2" },
    { "target.cpu.max < 1.5", "target.cpu", "max", EXPECT_LT, 1.5, "target.cpu.max < 1.5" },
    { "faults_major == 0", "faults_major", NULL, EXPECT_EQ, 0, "faults_major == 0" },
    { "host.net_in > 1MB/s", "host.net_in", NULL, EXPECT_GT, 1e6, "host.net_in > 1MB/s" },
    { "wall < 1m30s", "wall", NULL, EXPECT_LT, 90e9, "wall < 1m30s" },
    { "wall < 0", "wall", NULL, EXPECT_LT, 0, "wall < 0" },
    { "latency.p99.9 < 1s", "latency", "p999", EXPECT_LT, 1e9, "latency.p999 < 1s" },
    { "wall.stddev < 1ms", "wall", "stddev", EXPECT_LT, 1e6, "wall.stddev < 1ms" },
    { "widgets > 7", "widgets", NULL, EXPECT_GT, 7, "widgets > 7" },
    { "widgets.p99 < 3ms", "widgets", "p99", EXPECT_LT, 3e6, "widgets.p99 < 3ms" },
    { "shop.widgets < 5%", "shop.widgets", NULL, EXPECT_LT, 0.05, "shop.widgets < 5%" },
    { "shop.widgets.mean < 3KiB", "shop.widgets", "mean", EXPECT_LT, 3072,
      "shop.widgets.mean < 3KiB" },
};

static const struct {
    const char *text, *says;
} bad[] = {
    { "latency.p95 < 100", "'latency.p95 < 100': a time needs a unit, e.g. 100ms" },
    { "latency.p95 < 1.5", "e.g. 1.5ms" },
    { "latency.p59 < 100ms", "no statistic 'p59' (did you mean 'p" },
    { "latency.medain < 100ms", "did you mean 'median'?" },
    { "target.cpu.p59 < 1", "no statistic 'p59'" },
    { "latency.p95 < 5%", "a time needs a unit" },
    { "error_rate < 10ms", "a share is a percentage" },
    { "error_rate < -1%", "a share is a percentage" },
    { "throughput > 10ms", "a rate is per second" },
    { "rss_peak < 3s", "a size is bytes" },
    { "latency.p95 100ms", "no <, <=, >, >= or ==" },
    { "latency.p95 = 100ms", "no <, <=, >, >= or ==" },
    { "< 100ms", "no metric before" },
    { "latency p95 < 100ms", "no metric before" },
    { "latency.p95 <", "no value behind" },
    { "latency.p95 << 1ms", "does not fit" },
    { "", "an expectation reads" },
    { "widgets < many", "a number, or one with a unit" },
};

static void test_good(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(good); i++) {
        Expect e = { 0 };
        Err err = { 0 };
        int r = expect_parse(&a, str(good[i].text), &e, &err);
        if (!CHECK(r == 0, "reads '%s' %s", good[i].text, err.msg))
            continue;
        bool same_stat = good[i].stat ? e.stat && strcmp(e.stat, good[i].stat) == 0 : !e.stat;
        CHECK(strcmp(e.metric, good[i].metric) == 0 && same_stat && e.op == good[i].op,
              "  its parts");
        CHECK_NEAR(e.limit, good[i].limit, fabs(good[i].limit) * 1e-12, "  its limit");
        CHECK_STR(e.expr, good[i].expr, "  normalised");
        Expect again = { 0 };
        CHECK(expect_parse(&a, str(e.expr), &again, &err) == 0 && again.limit == e.limit,
              "  reads its own text");
    }
}

static void test_bad(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(bad); i++) {
        Expect e = { .limit = 42 };
        Err err = { 0 };
        CHECK_INT(expect_parse(&a, str(bad[i].text), &e, &err), -EINVAL, "refuses '%s'",
                  bad[i].text);
        if (!CHECK(strstr(err.msg, bad[i].says), "  and says '%s'", bad[i].says))
            printf("# said: %s\n", err.msg);
        CHECK(e.limit == 42, "  and leaves the result alone");
    }
}

static const struct {
    const char *text;
    Kind kind;
    const char *says; /* NULL: fine */
} checks[] = {
    { "wall.p95 < 1s", KIND_COMMAND, NULL },
    { "target.cpu.max < 2", KIND_LOAD, NULL },
    { "status_5xx < 1", KIND_LOAD, NULL },
    { "reconnects == 0", KIND_LOAD, NULL },
    { "latency.p99.9 < 1s", KIND_LOAD, NULL },
    { "time < 1s", KIND_FUNCTION, NULL },
    { "widgets > 7", KIND_HARNESS, NULL },
    { "wal < 1s", KIND_COMMAND, "no metric 'wal'; did you mean 'wall'?" },
    { "wal.p95 < 1s", KIND_COMMAND, "no metric 'wal.p95'; did you mean 'wall.p95'?" },
    { "p99 < 1ms", KIND_LOAD, "no metric 'p99'; did you mean 'latency.p99'?" },
    { "p99.9 < 1ms", KIND_COMMAND, "no metric 'p999'; did you mean 'wall.p999'?" },
    { "zebra < 1", KIND_COMMAND, "no metric 'zebra'; there are wall, cpu, user, system" },
    { "latency.p95 < 1s", KIND_COMMAND, "a command has no latency; it has wall, cpu, user" },
    { "wall < 1s", KIND_LOAD, "a load has no wall; it has latency, service_time" },
};

static void test_check(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(checks); i++) {
        Expect e = { 0 };
        Err err = { 0 };
        if (!CHECK(expect_parse(&a, str(checks[i].text), &e, &err) == 0, "'%s'", checks[i].text))
            continue;
        int r = expect_check(&e, checks[i].kind, &err);
        CHECK(checks[i].says ? r == -EINVAL && strstr(err.msg, checks[i].says) : r == 0, "  %s",
              checks[i].says ? checks[i].says : "may be asked");
        if (r < 0)
            printf("# said: %s\n", err.msg);
    }
}

static void test_holds(void)
{
    static const struct {
        ExpectOp op;
        bool below, at, above;
    } rows[] = { { EXPECT_LT, true, false, false },
                 { EXPECT_LE, true, true, false },
                 { EXPECT_GT, false, false, true },
                 { EXPECT_GE, false, true, true },
                 { EXPECT_EQ, false, true, false } };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++) {
        Expect e = { .op = rows[i].op, .limit = 10 };
        CHECK(expect_holds(&e, 9) == rows[i].below && expect_holds(&e, 10) == rows[i].at &&
                  expect_holds(&e, 11) == rows[i].above,
              "operator %s", expect_op_name(rows[i].op));
        CHECK(!expect_holds(&e, (double)NAN), "  holds for no missing value");
    }
}

int main(void)
{
    test_good();
    test_bad();
    test_check();
    test_holds();
    return tap_done();
}
