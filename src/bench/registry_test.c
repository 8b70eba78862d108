/* From registrations to cases, and what an epoch says of a benchmark that misbehaves. */
#include "bench/bench.h"

#include "tap.h"

static int n_set_up, n_torn_down;

static void *set_up(const AssayBench *b)
{
    (void)b;
    n_set_up++;
    return &n_set_up;
}

static void tear_down(void *state)
{
    n_torn_down += state == &n_set_up;
}

ASSAY_BENCH(one)
{
    if (assay_state(b) != &n_set_up)
        assay_fail(b, "no state");
    ASSAY_LOOP(b)
    assay_keep(b);
}
ASSAY_FIXTURE(one, set_up, tear_down)
ASSAY_ARGS(one, "n", 1, 2, 3)
ASSAY_CHOICES(one, "how", "fast", "slow")

ASSAY_BENCH(range)
{
    ASSAY_LOOP(b)
    assay_keep(assay_arg(b));
}
ASSAY_RANGE(range, "size", 8, 100, 4)

#define TYPED(T)                                                                                   \
    ASSAY_BENCH_OF(typed, T)                                                                       \
    {                                                                                              \
        ASSAY_LOOP(b)                                                                              \
        assay_keep(sizeof(T));                                                                     \
    }
TYPED(char)
TYPED(double)
ASSAY_THREADS(typed_char, 1, 3)

ASSAY_BENCH(never)
{
    (void)b;
}
ASSAY_BENCH(early)
{
    ASSAY_LOOP(b)
    break;
}
ASSAY_BENCH(twice)
{
    ASSAY_LOOP(b)
    assay_clobber();
    ASSAY_LOOP(b)
    assay_clobber();
}
ASSAY_BENCH(pauses)
{
    ASSAY_LOOP(b)
    {
        assay_pause(b);
        for (volatile int i = 0; i < 20000; i++)
            ;
        assay_resume(b);
    }
}
ASSAY_BENCH(unpaused)
{
    ASSAY_LOOP(b)
    assay_resume(b);
}
ASSAY_BENCH(figures)
{
    ASSAY_LOOP(b)
    assay_clobber();
    assay_bytes(b, 10);
    assay_items(b, 3);
    assay_counter(b, "hits", 5.0 * (double)assay_iterations(b), ASSAY_PER_ITERATION);
    assay_counter(b, "level", 7, ASSAY_AVERAGE);
}
ASSAY_THREADS(figures, 2)

static const AssayCase *find(const char *name)
{
    int n;
    const char *why;
    const AssayCase *all = assay_cases(&n, &why);
    for (int i = 0; i < n; i++)
        if (strcmp(all[i].name, name) == 0)
            return &all[i];
    return NULL;
}

static void test_names(void)
{
    static const char *const names[] = {
        "one/n=1,how=fast",
        "one/n=1,how=slow",
        "one/n=2,how=fast",
        "one/n=3,how=slow",
        "range/size=8",
        "range/size=32",
        "range/size=100",
        "typed/type=char,threads=1",
        "typed/type=char,threads=3",
        "typed/type=double",
        "figures/threads=2",
        "never",
    };
    int n;
    const char *why;
    assay_cases(&n, &why);
    CHECK_STR(why, NULL, "nothing is wrong with the registrations");
    CHECK_INT(n, 6 + 3 + 3 + 6, "as many cases as products of values");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        CHECK(find(names[i]) != NULL, "%s is there", names[i]);
    CHECK(!find("range/size=128"), "a range ends at its high value");
}

static void test_failures(void)
{
    static const struct {
        const char *name, *why;
    } cases[] = {
        { "never", "never enters ASSAY_LOOP" },
        { "early", "leaves its loop early" },
        { "twice", "enters a second ASSAY_LOOP" },
        { "unpaused", "resumes without a pause" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AssayEpoch e;
        assay_epoch(find(cases[i].name), 10, NULL, &e);
        CHECK_STR(e.why, cases[i].why, "%s fails", cases[i].name);
    }
}

static void test_epochs(void)
{
    AssayEpoch e;
    assay_epoch(find("one/n=2,how=slow"), 1000, NULL, &e);
    CHECK_STR(e.why, "", "an epoch with a fixture");
    CHECK(n_set_up == 1 && n_torn_down == 1, "is set up and torn down once");
    CHECK(e.time_ns > 0 && e.elapsed_ns > 0 && e.iterations == 1000, "has a time");
    assay_epoch(find("pauses"), 20, NULL, &e);
    CHECK_INT(e.pauses, 20, "pauses are counted");
    CHECK(e.time_ns * 20 < (double)e.elapsed_ns / 2, "and left out: %g of %g ns", e.time_ns * 20,
          (double)e.elapsed_ns);
    assay_epoch(find("figures/threads=2"), 100, NULL, &e);
    CHECK_INT(e.n_figures, 2, "counters of two threads");
    CHECK_NEAR(e.figures[0].value, 5, 1e-9, "per iteration of one thread");
    CHECK_NEAR(e.figures[1].value, 7, 1e-9, "averaged");
    CHECK(e.bytes == 10 && e.items == 3, "bytes and items");
}

static void test_each(void)
{
    uint64_t samples[300];
    AssayEpoch e;
    assay_epoch(find("typed/type=char,threads=3"), 100, samples, &e);
    CHECK_INT(e.n_samples, 300, "a sample for each iteration of each thread");
    double sum = 0;
    for (int i = 0; i < 300; i++)
        sum += (double)samples[i];
    CHECK_NEAR(e.time_ns, sum / 300, 1e-6, "its time is their mean");
}

static void test_calibration(void)
{
    AssayEpoch e;
    AssayCosts c;
    uint64_t n = assay_calibrate(find("range/size=8"), 1000000, &e);
    assay_costs(&c);
    CHECK(n > 1000, "a short function needs many iterations: %llu", (unsigned long long)n);
    CHECK(c.loop_ns > 0 && c.loop_ns < 100, "an empty loop costs %g ns", c.loop_ns);
    CHECK(c.pause_ns > 0 && c.clock_ns > 0 && c.resolution_ns >= 1,
          "clock and pause cost something");
    CHECK_INT(assay_calibrate(find("never"), 1000000, &e), 0, "what fails is not calibrated");
}

int main(void)
{
    test_names();
    test_failures();
    test_epochs();
    test_each();
    test_calibration();
    return tap_done();
}
