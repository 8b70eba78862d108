/* The NATS driver: requests, publications and their acknowledgement, subjects and JetStream. See
 * nats.md. */
#pragma once

#include "base/grow.h"
#include "drivers/endpoint.h"
#include "drivers/nats/nats_proto.h"
#include "load/stream_driver.h"
#include "load/template.h"

extern const Driver driver_nats;

typedef struct NatsTargetOpts {
    const char *url, *username, *password, *token, *connect_to;
    StrList source;
} NatsTargetOpts;

typedef struct NatsRequestOpts {
    const char *subject, *payload;
    bool reply;
} NatsRequestOpts;

/* ---- between the driver's files ---- */

enum { NATS_INBOX_MAX = 48 };
/* Subscriptions of a connection. */
enum { NATS_SID_INBOX = 1, NATS_SID_STREAM = 2 };

typedef struct NatsTarget {
    Arena arena;
    Endpoint endpoint;
    Str hello; /* CONNECT, as it goes on the wire */
} NatsTarget;

typedef struct NatsRequest {
    Arena arena;
    Template *subject, *payload; /* NULL: PING alone */
    ptrdiff_t max;               /* most bytes on the wire */
    bool reply;
} NatsRequest;

typedef struct NatsConn {
    VuFd fd;
    NatsParser parser;
    char inbox[NATS_INBOX_MAX];     /* "_INBOX.0123456789abcdef": replies come to it */
    uint64_t at_ns;                 /* when the bytes at hand were read */
    uint64_t infos, pongs, replies; /* so many so far */
    uint32_t pongs_owed;
    int status;        /* of the last reply's headers; 0: none */
    bool refused;      /* the last reply tells of an error (JetStream) */
    const char *cause; /* of the last -ERR; NULL: none */
    struct NatsJs *js; /* owned; of a subscriber to JetStream; NULL: none */
    bool prepared;     /* the stream that it publishes to is there */
    char *wire;        /* owned; what varies, on its way out */
    ptrdiff_t wire_cap;
    VuIo *io; /* whose deliveries come in */
} NatsConn;

int nats_prepare_target(const void *opts, void *target, Err *err);
int nats_prepare_request(const void *target, const void *opts, void *request, Err *err);
int nats_prepare_step(const void *target, const void *opts, TemplateEnv env, void *request,
                      Err *err);
void nats_release_target(void *target);
void nats_release_request(void *request);

/* Read once, parking until there is something, and take all of it: counts what came, hands messages
 * of NATS_SID_STREAM to vu_deliver, answers pings. 0, -EACCES after an -ERR (c->cause), or another
 * negative errno. */
MUST_CHECK int nats_take(VuIo *io, NatsConn *c);
/* What came unasked while the connection was idle, without parking. 0, or CALL_STALE: it is gone.
 */
MUST_CHECK int nats_catch_up(VuIo *io, NatsConn *c);
/* Until *counter of the connection has come to `until`. */
MUST_CHECK int nats_await(VuIo *io, NatsConn *c, const uint64_t *counter, uint64_t until);
/* All of the parts, and the pongs that are owed before them. */
MUST_CHECK int nats_send(VuIo *io, NatsConn *c, const Str *parts, int n);

extern const DriverStream nats_stream;
