/* The table of formats: a new one is a file and a row. */
#include "harness/formats.h"

const HarnessFormat *const harness_formats[] = {
    &harness_cargo_bench,
    &harness_criterion,
    &harness_criterion_csv,
    &harness_custom,
    &harness_custom_bigger,
    &harness_custom_smaller,
    &harness_data_js,
    &harness_go,
    &harness_google_benchmark,
    &harness_google_benchmark_csv,
    &harness_hyperfine,
    &harness_hyperfine_csv,
    &harness_jmh,
    &harness_jmh_csv,
    &harness_pytest,
    &harness_pytest_csv,
    NULL,
};
