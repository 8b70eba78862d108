/* HTTP/1.x replies, byte by byte: framing and nothing else. RFC 9112.
 *
 * Pure: no I/O, no allocation; the same bytes give the same result however they are cut. Fields
 * that don't frame are skipped unread. What is refused is what can't be framed: no status line, a
 * field line without a colon or with blanks before it, folded lines, lengths that are no numbers or
 * disagree, more head than allowed. Bare LF ends a line, too (RFC 9112, 2.2). */
#pragma once

#include "base/str.h"

enum {
    HTTP_MORE = 0,       /* give more bytes */
    HTTP_DONE = 1,       /* the message is complete */
    HTTP_LINE_MAX = 256, /* part of a field line that is kept when it arrives in pieces */
};

typedef enum ReplyState {
    HTTP_STATUS_LINE,
    HTTP_FIELDS,      /* until the empty line */
    HTTP_BODY_LENGTH, /* body_left bytes to go */
    HTTP_BODY_EOF,    /* until the peer closes */
    HTTP_CHUNK_SIZE,
    HTTP_CHUNK_DATA, /* body_left bytes to go */
    HTTP_CHUNK_END,  /* the line end behind the data */
    HTTP_TRAILERS,   /* until the empty line */
    HTTP_COMPLETE,
} ReplyState;

typedef struct HttpReply {
    /* results, sound once the head is read */
    int status;
    int n_interim;       /* 1xx replies before it, so far */
    bool keep_alive;     /* the connection can take another request */
    const char *wrong;   /* static text: what -EPROTO was returned for */
    uint64_t body_bytes; /* seen so far, chunk framing not counted */
    /* set by http_reply_begin */
    bool to_head;      /* answers a HEAD: no body whatever the fields say */
    uint64_t head_max; /* most bytes of head, interim replies and trailers included */
    /* called with each piece of body; NULL: skip it */
    void (*on_body)(void *user, Str piece);
    void *user;
    /* called with each piece of a head as it came, and with an empty one when all before it was an
     * interim reply's; NULL: skip it */
    void (*on_head)(void *head_user, Str piece);
    void *head_user;
    bool enough; /* on_body sets it: the rest of the message is not wanted */
    /* inside */
    ReplyState state;
    uint64_t head_bytes, body_left;
    bool version_1_0, chunked, coded, has_length, close, keep_asked;
    uint64_t length;
    int line_bytes; /* of an unfinished line, kept in line; */
    bool line_cut;  /* … which was longer than that */
    char line[HTTP_LINE_MAX];
} HttpReply;

/* Ready for the first byte of a reply. Cost: not the line buffer. */
void http_reply_begin(HttpReply *p, bool to_head, uint64_t head_max);
/* Feed bytes; *ret_used is how many belong to the message (all of them unless HTTP_DONE).
 * HTTP_MORE, HTTP_DONE or -EPROTO. Not to be called again after the last two. */
MUST_CHECK int http_reply_feed(HttpReply *p, Str bytes, ptrdiff_t *ret_used);
/* The peer closed: HTTP_DONE when that ends the message, else -ECONNRESET. */
MUST_CHECK int http_reply_eof(HttpReply *p);
