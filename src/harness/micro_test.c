/* Harnesses of functions and commands, against samples of their output: figures were taken from the
 * files by jq and Python. */
#include "tap.h"

#include "harness/harness_test_util.h"

static void test_hyperfine(Arena *a)
{
    const char *path = sample_path(a, "harness/hyperfine_wrk_ab/hyperfine.json");
    if (!path) {
        tap_skip("no samples (ASSAY_SHARED)");
        return;
    }
    CLEANUP(run_freep) Run *r = run_of_file(path, "hyperfine");
    CHECK_INT(trials_of(r, "sleep 0.01", "wall"), 30, "every run is a trial");
    CHECK_REL(trial_of(r, "sleep 0.01", "wall", 0), 14466028.24, "the first, in ns");
    CHECK_REL(trial_of(r, "sleep 0.01", "wall", 29), 11098707.24, "the last");
    CHECK_REL(stat_of(r, "sleep 0.01", "wall", "p50"), 11804105.24, "hyperfine's median");
    CHECK_REL(stat_of(r, "sleep 0.01", "wall", "mean"), 13633476.24, "hyperfine's mean");
    CHECK_REL(stat_of(r, "sleep 0.01", "user", "mean"), 995990, "user time");
    CHECK_UNIT(r, "sleep 0.012", "wall", "ns", BETTER_LOWER);
    CHECK(r && r->cases[0]->kind == KIND_HARNESS, "another tool's");
    run_freep(&r);
    r = run_of_file(sample_path(a, "harness/hyperfine_wrk_ab/hyperfine_param.json"), "hyperfine");
    CHECK_REL(trial_of(r, "sleep 0.003", "wall", 2), 2894838.86, "parameter scans");
    CHECK_STR(param_of(r, "sleep 0.003", "d"), "3", "with their parameter");
    run_freep(&r);
    r = run_of_file(sample_path(a, "harness/hyperfine_wrk_ab/hyperfine.csv"), "hyperfine-csv");
    CHECK_REL(stat_of(r, "sleep 0.012", "wall", "p50"), 13788906.24, "CSV: median");
    CHECK_REL(stat_of(r, "sleep 0.012", "wall", "max"), 29498258.24, "CSV: max");
    CHECK(isnan(stat_of(r, "sleep 0.012", "wall", "p99")), "what it does not say stays missing");
}

static void test_hyperfine_traps(void)
{
    CLEANUP(run_freep)
    Run *r = run_of_text(
        "{\"results\":["
        "{\"command\":\"n\",\"mean\":1,\"stddev\":null,\"times\":[1,0],"
        "\"memory_usage_byte\":[4096,8192],\"exit_codes\":[0,null],\"parameters\":{\"k\":\"1\"}},"
        "{\"command\":\"n\",\"times\":[2],\"parameters\":{\"k\":\"2\"}},"
        "{\"command\":\"old\",\"mean\":2,\"stddev\":null,\"median\":3,\"parameter\":\"7\"}]}",
        "hyperfine");
    CHECK_NEAR(trial_of(r, "n", "wall", 1), 0, 0, "corrected down to 0 is a value");
    CHECK_NEAR(trial_of(r, "n", "rss_peak", 1), 8192, 0, "memory beside it");
    CHECK_INT(r ? r->cases[0]->trials[1]->exit_code : 0, -1, "ended by a signal");
    CHECK_NEAR(trial_of(r, "n/k=2", "wall", 0), 2e9, 0, "one name, two parameters: two cases");
    CHECK_NEAR(stat_of(r, "old", "wall", "p50"), 3e9, 0, "figures without their samples");
    const MetricSummary *m = metric_of(r, "old", "wall");
    CHECK(m && m->given && isnan(m->stddev), "are said to be given");
    run_freep(&r);
    r = run_of_text("command,mean,stddev,median,user,system,min,max,parameter_d\n"
                    "\"a \"\"b\"\", c\",1,0,1,0,0,1,1,5\n",
                    "hyperfine-csv");
    CHECK_NEAR(stat_of(r, "a \"b\", c", "wall", "mean"), 1e9, 0, "a quoted command");
}

static void test_google(Arena *a)
{
    const char *path = sample_path(a, "harness/github_action_benchmark/googlecpp_output.json");
    if (!path) {
        tap_skip("no samples (ASSAY_SHARED)");
        return;
    }
    CLEANUP(run_freep) Run *r = run_of_file(path, "google-benchmark");
    CHECK_REL(trial_of(r, "fib_20", "time", 0), 27455.600415007055, "real time");
    CHECK_REL(trial_of(r, "fib_20", "cpu_time", 0), 27364.903204272359, "CPU time");
    CHECK_STR(r ? r->testbed.host : "", "Corgi.local", "host");
    CHECK(r && r->started_wall_ns == UINT64_C(1575062819) * NS_PER_S, "date");
    run_freep(&r);
    r = run_of_file(sample_path(a, "harness/google_benchmark/test2_run.json"), "google-benchmark");
    CHECK_REL(trial_of(r, "BM_Hi", "time", 0), 42e6, "milliseconds");
    run_freep(&r);
    r = run_of_file(sample_path(a, "harness/google_benchmark/test5_run0.json"), "google-benchmark");
    CHECK_REL(trial_of(r, "BM_ManyRepetitions", "cpu_time", 0), 1e12, "seconds");
    run_freep(&r);
    r = run_of_file(sample_path(a, "harness/google_benchmark/test3_run0.json"), "google-benchmark");
    CHECK_INT(trials_of(r, "BM_Two", "time"), 2, "the same name is one case");
    CHECK_REL(trial_of(r, "BM_Two", "time", 1), 8, "of several trials");
    run_freep(&r);
    r = run_of_file(sample_path(a, "harness/google_benchmark/test4_run.json"), "google-benchmark");
    CHECK(r && r->cases[0]->n_metrics == 0, "an entry without figures has none");
}

static void test_google_traps(void)
{
    static const char text[] =
        "{\"context\":{\"library_build_type\":\"debug\",\"library_version\":\"v1.8\"},"
        "\"benchmarks\":["
        "{\"name\":\"a/8\",\"run_name\":\"a/8\",\"run_type\":\"iteration\",\"real_time\":1,"
        "\"cpu_time\":NaN,\"time_unit\":\"us\",\"bytes_per_second\":5e6,\"hits\":3,\"label\":\"L\"}"
        ","
        "{\"name\":\"b\",\"run_name\":\"b\",\"run_type\":\"iteration\",\"error_occurred\":true,"
        "\"error_message\":\"no file\",\"real_time\":0,\"cpu_time\":0,\"time_unit\":\"ns\"},"
        "{\"name\":\"a/8\",\"run_name\":\"a/8\",\"run_type\":\"iteration\",\"repetition_index\":1,"
        "\"real_time\":3,\"time_unit\":\"us\",\"bytes_per_second\":Infinity},"
        "{\"name\":\"a/8_mean\",\"run_name\":\"a/8\",\"run_type\":\"aggregate\","
        "\"aggregate_name\":\"mean\",\"real_time\":99,\"time_unit\":\"us\"},"
        "{\"name\":\"c_mean\",\"run_name\":\"c\",\"run_type\":\"aggregate\",\"repetitions\":5,"
        "\"aggregate_name\":\"mean\",\"real_time\":10,\"cpu_time\":9,\"time_unit\":\"ns\"},"
        "{\"name\":\"c_median\",\"run_name\":\"c\",\"run_type\":\"aggregate\","
        "\"aggregate_name\":\"median\",\"real_time\":11,\"time_unit\":\"ns\"},"
        "{\"name\":\"c_cv\",\"run_name\":\"c\",\"run_type\":\"aggregate\",\"aggregate_name\":"
        "\"cv\","
        "\"aggregate_unit\":\"percentage\",\"real_time\":0.02,\"time_unit\":\"ns\"},"
        "{\"name\":\"c_BigO\",\"run_name\":\"c\",\"run_type\":\"aggregate\","
        "\"aggregate_name\":\"BigO\",\"cpu_coefficient\":1,\"big_o\":\"N\",\"time_unit\":\"ns\"},"
        "{\"name\":\"old_median\",\"real_time\":7,\"cpu_time\":6,\"time_unit\":\"ns\"}]}";
    CLEANUP(run_freep) Run *r = run_of_text(text, "google-benchmark");
    CHECK_INT(trials_of(r, "a/8", "time"), 2, "repetitions that stand apart come together");
    CHECK_NEAR(trial_of(r, "a/8", "time", 1), 3000, 0, "in order, aggregates left out");
    CHECK(isnan(trial_of(r, "a/8", "cpu_time", 0)), "bare NaN is missing");
    CHECK_NEAR(trial_of(r, "a/8", "bytes_per_second", 0), 5e6, 0, "rates");
    CHECK(isnan(trial_of(r, "a/8", "bytes_per_second", 1)), "bare Infinity is missing");
    CHECK_UNIT(r, "a/8", "bytes_per_second", "bytes/s", BETTER_HIGHER);
    CHECK_UNIT(r, "a/8", "hits", "", BETTER_NONE);
    const CaseResult *b = r ? run_find_case(r, "b", SIDE_HEAD) : NULL;
    CHECK(b && b->validity.grade == GRADE_INVALID && b->n_metrics == 0, "an error is no time of 0");
    CHECK_NEAR(stat_of(r, "c", "time", "mean"), 10, 0, "aggregates only: mean");
    CHECK_NEAR(stat_of(r, "c", "time", "p50"), 11, 0, "and median; cv and BigO are no times");
    CHECK_NEAR(stat_of(r, "old", "time", "p50"), 7, 0, "aggregates of old releases");
    CHECK(r && r->validity.grade == GRADE_INVALID, "the worst of the cases");
    CHECK_STR(tag_of(r, "producer_version"), "v1.8", "version");
}

static void test_google_csv(void)
{
    CLEANUP(run_freep)
    Run *r = run_of_text(
        "2024-01-01T00:00:00+00:00\nRunning ./bench\n"
        "name,iterations,real_time,cpu_time,time_unit,bytes_per_second,items_per_second,label,"
        "error_occurred,error_message,\"hits\"\n"
        "\"BM_A/8\",100,1.5,1.25,us,2e6,,,,,7\n"
        "\"BM_A/8_mean\",100,9,9,us,,,,,,\n"
        "\"BM_B\",,,,,,,,true,\"went \"\"wrong\"\"\"\n",
        "google-benchmark-csv");
    CHECK_NEAR(trial_of(r, "BM_A/8", "time", 0), 1500, 0, "time behind a preamble");
    CHECK_NEAR(trial_of(r, "BM_A/8", "hits", 0), 7, 0, "a counter");
    CHECK_INT(trials_of(r, "BM_A/8", "time"), 1, "without the mean");
    CHECK(r && r->n_cases == 2 && r->cases[1]->validity.grade == GRADE_INVALID, "an error");
}

static void test_go(Arena *a)
{
    const char *path = sample_path(a, "harness/github_action_benchmark/go_output.txt");
    if (!path) {
        tap_skip("no samples (ASSAY_SHARED)");
        return;
    }
    CLEANUP(run_freep) Run *r = run_of_file(path, "go");
    CHECK_REL(trial_of(r, "BenchmarkFib20", "time", 0), 40537.123, "ns/op");
    CHECK_REL(trial_of(r, "BenchmarkFib22-16", "auxMetricUnits", 0), 4, "a metric of its own");
    CHECK_STR(param_of(r, "BenchmarkFib10-8", "gomaxprocs"), "8", "processors");
    CHECK_STR(tag_of(r, "goos"), "darwin", "system");
    run_freep(&r);
    path = sample_path(a, "harness/github_action_benchmark/go_fiber_duplicate_names_output.txt");
    r = run_of_file(path, "go");
    const char *csrf = "github.com/gofiber/fiber/v3/middleware/csrf.BenchmarkAppendMsgitem-4";
    CHECK_REL(trial_of(r, csrf, "time", 0), 0.3733, "one name in two packages: two cases");
    CHECK_REL(trial_of(r, csrf, "throughput", 0), 2678.46e6, "MB/s are 10^6 bytes");
    CHECK_UNIT(r, csrf, "throughput", "bytes/s", BETTER_HIGHER);
    CHECK_UNIT(r, csrf, "alloc_bytes", "bytes", BETTER_LOWER);
    CHECK_STR(r ? r->testbed.cpu : "", "AMD EPYC 7763 64-Core Processor", "CPU");
    run_freep(&r);
    r = run_of_file(sample_path(a, "harness/github_action_benchmark/go_single_package_output.txt"),
                    "go");
    CHECK_INT(r ? r->n_cases : 0, 2, "a line with only the name is none");
}

static void test_go_traps(void)
{
    CLEANUP(run_freep)
    Run *r = run_of_text("Unit req/s better=higher\n"
                         "Unit misses better=lower assume=exact\n"
                         "pkg: x\n"
                         "BenchmarkA-2 10 100 ns/op 7 req/s 3 misses\n"
                         "pkg:\n"
                         "BenchmarkA-2 10 100 ns/op 2.5 p99-ns/op\n"
                         "BenchmarkA-2 10 120 ns/op NaN p99-ns/op\n"
                         "BenchmarkBroken 10\n"
                         "--- BENCH: BenchmarkA-2\n    x_test.go:3: 1 2 ns/op\n",
                         "go");
    CHECK_INT(r ? r->n_cases : 0, 2, "an empty setting is taken away");
    CHECK_INT(trials_of(r, "BenchmarkA-2", "time"), 2, "repeats are samples");
    CHECK_NEAR(trial_of(r, "BenchmarkA-2", "p99-ns/op", 0), 2.5, 0, "a time by its ending");
    CHECK_UNIT(r, "BenchmarkA-2", "p99-ns/op", "ns", BETTER_LOWER);
    CHECK_UNIT(r, "x.BenchmarkA-2", "misses", "misses", BETTER_LOWER);
}

static void test_pytest(Arena *a)
{
    const char *path = sample_path(a, "harness/github_action_benchmark/pytest_several_units.json");
    if (!path) {
        tap_skip("no samples (ASSAY_SHARED)");
        return;
    }
    CLEANUP(run_freep) Run *r = run_of_file(path, "pytest-benchmark");
    CHECK_REL(stat_of(r, "bench.py::test_fib_1", "time", "mean"), 149.95610248628836,
              "the mean of all rounds, though few of them are there");
    CHECK_REL(stat_of(r, "bench.py::test_fib_1", "time", "p50"), 143.7600000020467, "median");
    const MetricSummary *m = metric_of(r, "bench.py::test_fib_1", "time");
    CHECK(m && m->given && m->count == 68536 && m->n_trials == 4, "as many as it says");
    CHECK_INT(trials_of(r, "bench.py::test_sleep_2", "time"), 5, "all rounds there");
    m = metric_of(r, "bench.py::test_sleep_2", "time");
    CHECK(m && !m->given, "then the figures are computed from them");
    CHECK_NEAR(stat_of(r, "bench.py::test_sleep_2", "time", "mean"), 2003843046.9999998, 1e-3,
               "to what it says");
    CHECK_STR(r ? r->commit : "", "b8e9e2af2493a1ee2f3fa758a9572cd9972e6db7", "commit");
    CHECK_STR(r ? r->branch : "", "master", "branch");
    CHECK(r && r->dirty, "with changes");
    CHECK_STR(r ? r->testbed.cpu : "", "Intel(R) Core(TM) i5-5257U CPU @ 2.70GHz", "CPU");
    run_freep(&r);
    r = run_of_file(sample_path(a, "harness/pytest_benchmark/0001.json"), "pytest-benchmark");
    const char *name = "tests/test_normal.py::test_xfast_parametrized[0]";
    CHECK_REL(stat_of(r, name, "time", "mean"), 262.2408132654948, "a saved run without data");
    CHECK(r && r->started_wall_ns == UINT64_C(1439596906250433000), "date");
    CHECK_STR(tag_of(r, "producer_version"), "2.5.0", "version");
}

/* More samples than a comparison needs: some are kept, the figures are those of all. */
static void test_thinning(void)
{
    enum { N = 25000 };
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    strbuf_addz(&b,
                "{\"machine_info\":{},\"benchmarks\":[{\"fullname\":\"x\",\"stats\":{\"mean\":1,"
                "\"data\":[0");
    for (int i = 1; i < N; i++)
        strbuf_addf(&b, ",%d", i);
    strbuf_addz(&b, "]}}]}");
    CLEANUP(run_freep) Run *r = run_of_text(strbuf_z(&b), "pytest-benchmark");
    const MetricSummary *m = metric_of(r, "x", "time");
    CHECK(m && m->given && m->count == N && m->n_trials == 10000, "few kept, all counted");
    CHECK_REL(stat_of(r, "x", "time", "mean"), (N - 1) / 2. * 1e9, "the mean of all");
    CHECK_REL(stat_of(r, "x", "time", "max"), (N - 1) * 1e9, "the largest of all");
    CHECK_REL(trial_of(r, "x", "time", 4), 10e9, "evenly spaced");
}

static void test_pytest_csv(void)
{
    CLEANUP(run_freep)
    Run *r = run_of_text("name,param:n,min,max,mean,stddev,rounds,median\n"
                         "t[3],3,1,4,2,0.5,10,1.5\n",
                         "pytest-benchmark-csv");
    CHECK_NEAR(stat_of(r, "t[3]", "time", "p50"), 1.5e9, 0, "CSV: median");
    CHECK_STR(param_of(r, "t[3]", "n"), "3", "and parameter");
}

static void test_jmh(Arena *a)
{
    const char *path = sample_path(a, "harness/jmh/output-golden.json");
    if (!path) {
        tap_skip("no samples (ASSAY_SHARED)");
        return;
    }
    CLEANUP(run_freep) Run *r = run_of_file(path, "jmh");
    const char *name = "benchmark_0/param0=value0,param1=[value1],param2={value2},param3='value3',"
                       "param4=\"value4\"";
    CHECK_INT(trials_of(r, name, "throughput"), 14, "every iteration of every fork");
    CHECK_REL(trial_of(r, name, "throughput", 0), 942e3, "ops/ms are 1000/s");
    CHECK_REL(trial_of(r, name, "throughput", 13), 826e3, "the last fork's last");
    CHECK_REL(stat_of(r, name, "throughput", "mean"), 528857.1428571429, "JMH's score");
    CHECK_UNIT(r, name, "throughput", "1/s", BETTER_HIGHER);
    CHECK_REL(trial_of(r, name, "secondary1", 0), 390e3, "secondary metrics");
    CHECK_STR(tag_of(r, "producer_version"), "1.18", "version");
    run_freep(&r);
    r = run_of_file(sample_path(a, "harness/github_action_benchmark/jmh_output_2.json"), "jmh");
    name = "org.openjdk.jmh.samples.JMHSample_01_HelloWorld.wellHelloThere/paramA=17,paramB=33";
    CHECK_REL(stat_of(r, name, "throughput", "p50"), 3.37651988895058e9, "ops/s");
}

static void test_jmh_traps(void)
{
    static const char text[] =
        "[{\"jmhVersion\":\"1.21\",\"benchmark\":\"a.B.c\",\"mode\":\"avgt\",\"primaryMetric\":{"
        "\"score\":2,\"scoreError\":\"NaN\",\"scoreUnit\":\"us/op\",\"rawData\":[[1,\"NaN\",3]]},"
        "\"secondaryMetrics\":{\"\xc2\xb7gc.alloc.rate\":{\"score\":1,\"scoreUnit\":\"MB/sec\","
        "\"rawData\":[[1,2,3]]},\"gc.alloc.rate.norm\":{\"scoreUnit\":\"B/op\",\"rawData\":[[16,16,"
        "16]]}}},"
        "{\"benchmark\":\"a.B.c\",\"mode\":\"sample\",\"primaryMetric\":{\"scoreUnit\":\"us/op\","
        "\"rawDataHistogram\":[[[[10,3],[20,1]],[[10,1]]]]},\"secondaryMetrics\":{}},"
        "{\"benchmark\":\"d\",\"mode\":\"ss\",\"primaryMetric\":{\"score\":5,\"scoreUnit\":\"s/"
        "op\","
        "\"scorePercentiles\":{\"0.0\":4,\"50.0\":5,\"99.0\":6}}}]";
    CLEANUP(run_freep) Run *r = run_of_text(text, "jmh");
    CHECK_NEAR(trial_of(r, "a.B.c", "time", 2), 3000, 0, "time per operation");
    CHECK(isnan(trial_of(r, "a.B.c", "time", 1)), "NaN as text is missing");
    CHECK_UNIT(r, "a.B.c", "time", "ns", BETTER_LOWER);
    CHECK_NEAR(trial_of(r, "a.B.c", "gc.alloc.rate", 1), 2 * 1048576., 0, "JMH's MB; no dot");
    CHECK_UNIT(r, "a.B.c", "gc.alloc.rate", "bytes/s", BETTER_LOWER);
    CHECK_UNIT(r, "a.B.c", "gc.alloc.rate.norm", "bytes", BETTER_LOWER);
    const MetricSummary *m = metric_of(r, "a.B.c/mode=sample", "time");
    CHECK(m && m->hist && m->count == 5 && m->n_trials == 2, "samples with their counts");
    CHECK_NEAR(m ? m->max : 0, 20000, 0, "in ns");
    CHECK_NEAR(stat_of(r, "d", "time", "p99"), 6e9, 0, "percentiles where there is no sample");
    run_freep(&r);
    r = run_of_text("\"Benchmark\",\"Mode\",\"Threads\",\"Samples\",\"Score\",\"Score Error "
                    "(99.9%)\",\"Unit\",\"Param: n\"\r\n"
                    "\"a.B\",\"thrpt\",1,5,\"1234,567\",NaN,\"ops/s\",10\r\n"
                    "\"a.B:\xc2\xb7gc.time\",\"thrpt\",1,5,\"7,0\",NaN,\"ms\",10\r\n",
                    "jmh-csv");
    CHECK_NEAR(stat_of(r, "a.B/n=10", "throughput", "mean"), 1234.567, 1e-9, "decimal commas");
    CHECK_UNIT(r, "a.B/n=10", "throughput", "1/s", BETTER_HIGHER);
    CHECK_NEAR(stat_of(r, "a.B/n=10", "gc.time", "mean"), 7e6, 0, "a profiler's line");
}

int main(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    test_hyperfine(&a);
    test_hyperfine_traps();
    test_google(&a);
    test_google_traps();
    test_google_csv();
    test_go(&a);
    test_go_traps();
    test_pytest(&a);
    test_thinning();
    test_pytest_csv();
    test_jmh(&a);
    test_jmh_traps();
    return tap_done();
}
