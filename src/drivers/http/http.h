/* The HTTP/1.1 driver: one request, compiled once, over persistent connections. See http.md. */
#pragma once

#include "base/arena.h"
#include "drivers/http/http_reply.h"
#include "load/driver.h"

extern const Driver driver_http;

typedef struct HttpTargetOpts {
    const char *url, *connect_to, *user_agent;
    StrMap common_headers;
    uint64_t head_max;
} HttpTargetOpts;

typedef struct HttpRequestOpts {
    const char *method, *path;
    StrMap headers;
    StrList header; /* "Name: value" */
    const char *body, *body_file;
    StrList expect_status;
    const char *expect_body;
} HttpRequestOpts;

/* ---- between the driver's files ---- */

typedef struct HttpTarget {
    Arena arena;
    struct sockaddr_storage addr;
    socklen_t addr_bytes;
    const char *host_field, *base_path, *user_agent; /* in the arena */
    const StrMap *common_headers;                    /* the options' */
    uint64_t head_max;
} HttpTarget;

typedef struct StatusRange {
    int low, high;
} StatusRange;

typedef struct HttpRequest {
    Arena arena;
    Str head, body;      /* bytes for the wire */
    bool is_head;        /* method HEAD */
    StatusRange *expect; /* [n_expect]; 0: anything below 400 */
    ptrdiff_t n_expect;
    Str needle;      /* must be in the reply's body; empty: no check */
    ptrdiff_t *fail; /* [needle.len] Knuth-Morris-Pratt's failure function */
    uint64_t head_max;
} HttpRequest;

typedef struct HttpConn {
    VuFd fd;
    const HttpRequest *request; /* whose needle is searched */
    ptrdiff_t matched;          /* bytes of the needle that the body's end matches */
    HttpReply reply;            /* last: its line buffer is rarely touched */
} HttpConn;

int http_prepare_target(const void *opts, void *target, Err *err);
int http_prepare_request(const void *target, const void *opts, void *request, Err *err);
void http_release_target(void *target);
void http_release_request(void *request);
