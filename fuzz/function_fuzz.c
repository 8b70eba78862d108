/* What benchmark programs send: the first byte chooses the kind of frame, the rest is its payload.
 */
#include "fuzz.h"
#include "launch/function.h"

#include <math.h>
#include <string.h>

static void try_case(Str bytes)
{
    Arena a = { 0 };
    FunctionCase c;
    Err err = { 0 };
    if (function_read_case(&a, bytes, &c, &err) == 0) {
        FUZZ_HOLDS(c.name[0] && c.benchmark[0] && c.threads > 0);
        FUZZ_HOLDS(c.params.n <= 8 && isfinite(c.n) && isfinite(c.law_of_n));
    } else {
        FUZZ_HOLDS(err.msg[0]);
    }
    arena_done(&a);
}

static void try_result(Str bytes)
{
    FunctionResult r;
    bool samples;
    Err err = { 0 };
    if (function_read_result(bytes, &r, &samples, &err) < 0)
        return;
    FUZZ_HOLDS(r.iterations > 0 && isfinite(r.time_ns) && r.time_ns >= 0);
    FUZZ_HOLDS(r.n_figures >= 0 && r.n_figures <= FUNCTION_FIGURES_MAX);
    for (ptrdiff_t i = 0; i < r.n_figures; i++)
        FUZZ_HOLDS(strnlen(r.figures[i].name, sizeof r.figures[i].name) < sizeof r.figures[i].name);
}

static void try_samples(Str bytes)
{
    Hist *h = NULL;
    Err err = { 0 };
    if (function_read_samples(bytes, &h, &err) == 0)
        FUZZ_HOLDS(h->n == (uint64_t)bytes.len / 8);
    hist_free(h);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    if (n == 0)
        return 0;
    Str rest = { (const char *)bytes + 1, (ptrdiff_t)n - 1 };
    if (bytes[0] % 3 == 0)
        try_case(rest);
    else if (bytes[0] % 3 == 1)
        try_result(rest);
    else
        try_samples(rest);
    return 0;
}
