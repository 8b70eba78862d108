/* Stops a process by signal for a known time, in the middle of something else: a thread that waits
 * for the begin it is told. */
#pragma once

#include "base/err.h"

typedef struct Freezer Freezer;

/* Stop process `pid` `at_ns` after the begin, for `for_ns`. */
MUST_CHECK int freezer_start(Freezer **ret, int pid, uint64_t at_ns, uint64_t for_ns, Err *err);
/* The begin, ns of CLOCK_MONOTONIC. Any thread, once. */
void freezer_begin(Freezer *f, uint64_t begin_ns);
/* Wait until it is over – at once when it never began – and say how long the process stood still,
 * ns. Accepts NULL (0). */
uint64_t freezer_finish(Freezer *f);
