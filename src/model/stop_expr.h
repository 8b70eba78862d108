/* Conditions that end a load before its time: `error_rate > 5% or latency.p95 > 5s`. */
#pragma once

#include "model/expect.h"

enum { STOP_CLAUSES_MAX = 8 };

/* Clauses[STOP_CLAUSES_MAX] of the text, about error_rate, latency and throughput; texts in the
 * arena. 0 or -EINVAL with the cure. */
MUST_CHECK int stop_parse(Arena *a, const char *text, Expect *clauses, ptrdiff_t *ret_n, Err *err);
