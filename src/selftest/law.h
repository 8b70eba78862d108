/* Delay laws: what the test server does before it answers, as distributions with known quantiles.
 *
 * Pure: the random stream is a parameter, and every law is drawn by inversion, so that law_draw is
 * law_quantile of one uniform number and nothing else. Delays are ns, at most LAW_MAX_NS. */
#pragma once

#include "base/rng.h"

typedef enum LawKind {
    LAW_NONE,        /* no delay */
    LAW_CONSTANT,    /* always a */
    LAW_UNIFORM,     /* a + (b - a) u */
    LAW_MIX,         /* b with probability `share`, else a: 99:1 of 1 ms and 100 ms */
    LAW_PARETO,      /* a (1 - u)^(-1/shape): scale a is the smallest delay */
    LAW_EXPONENTIAL, /* mean a */
    LAW_N,
} LawKind;

#define LAW_MAX_NS (UINT64_C(60) * NS_PER_S)

typedef struct Law {
    LawKind kind;
    uint64_t a, b; /* ns; meaning by kind */
    double share;  /* of b in a mix, fraction */
    double shape;  /* of Pareto, > 0 */
} Law;

const char *law_name(LawKind k); /* "none", "constant", "uniform" … */
/* Index of the kind, or -1. */
int law_find(const char *name);

/* Inverse distribution function at u in [0, 1): ns, capped at LAW_MAX_NS. Pareto: N. L. Johnson,
 * S. Kotz, N. Balakrishnan, "Continuous Univariate Distributions" 1 (1994), ch. 20. */
uint64_t law_quantile(const Law *l, double u);

/* One delay from the stream; takes exactly one number of it, whatever the law. */
uint64_t law_draw(const Law *l, Rng *r);
