/* Replies of a Redis server: RESP 2 and 3 (redis.io, "Redis serialization protocol specification").
 * Takes bytes in pieces and keeps none of them but a line's head; no allocation, no stack: of
 * nested values only how many are still to come is kept. */
#pragma once

#include "base/str.h"

enum { RESP_LINE_MAX = 64, RESP_WORD_MAX = 24 };

typedef enum RespResult { RESP_MORE, RESP_REPLY } RespResult;

typedef struct RespParser {
    char line[RESP_LINE_MAX]; /* the head of the line at hand */
    ptrdiff_t n_line;         /* bytes of the line so far, kept or not */
    bool saw_cr;
    uint64_t pending; /* values still to come until the reply is whole; 0: between replies */
    uint64_t bulk;    /* bytes still to come of a bulk value, its line end included */
    bool in_bulk, bulk_is_error;
    bool is_push; /* the value at hand is a message out of turn */
    /* of the reply at hand, or the one that is whole */
    bool failed;              /* it is an error, or holds one */
    char word[RESP_WORD_MAX]; /* the first error's first word, NUL-terminated */
    const char *wrong;        /* after -EPROTO: static text */
} RespParser;

/* Zeroed is ready. Takes bytes up to the end of one reply: RESP_REPLY with *ret_used; RESP_MORE
 * when all was taken; -EPROTO. Messages out of turn (pushes) are passed over. */
MUST_CHECK int resp_feed(RespParser *p, Str in, ptrdiff_t *ret_used);
/* Is nothing half read? */
bool resp_is_idle(const RespParser *p);
