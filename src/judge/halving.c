#include "judge/halving.h"

static ptrdiff_t apart(ptrdiff_t a, ptrdiff_t b)
{
    return a > b ? a - b : b - a;
}

/* The unknown one nearest to the middle of (good, bad); -1: none. */
static ptrdiff_t nearest_unknown(const Look *looks, ptrdiff_t good, ptrdiff_t bad)
{
    ptrdiff_t middle = good + (bad - good) / 2, best = -1;
    for (ptrdiff_t i = good + 1; i < bad; i++) {
        bool nearer = best < 0 || apart(i, middle) < apart(best, middle);
        if (looks[i] == LOOK_UNKNOWN && nearer)
            best = i;
    }
    return best;
}

HalvingState halving_next(const Look *looks, ptrdiff_t n, ptrdiff_t *ret_at, ptrdiff_t *ret_first)
{
    ptrdiff_t good = -1, bad = n - 1;
    *ret_at = *ret_first = bad;
    if (looks[bad] == LOOK_UNKNOWN)
        return HALVING_ON;
    if (looks[bad] != LOOK_BAD)
        return looks[bad] == LOOK_GOOD ? HALVING_NOT_BAD : HALVING_NOT_KNOWN;
    for (ptrdiff_t i = n - 1; i >= 0 && good < 0; i--) {
        bad = looks[i] == LOOK_BAD ? i : bad;
        if (looks[i] == LOOK_GOOD && i < bad)
            good = i;
    }
    ptrdiff_t next = nearest_unknown(looks, good, bad);
    *ret_at = next < 0 ? bad : next;
    *ret_first = good + 1;
    if (next >= 0)
        return HALVING_ON;
    return good + 1 < bad ? HALVING_BETWEEN : HALVING_FOUND;
}
