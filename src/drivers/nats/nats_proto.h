/* What a NATS server says: lines, and messages with so many bytes behind their line (docs.nats.io,
 * "Client protocol"). Takes bytes in pieces and keeps only heads; no allocation. */
#pragma once

#include "base/str.h"

enum { NATS_LINE_MAX = 512, NATS_HEAD_MAX = 128, NATS_REPLY_MAX = 256 };

typedef enum NatsEvent {
    NATS_MORE,
    NATS_INFO,
    NATS_PING,
    NATS_PONG,
    NATS_OK,
    NATS_ERR, /* what it says is in `line` */
    NATS_MSG,
} NatsEvent;

typedef struct NatsParser {
    char line[NATS_LINE_MAX]; /* the line's head, NUL-terminated when it is whole */
    ptrdiff_t n_line;         /* bytes of it so far, kept or not */
    bool saw_cr;
    bool in_message;
    uint64_t at; /* bytes of headers, payload and line end that are there */
    /* of the message at hand, or the one that is whole */
    uint64_t sid;               /* whose subscription it is for */
    char reply[NATS_REPLY_MAX]; /* where a reply goes, NUL-terminated; "": nowhere */
    uint64_t header_bytes;      /* its headers; 0: none */
    uint64_t bytes;             /* its payload */
    char head[NATS_HEAD_MAX];   /* the payload's begin */
    char header[16];            /* the headers' begin: "NATS/1.0 503" */
    const char *wrong;          /* after -EPROTO: static text */
} NatsParser;

/* Zeroed is ready. Takes bytes up to the end of one event, with *ret_used; NATS_MORE when all was
 * taken; -EPROTO. */
MUST_CHECK int nats_feed(NatsParser *p, Str in, ptrdiff_t *ret_used);
/* The payload's begin, at most NATS_HEAD_MAX bytes. */
Str nats_head(const NatsParser *p);
/* The status in the headers' first line, "NATS/1.0 503"; 0: none. */
int nats_status(const NatsParser *p);
/* Static text for what an error says. */
const char *nats_cause(const NatsParser *p);
