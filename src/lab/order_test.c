#include "lab/order.h"

#include "tap.h"

/* In every block of n rounds each member stands exactly once in each place. */
static void test_latin(uint32_t n)
{
    CLEANUP(arena_done) Arena a = { 0 };
    Order o;
    order_init(&o, &a, n);
    Rng rng = rng_new(3, "order", 0);
    int wrong = 0;
    for (int block = 0; block < 50; block++) {
        int seen[8][8] = { 0 };
        for (uint32_t round = 0; round < n; round++) {
            uint32_t who[8];
            order_next(&o, &rng, who);
            for (uint32_t place = 0; place < n; place++)
                seen[who[place]][place]++;
        }
        for (uint32_t m = 0; m < n; m++)
            for (uint32_t p = 0; p < n; p++)
                wrong += seen[m][p] != 1;
    }
    CHECK_INT(wrong, 0, "%u members: each block is a Latin square", n);
}

static void test_fair(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    Order o;
    order_init(&o, &a, 2);
    Rng rng = rng_new(1, "order", 0);
    int first = 0, blocks = 1000;
    for (int i = 0; i < blocks; i++) {
        uint32_t who[2];
        order_next(&o, &rng, who);
        first += who[0] == 0;
        order_next(&o, &rng, who);
    }
    /* 1000 fair coins: outside 500 +- 80 with probability below 1e-6; the seed is fixed all the
     * same */
    CHECK(abs(first - blocks / 2) < 80, "blocks begin with either member alike (%d of %d)", first,
          blocks);
}

int main(void)
{
    for (uint32_t n = 1; n <= 8; n++)
        test_latin(n);
    test_fair();
    return tap_done();
}
