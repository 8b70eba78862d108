#include "drivers/ws/ws.h"

#include <errno.h>
#include <string.h>

#include "base/base64.h"

enum { HEAD_MAX = 4096, CHUNK = 4096 };

static const char *const reply_names[] = { "next", "echo", "id", "none", NULL };

static const Opt ws_target_opts[] = {
    OPT(WsTargetOpts, url, STR, .required = true,
        .help = "ws:// or wss://host:port/path of the target"),
    OPT(WsTargetOpts, connect_to, STR, .arg = "HOST:PORT",
        .help = "connect there instead of the URL's host, which stays in the Host header"),
    OPT(WsTargetOpts, user_agent, STR, .dflt = "assay/" ASSAY_VERSION,
        .help = "what the User-Agent header says"),
    OPT(WsTargetOpts, subprotocol, STR, .help = "subprotocol to ask for; the target must take it"),
    OPT(WsTargetOpts, upgrade_headers, MAP, .help = "more headers of the opening handshake"),
    OPT(WsTargetOpts, message_max, BYTES, .dflt = "16MiB", .min = 125, .max = 1e12,
        .help = "largest message taken; more counts as a protocol failure"),
    TLS_ROWS(WsTargetOpts),
    { .type = OPT_END },
};

static const Opt ws_request_opts[] = {
    OPT(WsRequestOpts, message, STR, .dflt = "ping {{id}}",
        .help = "message to send; {{id}} becomes 16 digits that are new each time"),
    OPT(WsRequestOpts, message_file, STR, .arg = "FILE", .help = "message from a file"),
    OPT(WsRequestOpts, binary, BOOL, .dflt = "no", .help = "send it as binary instead of as text"),
    OPT(WsRequestOpts, reply, ENUM, .dflt = "next", .choices = reply_names,
        .help = "what answers: the next message, the echo of the own one, the one that holds its "
                "{{id}}, or none"),
    OPT(WsRequestOpts, expect, STR,
        .help = "text that the reply must contain, else the operation fails its check"),
    { .type = OPT_END },
};

enum { MESSAGES_IN, MESSAGES_EXTRA, WS_TLS_TIME };
static const DriverMetric ws_metrics[] = {
    { "messages_in", "count", "messages received, replies and others", true },
    { "messages_extra", "count", "messages that answered no operation", true },
    ENDPOINT_METRICS,
    { NULL },
};

/* ---- what comes in ---- */

static void begin_incoming(WsConn *c)
{
    c->id_matched = c->expect_matched = 0;
    c->equal = true;
}

static bool same_as_sent(const WsConn *c, uint64_t at, Str piece)
{
    while (piece.len) {
        Str part = ws_message_part(c->request, c->id, at);
        ptrdiff_t n = MIN(part.len, piece.len);
        if (n == 0 || memcmp(part.ptr, piece.ptr, (size_t)n) != 0)
            return false;
        piece = str_slice(piece, n, piece.len);
        at += (uint64_t)n;
    }
    return true;
}

static void on_piece(void *user, Str piece)
{
    WsConn *c = user;
    const WsRequest *r = c->request;
    if (!r)
        return;
    if (r->reply == WS_REPLY_ID)
        needle_feed(&c->id_needle, &c->id_matched, piece);
    if (r->reply == WS_REPLY_ECHO && c->equal)
        c->equal = same_as_sent(c, c->parser.message_bytes - (uint64_t)piece.len, piece);
    needle_feed(&r->expect, &c->expect_matched, piece);
}

static bool is_reply(const WsConn *c)
{
    const WsRequest *r = c->request;
    if (!r || r->reply == WS_REPLY_NONE)
        return false;
    if (r->reply == WS_REPLY_ECHO)
        return c->equal && c->parser.message_bytes == r->bytes;
    return r->reply != WS_REPLY_ID || c->id_matched == WS_ID_CHARS;
}

typedef enum Taken { TAKEN_NOTHING, TAKEN_REPLY, TAKEN_CLOSE } Taken;

/* All bytes of one read. Frames behind the reply are looked at, too: they are of no operation. */
static int take(VuIo *io, WsConn *c, Str bytes, bool *ret_ok)
{
    Taken taken = TAKEN_NOTHING;
    while (bytes.len && taken != TAKEN_CLOSE) {
        ptrdiff_t used = 0;
        int e = ws_feed(&c->parser, bytes, &used);
        if (e < 0)
            return e;
        bytes = str_slice(bytes, used, bytes.len);
        if (e == WS_CLOSE)
            return TAKEN_CLOSE;
        if (e == WS_PING) { /* the latest is answered: RFC 6455, 5.5.3 */
            c->pong_due = true;
            c->pong_bytes = c->parser.control_bytes;
            memcpy(c->pong, c->parser.control, (size_t)c->pong_bytes);
        }
        if (e != WS_MESSAGE)
            continue;
        bool reply = is_reply(c);
        vu_record(io, MESSAGES_IN, 1);
        if (!reply)
            vu_record(io, MESSAGES_EXTRA, 1);
        if (reply) {
            taken = TAKEN_REPLY;
            *ret_ok = c->expect_matched == c->request->expect.text.len;
            c->request = NULL;
        }
        begin_incoming(c);
    }
    return taken;
}

/* ---- what goes out ---- */

static void new_mask(WsConn *c, unsigned char mask[4])
{
    uint64_t r = rng_u64(&c->rng);
    memcpy(mask, &r, 4);
}

/* Masked in a small buffer on the user's own stack: another user's read would overwrite the shared
 * one while this user waits for room in its socket. */
static int send_message(VuIo *io, WsConn *c, const WsRequest *r)
{
    char buf[CHUNK];
    unsigned char mask[4];
    new_mask(c, mask);
    ptrdiff_t n = ws_put_head(buf, r->op, r->bytes, mask);
    uint64_t at = 0;
    do {
        while (at < r->bytes && n < CHUNK) {
            Str part = ws_message_part(r, c->id, at);
            ptrdiff_t some = MIN(part.len, CHUNK - n);
            ws_mask(buf + n, part.ptr, some, at, mask);
            n += some;
            at += (uint64_t)some;
        }
        TRY(vu_write_all(io, &c->fd, buf, n));
        n = 0;
    } while (at < r->bytes);
    return 0;
}

static ptrdiff_t put_control(WsConn *c, char buf[WS_HEAD_MAX + WS_CONTROL_MAX], WsOp op,
                             Str payload)
{
    unsigned char mask[4];
    new_mask(c, mask);
    int n = ws_put_head(buf, op, (uint64_t)payload.len, mask);
    ws_mask(buf + n, payload.ptr, payload.len, 0, mask);
    return n + payload.len;
}

static int send_pong(VuIo *io, WsConn *c)
{
    char buf[WS_HEAD_MAX + WS_CONTROL_MAX];
    if (!c->pong_due)
        return 0;
    c->pong_due = false;
    ptrdiff_t n = put_control(c, buf, WS_OP_PONG, (Str){ c->pong, c->pong_bytes });
    return vu_write_all(io, &c->fd, buf, n);
}

/* ---- connection ---- */

static void make_key(WsConn *c, char key[WS_KEY_CHARS + 1])
{
    uint64_t nonce[2] = { rng_u64(&c->rng), rng_u64(&c->rng) };
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    base64_encode((Str){ (const char *)nonce, sizeof nonce }, &b);
    assert(b.len == WS_KEY_CHARS);
    memcpy(key, strbuf_z(&b), WS_KEY_CHARS + 1);
}

/* Read up to the empty line. What stands behind it are frames already. */
static int read_head(VuIo *io, WsConn *c, char buf[HEAD_MAX], ptrdiff_t *ret_head,
                     ptrdiff_t *ret_all)
{
    ptrdiff_t n = 0;
    for (;;) {
        ptrdiff_t got = n < HEAD_MAX ? vu_read(io, &c->fd, buf + n, HEAD_MAX - n) : -EPROTO;
        if (got <= 0)
            return got < 0 ? (int)got : -ECONNRESET;
        n += got;
        ptrdiff_t end = str_find((Str){ buf, n }, STR("\r\n\r\n"));
        if (end >= 0) {
            *ret_head = end + 4;
            *ret_all = n;
            return 0;
        }
    }
}

static int shake_hands(VuIo *io, WsConn *c, const WsTarget *t)
{
    char buf[HEAD_MAX], key[WS_KEY_CHARS + 1], accept[WS_ACCEPT_CHARS + 1];
    ptrdiff_t head = 0, all = 0;
    int status;
    bool ok = false;
    make_key(c, key);
    ws_accept_of(key, accept);
    char tail[WS_KEY_CHARS + 4];
    memcpy(tail, key, WS_KEY_CHARS);
    memcpy(tail + WS_KEY_CHARS, "\r\n\r\n", 4);
    union {
        const char *from;
        void *to;
    } first = { t->head.ptr };
    struct iovec iov[] = { { first.to, (size_t)t->head.len }, { tail, sizeof tail } };
    TRY(vu_writev_all(io, &c->fd, iov, 2));
    TRY(read_head(io, c, buf, &head, &all));
    if (ws_check_reply((Str){ buf, head }, accept, t->subprotocol, &status))
        return -EPROTO;
    int r = take(io, c, (Str){ buf + head, all - head }, &ok);
    return r < 0 ? r : r == TAKEN_CLOSE ? -ECONNRESET : 0;
}

static int ws_open(VuIo *io, const void *target, void *conn)
{
    const WsTarget *t = target;
    WsConn *c = conn;
    ws_begin(&c->parser, t->message_max);
    c->parser.on_piece = on_piece;
    c->parser.user = c;
    c->rng = rng_new(vu_now(io) ^ (uint64_t)(uintptr_t)c, "ws", 0);
    TRY(endpoint_connect(io, &t->http.endpoint, &c->fd, WS_TLS_TIME));
    int r = shake_hands(io, c, t);
    if (r < 0)
        vu_close(&c->fd);
    return r;
}

/* Say goodbye if there is room for it; the answer is not awaited. */
static void ws_close(VuIo *io, void *conn)
{
    WsConn *c = conn;
    char buf[WS_HEAD_MAX + WS_CONTROL_MAX];
    (void)io;
    if (c->fd.io && !c->fd.hung_up) {
        ptrdiff_t n = put_control(c, buf, WS_OP_CLOSE, STR("\x03\xe8"));
        n = vu_try_write(&c->fd, buf, n);
        (void)n;
    }
    vu_close(&c->fd);
}

/* ---- operation ---- */

static const char *close_cause(int code)
{
    static const struct {
        int code;
        const char *text;
    } rows[] = {
        { 1000, "closed by the target: 1000 normal" },
        { 1001, "closed by the target: 1001 going away" },
        { 1002, "closed by the target: 1002 protocol error" },
        { 1003, "closed by the target: 1003 unsupported data" },
        { WS_NO_CODE, "closed by the target without a code" },
        { 1007, "closed by the target: 1007 invalid data" },
        { 1008, "closed by the target: 1008 policy" },
        { 1009, "closed by the target: 1009 message too big" },
        { 1011, "closed by the target: 1011 internal error" },
        { 1012, "closed by the target: 1012 restart" },
        { 1013, "closed by the target: 1013 try again later" },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++)
        if (rows[i].code == code)
            return rows[i].text;
    return "closed by the target with another code";
}

static void new_id(WsConn *c)
{
    static const char digits[] = "0123456789abcdef";
    uint64_t r = rng_u64(&c->rng);
    for (int i = 0; i < WS_ID_CHARS; i++)
        c->id[i] = digits[r >> (4 * i) & 15];
    c->id_needle = (Needle){ { c->id, WS_ID_CHARS }, c->id_fail };
    c->id_fail[0] = 0;
    for (int i = 1, k = 0; i < WS_ID_CHARS; i++) {
        while (k > 0 && c->id[i] != c->id[k])
            k = (int)c->id_fail[k - 1];
        k += c->id[i] == c->id[k];
        c->id_fail[i] = k;
    }
}

/* What came while nobody asked. False: the connection can't be used. */
static bool is_usable(VuIo *io, WsConn *c)
{
    bool ok;
    while (c->fd.readable) {
        ptrdiff_t cap;
        char *buf = vu_scratch(io, &cap);
        ptrdiff_t n = vu_try_read(&c->fd, buf, cap);
        if (n == -EAGAIN)
            return true;
        if (n <= 0 || take(io, c, (Str){ buf, n }, &ok) != TAKEN_NOTHING)
            return false;
    }
    return !c->fd.hung_up;
}

/* One read, and what it brings. Taken, or negative with out's cause. */
static int receive(VuIo *io, WsConn *c, Outcome *out, bool *ret_ok)
{
    ptrdiff_t cap;
    char *buf = vu_scratch(io, &cap);
    ptrdiff_t n = vu_read(io, &c->fd, buf, cap);
    int r = n > 0 ? take(io, c, (Str){ buf, n }, ret_ok) : n < 0 ? (int)n : -ECONNRESET;
    if (n == 0)
        out->cause = "closed without a close frame";
    if (r == -EPROTO)
        out->cause = c->parser.wrong;
    if (r == TAKEN_CLOSE) {
        out->cause = close_cause(c->parser.close_code);
        return -ECONNRESET;
    }
    int e = r >= 0 ? send_pong(io, c) : 0;
    out->close |= e < 0; /* a reply that is here stays one */
    return r == TAKEN_NOTHING && e < 0 ? e : r;
}

static int ws_call(VuIo *io, void *conn, const void *request, Outcome *out)
{
    WsConn *c = conn;
    const WsRequest *r = request;
    bool ok = true;
    c->request = NULL;
    if (!is_usable(io, c))
        return CALL_STALE;
    new_id(c);
    c->request = r;
    begin_incoming(c);
    if (c->pong_due) /* before the message, but not part of it */
        TRY(send_pong(io, c));
    TRY(send_message(io, c, r));
    int taken = r->reply == WS_REPLY_NONE ? TAKEN_REPLY : TAKEN_NOTHING;
    while (taken == TAKEN_NOTHING)
        taken = receive(io, c, out, &ok);
    if (taken < 0)
        return taken;
    out->failed = !ok;
    out->fail = FAIL_CHECK;
    return 0;
}

static int ws_hold(VuIo *io, void *conn)
{
    Outcome none = { 0 };
    bool ok;
    int r = 0;
    while (r >= 0)
        r = receive(io, conn, &none, &ok);
    return r;
}

const Driver driver_ws = {
    .abi = DRIVER_ABI,
    .name = "ws",
    .summary = "WebSocket: messages and their replies over long-lived connections",
    .schemes = "ws wss",
    .request_key = "message",
    .target_opts = ws_target_opts,
    .target_opts_bytes = sizeof(WsTargetOpts),
    .request_opts = ws_request_opts,
    .request_opts_bytes = sizeof(WsRequestOpts),
    .target_bytes = sizeof(WsTarget),
    .request_bytes = sizeof(WsRequest),
    .conn_bytes = sizeof(WsConn),
    .prepare_target = ws_prepare_target,
    .prepare_request = ws_prepare_request,
    .open = ws_open,
    .call = ws_call,
    .close = ws_close,
    .release_request = ws_release_request,
    .release_target = ws_release_target,
    .hold = ws_hold,
    .metrics = ws_metrics,
};
