/* More harnesses of functions, tests and devices. */
#include "tap.h"

#include "harness/harness_test_util.h"

#define GAB "harness/github_action_benchmark/"

static void test_benchmarkdotnet(Arena *a)
{
    const char *path = sample_path(a, GAB "benchmarkdotnet.json");
    if (!path) {
        tap_skip("no samples (ASSAY_SHARED)");
        return;
    }
    CLEANUP(run_freep) Run *r = run_of_file(path, "benchmarkdotnet");
    CHECK_INT(trials_of(r, "Sample.Benchmarks.Fib10", "time"), 14, "every original value");
    CHECK_REL(trial_of(r, "Sample.Benchmarks.Fib10", "time", 0), 24.805462032556534, "in ns");
    CHECK_REL(stat_of(r, "Sample.Benchmarks.Fib20", "time", "p50"), 51.40195590257645, "median");
    CHECK_NEAR(stat_of(r, "Sample.Benchmarks.Fib20", "time", "mean"), 51.52008151549559, 1e-9,
               "mean");
    CHECK_STR(tag_of(r, "producer_version"), "0.12.1", "version");
    CHECK_STR(r ? r->testbed.cpu : "", "Intel Core i7-7820HQ CPU 2.90GHz (Kaby Lake)", "CPU");
    CHECK(r && r->started_wall_ns == UINT64_C(1590770671) * NS_PER_S, "date, from the title");
}

static void test_benchmarkdotnet_traps(void)
{
    CLEANUP(run_freep)
    Run *r = run_of_text(
        "{\"Title\":\"T\",\"HostEnvironmentInfo\":{\"ProcessorName\":{\"IsValueCreated\":true,"
        "\"Value\":\"Old CPU\"}},\"Benchmarks\":["
        "{\"DisplayInfo\":\"B.M: Job-A(Runtime=X) [n=1]\",\"FullName\":\"S.B.M(n: 1)\","
        "\"Parameters\":\"n=1&m=2\",\"Statistics\":{\"OriginalValues\":[5,\"\",7],\"N\":3,"
        "\"Skewness\":\"\",\"Kurtosis\":NaN},\"Memory\":{\"Gen0Collections\":3,"
        "\"BytesAllocatedPerOperation\":64},\"Metrics\":[{\"Value\":0.5,\"Descriptor\":{"
        "\"DisplayName\":\"Hits\",\"Unit\":\"%\",\"TheGreaterTheBetter\":true}}]},"
        "{\"DisplayInfo\":\"B.M: Job-B(Runtime=Y) [n=1]\",\"FullName\":\"S.B.M(n: 1)\","
        "\"Parameters\":\"n=1\",\"Statistics\":{\"OriginalValues\":[9]}},"
        "{\"DisplayInfo\":\"B.F: Job-A\",\"FullName\":\"S.B.F\",\"Statistics\":null}]}",
        "benchmarkdotnet");
    CHECK_STR(r ? r->testbed.cpu : "", "Old CPU", "a processor of old releases");
    CHECK_INT(trials_of(r, "S.B.M(n: 1)", "time"), 2, "empty texts are missing");
    CHECK_REL(trial_of(r, "S.B.M(n: 1) [Job-B(Runtime=Y)]", "time", 0), 9, "another job");
    CHECK_REL(trial_of(r, "S.B.M(n: 1)", "alloc_bytes", 0), 64, "allocation");
    CHECK_UNIT(r, "S.B.M(n: 1)", "Hits", "share", BETTER_HIGHER);
    CHECK_STR(param_of(r, "S.B.M(n: 1)", "m"), "2", "parameters");
    const CaseResult *c = r ? run_find_case(r, "S.B.F", SIDE_HEAD) : NULL;
    CHECK(c && c->validity.grade == GRADE_INVALID, "no statistics is a failure");
}

static void test_pyperf(Arena *a)
{
    const char *path = sample_path(a, "harness/pyperf/telco.json");
    if (!path) {
        tap_skip("no samples (ASSAY_SHARED)");
        return;
    }
    CLEANUP(run_freep) Run *r = run_of_file(path, "pyperf");
    CHECK_INT(trials_of(r, "telco", "time"), 120, "every value; calibration has none");
    CHECK_REL(trial_of(r, "telco", "time", 0), 0.022752201875846367e9, "the first");
    CHECK_REL(trial_of(r, "telco", "time", 119), 0.02241712374961935e9, "the last");
    CHECK_NEAR(stat_of(r, "telco", "time", "mean"), 0.02253074578743508e9, 1e-3, "the mean");
    CHECK_REL(trial_of(r, "telco", "rss_peak", 0), 14123008, "memory of the first run");
    CHECK(r && r->started_wall_ns / NS_PER_S == 1477019659, "date");
    run_freep(&r);
    r = run_of_file(sample_path(a, "harness/pyperf/mult_list_py36.json"), "pyperf");
    CHECK_INT(r ? r->n_cases : 0, 3, "a suite");
    CHECK_REL(trial_of(r, "[1,2,3]*1000", "time", 59), 5.22639044220341e3, "names of benchmarks");
}

static void test_pyperf_levels(void)
{
    CLEANUP(run_freep)
    Run *r = run_of_text(
        "{\"version\":\"1.0\",\"metadata\":{\"unit\":\"second\",\"hostname\":\"h\"},"
        "\"benchmarks\":[{\"metadata\":{\"name\":\"m\",\"unit\":\"byte\"},\"runs\":[{\"warmups\":"
        "[[1,2]],\"values\":[100,200]}]},{\"runs\":[{\"metadata\":{\"name\":\"n\"},\"values\":[1]}]"
        "}"
        ",{\"common_metadata\":{\"name\":\"old\"},\"runs\":[{\"samples\":[2]}]}]}",
        "pyperf");
    CHECK_UNIT(r, "m", "size", "bytes", BETTER_LOWER);
    CHECK_REL(trial_of(r, "n", "time", 0), 1e9, "the run's own name, the file's unit");
    CHECK_REL(trial_of(r, "old", "time", 0), 2e9, "samples of old formats");
    CHECK_STR(r ? r->testbed.host : "", "h", "host");
}

static void test_junit(void)
{
    CLEANUP(run_freep)
    Run *r = run_of_text(
        "<?xml version=\"1.0\"?>\n<!-- <testcase name=\"no\" time=\"9\"/> -->\n<testsuites>\n"
        "<testsuite name=\"s\" timestamp=\"2020-01-01T00:00:00\" hostname=\"h\">\n"
        "<testcase\n  classname=\"a.B\" name=\"x &lt;1&gt; > &amp;\" time=\"1,234.5\"/>\n"
        "<testcase classname='a.B' name='bad' time='0.5'><failure message=\"1 > 0\">"
        "<![CDATA[<testcase name=\"fake\" time=\"1\"/>]]></failure></testcase>\n"
        "<testcase classname=\"a.B\" name=\"left out\" time=\"0\"><skipped/></testcase>\n"
        "</testsuite></testsuites>\n",
        "junit");
    CHECK_INT(r ? r->n_cases : 0, 3, "comments and CDATA hold no tests");
    CHECK_REL(trial_of(r, "a.B.x <1> > &", "time", 0), 1234.5e9, "seconds; entities");
    const CaseResult *bad = r ? run_find_case(r, "a.B.bad", SIDE_HEAD) : NULL;
    CHECK(bad && bad->validity.grade == GRADE_INVALID, "a failed test's time is not to be judged");
    CHECK(!metric_of(r, "a.B.left out", "time"), "nor is a skipped one's");
    CHECK_STR(r ? r->testbed.host : "", "h", "host");
}

static void test_catch2(Arena *a)
{
    const char *path = sample_path(a, GAB "catch2_output_v2.txt");
    if (!path) {
        tap_skip("no samples (ASSAY_SHARED)");
        return;
    }
    CLEANUP(run_freep) Run *r = run_of_file(path, "catch2");
    CHECK_INT(r ? r->n_cases : 0, 4, "two test cases");
    CHECK_REL(stat_of(r, "Fibonacci 20", "time", "mean"), 41731, "mean");
    CHECK_REL(stat_of(r, "Fibonacci 20", "time", "stddev"), 3256, "deviation");
    CHECK_REL(stat_of(r, "Fibonacci~ 5!", "time", "mean"), 36, "names with anything");
    CHECK_STR(r ? r->cases[2]->component : "", "More Fibonacci", "test case");
    CHECK_STR(tag_of(r, "producer_version"), "2.11.0", "version");
    const MetricSummary *m = metric_of(r, "Fibonacci-15_bench", "time");
    CHECK(m && m->count == 100 && isnan(m->p50), "samples are counted, no median is claimed");
    run_freep(&r);
    r = run_of_file(sample_path(a, GAB "catch2_output_v3.txt"), "catch2");
    CHECK_REL(stat_of(r, "Fibonacci 10", "time", "mean"), 344, "version 3");
    run_freep(&r);
    r = run_of_file(sample_path(a, GAB "issue16_output.txt"), "catch2");
    CHECK_REL(stat_of(r, "Fibonacci 20", "time", "mean"), 1, "1 ns");
    CHECK_REL(stat_of(r, "Fibonacci 10", "time", "mean"), 0, "rounded to 0 by Catch2");
}

static void test_catch2_wrapped(void)
{
    CLEANUP(run_freep)
    Run *r = run_of_text(
        "benchmark name                       samples       iterations    est run time\n"
        "                                     mean          low mean      high mean\n"
        "                                     std dev       low std dev   high std dev\n"
        "-------------------------------------------------------------------------------\n"
        "a name that is long and\n"
        "goes on                                        100            208    7.1968 ms\n"
        "                                        344 ns        341 ns        349 ns\n"
        "                                         19 ns         11 ns         29 ns\n"
        "\n\n"
        "===============================================================================\n",
        "catch2");
    CHECK_REL(stat_of(r, "a name that is long and goes on", "time", "mean"), 344,
              "a name over two lines");
}

static void test_benchmarkjs(Arena *a)
{
    const char *path = sample_path(a, GAB "benchmarkjs_output.txt");
    if (!path) {
        tap_skip("no samples (ASSAY_SHARED)");
        return;
    }
    CLEANUP(run_freep) Run *r = run_of_file(path, "benchmarkjs");
    CHECK_INT(r ? r->n_cases : 0, 3, "other lines are none");
    CHECK_REL(stat_of(r, "fib(10)", "throughput", NULL), 1431759, "grouped thousands");
    CHECK_REL(stat_of(r, "createObjectBuffer with 200 comments", "throughput", "mean"), 81.61,
              "decimals");
    CHECK_UNIT(r, "fib(20)", "throughput", "1/s", BETTER_HIGHER);
}

static void test_json_benches(void)
{
    CLEANUP(run_freep)
    Run *r = run_of_text(
        "{\"files\":[{\"filepath\":\"a.bench.ts\",\"groups\":[{\"fullName\":\"a.bench.ts > s\","
        "\"benchmarks\":[{\"name\":\"x\",\"samples\":[1,3],\"mean\":2},{\"name\":\"y\",\"samples\":"
        "[],\"sampleCount\":50,\"mean\":4,\"median\":3.5,\"p99\":9,\"sd\":0.5,\"hz\":250}]}]}]}",
        "vitest");
    CHECK_REL(trial_of(r, "a.bench.ts > s > x", "time", 1), 3e6, "Vitest: samples in ms");
    CHECK_REL(stat_of(r, "a.bench.ts > s > y", "time", "p99"), 9e6, "Vitest: figures");
    run_freep(&r);
    r = run_of_text("{\"b1\":{\"latency\":{\"value\":88.5,\"lower_value\":87,\"upper_value\":89},"
                    "\"file-size\":{\"value\":100},\"mine\":{\"value\":3}},"
                    "\"b2\":{\"throughput\":{\"value\":5}}}",
                    "bencher");
    CHECK_REL(trial_of(r, "b1", "time", 0), 88.5, "Bencher: ns");
    CHECK_UNIT(r, "b1", "file_size", "bytes", BETTER_LOWER);
    CHECK_UNIT(r, "b1", "mine", "", BETTER_NONE);
    CHECK_UNIT(r, "b2", "throughput", "1/s", BETTER_HIGHER);
    run_freep(&r);
    r = run_of_text("{\"results\":[{\"title\":\"t\",\"name\":\"n\",\"unit\":\"op\",\"batch\":4,"
                    "\"complexityN\":-1,\"epochs\":2,\"median(elapsed)\":2e-9,\"measurements\":["
                    "{\"iterations\":10,\"elapsed\":1e-9,\"instructions\":7,\"cpucycles\":0},"
                    "{\"iterations\":10,\"elapsed\":3e-9,\"instructions\":9,\"cpucycles\":0}]}]}",
                    "nanobench");
    CHECK_REL(trial_of(r, "t/n", "time", 1), 3, "nanobench: seconds per iteration");
    CHECK_REL(trial_of(r, "t/n", "instructions", 0), 7, "nanobench: counters");
    CHECK(!metric_of(r, "t/n", "cpu_cycles"), "nanobench: what it could not count");
    CHECK_STR(param_of(r, "t/n", "batch"), "4", "nanobench: batch");
}

static void test_perf_stat(void)
{
    CLEANUP(run_freep)
    Run *r = run_of_text(
        "output of the command\n"
        "{\"counter-value\" : \"2.500000\", \"unit\" : \"msec\", \"event\" : \"task-clock\", "
        "\"event-runtime\" : 2500000, \"pcnt-running\" : 100.00, \"metric-value\" : \"0.9\"}\n"
        "{\"counter-value\" : \"1000.000000\", \"unit\" : \"\", \"event\" : \"cycles\", "
        "\"event-runtime\" : 1, \"pcnt-running\" : 33.00}\n"
        "{\"counter-value\" : \"<not counted>\", \"unit\" : \"\", \"event\" : \"branches\", "
        "\"event-runtime\" : 0, \"pcnt-running\" : 0.00}\n",
        "perf-stat");
    CHECK_REL(trial_of(r, "perf stat", "task-clock", 0), 2.5e6, "milliseconds");
    CHECK_REL(trial_of(r, "perf stat", "cycles", 0), 1000, "counts");
    const MetricSummary *m = metric_of(r, "perf stat", "cycles");
    CHECK(m && str_find(str(m->method), STR("scaled up from 33")) > 0, "that were scaled up");
    CHECK(!metric_of(r, "perf stat", "branches"), "not counted is missing");
    run_freep(&r);
    r = run_of_text("{\"interval\":1.0,\"counter-value\":\"1,5\",\"event\":\"x\"}\n"
                    "{\"interval\":2.0,\"counter-value\":\"2\",\"event\":\"x\"}\n",
                    "perf-stat");
    CHECK_INT(trials_of(r, "perf stat", "x"), 2, "an interval is a trial");
    CHECK_REL(trial_of(r, "perf stat", "x", 0), 1.5, "with a decimal comma");
}

static void test_fio(void)
{
    CLEANUP(run_freep)
    Run *r = run_of_text(
        "fio: some warning\n{\n\"fio version\":\"fio-3.33\",\"timestamp\":1600000000,"
        "\"timestamp_ms\":1600000000500,\"jobs\":[{\"jobname\":\"j\",\"error\":0,\"usr_cpu\":5,"
        "\"sys_cpu\":10,\"read\":{\"total_ios\":100,\"runtime\":2000,\"bw_bytes\":4096,"
        "\"iops\":50.5,\"lat_ns\":{\"min\":1,\"max\":9,\"mean\":5,\"stddev\":2,\"N\":100},"
        "\"clat_ns\":{\"mean\":4,\"max\":8,\"percentile\":{\"50.000000\":4,\"99.000000\":7,"
        "\"99.900000\":8}},\"slat_ns\":{\"min\":0,\"max\":0,\"mean\":0}},"
        "\"write\":{\"total_ios\":0,\"iops\":0}}]}\n",
        "fio");
    CHECK_REL(stat_of(r, "j/rw=read", "completion_latency", "p99"), 7, "percentiles in ns");
    CHECK_REL(stat_of(r, "j/rw=read", "latency", "mean"), 5, "whole latency");
    CHECK_REL(stat_of(r, "j/rw=read", "throughput", NULL), 50.5, "IOPS");
    CHECK_REL(stat_of(r, "j/rw=read", "bandwidth", NULL), 4096, "bytes per second");
    CHECK_REL(stat_of(r, "j/rw=read", "system_cpu", NULL), 0.1, "per cent as a share");
    CHECK(!metric_of(r, "j/rw=read", "submission_latency"), "what was not measured");
    CHECK_INT(r ? r->n_cases : 0, 1, "a direction without any operation is none");
    CHECK(r && r->started_wall_ns == UINT64_C(1600000000500) * NS_PER_MS, "date");
    CHECK_STR(tag_of(r, "producer_version"), "3.33", "version, behind a warning");
}

int main(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    test_benchmarkdotnet(&a);
    test_benchmarkdotnet_traps();
    test_pyperf(&a);
    test_pyperf_levels();
    test_junit();
    test_catch2(&a);
    test_catch2_wrapped();
    test_benchmarkjs(&a);
    test_json_benches();
    test_perf_stat();
    test_fio();
    return tap_done();
}
