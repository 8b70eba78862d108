/* What the store takes in a second, and how long questions take once there are many rows.
 *
 *     store_speed FILE RUNS      each run: 1000 cases, 5 trials, 20 figures: 100 000 rows */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/rng.h"
#include "stats/quantile.h"
#include "store/store.h"

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
        Trial *t = case_add_trial(r, c);
        for (int m = 0; m < FIGURES; m++)
            trial_add_metric(r, t, arena_printf(&r->arena, "figure%02d", m), "ns", BETTER_LOWER,
                             "bench", 0, NULL);
        CompareRow row = { .case_name = name, .metric = "figure00", .unit = "ns" };
        ARENA_PUSH(&r->arena, k->rows, k->n, k->cap, row);
    }
    return r;
}

static void store_one(Store *s, Run *r, Rng *rng, Err *err)
{
    must(store_run_begin(s, r, err), err);
    for (int i = 0; i < CASES; i++) {
        Trial *t = r->cases[i]->trials[0];
        for (uint32_t k = 0; k < TRIALS; k++) {
            t->round = k;
            t->seq = (uint32_t)i * TRIALS + k;
            for (int m = 0; m < FIGURES; m++)
                t->metrics[m].value = 1e6 * (1 + 0.1 * rng_f64(rng));
            must(store_trial_add(s, r, r->cases[i], t, err), err);
        }
    }
    r->finished_wall_ns = r->started_wall_ns + NS_PER_S;
    must(store_run_finish(s, r, err), err);
}

static void fill(Store *s, Run *r, int runs, Err *err)
{
    Rng rng = rng_new(1, "store_speed", 0);
    uint64_t start = clock_mono_ns(), now = clock_wall_ns();
    for (int i = 0; i < runs; i++) {
        snprintf(r->id, sizeof r->id, "run-%06d", i);
        r->started_wall_ns = now - (uint64_t)(runs - i) * 90 * DAY / (uint64_t)runs;
        store_one(s, r, &rng, err);
    }
    double took = (double)(clock_mono_ns() - start) / 1e9, rows = runs * 1e3 * TRIALS * FIGURES;
    double cpu = (double)clock() / CLOCKS_PER_SEC;
    printf("ingest: %.0f rows in %.2f s, %.0f rows/s (%.0f per second of CPU), a transaction per "
           "trial "
           "of %d\n",
           rows, took, rows / took, rows / cpu, FIGURES);
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

static void ask_sql(sqlite3 *db, const char *what, const char *sql)
{
    double ms[ASKED];
    int rows = 0;
    for (int i = 0; i < ASKED; i++) {
        sqlite3_stmt *q = NULL;
        uint64_t start = clock_mono_ns();
        if (sqlite3_prepare_v2(db, sql, -1, &q, NULL) != SQLITE_OK)
            exit(1);
        for (rows = 0; sqlite3_step(q) == SQLITE_ROW; rows++)
            ;
        sqlite3_finalize(q);
        ms[i] = (double)(clock_mono_ns() - start) / 1e6;
    }
    tell(what, ms, ASKED);
    printf("    (%d rows)\n", rows);
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
    sqlite3 *db = NULL;
    Err err = { 0 };
    uint64_t runs;
    if (argc != 3 || str_to_u64(str(argv[2]), &runs) < 0)
        return 2;
    must(store_open(&s, argv[1], STORE_WRITE, &err), &err);
    Run *r = make_run(&err);
    fill(s, r, (int)runs, &err);
    ask_history(s, &err);
    if (sqlite3_open(argv[1], &db) != SQLITE_OK)
        return 1;
    ask_sql(db, "latest state of 1000 cases", latest);
    ask_sql(db, "all verdicts of a run", verdicts);
    sqlite3_close(db);
    store_close(s);
    run_free(r);
    return 0;
}
