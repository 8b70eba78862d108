/* Special functions and the distributions made of them. Pure doubles, no state (lgamma_r, not
 * lgamma, which writes a global). Arguments outside the stated domain are our bug: asserted.
 *
 * Accuracy, checked against scipy 1.17: relative error of a probability below 1e-12 unless said
 * otherwise; the tails keep it (each _cdf has a counterpart _sf for the other tail). */
#pragma once

#include "base/macros.h"

/* Standard normal: P(Z <= x), and its inverse for p in [0, 1] (0 and 1 give infinities).
 * Source of the inverse: Wichura, AS 241, Appl. Stat. 37 (1988) 477; relative error 1e-15. */
double norm_cdf(double x);
double norm_sf(double x);
double norm_quantile(double p);

/* ln Gamma(x), x > 0. */
double ln_gamma(double x);

/* Regularised incomplete beta I_x(a, b): a, b > 0; x in [0, 1].
 * Source: continued fraction DLMF 8.17.22, evaluated by Lentz's method as modified by Thompson and
 * Barnett; front factor in Loader's saddle-point form, so that large a and b lose no digits.
 * Cost: O(sqrt(max(a, b))) steps. */
double beta_inc(double a, double b, double x);

/* Regularised incomplete gamma, lower P(a, x) and upper Q(a, x): a > 0, x >= 0.
 * Source: DLMF 8.11.4 (series) and 8.9.2 (continued fraction). */
double gamma_p(double a, double x);
double gamma_q(double a, double x);

/* Binomial(n, p) with n >= 0 whole, p in [0, 1]: P(X = k), P(X <= k), P(X > k), and the smallest k
 * with P(X <= k) >= prob. Any k, also outside [0, n].
 * Source: Loader, "Fast and accurate computation of binomial probabilities" (2000); the cdf through
 * beta_inc, DLMF 8.17.5. */
double binom_pmf(int64_t k, int64_t n, double p);
double binom_cdf(int64_t k, int64_t n, double p);
double binom_sf(int64_t k, int64_t n, double p);
int64_t binom_quantile(double prob, int64_t n, double p);

/* Student's t with df > 0 degrees of freedom (need not be whole; infinity is the normal): P(T <= t)
 * and its inverse for p in [0, 1]. Relative error of the inverse below 1e-10. */
double student_t_cdf(double t, double df);
double student_t_sf(double t, double df);
double student_t_quantile(double p, double df);

/* Chi-square with df > 0: P(X <= x), P(X > x). */
double chi2_cdf(double x, double df);
double chi2_sf(double x, double df);
