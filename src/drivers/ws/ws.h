/* The WebSocket driver: an operation is a message and, as asked for, its reply. See ws.md. */
#pragma once

#include "base/rng.h"
#include "drivers/http/http.h"
#include "drivers/needle.h"
#include "drivers/ws/ws_frame.h"

extern const Driver driver_ws;

typedef struct WsTargetOpts {
    const char *url, *connect_to, *user_agent, *subprotocol;
    StrMap upgrade_headers;
    uint64_t message_max;
    TlsOpts tls;
} WsTargetOpts;

typedef enum WsReply {
    WS_REPLY_NEXT, /* the next message is the reply */
    WS_REPLY_ECHO, /* … the one that equals what was sent */
    WS_REPLY_ID,   /* … the one that holds the operation's id */
    WS_REPLY_NONE, /* there is none */
} WsReply;

typedef struct WsRequestOpts {
    const char *message, *message_file, *expect;
    bool binary;
    int reply; /* WsReply */
} WsRequestOpts;

/* ---- between the driver's files ---- */

typedef struct WsTarget {
    HttpTarget http; /* address, Host, path */
    const char *subprotocol;
    uint64_t message_max;
    Str head; /* of the handshake, up to the key's value */
} WsTarget;

enum { WS_ID_CHARS = 16, WS_PARTS = 3 };

typedef struct WsRequest {
    Arena arena;
    Str before, after; /* the message around its id */
    bool has_id;
    WsOp op;
    WsReply reply;
    Needle expect;
    uint64_t bytes; /* of the message */
} WsRequest;

typedef struct WsConn {
    VuFd fd;
    WsParser parser;
    Rng rng;
    const WsRequest *request; /* of the operation at hand; NULL: none */
    char id[WS_ID_CHARS];
    Needle id_needle;
    ptrdiff_t id_fail[WS_ID_CHARS];
    /* of the message that is coming in */
    ptrdiff_t id_matched, expect_matched;
    bool equal; /* to what was sent, so far */
    bool pong_due;
    int pong_bytes;
    char pong[WS_CONTROL_MAX];
} WsConn;

int ws_prepare_target(const void *opts, void *target, Err *err);
int ws_prepare_request(const void *target, const void *opts, void *request, Err *err);
void ws_release_target(void *target);
void ws_release_request(void *request);
/* The piece of the message that begins `at` bytes into it; never empty before its end. */
Str ws_message_part(const WsRequest *r, const char id[WS_ID_CHARS], uint64_t at);
