/* This build has no nghttp2: HTTP/2 is refused when the target is prepared. */
#include <errno.h>

#include "drivers/http/http2.h"

bool http2_built_in(void)
{
    return false;
}

int http2_open(VuIo *io, const HttpTarget *t, Http2Stream *s)
{
    (void)io;
    (void)t;
    (void)s;
    assert(!"refused before");
    return -ENOTSUP;
}

int http2_exchange(VuIo *io, Http2Stream *s, const HttpRequest *r, HttpReply *reply, Outcome *out)
{
    (void)io;
    (void)s;
    (void)r;
    (void)reply;
    (void)out;
    return -ENOTSUP;
}

int http2_hold(VuIo *io, Http2Stream *s)
{
    (void)io;
    (void)s;
    return -ENOTSUP;
}

void http2_close(Http2Stream *s)
{
    (void)s;
}

void http2_release_shared(void *shared)
{
    (void)shared;
}
