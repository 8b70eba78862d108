/* libpq under the loop's care: it owns the socket and does not block, the user parks. */
#pragma once

#include "drivers/postgresql/postgresql.h"

/* Connect and log in. 0, or negative with the cause told and nothing left. */
MUST_CHECK int pg_connect(VuIo *io, const PgTarget *t, PgConn *c);
void pg_disconnect(PgConn *c);
/* The connection is idle: can it take another query? Reads what came unasked. */
bool pg_is_usable(PgConn *c);
/* All that libpq holds goes out. 0 or negative. */
MUST_CHECK int pg_flush(VuIo *io, PgConn *c);
/* Until PQgetResult would not block. 0 or negative. */
MUST_CHECK int pg_await(VuIo *io, PgConn *c);
/* The last result was taken: nothing more is to come before the next query. */
void pg_rest(PgConn *c);
