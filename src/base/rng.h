/* Seeded random streams: one per worker and purpose, so that runs repeat and threads share nothing.
 *
 * Generator: xoshiro256++ 1.0 (Blackman & Vigna, "Scrambled linear pseudorandom number generators",
 * 2019), seeded through splitmix64. Not for secrets. */
#pragma once

#include "base/macros.h"

typedef struct Rng {
    uint64_t s[4];
} Rng;

/* A stream that depends on the seed, a purpose ("order", "arrivals") and an index (worker number).
 */
Rng rng_new(uint64_t seed, const char *purpose, uint64_t index);

/* A fresh seed from the kernel, below 2^53 so that JSON readers keep it whole. */
uint64_t rng_fresh_seed(void);

uint64_t rng_u64(Rng *r);
/* Uniform in [0, n), unbiased (Lemire 2019). n > 0. */
uint64_t rng_below(Rng *r, uint64_t n);
/* Uniform in [0, 1), 53 bits. */
double rng_f64(Rng *r);
/* Standard normal (polar method) and exponential with mean 1. */
double rng_normal(Rng *r);
double rng_exp(Rng *r);
/* Fisher-Yates over n elements of `size` bytes. */
void rng_shuffle(Rng *r, void *base, ptrdiff_t n, ptrdiff_t size);
