/* Conditions over a sliding window: what is understood, when they speak, when they forget. */
#include "load/stop.h"

#include <errno.h>

#include "tap.h"

static Arena arena;

static void test_texts(void)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        { "error_rate > 5%", NULL },
        { "error_rate > 5% or latency.p95 > 5s", NULL },
        { "throughput < 10/s or latency.max >= 1s or error_rate > 0.5", NULL },
        { "error_rate", "" },
        { "wall > 3s", "is not watched" },
        { "target.cpu > 3", "is not watched" },
        { "error_rate > 5% or ", "" },
        { "latency.p95 > 5", "needs a unit" },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++) {
        Err err = { 0 };
        Expect clauses[STOP_CLAUSES_MAX];
        ptrdiff_t n;
        int r = stop_parse(&arena, rows[i].text, clauses, &n, &err);
        CHECK_INT(r, rows[i].says ? -EINVAL : 0, "'%s' %s", rows[i].text, err.msg);
        CHECK(!rows[i].says || strstr(err.msg, rows[i].says), "   says why");
    }
}

/* Feed one second in tenths; the answer of the last. */
static const Expect *second(Stop *s, uint64_t latency_ns, uint64_t ok, uint64_t failed,
                            double *value)
{
    const Expect *e = NULL;
    Hist *h = NULL;
    Err err;
    if (hist_new(&h, &err) < 0)
        abort();
    for (uint64_t i = 0; i < ok / 10; i++)
        hist_record(h, latency_ns);
    for (int i = 0; i < 10 && !e; i++)
        e = stop_feed(s, h, ok / 10, failed / 10, 0.1, value);
    hist_free(h);
    return e;
}

static void test_window(void)
{
    Stop s;
    Err err = { 0 };
    double v = 0;
    CHECK_INT(stop_init(&s, &arena, "error_rate > 5% or latency.p95 > 5ms", 5 * NS_PER_S, &err), 0,
              "%s", err.msg);
    for (int i = 0; i < 4; i++)
        CHECK(!second(&s, NS_PER_MS, 100, 50, &v), "not before a whole window has passed (%d s)",
              i + 1);
    const Expect *e = second(&s, NS_PER_MS, 100, 50, &v);
    CHECK(e && strcmp(e->metric, "error_rate") == 0, "then it speaks");
    CHECK_NEAR(v, 1.0 / 3, 0.01, "with the share it met");
    stop_done(&s);

    CHECK_INT(stop_init(&s, &arena, "error_rate > 5% or latency.p95 > 5ms", 2 * NS_PER_S, &err), 0,
              "again");
    for (int i = 0; i < 20; i++)
        if (second(&s, NS_PER_MS, 100, 0, &v))
            CHECK(false, "a sound load goes on");
    CHECK(!second(&s, NS_PER_MS, 1000, 10, &v), "one per cent is below the limit");
    e = NULL;
    for (int i = 0; i < 3 && !e; i++)
        e = second(&s, 10 * NS_PER_MS, 1000, 0, &v);
    CHECK(e && strcmp(e->metric, "latency") == 0 && v > 5e6,
          "slow replies within the window speak");
    stop_done(&s);

    CHECK_INT(stop_init(&s, &arena, "error_rate > 50%", NS_PER_S, &err), 0, "a short window");
    second(&s, NS_PER_MS, 100, 90, &v);
    for (int i = 0; i < 2; i++)
        second(&s, NS_PER_MS, 1000, 0, &v);
    CHECK(!second(&s, NS_PER_MS, 100, 60, &v), "forgets what lies behind it");
    stop_done(&s);
}

int main(void)
{
    test_texts();
    test_window();
    arena_done(&arena);
    return tap_done();
}
