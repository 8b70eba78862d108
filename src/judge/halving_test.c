/* Bisection of every range up to 64 with every place of the first bad one, also with holes. */
#include "judge/halving.h"

#include "tap.h"

enum { MOST = 64 };

static int log2_up(ptrdiff_t n)
{
    int k = 0;
    while ((ptrdiff_t)1 << k < n)
        k++;
    return k;
}

/* Looks until it is found; *ret_n: how many. `broken`: bits of revisions that can't be measured. */
static HalvingState search(ptrdiff_t n, ptrdiff_t first_bad, uint64_t broken, ptrdiff_t *ret_at,
                           ptrdiff_t *ret_first, int *ret_n)
{
    Look looks[MOST] = { LOOK_UNKNOWN };
    *ret_n = 0;
    for (;;) {
        HalvingState s = halving_next(looks, n, ret_at, ret_first);
        if (s != HALVING_ON || *ret_n > MOST)
            return s;
        ++*ret_n;
        looks[*ret_at] = broken >> *ret_at & 1  ? LOOK_FAILED
                         : *ret_at >= first_bad ? LOOK_BAD
                                                : LOOK_GOOD;
    }
}

static void test_all(void)
{
    int wrong = 0, too_many = 0;
    for (ptrdiff_t n = 1; n <= MOST; n++)
        for (ptrdiff_t bad = 0; bad < n; bad++) {
            ptrdiff_t at, first;
            int looks;
            HalvingState s = search(n, bad, 0, &at, &first, &looks);
            wrong += s != HALVING_FOUND || at != bad;
            too_many += looks > log2_up(n) + 1;
        }
    CHECK_INT(wrong, 0, "the first bad one is found wherever it is");
    CHECK_INT(too_many, 0, "with a look at the last, and one for each halving");
}

static void test_holes(void)
{
    int wrong = 0;
    for (ptrdiff_t bad = 0; bad < 16; bad++)
        for (uint64_t broken = 0; broken < 1 << 15; broken += 7) {
            ptrdiff_t at, first;
            int looks;
            HalvingState s = search(16, bad, broken, &at, &first, &looks);
            bool among = first <= bad && bad <= at && !(broken >> at & 1);
            for (ptrdiff_t i = first; i < at; i++)
                among &= broken >> i & 1;
            wrong += !(s == HALVING_FOUND || s == HALVING_BETWEEN) || !among ||
                     (s == HALVING_FOUND) != (first == at);
        }
    CHECK_INT(wrong, 0, "with holes: it is the one found, or among those before it");
}

static void test_nothing(void)
{
    ptrdiff_t at, first;
    int looks;
    CHECK_INT(search(8, 99, 0, &at, &first, &looks), HALVING_NOT_BAD, "nothing to find");
    CHECK_INT(looks, 1, "seen at the first look");
    CHECK_INT(search(8, 3, 1 << 7, &at, &first, &looks), HALVING_NOT_KNOWN,
              "an end that is broken");
}

int main(void)
{
    test_all();
    test_holes();
    test_nothing();
    return tap_done();
}
