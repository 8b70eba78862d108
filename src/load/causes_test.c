/* Bounded tables of causes and the words made of them. */
#include <errno.h>

#include "load/tally.h"
#include "tap.h"

static const char bad_head[] = "a head larger than head_max";

static void check_words(const Causes *c, int most, const char *want, const char *why)
{
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    causes_describe(c, most, &b);
    CHECK_STR(strbuf_z(&b), want, "%s", why);
}

static void test_words(void)
{
    Causes c = { 0 };
    check_words(&c, 3, "", "nothing failed");
    causes_add(&c, NULL, -ECONNRESET, 12);
    causes_add_status(&c, 404, 38862);
    causes_add_status(&c, 404, 1);
    causes_add(&c, bad_head, -EPROTO, 2);
    causes_add_status(&c, 500, 1);
    check_words(
        &c, 3, "38863 x status 404, 12 x Connection reset by peer, 2 x a head larger than head_max",
        "the most frequent first, no more than asked for");
    check_words(&c, 1, "38863 x status 404", "only the first");
}

static uint64_t total(const Causes *c)
{
    uint64_t n = c->other;
    for (int i = 0; i < c->n_codes; i++)
        n += c->codes[i].n;
    for (int i = 0; i < c->n_causes; i++)
        n += c->causes[i].n;
    return n;
}

static void test_bounds(void)
{
    Causes c = { 0 }, sum = { 0 };
    for (int i = 0; i < 40; i++) {
        causes_add_status(&c, 400 + i, 1);
        causes_add(&c, NULL, -1 - i, 1);
    }
    CHECK_INT(c.n_codes, TALLY_CODES, "as many codes as there are rows");
    CHECK_INT(c.n_causes, TALLY_CAUSES, "as many causes");
    CHECK_INT(total(&c), 80, "the others are counted, too");
    causes_merge(&sum, &c);
    causes_merge(&sum, &c);
    CHECK_INT(sum.codes[0].n, 2, "merged row by row");
    CHECK_INT(total(&sum), 160, "nothing is lost in merging");
}

int main(void)
{
    test_words();
    test_bounds();
    return tap_done();
}
