/* libpq, loaded when the first target or store asks for it: linked, its own libraries (Kerberos,
 * LDAP, GnuTLS) would cost every start of assay time and megabytes. PQfinish is `pq.finish`, and so
 * on. Here, below them, because both the postgresql driver and the postgresql store use it. Only in
 * builds that found libpq's headers.
 */
#pragma once

#include <libpq-fe.h>

#include "base/err.h"

/* clang-format off */
#define PG_FUNCTIONS(X)                                                                           \
    X(clear) X(cmdTuples) X(conndefaults) X(connectPoll) X(connectStartParams)                    \
    X(connectionNeedsPassword) X(conninfoFree) X(conninfoParse) X(consumeInput)                   \
    X(enterPipelineMode) X(errorMessage) X(escapeStringConn) X(exitPipelineMode) X(finish)        \
    X(flush) X(freemem) X(ftype) X(getResult) X(getisnull) X(getlength) X(getvalue) X(isBusy)     \
    X(nfields) X(notifies) X(ntuples) X(pipelineSync) X(resultErrorField) X(resultStatus)         \
    X(sendPrepare) X(sendQuery) X(sendQueryParams) X(sendQueryPrepared) X(setErrorVerbosity)      \
    X(setNoticeReceiver) X(setnonblocking) X(socket) X(sslStruct) X(status) X(transactionStatus)
/* clang-format on */

typedef struct PgApi {
#define X(name) __typeof__(PQ##name) *name;
    PG_FUNCTIONS(X)
#undef X
} PgApi;

/* Sound after libpq_load; does not change any more. */
extern PgApi pq;
/* Any thread, any number of times. -ENOTSUP with the package to install. */
MUST_CHECK int libpq_load(Err *err);
