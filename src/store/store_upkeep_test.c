/* Upkeep: what stays when distributions go, copies, backups, faults that are found. */
#include "store/upkeep.h"

#include <math.h>

#include "store/store_test_util.h"
#include "tap.h"

enum { RUNS = 60 };
static const uint64_t HOUR = UINT64_C(3600) * NS_PER_S, DAY = UINT64_C(86400) * NS_PER_S;
static const uint64_t START = UINT64_C(1769904000) * NS_PER_S; /* midnight UTC */

static Retention usual(void)
{
    return (Retention){ .raw = 7 * UINT64_C(86400) * NS_PER_S,
                        .hourly = 30 * UINT64_C(86400) * NS_PER_S,
                        .daily = 365 * UINT64_C(86400) * NS_PER_S,
                        .points = RETENTION_FOREVER,
                        .regressions = RETENTION_FOREVER,
                        .changes = RETENTION_FOREVER,
                        .named = RETENTION_FOREVER };
}

/* Runs 20 minutes apart, three an hour, some of them special. */
static Run *run_at(int i)
{
    Run *r = sample_run((uint64_t)i + 1);
    uint64_t start = START + (uint64_t)i * HOUR / 3;
    snprintf(r->id, sizeof r->id, "run-%03d", i);
    for (ptrdiff_t c = 0; c < r->n_cases; c++)
        for (ptrdiff_t t = 0; t < r->cases[c]->n_trials; t++)
            r->cases[c]->trials[t]->started_wall_ns = start + 1 + (uint64_t)t;
    r->started_wall_ns = start;
    r->finished_wall_ns = start + 60 * NS_PER_S;
    r->comparison->verdict = i == 7 ? VERDICT_REGRESSED : VERDICT_UNCHANGED;
    if (i == 8)
        strmap_set(&r->arena, &r->tags, "keep", "yes");
    return r;
}

static void fill(Store *s, int n)
{
    Err err = { 0 };
    int failed = 0;
    for (int i = 0; i < n; i++) {
        CLEANUP(run_freep) Run *r = run_at(i);
        failed += store_whole(s, r, &err) < 0;
    }
    if (store_baseline_set(s, "main", "run-009", &err) != 0 || failed)
        CHECK(false, "%d runs are stored %s", n, err.msg);
}

static int prune_at(Store *s, uint64_t now, PrunePlan *p, Err *err)
{
    CLEANUP(arena_done) Arena a = { 0 };
    PruneOpts o = { .keep = usual(), .now_wall_ns = now };
    TRY(store_prune_plan(s, &a, &o, p, err));
    return store_prune(s, &o, p, err);
}

/* The document without what is meant to go: histograms, series, and the mark that they went. */
static void strip(json_t *j)
{
    void *tmp;
    const char *key;
    json_t *v;
    size_t i;
    json_object_del(j, "hdr");
    json_object_del(j, "series");
    json_object_del(j, "resources");
    json_object_del(j, "given");
    json_object_foreach_safe(j, tmp, key, v) strip(v);
    json_array_foreach(j, i, v) strip(v);
}

static json_t *load_stripped(Store *s, int i)
{
    char id[RUN_ID_MAX];
    CLEANUP(run_freep) Run *r = NULL;
    Err err = { 0 };
    snprintf(id, sizeof id, "run-%03d", i);
    if (store_run_load(s, id, NULL, &r, &err) != 0) {
        printf("# %s\n", err.msg);
        return NULL;
    }
    json_t *j = run_to_json(r);
    strip(j);
    return j;
}

static const char *const metrics[] = { "latency",     "latency.p50",    "latency.p95",
                                       "latency.p99", "latency.p999",   "latency.max",
                                       "latency.min", "latency.mean",   "latency.stddev",
                                       "throughput",  "throughput.max", "error_rate" };

static double *history_values(Store *s, Arena *a, const char *metric, ptrdiff_t *ret_n)
{
    History h = { 0 };
    Err err = { 0 };
    HistoryQuery q = { .case_name = "get/users=10,size=1KiB", .metric = metric };
    if (store_history(s, a, &q, &h, &err) != 0)
        printf("# %s\n", err.msg);
    double *v = ARENA_ARRAY(a, double, h.n);
    for (ptrdiff_t i = 0; i < h.n; i++)
        v[i] = h.v[i].value;
    *ret_n = h.n;
    return v;
}

/* Every sample of the case's latency in [from, to) of the runs that roll-ups count. */
static Hist *merge_raw(uint64_t from, uint64_t to)
{
    Hist *all = NULL;
    if (hist_new(&all, NULL) < 0)
        abort();
    for (int i = 0; i < RUNS; i++) {
        CLEANUP(run_freep) Run *r = run_at(i);
        if (r->started_wall_ns < from || r->started_wall_ns >= to || (i >= 7 && i <= 9))
            continue;
        for (ptrdiff_t t = 0; t < r->cases[0]->n_trials; t++)
            hist_add(all, trial_find_metric(r->cases[0]->trials[t], "latency")->hist);
    }
    return all;
}

static bool same_hist(const Hist *a, const Hist *b)
{
    HistExact x = hist_exact(a), y = hist_exact(b);
    bool same = a->n == b->n && memcmp(&x, &y, sizeof x) == 0;
    for (int i = 0; i <= 1000; i++)
        same = same && hist_quantile(a, i / 1000.0) == hist_quantile(b, i / 1000.0);
    return same;
}

static void check_rollups(Store *s, ptrdiff_t want, bool day)
{
    CLEANUP(arena_done) Arena a = { 0 };
    CLEANUP(rollup_list_done) RollupList l = { 0 };
    Err err = { 0 };
    int wrong = 0;
    CHECK(store_rollup_list(s, &a, NULL, &l, &err) == 0, "roll-ups are read %s", err.msg);
    CHECK_INT(l.n, want, "%s roll-ups", day ? "daily" : "hourly");
    for (ptrdiff_t i = 0; i < l.n; i++) {
        uint64_t from = l.v[i].start_wall_ns;
        CLEANUP(hist_freep) Hist *raw = merge_raw(from, from + (day ? DAY : HOUR));
        wrong += l.v[i].day != day || !same_hist(raw, l.v[i].metric.hist);
    }
    CHECK_INT(wrong, 0, "each equals the raw histograms merged: 1001 quantiles, counts and sums");
}

static void test_prune(const char *db)
{
    CLEANUP(store_closep) Store *s = NULL;
    CLEANUP(arena_done) Arena a = { 0 };
    json_t *was[RUNS];
    double *before[ARRAY_LEN(metrics)];
    ptrdiff_t n[ARRAY_LEN(metrics)], n_now;
    PrunePlan p = { 0 };
    Err err = { 0 };
    int wrong = 0;
    if (store_open(&s, db, STORE_WRITE, &err) < 0)
        abort();
    fill(s, RUNS);
    for (int i = 0; i < RUNS; i++)
        was[i] = load_stripped(s, i);
    for (int i = 0; i < ARRAY_LEN(metrics); i++)
        before[i] = history_values(s, &a, metrics[i], &n[i]);
    CHECK(prune_at(s, START + 3 * DAY, &p, &err) == 0 && p.n_roll == 0, "young runs stay %s",
          err.msg);
    for (int step = 0; step < 2; step++) {
        CHECK(prune_at(s, START + (uint64_t)(step ? 40 : 10) * DAY, &p, &err) == 0, "prune %s",
              err.msg);
        CHECK(p.n_roll == (step ? 0 : RUNS - 3) && p.n_baselines == 1 && p.n_named == 1 &&
                  p.n_regressed == 1,
              "all but the baseline, the tagged one and the regressed one");
        wrong = 0;
        for (int i = 0; i < RUNS; i++) {
            CLEANUP(json_free) json_t *is = load_stripped(s, i);
            wrong += !is || !json_equal(was[i], is);
        }
        CHECK_INT(wrong, 0, "%d documents as before but for distributions and series", RUNS);
        wrong = 0;
        for (int i = 0; i < ARRAY_LEN(metrics); i++) {
            double *now = history_values(s, &a, metrics[i], &n_now);
            wrong += n_now != n[i] || memcmp(now, before[i], (size_t)n_now * sizeof *now) != 0;
        }
        CHECK_INT(wrong, 0, "histories of %td figures bit for bit", ARRAY_LEN(metrics));
        check_rollups(s, step ? 1 : 20, step);
    }
    CHECK_STR(sql(db, "SELECT count(DISTINCT c.run) FROM histograms h JOIN trials t ON t.key = "
                      "h.trial JOIN cases c ON c.key = t.case_key"),
              "3", "whole ones kept their distributions");
    CHECK(prune_at(s, START + 500 * DAY, &p, &err) == 0 && p.days == 1, "a year later");
    check_rollups(s, 0, true);
    if (!on_server())
        CHECK_STR(sql(db, "PRAGMA freelist_count"), "0", "room went back to the disk");
    for (int i = 0; i < RUNS; i++)
        json_decref(was[i]);
}

/* What was said of results stays whatever goes, and comes along once. */
static void test_triage(const TmpDir *d)
{
    char from[256], to[256];
    CLEANUP(store_closep) Store *f = NULL, *t = NULL;
    CLEANUP(arena_done) Arena a = { 0 };
    TriageList l = { 0 };
    CopyResult r = { 0 };
    Err err = { 0 };
    tmp_store(d, "said", from, sizeof from);
    tmp_store(d, "heard", to, sizeof to);
    if (store_open(&f, from, STORE_WRITE, &err) < 0 || store_open(&t, to, STORE_WRITE, &err) < 0)
        abort();
    Triage said = { .id = "t-1",
                    .kind = TRIAGE_EXPECT,
                    .case_name = "c",
                    .metric = "wall",
                    .commit = "0123",
                    .change = 0.125,
                    .author = "Ann",
                    .reason = "it's \"meant\"",
                    .set_wall_ns = START,
                    .from_wall_ns = START - 1,
                    .until_wall_ns = START + DAY };
    Triage aside = { .id = "t-2",
                     .kind = TRIAGE_INVALID,
                     .run_id = "gone",
                     .change = (double)NAN,
                     .author = "Bo",
                     .reason = "x",
                     .set_wall_ns = START + 1 };
    CHECK(store_triage_set(f, &said, &err) == 0 && store_triage_set(f, &aside, &err) == 0,
          "two are kept %s", err.msg);
    CHECK(store_triage_list(f, &a, &l, &err) == 0 && l.n == 2, "and listed %s", err.msg);
    CHECK(l.n == 2 && l.v[0].kind == TRIAGE_EXPECT && l.v[0].change == 0.125 && !l.v[0].run_id &&
              l.v[0].from_wall_ns == START - 1 && l.v[0].until_wall_ns == START + DAY &&
              strcmp(l.v[0].reason, said.reason) == 0 && isnan(l.v[1].change),
          "as they were said");
    CHECK(store_copy(f, t, NULL, &r, &err) == 0 && r.triage == 2, "copied %s", err.msg);
    said.undone_wall_ns = START + 2;
    CHECK(store_triage_set(f, &said, &err) == 0 && store_copy(f, t, NULL, &r, &err) == 0 &&
              r.triage == 1,
          "what was taken back is taken back there");
    CHECK(store_copy(t, f, NULL, &r, &err) == 0 && r.triage == 0, "nothing comes back");
    CHECK(store_triage_list(t, &a, &l, &err) == 0 && l.n == 2 && l.v[0].undone_wall_ns == START + 2,
          "once each");
    CHECK(count_faults(from) == 0, "verified");
}

static void test_copy(const char *from, const TmpDir *d)
{
    char to[256];
    CLEANUP(store_closep) Store *f = NULL, *t = NULL;
    CopyResult r = { 0 };
    Err err = { 0 };
    int wrong = 0;
    tmp_store(d, "to", to, sizeof to);
    if (store_open(&f, from, STORE_READ, &err) < 0 || store_open(&t, to, STORE_WRITE, &err) < 0)
        abort();
    CHECK(store_copy(f, t, NULL, &r, &err) == 0 && r.runs == RUNS && r.baselines == 1,
          "%td runs copied %s", r.runs, err.msg);
    for (int i = 0; i < RUNS; i++) {
        char id[RUN_ID_MAX];
        CLEANUP(run_freep) Run *run = NULL;
        snprintf(id, sizeof id, "run-%03d", i);
        wrong += store_run_load(f, id, NULL, &run, &err) != 0 || !loads_the_same(t, run, &err);
    }
    CHECK_INT(wrong, 0, "each loads as the same document %s", err.msg);
    CHECK(store_copy(f, t, NULL, &r, &err) == 0 && r.runs == 0 && r.runs_there == RUNS &&
              r.baselines == 0 && r.rollups == 0,
          "a second copy does nothing %s", err.msg);
    CHECK_INT(count_faults(to), 0, "the copy is intact");
}

static void test_backup(const char *db, const char *dir)
{
    CLEANUP(arena_done) Arena a = { 0 };
    CLEANUP(store_closep) Store *s = NULL;
    Err err = { 0 };
    const char *to = arena_printf(&a, "%s/backup.db", dir);
    if (store_open(&s, db, STORE_READ, &err) < 0)
        abort();
    CHECK(store_backup(s, to, false, &err) == 0, "backed up %s", err.msg);
    CHECK_INT(store_backup(s, to, false, &err), -EEXIST, "not over what is there");
    CHECK(store_backup(s, to, true, &err) == 0, "but with force %s", err.msg);
    CHECK_STR(sql(to, "SELECT count(*) FROM runs"), "60", "all runs are in it");
    CHECK(!fs_exists(arena_printf(&a, "%s.part", to)), "nothing else is left");
}

static void test_no_backup(const char *db, const char *dir)
{
    CLEANUP(arena_done) Arena a = { 0 };
    CLEANUP(store_closep) Store *s = NULL;
    Err err = { 0 };
    if (store_open(&s, db, STORE_READ, &err) < 0)
        abort();
    CHECK_INT(store_backup(s, arena_printf(&a, "%s/b", dir), false, &err), -ENOTSUP,
              "no backup of a server");
    CHECK(strstr(err.msg, "pg_dump"), "but how to: %s", err.msg);
}

static void test_faults(const char *db)
{
    static const struct {
        const char *harm, *why;
    } cases[] = {
        { "UPDATE histograms SET hdr = x'00' WHERE key = (SELECT min(key) FROM histograms)",
          "a histogram" },
        { "UPDATE histograms SET exact = x'00' WHERE key = (SELECT max(key) FROM histograms)",
          "what stands beside a histogram" },
        { "UPDATE series SET points = points + 1 WHERE key = (SELECT min(key) FROM series)",
          "a series" },
        { "UPDATE trials SET ok = ok + 1 WHERE key = (SELECT min(key) FROM trials WHERE ok > 0)",
          "outcomes" },
        { "DELETE FROM runs WHERE id = 'run-003'", "keys" },
    };
    CHECK_INT(count_faults(db), 0, "an intact store");
    ptrdiff_t n = ARRAY_LEN(cases) - on_server(); /* which lets no key dangle */
    for (ptrdiff_t i = 0; i < n; i++) {
        ptrdiff_t before = count_faults(db);
        sql(db, cases[i].harm);
        CHECK(count_faults(db) > before, "%s: found", cases[i].why);
    }
}

static void test_info(const char *db)
{
    CLEANUP(store_closep) Store *s = NULL;
    CLEANUP(arena_done) Arena a = { 0 };
    StoreInfo i = { 0 };
    Err err = { 0 };
    CHECK(store_open(&s, db, STORE_LOOK, &err) == 0 && store_info(s, &a, &i, &err) == 0, "info %s",
          err.msg);
    CHECK(i.runs == RUNS && i.rolled == RUNS - 3 && i.schema == STORE_SCHEMA && i.baselines == 1,
          "runs");
    CHECK(i.oldest_wall_ns == START && i.rolled_wall_ns > START && i.n_testbeds == 1, "times");
}

int main(void)
{
    CLEANUP(tmp_gone) TmpDir d = tmp_dir();
    test_prune(d.db);
    test_info(d.db);
    test_triage(&d);
    test_copy(d.db, &d);
    if (on_server())
        test_no_backup(d.db, d.path);
    else
        test_backup(d.db, d.path);
    test_faults(d.db);
    return tap_done();
}
