#include "model/verdict.h"

#include "model/names.h"

static const char *const verdict_names[] = { "unchanged", "improved", "regressed", "inconclusive",
                                             "invalid" };

const char *const correction_names[] = { "holm", "bh", NULL };

int correction_parse(const char *text, Correction *ret)
{
    int i = name_index(correction_names, 2, text);
    if (i < 0)
        return i;
    *ret = (Correction)i;
    return 0;
}

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
