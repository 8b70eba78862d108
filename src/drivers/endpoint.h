/* Where a driver's connections go, from where they come, and whether they speak TLS: what drivers
 * over TCP and Unix sockets share. */
#pragma once

#include "base/arena.h"
#include "load/driver.h"
#include "load/tls.h"

typedef struct Endpoint {
    struct sockaddr_storage addr;
    socklen_t addr_bytes;
    struct sockaddr_storage *source; /* [n_source] to connect from, in the arena */
    ptrdiff_t n_source;
    TlsClient *tls; /* owned; NULL: plain */
} Endpoint;

/* Rows of a driver's metrics that endpoint_connect records: it is told the index of the first. */
#define ENDPOINT_METRICS                                                                           \
    { "tls_time", "ns", "histogram, handshakes after connecting", false },                         \
    {                                                                                              \
        "tls_resumed", "count", "handshakes that resumed a session", true                          \
    }

/* Resolve host and port, or what `connect_to` (HOST:PORT or unix:/path; NULL: nothing) says
 * instead; `port` is its default. `source`: addresses of this host. -EINVAL, -EHOSTUNREACH. */
MUST_CHECK int endpoint_prepare(Endpoint *e, Arena *a, const char *host, const char *port,
                                const char *connect_to, const StrList *source, Err *err);
/* Speak TLS there, after one handshake as a trial: see tls_client_new and tls_probe. */
MUST_CHECK int endpoint_secure(Endpoint *e, const TlsOpts *o, const char *host,
                               const char *protocols, bool *ret_h2, Err *err);
/* Also after either of them failed. */
void endpoint_release(Endpoint *e);

/* On a user: connect, and shake hands where there is TLS. 0, or negative and closed. */
MUST_CHECK int endpoint_connect(VuIo *io, const Endpoint *e, VuFd *f, int tls_metric);
/* Keep an idle connection to a target that says nothing unasked: Driver.hold. */
MUST_CHECK int endpoint_hold(VuIo *io, VuFd *f);
