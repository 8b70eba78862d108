/* For tests: a run that has a bit of everything, the same each time. */
#pragma once

#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "model/run.h"

UNUSED static Hist *sample_hist(Rng *rng, int n)
{
    Hist *h = NULL;
    if (hist_new(&h, NULL) < 0)
        abort();
    for (int i = 0; i < n; i++)
        hist_record(h, (uint64_t)(200e3 + 50e3 * rng_exp(rng)));
    hist_record_censored(h, 3 * NS_PER_S);
    hist_record(h, UINT64_C(5000) * NS_PER_S); /* above the range */
    return h;
}

UNUSED static void sample_series(Run *r, Trial *t, int points)
{
    Series *cpu = series_new(&t->series, &r->arena, "target", "cpu", "count", "/proc 10 Hz");
    for (int i = -5; i < points; i++)
        series_push(cpu, &r->arena, i * 0.1, i == 7 ? (double)NAN : 0.5 + 0.001 * i);
    Series *rss = series_new(&t->series, &r->arena, "target", "rss", "bytes", "/proc 10 Hz");
    for (int i = 0; i < points; i++)
        series_push(rss, &r->arena, i * 0.1, 1e7 + i * 4096.0);
}

UNUSED static Trial *sample_load_trial(Run *r, CaseResult *c, Rng *rng, uint32_t round,
                                       uint32_t seq)
{
    Trial *t = case_add_trial(r, c);
    t->round = round;
    t->seq = seq;
    t->started_wall_ns = r->started_wall_ns + seq * 11 * NS_PER_S;
    t->duration_ns = 10 * NS_PER_S + rng_below(rng, 1000);
    t->has_outcomes = true;
    t->outcomes = (Outcomes){ .scheduled = 1010, .ok = 1000, .timed_out = 3, .in_flight = 2 };
    t->outcomes.failed[FAIL_STATUS] = 1;
    t->outcomes.failed[FAIL_CONNECT] = 1;
    t->outcomes.failed[FAIL_UNAUTHORIZED] = 1;
    t->outcomes.failed[FAIL_TOOL] = 2;
    trial_add_metric(r, t, "latency", NULL, BETTER_NONE, "hdr-histogram", (double)NAN,
                     sample_hist(rng, 1000));
    trial_add_metric(r, t, "throughput", NULL, BETTER_NONE, "counted", 100 + rng_f64(rng), NULL);
    trial_add_metric(r, t, "error_rate", NULL, BETTER_NONE, "counted",
                     outcomes_error_rate(&t->outcomes), NULL);
    if (round != 1)
        trial_add_metric(r, t, "widgets", "widgets", BETTER_HIGHER, "custom", 0.1 * seq, NULL);
    sample_series(r, t, 100);
    if (round == 2)
        validity_add(&t->validity, &r->arena, GRADE_SUSPECT, "steal", "steal 7 %% > 5 %%");
    return t;
}

UNUSED static void sample_command_trial(Run *r, CaseResult *c, Rng *rng, uint32_t round,
                                        uint32_t seq)
{
    Trial *t = case_add_trial(r, c);
    t->round = round;
    t->seq = seq;
    t->started_wall_ns = r->started_wall_ns + seq * NS_PER_S;
    t->exit_code = round == 1 ? -1 : 0;
    t->signal = round == 1 ? 9 : 0;
    double wall = 10e6 * (1 + 0.01 * rng_normal(rng));
    t->duration_ns = (uint64_t)wall;
    trial_add_metric(r, t, "wall", NULL, BETTER_NONE, "wait4", wall, NULL);
    trial_add_metric(r, t, "cpu", NULL, BETTER_NONE, round ? "wait4" : "cgroup", wall / 3, NULL);
    trial_add_metric(r, t, "faults_major", NULL, BETTER_NONE, "wait4", (double)NAN, NULL);
}

UNUSED static void sample_expect(Run *r, CaseResult *c, const char *text)
{
    Expect e;
    if (expect_parse(&r->arena, str(text), &e, NULL) < 0)
        abort();
    ARENA_PUSH(&r->arena, c->expects, c->n_expects, c->cap_expects, e);
}

UNUSED static void sample_comparison(Run *r)
{
    Comparison *c = ARENA_NEW(&r->arena, Comparison);
    *c = (Comparison){ .a = "main",
                       .b = "head",
                       .verdict = VERDICT_REGRESSED,
                       .exit_code = 4,
                       .confidence = 0.95,
                       .min_effect = 0.01 };
    CompareRow row = { .case_name = "build",
                       .reference = "build",
                       .metric = "wall",
                       .unit = "ns",
                       .better = BETTER_LOWER,
                       .verdict = VERDICT_REGRESSED,
                       .value_a = 10e6,
                       .value_b = 12e6,
                       .ratio = 1.2,
                       .ratio_low = 1.15,
                       .ratio_high = 1.0 / 3 + 1,
                       .difference = 2e6,
                       .p = 1e-6,
                       .p_adjusted = 2e-6,
                       .n = 30,
                       .mde = 0.02,
                       .rounds_more = (double)NAN,
                       .method = "paired sign test",
                       .severity = SEVERITY_CRITICAL,
                       .action = ACTION_BLOCK };
    ARENA_PUSH(&r->arena, c->rows, c->n, c->cap, row);
    row = (CompareRow){ .case_name = "get",
                        .reference = "get",
                        .metric = "latency.p99",
                        .unit = "ns",
                        .verdict = VERDICT_INCONCLUSIVE,
                        .ratio = (double)NAN,
                        .ratio_low = 0,
                        .ratio_high = (double)INFINITY,
                        .p = 1,
                        .p_adjusted = 1,
                        .rounds_more = 17,
                        .method = "Mann-Whitney",
                        .note = "too few rounds \xe2\x80\x93 17 more" };
    ARENA_PUSH(&r->arena, c->rows, c->n, c->cap, row);
    r->comparison = c;
}

UNUSED static void sample_head(Run *r)
{
    r->suite_path = "suites/shop.yaml";
    r->commit = "0123456789abcdef0123456789abcdef01234567";
    r->branch = "feature/x";
    r->dirty = true;
    r->against = "main";
    r->stop_rule = "3 rounds";
    r->finished_wall_ns = r->started_wall_ns + 60 * NS_PER_S;
    r->exit_code = 4;
    strmap_set(&r->arena, &r->tags, "ci", "yes");
    strmap_set(&r->arena, &r->tags, "zone", "\xc3\xbc");
    ARENA_PUSH(&r->arena, r->rules.v, r->rules.n, r->rules.cap,
               ((Rule){ SEVERITY_CRITICAL, ACTION_BLOCK, "latency", 0.2 }));
    ARENA_PUSH(&r->arena, r->rules.v, r->rules.n, r->rules.cap,
               ((Rule){ SEVERITY_NOTICE, ACTION_LOG, RULE_ANY, -0.05, "get", 5e4, 12 }));
    ARENA_PUSH(&r->arena, r->rules.v, r->rules.n, r->rules.cap,
               ((Rule){ .metric = "wall",
                        .cases = "*",
                        .reason = "known since the move",
                        .until_wall_ns = UINT64_C(1800000000) * NS_PER_S }));
    r->correction = CORRECTION_BH;
    r->testbed = (Testbed){ .host = "box",
                            .kernel = "6.1.0",
                            .cpu = "Some CPU @ 2.00GHz",
                            .cpus = 2,
                            .memory_bytes = UINT64_C(8) << 30,
                            .clock_source = "tsc",
                            .fingerprint = "0123456789abcdef" };
}

/* The cases of the sample, without trials. */
UNUSED static void sample_cases(Run *r)
{
    CaseResult *get = run_add_case(r, "get/users=10,size=1KiB", "get", KIND_LOAD, SIDE_HEAD);
    get->component = "catalogue";
    get->note = "first seen today";
    strmap_set(&r->arena, &get->params, "users", "10");
    strmap_set(&r->arena, &get->params, "size", "1KiB");
    sample_expect(r, get, "latency.p95 < 100ms");
    sample_expect(r, get, "error_rate < 0.1%");
    sample_expect(r, get, "first_byte.p99 < 1ms");
    CaseResult *head = run_add_case(r, "build", "build", KIND_COMMAND, SIDE_HEAD);
    head->reference = "other";
    run_add_case(r, "build", "build", KIND_COMMAND, SIDE_BASE);
    CaseResult *dead = run_add_case(r, "dead", "dead", KIND_LOAD, SIDE_HEAD);
    validity_add(&dead->validity, &r->arena, GRADE_INVALID, "failed", "connection refused");
    validity_add(&r->validity, &r->arena, GRADE_SUSPECT, "clock", "the clock stepped");
}

/* A run of four cases (one without trials), nine trials interleaved over three rounds, summarised.
 * Freed by the caller. */
UNUSED static Run *sample_run(uint64_t seed)
{
    Run *r = NULL;
    if (run_new(&r, "shop", seed, UINT64_C(1769903999123456789) + seed, NULL) < 0)
        abort();
    sample_head(r);
    sample_cases(r);
    Rng rng = rng_new(seed, "sample", 0);
    for (uint32_t round = 0, seq = 0; round < 3; round++) {
        sample_load_trial(r, r->cases[0], &rng, round, seq++);
        sample_command_trial(r, r->cases[1 + round % 2], &rng, round, seq++);
        sample_command_trial(r, r->cases[2 - round % 2], &rng, round, seq++);
    }
    sample_comparison(r);
    if (run_summarise(r, NULL) < 0)
        abort();
    return r;
}
