/* Request heads: whole, cut anywhere, behind each other, and broken. */
#include "selftest/request.h"

#include <errno.h>

#include "tap.h"

typedef struct Row {
    const char *why, *bytes;
    int want;
    const char *target;
    bool keep_alive;
    uint64_t body_bytes;
} Row;

static const Row rows[] = {
    { "plain", "GET /a?b=1 HTTP/1.1\r\nHost: x\r\n\r\n", 0, "/a?b=1", true, 0 },
    { "bare line feeds", "GET / HTTP/1.1\nHost: x\n\n", 0, "/", true, 0 },
    { "no fields at all", "GET / HTTP/1.1\r\n\r\n", 0, "/", true, 0 },
    { "closing", "GET / HTTP/1.1\r\nCONNECTION:  Close \r\n\r\n", 0, "/", false, 0 },
    { "1.0 closes", "GET / HTTP/1.0\r\n\r\n", 0, "/", false, 0 },
    { "1.0 kept", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 0, "/", true, 0 },
    { "body", "POST / HTTP/1.1\r\ncontent-length: 12\r\n\r\nabc", 0, "/", true, 12 },
    { "more behind", "GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n", 0, "/1", true, 0 },
    { "no target", "GET HTTP/1.1\r\n\r\n", -EINVAL, NULL, false, 0 },
    { "no slash", "GET x HTTP/1.1\r\n\r\n", -EINVAL, NULL, false, 0 },
    { "no version", "GET /\r\n\r\n", -EINVAL, NULL, false, 0 },
    { "other protocol", "HELO there now\r\n\r\n", -EINVAL, NULL, false, 0 },
    { "field without colon", "GET / HTTP/1.1\r\nfoo\r\n\r\n", -EINVAL, NULL, false, 0 },
    { "bad length", "GET / HTTP/1.1\r\ncontent-length: x\r\n\r\n", -EINVAL, NULL, false, 0 },
    { "chunked", "GET / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n", -EINVAL, NULL, false, 0 },
};

static void test_rows(void)
{
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++) {
        const Row *row = &rows[i];
        SrvRequest r = { 0 };
        CHECK_INT(srv_request_parse(str(row->bytes), &r), row->want, "%s", row->why);
        if (row->want != 0)
            continue;
        CHECK(str_eqz(r.target, row->target), "%s: target", row->why);
        CHECK(r.keep_alive == row->keep_alive, "%s: keep-alive", row->why);
        CHECK_INT(r.body_bytes, row->body_bytes, "%s: body", row->why);
    }
}

static void test_cut_anywhere(void)
{
    Str whole = STR("HEAD /constant?a=1ms HTTP/1.1\r\nHost: x\r\nX: y\r\n\r\n");
    int wrong = 0;
    SrvRequest r = { 0 };
    for (ptrdiff_t n = 0; n < whole.len; n++)
        wrong += srv_request_parse(str_slice(whole, 0, n), &r) != REQUEST_MORE;
    CHECK_INT(wrong, 0, "every prefix wants more");
    CHECK_INT(srv_request_parse(whole, &r), 0, "the whole is a request");
    CHECK_INT(r.head_bytes, whole.len, "of this length");
    CHECK(r.head, "HEAD");
}

int main(void)
{
    test_rows();
    test_cut_anywhere();
    return tap_done();
}
