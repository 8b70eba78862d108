/* Formulas as cited in the header. */
#include "stats/special.h"

#include <float.h>
#include <math.h>

static const double HALF_LN_2PI = 0.91893853320467274178;

double norm_cdf(double x)
{
    return 0.5 * erfc(-x * M_SQRT1_2);
}

double norm_sf(double x)
{
    return 0.5 * erfc(x * M_SQRT1_2);
}

/* Horner, highest power first. */
static double poly(const double *c, int n, double x)
{
    double r = 0;
    for (int i = 0; i < n; i++)
        r = r * x + c[i];
    return r;
}

#define POLY(c, x) poly((c), (int)ARRAY_LEN(c), (x))

/* AS 241: three rational approximations, for the centre and two depths of tail. */
static double wichura_centre(double q)
{
    static const double a[] = { 2.5090809287301226727e3, 3.3430575583588128105e4,
                                6.7265770927008700853e4, 4.5921953931549871457e4,
                                1.3731693765509461125e4, 1.9715909503065514427e3,
                                1.3314166789178437745e2, 3.3871328727963666080e0 };
    static const double b[] = { 5.2264952788528545610e3, 2.8729085735721942674e4,
                                3.9307895800092710610e4, 2.1213794301586595867e4,
                                5.3941960214247511077e3, 6.8718700749205790830e2,
                                4.2313330701600911252e1, 1 };
    double r = 0.180625 - q * q;
    return q * POLY(a, r) / POLY(b, r);
}

static double wichura_tail(double r)
{
    static const double c[] = { 7.74545014278341407640e-4, 2.27238449892691845833e-2,
                                2.41780725177450611770e-1, 1.27045825245236838258e0,
                                3.64784832476320460504e0,  5.76949722146069140550e0,
                                4.63033784615654529590e0,  1.42343711074968357734e0 };
    static const double d[] = { 1.05075007164441684324e-9, 5.47593808499534494600e-4,
                                1.51986665636164571966e-2, 1.48103976427480074590e-1,
                                6.89767334985100004550e-1, 1.67638483018380384940e0,
                                2.05319162663775882187e0,  1 };
    return POLY(c, r - 1.6) / POLY(d, r - 1.6);
}

static double wichura_far(double r)
{
    static const double e[] = { 2.01033439929228813265e-7, 2.71155556874348757815e-5,
                                1.24266094738807843860e-3, 2.65321895265761230930e-2,
                                2.96560571828504891230e-1, 1.78482653991729133580e0,
                                5.46378491116411436990e0,  6.65790464350110377720e0 };
    static const double f[] = { 2.04426310338993978564e-15, 1.42151175831644588870e-7,
                                1.84631831751005468180e-5,  7.86869131145613259100e-4,
                                1.48753612908506148525e-2,  1.36929880922735805310e-1,
                                5.99832206555887937690e-1,  1 };
    return POLY(e, r - 5) / POLY(f, r - 5);
}

double norm_quantile(double p)
{
    assert(p >= 0 && p <= 1);
    if (p <= 0 || p >= 1)
        return p <= 0 ? -HUGE_VAL : HUGE_VAL;
    double q = p - 0.5;
    if (fabs(q) <= 0.425)
        return wichura_centre(q);
    double r = sqrt(-log(q < 0 ? p : 1 - p));
    double z = r <= 5 ? wichura_tail(r) : wichura_far(r);
    return q < 0 ? -z : z;
}

double ln_gamma(double x)
{
    assert(x > 0);
    int sign;
    return lgamma_r(x, &sign);
}

/* ln Gamma(x + 1) minus Stirling's (x + 1/2) ln x - x + ln sqrt(2 pi). */
static double stirling_error(double x)
{
    if (x < 15)
        return ln_gamma(x + 1) - (x + 0.5) * log(x) + x - HALF_LN_2PI;
    double x2 = x * x;
    double s = 1. / 1188 - 691. / (360360 * x2);
    s = 1. / 1680 - s / x2;
    s = 1. / 1260 - s / x2;
    s = 1. / 360 - s / x2;
    return (1. / 12 - s / x2) / x;
}

/* Deviance x ln(x / m) + m - x without cancellation near x = m (Loader's bd0). */
static double deviance(double x, double m)
{
    if (fabs(x - m) >= 0.1 * (x + m))
        return x * log(x / m) + m - x;
    double v = (x - m) / (x + m), s = (x - m) * v, term = 2 * x * v;
    for (int j = 1; j < 1000; j++) {
        term *= v * v;
        double next = s + term / (2 * j + 1);
        if (next == s)
            break;
        s = next;
    }
    return s;
}

/* C(n, x) p^x q^(n-x) for real 0 <= x <= n. */
static double binom_raw(double x, double n, double p, double q)
{
    if (p <= 0)
        return x <= 0 ? 1 : 0;
    if (q <= 0)
        return x >= n ? 1 : 0;
    if (x <= 0)
        return n <= 0 ? 1 : exp(n * (p < 0.5 ? log1p(-p) : log(q)));
    if (x >= n)
        return exp(n * (q < 0.5 ? log1p(-q) : log(p)));
    double ln = stirling_error(n) - stirling_error(x) - stirling_error(n - x) - deviance(x, n * p) -
                deviance(n - x, n * q);
    return exp(ln) * sqrt(n / (2 * M_PI * x * (n - x)));
}

/* The continued fraction of DLMF 8.17.22; converges fast for x < (a + 1) / (a + b + 2). */
static double beta_fraction(double a, double b, double x)
{
    const double tiny = 1e-300;
    double c = 1, d = 1 - (a + b) * x / (a + 1);
    d = 1 / (fabs(d) < tiny ? tiny : d);
    double f = d;
    for (int m = 1; m < 100000; m++) {
        double am = a + 2 * m;
        double even = m * (b - m) * x / ((am - 1) * am);
        d = 1 + even * d;
        d = 1 / (fabs(d) < tiny ? tiny : d);
        c = 1 + even / c;
        c = fabs(c) < tiny ? tiny : c;
        f *= d * c;
        double odd = -(a + m) * (a + b + m) * x / (am * (am + 1));
        d = 1 + odd * d;
        d = 1 / (fabs(d) < tiny ? tiny : d);
        c = 1 + odd / c;
        c = fabs(c) < tiny ? tiny : c;
        f *= d * c;
        if (fabs(d * c - 1) < DBL_EPSILON)
            break;
    }
    return f;
}

/* I_x(a, b) where y = 1 - x is given, too, so that neither loses digits. */
static double beta_inc_xy(double a, double b, double x, double y)
{
    if (x <= 0 || y <= 0)
        return x <= 0 ? 0 : 1;
    /* x^a y^b / B(a, b) / a = raw * b / (a + b), and with the roles swapped * a / (a + b). */
    double raw = binom_raw(a, a + b, x, y);
    if (x < (a + 1) / (a + b + 2))
        return fmin(1, raw * b / (a + b) * beta_fraction(a, b, x));
    return fmax(0, 1 - raw * a / (a + b) * beta_fraction(b, a, y));
}

double beta_inc(double a, double b, double x)
{
    assert(a > 0 && b > 0);
    assert(x >= 0 && x <= 1);
    return beta_inc_xy(a, b, x, 1 - x);
}

/* x^a e^-x / Gamma(a + 1). */
static double gamma_front(double a, double x)
{
    if (x <= 0)
        return 0;
    return exp(-stirling_error(a) - deviance(a, x)) / sqrt(2 * M_PI * a);
}

static double gamma_series(double a, double x)
{
    double term = 1, sum = 1;
    for (int k = 1; k < 100000 && term > sum * DBL_EPSILON / 4; k++) {
        term *= x / (a + k);
        sum += term;
    }
    return gamma_front(a, x) * sum;
}

static double gamma_fraction(double a, double x)
{
    const double tiny = 1e-300;
    double b = x + 1 - a, c = 1 / tiny, d = 1 / b, f = d;
    for (int k = 1; k < 100000; k++) {
        double an = k * (a - k);
        b += 2;
        d = an * d + b;
        d = 1 / (fabs(d) < tiny ? tiny : d);
        c = b + an / c;
        c = fabs(c) < tiny ? tiny : c;
        f *= d * c;
        if (fabs(d * c - 1) < DBL_EPSILON)
            break;
    }
    return gamma_front(a, x) * a * f;
}

double gamma_p(double a, double x)
{
    assert(a > 0 && x >= 0);
    return x < a + 1 ? fmin(1, gamma_series(a, x)) : fmax(0, 1 - gamma_fraction(a, x));
}

double gamma_q(double a, double x)
{
    assert(a > 0 && x >= 0);
    return x < a + 1 ? fmax(0, 1 - gamma_series(a, x)) : fmin(1, gamma_fraction(a, x));
}

double binom_pmf(int64_t k, int64_t n, double p)
{
    assert(n >= 0 && p >= 0 && p <= 1);
    if (k < 0 || k > n)
        return 0;
    return binom_raw((double)k, (double)n, p, 1 - p);
}

double binom_cdf(int64_t k, int64_t n, double p)
{
    assert(n >= 0 && p >= 0 && p <= 1);
    if (k < 0 || k >= n)
        return k < 0 ? 0 : 1;
    return beta_inc_xy((double)(n - k), (double)k + 1, 1 - p, p);
}

double binom_sf(int64_t k, int64_t n, double p)
{
    assert(n >= 0 && p >= 0 && p <= 1);
    if (k < 0 || k >= n)
        return k < 0 ? 1 : 0;
    return beta_inc_xy((double)k + 1, (double)(n - k), p, 1 - p);
}

int64_t binom_quantile(double prob, int64_t n, double p)
{
    assert(prob >= 0 && prob <= 1);
    int64_t lo = -1, hi = n; /* cdf(lo) < prob <= cdf(hi) */
    while (hi - lo > 1) {
        int64_t mid = lo + (hi - lo) / 2;
        if (binom_cdf(mid, n, p) >= prob)
            hi = mid;
        else
            lo = mid;
    }
    return hi;
}

double student_t_sf(double t, double df)
{
    assert(df > 0);
    if (isinf(df) || isinf(t))
        return norm_sf(t);
    double t2 = t * t, tail = 0.5 * beta_inc_xy(df / 2, 0.5, df / (df + t2), t2 / (df + t2));
    return t >= 0 ? tail : 1 - tail;
}

double student_t_cdf(double t, double df)
{
    return student_t_sf(-t, df);
}

double student_t_quantile(double p, double df)
{
    assert(p >= 0 && p <= 1 && df > 0);
    if (p <= 0 || p >= 1)
        return p <= 0 ? -HUGE_VAL : HUGE_VAL;
    if (isinf(df))
        return norm_quantile(p);
    /* Bisection on the nearer tail, which keeps its digits. */
    double tail = fmin(p, 1 - p), lo = 0, hi = 1;
    for (; student_t_sf(hi, df) > tail && hi < DBL_MAX / 4; hi *= 2)
        lo = hi;
    for (int i = 0; i < 200 && hi - lo > 1e-14 * hi && tail < 0.5; i++) {
        double mid = lo + (hi - lo) / 2;
        if (student_t_sf(mid, df) > tail)
            lo = mid;
        else
            hi = mid;
    }
    double t = tail < 0.5 ? lo + (hi - lo) / 2 : 0;
    return p < 0.5 ? -t : t;
}

double chi2_cdf(double x, double df)
{
    return gamma_p(df / 2, x / 2);
}

double chi2_sf(double x, double df)
{
    return gamma_q(df / 2, x / 2);
}
