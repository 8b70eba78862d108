/* One operation: statements go out, results come in. libpq allocates them; what is ours was
 * allocated before the first. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "base/libpq.h"
#include "drivers/postgresql/pg_error.h"
#include "drivers/postgresql/pg_link.h"

/* What the results of an operation came to. */
typedef struct Answer {
    const PgRequest *request;
    const char *error; /* the first SQL error; NULL: none */
    const char *wrong; /* why the connection is of no use any more */
    uint64_t statements, rows, bytes;
    uint64_t serialization_failures, deadlocks;
    ptrdiff_t n_results; /* of the query at hand */
    uint64_t query_rows;
    bool mismatch; /* a query had not as many rows as expected */
} Answer;

/* ---- results ---- */

static uint64_t value_bytes(const PGresult *res)
{
    uint64_t bytes = 0;
    int rows = pq.ntuples(res), columns = pq.nfields(res);
    for (int i = 0; i < rows; i++)
        for (int k = 0; k < columns; k++)
            bytes += (uint64_t)pq.getlength(res, i, k);
    return bytes;
}

static uint64_t rows_of(PGresult *res)
{
    uint64_t changed = 0;
    if (pq.resultStatus(res) == PGRES_TUPLES_OK)
        return (uint64_t)pq.ntuples(res);
    return str_to_u64(str(pq.cmdTuples(res)), &changed) < 0 ? 0 : changed;
}

static void take_rows(Answer *a, PGresult *res)
{
    const PgRequest *r = a->request;
    uint64_t rows = rows_of(res);
    a->statements++;
    a->rows += rows;
    a->query_rows += rows;
    a->bytes += value_bytes(res);
    if (++a->n_results < r->script.n)
        return;
    a->mismatch |= r->expects && a->query_rows != r->expect_rows;
    a->n_results = 0;
    a->query_rows = 0;
}

/* Without an SQLSTATE it is libpq's own: what it read was not the protocol. */
static int take_error(Answer *a, const PGresult *res)
{
    const char *state = pq.resultErrorField(res, PG_DIAG_SQLSTATE);
    if (!state) {
        a->wrong = "not PostgreSQL's protocol";
        return -EPROTO;
    }
    a->serialization_failures += strcmp(state, "40001") == 0;
    a->deadlocks += strcmp(state, "40P01") == 0;
    if (!a->error)
        a->error = pg_state_cause(state);
    return 0;
}

static int take_result(Answer *a, PGresult *res)
{
    ExecStatusType status = pq.resultStatus(res);
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY)
        take_rows(a, res);
    else if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE)
        return take_error(a, res);
    else if (status != PGRES_PIPELINE_ABORTED && status != PGRES_PIPELINE_SYNC) {
        a->wrong = "COPY, which this driver does not speak";
        return -EPROTO;
    }
    return 0;
}

/* The next result is taken: its status, -1 when there is none. Or a negative errno. */
static int next_result(VuIo *io, PgConn *c, Answer *a, int *ret_status)
{
    TRY(pg_await(io, c));
    PGresult *res = pq.getResult(c->pg);
    *ret_status = res ? (int)pq.resultStatus(res) : -1;
    int r = res ? take_result(a, res) : pq.status(c->pg) == CONNECTION_OK ? 0 : -ECONNRESET;
    pq.clear(res);
    return r;
}

/* All results of one statement outside a pipeline. */
static int read_results(VuIo *io, PgConn *c, Answer *a)
{
    int status = 0;
    TRY(pg_flush(io, c));
    while (status != -1)
        TRY(next_result(io, c, a, &status));
    return 0;
}

/* All results until the Sync's; those of each statement end with none. */
static int read_pipeline(VuIo *io, PgConn *c, Answer *a)
{
    int status = 0, before;
    TRY(pg_flush(io, c));
    do {
        before = status;
        TRY(next_result(io, c, a, &status));
        if (status == -1 && before == -1)
            return -EPROTO;
    } while (status != PGRES_PIPELINE_SYNC);
    return 0;
}

/* ---- statements ---- */

static int sent(int done)
{
    return done ? 0 : -ECONNRESET;
}

static void render_values(PgConn *c, const SqlStatement *s, Draw *d)
{
    char *to = c->bytes;
    for (ptrdiff_t i = 0; i < s->n_values; i++) {
        c->values[i] = to;
        to += template_render(s->values[i], d, to);
        *to++ = '\0';
    }
}

/* As constants, which stay constants whatever they hold. A backslash counts in them where the
 * server's standard_conforming_strings is off; libpq knows. */
static void render_text(PgConn *c, const SqlStatement *s, Draw *d)
{
    char *to = c->bytes;
    for (ptrdiff_t i = 0; i <= s->n_values; i++) {
        memcpy(to, s->pieces[i].ptr, (size_t)s->pieces[i].len);
        to += s->pieces[i].len;
        if (i == s->n_values)
            break;
        char *raw = to + 2 * template_max(s->values[i]) + 3; /* behind its quoted form */
        ptrdiff_t n = template_render(s->values[i], d, raw);
        *to++ = '\'';
        to += pq.escapeStringConn(c->pg, to, raw, (size_t)n, NULL);
        *to++ = '\'';
    }
    *to = '\0';
}

static int send_statement(PgConn *c, const PgRequest *r, const SqlStatement *s, Draw *d)
{
    int n = (int)s->n_values;
    if (r->protocol == PG_SIMPLE) {
        render_text(c, s, d);
        return sent(pq.sendQuery(c->pg, c->bytes));
    }
    render_values(c, s, d);
    if (r->protocol == PG_EXTENDED)
        return sent(pq.sendQueryParams(c->pg, s->text, n, NULL, c->values, NULL, NULL, 0));
    return sent(pq.sendQueryPrepared(c->pg, s->name, n, c->values, NULL, NULL, 0));
}

/* One after the other, as an application does. An error ends it. */
static int run_query(VuIo *io, PgConn *c, const PgRequest *r, Answer *a)
{
    Draw *d = vu_draw(io);
    draw_next(d, r->feed);
    for (ptrdiff_t i = 0; i < r->script.n && !a->error; i++) {
        TRY(send_statement(c, r, &r->script.v[i], d));
        TRY(read_results(io, c, a));
    }
    return 0;
}

static int run_pipeline(VuIo *io, PgConn *c, const PgRequest *r, Answer *a)
{
    Draw *d = vu_draw(io);
    if (!c->pipelines && !pq.enterPipelineMode(c->pg))
        return -ECONNRESET;
    c->pipelines = true;
    for (uint32_t k = 0; k < r->pipeline; k++) {
        draw_next(d, r->feed);
        for (ptrdiff_t i = 0; i < r->script.n; i++)
            TRY(send_statement(c, r, &r->script.v[i], d));
    }
    TRY(sent(pq.pipelineSync(c->pg)));
    return read_pipeline(io, c, a);
}

/* ---- around them ---- */

static int grow(void **list, ptrdiff_t *cap, ptrdiff_t need, size_t size)
{
    if (need <= *cap)
        return 0;
    void *grown = reallocarray(*list, (size_t)need, size);
    if (!grown)
        return -ENOMEM;
    *list = grown;
    *cap = need;
    return 0;
}

static int allocate(PgConn *c, const PgRequest *r)
{
    void *values = (void *)c->values;
    TRY(buf_grow(&c->bytes, &c->cap_bytes, r->bytes_max));
    TRY(grow(&values, &c->cap_values, r->values_max + 1, sizeof *c->values));
    c->values = values;
    return 0;
}

static bool is_prepared(const PgConn *c, uint64_t id)
{
    for (ptrdiff_t i = 0; i < c->n_prepared; i++)
        if (c->prepared[i] == id)
            return true;
    return false;
}

static int prepare_one(VuIo *io, PgConn *c, const SqlStatement *s, Answer *ignored)
{
    void *ids = c->prepared;
    TRY(grow(&ids, &c->cap_prepared, c->n_prepared + 1, sizeof *c->prepared));
    c->prepared = ids;
    TRY(sent(pq.sendPrepare(c->pg, s->name, s->text, (int)s->n_values, NULL)));
    TRY(read_results(io, c, ignored));
    if (!ignored->error)
        c->prepared[c->n_prepared++] = s->id;
    return 0;
}

/* Each statement once a connection; what fails is tried again by the next operation. */
static int prepare(VuIo *io, PgConn *c, const PgRequest *r, Answer *a)
{
    Answer ignored = { .request = r };
    if (c->ready == r)
        return 0;
    for (ptrdiff_t i = 0; r->protocol == PG_PREPARED && i < r->script.n; i++) {
        const SqlStatement *s = &r->script.v[i];
        int e = is_prepared(c, s->id) ? 0 : prepare_one(io, c, s, &ignored);
        a->error = ignored.error;
        a->wrong = ignored.wrong;
        if (e < 0 || a->error)
            return e;
    }
    c->ready = r;
    return 0;
}

/* Preparing, and what follows, may want another mode than the operation before. */
static int leave_pipeline(PgConn *c)
{
    if (c->pipelines && !pq.exitPipelineMode(c->pg))
        return -ECONNRESET;
    c->pipelines = false;
    return 0;
}

/* An error within a transaction leaves it open: an application would roll back, too. */
static int roll_back(VuIo *io, PgConn *c, const PgRequest *r)
{
    Answer ignored = { .request = r };
    if (pq.transactionStatus(c->pg) == PQTRANS_IDLE)
        return 0;
    TRY(sent(pq.sendQueryParams(c->pg, "ROLLBACK", 0, NULL, NULL, NULL, NULL, 0)));
    if (!c->pipelines)
        return read_results(io, c, &ignored);
    TRY(sent(pq.pipelineSync(c->pg)));
    return read_pipeline(io, c, &ignored);
}

static int operate(VuIo *io, PgConn *c, const PgRequest *r, Answer *a)
{
    TRY(allocate(c, r));
    vu_mark_sent(io, 0);
    if (r != c->ready || r->pipeline == 1)
        TRY(leave_pipeline(c));
    TRY(prepare(io, c, r, a));
    if (!a->error)
        TRY(r->pipeline > 1 ? run_pipeline(io, c, r, a) : run_query(io, c, r, a));
    if (a->error)
        TRY(roll_back(io, c, r));
    pg_rest(c);
    return 0;
}

static void tell(VuIo *io, const Answer *a, Outcome *out)
{
    vu_record(io, PG_STATEMENTS, a->statements);
    vu_record(io, PG_ROWS, a->rows);
    vu_record(io, PG_SERIALIZATION_FAILURES, a->serialization_failures);
    vu_record(io, PG_DEADLOCKS, a->deadlocks);
    out->bytes_in = a->bytes;
    out->failed = a->error || a->mismatch;
    out->fail = a->error ? FAIL_STATUS : FAIL_CHECK;
    out->cause = a->error ? a->error : a->mismatch ? "not as many rows as expected" : NULL;
}

int pg_call(VuIo *io, void *conn, const void *request, Outcome *out)
{
    PgConn *c = conn;
    Answer a = { .request = request };
    if (!pg_is_usable(c))
        return CALL_STALE;
    int e = operate(io, c, request, &a);
    tell(io, &a, out);
    if (e < 0)
        out->cause = a.wrong ? a.wrong : a.error;
    return e;
}

int pg_open(VuIo *io, const void *target, void *conn)
{
    return pg_connect(io, target, conn);
}

void pg_close(VuIo *io, void *conn)
{
    PgConn *c = conn;
    (void)io;
    free(c->bytes);
    free(c->values);
    free(c->prepared);
    pg_disconnect(c);
}

int pg_hold(VuIo *io, void *conn)
{
    PgConn *c = conn;
    while (pg_is_usable(c))
        TRY(vu_wait_any(io, &c->fd));
    return -ECONNRESET;
}
