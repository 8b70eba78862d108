/* Series from outside, CSV or JSON: whatever is read is finite or missing, in order of time, and
 * can be analysed. */
#include <math.h>

#include "fuzz.h"
#include "model/history.h"
#include "stats/changepoint.h"

static void check(const History *h)
{
    double *x = calloc((size_t)h->n, sizeof *x);
    FUZZ_HOLDS(x && h->n > 0);
    bool timed = true;
    for (ptrdiff_t i = 0; i < h->n; i++) {
        x[i] = h->v[i].value;
        FUZZ_HOLDS(!isinf(x[i]));
        timed = timed && !isnan(h->v[i].wall_s);
    }
    for (ptrdiff_t i = 1; timed && i < h->n; i++)
        FUZZ_HOLDS(h->v[i - 1].wall_s <= h->v[i].wall_s);
    ChangePoints c = { 0 };
    FUZZ_HOLDS(changepoints_find(x, h->n, NULL, &c, NULL) == 0);
    for (ptrdiff_t i = 0; i < c.n; i++) {
        FUZZ_HOLDS(c.v[i].first <= c.v[i].index && c.v[i].index <= c.v[i].last);
        FUZZ_HOLDS(c.v[i].index > 0 && c.v[i].index < h->n && !isnan(x[c.v[i].index]));
        FUZZ_HOLDS(i == 0 || c.v[i - 1].index < c.v[i].index);
    }
    changepoints_done(&c);
    free(x);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    CLEANUP(arena_done) Arena a = { 0 };
    History h = { 0 };
    Err err = { 0 };
    Str text = { (const char *)bytes, (ptrdiff_t)n };
    if (history_read(&a, text, "fuzz", NULL, &h, &err) == 0)
        check(&h);
    if (history_read(&a, text, "fuzz", "b", &h, &err) == 0)
        check(&h);
    return 0;
}
