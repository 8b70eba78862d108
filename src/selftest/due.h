/* A queue of due times: smallest first, with removal from the middle. A binary heap of places that
 * the entries themselves remember. Ties come in any order. One thread. */
#pragma once

#include "base/err.h"

/* Embedded in whatever waits; zeroed means "not queued". */
typedef struct Due {
    uint64_t at_ns;  /* CLOCK_MONOTONIC; not changed while queued */
    ptrdiff_t place; /* 1 + index in the heap; 0: not queued */
} Due;

typedef struct DueQueue {
    Due **heap; /* owned [cap], entries borrowed */
    ptrdiff_t n, cap;
} DueQueue;

void due_done(DueQueue *q);
/* Queue `d`, which is not queued. -ENOMEM leaves it so. O(log n). */
MUST_CHECK int due_add(DueQueue *q, Due *d, uint64_t at_ns);
/* Take `d` out, if it is in. O(log n). */
void due_remove(DueQueue *q, Due *d);
/* The earliest, still queued; NULL when empty. */
Due *due_first(const DueQueue *q);
