#include "lab/order.h"

void order_init(Order *o, Arena *a, uint32_t n)
{
    assert(n > 0);
    *o =
        (Order){ .n = n, .base = ARENA_ARRAY(a, uint32_t, n), .rows = ARENA_ARRAY(a, uint32_t, n) };
    for (uint32_t i = 0; i < n; i++)
        o->base[i] = o->rows[i] = i;
}

void order_next(Order *o, Rng *rng, uint32_t *ret)
{
    if (o->row == 0) {
        rng_shuffle(rng, o->base, o->n, sizeof *o->base);
        rng_shuffle(rng, o->rows, o->n, sizeof *o->rows);
    }
    uint32_t shift = o->rows[o->row];
    for (uint32_t i = 0; i < o->n; i++)
        ret[i] = o->base[(i + shift) % o->n];
    o->row = (o->row + 1) % o->n;
}
