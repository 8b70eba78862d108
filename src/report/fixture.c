#include "report/fixture.h"

#include <fcntl.h>
#include <math.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/rng.h"

extern char **environ;

#define START_NS (UINT64_C(1769904000) * NS_PER_S)

static void must(int r, const Err *err)
{
    if (r < 0) {
        fprintf(stderr, "fixture: %s\n", err->msg);
        abort();
    }
}

static Run *new_run(const char *suite)
{
    Run *r;
    Err err = { 0 };
    must(run_new(&r, suite, 12345, START_NS, &err), &err);
    r->commit = "3f2a91c4d5e6f708192a3b4c5d6e7f8091a2b3c4";
    r->branch = "faster-sort";
    r->dirty = true;
    r->finished_wall_ns = START_NS + 95 * NS_PER_S;
    r->stop_rule = "30 rounds, interleaved in balanced random order";
    r->min_effect = 0.01;
    r->confidence = 0.95;
    r->testbed = (Testbed){ .host = "bench-1",
                            .os = "Debian GNU/Linux 12 (bookworm)",
                            .kernel = "6.1.0-18-amd64",
                            .cpu = "AMD EPYC 7B13",
                            .cpus = 4,
                            .memory_bytes = UINT64_C(8) << 30,
                            .clock_source = "tsc",
                            .virtualisation = "kvm",
                            .governor = "performance",
                            .fingerprint = "8d1f2c3b4a596877" };
    return r;
}

static Trial *new_trial(Run *r, CaseResult *c, uint32_t round, uint32_t seq, double seconds)
{
    Trial *t = case_add_trial(r, c);
    t->round = round;
    t->seq = seq;
    t->started_wall_ns = START_NS + seq * 2 * NS_PER_S;
    t->duration_ns = (uint64_t)(seconds * 1e9);
    return t;
}

/* Runs with a long right tail; the first is cold. */
static CaseResult *add_command(Run *r, const char *name, Side side, double wall_ms, int rounds,
                               uint32_t seq)
{
    CaseResult *c = run_add_case(r, name, name, KIND_COMMAND, side);
    Rng rng = rng_new(7, name, side);
    for (int i = 0; i < rounds; i++) {
        double jitter = 1 + 0.006 * rng_normal(&rng) + 0.012 * rng_exp(&rng) + (i == 0 ? 0.28 : 0);
        double wall = wall_ms * 1e6 * jitter;
        double user = wall * 0.86, system = wall * 0.07 * (1 + 0.1 * rng_f64(&rng));
        Trial *t = new_trial(r, c, (uint32_t)i, seq + 2 * (uint32_t)i, wall / 1e9);
        const char *method = "wait4";
        trial_add_metric(r, t, "wall", "ns", BETTER_LOWER, "monotonic clock", wall, NULL);
        trial_add_metric(r, t, "cpu", "ns", BETTER_LOWER, method, user + system, NULL);
        trial_add_metric(r, t, "user", "ns", BETTER_LOWER, method, user, NULL);
        trial_add_metric(r, t, "system", "ns", BETTER_LOWER, method, system, NULL);
        double rss = 4096 * (3000 + (double)rng_below(&rng, 40));
        trial_add_metric(r, t, "rss_peak", "bytes", BETTER_LOWER, method, rss, NULL);
    }
    return c;
}

static void add_function(Run *r, const char *name, double ns)
{
    CaseResult *c = run_add_case(r, name, "parse", KIND_FUNCTION, SIDE_HEAD);
    Rng rng = rng_new(7, name, 0);
    for (int i = 0; i < 20; i++) {
        Trial *t = new_trial(r, c, (uint32_t)i, (uint32_t)i, 0.01);
        double v = ns * (1 + 0.004 * rng_normal(&rng));
        trial_add_metric(r, t, "time", "ns", BETTER_LOWER, "monotonic clock", v, NULL);
    }
}

typedef struct LoadShape {
    double rate, median_us, spread;
    double freeze_s; /* length of a stall in the second trial */
    uint64_t status, reset, timed_out, dropped;
    double seconds;
    int trials;
    bool series;
} LoadShape;

static Hist *new_hist(void)
{
    Hist *h;
    Err err = { 0 };
    must(hist_new(&h, &err), &err);
    return h;
}

static void add_load_series(Run *r, Trial *t, const LoadShape *s, Rng *rng, bool stalled)
{
    Arena *a = &r->arena;
    static const struct {
        const char *scope, *name, *unit;
    } rows[] = {
        { "load", "throughput", "1/s" }, { "load", "latency.p50", "ns" },
        { "load", "latency.p99", "ns" }, { "load", "errors", "1/s" },
        { "target", "cpu", "count" },    { "target", "rss", "bytes" },
        { "generator", "cpu", "count" },
    };
    int n = (int)(s->seconds * 10);
    for (ptrdiff_t k = 0; k < ARRAY_LEN(rows); k++) {
        Series *x =
            series_new(&t->series, a, rows[k].scope, rows[k].name, rows[k].unit, "collector 10 Hz");
        for (int i = 0; i < n; i++) {
            double at = i / 10.0, noise = 1 + 0.05 * rng_normal(rng), v = 0;
            bool frozen = stalled && at >= s->seconds / 2 && at < s->seconds / 2 + s->freeze_s;
            double since = at - s->seconds / 2;
            switch (k) {
            case 0:
                v = frozen ? 0 : s->rate * noise;
                break;
            case 1:
                v = frozen ? since * 0.5e9 + 1e6 : s->median_us * 1e3 * noise;
                break;
            case 2:
                v = frozen ? since * 1e9 + 1e6 : s->median_us * 4e3 * noise * noise;
                break;
            case 3:
                v = frozen ? 20 : i % 37 == 5;
                break;
            case 4:
                v = frozen ? 0.02 : 0.72 * noise;
                break;
            case 5:
                v = 45e6 + 2e5 * at;
                break;
            default:
                v = 0.11 * noise;
                break;
            }
            series_push(x, a, at, i % 50 == 49 && k > 3 ? (double)NAN : v);
        }
    }
}

static void add_load_trial(Run *r, CaseResult *c, const LoadShape *s, int i, Rng *rng)
{
    Trial *t = new_trial(r, c, (uint32_t)i, (uint32_t)i, s->seconds);
    Hist *latency = new_hist(), *service = new_hist(), *late = new_hist();
    uint64_t n = (uint64_t)(s->rate * s->seconds);
    uint64_t lost = s->status + s->reset + s->timed_out + s->dropped;
    bool stalled = s->freeze_s > 0 && i == s->trials / 2;
    for (uint64_t k = 0; k < n - s->dropped; k++) {
        double v = s->median_us * 1e3 * exp(s->spread * rng_normal(rng));
        double wait = 4e3 + 9e3 * rng_exp(rng), at = (double)k / s->rate;
        double stall = s->seconds / 2 + s->freeze_s - at;
        double response = stalled && at > s->seconds / 2 && stall > 0 ? stall * 1e9 : v;
        hist_record(service, (uint64_t)v);
        hist_record(late, (uint64_t)wait);
        hist_record(latency, (uint64_t)(response + wait));
    }
    for (uint64_t k = 0; k < s->timed_out; k++)
        hist_record_censored(latency, 5 * NS_PER_S);
    const char *method = "hdr-histogram";
    trial_add_metric(r, t, "latency", "ns", BETTER_LOWER, method, hist_quantile(latency, 0.5),
                     latency);
    trial_add_metric(r, t, "service_time", "ns", BETTER_LOWER, method, hist_quantile(service, 0.5),
                     service);
    trial_add_metric(r, t, "lateness", "ns", BETTER_NONE, method, hist_quantile(late, 0.5), late);
    trial_add_metric(r, t, "throughput", "1/s", BETTER_HIGHER, "counted",
                     (double)(n - lost) / s->seconds, NULL);
    trial_add_metric(r, t, "error_rate", "share", BETTER_LOWER, "counted", (double)lost / (double)n,
                     NULL);
    trial_add_metric(r, t, "target.cpu", "count", BETTER_LOWER, "/proc 10 Hz",
                     0.72 + 0.01 * rng_f64(rng), NULL);
    trial_add_metric(r, t, "target.rss_peak", "bytes", BETTER_LOWER, "/proc 10 Hz", 47.1e6, NULL);
    trial_add_metric(r, t, "generator.cpu", "count", BETTER_NONE, "/proc 10 Hz", 0.11, NULL);
    t->has_outcomes = true;
    t->outcomes = (Outcomes){ .scheduled = n,
                              .ok = n - lost - 2,
                              .timed_out = s->timed_out,
                              .dropped = s->dropped,
                              .in_flight = 2 };
    t->outcomes.failed[FAIL_STATUS] = s->status;
    t->outcomes.failed[FAIL_RESET] = s->reset;
    if (s->series)
        add_load_series(r, t, s, rng, stalled);
}

static CaseResult *add_load(Run *r, const char *name, const char *benchmark, Side side,
                            const LoadShape *s)
{
    CaseResult *c = run_add_case(r, name, benchmark, KIND_LOAD, side);
    Rng rng = rng_new(11, name, side);
    for (int i = 0; i < s->trials; i++)
        add_load_trial(r, c, s, i, &rng);
    return c;
}

static void add_expect(Run *r, CaseResult *c, const char *text)
{
    Expect e;
    Err err = { 0 };
    must(expect_parse(&r->arena, str(text), &e, &err), &err);
    ARENA_PUSH(&r->arena, c->expects, c->n_expects, c->cap_expects, e);
}

static CompareRow compare_row(const char *name, const char *reference, const char *metric,
                              Verdict v, double a, double b)
{
    double half = v == VERDICT_INCONCLUSIVE ? 0.09 : 0.012;
    const MetricDef *d = metric_find(metric);
    return (CompareRow){ .case_name = name,
                         .reference = reference,
                         .metric = metric,
                         .unit = d ? d->unit : "ns",
                         .better = d ? d->better : BETTER_LOWER,
                         .verdict = v,
                         .value_a = a,
                         .value_b = b,
                         .ratio = b / a,
                         .ratio_low = b / a * (1 - half),
                         .ratio_high = b / a * (1 + half),
                         .difference = b - a,
                         .p = v == VERDICT_INCONCLUSIVE ? 0.21 : 0.00012,
                         .p_adjusted = v == VERDICT_INCONCLUSIVE ? 0.6 : 0.0011,
                         .n = 30,
                         .mde = 0.034,
                         .rounds_more = v == VERDICT_INCONCLUSIVE ? 34 : (double)NAN,
                         .method = "paired sign test" };
}

static void add_row(Run *r, CompareRow row)
{
    Comparison *c = r->comparison;
    ARENA_PUSH(&r->arena, c->rows, c->n, c->cap, row);
}

static Comparison *new_comparison(Run *r, const char *a, const char *b, Verdict v, int exit_code)
{
    Comparison *c = ARENA_NEW(&r->arena, Comparison);
    *c = (Comparison){
        .a = a, .b = b, .verdict = v, .exit_code = exit_code, .confidence = 0.95, .min_effect = 0.01
    };
    r->comparison = c;
    return c;
}

static Run *finish(Run *r)
{
    Err err = { 0 };
    must(run_summarise(r, &err), &err);
    return r;
}

Run *fixture_commands(void)
{
    Run *r = new_run("time");
    const char *old = "./sort-old words.txt", *new = "./sort-new words.txt";
    add_command(r, old, SIDE_HEAD, 102.3, 30, 0);
    add_command(r, new, SIDE_HEAD, 67.4, 30, 1);
    new_comparison(r, old, new, VERDICT_IMPROVED, 0);
    add_row(r, compare_row(new, old, "wall", VERDICT_IMPROVED, 102.3e6, 67.4e6));
    add_row(r, compare_row(new, old, "cpu", VERDICT_IMPROVED, 95.1e6, 62.7e6));
    add_row(r, compare_row(new, old, "rss_peak", VERDICT_UNCHANGED, 12.30e6, 12.34e6));
    return finish(r);
}

Run *fixture_load(void)
{
    Run *r = new_run("load");
    r->stop_rule = "3 trials of 10s after 2s of warm-up";
    LoadShape s = { .rate = 500,
                    .median_us = 1230,
                    .spread = 0.35,
                    .freeze_s = 0.4,
                    .status = 6,
                    .reset = 2,
                    .timed_out = 3,
                    .dropped = 1,
                    .seconds = 10,
                    .trials = 3,
                    .series = true };
    CaseResult *c = add_load(r, "http://127.0.0.1:8080/items", "load", SIDE_HEAD, &s);
    add_expect(r, c, "latency.p95 < 50ms");
    add_expect(r, c, "error_rate < 0.1%");
    add_expect(r, c, "throughput > 490/s");
    validity_add(
        &c->trials[0]->validity, &r->arena, GRADE_SUSPECT, "late-sends",
        "send lateness p99 is 1.3 ms, more than max(1 ms, 10 %% of p50): give the generator "
        "a core of its own, or lower the rate");
    r->exit_code = 3;
    return finish(r);
}

static void suite_comparison(Run *r)
{
    new_comparison(r, "main", "faster-sort", VERDICT_INVALID, 4);
    CompareRow bad = compare_row("get-item/users=10,size=1KiB", NULL, "latency", VERDICT_REGRESSED,
                                 1.20e6, 1.52e6);
    bad.severity = SEVERITY_CRITICAL;
    bad.action = ACTION_BLOCK;
    add_row(r, bad);
    CompareRow warn = compare_row("get-item/users=100,size=10KiB", NULL, "throughput",
                                  VERDICT_REGRESSED, 12000, 11100);
    warn.severity = SEVERITY_WARNING;
    warn.action = ACTION_REVIEW;
    warn.note = "wall-clock baseline from another day: not blocking";
    add_row(r, warn);
    add_row(r, compare_row("get-item/users=100,size=10KiB", NULL, "latency", VERDICT_INCONCLUSIVE,
                           2.1e6, 2.16e6));
    add_row(r, compare_row("version", NULL, "wall", VERDICT_IMPROVED, 14.1e6, 12.3e6));
    add_row(r, compare_row("version", NULL, "cpu", VERDICT_UNCHANGED, 9.1e6, 9.11e6));
    add_row(r, compare_row(FIXTURE_SCRIPT, NULL, "wall", VERDICT_INVALID, 5e6, 6e6));
    CompareRow alone = compare_row("checkout", NULL, "latency", VERDICT_INCONCLUSIVE, 1, 1.21e6);
    alone.value_a = alone.ratio = alone.ratio_low = alone.ratio_high = alone.difference = alone.p =
        alone.p_adjusted = alone.mde = alone.rounds_more = (double)NAN;
    alone.n = 0;
    alone.note = "only the head side has this case";
    add_row(r, alone);
}

Run *fixture_suite(void)
{
    Run *r = new_run("shop");
    r->suite_path = "shop.yaml";
    r->against = "main";
    strmap_set(&r->arena, &r->tags, "ci", "nightly");
    LoadShape light = {
        .rate = 800, .median_us = 1500, .spread = 0.3, .seconds = 5, .trials = 3, .series = true
    };
    LoadShape heavy = { .rate = 2400,
                        .median_us = 2100,
                        .spread = 0.5,
                        .freeze_s = 0.3,
                        .status = 40,
                        .reset = 3,
                        .timed_out = 7,
                        .dropped = 60,
                        .seconds = 5,
                        .trials = 3,
                        .series = true };
    add_command(r, "version", SIDE_HEAD, 12.3, 30, 0);
    add_command(r, "version", SIDE_BASE, 14.1, 30, 1);
    CaseResult *c = add_load(r, "get-item/users=10,size=1KiB", "get-item", SIDE_HEAD, &light);
    c->component = "catalogue";
    strmap_set(&r->arena, &c->params, "users", "10");
    strmap_set(&r->arena, &c->params, "size", "1KiB");
    add_expect(r, c, "latency.p95 < 50ms");
    light.median_us = 1200;
    add_load(r, "get-item/users=10,size=1KiB", "get-item", SIDE_BASE, &light);
    c = add_load(r, "get-item/users=100,size=10KiB", "get-item", SIDE_HEAD, &heavy);
    c->component = "catalogue";
    strmap_set(&r->arena, &c->params, "users", "100");
    strmap_set(&r->arena, &c->params, "size", "10KiB");
    add_expect(r, c, "latency.p99 < 5ms");
    validity_add(&c->trials[1]->validity, &r->arena, GRADE_INVALID, "dropped",
                 "0.50 %% of the operations were never sent (limit 0.1 %%): raise connections");
    validity_add(&c->trials[1]->validity, &r->arena, GRADE_SUSPECT, "steal",
                 "the hypervisor took 6.2 %% of the CPU (limit 5 %%): repeat on a quieter host");
    add_load(r, "checkout", "checkout", SIDE_HEAD, &light);
    add_function(r, "parse/json", 812.4);
    add_function(r, "parse/csv", 96.1);
    c = add_command(r, FIXTURE_SCRIPT, SIDE_HEAD, 5.1, 12, 200);
    c->trials[4]->exit_code = 1;
    validity_add(&c->trials[4]->validity, &r->arena, GRADE_INVALID, "failed-runs",
                 "1 of 12 runs ended with status 1 <b>not bold</b>");
    c->note = "measured without a shell";
    add_command(r, FIXTURE_CONTROL, SIDE_HEAD, 1.2, 8, 300);
    add_command(r, FIXTURE_FORMULA, SIDE_HEAD, 2.2, 8, 400);
    add_command(r, FIXTURE_WIDE, SIDE_HEAD, 3.2, 8, 500);
    suite_comparison(r);
    r->exit_code = 5;
    return finish(r);
}

Run *fixture_many(ptrdiff_t n)
{
    Run *r = new_run("many");
    LoadShape s = { .rate = 100,
                    .median_us = 900,
                    .spread = 0.4,
                    .freeze_s = 0.2,
                    .timed_out = 1,
                    .seconds = 20,
                    .trials = 2,
                    .series = true };
    for (ptrdiff_t i = 0; i < n; i++) {
        s.median_us = 500 + 37 * (double)(i % 50);
        CaseResult *c =
            add_load(r, arena_printf(&r->arena, "get/users=%td", i), "get", SIDE_HEAD, &s);
        add_expect(r, c, "latency.p99 < 1s");
    }
    return finish(r);
}

Run *fixture_empty(void)
{
    Run *r = new_run("nothing");
    r->commit = r->branch = r->stop_rule = NULL;
    r->testbed = (Testbed){ 0 };
    run_add_case(r, "never-ran", "never-ran", KIND_COMMAND, SIDE_HEAD);
    run_add_case(r, "never-loaded", "never-loaded", KIND_LOAD, SIDE_HEAD);
    r->interrupted = true;
    r->exit_code = 130;
    return finish(r);
}

int fixture_program(const char *const *argv, const char *out)
{
    posix_spawn_file_actions_t fa;
    char *args[24];
    pid_t pid;
    int status = 0, n = 0;
    for (; argv[n] && n < ARRAY_LEN(args) - 1; n++)
        args[n] = strdup(argv[n]);
    args[n] = NULL;
    posix_spawn_file_actions_init(&fa);
    posix_spawn_file_actions_addopen(&fa, 1, out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_addopen(&fa, 2, "/dev/null", O_WRONLY, 0);
    int r = posix_spawnp(&pid, args[0], &fa, NULL, args, environ);
    posix_spawn_file_actions_destroy(&fa);
    if (r == 0)
        waitpid(pid, &status, 0);
    while (n > 0)
        free(args[--n]);
    return r || !WIFEXITED(status) ? 127 : WEXITSTATUS(status);
}
