/* Lists of {name, unit, value}, and whole histories of them. */
#include "harness/harness_test_util.h"

#define GAB "harness/github_action_benchmark/"

static void test_custom(Arena *a)
{
    const char *path = sample_path(a, GAB "customBiggerIsBetter_output.json");
    if (!path) {
        tap_skip("no samples (ASSAY_SHARED)");
        return;
    }
    CLEANUP(run_freep) Run *r = run_of_file(path, "custom-bigger-is-better");
    const char *name = "My Custom Bigger Is Better Benchmark - Free Memory";
    CHECK_REL(trial_of(r, name, "value", 0), 150e6, "megabytes");
    CHECK_UNIT(r, name, "value", "bytes", BETTER_HIGHER);
    name = "My Custom Bigger Is Better Benchmark - Throughput";
    CHECK_REL(trial_of(r, name, "throughput", 0), 70, "a rate");
    CHECK_UNIT(r, name, "throughput", "1/s", BETTER_HIGHER);
    run_freep(&r);
    r = run_of_file(sample_path(a, GAB "customSmallerIsBetter_output.json"),
                    "custom-smaller-is-better");
    name = "My Custom Smaller Is Better Benchmark - CPU Load";
    CHECK_REL(trial_of(r, name, "value", 0), 0.5, "per cent as a share");
    CHECK_UNIT(r, name, "value", "share", BETTER_LOWER);
    run_freep(&r);
    r = run_of_file(sample_path(a, GAB "customSmallerIsBetter_output2.json"),
                    "custom-smaller-is-better");
    CHECK_REL(trial_of(r, "Binary file", "time", 0), 3886.75, "nanoseconds");
}

static void test_custom_text(void)
{
    CLEANUP(run_freep)
    Run *r = run_of_text("[{\"name\":\"a\",\"unit\":\"ms\",\"value\":\"2\"},"
                         "{\"name\":\"a\",\"unit\":\"ms\",\"value\":3},"
                         "{\"name\":\"b\",\"unit\":\"things\",\"value\":\"\"}]",
                         "custom");
    CHECK_INT(trials_of(r, "a", "time"), 2, "the same name again is another trial");
    CHECK_REL(trial_of(r, "a", "time", 0), 2e6, "a number as text");
    CHECK(r && r->n_cases == 2 && r->cases[1]->n_metrics == 0, "an empty text is missing");
}

typedef struct Seen {
    ptrdiff_t n;
    char first[64], last_commit[64];
    uint64_t first_ns;
    double value;
} Seen;

static int count_run(Run *r, void *user, Err *err)
{
    (void)err;
    Seen *s = user;
    if (s->n++ == 0) {
        snprintf(s->first, sizeof s->first, "%s", r->suite);
        s->first_ns = r->started_wall_ns;
        s->value = stat_of(r, "bench_fib_20", "time", "p50");
    }
    snprintf(s->last_commit, sizeof s->last_commit, "%s", r->commit ? r->commit : "");
    return 0;
}

static void test_history(Arena *a)
{
    const char *path = sample_path(a, "gha_benchmark_histories/benchmark-action.json");
    if (!path) {
        tap_skip("no samples (ASSAY_SHARED)");
        return;
    }
    HarnessInput in;
    Err err = { 0 };
    Seen s = { 0 };
    CHECK(harness_open(&in, path, &err) == 0, "opens");
    CHECK(harness_read_history(&in, NULL, count_run, &s, &err) == 0, "reads %s", err.msg);
    CHECK_INT(s.n, 1832, "every entry of every suite is a run");
    CHECK_STR(s.first, "Rust Benchmark", "in the file's order");
    CHECK(s.first_ns == UINT64_C(1573312140323) * 1000000, "with its date");
    CHECK_REL(s.value, 34001, "and values");
    CLEANUP(run_freep) Run *newest = NULL;
    CHECK(harness_read(&in, NULL, &newest, &err) == 0, "one run is asked for");
    CHECK_STR(newest ? newest->suite : "", "Julia benchmark result", "the newest is taken");
    harness_close(&in);
}

static void test_history_text(void)
{
    HarnessInput in;
    Err err = { 0 };
    CLEANUP(run_freep) Run *r = NULL;
    static const char text[] =
        "window.BENCHMARK_DATA = {\"lastUpdate\":1,\"repoUrl\":\"r\",\"entries\":{\"S\":["
        "{\"commit\":{\"id\":\"abc\",\"timestamp\":\"2020-01-01T00:00:00Z\"},"
        "\"date\":1577880000500,\"tool\":\"customBiggerIsBetter\",\"benches\":["
        "{\"name\":\"x\",\"value\":5,\"unit\":\"ms\"}]},"
        "{\"commit\":{\"id\":\"old\"},\"date\":1,\"tool\":\"go\",\"benches\":["
        "{\"name\":\"x\",\"value\":4,\"unit\":\"ns/op\"}]},"
        "{\"commit\":{\"id\":\"none\"},\"date\":2,\"tool\":\"go\",\"benches\":[]}]}};\n";
    Seen s = { 0 };
    CHECK(harness_open_text(&in, str(text), "data.js", &err) == 0, "opens");
    CHECK(harness_read(&in, NULL, &r, &err) == 0, "a script reads: %s", err.msg);
    CHECK_STR(r ? r->commit : "", "abc", "the newest entry");
    CHECK_UNIT(r, "x", "value", "ns", BETTER_HIGHER);
    CHECK(r && r->started_wall_ns == UINT64_C(1577880000500) * 1000000, "date of the run");
    CHECK(harness_read_history(&in, NULL, count_run, &s, &err) == 0 && s.n == 2,
          "an empty entry is left out");
    harness_close(&in);
}

int main(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    test_custom(&a);
    test_custom_text();
    test_history(&a);
    test_history_text();
    return tap_done();
}
