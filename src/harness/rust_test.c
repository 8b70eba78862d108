/* Criterion.rs and cargo bench, against samples of their output: figures were taken from the files
 * by jq and Python. */
#include "tap.h"

#include "harness/harness_test_util.h"

static void test_criterion(Arena *a)
{
    const char *path = sample_path(a, "harness/criterion");
    if (!path) {
        tap_skip("no samples (ASSAY_SHARED)");
        return;
    }
    CLEANUP(run_freep) Run *r = run_of_file(path, "criterion");
    CHECK_INT(r ? r->n_cases : 0, 2, "benchmarks; neither base nor change besides new");
    CHECK_INT(trials_of(r, "Fibonacci/Iterative", "time"), 100, "every sample");
    CHECK_REL(trial_of(r, "Fibonacci/Iterative", "time", 0), 5.385430691225759,
              "total time over iterations");
    CHECK_REL(stat_of(r, "Fibonacci/Iterative", "time", "mean"), 4.723173110355467,
              "Criterion's mean");
    CHECK_REL(stat_of(r, "Fibonacci/Recursive", "time", "p50"), 19158.025568181816,
              "Criterion's median");
    CHECK_REL(stat_of(r, "Fibonacci/Recursive", "slope", "mean"), 19310.74450671244,
              "its slope, capitals in keys");
    run_freep(&r);
    r = run_of_file(sample_path(a, "harness/criterion/Fibonacci/Iterative/new/raw.csv"),
                    "criterion-csv");
    CHECK_REL(trial_of(r, "Fibonacci/Iterative", "time", 0), 1128000. / 209454, "raw.csv");
    CHECK_INT(trials_of(r, "Fibonacci/Iterative", "time"), 100, "every line");
}

static void write_text(Arena *a, const char *folder, const char *name, const char *text)
{
    Err err = { 0 };
    if (fs_mkdirs(folder, &err) < 0 || fs_write(fs_join(a, folder, name), str(text), &err) < 0)
        CHECK(false, "writes %s: %s", name, err.msg);
}

static void test_criterion_names(Arena *a)
{
    char root[] = "/tmp/assay-criterion-XXXXXX";
    if (!CHECK(mkdtemp(root) != NULL, "a folder"))
        return;
    const char *folder = fs_join(a, root, "a_b_2/x/base");
    write_text(a, folder, "benchmark.json",
               "{\"group_id\":\"a/b?\",\"function_id\":\"x\",\"value_str\":\"10\","
               "\"throughput\":{\"Bytes\":1000},\"full_id\":\"a/b?/x/10\"}");
    write_text(a, folder, "sample.json",
               "{\"sampling_mode\":\"Flat\",\"iters\":[2.0,2.0],\"times\":[20.0,40.0]}");
    write_text(a, folder, "estimates.json", "{\"mean\":{\"point_estimate\":15},\"slope\":null}");
    CLEANUP(run_freep) Run *r = run_of_file(root, "criterion");
    CHECK_REL(trial_of(r, "a/b?/x/10", "time", 1), 20, "named by the file, not by the folder");
    CHECK_REL(trial_of(r, "a/b?/x/10", "throughput", 0), 1e11, "bytes per second");
    CHECK_UNIT(r, "a/b?/x/10", "throughput", "bytes/s", BETTER_HIGHER);
    CHECK(!metric_of(r, "a/b?/x/10", "slope"), "flat samples have no slope");
    CHECK(fs_remove_tree(root, NULL) == 0, "cleaned up");
}

static void test_cargo(Arena *a)
{
    const char *path = sample_path(a, "harness/github_action_benchmark/cargo_output.txt");
    if (!path) {
        tap_skip("no samples (ASSAY_SHARED)");
        return;
    }
    CLEANUP(run_freep) Run *r = run_of_file(path, "cargo-bench");
    CHECK_REL(stat_of(r, "bench_fib_20", "time", "p50"), 18149, "thousands in groups");
    CHECK(isnan(stat_of(r, "bench_fib_20", "time", "p99")), "no more than it says");
    run_freep(&r);
    r = run_of_file(sample_path(a, "harness/github_action_benchmark/cargo_output3.txt"),
                    "cargo-bench");
    CHECK_REL(stat_of(r, "bench_fib_20", "time", "p50"), 18794.12, "and decimals");
    run_freep(&r);
    r = run_of_file(sample_path(a, "harness/github_action_benchmark/cargo_output_units.txt"),
                    "cargo-bench");
    CHECK_REL(stat_of(r, "cmov2", "value", "p50"), 2845, "other units");
    CHECK_UNIT(r, "cmov2", "value", "cycles/iter", BETTER_NONE);
    run_freep(&r);
    r = run_of_file(sample_path(a, "harness/github_action_benchmark/criterion_output.txt"),
                    "cargo-bench");
    CHECK_REL(stat_of(r, "For loop (Execution)", "time", "p50"), 12314, "names with blanks");
}

static void test_cargo_traps(void)
{
    CLEANUP(run_freep)
    Run *r =
        run_of_text("Benchmarking a: Analyzing\n"
                    "a                       time:   [4.6697 ns 4.7084 ns 4.7510 ns]\n"
                    "                        thrpt:  [1.0 MiB/s 2.0 MiB/s 3.0 MiB/s]\n"
                    "                 change:\n"
                    "                        time:   [-0.2% +0.1% +0.4%] (p = 0.6 > 0.05)\n"
                    "                        thrpt:  [-0.2% +0.1% +0.4%]\n"
                    "                        No change in performance detected.\n"
                    "group/a_very_long_name_of_a_benchmark\n"
                    "                        time:   [1.1 \xc2\xb5s 1.2 \xc2\xb5s 1.3 \xc2\xb5s]\n"
                    "                        thrpt:  [1 Melem/s 2 Melem/s 3 Melem/s]\n"
                    "Found 2 outliers among 100 measurements (2.00%)\n"
                    "test b ... bench:         100 ns/iter (+/- 1) = 21 MB/s\n",
                    "cargo-bench");
    CHECK_INT(r ? r->n_cases : 0, 3, "changes are no measurements");
    CHECK_REL(stat_of(r, "a", "time", "mean"), 4.7084, "the estimate");
    CHECK_REL(stat_of(r, "a", "throughput", "mean"), 2 * 1048576., "bytes per second");
    CHECK_REL(stat_of(r, "group/a_very_long_name_of_a_benchmark", "time", "mean"), 1200,
              "a name on its own line");
    CHECK_REL(stat_of(r, "group/a_very_long_name_of_a_benchmark", "throughput", "mean"), 2e6,
              "elements per second");
    CHECK_REL(stat_of(r, "b", "throughput", "mean"), 21e6, "libtest's MB/s");
}

int main(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    test_criterion(&a);
    test_criterion_names(&a);
    test_cargo(&a);
    test_cargo_traps();
    return tap_done();
}
