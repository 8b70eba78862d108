/* The queue of due times against a plain search. */
#include "selftest/due.h"

#include "base/rng.h"
#include "tap.h"

enum { N = 200 };

static uint64_t earliest(const Due *d)
{
    uint64_t best = UINT64_MAX;
    for (int i = 0; i < N; i++)
        best = d[i].place && d[i].at_ns < best ? d[i].at_ns : best;
    return best;
}

int main(void)
{
    DueQueue q = { 0 };
    Due d[N] = { 0 };
    Rng rng = rng_new(1, "due", 0);
    int wrong = 0;
    CHECK(due_first(&q) == NULL, "empty");
    due_remove(&q, &d[0]);
    CHECK_INT(q.n, 0, "removing what is not queued changes nothing");
    for (int step = 0; step < 20000; step++) {
        Due *x = &d[rng_below(&rng, N)];
        if (x->place)
            due_remove(&q, x);
        else if (due_add(&q, x, rng_below(&rng, 50)) < 0)
            wrong++;
        Due *first = due_first(&q);
        wrong += (first ? first->at_ns : UINT64_MAX) != earliest(d);
    }
    CHECK_INT(wrong, 0, "always the earliest, over 20000 random steps");
    uint64_t last = 0;
    for (Due *x; (x = due_first(&q)); due_remove(&q, x)) {
        wrong += x->at_ns < last;
        last = x->at_ns;
    }
    CHECK_INT(wrong, 0, "drained in order");
    due_done(&q);
    return tap_done();
}
