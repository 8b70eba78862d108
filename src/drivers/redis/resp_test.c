#include "drivers/redis/resp.h"

#include <errno.h>
#include <string.h>

#include "tap.h"

static const struct {
    const char *text;
    int replies;      /* whole ones */
    const char *word; /* of the last one; NULL: no error */
} good[] = {
    { "+OK\r\n", 1, NULL },
    { "-ERR no such thing\r\n", 1, "ERR" },
    { "-MOVED\r\n", 1, "MOVED" },
    { ":-12\r\n$-1\r\n*-1\r\n", 3, NULL },
    { "$6\r\na\r\nb\r\n\r\n", 1, NULL },
    { "$0\r\n\r\n", 1, NULL },
    { "*0\r\n", 1, NULL },
    { "*3\r\n:1\r\n*2\r\n+a\r\n$1\r\nx\r\n_\r\n", 1, NULL },
    { "*2\r\n+OK\r\n-EXECABORT x\r\n", 1, "EXECABORT" },
    { "-ERR x\r\n+OK\r\n", 2, NULL },
    { "%2\r\n+a\r\n:1\r\n+b\r\n#t\r\n~1\r\n,1.5\r\n(99\r\n=5\r\ntxt:x\r\n", 4, NULL },
    { "!12\r\nSYNTAX error\r\n", 1, "SYNTAX" },
    { "|1\r\n+ttl\r\n:3\r\n$2\r\nhi\r\n", 1, NULL },
    { ">2\r\n+message\r\n+hello\r\n", 0, NULL },
    { ">1\r\n-ERR in a message\r\n+OK\r\n", 1, NULL },
    { "*2\r\n+a\r\n", 0, NULL },
    { "$5\r\nhel", 0, NULL },
};

static const char *const bad[] = {
    "hello\r\n",
    "\r\n",
    "+OK\n",
    "+OK\rx",
    "$x\r\n",
    "$-2\r\n",
    "$1\r\nab\r\n",
    "*-2\r\n",
    "*99999999999\r\n",
    "HTTP/1.1 200 OK\r\n",
    "*1\r\n>1\r\n+x\r\n",
};

/* Fed `step` bytes at a time; replies, or -1 when it is wrong. */
static int feed(RespParser *p, const char *text, ptrdiff_t step)
{
    Str in = str(text);
    int replies = 0;
    for (ptrdiff_t at = 0, used; at < in.len; at += used) {
        used = 0;
        int r = resp_feed(p, str_slice(in, at, MIN(at + step, in.len)), &used);
        if (r < 0)
            return -1;
        replies += r == RESP_REPLY;
    }
    return replies;
}

static void test_good(ptrdiff_t step)
{
    for (ptrdiff_t i = 0; i < ARRAY_LEN(good); i++) {
        RespParser p = { 0 };
        CHECK_INT(feed(&p, good[i].text, step), good[i].replies, "reply %td, %td bytes at a time",
                  i, step);
        CHECK_STR(p.failed ? p.word : "", good[i].word ? good[i].word : "", "   and its error");
    }
}

static void test_bad(void)
{
    for (ptrdiff_t i = 0; i < ARRAY_LEN(bad); i++) {
        RespParser p = { 0 };
        CHECK(feed(&p, bad[i], 100) < 0 && p.wrong, "refused: %td, %s", i, p.wrong ? p.wrong : "");
    }
}

int main(void)
{
    test_good(1);
    test_good(3);
    test_good(1000);
    test_bad();
    RespParser p = { 0 };
    CHECK(resp_is_idle(&p), "idle at the begin");
    CHECK(feed(&p, "*1\r\n", 10) == 0 && !resp_is_idle(&p), "not within a reply");
    CHECK(feed(&p, ":1\r\n", 10) == 1 && resp_is_idle(&p), "and again at its end");
    return tap_done();
}
