/* Pauses: what is understood, and the moments of what is drawn. */
#include "model/think.h"

#include <errno.h>

#include "tap.h"

static const struct {
    const char *text;
    double mean_ms, sd_ms;
} laws[] = {
    { "5ms", 5, 0 },
    { "constant(5ms)", 5, 0 },
    { "uniform(2ms, 8ms)", 5, 1.7320508 },
    { "normal(10ms, 1ms)", 10, 1 },
    { "exp(4ms)", 4, 4 },
    { "lognormal(6ms, 3ms)", 6, 3 },
    { NULL, 0, 0 },
    { "0", 0, 0 },
};

static void test_laws(void)
{
    enum { N = 200000 };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(laws); i++) {
        Think t;
        Err err = { 0 };
        Rng rng = rng_new(5, "think", (uint64_t)i);
        double sum = 0, squares = 0;
        CHECK_INT(think_parse(laws[i].text, &t, &err), 0, "%s %s",
                  laws[i].text ? laws[i].text : "none", err.msg);
        for (int k = 0; k < N; k++) {
            double v = (double)think_draw_ns(&t, &rng) / 1e6;
            sum += v;
            squares += v * v;
        }
        double mean = sum / N, sd = sqrt(fmax(squares / N - mean * mean, 0));
        CHECK_NEAR(mean, laws[i].mean_ms, 0.02 * laws[i].mean_ms + 1e-9,
                   "   mean of what is drawn");
        CHECK_NEAR(sd, laws[i].sd_ms, 0.03 * laws[i].sd_ms + 1e-4, "   and its deviation");
        CHECK_NEAR(think_mean_ns(&t) / 1e6, laws[i].mean_ms, 1e-9, "   as it says");
    }
}

static void test_refusals(void)
{
    static const char *const bad[] = { "5",      "1s, 2s",     "exp(1s, 2s)", "uniform(2s, 1s)",
                                       "exp 1s", "pareto(1s)", "normal(1s",   "lognormal(0, 1s)",
                                       "9d",     "exp()" };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(bad); i++) {
        Think t;
        Err err = { 0 };
        CHECK_INT(think_parse(bad[i], &t, &err), -EINVAL, "'%s': %s", bad[i], err.msg);
    }
}

int main(void)
{
    test_laws();
    test_refusals();
    return tap_done();
}
