/* Statements and transactions, the same for every engine. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "store/sql.h"

enum { ATTEMPTS = 20 };

int sq_open(SqlStore *s, Sql sql, const Val *v, int n, SqRow *ret, Err *err)
{
    return s->engine->open(s, sql, v, n, ret, err);
}

int sq_open_text(SqlStore *s, const char *text, SqRow *ret, Err *err)
{
    assert(s->in_transaction);
    return s->engine->open_text(s, text, ret, err);
}

int sq_next(SqRow *q, Err *err)
{
    return q->s->engine->next(q, err);
}

void sq_done(SqRow *q)
{
    if (q->rows)
        q->s->engine->done(q);
    q->rows = NULL;
}

int sq_run(SqlStore *s, Sql sql, const Val *v, int n, Err *err)
{
    return s->engine->run(s, sql, v, n, err);
}

int sq_find(SqlStore *s, Sql sql, const Val *v, int n, int64_t *ret_key, Err *err)
{
    CLEANUP(sq_done) SqRow q = { 0 };
    TRY(sq_open(s, sql, v, n, &q, err));
    int r = sq_next(&q, err);
    if (r >= 0)
        *ret_key = r ? col_int(&q, 0) : 0;
    return MIN(r, 0);
}

int sq_lock(SqlStore *s, Err *err)
{
    assert(s->in_transaction);
    return s->engine->lock ? s->engine->lock(s, err) : 0;
}

int sq_intern(SqlStore *s, Sql find, Sql add, const Val *v, int n, int64_t *ret_key, Err *err)
{
    TRY(sq_find(s, find, v, n, ret_key, err));
    if (*ret_key)
        return 0;
    if (s->engine->lock) { /* somebody else may just have added it */
        TRY(sq_lock(s, err));
        TRY(sq_find(s, find, v, n, ret_key, err));
    }
    return *ret_key ? 0 : sq_find(s, add, v, n, ret_key, err);
}

const char *col_text(Arena *a, const SqRow *q, int i)
{
    return col_null(q, i) ? NULL : arena_str(a, q->s->engine->as_bytes(q, i));
}

int64_t col_int(const SqRow *q, int i)
{
    return q->s->engine->as_int(q, i);
}

double col_num(const SqRow *q, int i)
{
    return col_null(q, i) ? (double)NAN : q->s->engine->as_num(q, i);
}

bool col_null(const SqRow *q, int i)
{
    return q->s->engine->is_null(q, i);
}

Str col_blob(const SqRow *q, int i)
{
    return q->s->engine->as_bytes(q, i);
}

Testbed col_testbed(Arena *a, const SqRow *q, int from)
{
    return (Testbed){ .fingerprint = col_text(a, q, from),
                      .host = col_text(a, q, from + 1),
                      .os = col_text(a, q, from + 2),
                      .kernel = col_text(a, q, from + 3),
                      .cpu = col_text(a, q, from + 4),
                      .cpus = (uint32_t)col_int(q, from + 5),
                      .memory_bytes = (uint64_t)col_int(q, from + 6),
                      .clock_source = col_text(a, q, from + 7),
                      .virtualisation = col_text(a, q, from + 8),
                      .governor = col_text(a, q, from + 9) };
}

void sq_forget(SqlStore *s)
{
    memset(s->known, 0, sizeof s->known);
    memset(s->cases, 0, sizeof s->cases);
    s->run_id[0] = '\0';
}

static void roll_back(SqlStore *s)
{
    sq_forget(s);
    s->engine->roll_back(s);
}

static int attempt(SqlStore *s, bool write, int (*body)(SqlStore *s, void *arg, Err *err),
                   void *arg, Err *err)
{
    TRY(s->engine->begin(s, write, err));
    s->in_transaction = true;
    int r = body(s, arg, err);
    if (r >= 0) {
        int committed = s->engine->commit(s, err);
        r = committed < 0 ? committed : r;
    }
    if (r < 0)
        roll_back(s);
    s->in_transaction = false;
    return r;
}

int sq_transact(SqlStore *s, const char *doing, bool write,
                int (*body)(SqlStore *s, void *arg, Err *err), void *arg, Err *err)
{
    assert(!s->in_transaction);
    Err why = { 0 };
    int r = -EAGAIN;
    s->doing = doing;
    for (int i = 0; i < ATTEMPTS && r == -EAGAIN; i++)
        r = attempt(s, write, body, arg, &why);
    if (why.msg[0] && err)
        *err = why; /* also what a positive result has to say */
    return r == -EAGAIN ? err_set(err, -EBUSY, "%s", why.msg) : r;
}
