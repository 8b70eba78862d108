/* A worker's lines: whole and in pieces come to the same. The first byte of the input says how to
 * cut; the rest follows a greeting. */
#include "drivers/exec/exec_line.h"

#include <string.h>

#include "fuzz.h"

typedef struct Sum {
    uint64_t replies, failed, ids, ns;
    bool broken;
} Sum;

static void take(ExecParser *p, Sum *s, Str in)
{
    while (in.len && !s->broken) {
        ptrdiff_t used = 0;
        int r = exec_feed(p, in, &used);
        s->broken = r < 0;
        FUZZ_HOLDS(s->broken ? p->wrong[0] != '\0' : used > 0 && used <= in.len);
        FUZZ_HOLDS(strlen(p->reply.text) < EXEC_TEXT_MAX && strlen(p->wrong) < EXEC_TEXT_MAX);
        s->replies += r == EXEC_REPLY;
        s->failed += r == EXEC_REPLY && p->reply.failed;
        s->ids += r == EXEC_REPLY ? p->reply.id : 0;
        s->ns += r == EXEC_REPLY ? p->reply.ns : 0;
        in = str_slice(in, used, in.len);
    }
}

static Sum play(Str in, ptrdiff_t step)
{
    ExecParser p = { 0 };
    Sum s = { 0 };
    take(&p, &s, STR("assay-exec 1\n"));
    FUZZ_HOLDS(p.greeted);
    for (ptrdiff_t at = 0; at < in.len && !s.broken; at += step)
        take(&p, &s, str_slice(in, at, MIN(at + step, in.len)));
    return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    if (n == 0)
        return 0;
    Str in = { (const char *)bytes + 1, (ptrdiff_t)n - 1 };
    Sum whole = play(in, MAX(in.len, (ptrdiff_t)1)), pieces = play(in, bytes[0] % 16 + 1);
    FUZZ_HOLDS(whole.replies == pieces.replies && whole.failed == pieces.failed);
    FUZZ_HOLDS(whole.ids == pieces.ids && whole.ns == pieces.ns);
    FUZZ_HOLDS(whole.broken == pieces.broken);
    return 0;
}
