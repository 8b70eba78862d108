/* Is a store intact? SQLite's checks of its pages and keys, then ours: every blob decodes, and
 * counts that must agree do. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/blob.h"
#include "store/sqlite.h"

enum { FAULTS_MAX = 200 };

typedef struct Verify {
    Sqlite *s;
    Arena *a;
    StoreFaults *f;
} Verify;

static void fault(Verify *v, const char *text)
{
    if (v->f->n < FAULTS_MAX)
        ARENA_PUSH(v->a, v->f->v, v->f->n, v->f->cap, text);
}

/* A check: rows of a statement, each said to be broken by `row`, which may find it whole. Column 0
 * says where. */
typedef struct Check {
    int from_schema;
    const char *sql;
    void (*row)(Verify *v, sqlite3_stmt *q);
} Check;

static const char *text_at(sqlite3_stmt *q, int i)
{
    const char *text = (const char *)sqlite3_column_text(q, i);
    return text ? text : "-";
}

static Str blob_at(sqlite3_stmt *q, int i)
{
    const char *bytes = sqlite3_column_blob(q, i);
    return (Str){ bytes ? bytes : "", sqlite3_column_bytes(q, i) };
}

static void say_pages(Verify *v, sqlite3_stmt *q)
{
    if (strcmp(text_at(q, 0), "ok") != 0)
        fault(v, arena_printf(v->a, "pages: %s", text_at(q, 0)));
}

static void say_key(Verify *v, sqlite3_stmt *q)
{
    fault(v, arena_printf(v->a, "%s: row %s points at a row of %s that is not there", text_at(q, 0),
                          text_at(q, 1), text_at(q, 2)));
}

static void say_row(Verify *v, sqlite3_stmt *q)
{
    fault(v, arena_strdup(v->a, text_at(q, 0)));
}

static void try_hist(Verify *v, sqlite3_stmt *q)
{
    CLEANUP(hist_freep) Hist *h = NULL;
    Err why = { 0 };
    if (sq_decode_hist(blob_at(q, 1), blob_at(q, 2), &h, &why) < 0)
        fault(v, arena_printf(v->a, "%s: %s", text_at(q, 0), why.msg));
}

static void try_series(Verify *v, sqlite3_stmt *q)
{
    CLEANUP(arena_done) Arena scratch = { 0 };
    Series s = { .name = "", .unit = "", .scope = "", .method = "" };
    Err why = { 0 };
    if (blob_read_series(&scratch, blob_at(q, 3), sqlite3_column_int(q, 2),
                         (ptrdiff_t)sqlite3_column_int64(q, 1), &s, &why) < 0)
        fault(v, arena_printf(v->a, "%s: %s", text_at(q, 0), why.msg));
}

/* Where a row of a trial is. */
#define TRIAL_PLACE "'run ' || r.id || ', case ' || n.name || ', round ' || t.round"
#define TRIAL_JOINS                                                                                \
    " JOIN trials t ON t.key = x.trial JOIN cases c ON c.key = t.case_key JOIN names n ON n.key "  \
    "= c.name JOIN runs r ON r.key = c.run "

static const Check checks[] = {
    { 1, "PRAGMA integrity_check", say_pages },
    { 1, "PRAGMA foreign_key_check", say_key },
    { 1,
      "SELECT 'histograms ' || x.key || ': ' || " TRIAL_PLACE ", x.hdr, x.exact FROM histograms "
      "x" TRIAL_JOINS,
      try_hist },
    { 1,
      "SELECT 'series ' || x.key || ': ' || " TRIAL_PLACE ", x.points, x.codec, x.data FROM series "
      "x" TRIAL_JOINS,
      try_series },
    { 1,
      "SELECT 'histograms ' || x.key || ': ' || " TRIAL_PLACE
      " || ': no figure belongs to it' FROM "
      "histograms x" TRIAL_JOINS "WHERE NOT EXISTS (SELECT 1 FROM figures f WHERE f.trial = "
      "x.trial AND f.pos = x.pos)",
      say_row },
    { 4, /* before, some classes of failure were not kept */
      "SELECT 'trials ' || t.key || ': ' || " TRIAL_PLACE " || ': ' || t.scheduled || ' scheduled, "
      "but the outcomes do not add up to it' FROM trials t JOIN cases c ON c.key = t.case_key JOIN "
      "names n ON n.key = c.name JOIN runs r ON r.key = c.run WHERE t.scheduled <> t.ok + "
      "t.failed_connect + t.failed_reset + t.failed_tls + t.failed_protocol + t.failed_status + "
      "t.failed_check + t.timed_out + t.shed + t.dropped + t.in_flight + "
      "ifnull(t.failed_unauthorized, 0) + ifnull(t.failed_forbidden, 0) + ifnull(t.failed_tool, 0)",
      say_row },
    { 1,
      "SELECT 'given_figures: run ' || r.id || ', case ' || n.name || ', ' || m.name || ': tails "
      "of another number of trials' FROM given_figures x JOIN metrics m ON m.key = x.metric JOIN "
      "cases c ON c.key = x.case_key JOIN names n ON n.key = c.name JOIN runs r ON r.key = c.run "
      "WHERE length(x.trials_p95) <> length(x.trials_p99) OR length(x.trials_p95) % 8",
      say_row },
    { 1,
      "SELECT 'runs: ' || r.id || ': its comparison has rows up to ' || max(x.pos) || ', but ' || "
      "count(*) || ' of them' FROM comparison_rows x JOIN runs r ON r.key = x.run GROUP BY x.run "
      "HAVING max(x.pos) + 1 <> count(*)",
      say_row },
    { 3,
      "SELECT 'rollups ' || x.key || ': case ' || n.name || ', ' || x.span || ' of ' || "
      "datetime(x.start_ns / 1000000000, 'unixepoch'), x.hdr, x.exact FROM rollups x JOIN names n "
      "ON n.key = x.name",
      try_hist },
    { 3,
      "SELECT 'histograms ' || x.key || ': ' || " TRIAL_PLACE " || ': the run was rolled up' FROM "
      "histograms x" TRIAL_JOINS "WHERE r.rolled_ns IS NOT NULL",
      say_row },
};

/* What SQLite can't read is a fault as well, found on the way. */
static void check(Verify *v, const Check *c)
{
    sqlite3_stmt *q = NULL;
    int r = sqlite3_prepare_v2(v->s->db, c->sql, -1, &q, NULL);
    while (r == SQLITE_OK && (r = sqlite3_step(q)) == SQLITE_ROW) {
        v->f->checked++;
        c->row(v, q);
        r = SQLITE_OK;
    }
    if (r != SQLITE_DONE)
        fault(v, arena_printf(v->a, "%.60s...: %s", c->sql, sqlite3_errmsg(v->s->db)));
    sqlite3_finalize(q);
}

typedef struct VerifyArg {
    Verify v;
    int schema;
} VerifyArg;

static int verify_body(Sqlite *s, void *arg, Err *err)
{
    VerifyArg *x = arg;
    (void)s;
    (void)err;
    for (ptrdiff_t i = 0; i < ARRAY_LEN(checks); i++)
        if (x->schema >= checks[i].from_schema)
            check(&x->v, &checks[i]);
    return 0;
}

int sq_verify(Store *base, Arena *a, StoreFaults *ret, Err *err)
{
    Sqlite *s = (Sqlite *)base;
    StoreFaults f = { 0 };
    Migration m = { 0 };
    TRY(sq_migration(base, a, &m, err));
    VerifyArg arg = { { s, a, &f }, m.schema };
    TRY(sq_transact(s, "verify the store", false, verify_body, &arg, err));
    *ret = f;
    return 0;
}
