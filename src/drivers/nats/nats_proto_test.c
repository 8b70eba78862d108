/* The parser: what servers say, whole and in pieces, and what none would. */
#include "drivers/nats/nats_proto.h"

#include <errno.h>

#include "tap.h"

/* Events as letters; '!' for an error. */
static const char *events(NatsParser *p, Str in, ptrdiff_t step, char buf[64])
{
    int n = 0;
    for (ptrdiff_t at = 0; at < in.len; at += step) {
        Str piece = str_slice(in, at, MIN(at + step, in.len));
        while (piece.len) {
            ptrdiff_t used = 0;
            int e = nats_feed(p, piece, &used);
            if (e != NATS_MORE)
                buf[n++] = e < 0 ? '!' : "-ipokem"[e];
            buf[n] = '\0';
            if (e < 0 || n == 62)
                return buf;
            piece = str_slice(piece, used, piece.len);
        }
    }
    return buf;
}

static const struct {
    const char *in, *want;
} rows[] = {
    { "INFO {\"a\":1}\r\nPING\r\nPONG\r\n+OK\r\n-ERR 'x'\r\n", "ipoke" },
    { "ping\r\npong\r\n", "po" },
    { "MSG a.b 2 5\r\nhello\r\nPING\r\n", "mp" },
    { "MSG a.b 2 _INBOX.x 0\r\n\r\nMSG a 1 2\r\n\r\n\r\n", "mm" },
    { "HMSG a.b 1 12 14\r\nNATS/1.0\r\n\r\nhi\r\n", "m" },
    { "MSG\ta\t2\t3\r\nabc\r\n", "m" },
    { "MSG a.b 2\r\n", "!" },
    { "MSG a.b x 5\r\n", "!" },
    { "MSG a.b 2 -5\r\n", "!" },
    { "MSG a.b 2 99999999999\r\n", "!" },
    { "MSG a b c d e f\r\n", "!" },
    { "HMSG a.b 1 20 14\r\n", "!" },
    { "MSG a 1 3\r\nabcd\r\n", "!" },
    { "NOISE\r\n", "!" },
    { "PING\rX", "!" },
    { "\r\n", "!" },
};

static void test_rows(void)
{
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++) {
        int same = 0;
        for (ptrdiff_t step = 1; step <= 9; step++) {
            NatsParser p = { 0 };
            char buf[64] = "";
            const char *got = events(&p, str(rows[i].in), step, buf);
            same += strcmp(got, rows[i].want) == 0 && (*rows[i].want != '!' || p.wrong);
        }
        CHECK_INT(same, 9, "%.30s: %s, however it is cut", rows[i].in, rows[i].want);
    }
}

static void test_message(void)
{
    for (ptrdiff_t step = 1; step < 40; step += 3) {
        NatsParser p = { 0 };
        char buf[64] = "";
        events(&p, STR("HMSG a.b 7 inbox 16 21\r\nNATS/1.0 503\r\n\r\nhello\r\n"), step, buf);
        CHECK_STR(buf, "m", "a message with headers, %td bytes at a time", step);
        CHECK(p.sid == 7 && p.bytes == 5 && p.header_bytes == 16, "its numbers");
        CHECK(str_eqz(nats_head(&p), "hello"), "its payload: " STR_FMT, STR_ARG(nats_head(&p)));
        CHECK_INT(nats_status(&p), 503, "its status");
    }
    NatsParser p = { 0 };
    char buf[64] = "";
    events(&p, STR("HMSG a 1 12 12\r\nNATS/1.0\r\n\r\n\r\n"), 5, buf);
    CHECK(strcmp(buf, "m") == 0 && nats_status(&p) == 0 && nats_head(&p).len == 0,
          "headers without a status, and nothing behind them");
}

static void test_causes(void)
{
    NatsParser p = { 0 };
    char buf[64] = "";
    events(&p, STR("-ERR 'Permissions Violation for Publish to \"a\"'\r\n"), 7, buf);
    CHECK_STR(nats_cause(&p), "Permissions Violation", "a known error");
    events(&p, STR("-ERR 'Whatever'\r\n"), 7, buf);
    CHECK_STR(nats_cause(&p), "another error", "one that is not");
}

static void test_long(void)
{
    static char line[5000];
    NatsParser p = { 0 };
    char buf[64] = "";
    memset(line, 'x', sizeof line);
    memcpy(line, "INFO ", 5);
    memcpy(line + sizeof line - 2, "\r\n", 2);
    CHECK_STR(events(&p, (Str){ line, sizeof line }, 100, buf), "i", "a long greeting");
    memcpy(line, "MSG a", 5);
    CHECK_STR(events(&p, (Str){ line, sizeof line }, 100, buf), "!", "a message of a long line");
}

int main(void)
{
    test_rows();
    test_message();
    test_causes();
    test_long();
    return tap_done();
}
