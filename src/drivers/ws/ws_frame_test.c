/* The parser: frames whole and cut everywhere, and everything that must be refused. */
#include "drivers/ws/ws_frame.h"

#include <errno.h>
#include <string.h>

#include "tap.h"

static const struct {
    Str in;
    const char *want; /* events: m text, b binary, p ping, o pong, c close; ! refused */
    const char *why;
} cases[] = {
    { STR("\x81\x05Hello"), "m5", "RFC 6455, 5.7: a text message" },
    { STR("\x01\x03Hel\x80\x02lo"), "m5", "… in fragments" },
    { STR("\x89\x05Hello\x8a\x05Hello"), "po", "… ping and pong" },
    { STR("\x82\x7e\x01\x00"), "", "a head of 256 bytes, no payload yet" },
    { STR("\x82\x00\x81\x00"), "b0m0", "empty messages" },
    { STR("\x01\x01"
          "a\x89\x00\x80\x01"
          "b"),
      "pm2", "a ping between fragments" },
    { STR("\x88\x00"), "c1005", "close without a code" },
    { STR("\x88\x05\x03\xe8"
          "bye"),
      "c1000", "close with code and reason" },
    { STR("\x88\x02\x0f\xa0"), "c4000", "close with a private code" },
    { STR("\x01\x01\xc3\x80\x01\xa9"), "m2", "a character that is cut over frames" },
    { STR("\x82\x03\xff\xfe\xfd"), "b3", "any bytes in binary" },
    { STR("\x81\x85"
          "abcdHello"),
      "!", "masked" },
    { STR("\xc1\x05Hello"), "!", "a reserved bit" },
    { STR("\x83\x00"), "!", "a reserved data opcode" },
    { STR("\x8b\x00"), "!", "a reserved control opcode" },
    { STR("\x80\x01x"), "!", "a continuation of nothing" },
    { STR("\x01\x01x\x81\x01y"), "!", "a message within another" },
    { STR("\x09\x00"), "!", "a ping in fragments" },
    { STR("\x89\x7e\x00\x7e"), "!", "a ping that is too long" },
    { STR("\x81\x7e\x00\x7d"), "!", "125 bytes in two bytes of length" },
    { STR("\x81\x7f\0\0\0\0\0\0\xff\xff"), "!", "65535 bytes in eight" },
    { STR("\x82\x7f\x80\0\0\0\0\0\0\0"), "!", "a length of 2^63" },
    { STR("\x82\x7f\0\0\0\0\0\1\0\0"), "!", "more than message_max" },
    { STR("\x02\x7e\x03\xe8"), "", "a frame of message_max" },
    { STR("\x81\x02\xc3\x28"), "!", "text that is not UTF-8" },
    { STR("\x81\x01\xc3"), "!", "text that ends within a character" },
    { STR("\x81\x03\xed\xa0\x80"), "!", "a surrogate" },
    { STR("\x81\x04\xf4\x90\x80\x80"), "!", "above U+10FFFF" },
    { STR("\x81\x02\xc0\xaf"), "!", "an overlong form" },
    { STR("\x88\x01\x03"), "!", "half a close code" },
    { STR("\x88\x02\x03\xed"), "!", "1005 on the wire" },
    { STR("\x88\x02\x03\xe7"), "!", "999" },
    { STR("\x88\x02\x13\x88"), "!", "5000" },
    { STR("\x88\x03\x03\xe8\xff"), "!", "a reason that is not UTF-8" },
};

static void play(Str in, ptrdiff_t step, StrBuf *out)
{
    static const char letters[] = { 0, 'm', 'p', 'o', 'c' };
    WsParser p;
    ws_begin(&p, 1000);
    for (ptrdiff_t at = 0; at < in.len;) {
        ptrdiff_t used = 0;
        int r = ws_feed(&p, str_slice(in, at, MIN(at + step, in.len)), &used);
        at += used;
        if (r < 0)
            strbuf_addz(out, r == -EPROTO && p.wrong ? "!" : "?");
        if (r < 0)
            return;
        if (r == WS_MESSAGE)
            strbuf_addf(out, "%c%d", p.message_op == WS_OP_TEXT ? 'm' : 'b', (int)p.message_bytes);
        else if (r == WS_CLOSE)
            strbuf_addf(out, "c%d", p.close_code);
        else if (r != WS_MORE)
            strbuf_addf(out, "%c", letters[r]);
        if (r == WS_CLOSE)
            return;
    }
}

static void test_frames(void)
{
    for (ptrdiff_t i = 0; i < ARRAY_LEN(cases); i++) {
        ptrdiff_t bad = 0;
        for (ptrdiff_t step = 1; step <= cases[i].in.len; step++) {
            CLEANUP(strbuf_done) StrBuf b = { 0 };
            play(cases[i].in, step, &b);
            bad += strcmp(strbuf_z(&b), cases[i].want) != 0;
        }
        CHECK_INT(bad, 0, "%s, in pieces of every size: %s", cases[i].why, cases[i].want);
    }
}

static void test_heads(void)
{
    static const struct {
        uint64_t n;
        int want;
        const char *bytes;
    } rows[] = { { 0, 6, "\x81\x80" },
                 { 125, 6, "\x81\xfd" },
                 { 126, 8, "\x81\xfe\x00\x7e" },
                 { 65535, 8, "\x81\xfe\xff\xff" },
                 { 65536, 14, "\x81\xff\0\0\0\0\0\1\0\0" } };
    const unsigned char mask[4] = { 1, 2, 3, 4 };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++) {
        char buf[WS_HEAD_MAX];
        int n = ws_put_head(buf, WS_OP_TEXT, rows[i].n, mask);
        CHECK(n == rows[i].want && memcmp(buf, rows[i].bytes, (size_t)n - 4) == 0 &&
                  memcmp(buf + n - 4, mask, 4) == 0,
              "the head of %d bytes", (int)rows[i].n);
    }
    char text[] = "Hello", back[6] = { 0 };
    const unsigned char key[4] = { 0x37, 0xfa, 0x21, 0x3d };
    ws_mask(text, text, 5, 0, key);
    CHECK(memcmp(text, "\x7f\x9f\x4d\x51\x58", 5) == 0, "RFC 6455, 5.7: masked");
    ws_mask(back, text, 2, 0, key);
    ws_mask(back + 2, text + 2, 3, 2, key);
    CHECK_STR(back, "Hello", "unmasked in two pieces");
}

#define ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
#define GOOD_HEAD                                                                                  \
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"

static const struct {
    const char *head, *protocol;
    bool good;
    const char *why;
} heads[] = {
    { GOOD_HEAD "Sec-WebSocket-Accept: " ACCEPT "\r\n\r\n", NULL, true, "RFC 6455, 1.3" },
    { "HTTP/1.1 101 X\r\nupgrade: WebSocket\r\nCONNECTION: keep-alive, upgrade\r\n"
      "sec-websocket-accept: " ACCEPT "\r\n\r\n",
      NULL, true, "names and tokens in any case" },
    { GOOD_HEAD "Sec-WebSocket-Accept: " ACCEPT "\r\nSec-WebSocket-Protocol: chat\r\n\r\n", "chat",
      true, "the subprotocol that was asked for" },
    { GOOD_HEAD "Sec-WebSocket-Accept: " ACCEPT "\r\nSec-WebSocket-Protocol: chat\r\n\r\n", NULL,
      false, "one that was not" },
    { GOOD_HEAD "Sec-WebSocket-Accept: " ACCEPT "\r\n\r\n", "chat", false, "none where one was" },
    { GOOD_HEAD "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xoo=\r\n\r\n", NULL, false,
      "another key's accept" },
    { GOOD_HEAD "\r\n", NULL, false, "no accept" },
    { GOOD_HEAD "Sec-WebSocket-Accept: " ACCEPT
                "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
      NULL, false, "an extension nobody asked for" },
    { "HTTP/1.1 200 OK\r\n\r\n", NULL, false, "another status" },
    { "HTTP/1.1 101 X\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " ACCEPT "\r\n\r\n", NULL,
      false, "no Upgrade" },
    { "garbage\r\n\r\n", NULL, false, "garbage" },
    { "", NULL, false, "nothing" },
};

static void test_handshake(void)
{
    char accept[WS_ACCEPT_CHARS + 1];
    ws_accept_of("dGhlIHNhbXBsZSBub25jZQ==", accept);
    CHECK_STR(accept, ACCEPT, "RFC 6455, 1.3: the accept of the sample key");
    for (ptrdiff_t i = 0; i < ARRAY_LEN(heads); i++) {
        int status;
        const char *wrong = ws_check_reply(str(heads[i].head), ACCEPT, heads[i].protocol, &status);
        CHECK(heads[i].good == !wrong, "%s: %s", heads[i].why, wrong ? wrong : "taken");
    }
}

int main(void)
{
    test_frames();
    test_heads();
    test_handshake();
    return tap_done();
}
