/* The PostgreSQL engine: statements by the connection's pipeline, rows of their results. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/postgres.h"

enum { ROWS_AT_ONCE = 200 };

/* What SqRow.rows points at. */
typedef struct Rows {
    PGresult *result; /* owned */
    int cursor;       /* its number; 0: the result is all there is */
} Rows;

static int keep_rows(SqlStore *s, PGresult *result, int cursor, SqRow *ret, Err *err)
{
    Rows *rows = malloc(sizeof *rows);
    if (!rows) {
        pq.clear(result);
        return err_set(err, -ENOMEM, "no memory for an answer");
    }
    *rows = (Rows){ result, cursor };
    *ret = (SqRow){ s, rows, -1, cursor > 0 };
    return 0;
}

int postgres_rows(Postgres *p, SqRow *ret, Err *err)
{
    PGresult *result;
    TRY(postgres_settle(p, &result, err));
    return keep_rows(&p->sql, result, 0, ret, err);
}

static int open_stmt(SqlStore *base, Sql sql, const Val *v, int n, SqRow *ret, Err *err)
{
    Postgres *p = (Postgres *)base;
    TRY(postgres_send(p, sql, v, n, err));
    return postgres_rows(p, ret, err);
}

static int run_stmt(SqlStore *base, Sql sql, const Val *v, int n, Err *err)
{
    Postgres *p = (Postgres *)base;
    TRY(postgres_send(p, sql, v, n, err));
    return base->in_transaction ? 0 : postgres_settle(p, NULL, err);
}

static int fetch(Postgres *p, int cursor, PGresult **ret, Err *err)
{
    char text[64];
    snprintf(text, sizeof text, "FETCH %d FROM assay_%d", ROWS_AT_ONCE, cursor);
    TRY(postgres_send_text(p, text, err));
    return postgres_settle(p, ret, err);
}

/* An error ends a transaction here; a statement in passing that fails ends only itself. */
static int undo(Postgres *p, int failed)
{
    if (!p->dropped && postgres_send_text(p, "ROLLBACK TO SAVEPOINT assay", NULL) == 0)
        (void)!postgres_settle(p, NULL, NULL);
    return failed;
}

static int declare(Postgres *p, int cursor, const char *text, PGresult **ret, Err *err)
{
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    strbuf_addf(&b, "DECLARE assay_%d NO SCROLL CURSOR FOR %s", cursor, text);
    TRY(postgres_send_text(p, "SAVEPOINT assay", err));
    TRY(postgres_send_text(p, strbuf_z(&b), err));
    return fetch(p, cursor, ret, err);
}

/* By a cursor: such statements go over whole tables. */
static int open_text(SqlStore *base, const char *text, SqRow *ret, Err *err)
{
    Postgres *p = (Postgres *)base;
    PGresult *result;
    int cursor = ++p->cursors;
    int r = declare(p, cursor, text, &result, err);
    return r < 0 ? undo(p, r) : keep_rows(base, result, cursor, ret, err);
}

static int next_row(SqRow *q, Err *err)
{
    Rows *rows = q->rows;
    int n = rows->result ? pq.ntuples(rows->result) : 0;
    if (++q->at < n)
        return 1;
    if (!rows->cursor || n < ROWS_AT_ONCE)
        return 0;
    pq.clear(rows->result);
    rows->result = NULL;
    int r = fetch((Postgres *)q->s, rows->cursor, &rows->result, err);
    if (r < 0)
        return undo((Postgres *)q->s, r);
    q->at = 0;
    return rows->result && pq.ntuples(rows->result) > 0;
}

static void end_rows(SqRow *q)
{
    Rows *rows = q->rows;
    pq.clear(rows->result);
    free(rows);
}

static bool is_null(const SqRow *q, int i)
{
    const Rows *rows = q->rows;
    return pq.getisnull(rows->result, q->at, i) != 0;
}

static Str as_bytes(const SqRow *q, int i)
{
    const Rows *rows = q->rows;
    return (Str){ pq.getvalue(rows->result, q->at, i), pq.getlength(rows->result, q->at, i) };
}

/* Integers of 1 (a boolean), 2, 4 and 8 bytes, big-endian. */
static int64_t as_int(const SqRow *q, int i)
{
    Str s = as_bytes(q, i);
    uint64_t bits = 0;
    if (is_null(q, i))
        return 0;
    assert(s.len == 1 || s.len == 2 || s.len == 4 || s.len == 8);
    for (ptrdiff_t k = 0; k < s.len; k++)
        bits = bits << 8 | (unsigned char)s.ptr[k];
    return s.len == 4 ? (int32_t)(uint32_t)bits : (int64_t)bits;
}

static double as_num(const SqRow *q, int i)
{
    uint64_t bits = (uint64_t)as_int(q, i); /* a double travels as its bits do */
    double v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

/* Writers bound what the server does as well: what nobody waits for any more shall not go on. */
static int begin(SqlStore *base, bool write, Err *err)
{
    Postgres *p = (Postgres *)base;
    char limit[80];
    p->reading = !write;
    if (!write)
        return postgres_send_text(p, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", err);
    snprintf(limit, sizeof limit, "SET LOCAL statement_timeout = %llu",
             (unsigned long long)(p->patience_ns / NS_PER_MS));
    TRY(postgres_send_text(p, "BEGIN", err));
    return postgres_send_text(p, limit, err);
}

static int commit(SqlStore *base, Err *err)
{
    Postgres *p = (Postgres *)base;
    TRY(postgres_send_text(p, "COMMIT", err));
    return postgres_settle(p, NULL, err);
}

static void roll_back(SqlStore *base)
{
    Postgres *p = (Postgres *)base;
    if (p->dropped)
        return;
    if (postgres_settle(p, NULL, NULL) >= 0 || !p->dropped)
        if (pq.transactionStatus(p->pg) != PQTRANS_IDLE &&
            postgres_send_text(p, "ROLLBACK", NULL) == 0)
            (void)!postgres_settle(p, NULL, NULL);
}

static int lock(SqlStore *base, Err *err)
{
    return postgres_send_text((Postgres *)base, POSTGRES_LOCK, err);
}

/* A few dozen at a time; those that are left over when the store is closed are gaps. */
static int reserve_keys(Postgres *p, Err *err)
{
    static const char text[] = "SELECT nextval(pg_get_serial_sequence('assay.trials', 'key')) AS "
                               "key FROM generate_series(1, 64) ORDER BY key DESC";
    static_assert(POSTGRES_KEYS == 64, "as many as the statement asks for");
    CLEANUP(sq_done) SqRow q = { 0 };
    int r;
    TRY(postgres_send_text(p, text, err));
    TRY(postgres_rows(p, &q, err));
    assert(q.rows);
    while ((r = next_row(&q, err)) > 0 && p->n_keys < POSTGRES_KEYS)
        p->keys[p->n_keys++] = as_int(&q, 0);
    return MIN(r, 0);
}

static int trial_key(SqlStore *base, int64_t *ret, Err *err)
{
    Postgres *p = (Postgres *)base;
    if (p->n_keys == 0)
        TRY(reserve_keys(p, err));
    if (p->n_keys == 0)
        return err_set(err, -EIO, "'%s' gave no keys", base->path);
    *ret = p->keys[--p->n_keys];
    return 0;
}

const SqlEngine postgres_engine = {
    .open = open_stmt,
    .open_text = open_text,
    .run = run_stmt,
    .next = next_row,
    .done = end_rows,
    .is_null = is_null,
    .as_int = as_int,
    .as_num = as_num,
    .as_bytes = as_bytes,
    .begin = begin,
    .commit = commit,
    .roll_back = roll_back,
    .lock = lock,
    .trial_key = trial_key,
    .schema = postgres_schema,
    .sizes = postgres_sizes,
};
