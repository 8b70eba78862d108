/* Zipf's law on 1 … n: k with a probability like 1 / k^s, exactly, in constant time and without a
 * table. Rejection-inversion: Hörmann and Derflinger, 1996. */
#pragma once

#include "base/rng.h"

typedef struct Zipf {
    double n, s;
    double area_low,
        area_high; /* of the hat: left of 1.5 (less the mass at 1), and up to n + 1/2 */
    double sure;   /* so near below its k, an x is accepted without a look */
} Zipf;

/* n > 0, s >= 0; s = 0 is the uniform distribution. */
Zipf zipf_new(uint64_t n, double s);
/* 1 … n. Some 40 ns: a draw takes 1.1 tries on average at most. */
uint64_t zipf_draw(const Zipf *z, Rng *r);
