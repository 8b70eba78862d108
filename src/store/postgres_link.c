/* The connection: made, spoken over and given up within the patience. */
#include <endian.h>
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/postgres.h"

enum {
    VALUES_MAX = 32,
    QUEUE_MAX = 256,      /* libpq keeps a record of each */
    READERS_PATIENCE = 6, /* times that of writers: questions may take a while */
    OID_BYTEA = 17,
    OID_INT8 = 20,
    OID_TEXT = 25,
    OID_FLOAT8 = 701,
};

/* libpq would print them. */
static void ignore_notice(void *user, const PGresult *notice)
{
    (void)user;
    (void)notice;
}

static int give_up(Postgres *p, const char *why, Err *err)
{
    p->dropped = true;
    return postgres_gone(p, why, err);
}

/* 0 when the socket is ready for one of the events. */
static int await_socket(Postgres *p, short events, uint64_t until_ns, Err *err)
{
    struct pollfd fd = { .fd = pq.socket(p->pg), .events = events };
    for (;;) {
        uint64_t now = clock_mono_ns();
        if (now >= until_ns)
            return give_up(p, "gave no answer in time; ASSAY_STORE_TIMEOUT allows it more", err);
        int r = poll(&fd, 1, (int)MIN((until_ns - now) / NS_PER_MS + 1, (uint64_t)60000));
        if (r > 0)
            return 0;
        if (r < 0 && errno != EINTR)
            return give_up(p, "has a connection that can't be waited for", err);
    }
}

static int poll_until_connected(Postgres *p, Err *err)
{
    uint64_t until = clock_mono_ns() + p->patience_ns;
    PostgresPollingStatusType next = PGRES_POLLING_WRITING;
    while (next == PGRES_POLLING_READING || next == PGRES_POLLING_WRITING) {
        TRY(await_socket(p, next == PGRES_POLLING_WRITING ? POLLOUT : POLLIN, until, err));
        next = pq.connectPoll(p->pg);
    }
    return next == PGRES_POLLING_OK ? 0 : postgres_refused(p, err);
}

int postgres_connect(Postgres *p, Err *err)
{
    static const char *const keywords[] = { "dbname", "fallback_application_name",
                                            "client_encoding", NULL };
    const char *const values[] = { p->url, "assay", "UTF8", NULL };
    p->dropped = p->forget = false;
    p->queued = 0;
    memset(p->prepared, 0, sizeof p->prepared);
    p->pg = pq.connectStartParams(keywords, values, 1);
    if (!p->pg)
        return err_set(err, -ENOMEM, "no memory for a connection");
    if (pq.status(p->pg) == CONNECTION_BAD)
        return postgres_refused(p, err);
    pq.setNoticeReceiver(p->pg, ignore_notice, NULL);
    pq.setErrorVerbosity(p->pg, PQERRORS_VERBOSE); /* so that refusals tell their code */
    TRY(poll_until_connected(p, err));
    if (pq.setnonblocking(p->pg, 1) < 0 || !pq.enterPipelineMode(p->pg))
        return err_set(err, -ENOMEM, "no memory for a connection");
    return 0;
}

void postgres_disconnect(Postgres *p)
{
    if (p->pg)
        pq.finish(p->pg);
    p->pg = NULL;
}

/* ---- sending ---- */

static int sent(Postgres *p, int ok, Err *err)
{
    if (ok)
        p->queued++;
    if (ok && p->queued < QUEUE_MAX)
        return 0;
    return ok ? postgres_settle(p, NULL, err) : give_up(p, "takes no more statements", err);
}

int postgres_send_text(Postgres *p, const char *text, Err *err)
{
    if (p->dropped)
        return postgres_gone(p, "is not connected any more", err);
    return sent(p, pq.sendQueryParams(p->pg, text, 0, NULL, NULL, NULL, NULL, 1), err);
}

/* ?1 of the common texts is $1 here. */
static void add_text(StrBuf *b, const char *text)
{
    for (; *text; text++)
        strbuf_addc(b, *text == '?' ? '$' : *text);
}

static Oid type_of(const Val *v)
{
    static const Oid types[] = { [VAL_NULL] = 0,
                                 [VAL_INT] = OID_INT8,
                                 [VAL_NUM] = OID_FLOAT8,
                                 [VAL_TEXT] = OID_TEXT,
                                 [VAL_BLOB] = OID_BYTEA };
    return types[v->type];
}

static const char *name_of(char name[16], Sql sql)
{
    snprintf(name, 16, "assay%d", (int)sql);
    return name;
}

static int prepare(Postgres *p, Sql sql, const Val *v, int n, Err *err)
{
    CLEANUP(strbuf_done) StrBuf text = { 0 };
    Oid types[VALUES_MAX];
    char name[16];
    if (p->prepared[sql])
        return 0;
    for (int i = 0; i < n; i++)
        types[i] = type_of(&v[i]);
    add_text(&text, sq_texts[sql]);
    p->prepared[sql] = true;
    return sent(p, pq.sendPrepare(p->pg, name_of(name, sql), strbuf_z(&text), n, types), err);
}

/* After an error nobody knows which of the statements sent ahead were still prepared. */
static int forget(Postgres *p, Err *err)
{
    if (!p->forget || pq.transactionStatus(p->pg) == PQTRANS_INERROR)
        return 0;
    memset(p->prepared, 0, sizeof p->prepared);
    p->forget = false;
    return postgres_send_text(p, "DEALLOCATE ALL", err);
}

/* Text has to be UTF-8 here; what isn't is marked, as documents mark it. */
static Str clean_text(Str s, StrBuf *keep)
{
    if (utf8_invalid_at(s) < 0)
        return s;
    ptrdiff_t from = keep->len;
    strbuf_add_utf8(keep, s);
    strbuf_addc(keep, '\0');
    return (Str){ keep->ptr + from, keep->len - from - 1 };
}

typedef struct Values {
    uint64_t numbers[VALUES_MAX];
    const char *at[VALUES_MAX];
    int bytes[VALUES_MAX], formats[VALUES_MAX];
} Values;

static void put_value(Values *x, int i, const Val *v, StrBuf *keep)
{
    Str s = v->type == VAL_TEXT ? clean_text(v->s, keep) : v->s;
    uint64_t bits = (uint64_t)v->i;
    if (v->type == VAL_NUM)
        memcpy(&bits, &v->num, sizeof bits);
    x->numbers[i] = htobe64(bits);
    bool number = v->type == VAL_INT || v->type == VAL_NUM;
    bool missing = v->type == VAL_NULL || (v->type == VAL_NUM && isnan(v->num));
    x->at[i] = missing ? NULL : number ? (const char *)&x->numbers[i] : s.ptr ? s.ptr : "";
    x->bytes[i] = missing ? 0 : number ? (int)sizeof bits : (int)s.len;
    x->formats[i] = 1;
}

/* Room for all bad text of one statement at once, so that what was cleaned does not move. */
static void make_room(StrBuf *keep, const Val *v, int n)
{
    ptrdiff_t most = 0;
    for (int i = 0; i < n; i++)
        if (v[i].type == VAL_TEXT && utf8_invalid_at(v[i].s) >= 0)
            most += 3 * v[i].s.len + 1;
    strbuf_pad(keep, ' ', most);
    strbuf_clear(keep);
}

int postgres_send(Postgres *p, Sql sql, const Val *v, int n, Err *err)
{
    CLEANUP(strbuf_done) StrBuf keep = { 0 };
    Values x;
    char name[16];
    assert(n <= VALUES_MAX);
    if (p->dropped)
        return postgres_gone(p, "is not connected any more", err);
    TRY(forget(p, err));
    TRY(prepare(p, sql, v, n, err));
    make_room(&keep, v, n);
    for (int i = 0; i < n; i++)
        put_value(&x, i, &v[i], &keep);
    return sent(p, pq.sendQueryPrepared(p->pg, name_of(name, sql), n, x.at, x.bytes, x.formats, 1),
                err);
}

/* ---- reading ---- */

/* The server may have so much to say that it takes nothing more before it was read. */
static int flush(Postgres *p, uint64_t until, Err *err)
{
    int left;
    while ((left = pq.flush(p->pg)) > 0) {
        TRY(await_socket(p, POLLIN | POLLOUT, until, err));
        if (!pq.consumeInput(p->pg)) {
            p->dropped = true;
            return postgres_fail(p, NULL, err);
        }
    }
    if (left == 0)
        return 0;
    p->dropped = true;
    return postgres_fail(p, NULL, err);
}

/* *ret NULL: the end of a statement's results. */
static int next_result(Postgres *p, PGresult **ret, Err *err)
{
    uint64_t until = clock_mono_ns() + p->patience_ns * (p->reading ? READERS_PATIENCE : 1);
    TRY(flush(p, until, err));
    while (pq.isBusy(p->pg)) {
        TRY(await_socket(p, POLLIN, until, err));
        if (!pq.consumeInput(p->pg)) {
            p->dropped = true;
            return postgres_fail(p, NULL, err);
        }
    }
    *ret = pq.getResult(p->pg);
    if (pq.status(p->pg) == CONNECTION_BAD) {
        int r = postgres_fail(p, *ret, err);
        p->dropped = true;
        pq.clear(*ret);
        *ret = NULL;
        return r == -EAGAIN ? -EHOSTUNREACH : r;
    }
    return 0;
}

/* Results until the end of one statement, of which the last is kept, or until the sync. */
static int read_statement(Postgres *p, bool last, PGresult **ret, int *ret_failed, Err *err)
{
    PGresult *r = NULL;
    do {
        TRY(next_result(p, &r, err));
        ExecStatusType status = r ? pq.resultStatus(r) : PGRES_COMMAND_OK;
        if (status == PGRES_FATAL_ERROR && *ret_failed == 0)
            *ret_failed = postgres_fail(p, r, err);
        else if (status == PGRES_PIPELINE_ABORTED && *ret_failed == 0)
            *ret_failed = postgres_gone(p, "dropped a statement", err);
        if (last && ret && r && status == PGRES_TUPLES_OK && !*ret)
            *ret = r;
        else
            pq.clear(r);
        if (status == PGRES_PIPELINE_SYNC)
            return 0;
    } while (r);
    return 0;
}

int postgres_settle(Postgres *p, PGresult **ret, Err *err)
{
    int failed = 0, r = 0;
    if (ret)
        *ret = NULL;
    if (p->dropped)
        return postgres_gone(p, "is not connected any more", err);
    if (p->queued == 0)
        return 0;
    if (!pq.pipelineSync(p->pg))
        return give_up(p, "takes no more statements", err);
    for (; r == 0 && p->queued > 0; p->queued--)
        r = read_statement(p, p->queued == 1, ret, &failed, err);
    if (r == 0) /* the sync itself */
        r = read_statement(p, false, NULL, &failed, err);
    p->queued = 0;
    if (r == 0 && failed == 0)
        return 0;
    p->forget = true;
    if (ret) {
        pq.clear(*ret);
        *ret = NULL;
    }
    return r < 0 ? r : failed;
}

int postgres_exec(Postgres *p, const char *text, Err *err)
{
    int failed = 0;
    PGresult *r = NULL;
    assert(p->queued == 0);
    if (p->dropped)
        return postgres_gone(p, "is not connected any more", err);
    if (!pq.exitPipelineMode(p->pg) || !pq.sendQuery(p->pg, text))
        return give_up(p, "takes no more statements", err);
    do {
        TRY(next_result(p, &r, err));
        if (r && pq.resultStatus(r) == PGRES_FATAL_ERROR && failed == 0)
            failed = postgres_fail(p, r, err);
        pq.clear(r);
    } while (r);
    if (!pq.enterPipelineMode(p->pg))
        return give_up(p, "takes no more statements", err);
    return failed;
}
