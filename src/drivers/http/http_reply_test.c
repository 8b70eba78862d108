/* Framing of replies: each case whole, and cut at every byte. */
#include "drivers/http/http_reply.h"

#include <errno.h>

#include "tap.h"

#define H11 "HTTP/1.1 200 OK\r\n"

static const struct {
    const char *bytes;
    int result; /* HTTP_DONE, HTTP_MORE, -EPROTO; or what end of stream makes of it */
    int status;
    bool keep;
    uint64_t body;
    ptrdiff_t surplus;
    bool to_head, eof;
    const char *why;
} rows[] = {
    { H11 "Content-Length: 5\r\n\r\nhello", HTTP_DONE, 200, true, 5, .why = "a length" },
    { H11 "content-length:5  \r\n\r\nhelloHTTP", HTTP_DONE, 200, true, 5, 4,
      .why = "the message ends where its length says" },
    { H11 "Content-Length: 0\r\n\r\n", HTTP_DONE, 200, true, 0, .why = "no body" },
    { H11 "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", HTTP_DONE, 200, true, 5,
      .why = "the same length twice" },
    { H11 "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", -EPROTO,
      .why = "lengths that disagree" },
    { H11 "Content-Length: 5x\r\n\r\nhello", -EPROTO, .why = "a length that is no number" },
    { H11 "Content-Length: -5\r\n\r\nhello", -EPROTO, .why = "a negative length" },
    { H11 "Content-Length: 99999999999999999999\r\n\r\n", -EPROTO, .why = "2^64 and more" },
    { H11 "Content-Length:\r\n\r\n", -EPROTO, .why = "an empty length" },
    { H11 "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", HTTP_DONE, 200, true, 5,
      .why = "one chunk" },
    { H11
      "Transfer-Encoding: chunked\r\n\r\n1;a=b\r\nh\r\n00A \r\n0123456789\r\n0\r\nT: 1\r\n\r\nX",
      HTTP_DONE, 200, true, 11, 1, .why = "extensions, leading zeros, trailers" },
    { H11 "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", HTTP_DONE, 200, true, 0,
      .why = "chunked behind another coding" },
    { H11 "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", HTTP_DONE, 200, false,
      0, .why = "a length beside chunks is ignored, and the connection not trusted" },
    { H11 "Transfer-Encoding: chunked\r\n\r\n5\r\nhelloX", -EPROTO, .why = "a chunk too long" },
    { H11 "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", -EPROTO, .why = "a size that is none" },
    { H11 "Transfer-Encoding: chunked\r\n\r\n\r\n", -EPROTO, .why = "an empty size" },
    { H11 "Transfer-Encoding: chunked\r\n\r\n11111111111111111\r\n", -EPROTO,
      .why = "a size beyond 64 bits" },
    { H11 "Transfer-Encoding: chunked, chunked\r\n\r\n", -EPROTO, .why = "chunked twice" },
    { H11 "Transfer-Encoding: gzip\r\n\r\nabc", HTTP_DONE, 200, false, 3, .eof = true,
      .why = "another last coding: until the peer closes" },
    { H11 "\r\nabc", HTTP_DONE, 200, false, 3, .eof = true, .why = "no framing: until it closes" },
    { H11 "Content-Length: 5\r\n\r\nhel", -ECONNRESET, .eof = true, .why = "closed in the body" },
    { H11 "Content-Le", -ECONNRESET, .eof = true, .why = "closed in the head" },
    { "", -ECONNRESET, .eof = true, .why = "closed without a word" },
    { H11 "Content-Length: 5\r\n\r\n", HTTP_DONE, 200, true, 0, .to_head = true,
      .why = "HEAD: the length is of what is not sent" },
    { "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", HTTP_DONE, 204, true, 0,
      .why = "204" },
    { "HTTP/1.1 304 Not Modified\r\n\r\n", HTTP_DONE, 304, true, 0, .why = "304" },
    { "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\n" H11
      "Content-Length: 2\r\n\r\nok",
      HTTP_DONE, 200, true, 2, .why = "interim replies are skipped" },
    { "HTTP/1.1 101 Switching Protocols\r\n\r\n", -EPROTO, .why = "nobody asked to switch" },
    { H11 "Connection: close\r\nContent-Length: 1\r\n\r\nx", HTTP_DONE, 200, false, 1,
      .why = "close is announced" },
    { H11 "Connection: foo, Close\r\nContent-Length: 1\r\n\r\nx", HTTP_DONE, 200, false, 1,
      .why = "in a list, in any case" },
    { "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", HTTP_DONE, 200, false, 1,
      .why = "1.0 closes" },
    { "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx", HTTP_DONE, 200,
      true, 1, .why = "1.0 that says it doesn't" },
    { "HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n", HTTP_DONE, 404, true, 0, .why = "no reason" },
    { "HTTP/1.1 200 OK\nContent-Length: 1\n\nx", HTTP_DONE, 200, true, 1,
      .why = "bare line feeds" },
    { H11
      "X-Long: 012345678901234567890123456789012345678901234567890123456789012345678901234567"
      "8901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678"
      "9012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
      "01234567890123456789\r\nContent-Length: 1\r\n\r\nx",
      HTTP_DONE, 200, true, 1, .why = "a field longer than what is kept" },
    { "garbage", -EPROTO, .why = "no status line: refused before a line end" },
    { "HTTP/2 200\r\n", -EPROTO, .why = "another version" },
    { "HTTP/1.1 20 OK\r\n", -EPROTO, .why = "two digits" },
    { "HTTP/1.1 2000\r\n", -EPROTO, .why = "four digits" },
    { H11 "no colon\r\n", -EPROTO, .why = "a field without a colon" },
    { H11 ": x\r\n", -EPROTO, .why = "a field without a name" },
    { H11 "Content-Length : 5\r\n", -EPROTO, .why = "a blank before the colon" },
    { H11 "A: b\r\n folded: c\r\n", -EPROTO, .why = "a folded field" },
    { H11 "Content-Length: 5\r\n\r\nhel", HTTP_MORE, 200, .body = 3, .why = "not yet complete" },
};

/* Feed in pieces of `step` bytes. */
static int feed(HttpReply *p, Str s, ptrdiff_t step, ptrdiff_t *ret_used)
{
    int r = HTTP_MORE;
    *ret_used = 0;
    for (ptrdiff_t at = 0; at < s.len && r == HTTP_MORE; at += step) {
        ptrdiff_t used = 0;
        r = http_reply_feed(p, str_slice(s, at, at + step), &used);
        *ret_used += used;
    }
    return r;
}

static bool same(const HttpReply *p, ptrdiff_t i, int r, ptrdiff_t surplus)
{
    if (r != rows[i].result)
        return false;
    if (r < 0)
        return true;
    return p->status == rows[i].status && p->body_bytes == rows[i].body &&
           (r == HTTP_MORE || (p->keep_alive == rows[i].keep && surplus == rows[i].surplus));
}

static void test_rows(void)
{
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++) {
        Str s = str(rows[i].bytes);
        ptrdiff_t bad = 0;
        for (ptrdiff_t step = 1; step <= MAX(s.len, (ptrdiff_t)1); step++) {
            HttpReply p;
            ptrdiff_t used;
            http_reply_begin(&p, rows[i].to_head, 65536);
            int r = feed(&p, s, step, &used);
            if (r == HTTP_MORE && rows[i].eof)
                r = http_reply_eof(&p);
            /* in pieces, surplus that came in a later piece was never fed */
            bad += !same(&p, i, r, step == s.len ? s.len - used : rows[i].surplus);
        }
        CHECK_INT(bad, 0, "%s: whole and in pieces of every size", rows[i].why);
    }
}

static void test_limits(void)
{
    HttpReply p;
    ptrdiff_t used;
    http_reply_begin(&p, false, 4096);
    int r = http_reply_feed(&p, STR("HTTP/1.1 200 OK\r\n"), &used);
    ptrdiff_t total = used;
    while (r == HTTP_MORE && total < 1 << 20) {
        r = http_reply_feed(&p, STR("X-Endless: yes\r\n"), &used);
        total += used;
    }
    CHECK(r == -EPROTO && total < 4096 + 32, "a head without end is refused at its limit");
    http_reply_begin(&p, false, 4096);
    for (r = HTTP_MORE, total = 0; r == HTTP_MORE && total < 1 << 20; total += used)
        r = http_reply_feed(&p, STR("HTTP/1.1 100 C\r\n\r\n"), &used);
    CHECK(r == -EPROTO && total < 4096 + 32, "interim replies without end, too");
    http_reply_begin(&p, false, 4096);
    r = http_reply_feed(&p, STR(H11 "Content-Length: 104857600\r\n\r\n"), &used);
    static char block[65536];
    for (int i = 0; i < 1600 && r == HTTP_MORE; i++)
        r = http_reply_feed(&p, (Str){ block, sizeof block }, &used);
    CHECK(r == HTTP_DONE && p.body_bytes == 104857600, "a body of 100 MiB passes through");
}

int main(void)
{
    test_rows();
    test_limits();
    return tap_done();
}
