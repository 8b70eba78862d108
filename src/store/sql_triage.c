/* What people said of results, and the regressions that they were asked about. */
#include <errno.h>
#include <string.h>

#include "store/sql.h"

static Val v_time(uint64_t wall_ns)
{
    return wall_ns ? v_u64(wall_ns) : v_null();
}

static int set_body(SqlStore *s, void *arg, Err *err)
{
    const Triage *t = arg;
    return sq_run(s, SQL_SET_TRIAGE,
                  SQ_VALS(v_text(t->id), v_text(triage_name(t->kind)), v_text(t->case_name),
                          v_text(t->metric), v_text(t->run_id), v_text(t->commit), v_num(t->change),
                          v_text(t->author), v_text(t->reason), v_u64(t->set_wall_ns),
                          v_u64(t->from_wall_ns), v_time(t->until_wall_ns),
                          v_time(t->undone_wall_ns)),
                  err);
}

int sq_triage_set(Store *base, const Triage *t, Err *err)
{
    Triage *arg = (Triage *)(uintptr_t)t; /* the body only reads it */
    return sq_transact((SqlStore *)base, "keep what was said of a result", true, set_body, arg,
                       err);
}

static int read_row(const SqRow *q, Arena *a, Triage *t)
{
    const char *id = col_text(a, q, 0), *kind = col_text(a, q, 1);
    *t = (Triage){ .case_name = col_text(a, q, 2),
                   .metric = col_text(a, q, 3),
                   .run_id = col_text(a, q, 4),
                   .commit = col_text(a, q, 5),
                   .change = col_num(q, 6),
                   .author = col_text(a, q, 7),
                   .reason = col_text(a, q, 8),
                   .set_wall_ns = (uint64_t)col_int(q, 9),
                   .from_wall_ns = (uint64_t)col_int(q, 10),
                   .until_wall_ns = (uint64_t)col_int(q, 11),
                   .undone_wall_ns = (uint64_t)col_int(q, 12) };
    if (!id || strlen(id) >= sizeof t->id || triage_parse(kind, &t->kind) < 0 ||
        (t->kind == TRIAGE_INVALID ? !t->run_id : !t->case_name))
        return -EBADMSG;
    memcpy(t->id, id, strlen(id) + 1);
    return 0;
}

int sq_read_triage(SqlStore *s, Arena *a, TriageList *ret, Err *err)
{
    CLEANUP(sq_done) SqRow q = { 0 };
    TriageList l = { 0 };
    int r;
    TRY(sq_open(s, SQL_LIST_TRIAGE, SQ_NONE, &q, err));
    while ((r = sq_next(&q, err)) > 0) {
        Triage t;
        if (read_row(&q, a, &t) < 0)
            return err_set(err, -EBADMSG, "'%s' holds a damaged row of triage", s->path);
        ARENA_PUSH(a, l.v, l.n, l.cap, t);
    }
    if (r == 0)
        *ret = l;
    return r;
}

int sq_triage_list(Store *base, Arena *a, TriageList *ret, Err *err)
{
    SqlStore *s = (SqlStore *)base;
    s->doing = "list what was said of results";
    return sq_read_triage(s, a, ret, err);
}

int sq_regressed_list(Store *base, Arena *a, TriageAsk **ret, ptrdiff_t *ret_n, Err *err)
{
    SqlStore *s = (SqlStore *)base;
    CLEANUP(sq_done) SqRow q = { 0 };
    TriageAsk *v = NULL;
    ptrdiff_t n = 0, cap = 0;
    int r;
    s->doing = "list the regressions";
    TRY(sq_open(s, SQL_LIST_REGRESSED, SQ_NONE, &q, err));
    while ((r = sq_next(&q, err)) > 0) {
        TriageAsk ask = { .run_id = col_text(a, &q, 0),
                          .at_wall_ns = (uint64_t)col_int(&q, 1),
                          .case_name = col_text(a, &q, 2),
                          .metric = col_text(a, &q, 3) };
        ARENA_PUSH(a, v, n, cap, ask);
    }
    if (r < 0)
        return r;
    *ret = v;
    *ret_n = n;
    return 0;
}
