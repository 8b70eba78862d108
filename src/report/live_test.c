/* What people see of a load while it runs. */
#include "report/live.h"

#include <math.h>

#include "tap.h"

static const uint64_t none[FAIL_N + 1], some[FAIL_N + 1] = { [FAIL_RESET] = 2, [FAIL_N] = 1 };

/* A tenth of a second with so many operations of 1 ms, one of them of 8 ms. */
static void add(Live *l, const char *name, double t_s, uint64_t ok, const uint64_t *failed_by)
{
    Hist *h = NULL;
    if (hist_new(&h, NULL) < 0)
        abort();
    hist_record_n(h, 1000000, ok);
    hist_record(h, 8000000);
    uint64_t failed = failed_by[FAIL_RESET] + failed_by[FAIL_N];
    LivePoint p = { .name = name,
                    .stage = "up",
                    .trial = 2,
                    .trials = 5,
                    .warming = t_s <= 0,
                    .t_s = t_s,
                    .total_s = 4.8,
                    .took_s = 0.1,
                    .ok = ok,
                    .failed = failed,
                    .in_flight = 3,
                    .failed_by = failed_by,
                    .latency = h,
                    .asked_per_s = 2000,
                    .users = (double)NAN,
                    .target_cpu = 0.5,
                    .target_rss = 1048576,
                    .generator_cpu = 0.25,
                    .generator_rss = (double)NAN,
                    .host_busy = (double)NAN };
    live_add(l, &p);
    hist_free(h);
}

static void has(const char *text, const char *word)
{
    CHECK(strstr(text, word) != NULL, "'%s' stands in: %s", word, text);
}

static int lines_of(const char *text)
{
    int n = 1;
    for (; *text; text++)
        n += *text == '\n';
    return n;
}

static void test_view(Arena *a)
{
    Live *l = NULL;
    CHECK_INT(live_new(&l, false, NULL), 0, "a view");
    add(l, "web", -0.1, 50, some);
    const char *warm = live_block(l, a);
    has(warm, "trial 2/5  web  warming up  stage up");
    has(warm, "3 (5.7 %): 2 reset, 1 timed out");
    CHECK_INT(lines_of(warm), 5, "no curves while it warms up");
    for (int i = 1; i <= 20; i++)
        add(l, "web", i * 0.1, 200, i == 20 ? some : none);
    const char *block = live_block(l, a);
    has(block, "2.0/4.8 s  stage up  [########");
    has(block, "of 2000/s  in flight 3");
    has(block, "failed    3 (0.075 %): 2 reset, 1 timed out");
    has(block, "p50 1.000 ms");
    has(block, "max 8.0");
    has(block, "target 0.50 cores 1.000 MiB  generator 0.25 cores");
    has(block, "up to 2");
    CHECK_INT(lines_of(block), 7, "with curves");
    CHECK(strstr(block, "users") == NULL && strstr(block, "host") == NULL,
          "what is not known is not there");
    has(live_line(l, a), "web  2.0/4.8 s  stage up  ");
    CHECK_INT(lines_of(live_line(l, a)), 1, "a line is one");
    add(l, "web", 7.8, 10, none);
    has(live_line(l, a), "web  awaiting the last replies for 3 s  ");
    add(l, "other", 0.1, 10, none);
    has(live_block(l, a), "failed    0\n");
    has(live_block(l, a), "other");
    live_free(l);
    live_free(NULL);
}

/* Names come from outside. */
static void test_names(Arena *a)
{
    Live *l = NULL;
    CHECK_INT(live_new(&l, true, NULL), 0, "a view");
    add(l, "a\033[2Jb\nc\xff", 0.1, 10, none);
    const char *block = live_block(l, a);
    CHECK(strchr(block, '\033') == NULL && strstr(block, "a [2Jb c") != NULL, "clean: %s", block);
    CHECK_INT(lines_of(block), 7, "and no line more");
    live_free(l);
}

int main(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    test_view(&a);
    test_names(&a);
    return tap_done();
}
