#include "stats/power.h"

#include <math.h>

#include "stats/quantile.h"
#include "stats/sign.h"
#include "stats/special.h"

/* Up to here whole ranks matter enough to count them out. */
enum { EXACT_ROUNDS = 1000 };

static double plain_sigma(const double *x, ptrdiff_t n)
{
    double mean = 0, squares = 0;
    for (ptrdiff_t i = 0; i < n; i++)
        mean += x[i] / (double)n;
    for (ptrdiff_t i = 0; i < n; i++)
        squares += (x[i] - mean) * (x[i] - mean);
    return sqrt(squares / (double)(n - 1));
}

double power_robust_sigma(const double *sorted, ptrdiff_t n)
{
    if (n < 2)
        return (double)NAN;
    double mad = mad_sorted(sorted, n);
    if (mad > 0 || sorted[0] >= sorted[n - 1])
        return MAD_TO_SIGMA * mad;
    return plain_sigma(sorted, n);
}

static double z_sum(double level, double power)
{
    assert(level > 0 && level < 1);
    assert(power > 0 && power < 1);
    return norm_quantile((1 + level) / 2) + norm_quantile(power);
}

static ptrdiff_t at_least_needed(double n, double level)
{
    if (!(n < 0x1p53))
        return PTRDIFF_MAX;
    return MAX((ptrdiff_t)n, sign_rounds_needed(level));
}

ptrdiff_t power_rounds_about(double sigma, double delta, double level, double power)
{
    assert(sigma >= 0);
    if (!(fabs(delta) > 0))
        return PTRDIFF_MAX;
    double z = z_sum(level, power) * sigma / fabs(delta);
    return at_least_needed(ceil(M_PI_2 * z * z), level);
}

/* The interval excludes 0 when at most lo - 1 of n values fall on the wrong side, each of which
 * does so with chance q. */
static double chance_of_side(ptrdiff_t n, double q, double level)
{
    RankInterval r = quantile_rank_interval(n, 0.5, level);
    return r.lo >= 1 ? binom_cdf(r.lo - 1, n, q) : 0;
}

/* Chance that one value falls on the wrong side of 0. */
static double wrong_side(double sigma, double delta)
{
    return sigma > 0 ? norm_sf(fabs(delta) / sigma) : 0;
}

double power_chance(double sigma, ptrdiff_t n, double delta, double level)
{
    assert(sigma >= 0 && n >= 0);
    if (!(fabs(delta) > 0))
        return 0;
    return chance_of_side(n, wrong_side(sigma, delta), level);
}

ptrdiff_t power_rounds(double sigma, double delta, double level, double power)
{
    assert(sigma >= 0);
    double z = z_sum(level, power), q = wrong_side(sigma, delta), away = 0.5 - q;
    if (!(away > 0))
        return PTRDIFF_MAX;
    /* Noether: each side's count has mean n q and a spread of at most sqrt(n) / 2. */
    ptrdiff_t n = at_least_needed(ceil(z * z / (4 * away * away)), level);
    if (n > EXACT_ROUNDS)
        return n;
    n = MAX(n * 2 / 3, sign_rounds_needed(level));
    while (chance_of_side(n, q, level) < power)
        n++;
    return n;
}

ptrdiff_t power_more_rounds(double sigma, ptrdiff_t n, double delta, double level, double power)
{
    assert(n >= 0);
    if (power_chance(sigma, n, delta, level) >= power)
        return 0;
    ptrdiff_t all = power_rounds(sigma, delta, level, power);
    if (all == PTRDIFF_MAX)
        return all;
    return MAX(all - n, (ptrdiff_t)1);
}

double power_smallest_effect(double sigma, ptrdiff_t n, double level, double power)
{
    assert(sigma >= 0 && n >= 0);
    assert(power > 0 && power < 1);
    if (n < sign_rounds_needed(level))
        return HUGE_VAL;
    /* The chance falls as q rises: bisect for the q at which it is `power`. */
    RankInterval r = quantile_rank_interval(n, 0.5, level);
    double lo = 0, hi = 0.5;
    for (int i = 0; i < 60; i++) {
        double mid = lo + (hi - lo) / 2;
        if (binom_cdf(r.lo - 1, n, mid) >= power)
            lo = mid;
        else
            hi = mid;
    }
    return -norm_quantile(lo) * sigma;
}
