/* The HTTP driver: one request, compiled once, over persistent connections. See http.md. */
#pragma once

#include "base/arena.h"
#include "drivers/endpoint.h"
#include "drivers/http/http2.h"
#include "drivers/http/http_reply.h"
#include "drivers/http/http_sse.h"
#include "load/driver.h"
#include "load/template.h"

extern const Driver driver_http;

typedef struct HttpTargetOpts {
    const char *url, *connect_to, *user_agent;
    StrMap common_headers;
    uint64_t head_max;
    int http; /* HttpVersion */
    uint32_t streams;
    uint32_t requests_per_connection;
    StrList source;
    TlsOpts tls;
} HttpTargetOpts;

typedef enum HttpVersion { HTTP_1_1, HTTP_2, HTTP_AUTO } HttpVersion;

typedef struct HttpRequestOpts {
    const char *method, *path; /* method NULL: see http_method */
    StrMap headers;
    StrList header; /* "Name: value" */
    const char *body, *body_file, *json_body, *feed;
    int feed_order; /* FeedOrder */
    const char *user, *bearer;
    StrList cookie;
    StrList expect_status;
    const char *expect_body;
    bool sse;
    uint64_t sse_events, sse_duration;
    const char *sse_until;
} HttpRequestOpts;

/* ---- between the driver's files ---- */

struct HttpTarget {
    Arena arena;
    Endpoint endpoint;
    const char *host_field, *base_path, *user_agent; /* in the arena */
    const StrMap *common_headers;                    /* the options' */
    uint64_t head_max;
    HttpVersion version;
    uint32_t streams; /* HTTP/2: users on one connection */
    const char *scheme;
    uint32_t requests_max; /* on one connection; 0: no limit */
};

typedef struct StatusRange {
    int low, high;
} StatusRange;

struct HttpRequest {
    Arena arena;
    Str head, body;      /* bytes for the wire */
    bool is_head;        /* method HEAD */
    StatusRange *expect; /* [n_expect]; 0: anything below 400 */
    ptrdiff_t n_expect;
    Str needle;      /* must be in the reply's body; empty: no check */
    ptrdiff_t *fail; /* [needle.len] Knuth-Morris-Pratt's failure function */
    uint64_t head_max;
    Http2Field *fields; /* [n_fields] the head for HTTP/2 */
    int n_fields;
    SseWish sse;
    struct HttpVary *vary; /* in the arena; NULL: all operations are alike */
};

typedef struct HttpConn {
    VuFd fd;
    bool is_2; /* on h2, not on fd */
    Http2Stream h2;
    const HttpRequest *request; /* whose needle is searched */
    ptrdiff_t matched;          /* bytes of the needle that the body's end matches */
    SseStream sse;
    uint32_t n_requests, requests_max; /* 0: no limit */
    char *wire;                        /* owned; room for a request that varies */
    HttpReply reply;                   /* last: its line buffer is rarely touched */
} HttpConn;

int http_prepare_target(const void *opts, void *target, Err *err);
int http_prepare_request(const void *target, const void *opts, void *request, Err *err);
void http_release_target(void *target);
void http_release_request(void *request);
bool http_has_header(const StrMap *m, const char *name);

/* http_vary.c: requests whose operations differ. `head` is the text up to its last header's line
 * end. Sets r->vary when something in head or body varies. */
MUST_CHECK int http_vary_prepare(const HttpTarget *t, const HttpRequestOpts *o, HttpRequest *r,
                                 Str head, bool has_length, Err *err);
/* The request of the user's next operation: *own is *r with head, body and `fields` of its own,
 * which last until the next call. -ENOMEM. */
MUST_CHECK int http_vary_next(VuIo *io, HttpConn *c, const HttpRequest *r, HttpRequest *own,
                              Http2Field fields[HTTP2_FIELDS_MAX]);

/* Add the headers that user, bearer, cookie and json_body stand for to the request's own. -EINVAL
 * when one is ill-formed or there already; their values stay out of the message. */
MUST_CHECK int http_short_headers(Arena *a, const HttpRequestOpts *o, const StrMap *common,
                                  StrMap *own, Err *err);
/* What the options say, or the body implies. */
const char *http_method(const HttpRequestOpts *o);
/* 0 when `text` is JSON; -EINVAL with the place where it stops being that. */
MUST_CHECK int http_json_check(const char *text, Err *err);
