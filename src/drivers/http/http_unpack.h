/* Bodies that come compressed (Content-Encoding; RFC 9110, 8.4): gzip (RFC 1952) and deflate, which
 * is zlib's format (RFC 1950) or, against the text and often, the bare one (RFC 1951).
 *
 * Pure but for zlib's memory: pieces in, pieces out, the same however they are cut. */
#pragma once

#include "base/str.h"

enum { UNPACKED_MAX = 1 << 30 }; /* bytes that one body may become: no bomb goes on for ever */

typedef enum HttpCoding { CODING_NONE, CODING_GZIP, CODING_DEFLATE, CODING_OTHER } HttpCoding;

/* Of a Content-Encoding header's value; ptr NULL: there is none. */
HttpCoding http_coding(Str value);

typedef struct HttpUnpack HttpUnpack;

/* Made when NULL, else used again; owned, unpack_free. gzip or deflate. -ENOMEM. */
MUST_CHECK int unpack_begin(HttpUnpack **u, HttpCoding coding);
/* NULL: go on; else static text that says what is wrong, and the body is lost. `out` gets pieces of
 * at most some KiB, borrowed for the call. */
const char *unpack_feed(HttpUnpack *u, Str piece, void (*out)(void *user, Str piece), void *user);
/* No more is coming: NULL when the body was whole. */
const char *unpack_end(const HttpUnpack *u);
/* NULL is fine. */
void unpack_free(HttpUnpack *u);
