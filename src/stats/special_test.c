#include "stats/special.h"

#include "tap.h"

static double f_norm_quantile(double p, double b UNUSED, double c UNUSED)
{
    return norm_quantile(p);
}
static double f_norm_sf(double x, double b UNUSED, double c UNUSED)
{
    return norm_sf(x);
}
static double f_gamma_p(double a, double x, double c UNUSED)
{
    return gamma_p(a, x);
}
static double f_gamma_q(double a, double x, double c UNUSED)
{
    return gamma_q(a, x);
}
static double f_pmf(double k, double n, double p)
{
    return binom_pmf((int64_t)k, (int64_t)n, p);
}
static double f_cdf(double k, double n, double p)
{
    return binom_cdf((int64_t)k, (int64_t)n, p);
}
static double f_t_cdf(double t, double df, double c UNUSED)
{
    return student_t_cdf(t, df);
}
static double f_t_quantile(double p, double df, double c UNUSED)
{
    return student_t_quantile(p, df);
}
static double f_chi2_sf(double x, double df, double c UNUSED)
{
    return chi2_sf(x, df);
}

/* Expected values: scipy 1.17.1 (norm.ppf, norm.sf, special.betainc, gammainc, gammaincc,
 * binom.pmf, binom.cdf, t.cdf, t.ppf, chi2.sf). */
static const struct {
    double (*f)(double, double, double);
    const char *name;
    double a, b, c, want;
} vectors[] = {
    { f_norm_quantile, "norm_quantile", 1e-300, 0, 0, -37.0470962993612 },
    { f_norm_quantile, "norm_quantile", 1e-20, 0, 0, -9.262340089798409 },
    { f_norm_quantile, "norm_quantile", 1e-09, 0, 0, -5.9978070150076865 },
    { f_norm_quantile, "norm_quantile", 0.0001, 0, 0, -3.7190164854556804 },
    { f_norm_quantile, "norm_quantile", 0.0025, 0, 0, -2.8070337683438042 },
    { f_norm_quantile, "norm_quantile", 0.025, 0, 0, -1.9599639845400545 },
    { f_norm_quantile, "norm_quantile", 0.075, 0, 0, -1.4395314709384563 },
    { f_norm_quantile, "norm_quantile", 0.3, 0, 0, -0.5244005127080409 },
    { f_norm_quantile, "norm_quantile", 0.425, 0, 0, -0.18911842627279252 },
    { f_norm_quantile, "norm_quantile", 0.5, 0, 0, 0.0 },
    { f_norm_quantile, "norm_quantile", 0.6, 0, 0, 0.2533471031357997 },
    { f_norm_quantile, "norm_quantile", 0.975, 0, 0, 1.959963984540054 },
    { f_norm_quantile, "norm_quantile", 0.9999, 0, 0, 3.719016485455709 },
    { f_norm_sf, "norm_sf", -3.0, 0, 0, 0.9986501019683699 },
    { f_norm_sf, "norm_sf", 0.0, 0, 0, 0.5 },
    { f_norm_sf, "norm_sf", 0.5, 0, 0, 0.3085375387259869 },
    { f_norm_sf, "norm_sf", 1.96, 0, 0, 0.024997895148220435 },
    { f_norm_sf, "norm_sf", 5.0, 0, 0, 2.866515718791933e-07 },
    { f_norm_sf, "norm_sf", 10.0, 0, 0, 7.61985302416047e-24 },
    { f_norm_sf, "norm_sf", 30.0, 0, 0, 4.906713927147908e-198 },
    { beta_inc, "beta_inc", 0.5, 0.5, 0.3, 0.36901011956554536 },
    { beta_inc, "beta_inc", 1, 1, 0.25, 0.25 },
    { beta_inc, "beta_inc", 2, 3, 0.6, 0.8208 },
    { beta_inc, "beta_inc", 10, 0.5, 0.99, 0.6579281751567845 },
    { beta_inc, "beta_inc", 0.5, 1000, 0.001, 0.842752725733276 },
    { beta_inc, "beta_inc", 500, 501, 0.5, 0.5126125090891802 },
    { beta_inc, "beta_inc", 50000, 50001, 0.498, 0.10351811846059429 },
    { beta_inc, "beta_inc", 1000000.0, 1000000.0, 0.5005, 0.9213504224190758 },
    { beta_inc, "beta_inc", 3, 200000.0, 1e-05, 0.3233289972530777 },
    { f_gamma_p, "gamma_p", 0.5, 0.1, 0, 0.34527915398142317 },
    { f_gamma_p, "gamma_p", 0.5, 3.0, 0, 0.9856941215645704 },
    { f_gamma_p, "gamma_p", 1, 1.0, 0, 0.6321205588285577 },
    { f_gamma_p, "gamma_p", 5, 2.0, 0, 0.052653017343711125 },
    { f_gamma_p, "gamma_p", 5, 12.0, 0, 0.992399609318933 },
    { f_gamma_p, "gamma_p", 100, 90.0, 0, 0.15822098918643007 },
    { f_gamma_p, "gamma_p", 100000.0, 100000.0, 0, 0.5004205221103651 },
    { f_gamma_q, "gamma_q", 0.5, 0.1, 0, 0.6547208460185768 },
    { f_gamma_q, "gamma_q", 0.5, 30.0, 0, 9.485737571073857e-15 },
    { f_gamma_q, "gamma_q", 5, 12.0, 0, 0.007600390681066992 },
    { f_gamma_q, "gamma_q", 100, 150.0, 0, 5.924540335483916e-06 },
    { f_pmf, "pmf", 0, 10, 0.5, 0.0009765624999999989 },
    { f_pmf, "pmf", 3, 10, 0.5, 0.1171875 },
    { f_pmf, "pmf", 10, 10, 0.5, 0.0009765625 },
    { f_pmf, "pmf", 5, 100, 0.01, 0.002897787123761478 },
    { f_pmf, "pmf", 99, 100, 0.99, 0.36972963764972655 },
    { f_pmf, "pmf", 500, 1000, 0.5, 0.025225018178360804 },
    { f_pmf, "pmf", 499000, 1000000, 0.5, 0.00010798197801891438 },
    { f_pmf, "pmf", 7, 30, 0.3, 0.12185372599100636 },
    { f_cdf, "cdf", 0, 6, 0.5, 0.015625 },
    { f_cdf, "cdf", 3, 10, 0.5, 0.171875 },
    { f_cdf, "cdf", 40, 100, 0.5, 0.028443966820490444 },
    { f_cdf, "cdf", 5, 100, 0.01, 0.999465465536007 },
    { f_cdf, "cdf", 989, 1000, 0.99, 0.4169591966989028 },
    { f_cdf, "cdf", 450, 1000, 0.5, 0.0008652680424881513 },
    { f_cdf, "cdf", 498500, 1000000, 0.5, 0.001354327653029687 },
    { f_cdf, "cdf", 7, 30, 0.3, 0.28137670818688093 },
    { f_t_cdf, "t_cdf", 0.0, 3.0, 0, 0.5 },
    { f_t_cdf, "t_cdf", 1.0, 1.0, 0, 0.75 },
    { f_t_cdf, "t_cdf", -2.0, 2.0, 0, 0.09175170953613698 },
    { f_t_cdf, "t_cdf", 2.262, 9.0, 0, 0.9749935772487727 },
    { f_t_cdf, "t_cdf", -10.0, 30.0, 0, 2.287625704114809e-11 },
    { f_t_cdf, "t_cdf", 1.96, 1000000.0, 0, 0.9750019662073651 },
    { f_t_cdf, "t_cdf", 0.1, 2.5, 0, 0.5360967279687552 },
    { f_t_cdf, "t_cdf", -40.0, 5.0, 0, 9.205981085886477e-08 },
    { f_t_quantile, "t_quantile", 0.975, 9.0, 0, 2.262157162798205 },
    { f_t_quantile, "t_quantile", 0.975, 24.0, 0, 2.0638985616280245 },
    { f_t_quantile, "t_quantile", 0.977, 24.0, 0, 2.104414722704815 },
    { f_t_quantile, "t_quantile", 0.9, 1.0, 0, 3.0776835371752544 },
    { f_t_quantile, "t_quantile", 1e-10, 4.0, 0, -416.1751403296041 },
    { f_t_quantile, "t_quantile", 0.025, 2.5, 0, -3.5746548420036834 },
    { f_t_quantile, "t_quantile", 0.5, 7.0, 0, 0.0 },
    { f_t_quantile, "t_quantile", 0.9995, 120.0, 0, 3.373453768562533 },
    { f_chi2_sf, "chi2_sf", 3.841458820694124, 1.0, 0, 0.04999999999999989 },
    { f_chi2_sf, "chi2_sf", 5.0, 10.0, 0, 0.8911780189141513 },
    { f_chi2_sf, "chi2_sf", 18.307, 10.0, 0, 0.05000058909139812 },
    { f_chi2_sf, "chi2_sf", 200.0, 100.0, 0, 1.1784500720979781e-08 },
    { f_chi2_sf, "chi2_sf", 0.01, 2.0, 0, 0.9950124791926823 },
};

static void test_vectors(void)
{
    for (ptrdiff_t i = 0; i < ARRAY_LEN(vectors); i++) {
        double got = vectors[i].f(vectors[i].a, vectors[i].b, vectors[i].c);
        CHECK_NEAR(got, vectors[i].want, 1e-12 * fabs(vectors[i].want), "%s(%g, %g, %g)",
                   vectors[i].name, vectors[i].a, vectors[i].b, vectors[i].c);
    }
}

/* Sums of binomial coefficients are exact in doubles for small n. */
static void test_binom_exact(void)
{
    double worst_cdf = 0, worst_sum = 0;
    for (int n = 1; n <= 50; n++) {
        double c = 1, sum = 0, scale = ldexp(1, -n);
        for (int k = 0; k <= n; k++) {
            sum += c;
            worst_cdf = fmax(worst_cdf, fabs(binom_cdf(k, n, 0.5) / (sum * scale) - 1));
            worst_sum = fmax(worst_sum, fabs(binom_cdf(k, n, 0.3) + binom_sf(k, n, 0.3) - 1));
            c = c * (n - k) / (k + 1);
        }
    }
    CHECK(worst_cdf < 1e-13, "cdf of a fair coin for n <= 50 (worst %g)", worst_cdf);
    CHECK(worst_sum < 1e-14, "cdf and sf add up to 1 (worst %g)", worst_sum);
    CHECK(binom_cdf(-1, 5, .5) == 0 && binom_cdf(5, 5, .5) == 1, "outside the range");
    CHECK(binom_sf(-1, 5, .5) == 1 && binom_sf(5, 5, .5) == 0, "the other tail outside");
    CHECK(binom_pmf(0, 0, .5) == 1 && binom_pmf(0, 9, 0) == 1 && binom_pmf(9, 9, 1) == 1, "edges");
    CHECK(binom_cdf(3, 9, 0) == 1 && binom_cdf(3, 9, 1) == 0, "certain coins");
    bool smallest = true;
    for (double p = 0.001; p < 1; p += 0.0371) {
        int64_t k = binom_quantile(p, 37, 0.4);
        smallest &= binom_cdf(k, 37, 0.4) >= p && binom_cdf(k - 1, 37, 0.4) < p;
    }
    CHECK(smallest, "quantile is the smallest k that reaches the probability");
}

static void test_inverses(void)
{
    double worst_n = 0, worst_t = 0;
    for (double p = 1e-12; p < 0.5; p *= 1.7) {
        worst_n = fmax(worst_n, fabs(norm_cdf(norm_quantile(p)) / p - 1));
        worst_t = fmax(worst_t, fabs(student_t_cdf(student_t_quantile(p, 3.5), 3.5) / p - 1));
    }
    CHECK(worst_n < 1e-13, "normal quantile inverts its cdf (worst %g)", worst_n);
    CHECK(worst_t < 1e-12, "t quantile inverts its cdf (worst %g)", worst_t);
    CHECK(isinf(norm_quantile(0)) && isinf(student_t_quantile(1, 3)), "ends are infinite");
    CHECK(gamma_p(2, 0) == 0 && gamma_q(2, 0) == 1, "gamma at 0");
    CHECK(beta_inc(2, 3, 0) == 0 && beta_inc(2, 3, 1) == 1, "beta at its ends");
}

int main(void)
{
    test_vectors();
    test_binom_exact();
    test_inverses();
    return tap_done();
}
