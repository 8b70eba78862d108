/* How long a user pauses between a reply and its next operation. Pure. */
#pragma once

#include "base/err.h"
#include "base/rng.h"
#include "base/str.h"

typedef enum ThinkLaw {
    THINK_CONSTANT,    /* 1s */
    THINK_UNIFORM,     /* uniform(500ms, 2s) */
    THINK_NORMAL,      /* normal(1s, 200ms): mean, standard deviation; never below 0 */
    THINK_EXPONENTIAL, /* exp(1s): mean */
    THINK_LOGNORMAL,   /* lognormal(1s, 500ms): mean, standard deviation */
} ThinkLaw;

typedef struct Think {
    ThinkLaw law;
    double a_ns, b_ns; /* as above, in order */
} Think;

/* "1s", "uniform(500ms, 2s)" …; NULL or "" is no pause. 0 or -EINVAL with the cure. */
MUST_CHECK int think_parse(const char *text, Think *ret, Err *err);
double think_mean_ns(const Think *t);
uint64_t think_draw_ns(const Think *t, Rng *rng);
