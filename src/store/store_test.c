/* What a store keeps, finds and refuses. */
#include "store/store.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "store/store_test_util.h"
#include "tap.h"

static Store *open_or_die(const char *url, StoreMode mode)
{
    Store *s = NULL;
    Err err = { 0 };
    if (store_open(&s, url, mode, &err) < 0) {
        printf("Bail out! %s\n", err.msg);
        exit(1);
    }
    return s;
}

static void test_whole_run(void)
{
    CLEANUP(tmp_gone) TmpDir d = tmp_dir();
    CLEANUP(run_freep) Run *r = sample_run(1);
    Store *s = open_or_die(d.db, STORE_WRITE);
    Err err = { 0 };
    CHECK(store_whole(s, r, &err) == 0, "a run is stored, folder and file are made %s", err.msg);
    CHECK(loads_the_same(s, r, &err), "and loads as the same document, byte for byte %s", err.msg);
    CHECK(store_run_finish(s, r, &err) == 0 && loads_the_same(s, r, &err),
          "finishing twice is the same");
    CHECK_INT(store_run_begin(s, r, &err), -EEXIST, "not twice under the same id");
    s = store_close(s);
    s = open_or_die(d.db, STORE_READ);
    CHECK(loads_the_same(s, r, &err), "also for a reader after closing");
    CLEANUP(run_freep) Run *back = NULL;
    CHECK_INT(store_run_load(s, r->id, NULL, &back, &err), 0, "load");
    CHECK(back->started_wall_ns == r->started_wall_ns, "times keep their nanoseconds");
    CHECK(isinf(back->comparison->rows[1].ratio_high), "an infinite end stays infinite");
    CHECK(isnan(back->comparison->rows[1].ratio), "what is missing stays missing");
    const Series *x = series_find(&back->cases[0]->trials[0]->series, "target", "cpu");
    CHECK(x && x->n == 105 && isnan(x->v[12]) && x->t_s[0] == -0.5, "series come back whole");
    s = store_close(s);
    CHECK(is_intact(d.db), "SQLite finds it intact, without dangling keys");
    CHECK_INT(count_faults(d.db), 0, "and so does verifying");
}

/* Figures that a document of others gave without samples. */
static void test_given(void)
{
    CLEANUP(tmp_gone) TmpDir d = tmp_dir();
    CLEANUP(json_free) json_t *j = NULL;
    CLEANUP(run_freep) Run *r = NULL;
    static const char doc[] =
        "{\"schema\":\"assay.run/1\",\"run\":{\"id\":\"k6\"},\"cases\":[{\"case\":\"a\","
        "\"outcomes\":{\"scheduled\":10,\"ok\":10},\"metrics\":["
        "{\"name\":\"latency\",\"unit\":\"ns\",\"count\":5000,\"p50\":7,\"p99\":9,\"mean\":7.5,"
        "\"trials\":[7],\"trials_p95\":[8],\"trials_p99\":[9]}]},"
        "{\"case\":\"b\",\"metrics\":[{\"name\":\"x\",\"unit\":\"s\",\"p90\":3}]}]}";
    Err err = { 0 };
    Store *s = open_or_die(d.db, STORE_WRITE);
    if (CHECK(json_parse(str(doc), "k6.json", &j, &err) == 0 &&
                  run_from_json(j, "k6.json", &r, &err) == 0 && store_whole(s, r, &err) == 0,
              "an imported document is stored %s", err.msg))
        CHECK(loads_the_same(s, r, &err), "with the figures it gave %s", err.msg);
    store_close(s);
}

/* A run that was killed: no finish. */
static void test_unfinished(void)
{
    CLEANUP(tmp_gone) TmpDir d = tmp_dir();
    CLEANUP(run_freep) Run *r = sample_run(1);
    CLEANUP(run_freep) Run *back = NULL;
    CLEANUP(arena_done) Arena a = { 0 };
    Err err = { 0 };
    Store *s = open_or_die(d.db, STORE_WRITE);
    CHECK(store_run_begin(s, r, &err) == 0 &&
              store_trial_add(s, r, r->cases[1], r->cases[1]->trials[0], &err) == 0 &&
              store_trial_add(s, r, r->cases[0], r->cases[0]->trials[0], &err) == 0,
          "two trials of two cases, then nothing %s", err.msg);
    CHECK(store_run_load(s, "latest", NULL, &back, &err) == 0, "loads %s", err.msg);
    CHECK(back->finished_wall_ns == 0 && !back->comparison, "as unfinished");
    CHECK(back->n_cases == 2 && back->cases[0]->n_trials == 1 &&
              back->cases[0]->kind == KIND_LOAD && back->cases[0]->n_metrics == 4,
          "with what was measured, cases in the order of the run, summarised");
    RunInfo *v = NULL;
    ptrdiff_t n = 0;
    CHECK(store_run_list(s, &a, 10, &v, &n, &err) == 0 && n == 1, "listed");
    CHECK(!v[0].finished && !v[0].grade && v[0].n_cases == 2 && v[0].n_trials == 2,
          "as unfinished, without a grade");
    store_close(s);
}

static void store_three(Store *s, Run *runs[3])
{
    Err err = { 0 };
    for (uint64_t i = 0; i < 3; i++) {
        runs[i] = sample_run(i + 1);
        runs[i]->suite = i == 1 ? "other" : "shop";
        snprintf(runs[i]->id, sizeof runs[i]->id, i == 2 ? "2026" : "20260131-00000%d", (int)i);
        if (store_whole(s, runs[i], &err) < 0)
            printf("# %s\n", err.msg);
    }
}

static void test_finding(void)
{
    CLEANUP(tmp_gone) TmpDir d = tmp_dir();
    Run *runs[3];
    Store *s = open_or_die(d.db, STORE_WRITE);
    Err err = { 0 };
    Run *none = NULL;
    CHECK_INT(store_run_load(s, "latest", NULL, &none, &err), STORE_NOT_FOUND, "an empty store");
    CHECK(strstr(err.msg, "no results are stored"), "says so");
    store_three(s, runs);
    CHECK_INT(store_baseline_set(s, "main", runs[0]->id, &err), 0, "a baseline");
    static const struct {
        const char *ref, *suite;
        int result, run;
        const char *says;
    } rows[] = {
        { "latest", NULL, 0, 2, NULL },
        { "latest", "other", 0, 1, NULL },
        { "latest", "third", STORE_NOT_FOUND, 0, "no run of suite 'third'" },
        { "20260131-000000", NULL, 0, 0, NULL },
        { "2026", NULL, 0, 2, NULL },
        { "20260131-", NULL, -EINVAL, 0, "begins the ids of several runs: 20260131-00000" },
        { "20260131-000001", NULL, 0, 1, NULL },
        { "1999", NULL, STORE_NOT_FOUND, 0, "no run '1999'" },
        { "%", NULL, STORE_NOT_FOUND, 0, "the newest are 2026, 20260131-000001" },
        { "", NULL, STORE_NOT_FOUND, 0, "no run ''" },
        { "@main", NULL, 0, 0, NULL },
        { "@trunk", NULL, STORE_NOT_FOUND, 0, "no baseline 'trunk'" },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++) {
        CLEANUP(run_freep) Run *r = NULL;
        err = (Err){ 0 };
        int got = store_run_load(s, rows[i].ref, rows[i].suite, &r, &err);
        CHECK_INT(got, rows[i].result, "'%s' of %s", rows[i].ref,
                  rows[i].suite ? rows[i].suite : "any suite");
        if (got == 0)
            CHECK_STR(r->id, runs[rows[i].run]->id, "  is the right run");
        else if (!CHECK(strstr(err.msg, rows[i].says) && !r, "  says why"))
            printf("# said: %s\n", err.msg);
    }
    for (int i = 0; i < 3; i++)
        runs[i] = run_free(runs[i]);
    store_close(s);
}

/* How a baseline is kept stays when its run changes, and comes back as it was put. */
static void test_kept(Store *s, const char *run_id)
{
    CLEANUP(arena_done) Arena a = { 0 };
    BaselineInfo *v, b = { .name = "kept",
                           .run_id = run_id,
                           .follows = "release",
                           .pooled = 7,
                           .frozen_wall_ns = 5,
                           .promote = true };
    ptrdiff_t n, at = 0;
    Err err = { 0 };
    CHECK(store_baseline_keep(s, &b, &err) == 0 &&
              store_baseline_set(s, "kept", run_id, &err) == 0 &&
              store_baseline_list(s, &a, &v, &n, &err) == 0,
          "a baseline with all its settings %s", err.msg);
    while (at + 1 < n && strcmp(v[at].name, "kept") != 0)
        at++;
    CHECK(strcmp(v[at].follows, "release") == 0 && v[at].pooled == 7 && v[at].frozen_wall_ns == 5 &&
              v[at].promote && v[at].started_wall_ns > 0,
          "as it was put");
    b.run_id = "nope";
    CHECK_INT(store_baseline_keep(s, &b, &err), STORE_NOT_FOUND, "only on a run");
    CHECK(store_baseline_remove(s, "kept", &err) == 0, "removed");
}

static void test_baselines(void)
{
    CLEANUP(tmp_gone) TmpDir d = tmp_dir();
    CLEANUP(arena_done) Arena a = { 0 };
    Run *runs[3];
    Store *s = open_or_die(d.db, STORE_WRITE);
    Err err = { 0 };
    store_three(s, runs);
    CHECK(store_baseline_set(s, "main", runs[0]->id, &err) == 0 &&
              store_baseline_set(s, "a", runs[1]->id, &err) == 0 &&
              store_baseline_set(s, "main", runs[2]->id, &err) == 0,
          "set, and set again");
    test_kept(s, runs[1]->id);
    CHECK_INT(store_baseline_set(s, "x", "nope", &err), STORE_NOT_FOUND, "only on a run");
    CHECK_INT(store_baseline_set(s, "@x", runs[0]->id, &err), -EINVAL, "names have no @");
    BaselineInfo *v = NULL;
    ptrdiff_t n = 0;
    CHECK(store_baseline_list(s, &a, &v, &n, &err) == 0 && n == 2, "two of them");
    CHECK(strcmp(v[0].name, "a") == 0 && strcmp(v[1].run_id, runs[2]->id) == 0 &&
              strcmp(v[1].fingerprint, "0123456789abcdef") == 0 && v[1].set_wall_ns > 0,
          "by name, with what they point at");
    CHECK_INT(store_baseline_remove(s, "a", &err), 0, "removed");
    CHECK_INT(store_baseline_remove(s, "a", &err), STORE_NOT_FOUND, "once");
    CHECK(strstr(err.msg, "there are main"), "says what there is");
    RunInfo *list = NULL;
    CHECK(store_run_list(s, &a, 2, &list, &n, &err) == 0 && n == 2 &&
              strcmp(list[0].id, runs[2]->id) == 0,
          "the two newest runs");
    CHECK(list[0].finished && list[0].n_cases == 4 && list[0].n_trials == 9 &&
              strcmp(list[0].grade, "INVALID") == 0 && list[0].exit_code == 4,
          "with their figures");
    for (int i = 0; i < 3; i++)
        runs[i] = run_free(runs[i]);
    store_close(s);
}

static void check_refused(const char *url, StoreMode mode, int code, const char *says,
                          const char *what)
{
    Store *s = NULL;
    Err err = { 0 };
    int got = store_open(&s, url, mode, &err);
    CHECK(got == code && !s, "%s is refused", what);
    if (!CHECK(strstr(err.msg, says), "  saying '%s'", says))
        printf("# got %d: %s\n", got, err.msg);
    store_close(s);
}

static void write_file(const char *path, const char *text)
{
    if (fs_write(path, str(text), NULL) < 0)
        abort();
}

/* The store says schema 7. */
static void check_newer(const char *url)
{
    CLEANUP(arena_done) Arena a = { 0 };
    check_refused(
        url, STORE_WRITE, -EPROTO,
        arena_printf(&a,
                     "was written by a newer assay (schema 7, this build knows %d): upgrade "
                     "assay or use another --store",
                     STORE_SCHEMA),
        "a newer schema");
    check_refused(url, STORE_READ, -EPROTO, "schema 7", "reading a newer schema");
}

static void test_refusals(void)
{
    CLEANUP(tmp_gone) TmpDir d = tmp_dir();
    CLEANUP(arena_done) Arena a = { 0 };
    const char *other = arena_printf(&a, "%s/other.db", d.path);
    const char *text = arena_printf(&a, "%s/text.db", d.path);
    const char *odd = arena_printf(&a, "%s/a:b?c#d%%20.db", d.path);
    const char *in_file = arena_printf(&a, "%s/x/assay.db", text);
    check_refused(d.db, STORE_READ, -ENOENT, "no results are stored", "reading what is not there");
    CHECK(!fs_exists(d.db), "  and reading made nothing");
    check_refused("mysql://h/db", STORE_WRITE, -EPROTONOSUPPORT, "no store 'mysql'",
                  "an engine that isn't built");
    check_refused("", STORE_WRITE, -EINVAL, "wants a path", "no path");
    check_refused(d.path, STORE_WRITE, -EISDIR, d.path, "a folder");
    write_file(text, "this is no database, but it is long enough to have a header of a page or so\n"
                     "and goes on for a second line, so that SQLite reads it and says no\n");
    check_refused(text, STORE_WRITE, -EBADMSG, "is no intact store", "a text file");
    check_refused(text, STORE_READ, -EBADMSG, "is no intact store", "reading a text file");
    check_refused(in_file, STORE_WRITE, -ENOTDIR, "--store", "a folder that is a file");
    sql(other, "CREATE TABLE t (x)");
    check_refused(other, STORE_WRITE, -EBADMSG, "of another program", "somebody else's database");
    CHECK_STR(sql(other, "PRAGMA journal_mode"), "delete", "  and it was left as it was");
    store_close(open_or_die(odd, STORE_WRITE));
    CHECK(fs_exists(odd), "odd characters belong to the path");
    store_close(open_or_die(arena_printf(&a, "sqlite:%s", d.db), STORE_WRITE));
    CHECK(fs_exists(d.db), "sqlite:PATH");
    sql(d.db, "PRAGMA user_version=7");
    check_newer(d.db);
}

/* A URL as the server's, but for one piece. */
static const char *other_url(Arena *a, const char *url, const char *piece, const char *instead)
{
    const char *at = strstr(url, piece);
    return arena_printf(a, "%.*s%s%s", (int)(at - url), url, instead, at + strlen(piece));
}

static void test_server_refusals(void)
{
    CLEANUP(tmp_gone) TmpDir d = tmp_dir();
    CLEANUP(arena_done) Arena a = { 0 };
    char taken[256];
    check_refused(d.db, STORE_READ, -ENOENT, "no results are stored", "reading what is not there");
    CHECK_STR(sql(d.db, "SELECT count(*) FROM pg_namespace WHERE nspname = 'assay'"), "0",
              "  and reading made nothing");
    check_refused(other_url(&a, d.db, "/assay_", "/nothing_"), STORE_WRITE, -ENXIO, "createdb",
                  "a database that isn't there");
    check_refused(other_url(&a, d.db, "port=", "port=1&connect_timeout="), STORE_WRITE,
                  -EHOSTUNREACH, "can't be reached", "a server that isn't there");
    check_refused("postgresql://me:s3cret@x@h:y/db", STORE_WRITE, -EINVAL,
                  "'postgresql://me@h:***' is no URL", "what is no URL");
    store_close(open_or_die(d.db, STORE_WRITE));
    sql(d.db, "UPDATE about SET schema = 7");
    check_newer(d.db);
    tmp_store(&d, "taken", taken, sizeof taken);
    sql(taken, "CREATE SCHEMA assay; CREATE TABLE assay.t (x INT)");
    check_refused(taken, STORE_WRITE, -EBADMSG, "of another program", "somebody else's schema");
    sql(taken, "DROP SCHEMA assay CASCADE; CREATE ROLE guest LOGIN");
    check_refused(other_url(&a, taken, "boss@", "guest@"), STORE_WRITE, -EACCES, "grant",
                  "a user without rights");
}

/* An error in the middle of what was sent ahead: nothing of it stays, and what comes next goes on,
 * with every statement known to the server again. */
static void test_server_errors(void)
{
    CLEANUP(tmp_gone) TmpDir d = tmp_dir();
    CLEANUP(run_freep) Run *r = sample_run(1);
    Store *s = open_or_die(d.db, STORE_WRITE);
    Err err = { 0 };
    CHECK_INT(store_run_begin(s, r, &err), 0, "a run begins");
    for (int i = 0; i < 3; i++) {
        sql(d.db, "ALTER TABLE histograms RENAME TO away");
        int res = store_trial_add(s, r, r->cases[0], r->cases[0]->trials[0], &err);
        CHECK(res == -EIO && strstr(err.msg, "SQLSTATE 42P01"), "a trial fails: %s", err.msg);
        CHECK_STR(sql(d.db, "SELECT count(*) FROM trials"), "0", "  and leaves nothing");
        sql(d.db, "ALTER TABLE away RENAME TO histograms");
    }
    err = (Err){ 0 };
    CHECK(store_trials(s, r, &err) == 0 && store_run_finish(s, r, &err) == 0 &&
              loads_the_same(s, r, &err),
          "then all goes well %s", err.msg);
    store_close(s);
}

/* The server's end of the connection goes away in mid-run. */
static void test_server_goes(void)
{
    CLEANUP(tmp_gone) TmpDir d = tmp_dir();
    CLEANUP(run_freep) Run *r = sample_run(1);
    Store *s = open_or_die(d.db, STORE_WRITE);
    Err err = { 0 };
    CHECK_INT(store_run_begin(s, r, &err), 0, "a run begins");
    sql(d.db, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> "
              "pg_backend_pid() AND datname = current_database()");
    for (int i = 0; i < 2; i++)
        CHECK_INT(store_trial_add(s, r, r->cases[0], r->cases[0]->trials[0], &err), -EHOSTUNREACH,
                  "out of reach: %s", err.msg);
    Run *none = NULL;
    CHECK_INT(store_run_load(s, "latest", NULL, &none, &err), -EHOSTUNREACH, "to readers as well");
    store_close(s);
}

/* A store of schema 1 is brought up to date by the next writer, and loses nothing. */
static void test_older_schema(void)
{
    static const char *const undo[] = {
        "ALTER TABLE run_rules DROP COLUMN cases",
        "ALTER TABLE run_rules DROP COLUMN min_change",
        "ALTER TABLE run_rules DROP COLUMN min_samples",
        "ALTER TABLE run_rules DROP COLUMN reason",
        "ALTER TABLE run_rules DROP COLUMN until_ns",
        "ALTER TABLE runs DROP COLUMN correction",
        "ALTER TABLE runs DROP COLUMN rolled_ns",
        "ALTER TABLE given_figures DROP COLUMN bound_from",
        "DROP TABLE rollups",
        "ALTER TABLE trials DROP COLUMN failed_unauthorized",
        "ALTER TABLE trials DROP COLUMN failed_forbidden",
        "ALTER TABLE trials DROP COLUMN failed_tool",
        "DROP TABLE triage",
        "ALTER TABLE comparison_rows DROP COLUMN triage",
        "ALTER TABLE comparisons DROP COLUMN about",
        "ALTER TABLE baselines DROP COLUMN branch",
        "ALTER TABLE baselines DROP COLUMN runs_pooled",
        "ALTER TABLE baselines DROP COLUMN frozen_ns",
        "ALTER TABLE baselines DROP COLUMN promote",
    };
    CLEANUP(tmp_gone) TmpDir d = tmp_dir();
    CLEANUP(run_freep) Run *r = sample_run(1), *back = NULL;
    Err err = { 0 };
    Store *s = open_or_die(d.db, STORE_WRITE);
    CHECK(store_whole(s, r, &err) == 0, "stored");
    store_close(s);
    for (ptrdiff_t i = 0; i < ARRAY_LEN(undo); i++)
        sql(d.db, undo[i]);
    sql(d.db, on_server() ? "UPDATE about SET schema = 1" : "PRAGMA user_version=1");
    check_refused(d.db, STORE_READ, -EPROTO, "brings it up to date", "reading an older schema");
    s = open_or_die(d.db, STORE_WRITE);
    CHECK(store_run_load(s, "latest", NULL, &back, &err) == 0, "the run is there %s", err.msg);
    CHECK(back && back->rules.n == r->rules.n && back->correction == CORRECTION_HOLM,
          "with its rules, and what was meant then");
    store_close(s);
}

static void test_damage(void)
{
    CLEANUP(tmp_gone) TmpDir d = tmp_dir();
    CLEANUP(run_freep) Run *r = sample_run(1);
    Err err = { 0 };
    Store *s = open_or_die(d.db, STORE_WRITE);
    CHECK(store_whole(s, r, &err) == 0, "stored");
    store_close(s);
    static const struct {
        const char *sql, *says;
    } rows[] = { { "UPDATE series SET data = x'00' WHERE key = 1", "series cpu" },
                 { "UPDATE histograms SET hdr = x'00' WHERE key = 1", "a histogram" },
                 { "UPDATE cases SET kind = 'dance' WHERE pos = 1", "the kind of a case" } };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++) {
        Run *back = NULL;
        sql(d.db, rows[i].sql);
        s = open_or_die(d.db, STORE_READ);
        CHECK(store_run_load(s, "latest", NULL, &back, &err) == -EBADMSG && !back,
              "damage is found: %s", rows[i].says);
        if (!CHECK(strstr(err.msg, rows[i].says) && strstr(err.msg, r->id), "  and named"))
            printf("# said: %s\n", err.msg);
        store_close(s);
    }
    if (on_server())
        return;
    if (truncate(d.db, 20000) < 0)
        abort();
    Run *back = NULL;
    int res = store_open(&s, d.db, STORE_READ, &err);
    if (res == 0) {
        res = store_run_load(s, "latest", NULL, &back, &err);
        store_close(s);
    }
    CHECK(res == -EBADMSG && !back, "a truncated file: %s", err.msg);
}

/* In a child without root's rights: -1 when that can't be had. */
static int as_nobody(int (*body)(const TmpDir *d), const TmpDir *d)
{
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        if (getuid() == 0 && (setgid(65534) < 0 || setuid(65534) < 0))
            _exit(99);
        _exit(body(d));
    }
    int status = 0;
    if (pid < 0 || waitpid(pid, &status, 0) < 0 || !WIFEXITED(status))
        return -1;
    return WEXITSTATUS(status) == 99 ? -1 : WEXITSTATUS(status);
}

static int code_of(const char *path, StoreMode mode, const char *says)
{
    Store *s = NULL;
    Err err = { 0 };
    int r = store_open(&s, path, mode, &err);
    store_close(s);
    if (r < 0 && !strstr(err.msg, says)) {
        printf("# %s\n", err.msg);
        return 98;
    }
    return -r;
}

static int write_it(const TmpDir *d)
{
    return code_of(d->db, STORE_WRITE, "--store");
}

static int load_it(const TmpDir *d)
{
    Store *s = NULL;
    Run *r = NULL;
    Err err = { 0 };
    int res = store_open(&s, d->db, STORE_READ, &err);
    if (res == 0)
        res = store_run_load(s, "latest", NULL, &r, &err);
    if (res)
        printf("# %s\n", err.msg);
    run_free(r);
    store_close(s);
    return res < 0 ? -res : res;
}

static void test_rights(void)
{
    CLEANUP(tmp_gone) TmpDir d = tmp_dir();
    CLEANUP(arena_done) Arena a = { 0 };
    CLEANUP(run_freep) Run *r = sample_run(1);
    Err err = { 0 };
    chmod(d.path, 0755);
    int denied = as_nobody(write_it, &d);
    if (getuid() != 0 || denied < 0) {
        tap_skip("rights: the test wants root, to become somebody with fewer");
        return;
    }
    CHECK_INT(denied, EACCES, "a folder that can't be made");
    Store *s = open_or_die(d.db, STORE_WRITE);
    CHECK(store_whole(s, r, &err) == 0, "stored");
    store_close(s);
    chmod(fs_dirname(&a, d.db), 0755);
    chmod(d.db, 0644);
    CHECK_INT(as_nobody(write_it, &d), EACCES, "a file and folder without rights to write");
    CHECK_INT(as_nobody(load_it, &d), 0, "can still be read");
    chmod(d.db, 0600);
    CHECK_INT(as_nobody(load_it, &d), EACCES, "without rights to read it is refused");
    chmod(d.db, 0666);
    CHECK_INT(as_nobody(write_it, &d), EACCES, "SQLite wants to write in the folder as well");
}

int main(void)
{
    test_whole_run();
    test_given();
    test_unfinished();
    test_finding();
    test_baselines();
    if (on_server()) {
        test_server_refusals();
        test_server_errors();
        test_server_goes();
    } else {
        test_refusals();
    }
    test_older_schema();
    test_damage();
    if (!on_server())
        test_rights();
    return tap_done();
}
