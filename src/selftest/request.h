/* The head of an HTTP/1.x request, as far as the test server needs it. Pure; reads bytes that may
 * be cut anywhere and may hold several requests behind each other. */
#pragma once

#include "base/str.h"

typedef struct SrvRequest {
    Str method, target;   /* borrowed from the bytes given */
    uint64_t body_bytes;  /* from Content-Length, 0 without */
    bool keep_alive;      /* HTTP/1.1 unless `Connection: close`; 1.0 only if asked for */
    bool head;            /* the reply carries no body */
    ptrdiff_t head_bytes; /* length of the head, its empty line included */
} SrvRequest;

/* Parse the head that starts at bytes.ptr.
 *
 * Returns 0 and fills *ret; REQUEST_MORE (> 0) when the head is not whole yet; -EINVAL when no
 * continuation could make it a request this server takes (bad request line, bad length, chunked
 * body). */
enum { REQUEST_MORE = 1 };
MUST_CHECK int srv_request_parse(Str bytes, SrvRequest *ret);
