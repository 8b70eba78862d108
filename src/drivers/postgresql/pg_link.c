#include "drivers/postgresql/pg_link.h"
#include "base/libpq.h"

#include <errno.h>
#include <openssl/ssl.h>

#include "drivers/postgresql/pg_error.h"

/* libpq would print them. */
static void ignore_notice(void *user, const PGresult *notice)
{
    (void)user;
    (void)notice;
}

/* ---- connecting ---- */

/* Trying the next address, or again without TLS, libpq closes its socket and opens another, which
 * may get the same number: so it is adopted anew before each wait. */
static int poll_until_connected(VuIo *io, PgConn *c)
{
    PostgresPollingStatusType next = PGRES_POLLING_WRITING;
    while (next == PGRES_POLLING_READING || next == PGRES_POLLING_WRITING) {
        TRY(vu_adopt(io, &c->fd, pq.socket(c->pg)));
        TRY(vu_wait_ready(io, &c->fd, next == PGRES_POLLING_WRITING));
        next = pq.connectPoll(c->pg);
    }
    return next == PGRES_POLLING_OK ? 0 : -ENOTCONN;
}

static int refused(VuIo *io, const PgConn *c)
{
    const char *cause;
    int r = pg_connect_errno(pq.errorMessage(c->pg), &cause);
    if (cause)
        vu_cause(io, cause);
    return r;
}

static int begin(VuIo *io, PgConn *c)
{
    if (pq.status(c->pg) == CONNECTION_BAD)
        return refused(io, c);
    pq.setNoticeReceiver(c->pg, ignore_notice, NULL);
    pq.setErrorVerbosity(c->pg, PQERRORS_SQLSTATE); /* so that refusals tell their code */
    int r = poll_until_connected(io, c);
    if (r == -ENOTCONN)
        return refused(io, c);
    if (r == 0 && pq.setnonblocking(c->pg, 1) < 0)
        return -ENOMEM;
    pg_rest(c);
    return r;
}

int pg_connect(VuIo *io, const PgTarget *t, PgConn *c)
{
    c->pg = pq.connectStartParams(t->keywords, t->values, 0);
    if (!c->pg)
        return -ENOMEM;
    int r = begin(io, c);
    if (r < 0)
        pg_disconnect(c);
    return r;
}

void pg_disconnect(PgConn *c)
{
    vu_disown(&c->fd);
    pq.finish(c->pg);
    c->pg = NULL;
}

/* ---- reading and writing ---- */

/* A read by libpq may leave bytes behind, in the socket or in OpenSSL, of which no edge tells. The
 * end of the stream counts as something. */
static bool has_more(const PgConn *c)
{
    char byte;
    SSL *ssl = pq.sslStruct(c->pg, "OpenSSL");
    if (ssl && SSL_pending(ssl) > 0)
        return true;
    return recv(c->fd.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 || errno != EAGAIN;
}

/* Everything that is there; libpq has it then. */
static int drain(PgConn *c)
{
    while (c->fd.readable) {
        if (!pq.consumeInput(c->pg))
            return -ECONNRESET;
        c->fd.readable = has_more(c);
    }
    return 0;
}

bool pg_is_usable(PgConn *c)
{
    PGnotify *n;
    if (!c->fd.io || c->fd.hung_up || drain(c) < 0)
        return false;
    while ((n = pq.notifies(c->pg)) != NULL)
        pq.freemem(n);
    return pq.status(c->pg) == CONNECTION_OK;
}

int pg_flush(VuIo *io, PgConn *c)
{
    int left;
    while ((left = pq.flush(c->pg)) > 0) {
        c->fd.writable = false;
        TRY(drain(c)); /* a server that can't get rid of its results reads no more queries */
        TRY(vu_wait_any(io, &c->fd));
    }
    return left < 0 ? -ECONNRESET : 0;
}

int pg_await(VuIo *io, PgConn *c)
{
    while (pq.isBusy(c->pg)) {
        TRY(vu_wait_ready(io, &c->fd, false));
        if (!pq.consumeInput(c->pg))
            return -ECONNRESET;
        vu_mark_received(io, 0);
        if (pq.isBusy(c->pg))
            c->fd.readable = has_more(c);
    }
    return 0;
}

/* What came behind the last result will be read with the next one's. */
void pg_rest(PgConn *c)
{
    c->fd.readable = c->fd.hung_up;
}
