/* libpq, loaded when the first target asks for it: linked, its own libraries (Kerberos, LDAP,
 * GnuTLS) would cost every start of assay time and megabytes. PQfinish is `pq.finish`, and so on.
 */
#pragma once

#include <libpq-fe.h>

#include "base/err.h"

/* clang-format off */
#define PG_FUNCTIONS(X)                                                                           \
    X(clear) X(cmdTuples) X(conndefaults) X(connectPoll) X(connectStartParams) X(conninfoFree)    \
    X(conninfoParse) X(consumeInput) X(enterPipelineMode) X(errorMessage) X(escapeStringConn)     \
    X(exitPipelineMode) X(finish) X(flush) X(freemem) X(getResult) X(getlength) X(isBusy)         \
    X(nfields) X(notifies) X(ntuples) X(pipelineSync) X(resultErrorField) X(resultStatus)         \
    X(sendPrepare) X(sendQuery) X(sendQueryParams) X(sendQueryPrepared) X(setErrorVerbosity)      \
    X(setNoticeReceiver) X(setnonblocking) X(socket) X(sslStruct) X(status) X(transactionStatus)
/* clang-format on */

typedef struct PgApi {
#define X(name) __typeof__(PQ##name) *name;
    PG_FUNCTIONS(X)
#undef X
} PgApi;

/* Sound after pg_api_load; does not change any more. */
extern PgApi pq;
/* Any thread, any number of times. -ENOTSUP with the package to install. */
MUST_CHECK int pg_api_load(Err *err);
