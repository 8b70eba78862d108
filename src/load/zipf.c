#include "load/zipf.h"

#include <math.h>

/* (exp(x) - 1) / x and log(1 + x) / x, also near 0. */
static double expm1_ratio(double x)
{
    return fabs(x) > 1e-8 ? expm1(x) / x : 1 + x / 2;
}

static double log1p_ratio(double x)
{
    return fabs(x) > 1e-8 ? log1p(x) / x : 1 - x / 2;
}

/* The hat's density x^-s, its integral from 1, and that one's inverse. */
static double density(const Zipf *z, double x)
{
    return exp(-z->s * log(x));
}

static double area(const Zipf *z, double x)
{
    double l = log(x);
    return expm1_ratio((1 - z->s) * l) * l;
}

static double area_inverse(const Zipf *z, double a)
{
    double t = fmax(a * (1 - z->s), -1); /* rounding may put it below */
    return exp(log1p_ratio(t) * a);
}

Zipf zipf_new(uint64_t n, double s)
{
    Zipf z = { .n = (double)n, .s = s };
    z.area_low = area(&z, 1.5) - 1;
    z.area_high = area(&z, z.n + 0.5);
    z.sure = 2 - area_inverse(&z, area(&z, 2.5) - density(&z, 2));
    return z;
}

uint64_t zipf_draw(const Zipf *z, Rng *r)
{
    for (;;) {
        double u = z->area_high + rng_f64(r) * (z->area_low - z->area_high);
        double x = area_inverse(z, u);
        double k = fmin(fmax(floor(x + 0.5), 1), z->n);
        if (k - x <= z->sure || u >= area(z, k + 0.5) - density(z, k))
            return (uint64_t)k;
    }
}
