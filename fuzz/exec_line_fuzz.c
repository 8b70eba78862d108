/* A worker's lines: whole and in pieces come to the same. The first byte of the input says how to
 * cut; the rest follows a greeting. */
#include "drivers/exec/exec_line.h"

#include "pieces.h"

typedef struct Sum {
    uint64_t replies, failed, ids, ns, broken;
} Sum;

typedef struct Play {
    ExecParser p;
    Sum s;
} Play;

static bool feed(void *user, Str in, ptrdiff_t *ret_used)
{
    Play *y = user;
    ExecParser *p = &y->p;
    int r = exec_feed(p, in, ret_used);
    y->s.broken = r < 0;
    FUZZ_HOLDS(r >= 0 || p->wrong[0] != '\0');
    FUZZ_HOLDS(strlen(p->reply.text) < EXEC_TEXT_MAX && strlen(p->wrong) < EXEC_TEXT_MAX);
    y->s.replies += r == EXEC_REPLY;
    y->s.failed += r == EXEC_REPLY && p->reply.failed;
    y->s.ids += r == EXEC_REPLY ? p->reply.id : 0;
    y->s.ns += r == EXEC_REPLY ? p->reply.ns : 0;
    return r >= 0;
}

static Sum play(Str in, ptrdiff_t step)
{
    static const Str greeting = STR("assay-exec 1\n");
    Play y = { 0 };
    fuzz_feed(feed, &y, greeting, greeting.len);
    FUZZ_HOLDS(y.p.greeted);
    fuzz_feed(feed, &y, in, step);
    return y.s;
}

FUZZ_WHOLE_AND_PIECES(Sum, play)
