/* Replies of a Redis server: RESP 2 and 3 (redis.io, "Redis serialization protocol specification").
 * Takes bytes in pieces and keeps none of them but a line's head; no allocation, no stack: of
 * nested values only how many are still to come is kept. */
#pragma once

#include "base/str.h"

enum { RESP_LINE_MAX = 64, RESP_WORD_MAX = 24 };

typedef enum RespResult { RESP_MORE, RESP_REPLY } RespResult;

/* A bulk value is whole: the nth (from 0) of its reply or message; its first bytes, RESP_LINE_MAX
 * at most, and how long it is. */
typedef void RespBulk(void *user, uint32_t nth, Str head, uint64_t bytes);

typedef struct RespParser {
    char line[RESP_LINE_MAX]; /* the head of the line at hand */
    ptrdiff_t n_line;         /* bytes of the line so far, kept or not */
    bool saw_cr;
    uint64_t pending;    /* values still to come until the reply is whole; 0: between replies */
    uint64_t bulk;       /* bytes still to come of a bulk value, its line end included */
    uint64_t bulk_bytes; /* how long it is */
    uint32_t n_bulks;    /* bulk values so far of the reply or message at hand */
    bool in_bulk, bulk_is_error;
    bool is_push; /* the value at hand is a message out of turn */
    /* of the reply at hand, or the one that is whole */
    bool failed;              /* it is an error, or holds one */
    char word[RESP_WORD_MAX]; /* the first error's first word, NUL-terminated */
    const char *wrong;        /* after -EPROTO: static text */
    RespBulk *on_bulk;        /* who wants to see bulk values, also of pushes; NULL: nobody */
    void *user;
} RespParser;

/* Zeroed is ready. Takes bytes up to the end of one reply: RESP_REPLY with *ret_used; RESP_MORE
 * when all was taken; -EPROTO. Messages out of turn (pushes) are passed over. */
MUST_CHECK int resp_feed(RespParser *p, Str in, ptrdiff_t *ret_used);
/* Is nothing half read? */
bool resp_is_idle(const RespParser *p);
