/* k6, Locust, JMeter, HdrHistogram logs: load tools with many metrics, names or single operations.
 */
#include "tap.h"

#include "harness/harness_test_util.h"

static void test_k6_legacy(void)
{
    CLEANUP(run_freep)
    Run *r = run_of_text(
        "{\"root_group\":{\"name\":\"\",\"path\":\"\",\"groups\":{},\"checks\":{}},\"metrics\":{"
        "\"http_req_duration\":{\"avg\":117.55,\"max\":253.6,\"med\":115.2,\"min\":100.1,"
        "\"p(90)\":120.5,\"p(95)\":130.25,\"p(99.9)\":250,\"thresholds\":{\"p(95)<100\":true,"
        "\"avg<200\":false}},"
        "\"http_req_duration{expected_response:true}\":{\"avg\":1,\"p(95)\":2},"
        "\"http_req_connecting\":{\"avg\":3,\"med\":0,\"max\":9,\"min\":0},"
        "\"http_reqs\":{\"count\":45,\"rate\":11.5},"
        "\"http_req_failed\":{\"fails\":40,\"passes\":5,\"value\":0.1111},"
        "\"checks\":{\"fails\":1,\"passes\":9,\"value\":0.9},"
        "\"data_received\":{\"count\":1000,\"rate\":250},"
        "\"my_trend\":{\"avg\":7,\"med\":7,\"max\":8,\"min\":6},"
        "\"vus\":{\"max\":10,\"min\":1,\"value\":1}}}",
        "k6");
    CHECK_REL(stat_of(r, "k6", "service_time", "p95"), 130.25e6, "ms, from the send");
    CHECK_REL(stat_of(r, "k6", "service_time", "p50"), 115.2e6, "median");
    CHECK_REL(stat_of(r, "k6", "service_time", "p999"), 250e6, "any percentile");
    CHECK_REL(stat_of(r, "k6", "http_req_duration{expected_response:true}", "p95"), 2e6,
              "sub-metrics keep their tags");
    CHECK_REL(stat_of(r, "k6", "throughput", NULL), 11.5, "rate");
    CHECK_REL(stat_of(r, "k6", "checks", NULL), 0.9, "checks");
    CHECK_UNIT(r, "k6", "checks", "share", BETTER_HIGHER);
    CHECK_REL(stat_of(r, "k6", "data_received", NULL), 1000, "bytes");
    CHECK_UNIT(r, "k6", "my_trend", "", BETTER_NONE);
    const Outcomes *o = r ? &r->cases[0]->outcomes : &(Outcomes){ 0 };
    CHECK(o->ok == 40 && o->failed[FAIL_STATUS] == 5, "passes of http_req_failed are failures");
    CHECK_STR(tag_of(r, "threshold http_req_duration: p(95)<100"), "broken", "true has failed");
    CHECK_STR(tag_of(r, "threshold http_req_duration: avg<200"), "held", "false has held");
}

static void test_k6_later(void)
{
    CLEANUP(run_freep)
    Run *r = run_of_text(
        "{\"root_group\":{\"groups\":[],\"checks\":[]},\"options\":{},\"state\":"
        "{\"testRunDurationMs\":30000.5},\"metrics\":{\"http_reqs\":{\"type\":\"counter\","
        "\"contains\":\"default\",\"values\":{\"count\":100,\"rate\":3.5}},\"wait\":{\"type\":"
        "\"trend\",\"contains\":\"time\",\"values\":{\"avg\":2,\"med\":1,\"p(90)\":3,\"count\":9},"
        "\"thresholds\":{\"avg<3\":{\"ok\":true},\"avg<1\":{\"ok\":false}}},\"size\":{\"type\":"
        "\"trend\",\"contains\":\"data\",\"values\":{\"avg\":512}},\"http_req_failed\":{\"type\":"
        "\"rate\",\"contains\":\"default\",\"values\":{\"rate\":0.25,\"passes\":25,\"fails\":75}}}"
        "}",
        "k6");
    CHECK_REL(stat_of(r, "k6", "wait", "p90"), 3e6, "a trend of the author's that is a time");
    CHECK_REL(stat_of(r, "k6", "size", "mean"), 512, "and one that is a size");
    CHECK_UNIT(r, "k6", "size", "bytes", BETTER_LOWER);
    CHECK_REL(stat_of(r, "k6", "error_rate", NULL), 0.25, "share of failures");
    CHECK_STR(tag_of(r, "threshold wait: avg<3"), "held", "here ok is ok");
    CHECK_STR(tag_of(r, "threshold wait: avg<1"), "broken", "and not ok is not");
    CHECK(r && r->cases[0]->trials[0]->duration_ns == UINT64_C(30000500000), "length");
    run_freep(&r);
    r = run_of_text(
        "{\"version\":\"1.0.0\",\"metadata\":{\"generatedAt\":\"2025-01-02T03:04:05Z\","
        "\"k6Version\":\"1.2.0\"},\"config\":{\"duration\":10,\"execution\":\"local\","
        "\"script\":\"a.js\"},\"results\":{\"metrics\":[{\"name\":\"http_req_duration\","
        "\"type\":\"trend\",\"contains\":\"time\",\"values\":{\"avg\":2,\"p(99)\":4}},"
        "{\"name\":\"http_req_failed\",\"type\":\"rate\",\"contains\":\"default\","
        "\"values\":{\"matches\":1,\"total\":4,\"rate\":0.25}}]}}",
        "k6");
    CHECK_REL(stat_of(r, "a.js", "service_time", "p99"), 4e6, "machine-readable summary");
    CHECK_REL(stat_of(r, "a.js", "error_rate", NULL), 0.25, "its rates");
    CHECK(r && r->cases[0]->outcomes.ok == 3, "and counts");
    CHECK_STR(tag_of(r, "producer_version"), "1.2.0", "version");
    CHECK(r && r->started_wall_ns == UINT64_C(1735787045) * NS_PER_S, "date");
}

static void test_k6_points(void)
{
    CLEANUP(run_freep)
    Run *r = run_of_text(
        "{\"type\":\"Metric\",\"data\":{\"name\":\"http_req_duration\",\"type\":\"trend\","
        "\"contains\":\"time\"},\"metric\":\"http_req_duration\"}\n"
        "{\"type\":\"Point\",\"data\":{\"time\":\"2020-01-01T00:00:00Z\",\"value\":5,\"tags\":{}},"
        "\"metric\":\"http_req_duration\"}\n"
        "{\"type\":\"Point\",\"data\":{\"time\":\"2020-01-01T00:00:02Z\",\"value\":9.5,\"tags\":{}}"
        ","
        "\"metric\":\"http_req_duration\"}\n"
        "{\"type\":\"Metric\",\"data\":{\"type\":\"counter\"},\"metric\":\"http_reqs\"}\n"
        "{\"type\":\"Point\",\"data\":{\"time\":\"2020-01-01T00:00:01Z\",\"value\":1},\"metric\":"
        "\"http_reqs\"}\n\n"
        "{\"type\":\"Point\",\"data\":{\"time\":\"2020-01-01T00:00:02Z\",\"value\":1},\"metric\":"
        "\"http_reqs\"}\n",
        "k6-json");
    const MetricSummary *m = metric_of(r, "k6", "service_time");
    CHECK(m && m->hist && m->count == 2, "points make a distribution");
    CHECK_REL(m ? m->max : 0, 9.5e6, "in ns");
    CHECK_REL(stat_of(r, "k6", "throughput", NULL), 1, "two requests in two seconds");
    run_freep(&r);
    r = run_of_text("metric_name,timestamp,metric_value,check,error\n"
                    "http_reqs,1595325560,1.000000,,\nhttp_req_duration,1595325560,221.899,,\n"
                    "http_req_failed,1595325560,0,,\nhttp_req_failed,1595325564,1,,\n"
                    "vus,1595325564,3,,\nmine,1595325564,7,,\n",
                    "k6-csv");
    CHECK_NEAR(stat_of(r, "k6", "service_time", "max"), 221899e3, 1, "CSV: ms");
    CHECK_REL(stat_of(r, "k6", "error_rate", NULL), 0.5, "CSV: a share");
    CHECK_REL(stat_of(r, "k6", "mine", "mean"), 7, "CSV: the author's own");
    CHECK(r && r->started_wall_ns == UINT64_C(1595325560) * NS_PER_S, "CSV: date");
}

static const char locust_stats[] =
    "Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,"
    "Min Response Time,Max Response Time,Average Content Size,Requests/s,Failures/s,50%,66%,75%,"
    "80%,90%,95%,98%,99%,99.9%,99.99%,100%\n"
    "GET,/a,200,10,9,12.5,3.25,80.75,512.0,20.5,1.0,9,10,11,12,15,20,30,40,80,80,81\n"
    "GET,/none,0,0,N/A,0,0,0,0,0.0,0.0,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A\n"
    ",Aggregated,200,10,9,12.5,3.25,80.75,512.0,20.5,1.0,9,10,11,12,15,20,30,40,80,80,81\n";

static void test_locust(void)
{
    CLEANUP(run_freep) Run *r = run_of_text(locust_stats, "locust");
    CHECK_REL(stat_of(r, "GET /a", "latency", "mean"), 12.5e6, "mean");
    CHECK_REL(stat_of(r, "GET /a", "latency", "p99"), 40e6, "percentile");
    CHECK_REL(stat_of(r, "GET /a", "latency", "max"), 80.75e6, "the maximum, not rounded");
    CHECK_REL(stat_of(r, "GET /a", "error_rate", NULL), 0.05, "failures");
    CHECK_REL(stat_of(r, "Aggregated", "throughput", NULL), 20.5, "the last row is the whole");
    CHECK(!metric_of(r, "GET /none", "latency"), "N/A is missing, not 0");
    run_freep(&r);
    r = run_of_text("Timestamp,User Count,Type,Name,Requests/s,Failures/s,50%,95%,"
                    "Total Request Count,Total Failure Count,Total Median Response Time,"
                    "Total Average Response Time,Total Min Response Time,Total Max Response Time,"
                    "Total Average Content Size\n"
                    "1600000000,1,,Aggregated,0.000000,0.000000,N/A,N/A,0,0,0,0.0,0,0,0\n"
                    "1600000010,5,,Aggregated,10,0,7,20,100,2,7,8.5,2,30,100\n",
                    "locust-history");
    CHECK_REL(stat_of(r, "Aggregated", "latency", "mean"), 8.5e6, "history: the last totals");
    CHECK_REL(stat_of(r, "Aggregated", "throughput", NULL), 10, "history: 100 in 10 s");
    CHECK_REL(stat_of(r, "Aggregated", "error_rate", NULL), 0.02, "history: failures");
    const Series *s = r ? series_find(&r->cases[0]->trials[0]->series, "load", "users") : NULL;
    CHECK(s && s->n == 2 && s->t_s[1] > 9.9 && s->v[1] > 4.9, "history: users over time");
    run_freep(&r);
    r = run_of_text("Method,Name,Error,Occurrences,First Seen,Last Seen\nGET,/a,\"500, bad\",7,,\n",
                    "locust-failures");
    CHECK_REL(trial_of(r, "GET /a: 500, bad", "failures", 0), 7, "failures by kind");
    run_freep(&r);
    r = run_of_text("[{\"name\":\"/a\",\"method\":\"GET\",\"last_request_timestamp\":1600000004.5,"
                    "\"start_time\":1600000000.5,\"num_requests\":4,\"num_none_requests\":0,"
                    "\"num_failures\":1,\"total_response_time\":70,\"response_times\":{\"10\":3,"
                    "\"40\":1}}]",
                    "locust-json");
    const MetricSummary *m = metric_of(r, "GET /a", "latency");
    CHECK(m && m->hist && m->count == 4, "JSON: a real distribution");
    CHECK_REL(m ? m->max : 0, 40e6, "JSON: ms");
    CHECK_REL(stat_of(r, "GET /a", "throughput", NULL), 1, "JSON: 4 in 4 s");
}

static void test_jtl(void)
{
    CLEANUP(run_freep)
    Run *r = run_of_text(
        "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,"
        "failureMessage,bytes,sentBytes,grpThreads,allThreads,URL,Latency,IdleTime,Connect\n"
        "1600000000000,100,Home,200,OK,t 1-1,text,true,,10,10,1,1,http://x,80,0,5\n"
        "1600000000900,100,Home,500,\"Server, Error\",t 1-1,text,false,,10,10,1,1,http://x,90,0,0\n"
        "1600000000500,50,Login,200,OK,t 1-1,text,true,,10,10,1,1,http://x,40,0,0\n",
        "jmeter");
    CHECK_REL(stat_of(r, "Home", "latency", "max"), 100e6, "elapsed");
    CHECK_REL(stat_of(r, "Home", "first_byte", "max"), 90e6, "Latency is the first byte");
    CHECK_REL(stat_of(r, "Home", "connect_time", "max"), 5e6, "Connect");
    CHECK_REL(stat_of(r, "Home", "error_rate", NULL), 0.5, "success");
    CHECK_NEAR(stat_of(r, "Home", "throughput", NULL), 1, 1e-9, "one success in a second");
    CHECK_INT(r ? r->n_cases : 0, 2, "a case a label");
    CHECK(r && r->started_wall_ns == UINT64_C(1600000000) * NS_PER_S, "date");
}

static void test_hdrlog(Arena *a)
{
    const char *path = sample_path(a, "harness/hdrhistogram/jHiccup-2.0.7S.logV3.hlog");
    if (!path) {
        tap_skip("no samples (ASSAY_SHARED)");
        return;
    }
    CLEANUP(run_freep) Run *r = run_of_file(path, "hdrhistogram-log");
    CHECK_INT(r ? r->n_cases : 0, 5, "a case a tag");
    CHECK_INT(trials_of(r, "all", "latency"), 58, "a trial an interval");
    CHECK_INT(trials_of(r, "a5.132a", "latency"), 1, "tags keep theirs");
    CHECK(r && r->started_wall_ns / NS_PER_S == 1441812279, "date");
    run_freep(&r);
    r = run_of_file(sample_path(a, "harness/hdrhistogram/jHiccup-2.0.6.logV1.hlog"),
                    "hdrhistogram-log");
    const MetricSummary *m = metric_of(r, "all", "latency");
    CHECK_NEAR(m ? m->max : 0, 1895.825e6, 1e3, "the largest that a line states, in ns");
    run_freep(&r);
    r = run_of_file(sample_path(a, "harness/hdrhistogram/hiccup.140623.1028.10646.hlog"),
                    "hdrhistogram-log");
    CHECK_INT(trials_of(r, "all", "latency"), 11, "version 1.01");
}

int main(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    test_k6_legacy();
    test_k6_later();
    test_k6_points();
    test_locust();
    test_jtl();
    test_hdrlog(&a);
    return tap_done();
}
