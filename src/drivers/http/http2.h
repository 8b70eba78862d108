/* HTTP/2 for the http driver, by nghttp2: the same requests, the same checks. RFC 9113. See
 * http.md.
 *
 * Up to `streams` users of a worker share a connection, a Link. A user has at most one stream at a
 * time. http2.c is what a user does, http2_link.c the connection; http2_none.c stands for both
 * where the library is missing. */
#pragma once

#include "drivers/http/http_reply.h"
#include "load/driver.h"
#include "load/waiters.h"

typedef struct Http2Link Http2Link;
typedef struct Http2Stream Http2Stream;
typedef struct HttpTarget HttpTarget;
typedef struct HttpRequest HttpRequest;

/* A header field as HTTP/2 wants it: the name in lower case. */
typedef struct Http2Field {
    Str name, value;
} Http2Field;

/* A user's place on a connection; zeroed: none. */
struct Http2Stream {
    Waiter wait;     /* for something on the link; first, so that a waiter is its stream */
    Http2Link *link; /* joined, counted there; NULL: none */
    /* one exchange */
    Outcome *out;     /* stamped while the exchange runs */
    HttpReply *reply; /* status, body and on_body are used; not the parser */
    Str body;         /* of the request */
    ptrdiff_t body_at;
    int32_t id;
    bool done;     /* result holds */
    bool peer_rst; /* the target reset the stream */
    int result;    /* as call returns */
    uint64_t head_bytes;
};

/* Is the library there? */
bool http2_built_in(void);

/* Join a connection that has room, or make one. 0, OPEN_JOINED or a negative errno. */
MUST_CHECK int http2_open(VuIo *io, const HttpTarget *t, Http2Stream *s);
/* One exchange; `reply` is ready (http_reply_begin). As Driver.call, without the checks. */
MUST_CHECK int http2_exchange(VuIo *io, Http2Stream *s, const HttpRequest *r, HttpReply *reply,
                              Outcome *out);
/* Stay on the connection without a stream until it is lost or the trial is over. */
MUST_CHECK int http2_hold(VuIo *io, Http2Stream *s);
/* Leave; the last to leave closes the connection. */
void http2_close(Http2Stream *s);

/* What vu_shared holds: nothing until the first connection. */
typedef struct Http2Shared {
    struct Http2Pool *pool; /* owned */
} Http2Shared;
void http2_release_shared(void *shared);

/* The head of an HTTP/1.1 request as HTTP/2 fields: pseudo-fields first, connection fields left
 * out. Pure. `head` is well-formed (http_prepare.c made it); its names are changed to lower case in
 * place, and the fields borrow from it. Returns how many there are, or -E2BIG. */
enum { HTTP2_FIELDS_MAX = 128 };
MUST_CHECK int http2_fields(char *head, ptrdiff_t n, const char *scheme,
                            Http2Field ret[HTTP2_FIELDS_MAX]);
