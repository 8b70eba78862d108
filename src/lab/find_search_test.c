/* The search against servers with a known limit, exact and noisy. */
#include "lab/find_search.h"

#include "base/rng.h"
#include "tap.h"

typedef struct Server {
    double limit;
    double noise; /* each look breaks by chance within this share of the limit */
} Server;

static bool holds(const Server *s, double rate, Rng *rng)
{
    return rate < s->limit * (1 + s->noise * (2 * rng_f64(rng) - 1));
}

static FindSearch search(const Server *s, double first, Rng *rng)
{
    FindSearch f = find_begin(first, 0.02, 1e6);
    while (find_next(&f, holds(s, f.rate, rng)))
        ;
    return f;
}

static void test_exact(void)
{
    static const double limits[] = { 0.5, 7, 99, 100, 101, 4321, 123456 };
    Rng rng = rng_new(1, "find", 0);
    for (ptrdiff_t i = 0; i < ARRAY_LEN(limits); i++) {
        for (double first = 1; first < 2e4; first *= 100) {
            Server s = { limits[i], 0 };
            FindSearch f = search(&s, first, &rng);
            CHECK(f.confirmed && f.good < s.limit && f.bad >= s.limit && f.bad / f.good <= 1.0201,
                  "a limit of %g from %g on: %g … %g in %d looks", s.limit, first, f.good, f.bad,
                  f.n_tried);
            CHECK(f.n_tried <= 32, "   few looks");
        }
    }
}

static void test_ends(void)
{
    Rng rng = rng_new(1, "find", 0);
    Server none = { 0, 0 }, all = { 1e9, 0 };
    FindSearch f = search(&none, 100, &rng);
    CHECK(!f.confirmed && f.good <= 0 && f.n_tried < 10, "a server that keeps nothing");
    f = search(&all, 100, &rng);
    CHECK(f.confirmed && f.good >= 1e6 && isinf(f.bad), "one that nothing breaks");
}

static void test_noise(void)
{
    int near = 0, confirmed = 0;
    Rng rng = rng_new(9, "find", 0);
    for (int i = 0; i < 500; i++) {
        Server s = { 1000, 0.02 };
        FindSearch f = search(&s, 50, &rng);
        near += fabs(f.good / 1000 - 1) < 0.05;
        confirmed += f.confirmed;
    }
    CHECK(near >= 490, "2 %% of noise at the limit: within 5 %% in %d of 500", near);
    CHECK(confirmed >= 490, "   and confirmed in %d", confirmed);
}

int main(void)
{
    test_exact();
    test_ends();
    test_noise();
    return tap_done();
}
