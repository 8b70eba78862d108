#include "stats/growth.h"

#include <math.h>

const char *growth_name(GrowthLaw law)
{
    static const char *const names[] = { "1", "log n", "n", "n log n", "n\xc2\xb2", "n\xc2\xb3" };
    static_assert(ARRAY_LEN(names) == GROWTH_LAWS, "a name for each law");
    return names[law];
}

double growth_value(GrowthLaw law, double n)
{
    double lg = log2(fmax(n, 2));
    switch (law) {
    case GROWTH_CONSTANT:
        return 1;
    case GROWTH_LOG:
        return lg;
    case GROWTH_LINEAR:
        return n;
    case GROWTH_N_LOG_N:
        return n * lg;
    case GROWTH_SQUARE:
        return n * n;
    case GROWTH_CUBE:
        return n * n * n;
    case GROWTH_LAWS:
        break;
    }
    assert(!"no such law");
    return (double)NAN;
}

Growth growth_fit_values(const double *f, const double *t, ptrdiff_t count)
{
    Growth g = { .factor = (double)NAN, .residual = (double)NAN };
    double sum = 0, squares = 0, left = 0;
    for (ptrdiff_t i = 0; i < count; i++) {
        if (!(t[i] > 0) || !isfinite(f[i]))
            return g;
        sum += f[i] / t[i];
        squares += f[i] / t[i] * (f[i] / t[i]);
    }
    if (!(squares > 0) || count < 2)
        return g;
    g.factor = sum / squares;
    for (ptrdiff_t i = 0; i < count; i++) {
        double miss = 1 - g.factor * f[i] / t[i];
        left += miss * miss;
    }
    g.residual = sqrt(left / (double)count);
    return g;
}

static bool has_three(const double *n, ptrdiff_t count)
{
    ptrdiff_t distinct = 0;
    for (ptrdiff_t i = 0; i < count; i++) {
        bool seen = false;
        for (ptrdiff_t k = 0; k < i; k++)
            seen |= n[k] == n[i];
        distinct += !seen;
    }
    return distinct >= 3;
}

enum { POINTS_MAX = 4096 };

Growth growth_fit(const double *n, const double *t, ptrdiff_t count)
{
    Growth best = { .factor = (double)NAN, .residual = (double)NAN };
    double f[POINTS_MAX];
    count = MIN(count, (ptrdiff_t)POINTS_MAX);
    if (!has_three(n, count))
        return best;
    for (GrowthLaw law = GROWTH_CONSTANT; law < GROWTH_LAWS; law++) {
        for (ptrdiff_t i = 0; i < count; i++)
            f[i] = growth_value(law, n[i]);
        Growth g = growth_fit_values(f, t, count);
        g.law = law;
        if (isfinite(g.residual) && !(g.residual >= best.residual))
            best = g;
    }
    return best;
}
