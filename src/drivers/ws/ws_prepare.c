/* From options to the head of the handshake and the parts of the message. */
#include <errno.h>
#include <string.h>

#include "base/fs.h"
#include "drivers/http/http_url.h"
#include "drivers/ws/ws.h"

enum { MESSAGE_FILE_MAX = 1 << 28 };

/* ws and wss are http and https to everything that only wants an address: RFC 6455, 3. */
static int make_http_url(Arena *a, const char *url, const char **ret, Err *err)
{
    Str rest = str(url);
    if (!url)
        return err_set(err, -EINVAL, "the ws driver needs a url");
    if (str_starts(rest, STR("ws://")))
        *ret = arena_printf(a, "http%s", url + 2);
    else if (str_starts(rest, STR("wss://")))
        *ret = arena_printf(a, "https%s", url + 3);
    else
        return err_set(err, -EINVAL, "'%s' is not a URL like ws://host:port/path", url);
    return 0;
}

static int check_header(const StrPair *h, Err *err)
{
    if (!http_token_ok(str(h->key)))
        return err_set(err, -EINVAL,
                       "header '%s': the name holds a character that no header name may have",
                       h->key);
    if (!http_value_ok(str(h->value)))
        return err_set(err, -EINVAL, "header '%s': the value holds control characters", h->key);
    return 0;
}

static int make_head(const WsTargetOpts *o, WsTarget *t, Err *err)
{
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    if (!http_value_ok(str(o->user_agent)))
        return err_set(err, -EINVAL, "user_agent holds control characters");
    if (o->subprotocol && !http_token_ok(str(o->subprotocol)))
        return err_set(err, -EINVAL, "subprotocol '%s' holds a character that no name may have",
                       o->subprotocol);
    strbuf_addf(&b, "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: %s\r\n", t->http.base_path,
                t->http.host_field, o->user_agent);
    for (ptrdiff_t i = 0; i < o->upgrade_headers.n; i++) {
        TRY(check_header(&o->upgrade_headers.v[i], err));
        strbuf_addf(&b, "%s: %s\r\n", o->upgrade_headers.v[i].key, o->upgrade_headers.v[i].value);
    }
    if (o->subprotocol)
        strbuf_addf(&b, "Sec-WebSocket-Protocol: %s\r\n", o->subprotocol);
    strbuf_addz(&b, "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                    "Sec-WebSocket-Key: ");
    t->head = (Str){ arena_str(&t->http.arena, strbuf_str(&b)), b.len };
    return 0;
}

int ws_prepare_target(const void *opts, void *target, Err *err)
{
    const WsTargetOpts *o = opts;
    WsTarget *t = target;
    CLEANUP(arena_done) Arena scratch = { 0 };
    HttpTargetOpts http = { .connect_to = o->connect_to,
                            .user_agent = o->user_agent,
                            .tls = o->tls };
    TRY(make_http_url(&scratch, o->url, &http.url, err));
    TRY(http_prepare_target(&http, &t->http, err));
    t->http.common_headers = NULL; /* http's own requests are not made here */
    t->subprotocol = o->subprotocol;
    t->message_max = o->message_max;
    int r = make_head(o, t, err);
    if (r < 0)
        ws_release_target(target);
    return r;
}

void ws_release_target(void *target)
{
    http_release_target(&((WsTarget *)target)->http);
}

static int make_message(const WsRequestOpts *o, WsRequest *r, Err *err)
{
    static const Str mark = STR("{{id}}");
    Str text = str(o->message);
    if (o->message && o->message_file)
        return err_set(err, -EINVAL, "message and message_file exclude each other");
    if (o->message_file)
        TRY(fs_read(&r->arena, o->message_file, MESSAGE_FILE_MAX, &text, err));
    ptrdiff_t at = str_find(text, mark);
    r->has_id = at >= 0;
    r->before = r->has_id ? str_slice(text, 0, at) : text;
    r->after = r->has_id ? str_slice(text, at + mark.len, text.len) : STR("");
    r->bytes = (uint64_t)(r->before.len + (r->has_id ? WS_ID_CHARS : 0) + r->after.len);
    if (!o->binary && utf8_invalid_at(text) >= 0)
        return err_set(err, -EINVAL, "message: text must be UTF-8; for other bytes say binary");
    return 0;
}

int ws_prepare_request(const void *target, const void *opts, void *request, Err *err)
{
    const WsRequestOpts *o = opts;
    WsRequest *r = request;
    (void)target;
    r->op = o->binary ? WS_OP_BINARY : WS_OP_TEXT;
    r->reply = (WsReply)o->reply;
    int e = make_message(o, r, err);
    if (e == 0 && r->reply == WS_REPLY_ID && !r->has_id)
        e = err_set(err, -EINVAL, "reply: id: the message holds no {{id}} that a reply could hold");
    if (e == 0 && r->reply == WS_REPLY_NONE && o->expect)
        e = err_set(err, -EINVAL, "expect: with reply: none there is nothing to check");
    needle_prepare(&r->arena, str(o->expect), &r->expect);
    if (e < 0)
        ws_release_request(request);
    return e;
}

void ws_release_request(void *request)
{
    arena_done(&((WsRequest *)request)->arena);
}

Str ws_message_part(const WsRequest *r, const char id[WS_ID_CHARS], uint64_t at)
{
    const Str parts[WS_PARTS] = { r->before, { id, r->has_id ? WS_ID_CHARS : 0 }, r->after };
    for (int i = 0; i < WS_PARTS; i++) {
        if (at < (uint64_t)parts[i].len)
            return str_slice(parts[i], (ptrdiff_t)at, parts[i].len);
        at -= (uint64_t)parts[i].len;
    }
    return STR("");
}
