/* Delay laws: quantiles against closed forms, draws against the law. */
#include "selftest/law.h"

#include "tap.h"

#define MS NS_PER_MS

typedef struct QuantileRow {
    const char *why;
    Law law;
    double u;
    uint64_t want_ns;
} QuantileRow;

static const QuantileRow quantile_rows[] = {
    { "no delay", { .kind = LAW_NONE, .a = 5 }, 0.5, 0 },
    { "constant", { .kind = LAW_CONSTANT, .a = 5 * MS }, 0.999, 5 * MS },
    { "uniform's lower end", { .kind = LAW_UNIFORM, .a = MS, .b = 3 * MS }, 0, MS },
    { "uniform's median", { .kind = LAW_UNIFORM, .a = MS, .b = 3 * MS }, 0.5, 2 * MS },
    { "99:1, last of the many", { .kind = LAW_MIX, .a = 1, .b = 9, .share = 0.01 }, 0.9899, 1 },
    { "99:1, first of the few", { .kind = LAW_MIX, .a = 1, .b = 9, .share = 0.01 }, 0.99, 9 },
    { "Pareto's scale", { .kind = LAW_PARETO, .a = MS, .shape = 2 }, 0, MS },
    { "Pareto 2: p75 doubles", { .kind = LAW_PARETO, .a = MS, .shape = 2 }, 0.75, 2 * MS },
    { "Pareto 1: p99 is 100 times", { .kind = LAW_PARETO, .a = MS, .shape = 1 }, 0.99, 100 * MS },
    { "exponential: median is ln 2", { .kind = LAW_EXPONENTIAL, .a = MS }, 0.5, 693147 },
    { "a far tail is capped",
      { .kind = LAW_PARETO, .a = NS_PER_S, .shape = 0.1 },
      0.9,
      LAW_MAX_NS },
};

static void test_quantiles(void)
{
    for (ptrdiff_t i = 0; i < ARRAY_LEN(quantile_rows); i++) {
        const QuantileRow *r = &quantile_rows[i];
        CHECK_NEAR((double)law_quantile(&r->law, r->u), (double)r->want_ns, 1, "%s", r->why);
    }
}

static int by_value(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Distribution function of the continuous laws. */
static double cdf(const Law *l, double x)
{
    double a = (double)l->a, b = (double)l->b;
    if (l->kind == LAW_UNIFORM)
        return (x - a) / (b - a);
    if (l->kind == LAW_EXPONENTIAL)
        return -expm1(-x / a);
    return 1 - pow(a / x, l->shape);
}

enum { N_DRAWS = 20000 };

/* Kolmogorov-Smirnov: 1.63 / sqrt(n) is the 1 % point; the seed is fixed. */
static void test_draws(void)
{
    static uint64_t draws[N_DRAWS];
    static const Law laws[] = {
        { .kind = LAW_UNIFORM, .a = MS, .b = 10 * MS },
        { .kind = LAW_EXPONENTIAL, .a = 5 * MS },
        { .kind = LAW_PARETO, .a = MS, .shape = 1.5 },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(laws); i++) {
        Rng rng = rng_new(7, "law", (uint64_t)i);
        for (int k = 0; k < N_DRAWS; k++)
            draws[k] = law_draw(&laws[i], &rng);
        qsort(draws, N_DRAWS, sizeof draws[0], by_value);
        double d = 0;
        for (int k = 0; k < N_DRAWS; k++) {
            double f = cdf(&laws[i], (double)draws[k]);
            d = fmax(d, fmax(fabs(f - k / (double)N_DRAWS), fabs(f - (k + 1) / (double)N_DRAWS)));
        }
        CHECK(d < 1.63 / sqrt(N_DRAWS), "%s: distance %.4f", law_name(laws[i].kind), d);
    }
}

static void test_mix(void)
{
    Law l = { .kind = LAW_MIX, .a = MS, .b = 100 * MS, .share = 0.01 };
    Rng rng = rng_new(11, "law", 0);
    int rare = 0;
    for (int k = 0; k < N_DRAWS; k++)
        rare += law_draw(&l, &rng) == l.b;
    CHECK_NEAR(rare, 200, 3 * sqrt(200 * 0.99), "99:1 in %d draws", N_DRAWS);
}

static void test_one_number_each(void)
{
    for (int k = 0; k < LAW_N; k++) {
        Rng a = rng_new(3, "x", 0), b = a;
        Law l = { .kind = (LawKind)k, .a = 1, .b = 2, .share = 0.5, .shape = 1 };
        law_draw(&l, &a);
        rng_u64(&b);
        CHECK(memcmp(&a, &b, sizeof a) == 0, "%s takes one number", law_name((LawKind)k));
    }
    CHECK_INT(law_find("pareto"), LAW_PARETO, "found by name");
    CHECK_INT(law_find("gauss"), -1, "not found");
}

int main(void)
{
    test_quantiles();
    test_draws();
    test_mix();
    test_one_number_each();
    return tap_done();
}
