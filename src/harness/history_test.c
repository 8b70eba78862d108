/* Lists of {name, unit, value}, and whole histories of them. */
#include "tap.h"

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

static void write_text(Arena *a, const char *folder, const char *name, const char *text)
{
    Err err = { 0 };
    if (fs_mkdirs(folder, &err) < 0 || fs_write(fs_join(a, folder, name), str(text), &err) < 0)
        CHECK(false, "writes %s: %s", name, err.msg);
}

static void write_asv(Arena *a, const char *root)
{
    const char *machine = fs_join(a, root, "box");
    write_text(a, root, "benchmarks.json",
               "{\"version\":2,\"m.track_x\":{\"unit\":\"MB/s\"},\"m.time_a\":{}}");
    write_text(a, machine, "machine.json", "{\"machine\":\"box\"}");
    write_text(
        a, machine, "b-env.json",
        "{\"commit_hash\":\"bbb\",\"env_name\":\"env\",\"date\":1600000000000,\"params\":"
        "{\"machine\":\"box\",\"cpu\":\"C\"},\"version\":2,\"result_columns\":[\"result\","
        "\"params\",\"version\",\"started_at\",\"duration\",\"stats_ci_99_a\","
        "\"stats_ci_99_b\",\"stats_q_25\",\"stats_q_75\",\"number\",\"repeat\",\"samples\"],"
        "\"results\":{\"m.time_a\":[[0.001,NaN,null,0.004],[[\"1\",\"2\"],[\"'x'\",\"'y'\"]],"
        "\"v\",1,2,[],[],[],[],[],[],[[0.001,0.002]]],\"m.track_x\":[[5],[]],"
        "\"m.peakmem_y\":[[1024],[]],\"m.time_failed\":[null,[]]}}");
    write_text(a, machine, "a-env.json",
               "{\"commit_hash\":\"aaa\",\"date\":1500000000000,\"version\":1,\"results\":"
               "{\"m.time_a\":0.5,\"m.time_b\":{\"result\":[0.25],\"params\":[[\"7\"]]}}}");
}

static void test_asv(Arena *a)
{
    char root[] = "/tmp/assay-asv-XXXXXX";
    if (!CHECK(mkdtemp(root) != NULL, "a folder"))
        return;
    write_asv(a, root);
    CLEANUP(run_freep) Run *r = run_of_file(root, "asv");
    CHECK_STR(r ? r->commit : "", "bbb", "the latest commit is the newest run");
    CHECK(r && r->started_wall_ns == UINT64_C(1600000000) * NS_PER_S, "dated by it");
    CHECK_STR(r ? r->testbed.host : "", "box", "machine");
    CHECK_REL(trial_of(r, "m.time_a(1, 'x')", "time", 1), 2e6, "samples, where there are");
    CHECK_REL(stat_of(r, "m.time_a(2, 'y')", "time", "p50"), 4e6,
              "the last parameter runs fastest");
    CHECK(!metric_of(r, "m.time_a(1, 'y')", "time"), "NaN is missing");
    CHECK_REL(stat_of(r, "m.track_x", "value", NULL), 5e6, "units of benchmarks.json");
    CHECK_UNIT(r, "m.peakmem_y", "size", "bytes", BETTER_LOWER);
    HarnessInput in;
    Err err = { 0 };
    Seen s = { 0 };
    CHECK(harness_open(&in, root, &err) == 0 &&
              harness_read_history(&in, NULL, count_run, &s, &err) == 0 && s.n == 2,
          "every file is a run: %s", err.msg);
    CHECK_STR(s.last_commit, "bbb", "the last of them");
    harness_close(&in);
    run_freep(&r);
    r = run_of_file(fs_join(a, root, "box/a-env.json"), "asv");
    CHECK_REL(stat_of(r, "m.time_a", "time", "p50"), 5e8, "format 1, a file alone");
    CHECK_REL(stat_of(r, "m.time_b(7)", "time", "p50"), 25e7, "with parameters");
    CHECK(fs_remove_tree(root, NULL) == 0, "cleaned up");
}

int main(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    test_custom(&a);
    test_custom_text();
    test_history(&a);
    test_history_text();
    test_asv(&a);
    return tap_done();
}
