#include "base/rng.h"

#include <math.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"

static uint64_t splitmix(uint64_t *x)
{
    uint64_t z = (*x += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* FNV-1a, only to spread purposes over seeds. */
static uint64_t hash_text(const char *s)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (; *s; s++)
        h = (h ^ (unsigned char)*s) * UINT64_C(0x100000001b3);
    return h;
}

Rng rng_new(uint64_t seed, const char *purpose, uint64_t index)
{
    uint64_t x = seed;
    uint64_t mixed = splitmix(&x) ^ hash_text(purpose);
    x = mixed + index * UINT64_C(0x9e3779b97f4a7c15);
    Rng r;
    for (int i = 0; i < 4; i++)
        r.s[i] = splitmix(&x);
    return r;
}

uint64_t rng_fresh_seed(void)
{
    uint64_t seed;
    if (getrandom(&seed, sizeof seed, 0) != (ssize_t)sizeof seed)
        seed = clock_mono_ns();
    return seed >> 11;
}

static uint64_t rotl(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

uint64_t rng_u64(Rng *r)
{
    uint64_t *s = r->s;
    uint64_t result = rotl(s[0] + s[3], 23) + s[0];
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 45);
    return result;
}

uint64_t rng_below(Rng *r, uint64_t n)
{
    assert(n > 0);
    unsigned __int128 m = (unsigned __int128)rng_u64(r) * n;
    if ((uint64_t)m < n) {
        uint64_t threshold = (0 - n) % n;
        while ((uint64_t)m < threshold)
            m = (unsigned __int128)rng_u64(r) * n;
    }
    return (uint64_t)(m >> 64);
}

double rng_f64(Rng *r)
{
    return (double)(rng_u64(r) >> 11) * 0x1.0p-53;
}

double rng_normal(Rng *r)
{
    for (;;) {
        double u = 2 * rng_f64(r) - 1, v = 2 * rng_f64(r) - 1;
        double q = u * u + v * v;
        if (q > 0 && q < 1)
            return u * sqrt(-2 * log(q) / q);
    }
}

double rng_exp(Rng *r)
{
    return -log1p(-rng_f64(r));
}

void rng_shuffle(Rng *r, void *base, ptrdiff_t n, ptrdiff_t size)
{
    char tmp[256];
    assert(size <= (ptrdiff_t)sizeof tmp);
    char *p = base;
    for (ptrdiff_t i = n - 1; i > 0; i--) {
        ptrdiff_t j = (ptrdiff_t)rng_below(r, (uint64_t)i + 1);
        memcpy(tmp, p + i * size, (size_t)size);
        memmove(p + i * size, p + j * size, (size_t)size);
        memcpy(p + j * size, tmp, (size_t)size);
    }
}
