/* The bytes of one reply, produced piece by piece: bodies may be larger than memory, headers may
 * never end. Pure: no socket, no clock; the same reply gives the same bytes however it is cut. */
#pragma once

#include "selftest/route.h"

/* What to do with the connection once all bytes are out. */
typedef enum ReplyEnd {
    REPLY_END_KEEP,  /* the next request may come */
    REPLY_END_CLOSE, /* orderly close */
    REPLY_END_RESET, /* close with a TCP reset */
    REPLY_END_WAIT,  /* keep it open, say nothing more */
} ReplyEnd;

typedef enum ReplyPhase {
    PHASE_INTERIM, /* `interim` 1xx replies are still to come */
    PHASE_HEAD,
    PHASE_BODY,
    PHASE_TAIL, /* last chunk and trailers, or surplus bytes */
    PHASE_ENDLESS,
    PHASE_DONE,
} ReplyPhase;

typedef struct SrvReply {
    ReplyKind kind;
    ReplyPhase phase;
    ReplyEnd end;
    int status;
    uint32_t interim;
    bool head_only; /* the request was HEAD */
    bool keep;      /* whether the head promises to stay open */
    bool chunked, trailers;
    uint64_t body_bytes;   /* as declared */
    uint64_t body_left;    /* still to be produced */
    uint64_t piece_bytes;  /* most bytes of body at a time, 0: as many as fit */
    uint64_t piece_gap_ns; /* pause after each piece of body, 0: none */
    char *text;            /* owned body for control replies, NULL: filler bytes */
} SrvReply;

/* Smallest buffer srv_reply_fill works with. */
enum { REPLY_CAP_MIN = 512, REPLY_PIECES = 20 };

/* A reply of `kind` as the route wants it. `keep` is what the request asked for. */
SrvReply srv_reply_new(const SrvRouteOpts *o, ReplyKind kind, bool keep, bool head_only);
/* A 200 (or another status) with this text, of which it takes ownership (freed by srv_reply_done).
 */
SrvReply srv_reply_text(int status, char *text, bool keep, bool head_only);
void srv_reply_done(SrvReply *r);

/* The next bytes into buf[cap], cap >= REPLY_CAP_MIN. 0 when there are no more (phase is DONE).
 * While `piece_gap_ns` is set, pieces of body come one per call. */
ptrdiff_t srv_reply_fill(SrvReply *r, char *buf, ptrdiff_t cap);
