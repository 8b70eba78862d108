/* Each law is recognised from its own values, exact and with noise. */
#include "stats/growth.h"

#include "base/rng.h"
#include "tap.h"

static const double sizes[] = { 8, 16, 64, 256, 1024, 4096, 16384 };
enum { N = sizeof sizes / sizeof *sizes };

static void test_exact(void)
{
    for (GrowthLaw law = 0; law < GROWTH_LAWS; law++) {
        double t[N];
        for (int i = 0; i < N; i++)
            t[i] = 2.5 * growth_value(law, sizes[i]);
        Growth g = growth_fit(sizes, t, N);
        CHECK_INT(g.law, law, "O(%s) is recognised", growth_name(law));
        CHECK_NEAR(g.factor, 2.5, 1e-12, "with its factor");
        CHECK_NEAR(g.residual, 0, 1e-12, "and nothing left over");
    }
}

static void test_noise(void)
{
    Rng rng = rng_new(7, "growth", 0);
    for (GrowthLaw law = 0; law < GROWTH_LAWS; law++) {
        int right = 0;
        for (int k = 0; k < 200; k++) {
            double t[N];
            for (int i = 0; i < N; i++)
                t[i] = growth_value(law, sizes[i]) * (1 + 0.05 * rng_normal(&rng));
            Growth g = growth_fit(sizes, t, N);
            right += g.law == law;
        }
        CHECK(right >= 198, "O(%s) with 5 %% noise: %d of 200", growth_name(law), right);
    }
}

static void test_edges(void)
{
    double n[] = { 4, 4, 8, 8 }, t[] = { 1, 1, 2, 2 }, zero[] = { 1, 2, 0 }, of[] = { 1, 2, 3 };
    CHECK(isnan(growth_fit(n, t, 4).factor), "two sizes are no growth");
    CHECK(isnan(growth_fit(n, t, 0).factor), "nothing is none");
    CHECK(isnan(growth_fit(of, zero, 3).factor), "a time of 0 is refused");
    double f[] = { 16, 81, 256 }, u[] = { 32, 162, 512 };
    CHECK_NEAR(growth_fit_values(f, u, 3).factor, 2, 1e-12, "a law of one's own: n^4");
    double miss[] = { 33.6, 162, 512 }; /* one of three is 5 % off */
    CHECK_NEAR(growth_fit_values(f, miss, 3).residual, 0.0226, 0.002, "its residual is a share");
}

int main(void)
{
    test_exact();
    test_noise();
    test_edges();
    return tap_done();
}
