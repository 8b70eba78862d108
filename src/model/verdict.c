#include "model/verdict.h"

#include "model/names.h"

static const char *const verdict_names[] = { "unchanged", "improved", "regressed", "inconclusive",
                                             "invalid" };

const char *verdict_name(Verdict v)
{
    assert(v <= VERDICT_INVALID);
    return verdict_names[v];
}

int verdict_parse(const char *text, Verdict *ret)
{
    int i = name_index(verdict_names, ARRAY_LEN(verdict_names), text);
    if (i < 0)
        return i;
    *ret = (Verdict)i;
    return 0;
}
