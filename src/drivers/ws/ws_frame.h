/* WebSocket frames as a client receives and sends them: RFC 6455, sections 5 to 7. Pure.
 *
 * Strict. Refused are: masked frames, reserved bits and opcodes, lengths not in their shortest form
 * or above 2^63, fragmented or long control frames, continuations of nothing, a message within
 * another, text that is not UTF-8 (also cut over frames), close frames whose code or reason can't
 * be, messages above message_max. The same bytes give the same result however they are cut. */
#pragma once

#include "base/str.h"

typedef enum WsOp {
    WS_OP_MORE = 0x0,
    WS_OP_TEXT = 0x1,
    WS_OP_BINARY = 0x2,
    WS_OP_CLOSE = 0x8,
    WS_OP_PING = 0x9,
    WS_OP_PONG = 0xa,
} WsOp;

/* What a call of ws_feed came to; it stops behind each event. */
typedef enum WsEvent {
    WS_MORE = 0, /* give more bytes */
    WS_MESSAGE,  /* the last piece of a message was given to on_piece */
    WS_PING,     /* payload in control */
    WS_PONG,
    WS_CLOSE, /* close_code; nothing may follow */
} WsEvent;

enum { WS_CONTROL_MAX = 125, WS_HEAD_MAX = 14, WS_NO_CODE = 1005 };

/* Incremental UTF-8. Zero is the begin of a text. */
typedef struct Utf8State {
    uint32_t left;      /* bytes that the character still needs */
    uint32_t low, high; /* what the next one may be */
} Utf8State;

typedef struct WsParser {
    /* set by ws_begin */
    uint64_t message_max;
    void (*on_piece)(void *user, Str piece); /* of a message; NULL: skip it */
    void *user;
    /* results */
    const char *wrong;      /* static text: what -EPROTO was returned for */
    WsOp message_op;        /* of the message at hand: text or binary */
    uint64_t message_bytes; /* of it, so far */
    int close_code;         /* of WS_CLOSE; WS_NO_CODE: it had none */
    char control[WS_CONTROL_MAX];
    int control_bytes;
    /* inside */
    bool in_message; /* a first frame without FIN came */
    bool fin;
    WsOp op;        /* of the frame at hand */
    int head_bytes; /* read of the head; -1: in the payload */
    unsigned char head[10];
    uint64_t left; /* of the payload */
    Utf8State utf8;
} WsParser;

void ws_begin(WsParser *p, uint64_t message_max);
/* Bytes until an event or until they are used up; *ret_used says how many. WsEvent or -EPROTO; not
 * to be called again after that or WS_CLOSE. */
MUST_CHECK int ws_feed(WsParser *p, Str bytes, ptrdiff_t *ret_used);

/* The head of a final, masked frame. Returns its length. */
int ws_put_head(char buf[WS_HEAD_MAX], WsOp op, uint64_t payload_bytes,
                const unsigned char mask[4]);
/* Mask (or unmask) n bytes that stand `at` bytes into the payload. */
void ws_mask(char *to, const char *from, ptrdiff_t n, uint64_t at, const unsigned char mask[4]);

/* ---- handshake: section 4 ---- */

enum { WS_KEY_CHARS = 24, WS_ACCEPT_CHARS = 28 };
/* What the target must answer to this key. NUL-terminated. */
void ws_accept_of(const char key[WS_KEY_CHARS + 1], char ret[WS_ACCEPT_CHARS + 1]);
/* Is this the head (with its empty line) of a reply that accepts? NULL, or static text that says
 * what is wrong. *ret_status gets its status where it has one, else 0. `subprotocol` NULL: none was
 * asked for. */
const char *ws_check_reply(Str head, const char *accept, const char *subprotocol, int *ret_status);
