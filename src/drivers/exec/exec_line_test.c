#include "drivers/exec/exec_line.h"

#include <errno.h>
#include <string.h>

#include "tap.h"

static const struct {
    const char *text;
    int replies;      /* after a greeting; -1: wrong */
    const char *told; /* what the last failure or the error says */
} cases[] = {
    { "", 0, "" },
    { "ok 0\n", 1, "" },
    { "ok 7 ns=12 bytes=3\nok 8 later=x\n", 2, "" },
    { "fail 3 status\n", 1, "" },
    { "fail 3 check a\\\\b\\nc \\x\n", 1, "a\\b c ?" },
    { "ok 1", 0, "" },
    { "ok\n", -1, "the id is not a number: 'ok'" },
    { "ok x\n", -1, "the id is not a number: 'ok x'" },
    { "ok 1 fast\n", -1, "behind the id stands no NAME=VALUE: 'ok 1 fast'" },
    { "ok 1 ns=-1\n", -1, "not a whole number: 'ok 1 ns=-1'" },
    { "fail 1\n", -1, "no class of failure: 'fail 1'" },
    { "fail 1 slow x\n", -1, "no class of failure: 'fail 1 slow x'" },
    { "Hello\tworld\r\n", -1, "neither 'ok ID' nor 'fail ID': 'Hello?world?'" },
    { "\n", -1, "neither 'ok ID' nor 'fail ID': ''" },
};

/* Fed `step` bytes at a time: replies, or -1. */
static int feed(ExecParser *p, Str in, ptrdiff_t step)
{
    int replies = 0;
    for (ptrdiff_t at = 0, used = 0; at < in.len; at += used) {
        int r = exec_feed(p, str_slice(in, at, MIN(at + step, in.len)), &used);
        if (r < 0)
            return -1;
        replies += r == EXEC_REPLY;
    }
    return replies;
}

static void test_cases(ptrdiff_t step)
{
    for (ptrdiff_t i = 0; i < ARRAY_LEN(cases); i++) {
        ExecParser p = { 0 };
        CHECK_INT(feed(&p, STR("assay-exec 1\n"), step), 0, "a greeting");
        CHECK_INT(feed(&p, str(cases[i].text), step), cases[i].replies, "case %td by %td", i, step);
        CHECK_STR(cases[i].replies < 0 ? p.wrong : p.reply.text, cases[i].told, "   what it says");
    }
}

static void test_escape(void)
{
    char to[16], back[EXEC_TEXT_MAX];
    ptrdiff_t n = exec_escape(to, "a\n\r\\b", 5);
    CHECK(n == 8 && memcmp(to, "a\\n\\r\\\\b", 8) == 0, "line ends and backslashes are escaped");
    exec_unescape(back, (Str){ to, n });
    CHECK_STR(back, "a  \\b", "and told as blanks");
}

int main(void)
{
    test_cases(1);
    test_cases(5);
    test_cases(1000);
    test_escape();
    ExecParser p = { 0 };
    CHECK(feed(&p, STR("assay-exec 2\n"), 99) == -1, "another version: %s", p.wrong);
    static char longest[EXEC_LINE_MAX + 2];
    memset(longest, 'x', sizeof longest);
    p = (ExecParser){ 0 };
    CHECK_INT(feed(&p, (Str){ longest, sizeof longest }, 100), -1, "a line without end");
    return tap_done();
}
