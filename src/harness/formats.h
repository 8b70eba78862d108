/* The rows of harness_formats, each in the file of its name. */
#pragma once

#include "harness/harness.h"

extern const HarnessFormat harness_ab;
extern const HarnessFormat harness_ab_csv;
extern const HarnessFormat harness_artillery;
extern const HarnessFormat harness_asv;
extern const HarnessFormat harness_autocannon;
extern const HarnessFormat harness_bencher;
extern const HarnessFormat harness_benchmarkdotnet;
extern const HarnessFormat harness_benchmarkjs;
extern const HarnessFormat harness_cargo_bench;
extern const HarnessFormat harness_catch2;
extern const HarnessFormat harness_criterion;
extern const HarnessFormat harness_criterion_csv;
extern const HarnessFormat harness_custom;
extern const HarnessFormat harness_custom_bigger;
extern const HarnessFormat harness_custom_smaller;
extern const HarnessFormat harness_data_js;
extern const HarnessFormat harness_fio;
extern const HarnessFormat harness_go;
extern const HarnessFormat harness_google_benchmark;
extern const HarnessFormat harness_google_benchmark_csv;
extern const HarnessFormat harness_hdrlog;
extern const HarnessFormat harness_hey;
extern const HarnessFormat harness_hey_csv;
extern const HarnessFormat harness_hyperfine;
extern const HarnessFormat harness_hyperfine_csv;
extern const HarnessFormat harness_jmh;
extern const HarnessFormat harness_jmh_csv;
extern const HarnessFormat harness_jtl;
extern const HarnessFormat harness_junit;
extern const HarnessFormat harness_k6;
extern const HarnessFormat harness_k6_csv;
extern const HarnessFormat harness_k6_json;
extern const HarnessFormat harness_locust;
extern const HarnessFormat harness_locust_failures;
extern const HarnessFormat harness_locust_history;
extern const HarnessFormat harness_locust_json;
extern const HarnessFormat harness_nanobench;
extern const HarnessFormat harness_oha;
extern const HarnessFormat harness_perf_stat;
extern const HarnessFormat harness_pgbench;
extern const HarnessFormat harness_pgbench_log;
extern const HarnessFormat harness_pyperf;
extern const HarnessFormat harness_pytest;
extern const HarnessFormat harness_pytest_csv;
extern const HarnessFormat harness_redis_benchmark;
extern const HarnessFormat harness_sysbench;
extern const HarnessFormat harness_vegeta;
extern const HarnessFormat harness_vitest;
extern const HarnessFormat harness_wrk;
