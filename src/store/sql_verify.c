/* Is a store intact? The engine's own checks (SQLite's of its pages and keys), then ours: every
 * blob decodes, and counts that must agree do. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"
#include "store/blob.h"
#include "store/sql.h"

enum { FAULTS_MAX = 200 };

struct Verify {
    SqlStore *s;
    Arena *a;
    StoreFaults *f;
};

void sq_fault(Verify *v, const char *fmt, ...)
{
    char text[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (v->f->n < FAULTS_MAX)
        ARENA_PUSH(v->a, v->f->v, v->f->n, v->f->cap, arena_strdup(v->a, text));
}

static void say_row(Verify *v, const SqRow *q)
{
    sq_fault(v, "%s", col_text(v->a, q, 0));
}

static void try_hist(Verify *v, const SqRow *q)
{
    CLEANUP(hist_freep) Hist *h = NULL;
    Err why = { 0 };
    if (sq_decode_hist(col_blob(q, 1), col_blob(q, 2), &h, &why) < 0)
        sq_fault(v, "%s: %s", col_text(v->a, q, 0), why.msg);
}

static void try_rollup(Verify *v, const SqRow *q)
{
    CLEANUP(hist_freep) Hist *h = NULL;
    char iso[CLOCK_ISO_MAX];
    Err why = { 0 };
    if (sq_decode_hist(col_blob(q, 1), col_blob(q, 2), &h, &why) < 0)
        sq_fault(v, "%s of %s: %s", col_text(v->a, q, 0), clock_iso(iso, (uint64_t)col_int(q, 3)),
                 why.msg);
}

static void try_series(Verify *v, const SqRow *q)
{
    CLEANUP(arena_done) Arena scratch = { 0 };
    Series s = { .name = "", .unit = "", .scope = "", .method = "" };
    Err why = { 0 };
    if (blob_read_series(&scratch, col_blob(q, 3), (int)col_int(q, 2), (ptrdiff_t)col_int(q, 1), &s,
                         &why) < 0)
        sq_fault(v, "%s: %s", col_text(v->a, q, 0), why.msg);
}

/* Where a row of a trial is. */
#define TRIAL_PLACE "'run ' || r.id || ', case ' || n.name || ', round ' || t.round"
#define TRIAL_JOINS                                                                                \
    " JOIN trials t ON t.key = x.trial JOIN cases c ON c.key = t.case_key JOIN names n ON n.key "  \
    "= c.name JOIN runs r ON r.key = c.run "

static const SqlCheck checks[] = {
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
      "coalesce(t.failed_unauthorized, 0) + coalesce(t.failed_forbidden, 0) + "
      "coalesce(t.failed_tool, 0)",
      say_row },
    { 1,
      "SELECT 'given_figures: run ' || r.id || ', case ' || n.name || ', ' || m.name || ': tails "
      "of another number of trials' FROM given_figures x JOIN metrics m ON m.key = x.metric JOIN "
      "cases c ON c.key = x.case_key JOIN names n ON n.key = c.name JOIN runs r ON r.key = c.run "
      "WHERE length(x.trials_p95) <> length(x.trials_p99) OR length(x.trials_p95) % 8 <> 0",
      say_row },
    { 1,
      "SELECT 'runs: ' || r.id || ': its comparison has rows up to ' || max(x.pos) || ', but ' || "
      "count(*) || ' of them' FROM comparison_rows x JOIN runs r ON r.key = x.run GROUP BY r.id "
      "HAVING max(x.pos) + 1 <> count(*)",
      say_row },
    { 3,
      "SELECT 'rollups ' || x.key || ': case ' || n.name || ', ' || x.span, x.hdr, x.exact, "
      "x.start_ns FROM rollups x JOIN names n ON n.key = x.name",
      try_rollup },
    { 5,
      "SELECT 'triage ' || id || ': ' || kind || ' without its run or case' FROM triage WHERE "
      "(kind = 'invalid' AND run_id IS NULL) OR (kind <> 'invalid' AND case_name IS NULL)",
      say_row },
    { 3,
      "SELECT 'histograms ' || x.key || ': ' || " TRIAL_PLACE " || ': the run was rolled up' FROM "
      "histograms x" TRIAL_JOINS "WHERE r.rolled_ns IS NOT NULL",
      say_row },
    { 0 },
};

/* What the engine can't read is a fault as well, found on the way. */
static void check(Verify *v, const SqlCheck *c)
{
    CLEANUP(sq_done) SqRow q = { 0 };
    Err why = { 0 };
    int r = sq_open_text(v->s, c->sql, &q, &why);
    while (r >= 0 && (r = sq_next(&q, &why)) > 0) {
        v->f->checked++;
        c->row(v, &q);
    }
    if (r < 0)
        sq_fault(v, "%.60s...: %s", c->sql, why.msg);
}

typedef struct VerifyArg {
    Verify v;
    int schema;
} VerifyArg;

static int verify_body(SqlStore *s, void *arg, Err *err)
{
    VerifyArg *x = arg;
    (void)err;
    for (const SqlCheck *c = s->engine->checks; c && c->sql; c++)
        check(&x->v, c);
    for (const SqlCheck *c = checks; c->sql; c++)
        if (x->schema >= c->from_schema)
            check(&x->v, c);
    return 0;
}

int sq_verify(Store *base, Arena *a, StoreFaults *ret, Err *err)
{
    SqlStore *s = (SqlStore *)base;
    StoreFaults f = { 0 };
    Migration m = { 0 };
    TRY(sq_migration(base, a, &m, err));
    VerifyArg arg = { { s, a, &f }, m.schema };
    TRY(sq_transact(s, "verify the store", false, verify_body, &arg, err));
    *ret = f;
    return 0;
}
