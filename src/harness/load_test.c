/* Load tools that print a report or a JSON summary. */
#include "tap.h"

#include "harness/harness_test_util.h"

static void test_ab(Arena *a)
{
    const char *path = sample_path(a, "harness/hyperfine_wrk_ab/ab.txt");
    const char *name = "127.0.0.1:18099/score.py";
    if (!path) {
        tap_skip("no samples (ASSAY_SHARED)");
        return;
    }
    CLEANUP(run_freep) Run *r = run_of_file(path, "ab");
    CHECK_REL(stat_of(r, name, "throughput", NULL), 298.72, "requests per second");
    CHECK_REL(stat_of(r, name, "latency", "mean"), 13.390e6, "mean, not the one across all");
    CHECK_REL(stat_of(r, name, "latency", "p50"), 12e6, "median");
    CHECK_REL(stat_of(r, name, "latency", "p99"), 34e6, "percentiles");
    CHECK_REL(stat_of(r, name, "latency", "max"), 37e6, "longest request");
    CHECK_REL(stat_of(r, name, "latency", "stddev"), 6.6e6, "deviation");
    CHECK(isnan(stat_of(r, name, "latency", "p999")), "what ab does not say");
    CHECK_REL(stat_of(r, name, "bytes_in", NULL), 1940.23 * 1024, "ab's Kbytes are 1024");
    CHECK_REL(stat_of(r, name, "error_rate", NULL), 0, "no failure");
    CHECK(r && r->cases[0]->has_outcomes && r->cases[0]->outcomes.ok == 200, "200 replies");
    CHECK_STR(param_of(r, name, "concurrency"), "4", "concurrency");
    CHECK_STR(tag_of(r, "producer_version"), "2.3", "version");
    run_freep(&r);
    r = run_of_file(sample_path(a, "harness/hyperfine_wrk_ab/ab_percentiles.csv"), "ab-csv");
    CHECK_REL(stat_of(r, "ab", "latency", "min"), 2.581e6, "the 0th percentile is the fastest");
}

static void test_wrk(Arena *a)
{
    const char *path = sample_path(a, "harness/hyperfine_wrk_ab/wrk.txt");
    const char *name = "http://127.0.0.1:18099/score.py";
    if (!path) {
        tap_skip("no samples (ASSAY_SHARED)");
        return;
    }
    CLEANUP(run_freep) Run *r = run_of_file(path, "wrk");
    CHECK_REL(stat_of(r, name, "latency", "mean"), 30.46e6, "mean");
    CHECK_REL(stat_of(r, name, "latency", "max"), 239.48e6, "max");
    CHECK_REL(stat_of(r, name, "latency", "p50"), 14.72e6, "median");
    CHECK_REL(stat_of(r, name, "latency", "p99"), 215.43e6, "percentile");
    CHECK_REL(stat_of(r, name, "throughput", NULL), 255.81, "requests per second");
    CHECK_REL(stat_of(r, name, "bytes_in", NULL), 1.62 * 1048576, "wrk's MB are 1024 * 1024");
    CHECK(r && r->cases[0]->outcomes.scheduled == 531, "requests");
    CHECK_STR(tag_of(r, "producer"), "wrk", "who");
}

static void test_wrk2(void)
{
    CLEANUP(run_freep)
    Run *r = run_of_text(
        "Running 30s test @ http://x/\n  2 threads and 100 connections\n"
        "  Thread calibration: mean lat.: 9747 usec, rate sampling interval: 21ms\n"
        "  Thread Stats   Avg      Stdev     Max   +/- Stdev\n"
        "    Latency     6.46s     1.93ms   1.20m    67.66%\n"
        "    Req/Sec     1.05k     1.12k    2.50k    64.84%\n"
        "  Latency Distribution (HdrHistogram - Recorded Latency)\n"
        " 50.000%    6.67ms\n 99.000%   11.18ms\n 99.900%   12.30ms\n100.000%   12.34ms\n\n"
        "  Detailed Percentile spectrum:\n"
        "       Value   Percentile   TotalCount 1/(1-Percentile)\n\n"
        "       0.921     0.000000            1         1.00\n"
        "#[Mean    =        9.121, StdDeviation   =        1.859]\n"
        "#[Max     =       12.336, Total count    =        39500]\n"
        "  Latency Distribution (HdrHistogram - Uncorrected Latency (measured without taking "
        "delayed starts into account))\n"
        " 50.000%    1.00ms\n"
        "#[Max     =        2.000, Total count    =        39500]\n"
        "  60018 requests in 30.00s, 19.81MB read\n"
        "  Socket errors: connect 1, read 2, write 0, timeout 4\n"
        "  Non-2xx or 3xx responses: 18\n"
        "Requests/sec:   2000.12\nTransfer/sec:    676.14KB\n",
        "wrk");
    CHECK_REL(stat_of(r, "http://x/", "latency", "mean"), 9.121e6, "the spectrum's digits");
    CHECK_REL(stat_of(r, "http://x/", "latency", "max"), 12.336e6, "of the recorded latency");
    CHECK_REL(stat_of(r, "http://x/", "latency", "p50"), 6.67e6, "not the uncorrected one");
    CHECK_REL(stat_of(r, "http://x/", "latency", "p999"), 12.30e6, "deep percentiles");
    CHECK_REL(stat_of(r, "http://x/", "bytes_in", NULL), 676.14 * 1024, "KB");
    CHECK_STR(tag_of(r, "producer"), "wrk2", "told apart");
    const Outcomes *o = r ? &r->cases[0]->outcomes : &(Outcomes){ 0 };
    CHECK(o->ok == 60000 && o->failed[FAIL_STATUS] == 18 && o->failed[FAIL_RESET] == 3 &&
              o->timed_out == 4 && outcomes_conserved(o),
          "every way to fail");
}

static void test_autocannon(Arena *a)
{
    const char *path = sample_path(a, "harness/autocannon/example-result.json");
    if (!path) {
        tap_skip("no samples (ASSAY_SHARED)");
        return;
    }
    CLEANUP(run_freep) Run *r = run_of_file(path, "autocannon");
    CHECK_REL(stat_of(r, "example result", "latency", "mean"), 100.1e6, "mean");
    CHECK_REL(stat_of(r, "example result", "latency", "p99"), 386e6, "percentile");
    CHECK_REL(stat_of(r, "example result", "latency", "p999"), 424e6, "deep percentile");
    CHECK_REL(stat_of(r, "example result", "throughput", NULL), 250, "its mean of seconds");
    CHECK_UNIT(r, "example result", "throughput", "1/s", BETTER_HIGHER);
    CHECK_REL(stat_of(r, "example result", "bytes_in", NULL), 52468, "bytes per second");
    CHECK(r && r->cases[0]->outcomes.ok == 500, "replies");
    CHECK(r && r->started_wall_ns == UINT64_C(1604655511027) * NS_PER_MS, "date");
    CHECK_STR(param_of(r, "example result", "connections"), "40", "connections");
}

static void test_json_reports(void)
{
    CLEANUP(run_freep)
    Run *r = run_of_text(
        "{\"summary\":{\"successRate\":1,\"total\":2,\"slowest\":0.03,\"fastest\":0.001,"
        "\"average\":0.004,\"requestsPerSec\":100,\"totalData\":1000,\"sizePerRequest\":10,"
        "\"sizePerSec\":500},\"responseTimeHistogram\":{\"0.001\":1},\"latencyPercentiles\":"
        "{\"p50\":0.003,\"p95\":0.01,\"p99.9\":null},\"details\":{\"DNSDialup\":{\"average\":"
        "0.002}},\"statusCodeDistribution\":{\"200\":190,\"503\":8},\"errorDistribution\":"
        "{\"aborted due to deadline\":3,\"request timeout\":2}}",
        "oha");
    CHECK_REL(stat_of(r, "oha", "latency", "p95"), 10e6, "oha: seconds");
    CHECK_REL(stat_of(r, "oha", "throughput", NULL), 100, "oha: rate");
    CHECK(isnan(stat_of(r, "oha", "latency", "p999")), "oha: null is missing");
    CHECK_REL(stat_of(r, "oha", "error_rate", NULL), 0.05, "oha: 8 + 2 of 200");
    run_freep(&r);
    r = run_of_text("{\"latencies\":{\"total\":9,\"mean\":2000,\"50th\":1500,\"90th\":2500,"
                    "\"95th\":3000,\"99th\":4000,\"max\":5000,\"min\":1000},\"bytes_in\":"
                    "{\"total\":1,\"mean\":1},\"earliest\":\"2020-01-01T00:00:00.5Z\","
                    "\"duration\":1000000000,\"requests\":100,\"rate\":100.5,\"throughput\":90.25,"
                    "\"success\":0.9,\"status_codes\":{\"0\":4,\"200\":90,\"500\":6}}",
                    "vegeta");
    CHECK_REL(stat_of(r, "vegeta", "service_time", "p99"), 4000, "vegeta: ns from the send");
    CHECK_REL(stat_of(r, "vegeta", "throughput", NULL), 90.25, "vegeta: successes");
    CHECK_NEAR(stat_of(r, "vegeta", "error_rate", NULL), 0.1, 1e-12, "vegeta: share");
    CHECK(r && r->started_wall_ns == UINT64_C(1577836800500000000), "vegeta: date");
    run_freep(&r);
    r = run_of_text("{\"aggregate\":{\"counters\":{\"http.requests\":10,\"http.codes.200\":8,"
                    "\"errors.ETIMEDOUT\":2,\"vusers.created\":5},\"rates\":{\"http.request_rate\":"
                    "4},\"firstCounterAt\":1600000000000,\"lastCounterAt\":1600000002000,"
                    "\"summaries\":{\"http.response_time\":{\"min\":1,\"max\":20,\"count\":8,"
                    "\"mean\":5,\"p50\":4,\"median\":4,\"p75\":6,\"p90\":9,\"p95\":12,\"p99\":19,"
                    "\"p999\":20}}},\"intermediate\":[]}",
                    "artillery");
    CHECK_REL(stat_of(r, "artillery", "service_time", "p95"), 12e6, "Artillery: ms");
    CHECK_REL(stat_of(r, "artillery", "throughput", NULL), 4, "Artillery: rate");
    CHECK_REL(stat_of(r, "artillery", "error_rate", NULL), 0.2, "Artillery: errors");
    run_freep(&r);
    r = run_of_text("{\"aggregate\":{\"timestamp\":\"2018-03-12T15:40:39.730Z\","
                    "\"scenariosCreated\":60,\"requestsCompleted\":60,\"latency\":{\"min\":76.2,"
                    "\"max\":363.3,\"median\":106.2,\"p95\":308.5,\"p99\":null},\"rps\":{\"count\":"
                    "60,\"mean\":1.01},\"errors\":{},\"codes\":{\"200\":32,\"201\":28}},"
                    "\"intermediate\":[]}",
                    "artillery");
    CHECK_REL(stat_of(r, "artillery", "service_time", "p50"), 106.2e6, "Artillery 1");
    CHECK_REL(stat_of(r, "artillery", "throughput", NULL), 1.01, "Artillery 1: rate");
}

static void test_hey(void)
{
    CLEANUP(run_freep)
    Run *r = run_of_text(
        "\nSummary:\n  Total:\t2.5000 secs\n  Slowest:\t0.0300 secs\n  Fastest:\t0.0010 secs\n"
        "  Average:\t0.0040 secs\n  Requests/sec:\t80.0000\n\n"
        "Response time histogram:\n  0.001 [1]\t|\n\nLatency distribution:\n"
        "  50% in 0.0030 secs\n  99% in 0.0250 secs\n\n"
        "Details (average, fastest, slowest):\n  DNS+dialup:\t0.0002 secs, 0.0000 secs, 0.0010 "
        "secs\n"
        "\nStatus code distribution:\n  [200]\t190 responses\n  [500]\t5 responses\n\n"
        "Error distribution:\n  [5]\tGet \"http://x\": context deadline exceeded "
        "(Client.Timeout)\n",
        "hey");
    CHECK_REL(stat_of(r, "hey", "latency", "p99"), 25e6, "hey: percentile");
    CHECK_REL(stat_of(r, "hey", "latency", "mean"), 4e6, "hey: mean");
    CHECK_REL(stat_of(r, "hey", "throughput", NULL), 80, "hey: rate");
    CHECK_REL(stat_of(r, "hey", "error_rate", NULL), 0.05, "hey: status and errors");
    CHECK(r && r->cases[0]->trials[0]->duration_ns == 2500000000, "hey: length");
    run_freep(&r);
    r = run_of_text("response-time,DNS+dialup,DNS,Request-write,Response-delay,Response-read,"
                    "status-code,offset\n"
                    "0.0100,0.0020,0.0000,0.0000,0.0050,0.0000,200,0.0000\n"
                    "0.0200,0.0000,0.0000,0.0000,0.0050,0.0000,500,0.0800\n",
                    "hey-csv");
    CHECK_NEAR(stat_of(r, "hey", "latency", "max"), 20e6, 1, "hey's CSV: every request");
    CHECK_NEAR(stat_of(r, "hey", "throughput", NULL), 10, 1e-6, "one success in 0.1 s");
}

static void test_pgbench(void)
{
    static const char text[] = "pgbench (15.5 (Debian 15.5-0+deb12u1))\n"
                               "starting vacuum...end.\n"
                               "transaction type: <builtin: TPC-B (sort of)>\n"
                               "scaling factor: 10\nquery mode: simple\nnumber of clients: 8\n"
                               "number of threads: 2\nduration: 10 s\n"
                               "number of transactions actually processed: 990\n"
                               "number of failed transactions: 10 (1.000%)\n"
                               "latency average = 12.345 ms\nlatency stddev = 1.5 ms\n"
                               "rate limit schedule lag: avg 0.25 (max 2.5) ms\n"
                               "initial connection time = 4.5 ms\n"
                               "tps = 811.417 (without initial connection time)\n"
                               "SQL script 1: a.sql\n - latency average = 99 ms\n"
                               " - 5 transactions (50.0% of total, tps = 1.5)\n";
    const char *name = "<builtin: TPC-B (sort of)>";
    CLEANUP(run_freep) Run *r = run_of_text(text, "pgbench");
    CHECK_REL(stat_of(r, name, "latency", "mean"), 12.345e6, "pgbench: mean");
    CHECK_REL(stat_of(r, name, "lateness", "mean"), 0.25e6, "pgbench: lag");
    CHECK_REL(stat_of(r, name, "throughput", NULL), 811.417, "pgbench: tps of the whole");
    CHECK_REL(stat_of(r, name, "error_rate", NULL), 0.01, "pgbench: failures");
    CHECK_STR(param_of(r, name, "clients"), "8", "pgbench: clients");
    CHECK_STR(tag_of(r, "producer_version"), "15.5", "pgbench: version");
    run_freep(&r);
    r = run_of_text("transaction type: TPC-B\nlatency average = 5 ms\n"
                    "tps = 85.1 (including connections establishing)\n"
                    "tps = 86.2 (excluding connections establishing)\n",
                    "pgbench");
    CHECK_REL(stat_of(r, "TPC-B", "throughput", NULL), 86.2, "old pgbench: without connecting");
    run_freep(&r);
    r = run_of_text("0 199 2241 0 1175850568 995598\n0 200 2465 0 1175850568 998079\n"
                    "1 5 failed 0 1175850569 500\n0 201 1000 1 1175850569 608 40\n",
                    "pgbench-log");
    CHECK_NEAR(stat_of(r, "script 0", "latency", "max"), 2465e3, 1, "log: microseconds");
    CHECK_NEAR(stat_of(r, "script 1", "lateness", "max"), 40e3, 1, "log: lag");
    CHECK(r && r->cases[0]->outcomes.failed[FAIL_STATUS] == 1, "log: a failure");
}

static void test_sysbench(void)
{
    CLEANUP(run_freep)
    Run *r = run_of_text(
        "sysbench 1.0.20 (using system LuaJIT 2.1.0-beta3)\n\nRunning the test with following "
        "options:\nNumber of threads: 4\n\nSQL statistics:\n    queries performed:\n"
        "        read: 140\n        total: 200\n"
        "    transactions:                        95     (9.53 per sec.)\n"
        "    queries:                             200    (190.60 per sec.)\n"
        "    ignored errors:                      5      (0.50 per sec.)\n\n"
        "General statistics:\n    total time:                          10.0012s\n"
        "    total number of events:              95\n\nLatency (ms):\n"
        "         min:                                    5.11\n"
        "         avg:                                   10.45\n"
        "         max:                                   20.20\n"
        "         95th percentile:                       15.30\n",
        "sysbench");
    CHECK_REL(stat_of(r, "sysbench", "latency", "p95"), 15.3e6, "sysbench: percentile");
    CHECK_REL(stat_of(r, "sysbench", "latency", "mean"), 10.45e6, "sysbench: mean");
    CHECK_REL(stat_of(r, "sysbench", "throughput", NULL), 9.53, "sysbench: transactions");
    CHECK_REL(stat_of(r, "sysbench", "queries", NULL), 190.6, "sysbench: queries");
    CHECK_REL(stat_of(r, "sysbench", "error_rate", NULL), 0.05, "sysbench: errors");
    CHECK_STR(tag_of(r, "producer_version"), "1.0.20", "sysbench: version");
}

static void test_redis(void)
{
    CLEANUP(run_freep)
    Run *r = run_of_text(
        "\"test\",\"rps\",\"avg_latency_ms\",\"min_latency_ms\",\"p50_latency_ms\","
        "\"p95_latency_ms\",\"p99_latency_ms\",\"max_latency_ms\"\n"
        "\"SET\",\"98039.22\",\"0.273\",\"0.088\",\"0.263\",\"0.407\",\"0.559\",\"1.303\"\n"
        "\"LRANGE_100 (first 100 elements)\",\"1.0\",\"1\",\"1\",\"1\",\"1\",\"1\",\"1\"\n",
        "redis-benchmark");
    CHECK_REL(stat_of(r, "SET", "throughput", NULL), 98039.22, "redis: rate");
    CHECK_REL(stat_of(r, "SET", "latency", "p99"), 0.559e6, "redis: percentile");
    CHECK_REL(stat_of(r, "SET", "latency", "mean"), 0.273e6, "redis: mean");
    run_freep(&r);
    r = run_of_text("\"PING_INLINE\",\"90000.50\"\n\"SET\",\"80000.00\"\n", "redis-benchmark");
    CHECK_REL(stat_of(r, "SET", "throughput", NULL), 80000, "old redis: the rate alone");
    CHECK(!metric_of(r, "SET", "latency"), "old redis: no latency");
}

int main(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    test_ab(&a);
    test_wrk(&a);
    test_wrk2();
    test_autocannon(&a);
    test_json_reports();
    test_hey();
    test_pgbench();
    test_sysbench();
    test_redis();
    return tap_done();
}
