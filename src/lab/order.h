/* Balanced random order: who runs when within a round.
 *
 * Competing members of a group are laid out in cyclic Latin squares: within a block of n rounds
 * each member stands once in each place; each block draws a fresh permutation and a fresh order of
 * its rows. Two members alternate ABBA. Order dominates every other choice when two things are
 * compared: in blocks (all of A, then all of B) a program "differs" from itself in half of all
 * trials. */
#pragma once

#include "base/arena.h"
#include "base/rng.h"

typedef struct Order {
    uint32_t n;     /* members */
    uint32_t *base; /* [n] this block's permutation */
    uint32_t *rows; /* [n] this block's rotations, in the order they are played */
    uint32_t row;   /* rounds played of this block */
} Order;

void order_init(Order *o, Arena *a, uint32_t n);
/* Members of the next round, in order. ret[n]. */
void order_next(Order *o, Rng *rng, uint32_t *ret);
