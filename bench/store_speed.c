/* What a store takes in a second, and how long questions take once there are many rows.
 *
 *     store_speed STORE RUNS [whole]
 *
 * Each run: 1000 cases, 5 trials, 20 figures: 100 000 rows; a transaction per trial, or with
 * `whole` one per run, as runs come to a server. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/rng.h"
#include "stats/quantile.h"
#include "store/sql.h"

enum { CASES = 1000, TRIALS = 5, FIGURES = 20, ASKED = 60 };
static const uint64_t DAY = UINT64_C(86400) * NS_PER_S;

static void must(int r, const Err *err)
{
    if (r == 0)
        return;
    fprintf(stderr, "store_speed: %s\n", err->msg);
    exit(1);
}

static Run *make_run(Err *err)
{
    Run *r = NULL;
    must(run_new(&r, "speed", 1, clock_wall_ns(), err), err);
    r->testbed.fingerprint = "0123456789abcdef";
    Comparison *k = r->comparison = ARENA_NEW(&r->arena, Comparison);
    k->verdict = VERDICT_UNCHANGED;
    for (int i = 0; i < CASES; i++) {
        const char *name = arena_printf(&r->arena, "case/n=%04d", i);
        CaseResult *c = run_add_case(r, name, "case", KIND_COMMAND, SIDE_HEAD);
        for (uint32_t round = 0; round < TRIALS; round++) {
            Trial *t = case_add_trial(r, c);
            t->round = round;
            t->seq = (uint32_t)i * TRIALS + round;
            for (int m = 0; m < FIGURES; m++)
                trial_add_metric(r, t, arena_printf(&r->arena, "figure%02d", m), "ns", BETTER_LOWER,
                                 "bench", 0, NULL);
        }
        CompareRow row = { .case_name = name, .metric = "figure00", .unit = "ns" };
        ARENA_PUSH(&r->arena, k->rows, k->n, k->cap, row);
    }
    return r;
}

static void new_values(Run *r, Rng *rng)
{
    for (int i = 0; i < CASES; i++)
        for (int k = 0; k < TRIALS; k++)
            for (int m = 0; m < FIGURES; m++)
                r->cases[i]->trials[k]->metrics[m].value = 1e6 * (1 + 0.1 * rng_f64(rng));
}

static void store_one(Store *s, Run *r, bool whole, Err *err)
{
    if (whole) {
        must(s->ops->run_add(s, r, err), err);
        return;
    }
    must(store_run_begin(s, r, err), err);
    for (int i = 0; i < CASES; i++)
        for (int k = 0; k < TRIALS; k++)
            must(store_trial_add(s, r, r->cases[i], r->cases[i]->trials[k], err), err);
    must(store_run_finish(s, r, err), err);
}

static void fill(Store *s, Run *r, int runs, bool whole, Err *err)
{
    Rng rng = rng_new(1, "store_speed", 0);
    uint64_t start = clock_mono_ns(), now = clock_wall_ns();
    clock_t cpu_start = clock();
    for (int i = 0; i < runs; i++) {
        snprintf(r->id, sizeof r->id, "run-%06d", i);
        r->started_wall_ns = now - (uint64_t)(runs - i) * 90 * DAY / (uint64_t)runs;
        r->finished_wall_ns = r->started_wall_ns + NS_PER_S;
        new_values(r, &rng);
        store_one(s, r, whole, err);
    }
    double took = (double)(clock_mono_ns() - start) / 1e9, rows = runs * 1e3 * TRIALS * FIGURES;
    double cpu = (double)(clock() - cpu_start) / CLOCKS_PER_SEC;
    printf("ingest, a transaction per %s", whole ? "run  " : "trial");
    printf("         %8.0f rows/s  %8.0f rows per second of our CPU\n", rows / took, rows / cpu);
}

static void tell(const char *what, double *ms, int n)
{
    sort_doubles(ms, n);
    printf("%-42s p50 %7.2f ms  p95 %7.2f ms\n", what, quantile_type7(ms, n, 0.5),
           quantile_type7(ms, n, 0.95));
}

/* Each time of another case. */
static void ask_history(Store *s, Err *err)
{
    double ms[ASKED];
    for (int i = 0; i < ASKED; i++) {
        CLEANUP(arena_done) Arena a = { 0 };
        History h = { 0 };
        HistoryQuery q = { .case_name = arena_printf(&a, "case/n=%04d", i * 13 % CASES),
                           .metric = "figure07" };
        uint64_t start = clock_mono_ns();
        must(store_history(s, &a, &q, &h, err), err);
        ms[i] = (double)(clock_mono_ns() - start) / 1e6;
    }
    tell("last 90 days of one case", ms, ASKED);
}

typedef struct Question {
    const char *sql;
    int rows;
} Question;

static int ask(SqlStore *s, void *arg, Err *err)
{
    Question *x = arg;
    CLEANUP(sq_done) SqRow q = { 0 };
    int r;
    x->rows = 0;
    TRY(sq_open_text(s, x->sql, &q, err));
    while ((r = sq_next(&q, err)) > 0)
        x->rows++;
    return r;
}

static void ask_sql(Store *s, const char *what, const char *sql, Err *err)
{
    double ms[ASKED];
    Question x = { sql, 0 };
    for (int i = 0; i < ASKED; i++) {
        uint64_t start = clock_mono_ns();
        must(sq_transact((SqlStore *)s, "ask", false, ask, &x, err), err);
        ms[i] = (double)(clock_mono_ns() - start) / 1e6;
    }
    tell(what, ms, ASKED);
    printf("    (%d rows)\n", x.rows);
}

int main(int argc, char **argv)
{
    static const char latest[] =
        "SELECT n.name, avg(f.value) FROM names n JOIN cases c ON c.key = (SELECT l.key FROM cases "
        "l "
        "WHERE l.name = n.key AND l.side = 'head' ORDER BY l.run DESC LIMIT 1) JOIN trials t ON "
        "t.case_key = c.key JOIN figures f ON f.trial = t.key AND f.pos = 0 GROUP BY n.key";
    static const char verdicts[] =
        "SELECT * FROM comparison_rows WHERE run = (SELECT key FROM runs "
        "ORDER BY started_ns DESC LIMIT 1) ORDER BY pos";
    Store *s = NULL;
    Err err = { 0 };
    uint64_t runs;
    if (argc < 3 || argc > 4 || str_to_u64(str(argv[2]), &runs) < 0)
        return 2;
    must(store_open(&s, argv[1], STORE_WRITE, &err), &err);
    Run *r = make_run(&err);
    fill(s, r, (int)runs, argc == 4, &err);
    ask_history(s, &err);
    ask_sql(s, "latest state of 1000 cases", latest, &err);
    ask_sql(s, "all verdicts of a run", verdicts, &err);
    store_close(s);
    run_free(r);
    return 0;
}
