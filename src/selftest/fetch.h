/* A plain blocking HTTP client for one exchange: reads the test server's counts, and shows tests
 * what is on the wire. Not for measuring. */
#pragma once

#include "base/json.h"

typedef enum FetchEnd {
    FETCH_CLOSED, /* orderly end of the stream */
    FETCH_RESET,  /* connection reset */
    FETCH_QUIET,  /* nothing more within the time */
    FETCH_FULL,   /* ret holds max bytes */
} FetchEnd;

/* Connect to 127.0.0.1:port, send `bytes`, and read until the peer closes, resets, `max` bytes are
 * there, or it is quiet for `quiet_ns`. Negative when there is no connection. */
MUST_CHECK int fetch_raw(int port, Str bytes, uint64_t quiet_ns, ptrdiff_t max, StrBuf *ret,
                         FetchEnd *ret_end, Err *err);
/* GET `target` and parse the body of its 200 as JSON. Waits up to 10 s. */
MUST_CHECK int fetch_json(int port, const char *target, json_t **ret, Err *err);
