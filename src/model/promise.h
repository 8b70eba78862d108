/* What a rate is to keep: `p99<50ms, error_rate<1%`. A statistic alone is latency's. */
#pragma once

#include "model/run.h"

enum { PROMISES_MAX = 8 };

typedef struct Promise {
    Expect clauses[PROMISES_MAX];
    ptrdiff_t n;
} Promise;

/* Clauses separated by commas, about the metrics of a load. 0 or -EINVAL with the cure. */
MUST_CHECK int promise_parse(Arena *a, const char *text, Promise *ret, Err *err);
/* The first clause that the case (summarised) does not keep, in words; NULL when all hold. */
const char *promise_broken(const Promise *p, Arena *a, const CaseResult *c);
/* The upper limit of a latency clause, ns; NaN without one. */
double promise_latency_limit(const Promise *p);
