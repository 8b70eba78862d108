#include "drivers/mcp/mcp_fake.h"

#include <stdio.h>
#include <string.h>

#include "base/json_find.h"
#include "base/rng.h"
#include "drivers/fake_framed.h"

typedef struct Fake {
    const FakeMcp *s;
    Rng rng;
} Fake;

static const Str good_body = STR("{\"jsonrpc\":\"2.0\",\"id\":@,\"result\":{\"content\":[]}}");

static void put_id(StrBuf *b, Str text, Str id)
{
    for (ptrdiff_t at; (at = str_find_char(text, '@')) >= 0;) {
        strbuf_add(b, str_slice(text, 0, at));
        strbuf_add(b, id);
        text = str_slice(text, at + 1, text.len);
    }
    strbuf_add(b, text);
}

static void send_body(const FramedConn *c, int status, const char *fields, Str body, Str id)
{
    CLEANUP(strbuf_done) StrBuf b = { 0 }, out = { 0 };
    put_id(&b, body, id);
    strbuf_addf(&out, "HTTP/1.1 %d X\r\n%sContent-Length: %td\r\n\r\n", status, fields, b.len);
    strbuf_add(&out, strbuf_str(&b));
    framed_send(c->fd, strbuf_z(&out), out.len);
}

static void send_raw(const FramedConn *c, Str raw, Str id)
{
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    put_id(&b, raw, id);
    framed_send(c->fd, strbuf_z(&b), b.len);
}

#define JSON_TYPE "Content-Type: application/json\r\n"

/* True when the message was one of those that begin and end. */
static bool shake_hands(const Fake *f, const FramedConn *c, Str body, Str id)
{
    if (str_find(body, STR("\"method\"")) < 0 || str_find(body, STR("notifications/")) >= 0) {
        send_body(c, 202, "", STR(""), id);
    } else if (f->s->greeting.len) {
        send_raw(c, f->s->greeting, id);
    } else if (str_find(body, STR("server/discover")) >= 0) {
        send_body(c, f->s->stateless ? 200 : 400, JSON_TYPE,
                  f->s->stateless ? good_body
                                  : STR("{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":"
                                        "-32000,\"message\":\"no session\"}}"),
                  id);
    } else if (str_find(body, STR("\"initialize\"")) >= 0) {
        send_body(c, 200, f->s->no_session ? JSON_TYPE : JSON_TYPE "mcp-session-id: abc\r\n",
                  STR("{\"jsonrpc\":\"2.0\",\"id\":@,\"result\":{\"protocolVersion\":"
                      "\"2025-06-18\",\"capabilities\":{}}}"),
                  id);
    } else {
        return false;
    }
    return true;
}

static bool answer(Fake *f, FramedConn *c, Str id)
{
    const FakeMcp *s = f->s;
    uint64_t roll = s->wild ? rng_below(&f->rng, 20) : 0;
    bool good = c->n_requests++ < s->good || (s->wild && roll < 14);
    char fields[128];
    snprintf(fields, sizeof fields, "Content-Type: %s\r\n", s->type ? s->type : "application/json");
    if (good || (!s->body.len && !s->raw.len && !s->status && s->end != FAKE_HOLD && !s->wild))
        send_body(c, 200, JSON_TYPE, good_body, id);
    else if (s->raw.len)
        send_raw(c, s->raw, id);
    else if (s->body.len || s->status)
        send_body(c, s->status ? s->status : 200, fields, s->body, id);
    if (s->wild && roll == 14)
        send_raw(c, STR("HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{\"jsonrpc"), id);
    return good || framed_end(c, s->wild ? (FakeEnd)(roll % 4) : s->end);
}

static ptrdiff_t take(void *user, FramedConn *c, const unsigned char *p, ptrdiff_t n)
{
    Fake *f = user;
    Str in = { (const char *)p, n }, id = STR("0");
    if (c->holding)
        return n;
    ptrdiff_t end = str_find(in, STR("\r\n\r\n")), at = str_find(in, STR("Content-Length: "));
    uint64_t length = 0;
    if (end < 0)
        return 0;
    if (str_starts(in, STR("DELETE"))) {
        send_body(c, 200, "", STR(""), id);
        return end + 4;
    }
    for (ptrdiff_t i = at + 16; at >= 0 && p[i] >= '0' && p[i] <= '9'; i++)
        length = length * 10 + (uint64_t)(p[i] - '0');
    ptrdiff_t all = end + 4 + (ptrdiff_t)length;
    if (n < all)
        return 0;
    Str body = str_slice(in, end + 4, all);
    (void)!json_find(body, STR("/id"), &id);
    if (!shake_hands(f, c, body, id) && !answer(f, c, id))
        return -1;
    return all;
}

FakeServer fake_mcp_start(const FakeMcp *s)
{
    Fake f = { .s = s, .rng = rng_new(s->seed, "fake", 0) };
    return fake_framed_start(take, &f);
}
