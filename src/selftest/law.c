#include "selftest/law.h"

#include <math.h>
#include <string.h>

static const char *const law_names[LAW_N] = {
    [LAW_NONE] = "none", [LAW_CONSTANT] = "constant", [LAW_UNIFORM] = "uniform",
    [LAW_MIX] = "mix",   [LAW_PARETO] = "pareto",     [LAW_EXPONENTIAL] = "exponential",
};

const char *law_name(LawKind k)
{
    assert(k < LAW_N);
    return law_names[k];
}

int law_find(const char *name)
{
    for (int k = 0; k < LAW_N; k++) {
        if (strcmp(law_names[k], name) == 0)
            return k;
    }
    return -1;
}

/* The law before the cap. */
static double inverse(const Law *l, double u)
{
    switch (l->kind) {
    case LAW_CONSTANT:
        return (double)l->a;
    case LAW_UNIFORM:
        return (double)l->a + ((double)l->b - (double)l->a) * u;
    case LAW_MIX:
        return (double)(u >= 1 - l->share ? l->b : l->a);
    case LAW_PARETO:
        return (double)l->a * pow(1 - u, -1 / l->shape);
    case LAW_EXPONENTIAL:
        return (double)l->a * -log1p(-u);
    case LAW_NONE:
    case LAW_N:
        break;
    }
    return 0;
}

uint64_t law_quantile(const Law *l, double u)
{
    assert(u >= 0 && u < 1);
    double ns = inverse(l, u);
    return ns < (double)LAW_MAX_NS ? (uint64_t)ns : LAW_MAX_NS;
}

uint64_t law_draw(const Law *l, Rng *r)
{
    return law_quantile(l, rng_f64(r));
}
